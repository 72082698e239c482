"""The rows that decisions about card accounts lead to: made, and written one by one or copied."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

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
from app.domain.cards.engine.life import IssuedStatement


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
    """Writes the rows of a few decisions. Raises PeriodClosed."""
    for name, table in _TABLES.items():
        if records := getattr(rows, name):
            columns = _COLUMNS[name]
            await session.execute(insert(table), [dict(zip(columns, record, strict=True)) for record in records])
    await _check_open(session, rows)


async def copy_all_rows(session: AsyncSession, rows: Rows, *, encode: Any) -> None:
    """Copies the rows of many decisions. `encode` writes JSON as text. Raises PeriodClosed."""
    places = {"statements": [_COLUMNS["statements"].index(name) for name in ("asked", "balances", "interest")]}
    for name, table in _TABLES.items():
        records = getattr(rows, name)
        for place in places.get(name, ()):
            records = [(*one[:place], encode(one[place]), *one[place + 1 :]) for one in records]
        await copy_rows(session, table.__tablename__, columns=_COLUMNS[name], records=records)
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
