"""Sums of the transfers of some days, and these transfers themselves: for both ledgers, over all customers.

A BRIN index finds the blocks of the days. The product comes from `loan_origins`, which is narrow; a loan that is
missing there keeps its place in the sums, without a product.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.statements import Statement
from app.domain.accounting.chart import Book, LedgerAccount
from app.domain.accounting.journal import Moved

_SOURCES: Final[Mapping[Book, str]] = {
    Book.LOANS: """
FROM transfers AS t LEFT JOIN loan_origins AS o ON o.customer_id = t.customer_id AND o.loan_id = t.loan_id""",
    Book.CARDS: """
FROM card_transfers AS t LEFT JOIN card_accounts AS o ON o.customer_id = t.customer_id AND o.id = t.account_id""",
}
_PRODUCT = "coalesce(o.product_code, '')"
_COLUMNS: Final[Mapping[Book, str]] = {
    Book.LOANS: (
        "t.loan_id AS owner, t.number, t.kind, t.debit, t.credit, t.amount_paise, t.value_date, t.booked_on, "
        "o.disbursed_on AS opened_on"
    ),
    Book.CARDS: (
        "t.account_id AS owner, t.number, CASE WHEN t.is_laying THEN 'laying' ELSE 'posting' END AS kind, t.debit, "
        "t.credit, t.amount_paise, t.value_on AS value_date, t.booked_on, o.opened_on"
    ),
}
# Only names of our own tables and columns are put in.
_SUMS: Final = {
    book: Statement(
        f"""
SELECT {_PRODUCT} AS product, t.debit, t.credit, sum(t.amount_paise)::bigint AS paise, count(*) AS transfers{source}
WHERE t.booked_on BETWEEN :from_on AND :to_on
GROUP BY 1, 2, 3
"""
    )
    for book, source in _SOURCES.items()
}
_ROWS: Final = {
    book: f"SELECT t.customer_id, {_COLUMNS[book]}, {_PRODUCT} AS product{source}\nWHERE "
    for book, source in _SOURCES.items()
}
_OWNER: Final[Mapping[Book, str]] = {Book.LOANS: "t.loan_id", Book.CARDS: "t.account_id"}
_PAGES: Final = {
    book: Statement(
        f"""{rows}t.booked_on = :day AND {_PRODUCT} = :product AND (t.debit = :account OR t.credit = :account)
  AND (t.customer_id, {_OWNER[book]}, t.number) > (:customer_id, :owner, :number)
ORDER BY t.customer_id, {_OWNER[book]}, t.number LIMIT :limit"""
    )
    for book, rows in _ROWS.items()
}
_DAYS: Final = {
    book: text(f"{rows}t.booked_on = :day ORDER BY t.customer_id, {_OWNER[book]}, t.number")
    for book, rows in _ROWS.items()
}
_FIRST = Statement(
    "SELECT least((SELECT min(disbursed_on) FROM loan_origins), (SELECT min(opened_on) FROM card_accounts)) AS day"
)
#: Rows that the database sends at a time while a day is streamed.
FETCHED: Final = 2_000


class Place(NamedTuple):
    """A transfer's place in the order of a day: its customer, its loan or card account, its number there."""

    customer_id: int
    owner: int
    number: int


BEGIN: Final = Place(0, 0, 0)


class BookedTransfer(NamedTuple):
    """A transfer of one of the ledgers. `opened_on` is the first day of its loan or card account."""

    book: Book
    place: Place
    product: str
    kind: str
    debit: str
    credit: str
    paise: int
    value_date: date
    booked_on: date
    opened_on: date | None


async def find_first_day(session: AsyncSession) -> date | None:
    """The day of the first loan or card account. Nothing is booked before it."""
    day: date | None = (await _FIRST.find(session)).day
    return day


async def sum_moved(session: AsyncSession, *, from_on: date, to_on: date) -> list[Moved]:
    """What was booked on these days (both included), by book, product and pair of accounts."""
    found = []
    for book, statement in _SUMS.items():
        rows = await statement.list(session, from_on=from_on, to_on=to_on)
        found += [Moved(book, row.product, row.debit, row.credit, row.paise, row.transfers) for row in rows]
    return found


async def list_of_account(
    session: AsyncSession, account: LedgerAccount, *, on: date, product: str, after: Place, limit: int
) -> list[BookedTransfer]:
    """A page of the transfers of a day that debit or credit an account for a product, in order of their places."""
    rows = await _PAGES[account.book].list(
        session, day=on, product=product, account=account.account, **after._asdict(), limit=limit
    )
    return [_transfer(account.book, row) for row in rows]


async def stream_day(session: AsyncSession, book: Book, *, on: date) -> AsyncIterator[list[BookedTransfer]]:
    """Every transfer that a ledger booked on a day, some at a time, as the database sends them."""
    rows = await session.stream(_DAYS[book], {"day": on}, execution_options={"yield_per": FETCHED})
    async for part in rows.partitions(FETCHED):
        yield [_transfer(book, row) for row in part]


def _transfer(book: Book, row: Any) -> BookedTransfer:
    return BookedTransfer(
        book,
        Place(row.customer_id, row.owner, row.number),
        row.product,
        row.kind,
        row.debit,
        row.credit,
        row.amount_paise,
        row.value_date,
        row.booked_on,
        row.opened_on,
    )
