"""Card accounts as they are read: the account, its statements and their explanation, and what would happen.

Nothing is written: an account that is behind is caught up in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.db.repositories.cards import accounts as repository
from app.db.repositories.cards import postings as posting_repository
from app.db.repositories.cards import rows as row_repository
from app.db.repositories.cards.rows import Booking, Rows
from app.db.session import Record, by_name
from app.domain.cards.authorisations import Line
from app.domain.cards.outlooks import Outlook, look_ahead
from app.domain.cards.quotes import ClosingQuote, ForeclosureQuote, closing_quote, foreclosure_quote
from app.domain.cards.standing import Lateness, lateness
from app.domain.errors import Invalid, NotFound
from app.domain.public_ids import format_card_account_id
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.cards.authorisations import line_of
from app.services.products.calendars import count_working_days
from app.services.unit_of_work import UnitOfWork


class CardStatementNotFound(NotFound):
    """The account has no statement with this number yet. List its statements."""

    code = "card_statement_not_found"


class QuoteDayInvalid(Invalid):
    """The day has passed, or is more than a year ahead. Choose the business date or a later day within a year."""

    code = "card_quote_day_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account on the business date."""

    working: Working
    lateness: Lateness

    @property
    def line(self) -> Line:
        """What may still be spent, holds included."""
        return line_of(self.working)

    @property
    def available_paise(self) -> int:
        """What may still be spent."""
        return self.line.available_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """A statement as it was issued, with its postings, and the account as it stands."""

    working: Working
    account_public_id: str
    statement: dict[str, Any]
    postings: Sequence[dict[str, Any]]


def view_of(working: Working) -> AccountView:
    """An account of this decision as it is shown."""
    return AccountView(working=working, lateness=lateness(working.state, on=working.today, rules=working.rules))


async def view_account(uow: UnitOfWork, account_id: int) -> AccountView:
    """An account on the business date. Raises CardAccountNotFound."""
    return view_of(await accounts.read(uow, account_id))


async def list_customer_accounts(uow: UnitOfWork, customer_id: int, *, after: int, limit: int) -> list[AccountView]:
    """A page of a customer's accounts; empty if the actor may not see the customer."""
    if not uow.actor.may_see(customer_id):
        return []
    rows = await repository.list_accounts(uow.session, customer_id, after=after, limit=limit)
    return [view_of(await accounts.work_on(uow, repository.AccountKey(row.customer_id, row.id), row)) for row in rows]


def _written(working: Working, uow: UnitOfWork) -> Rows:
    """The rows that the next run would write: an account may be behind."""
    rows = Rows()
    row_repository.rows_of(
        rows,
        working.key,
        working.decided,
        details={},
        last_transfer=working.row.last_transfer,
        booking=Booking(on=working.today, at=uow.now, actor=uow.actor.label),
    )
    return rows


async def list_statements(uow: UnitOfWork, account_id: int, *, before: int, limit: int) -> list[dict[str, Any]]:
    """A page of the statements, the newest first. Raises CardAccountNotFound."""
    working = await accounts.read(uow, account_id)
    stored = await posting_repository.list_statements(uow.session, working.key, before=before, limit=limit)
    ahead = [row_repository.statement_record(row) for row in _written(working, uow).statements]
    found = [one for one in reversed(ahead) if one["number"] < before] + [by_name(row) for row in stored]
    return found[:limit]


async def get_statement(uow: UnitOfWork, account_id: int, number: int) -> StatementView:
    """A statement with its postings. Raises CardAccountNotFound, CardStatementNotFound."""
    working = await accounts.read(uow, account_id)
    rows = _written(working, uow)
    ahead = {one["number"]: one for one in map(row_repository.statement_record, rows.statements)}
    found = ahead.get(number)
    if found is None:
        stored = await posting_repository.list_statements(uow.session, working.key, before=number + 1, limit=1)
        if not stored or stored[0].number != number:
            raise CardStatementNotFound("there is no such statement", field="number")
        found = by_name(stored[0])
    first, last = found["first_posting"], found["last_posting"]
    kept = await posting_repository.list_postings(uow.session, working.key, after=first - 1, until=last, limit=10_000)
    new = [row_repository.posting_record(row) for row in rows.postings]
    postings = [by_name(row) for row in kept] + [one for one in new if first <= one["number"] <= last]
    return StatementView(
        working=working,
        account_public_id=format_card_account_id(account_id),
        statement=found,
        # What was returned or reversed later is not on it: a statement says for ever what it said.
        postings=[{**one, "undone_paise": 0} for one in postings if one["owed_paise"]],
    )


async def list_postings(uow: UnitOfWork, account_id: int, *, after: int, limit: int) -> Sequence[Record]:
    """A page of what moved the balance. Raises CardAccountNotFound."""
    key = await accounts.find_key(uow, account_id)
    return await posting_repository.list_postings(uow.session, key, after=after, limit=limit)


async def list_ledger(uow: UnitOfWork, account_id: int, *, after: int, limit: int) -> Sequence[Record]:
    """A page of the books of an account. Raises CardAccountNotFound."""
    key = await accounts.find_key(uow, account_id)
    return await posting_repository.list_transfers(uow.session, key, after=after, limit=limit)


async def what_if(uow: UnitOfWork, account_id: int, *, amounts: Sequence[int | None]) -> list[Outlook]:
    """What comes of paying the minimum (None) or an amount on each due date, side by side."""
    working = await accounts.read(uow, account_id)
    return [
        look_ahead(
            working.state,
            pay_paise=paise,
            rules=working.rules,
            repayment=working.product.repayment,
            today=working.today,
        )
        for paise in amounts
    ]


async def quote_closing(uow: UnitOfWork, account_id: int, *, on: date | None) -> ClosingQuote:
    """What closes the account on a day. Raises AccountNotOpen, QuoteDayInvalid."""
    working = await accounts.read(uow, account_id)
    return closing_quote(
        working.state,
        on=_quote_day(working, on),
        rules=working.rules,
        repayment=working.product.repayment,
        close_by=await count_working_days(uow, working.today, working.rules.closing_working_days),
    )


async def quote_foreclosure(uow: UnitOfWork, account_id: int, plan: int, *, on: date | None) -> ForeclosureQuote:
    """What a plan costs when it is foreclosed on a day. Raises AccountNotOpen, PlanNotFound, QuoteDayInvalid."""
    working = await accounts.read(uow, account_id)
    return foreclosure_quote(
        working.state,
        plan,
        on=_quote_day(working, on),
        rules=working.rules,
        repayment=working.product.repayment,
    )


def _quote_day(working: Working, on: date | None) -> date:
    """The day of a quote. Raises QuoteDayInvalid."""
    day = on or working.today
    if not 0 <= (day - working.today).days <= 366:
        raise QuoteDayInvalid("the day must be within a year from the business date", field="on")
    return day
