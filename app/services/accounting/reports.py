"""Journal, trial balance, profit and loss and the balance of the book, for days that have come.

A report of everything until a day begins with the balances of the last closed period, and adds what was booked since.
Long spans are read a week at a time, so that no statement takes long.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeAlias

from app.db.repositories.accounting import journal as repository
from app.db.repositories.accounting import periods as period_repository
from app.db.repositories.accounting.journal import BookedTransfer, Place
from app.domain.accounting.balances import (
    BalanceLine,
    BalanceSheet,
    ProfitAndLoss,
    balance_lines,
    balance_sheet,
    profit_and_loss,
)
from app.domain.accounting.chart import AccountUnknown, Chart, LedgerAccount
from app.domain.accounting.journal import AccountMoved, JournalDay, add_up, by_account
from app.domain.errors import Invalid
from app.services.accounting.chart import read_chart
from app.services.unit_of_work import UnitOfWork

#: How a use case that takes several transactions opens each of them.
OpenUnit: TypeAlias = Callable[[], AbstractAsyncContextManager[UnitOfWork]]

ONE_DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=6)
#: The most days of a journal in one answer. An export has any number of days.
MOST_DAYS: Final = 31


class DaysInvalid(Invalid):
    """The days of a report are in the wrong order, in the future, or too many. Name a first and a last day until the
    business date."""

    code = "report_days_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """All balances at the end of a day."""

    on: date
    lines: list[BalanceLine]

    @property
    def debit_paise(self) -> int:
        """The sum of the debit balances. It equals that of the credit balances."""
        return sum(line.debit_paise for line in self.lines)

    @property
    def credit_paise(self) -> int:
        """The sum of the credit balances."""
        return sum(line.credit_paise for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What was booked on some days, and the chart to read it by. Days without a transfer are left out."""

    chart: Chart
    days: list[JournalDay]


async def view_journal(uow: UnitOfWork, *, from_on: date, to_on: date) -> Journal:
    """The journal of at most 31 days. Raises DaysInvalid."""
    await check_days(uow, from_on, to_on)
    if (to_on - from_on).days >= MOST_DAYS:
        raise DaysInvalid(f"a journal has at most {MOST_DAYS} days: export more", field="to")
    days = [JournalDay(day, await read_day(uow, day)) for day in days_of(from_on, to_on)]
    return Journal(chart=await read_chart(uow), days=[day for day in days if day.lines])


async def read_day(uow: UnitOfWork, day: date) -> list[AccountMoved]:
    """What was booked on a day, by account and product."""
    return by_account(await repository.sum_moved(uow.session, from_on=day, to_on=day))


async def list_transfers(
    uow: UnitOfWork, account: LedgerAccount, *, on: date, product: str, after: Place, limit: int
) -> list[BookedTransfer]:
    """A page of the transfers behind a line of the journal. Raises AccountUnknown."""
    if account not in await read_chart(uow):
        raise AccountUnknown(f"the ledger of {account.book} has no account {account.account}", field="account")
    return await repository.list_of_account(uow.session, account, on=on, product=product, after=after, limit=limit)


async def view_trial_balance(uow: UnitOfWork, *, on: date | None = None) -> TrialBalance:
    """The balances at the end of a day, by default of the business date. Raises DaysInvalid."""
    day = on or await uow.business_date()
    await check_days(uow, day, day)
    return TrialBalance(on=day, lines=balance_lines(await sum_until(uow, day), await read_chart(uow)))


async def view_profit_and_loss(uow: UnitOfWork, *, from_on: date, to_on: date) -> ProfitAndLoss:
    """Income and expenses of these days, both included. Raises DaysInvalid."""
    await check_days(uow, from_on, to_on)
    return profit_and_loss(await sum_days(uow, from_on, to_on), await read_chart(uow))


async def view_balance_sheet(uow: UnitOfWork, *, on: date) -> BalanceSheet:
    """Assets, liabilities and the result so far, at the end of a day. Raises DaysInvalid."""
    await check_days(uow, on, on)
    return balance_sheet(await sum_until(uow, on), await read_chart(uow))


async def sum_until(uow: UnitOfWork, day: date) -> list[AccountMoved]:
    """Everything that was booked until a day, by account and product."""
    closed = await period_repository.find_last_closed(uow.session, until=day)
    if closed is None:
        return await sum_from_ledgers(uow, day)
    balances = await period_repository.list_balances(uow.session, closed.number)
    return add_up(balances, await sum_days(uow, closed.ends_on + ONE_DAY, day))


async def sum_from_ledgers(uow: UnitOfWork, day: date) -> list[AccountMoved]:
    """The same from the ledgers alone, from their first day."""
    first = await repository.find_first_day(uow.session)
    return [] if first is None else await sum_days(uow, first, day)


async def sum_days(uow: UnitOfWork, from_on: date, to_on: date) -> list[AccountMoved]:
    """What was booked on these days, both included, by account and product."""
    found: list[AccountMoved] = []
    for begin, end in _weeks(from_on, to_on):
        found = add_up(found, by_account(await repository.sum_moved(uow.session, from_on=begin, to_on=end)))
    return found


async def check_days(uow: UnitOfWork, from_on: date, to_on: date) -> None:
    """Checks that these days have come and are in order. Raises DaysInvalid."""
    today = await uow.business_date()
    if to_on > today:
        raise DaysInvalid(f"the business date is {today}", field="to")
    if from_on > to_on:
        raise DaysInvalid("the first day is after the last", field="from")


def days_of(from_on: date, to_on: date) -> Iterator[date]:
    """Each day, both ends included."""
    return (from_on + timedelta(days=number) for number in range((to_on - from_on).days + 1))


def _weeks(from_on: date, to_on: date) -> Iterator[tuple[date, date]]:
    while from_on <= to_on:
        end = min(from_on + WEEK, to_on)
        yield from_on, end
        from_on = end + ONE_DAY
