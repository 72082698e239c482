"""The postings, statements, charges and transfers of card accounts: written once, and read for a replay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import CardCharge, CardPosting, CardStatement, CardTransfer
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.states import asked_document, asked_of
from app.db.session import Record
from app.domain.cards.decisions import Decided
from app.domain.cards.engine.charges import Cause, ChargeChange, ChargeKey
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.interest import GroupInterest
from app.domain.cards.engine.life import IssuedStatement
from app.domain.cards.requests import Posted
from app.domain.products.card_terms import CardTerms, FeeKind


class Details(NamedTuple):
    """What the network or the payer says of a posting."""

    reference: str | None = None
    token: str | None = None
    merchant: str | None = None


@dataclass(slots=True, kw_only=True)
class Rows:
    """The rows of decisions, by table, in the order of its columns."""

    postings: list[tuple[Any, ...]] = field(default_factory=list)
    statements: list[tuple[Any, ...]] = field(default_factory=list)
    charges: list[tuple[Any, ...]] = field(default_factory=list)
    transfers: list[tuple[Any, ...]] = field(default_factory=list)


_TABLES = {"postings": CardPosting, "statements": CardStatement, "charges": CardCharge, "transfers": CardTransfer}
_COLUMNS = {name: [column.name for column in table.__table__.columns] for name, table in _TABLES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """When and by whom rows are written."""

    on: date
    at: datetime
    actor: str
    run_id: int | None = None


def rows_of(
    rows: Rows,
    key: AccountKey,
    decided: Decided,
    *,
    details: dict[int, Details],
    last_transfer: int,
    booking: Booking,
) -> None:
    """Adds the rows of one decision. `last_transfer` is the number of the last transfer before it."""
    facts = {fact.number: fact for fact in decided.facts}
    moved = {posting.number: posting for posting in decided.postings}
    for number in sorted({*facts, *moved}):
        fact, posting = facts.get(number), moved.get(number)
        rows.postings.append(
            _posting(key, number, fact, posting, undone=decided.undone.get(number, 0), details=details, booking=booking)
        )
    for statement in decided.statements:
        rows.statements.append(_statement(key, statement, booking=booking))
    found_by = {fact.number for fact in decided.facts}
    for change in decided.changes:
        rows.charges.append(_charge(key, change, found_by=found_by))
    for transfer in decided.transfers:
        last_transfer += 1
        posting_number, debit, credit, paise, value_on, booked_on, is_laying = transfer
        rows.transfers.append(
            (*key, last_transfer, posting_number, debit, credit, paise, value_on, booked_on, is_laying)
        )


def _posting(
    key: AccountKey,
    number: int,
    fact: Fact | None,
    posting: Any,
    *,
    undone: int,
    details: dict[int, Details],
    booking: Booking,
) -> tuple[Any, ...]:
    one = fact or posting
    said = details.get(number, Details())
    return (
        *key,
        number,
        str(one.kind),
        fact is not None,
        fact.amount_paise if fact else abs(posting.owed_paise),
        posting.owed_paise if posting else 0,
        undone,
        one.value_on,
        one.posted_on,
        one.of,
        fact.of_posted_on if fact else None,
        fact.fee if fact else None,
        fact.annual_rate_percent if fact else None,
        fact.instalments if fact else None,
        fact.day if fact else None,
        fact.limit_paise if fact else None,
        fact.version if fact else None,
        *said,
        booking.at,
        booking.actor,
    )


def _statement(key: AccountKey, one: IssuedStatement, *, booking: Booking) -> tuple[Any, ...]:
    return (
        *key,
        one.number,
        one.from_on,
        one.on,
        one.due_on,
        booking.on,
        one.opening_paise,
        one.closing_paise,
        one.asked.total_paise,
        one.asked.minimum_paise,
        asked_document(one.asked),
        {bucket.value: paise for bucket, paise in one.balances.items()},
        [interest_document(group) for group in one.interest],
        one.plan_paise,
        one.disputed_paise,
        one.interest_free,
        one.first_posting,
        one.last_posting,
        booking.run_id,
    )


def interest_document(group: GroupInterest) -> dict[str, Any]:
    """The interest of a group with its lines, as a statement keeps it."""
    return {
        "group": group.group.value,
        "paise": group.paise,
        "lines": [
            [
                line.number,
                line.bucket.value,
                line.from_on.isoformat(),
                line.to_on.isoformat(),
                line.balance_paise,
                str(line.annual_rate_percent),
            ]
            for line in group.lines
        ],
    }


def _charge(key: AccountKey, change: ChargeChange, *, found_by: set[int]) -> tuple[Any, ...]:
    cause, number, of = change.key
    by = max(found_by, default=0) if change.paise < 0 or change.is_found else 0
    return (
        *key,
        cause.value,
        number,
        of,
        change.number,
        by,
        change.posted_on,
        change.is_found,
        change.paise,
        change.tax_paise,
    )


def statement_record(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `Rows.statements` by the names of its columns."""
    return dict(zip(_COLUMNS["statements"], row, strict=True))


def posting_record(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `Rows.postings` by the names of its columns."""
    return dict(zip(_COLUMNS["postings"], row, strict=True))


async def add_rows(session: AsyncSession, rows: Rows) -> None:
    """Writes the rows of a few decisions."""
    for name, table in _TABLES.items():
        if records := getattr(rows, name):
            columns = _COLUMNS[name]
            await session.execute(insert(table), [dict(zip(columns, record, strict=True)) for record in records])


async def copy_all_rows(session: AsyncSession, rows: Rows, *, encode: Any) -> None:
    """Copies the rows of many decisions. `encode` writes JSON as text."""
    places = {"statements": [_COLUMNS["statements"].index(name) for name in ("asked", "balances", "interest")]}
    for name, table in _TABLES.items():
        records = getattr(rows, name)
        for place in places.get(name, ()):
            records = [(*one[:place], encode(one[place]), *one[place + 1 :]) for one in records]
        await copy_rows(session, table.__tablename__, columns=_COLUMNS[name], records=records)


async def add_undone(session: AsyncSession, key: AccountKey, *, number: int, paise: int) -> None:
    """Adds to how much of a posting was undone."""
    await session.execute(
        update(CardPosting)
        .where(
            CardPosting.customer_id == key.customer_id,
            CardPosting.account_id == key.account_id,
            CardPosting.number == number,
        )
        .values(undone_paise=CardPosting.undone_paise + paise)
    )


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


async def sum_transfers(session: AsyncSession, key: AccountKey) -> dict[str, int]:
    """The balance of each account of the books, from all transfers: debits less credits."""
    sums: dict[str, int] = {}
    for row in await session.execute(
        select(CardTransfer.debit, CardTransfer.credit, CardTransfer.amount_paise).where(_of(CardTransfer, key))
    ):
        sums[row.debit] = sums.get(row.debit, 0) + row.amount_paise
        sums[row.credit] = sums.get(row.credit, 0) - row.amount_paise
    return sums
