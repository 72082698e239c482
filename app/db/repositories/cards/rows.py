"""The rows that decisions about card accounts lead to: made, and written one by one or copied."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import CardCharge, CardPosting, CardStatement, CardTransfer
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.states import asked_document
from app.db.repositories.unit_of_work import check_books_open
from app.domain.cards.decisions import Decided
from app.domain.cards.engine.charges import ChargeChange
from app.domain.cards.engine.facts import Fact
from app.domain.cards.engine.interest import GroupInterest
from app.domain.cards.engine.life import IssuedStatement, Posting


class Details(NamedTuple):
    """What the network or the payer says of a posting."""

    reference: str | None = None
    token: str | None = None
    merchant: str | None = None


NO_DETAILS: Final = Details()
#: What only a fact has, and what only the network or the payer says.
NOTHING: Final = (None,) * 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """When and by whom rows are written."""

    on: date
    at: datetime
    actor: str
    run_id: int | None = None


def _as_it_is(document: Any) -> Any:
    return document


@dataclass(slots=True, kw_only=True)
class Rows:
    """The rows of decisions, by table, in the order of its columns. `encode` makes of JSON what a writer takes: a run
    copies text, and SQLAlchemy takes objects."""

    encode: Callable[[Any], Any] = _as_it_is
    postings: list[tuple[Any, ...]] = field(default_factory=list)
    statements: list[tuple[Any, ...]] = field(default_factory=list)
    charges: list[tuple[Any, ...]] = field(default_factory=list)
    transfers: list[tuple[Any, ...]] = field(default_factory=list)

    def add_statement(self, key: AccountKey, statement: IssuedStatement, *, booking: Booking) -> None:
        """Adds the row of a statement."""
        self.statements.append(_statement(key, statement, booking=booking, encode=self.encode))

    @property
    def billed_paise(self) -> int:
        """What the statements ask for."""
        return sum(row[_TOTAL_DUE] for row in self.statements)

    def keep(self, written: Set[AccountKey]) -> None:
        """Leaves out the rows of all other accounts. Each begins with the key of its account."""
        for name in _TABLES:
            setattr(self, name, [row for row in getattr(self, name) if row[:2] in written])


_TABLES = {"postings": CardPosting, "statements": CardStatement, "charges": CardCharge, "transfers": CardTransfer}
_COLUMNS = {name: [column.name for column in table.__table__.columns] for name, table in _TABLES.items()}


#: The total that a statement asks for, in its row.
_TOTAL_DUE: Final = _COLUMNS["statements"].index("total_due_paise")


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
    last_fact = 0
    if decided.facts:
        facts = {fact.number: fact for fact in decided.facts}
        last_fact = max(facts)
        moved = {posting.number: posting for posting in decided.postings}
        rows.postings += [
            _posting(key, number, facts.get(number), moved.get(number), decided.undone, details, booking)
            for number in sorted({*facts, *moved})
        ]
    else:
        rows.postings += [_derived(key, posting, booking) for posting in decided.postings]
    for statement in decided.statements:
        rows.add_statement(key, statement, booking=booking)
    rows.charges += [_charge(key, change, last_fact=last_fact) for change in decided.changes]
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
    posting: Posting | None,
    undone: Mapping[int, int],
    details: Mapping[int, Details],
    booking: Booking,
) -> tuple[Any, ...]:
    if fact is None:
        assert posting is not None, "a number is of a fact or of what followed"
        return _derived(key, posting, booking)
    return (
        *key,
        number,
        fact.kind.value,
        True,
        fact.amount_paise,
        posting.owed_paise if posting else 0,
        undone.get(number, 0),
        fact.value_on,
        fact.posted_on,
        fact.of,
        fact.of_posted_on,
        fact.fee,
        fact.annual_rate_percent,
        fact.instalments,
        fact.day,
        fact.limit_paise,
        fact.version,
        *details.get(number, NO_DETAILS),
        booking.at,
        booking.actor,
    )


def _derived(key: AccountKey, posting: Posting, booking: Booking) -> tuple[Any, ...]:
    """What followed from the facts: interest, a late fee, an adjustment."""
    number, kind, owed, value_on, posted_on, of = posting
    return (*key, number, kind, False, abs(owed), owed, 0, value_on, posted_on, of, *NOTHING, booking.at, booking.actor)


def _statement(
    key: AccountKey, one: IssuedStatement, *, booking: Booking, encode: Callable[[Any], Any]
) -> tuple[Any, ...]:
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
        encode(asked_document(one.asked)),
        encode({bucket._value_: paise for bucket, paise in one.balances.items()}),
        encode([interest_document(group) for group in one.interest]),
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


def _charge(key: AccountKey, change: ChargeChange, *, last_fact: int) -> tuple[Any, ...]:
    cause, number, of = change.key
    by = last_fact if change.paise < 0 or change.is_found else 0
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
    """Writes the rows of a few decisions. Raises PeriodClosed."""
    for name, table in _TABLES.items():
        if records := getattr(rows, name):
            columns = _COLUMNS[name]
            await session.execute(insert(table), [dict(zip(columns, record, strict=True)) for record in records])
    await _check_open(session, rows)


async def copy_all_rows(session: AsyncSession, rows: Rows) -> None:
    """Copies the rows of many decisions, whose JSON is text. Raises PeriodClosed."""
    for name, table in _TABLES.items():
        await copy_rows(session, table.__tablename__, columns=_COLUMNS[name], records=getattr(rows, name))
    await _check_open(session, rows)


async def _check_open(session: AsyncSession, rows: Rows) -> None:
    if rows.transfers:
        place = _COLUMNS["transfers"].index("booked_on")
        await check_books_open(session, {record[place] for record in rows.transfers})


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
