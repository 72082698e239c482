"""What moves the balance of a card account, as use cases: clearings, payments, refunds, payouts, and their
undoing.

A reference names one movement of an account for ever: a repeat is answered with the first one, and with another amount
it is refused.
"""

from dataclasses import dataclass, replace
from datetime import date

from app.db.repositories.cards import postings as repository
from app.db.repositories.cards.rows import Details
from app.domain.cards.authorisations import check_same
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.requests import (
    RUPEES,
    CardPostingNotFound,
    Posted,
    RefundWithoutPurchase,
    pay,
    pay_out,
    refund,
    spend,
    spending,
    undo,
)
from app.domain.errors import Invalid
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.cards.arrears import report_arrears
from app.services.cards.cards import card_of_account
from app.services.cards.postings import posted
from app.services.products.calendars import count_working_days
from app.services.unit_of_work import UnitOfWork


class StaffOnlyValueDate(Invalid):
    """Only staff may give a value date other than the business date. Leave it out."""

    code = "card_value_date_for_staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What was posted, and how the account stands after it."""

    account_public_id: str
    number: int
    kind: str
    paise: int
    value_on: date
    posted_on: date
    reference: str | None
    owed_paise: int
    credit_paise: int
    available_paise: int
    #: Of an account that is charged off: what was lost, and what of it was recovered.
    charged_off_paise: int
    recovered_paise: int
    replayed: bool
    #: Of a payout: the day by which the money must be on the holder's bank account.
    pay_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRequest:
    """An amount in rupees with a date and a reference. `currency` is what the merchant was paid in. `purchase` is the
    number or the reference of the posting it concerns."""

    paise: int
    reference: str | None = None
    value_on: date | None = None
    token: str | None = None
    merchant: str | None = None
    purchase: int | str | None = None
    currency: str = RUPEES


def movement_of(working: Working, number: int, details: Details, *, replayed: bool = False) -> Movement:
    """A posting of this decision as it is answered."""
    fact = next(one for one in working.decided.facts if one.number == number)
    return _movement(
        working,
        Posted(
            number=number,
            kind=fact.kind,
            amount_paise=fact.amount_paise,
            undone_paise=0,
            value_on=fact.value_on,
            posted_on=fact.posted_on,
        ),
        details.reference,
        replayed=replayed,
    )


def _movement(working: Working, one: Posted, reference: str | None, *, replayed: bool) -> Movement:
    state = working.state
    return Movement(
        account_public_id=working.public_id,
        number=one.number,
        kind=one.kind.value,
        paise=one.amount_paise,
        value_on=one.value_on,
        posted_on=one.posted_on,
        reference=reference,
        owed_paise=state.owed_paise,
        credit_paise=state.credit_paise,
        available_paise=state.limit_paise - state.used_paise - working.row.held_paise,
        charged_off_paise=state.loss.paise if state.loss else 0,
        recovered_paise=state.loss.recovered_paise if state.loss else 0,
        replayed=replayed,
    )


async def repeated(
    uow: UnitOfWork, working: Working, *, reference: str | None, paise: int, kind: FactKind
) -> Movement | None:
    """The first movement with this reference; None when this one is the first. Raises ReferenceOfAnother."""
    if reference is None:
        return None
    known = await posted(uow, working.key, reference=reference)
    if known is None:
        return None
    check_same(known_paise=known.amount_paise, paise=paise, known_kind=known.kind, kind=kind)
    return _movement(working, known, reference, replayed=True)


async def _repeated(uow: UnitOfWork, working: Working, request: MoneyRequest, kind: FactKind) -> Movement | None:
    return await repeated(uow, working, reference=request.reference, paise=request.paise, kind=kind)


async def clear(uow: UnitOfWork, account_id: int, request: MoneyRequest, *, is_cash: bool) -> Movement:
    """Posts a clearing that had no authorisation. It may go over the limit. Raises CardNotFound, AccountNotOpen."""
    working = await accounts.lock(uow, account_id)
    if (first := await _repeated(uow, working, request, spending(is_cash=is_cash))) is not None:
        return first
    if request.token is not None:
        await card_of_account(uow, working.key, request.token)
    facts = spend(
        working.state,
        working.terms,
        paise=request.paise,
        is_cash=is_cash,
        currency=request.currency,
        value_on=request.value_on or working.today,
        today=working.today,
    )
    return await _post(uow, working, facts, request)


async def take_payment(uow: UnitOfWork, account_id: int, request: MoneyRequest) -> Movement:
    """Takes a payment from its value date; an earlier one lives the account again. On an account that is
    charged off it is a recovery. Raises AccountNotOpen, StaffOnlyValueDate, ValueDateInvalid, ReferenceOfAnother."""
    working = await accounts.lock(uow, account_id)
    if (first := await _repeated(uow, working, request, FactKind.PAYMENT)) is not None:
        return first
    value_on = request.value_on or working.today
    if value_on != working.today and not uow.actor.may_name_value_dates:
        raise StaffOnlyValueDate("only staff may give another value date", field="value_date")
    facts = pay(working.state, paise=request.paise, value_on=value_on, today=working.today)
    return await _post(uow, working, facts, request)


async def take_refund(uow: UnitOfWork, account_id: int, request: MoneyRequest) -> Movement:
    """Posts a refund of a purchase, or of the oldest. Raises RefundWithoutPurchase, PurchaseGivenBack."""
    working = await accounts.lock(uow, account_id)
    if (first := await _repeated(uow, working, request, FactKind.REFUND)) is not None:
        return first
    purchase, refunded = None, 0
    if request.purchase is not None:
        if (purchase := await find(uow, working, request.purchase)) is None:
            raise RefundWithoutPurchase("the account has no such purchase", field="purchase")
        refunded = await repository.sum_refunds_of(uow.session, working.key, purchase.number)
    facts = refund(
        working.state,
        purchase,
        has_purchases=await repository.has_purchases(uow.session, working.key),
        has_mark_up=purchase is not None and await repository.has_mark_up(uow.session, working.key, purchase.number),
        refunded_paise=refunded,
        paise=request.paise,
        value_on=request.value_on or working.today,
        today=working.today,
    )
    return await _post(uow, working, facts, request)


async def pay_out_credit(uow: UnitOfWork, account_id: int, *, paise: int | None) -> Movement:
    """Pays a credit balance to the holder's bank account. Raises NoCreditBalance, CreditOnWordAlone."""
    working = await accounts.lock(uow, account_id)
    on_word = await sum_on_word(uow, working)
    facts = pay_out(working.state, paise=paise, on_word_paise=on_word, today=working.today)
    moved = await _post(uow, working, facts, MoneyRequest(paise=facts[0].amount_paise))
    pay_by = await count_working_days(uow, working.today, working.rules.payout_working_days)
    return replace(moved, pay_by=pay_by)


async def sum_on_word(uow: UnitOfWork, working: Working) -> int:
    """The money that only the holder or the caller has reported, in paise."""
    disputes = [one.number for one in working.state.disputes]
    return await repository.sum_on_word(uow.session, working.key, actor=uow.actor.label, disputes=disputes)


async def keep_credit(uow: UnitOfWork, account_id: int) -> Working:
    """The holder wants to keep refunds about which they were asked as credit."""
    working = await accounts.lock(uow, account_id)
    working.state.questions = []
    await accounts.save(uow, working)
    return working


async def undo_posting(
    uow: UnitOfWork, account_id: int, named: int | str, *, paise: int | None, reason: str
) -> Movement:
    """A payment is returned unpaid, or a purchase is reversed. Raises CardPostingNotFound, AlreadyUndone."""
    working = await accounts.lock(uow, account_id)
    known = await find(uow, working, named)
    if known is None:
        raise CardPostingNotFound("there is no such posting", field="posting")
    refunded = await repository.sum_refunds_of(uow.session, working.key, known.number)
    facts = undo(working.state, known, paise=paise, refunded_paise=refunded, terms=working.terms, today=working.today)
    request = MoneyRequest(paise=facts[0].amount_paise)
    await accounts.record(uow, working.key, "card_posting_undone", posting=known.number, reason=reason)
    return await _post(uow, working, facts, request)


async def find(uow: UnitOfWork, working: Working, named: int | str) -> Posted | None:
    """A posting by its number or its reference."""
    if isinstance(named, int):
        return await posted(uow, working.key, number=named)
    return await posted(uow, working.key, reference=named)


async def _post(uow: UnitOfWork, working: Working, facts: list[Fact], request: MoneyRequest) -> Movement:
    details = Details(request.reference, request.token, request.merchant)
    number = await accounts.happen(uow, working, facts, details=details)
    await accounts.save(uow, working)
    await report_arrears(uow, working)
    return movement_of(working, number, details)
