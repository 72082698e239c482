"""Journal, trial balance, profit and loss, and the balance of the book. All are sums by the day of booking."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.api.deps import OFFICERS, KistRouter, ReadingDep, UnitOfWorkFactoryDep
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, Code, CursorText, Day, Page, PageLimit, RupeesOut
from app.api.v1.accounting.chart import AccountName
from app.db.repositories.accounting.journal import BEGIN, BookedTransfer, Place
from app.domain.accounting.balances import BalanceLine
from app.domain.accounting.chart import Book, LedgerAccount, Nature
from app.domain.cursors import read_cursor, write_cursor
from app.services.accounting import accruals, exports, reports
from app.services.people.access import open_uow

router = KistRouter(prefix="/accounting", tags=["Accounting"])

From = Annotated[Day, Query(alias="from", description="The first day")]
To = Annotated[Day, Query(alias="to", description="The last day, which is included")]


class JournalLine(Answer):
    """What an account was debited and credited with for a product."""

    code: str
    name: str
    nature: Nature
    book: Book
    account: str
    product: str
    debit: RupeesOut
    credit: RupeesOut
    transfers: int = Field(description="How many transfers touch the account")


class JournalDayAnswer(Answer):
    """What was booked on a day. Debits and credits are equal."""

    on: date
    debit: RupeesOut
    credit: RupeesOut
    lines: list[JournalLine]


class BookedTransferAnswer(Answer):
    """A transfer of a ledger. `of` is its loan or card account, `number` its number there."""

    of: str
    number: int
    kind: str
    debit: str
    credit: str
    amount: RupeesOut
    value_date: date = Field(description="The day from which it counts")
    booked_on: date = Field(description="The business date on which it was posted")


class BalanceLineAnswer(Answer):
    """An account of the chart with a product: either its debit balance or its credit balance is 0."""

    code: str
    name: str
    nature: Nature
    product: str
    debit: RupeesOut
    credit: RupeesOut


class TrialBalanceAnswer(Answer):
    """All balances at the end of a day. Debits and credits are equal."""

    on: date
    debit: RupeesOut
    credit: RupeesOut
    lines: list[BalanceLineAnswer]


class ProfitAndLossAnswer(Answer):
    """Income and expenses of some days. A loss is a negative result."""

    from_: date = Field(serialization_alias="from")
    to: date
    income: RupeesOut
    expenses: RupeesOut
    result: RupeesOut
    lines: list[BalanceLineAnswer]


class BalanceSheetAnswer(Answer):
    """Assets and liabilities at the end of a day, and the result: what the book has earned until then. The assets are
    the sum of the other two."""

    on: date
    assets: RupeesOut
    liabilities: RupeesOut
    result: RupeesOut
    lines: list[BalanceLineAnswer]


class AccruedLineAnswer(Answer):
    """The accrued and unbilled interest of a product's loans or card accounts; `loans` is how many there are."""

    product: str
    loans: int
    performing: RupeesOut
    non_performing: RupeesOut


class AccruedAnswer(Answer):
    """Interest that had accrued and was not billed at the end of a day."""

    on: date
    performing: RupeesOut
    non_performing: RupeesOut
    products: list[AccruedLineAnswer]


def _lines(lines: Iterable[BalanceLine]) -> list[BalanceLineAnswer]:
    return [
        BalanceLineAnswer(
            code=line.code,
            name=line.name,
            nature=line.nature,
            product=line.product,
            debit=line.debit_paise,
            credit=line.credit_paise,
        )
        for line in lines
    ]


@router.get("/journal", dependencies=[OFFICERS], summary="Read the daily journal")
async def get_journal(uow: ReadingDep, from_: From, to: To) -> list[JournalDayAnswer]:
    """Gives what was booked on each of at most 31 days, by account and product. Days without a booking are left out. A
    line's transfers are at `/accounting/journal/transfers`; an export has any number of days."""
    found = await reports.view_journal(uow, from_on=from_, to_on=to)
    days = []
    for day in found.days:
        lines = [
            JournalLine(
                code=found.chart[line.key].code,
                name=found.chart[line.key].name,
                nature=found.chart[line.key].nature,
                book=line.book,
                account=line.account,
                product=line.product,
                debit=line.debit_paise,
                credit=line.credit_paise,
                transfers=line.transfers,
            )
            for line in sorted(day.lines, key=lambda line: (found.chart[line.key].code, line.book, line.product))
        ]
        debit, credit = sum(line.debit for line in lines), sum(line.credit for line in lines)
        days.append(JournalDayAnswer(on=day.on, debit=debit, credit=credit, lines=lines))
    return days


@router.get("/journal/transfers", dependencies=[OFFICERS], summary="The transfers behind a line of the journal")
async def list_booked_transfers(
    uow: ReadingDep,
    on: Annotated[Day, Query(description="The day of the journal")],
    book: Annotated[Book, Query(description="The ledger")],
    account: Annotated[AccountName, Query(description="The account of the ledger")],
    product: Annotated[Code, Query(description="The code of the product")],
    cursor: CursorText = None,
    limit: PageLimit = 100,
) -> Page[BookedTransferAnswer]:
    """Lists the transfers that debit or credit an account for a product on a day. Send `next_cursor` as `cursor`, with
    the same parameters, to get the next page."""
    place = read_cursor(cursor, int, int, int)
    rows = await reports.list_transfers(
        uow,
        LedgerAccount(book, account),
        on=on,
        product=product,
        after=BEGIN if place is None else Place(*place),
        limit=limit,
    )
    next_cursor = write_cursor(*rows[-1].place) if len(rows) == limit else None
    return Page(items=[_transfer(row) for row in rows], next_cursor=next_cursor)


def _transfer(row: BookedTransfer) -> BookedTransferAnswer:
    return BookedTransferAnswer(
        of=exports.owner_id(row),
        number=row.place.number,
        kind=row.kind,
        debit=row.debit,
        credit=row.credit,
        amount=row.paise,
        value_date=row.value_date,
        booked_on=row.booked_on,
    )


@router.get("/trial-balance", dependencies=[OFFICERS], summary="Read the trial balance of a day")
async def get_trial_balance(
    uow: ReadingDep, on: Annotated[Day | None, Query(description="The day; the default is the business date")] = None
) -> TrialBalanceAnswer:
    """Gives every balance at the end of a day, by account and product."""
    found = await reports.view_trial_balance(uow, on=on)
    return TrialBalanceAnswer(
        on=found.on, debit=found.debit_paise, credit=found.credit_paise, lines=_lines(found.lines)
    )


@router.get("/profit-and-loss", dependencies=[OFFICERS], summary="Read the profit and loss of some days")
async def get_profit_and_loss(uow: ReadingDep, from_: From, to: To) -> ProfitAndLossAnswer:
    """Gives income and expenses that were booked on these days, by account and product."""
    found = await reports.view_profit_and_loss(uow, from_on=from_, to_on=to)
    return ProfitAndLossAnswer(
        from_=from_,
        to=to,
        income=found.income_paise,
        expenses=found.expenses_paise,
        result=found.result_paise,
        lines=_lines([*found.income, *found.expenses]),
    )


@router.get("/accrued-interest", dependencies=[OFFICERS], summary="Interest that is accrued and not billed")
async def get_accrued_interest(
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
    on: Annotated[Day | None, Query(description="The day; the default is the business date")] = None,
) -> AccruedAnswer:
    """Gives the interest that has accrued until the end of a day and was not billed by then, by product. It is in no
    ledger yet. That of non-performing loans and cards is no income. Every loan and card account is read, so a large
    book takes time."""
    assert claims is not None, "the permission requires a token"
    found = await accruals.sum_accrued(partial(open_uow, uow_factory, claims), on=on)
    return AccruedAnswer(
        on=found.on,
        performing=found.performing_paise,
        non_performing=found.non_performing_paise,
        products=[
            AccruedLineAnswer(
                product=line.product,
                loans=line.loans,
                performing=line.performing_paise,
                non_performing=line.non_performing_paise,
            )
            for line in found.lines
        ],
    )


@router.get("/balance-sheet", dependencies=[OFFICERS], summary="Read the balance of the book")
async def get_balance_sheet(
    uow: ReadingDep, on: Annotated[Day | None, Query(description="The day; the default is the business date")] = None
) -> BalanceSheetAnswer:
    """Gives assets and liabilities at the end of a day, by account and product, and the result so far."""
    day = on or await uow.business_date()
    found = await reports.view_balance_sheet(uow, on=day)
    return BalanceSheetAnswer(
        on=day,
        assets=found.assets_paise,
        liabilities=found.liabilities_paise,
        result=found.result_paise,
        lines=_lines([*found.assets, *found.liabilities]),
    )
