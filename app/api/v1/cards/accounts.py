"""Card accounts: open one, read it, its postings, and what would happen."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from app.api.deps import CUSTOMERS, OFFICERS, READERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.id_schemas import UserId
from app.api.schemas import (
    Answer,
    Between,
    CursorText,
    Day,
    Page,
    Rupees,
    RupeesOut,
    Whole,
)
from app.api.v1.cards.account_bodies import AddOnCardBody, OpenCardAccountBody
from app.api.v1.cards.account_schemas import (
    AccountPath,
    CardAccountAnswer,
    CardPostingAnswer,
    NumberPath,
    present_account,
    present_posting,
)
from app.api.v1.cards.cards import CardAnswer, present_card
from app.db.session import by_name
from app.domain.cards.outlooks import Outlook
from app.domain.cursors import read_number
from app.services.cards import accounts, cards, opening, views
from app.services.products.products import get_current_product

router = KistRouter(prefix="/card-accounts", tags=["Card accounts"])

Size = Annotated[Whole, Between(1, 200), Query(description="How many rows a page has")]
#: The largest number of an account's posting, statement or transfer.
LAST = 2**31 - 1


def _place(cursor: str | None, *, default: int) -> int:
    """Where a page begins. Raises CursorUnknown."""
    return min(read_number(cursor, default=default), LAST)


@router.post(
    "", status_code=201, response_model=CardAccountAnswer, dependencies=[OFFICERS], summary="Open a card account"
)
async def open_card_account(body: OpenCardAccountBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Opens an account with its first card on the business date. A customer applies with `POST /loans/apply` instead:
    the decision opens the account."""
    if first := await once.first_answer():
        return first
    key = await opening.open_with_card(
        uow,
        customer_id=body.user_id,
        product=await get_current_product(uow, body.product),
        limit_paise=body.limit,
        statement_day=body.statement_day,
        cardholder=body.cardholder,
    )
    return await once.keep(present_account(await views.view_account(uow, key.account_id)))


@router.get("", dependencies=[READERS], summary="List the card accounts of a customer")
async def list_card_accounts(
    uow: UnitOfWorkDep, user_id: Annotated[UserId, Query()], cursor: CursorText = None, limit: Size = 50
) -> Page[CardAccountAnswer]:
    """Gives the accounts in the order in which they were opened."""
    found = await views.list_customer_accounts(uow, user_id, after=_place(cursor, default=0), limit=limit + 1)
    more = found[limit - 1].working.key.account_id if len(found) > limit else None
    return Page[CardAccountAnswer](
        items=[present_account(view) for view in found[:limit]], next_cursor=None if more is None else str(more)
    )


@router.get("/{account_id}", dependencies=[READERS], summary="Read a card account")
async def get_card_account(account_id: AccountPath, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """Gives limit, balances, what is available and due, and how late the account is, on the business date."""
    return present_account(await views.view_account(uow, account_id))


@router.get("/{account_id}/cards", dependencies=[READERS], summary="List the cards of a card account")
async def list_account_cards(account_id: AccountPath, uow: UnitOfWorkDep) -> list[CardAnswer]:
    """Gives the cards that draw on the account, the oldest first."""
    key = await accounts.find_key(uow, account_id)
    return [present_card(view) for view in await cards.list_account_cards(uow, key)]


@router.post(
    "/{account_id}/cards",
    status_code=201,
    response_model=CardAnswer,
    dependencies=[CUSTOMERS],
    summary="Issue an add-on card",
)
async def add_account_card(account_id: AccountPath, body: AddOnCardBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Issues another card that draws on the same line."""
    if first := await once.first_answer():
        return first
    key = await accounts.find_key(uow, account_id)
    return await once.keep(present_card(await cards.issue_account_card(uow, key, name=body.name, is_add_on=True)))


@router.get("/{account_id}/postings", dependencies=[READERS], summary="List what moved a card account")
async def list_card_postings(
    account_id: AccountPath, uow: UnitOfWorkDep, cursor: CursorText = None, limit: Size = 50
) -> Page[CardPostingAnswer]:
    """Gives the postings in order."""
    found = await views.list_postings(uow, account_id, after=_place(cursor, default=0), limit=limit + 1)
    more = found[limit - 1].number if len(found) > limit else None
    return Page[CardPostingAnswer](
        items=[present_posting(by_name(row)) for row in found[:limit]],
        next_cursor=None if more is None else str(more),
    )


class CardLedgerLine(Answer):
    """One transfer of the books of an account."""

    number: int
    posting: int
    debit: str
    credit: str
    amount: RupeesOut
    value_date: date
    booked_on: date
    is_laying: bool = Field(description="Whether it follows from living the account again")


@router.get("/{account_id}/ledger", dependencies=[READERS], summary="List the books of a card account")
async def list_card_ledger(
    account_id: AccountPath, uow: UnitOfWorkDep, cursor: CursorText = None, limit: Size = 50
) -> Page[CardLedgerLine]:
    """Gives the transfers in order. Each debits one account and credits another."""
    found = await views.list_ledger(uow, account_id, after=_place(cursor, default=0), limit=limit + 1)
    lines = [
        CardLedgerLine(
            number=row.number,
            posting=row.posting,
            debit=row.debit,
            credit=row.credit,
            amount=row.amount_paise,
            value_date=row.value_on,
            booked_on=row.booked_on,
            is_laying=row.is_laying,
        )
        for row in found[:limit]
    ]
    return Page[CardLedgerLine](items=lines, next_cursor=str(lines[-1].number) if len(found) > limit else None)


class CardOutlookMonthAnswer(Answer):
    """A statement ahead, and what is paid on its due date."""

    statement_on: date
    due_on: date
    total_due: RupeesOut
    minimum_due: RupeesOut
    paid: RupeesOut


class CardOutlookAnswer(Answer):
    """What a way of paying comes to. `cleared_on` is null where the debt is never paid."""

    pays: Literal["minimum", "amount"]
    amount: RupeesOut | None
    statements: int
    cleared_on: date | None
    interest: RupeesOut
    fees: RupeesOut
    tax: RupeesOut
    paid: RupeesOut
    months: list[CardOutlookMonthAnswer]


@router.get("/{account_id}/what-if", dependencies=[READERS], summary="What would happen")
async def show_what_if(
    account_id: AccountPath,
    uow: UnitOfWorkDep,
    amount: Annotated[Rupees | None, Query(description="An amount to compare with the minimum")] = None,
) -> list[CardOutlookAnswer]:
    """Lives the account ahead on a copy, without further spending: paying only the minimum on each due date, and, where
    an amount is given, paying that amount."""
    amounts = [None] if amount is None else [None, amount]
    return [
        _outlook(paise, found)
        for paise, found in zip(amounts, await views.what_if(uow, account_id, amounts=amounts), strict=True)
    ]


def _outlook(paise: int | None, found: Outlook) -> CardOutlookAnswer:
    return CardOutlookAnswer(
        pays="minimum" if paise is None else "amount",
        amount=paise,
        statements=found.statements,
        cleared_on=found.cleared_on,
        interest=found.interest_paise,
        fees=found.fees_paise,
        tax=found.tax_paise,
        paid=found.paid_paise,
        months=[
            CardOutlookMonthAnswer(
                statement_on=month.on,
                due_on=month.due_on,
                total_due=month.total_paise,
                minimum_due=month.minimum_paise,
                paid=month.paid_paise,
            )
            for month in found.months
        ],
    )


class CardClosingQuoteAnswer(Answer):
    """What closes an account on a day, in rupees. A total below 0 is a credit balance that is paid out."""

    on: date
    total: RupeesOut
    owed: RupeesOut
    interest: RupeesOut = Field(description="Trailing interest up to the day, that of plans included")
    tax: RupeesOut
    plans: RupeesOut
    close_by: date = Field(description="The day by which an account that is asked to be closed today is closed")


@router.get("/{account_id}/closing-quote", dependencies=[READERS], summary="What closes a card account")
async def show_closing_quote(
    account_id: AccountPath, uow: UnitOfWorkDep, on: Annotated[Day | None, Query()] = None
) -> CardClosingQuoteAnswer:
    """Gives what must be paid on a day (default: the business date) so that nothing is owed."""
    quote = await views.quote_closing(uow, account_id, on=on)
    return CardClosingQuoteAnswer(
        on=quote.on,
        total=quote.total_paise,
        owed=quote.owed_paise,
        interest=quote.interest_paise,
        tax=quote.tax_paise,
        plans=quote.plans_paise,
        close_by=quote.close_by,
    )


class CardForeclosureQuoteAnswer(Answer):
    """What a plan costs when it is foreclosed on a day, in rupees."""

    on: date
    total: RupeesOut
    principal: RupeesOut
    interest: RupeesOut = Field(description="Of the instalment under way, up to the day")
    fee: RupeesOut
    tax: RupeesOut


@router.get(
    "/{account_id}/plans/{plan}/foreclosure-quote", dependencies=[READERS], summary="What a plan costs to foreclose"
)
async def show_foreclosure_quote(
    account_id: AccountPath, plan: NumberPath, uow: UnitOfWorkDep, on: Annotated[Day | None, Query()] = None
) -> CardForeclosureQuoteAnswer:
    """Gives what foreclosing a plan on a day (default: the business date) makes due, with its interest, fee and tax."""
    quote = await views.quote_foreclosure(uow, account_id, plan, on=on)
    return CardForeclosureQuoteAnswer(
        on=quote.on,
        total=quote.total_paise,
        principal=quote.principal_paise,
        interest=quote.interest_paise,
        fee=quote.fee_paise,
        tax=quote.tax_paise,
    )
