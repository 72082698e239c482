"""The postings, statements, charges and transfers of card accounts, as they are read."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CardCharge, CardPosting, CardStatement, CardTransfer
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.states import asked_of
from app.db.session import Record
from app.domain.cards.engine.charges import Cause, ChargeChange, ChargeKey
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.ledger import CardAccount
from app.domain.cards.requests import ON_WORD, Posted
from app.domain.people.access import Role
from app.domain.products.card_terms import CardTerms, FeeKind


def _of(table: Any, key: AccountKey) -> Any:
    return (table.customer_id == key.customer_id) & (table.account_id == key.account_id)


async def list_facts(session: AsyncSession, key: AccountKey, *, terms: dict[int, CardTerms]) -> list[Fact]:
    """All facts of an account, in order."""
    statement = (
        select(*CardPosting.__table__.columns)
        .where(_of(CardPosting, key), CardPosting.is_fact)
        .order_by(CardPosting.number)
    )
    return [fact_of(row, terms) for row in await session.execute(statement)]


def fact_of(row: Any, terms: dict[int, CardTerms]) -> Fact:
    """The fact of a row."""
    return Fact(
        number=row.number,
        kind=FactKind(row.kind),
        value_on=row.value_on,
        posted_on=row.posted_on,
        amount_paise=row.amount_paise,
        of=row.of_number,
        of_posted_on=row.of_posted_on,
        fee=None if row.fee is None else FeeKind(row.fee),
        annual_rate_percent=row.annual_rate_percent,
        instalments=row.instalments,
        day=row.day,
        limit_paise=row.limit_paise,
        terms=None if row.product_version is None else terms[row.product_version],
        version=row.product_version,
        undone_paise=row.undone_paise,
    )


async def list_versions(session: AsyncSession, key: AccountKey) -> set[int]:
    """The versions of the product that an account changed to."""
    statement = select(CardPosting.product_version).where(
        _of(CardPosting, key), CardPosting.product_version.is_not(None)
    )
    return {int(row.product_version) for row in await session.execute(statement)}


def posted_of(row: Any) -> Posted:
    """A posting as requests name it."""
    return Posted(
        number=row.number,
        kind=FactKind(row.kind),
        amount_paise=row.amount_paise,
        undone_paise=row.undone_paise,
        value_on=row.value_on,
        posted_on=row.posted_on,
    )


async def list_charges(session: AsyncSession, key: AccountKey) -> list[ChargeChange]:
    """What was charged to an account, as rows of changes."""
    statement = select(*CardCharge.__table__.columns).where(_of(CardCharge, key))
    return [
        ChargeChange(
            ChargeKey(Cause(row.cause), row.cause_number, row.cause_of),
            row.posted_on,
            row.posting,
            row.is_found,
            row.paise,
            row.tax_paise,
        )
        for row in await session.execute(statement)
    ]


async def list_asked(session: AsyncSession, key: AccountKey) -> dict[int, Any]:
    """What the statements of an account asked for when they were issued."""
    statement = select(CardStatement.number, CardStatement.asked).where(_of(CardStatement, key))
    return {row.number: asked_of(row.asked) for row in await session.execute(statement)}


async def find_posting(
    session: AsyncSession, key: AccountKey, *, number: int | None = None, reference: str | None = None
) -> Record | None:
    """A posting by its number or its reference."""
    named = CardPosting.number == number if reference is None else CardPosting.reference == reference
    statement = select(*CardPosting.__table__.columns).where(_of(CardPosting, key), named)
    return (await session.execute(statement)).one_or_none()


async def sum_credits_of(session: AsyncSession, key: AccountKey, number: int) -> int:
    """The provisional credits of a dispute."""
    statement = select(func.coalesce(func.sum(CardPosting.amount_paise), 0)).where(
        _of(CardPosting, key), CardPosting.kind == FactKind.CREDIT, CardPosting.of_number == number
    )
    return int((await session.execute(statement)).scalar_one())


async def sum_refunds_of(session: AsyncSession, key: AccountKey, number: int) -> int:
    """What was refunded of a purchase."""
    statement = select(func.coalesce(func.sum(CardPosting.amount_paise - CardPosting.undone_paise), 0)).where(
        _of(CardPosting, key), CardPosting.kind == FactKind.REFUND, CardPosting.of_number == number
    )
    return int((await session.execute(statement)).scalar_one())


async def sum_on_word(session: AsyncSession, key: AccountKey, *, actor: str, disputes: Collection[int] = ()) -> int:
    """What still counts of the money that the holder or this actor reported. Of provisional credits those of these open
    `disputes` count."""
    statement = select(func.coalesce(func.sum(CardPosting.amount_paise - CardPosting.undone_paise), 0)).where(
        _of(CardPosting, key),
        CardPosting.kind.in_(sorted(ON_WORD)),
        CardPosting.actor.startswith(f"{Role.CUSTOMER.value}:") | (CardPosting.actor == actor),
        (CardPosting.kind != FactKind.CREDIT) | CardPosting.of_number.in_(sorted(disputes)),
    )
    return int((await session.execute(statement)).scalar_one())


async def has_mark_up(session: AsyncSession, key: AccountKey, number: int) -> bool:
    """Whether a purchase bore the mark-up of a foreign currency."""
    statement = select(CardPosting.number).where(
        _of(CardPosting, key), CardPosting.fee == FeeKind.FOREIGN, CardPosting.of_number == number
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def has_purchases(session: AsyncSession, key: AccountKey) -> bool:
    """Whether anything was ever bought on an account."""
    statement = (
        select(CardPosting.number)
        .where(_of(CardPosting, key), CardPosting.kind.in_([FactKind.PURCHASE, FactKind.CASH_ADVANCE]))
        .limit(1)
    )
    return (await session.execute(statement)).first() is not None


async def list_postings(
    session: AsyncSession, key: AccountKey, *, after: int, until: int | None = None, limit: int
) -> Sequence[Record]:
    """A page of an account's postings, in order."""
    statement = select(*CardPosting.__table__.columns).where(_of(CardPosting, key), CardPosting.number > after)
    if until is not None:
        statement = statement.where(CardPosting.number <= until)
    return (await session.execute(statement.order_by(CardPosting.number).limit(limit))).all()


async def list_statements(session: AsyncSession, key: AccountKey, *, before: int, limit: int) -> Sequence[Record]:
    """A page of an account's statements, the newest first."""
    statement = (
        select(*CardStatement.__table__.columns)
        .where(_of(CardStatement, key), CardStatement.number < before)
        .order_by(CardStatement.number.desc())
        .limit(limit)
    )
    return (await session.execute(statement)).all()


async def list_transfers(session: AsyncSession, key: AccountKey, *, after: int, limit: int) -> Sequence[Record]:
    """A page of an account's ledger, in order."""
    statement = (
        select(*CardTransfer.__table__.columns)
        .where(_of(CardTransfer, key), CardTransfer.number > after)
        .order_by(CardTransfer.number)
        .limit(limit)
    )
    return (await session.execute(statement)).all()


async def sum_owed(session: AsyncSession, key: AccountKey) -> int:
    """What all postings of an account come to: what is owed, less the credit balance."""
    statement = select(func.coalesce(func.sum(CardPosting.owed_paise), 0)).where(_of(CardPosting, key))
    return int((await session.execute(statement)).scalar_one())


async def sum_charged_off(session: AsyncSession, key: AccountKey) -> int:
    """What the charge-off of an account came to, by its ledger."""
    losses = CardAccount.LOSSES
    amount = case((CardTransfer.debit == losses, CardTransfer.amount_paise), else_=-CardTransfer.amount_paise)
    statement = (
        select(func.coalesce(func.sum(amount), 0))
        .join(
            CardPosting,
            (CardPosting.customer_id == CardTransfer.customer_id)
            & (CardPosting.account_id == CardTransfer.account_id)
            & (CardPosting.number == CardTransfer.posting),
        )
        .where(
            _of(CardTransfer, key),
            _of(CardPosting, key),
            CardPosting.kind == FactKind.CHARGE_OFF,
            (CardTransfer.debit == losses) | (CardTransfer.credit == losses),
        )
    )
    return int((await session.execute(statement)).scalar_one())


async def sum_transfers(session: AsyncSession, key: AccountKey) -> dict[str, int]:
    """The balance of each account of the books, from all transfers: debits less credits."""
    sums: dict[str, int] = {}
    for row in await session.execute(
        select(CardTransfer.debit, CardTransfer.credit, CardTransfer.amount_paise).where(_of(CardTransfer, key))
    ):
        sums[row.debit] = sums.get(row.debit, 0) + row.amount_paise
        sums[row.credit] = sums.get(row.credit, 0) - row.amount_paise
    return sums


async def list_owed_by_day(session: AsyncSession, key: AccountKey) -> list[tuple[date, int]]:
    """By how much more was owed because of the postings of each day, in order."""
    statement = (
        select(CardPosting.posted_on, cast(func.sum(CardPosting.owed_paise), BigInteger))
        .where(_of(CardPosting, key))
        .group_by(CardPosting.posted_on)
        .order_by(CardPosting.posted_on)
    )
    return [(row[0], int(row[1])) for row in await session.execute(statement)]


async def list_limits(session: AsyncSession, key: AccountKey) -> list[tuple[date, int]]:
    """The limits that an account was given after it was opened, in order."""
    statement = (
        select(CardPosting.posted_on, CardPosting.limit_paise)
        .where(_of(CardPosting, key), CardPosting.kind == FactKind.LIMIT)
        .order_by(CardPosting.number)
    )
    return [(row.posted_on, row.limit_paise) for row in await session.execute(statement)]


async def list_latest_of_kinds(
    session: AsyncSession, key: AccountKey, kinds: Collection[str], *, limit: int
) -> Sequence[Record]:
    """The latest postings of some kinds."""
    statement = (
        select(*CardPosting.__table__.columns)
        .where(_of(CardPosting, key), CardPosting.kind.in_(sorted(kinds)))
        .order_by(CardPosting.number.desc())
        .limit(limit)
    )
    return (await session.execute(statement)).all()
