"""What moves a card account: authorisations and their captures, clearings, payments, refunds, payouts, and undoing."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query, Response

from app.api.deps import (
    CUSTOMERS,
    NETWORKS,
    PAYERS,
    READERS,
    AuthoriserDep,
    KistRouter,
    OnceDep,
    UnitOfWorkDep,
)
from app.api.schemas import (
    Answer,
    Between,
    RupeesOut,
    Whole,
)
from app.api.v1.cards.account_bodies import (
    AuthorisationBody,
    AuthorisationNamed,
    CaptureBody,
    CardPaymentBody,
    CardRefundBody,
    ClearingBody,
    PayoutBody,
    UndoBody,
)
from app.api.v1.cards.account_schemas import (
    AccountIdText,
    AccountPath,
    MovementAnswer,
    present_movement,
)
from app.domain.cards.authorisations import Ask, HoldStatus, SpendKind
from app.services.cards import authorisations, movements
from app.services.cards.authorisations import AuthorisationView, CaptureRequest
from app.services.cards.movements import MoneyRequest

router = KistRouter(prefix="/card-accounts", tags=["Card accounts"])


class AuthorisationAnswer(Answer):
    """An authorisation, and what is available on the account now."""

    account_id: AccountIdText
    reference: str
    approved: bool
    decline_code: str | None
    kind: str
    amount: RupeesOut
    captured: RupeesOut
    held: RupeesOut
    status: HoldStatus
    expires_at: datetime
    available: RupeesOut
    replayed: bool


def present_authorisation(view: AuthorisationView) -> AuthorisationAnswer:
    """An authorisation as an answer."""
    hold = view.hold
    return AuthorisationAnswer(
        account_id=view.account_public_id,
        reference=hold.reference,
        approved=view.decline_code is None,
        decline_code=view.decline_code,
        kind=hold.kind.value,
        amount=hold.amount_paise,
        captured=hold.captured_paise,
        held=hold.held_paise,
        status=hold.status,
        expires_at=hold.expires_at,
        available=view.available_paise,
        replayed=view.replayed,
    )


@router.post("/{account_id}/authorisations", dependencies=[NETWORKS], summary="Authorise a card transaction")
async def authorise_card(
    account_id: AccountPath, body: AuthorisationBody, authoriser: AuthoriserDep
) -> AuthorisationAnswer:
    """Approves and holds the amount, or declines with a code. The same reference is answered with the first answer for
    ever; with another amount it is refused."""
    ask = Ask(
        reference=body.reference,
        amount_paise=body.amount,
        kind=body.kind,
        transacted_at=body.transacted_at,
        merchant_name=body.merchant.name,
        category_code=body.merchant.category_code,
        country=body.merchant.country,
        is_online=body.online,
    )
    return present_authorisation(await authoriser.authorise(account_id, ask, token=body.card_token))


@router.get("/{account_id}/authorisations", dependencies=[READERS], summary="List authorisations")
async def list_authorisations(
    account_id: AccountPath, uow: UnitOfWorkDep, limit: Annotated[Whole, Between(1, 200), Query()] = 50
) -> list[AuthorisationAnswer]:
    """Gives the latest authorisations. `available` is what was available after each."""
    return [present_authorisation(one) for one in await authorisations.list_holds(uow, account_id, limit=limit)]


@router.post("/{account_id}/captures", status_code=201, dependencies=[NETWORKS], summary="Capture an authorisation")
async def capture_authorisation(account_id: AccountPath, body: CaptureBody, uow: UnitOfWorkDep) -> MovementAnswer:
    """Posts the clearing and lets go of so much of the hold. More than the hold is refused, beyond what the product
    allows. An expired authorisation is captured all the same."""
    request = CaptureRequest(
        authorisation=body.authorisation,
        reference=body.reference,
        paise=body.amount,
        is_final=body.final,
        transacted_on=body.transacted_on,
        merchant=body.merchant,
        currency=body.currency,
    )
    return present_movement(await authorisations.capture_hold(uow, account_id, request))


@router.post("/{account_id}/reversals", dependencies=[NETWORKS], summary="Reverse an authorisation")
async def reverse_authorisation(
    account_id: AccountPath, body: AuthorisationNamed, uow: UnitOfWorkDep
) -> AuthorisationAnswer:
    """Lets go of the hold. A second time changes nothing."""
    return present_authorisation(await authorisations.reverse_hold(uow, account_id, body.authorisation))


@router.post("/{account_id}/postings", status_code=201, dependencies=[NETWORKS], summary="Post a clearing")
async def post_card_clearing(account_id: AccountPath, body: ClearingBody, uow: UnitOfWorkDep) -> MovementAnswer:
    """Posts a purchase or a cash advance without an authorisation. It may go over the limit."""
    request = MoneyRequest(
        paise=body.amount,
        reference=body.reference,
        value_on=body.transacted_on,
        token=body.card_token,
        merchant=body.merchant,
        currency=body.currency,
    )
    is_cash = body.kind is SpendKind.CASH
    return present_movement(await movements.clear(uow, account_id, request, is_cash=is_cash))


@router.post(
    "/{account_id}/postings/{posting}/undo",
    response_model=MovementAnswer,
    dependencies=[NETWORKS],
    summary="Return a payment or reverse a purchase",
)
async def undo_card_posting(
    account_id: AccountPath,
    posting: Annotated[Whole, Between(1, 2**31 - 1), Path()],
    body: UndoBody,
    uow: UnitOfWorkDep,
    once: OnceDep,
) -> Response:
    """The account stands as if the payment or the purchase had never been made: it is lived again. Statements stay, and
    the differences of interest, fees and tax are posted today."""
    if first := await once.first_answer():
        return first
    done = await movements.undo_posting(uow, account_id, posting, paise=body.amount, reason=body.reason)
    return await once.keep(present_movement(done))


@router.post("/{account_id}/payments", status_code=201, dependencies=[PAYERS], summary="Pay a card account")
async def pay_card_account(account_id: AccountPath, body: CardPaymentBody, uow: UnitOfWorkDep) -> MovementAnswer:
    """Settles what was billed before what was not, tax, fees and interest first; what is more than everything is a
    credit balance. An earlier value date lives the account again. Of an account that was charged off it is a recovery:
    income of the lender, up to what was lost."""
    request = MoneyRequest(paise=body.amount, reference=body.reference, value_on=body.value_date)
    return present_movement(await movements.take_payment(uow, account_id, request))


@router.post("/{account_id}/refunds", status_code=201, dependencies=[NETWORKS], summary="Post a refund")
async def refund_card_purchase(account_id: AccountPath, body: CardRefundBody, uow: UnitOfWorkDep) -> MovementAnswer:
    """Lowers the purchase from the refund's date; what is more than is left of it is used like a payment. A closed
    account takes it too, as a credit balance, which a proposal `card_refund` pays back; one that was charged off as a
    recovery. Of a purchase in a foreign currency a part of the mark-up goes too."""
    request = MoneyRequest(
        paise=body.amount,
        reference=body.reference,
        value_on=body.refunded_on,
        merchant=body.merchant,
        purchase=body.purchase,
    )
    return present_movement(await movements.take_refund(uow, account_id, request))


@router.post(
    "/{account_id}/payouts",
    status_code=201,
    response_model=MovementAnswer,
    dependencies=[CUSTOMERS],
    summary="Pay a credit balance out",
)
async def pay_out_card_credit(account_id: AccountPath, body: PayoutBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Pays the credit balance to the holder's bank account."""
    once.insist()
    if first := await once.first_answer():
        return first
    return await once.keep(present_movement(await movements.pay_out_credit(uow, account_id, paise=body.amount)))


class KeptCredit(Answer):
    """The credit balance that the holder keeps on the account."""

    account_id: AccountIdText
    credit_balance: RupeesOut
    on: date


@router.post("/{account_id}/credits/keep", dependencies=[CUSTOMERS], summary="Keep a refund as credit")
async def keep_card_credit(account_id: AccountPath, uow: UnitOfWorkDep) -> KeptCredit:
    """Answers the question what becomes of a refund of a purchase that was paid for. Without an answer it is paid to
    the bank account after seven days."""
    working = await movements.keep_credit(uow, account_id)
    return KeptCredit(account_id=working.public_id, credit_balance=working.state.credit_paise, on=working.today)
