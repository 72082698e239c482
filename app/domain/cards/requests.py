"""What may be asked of a card account, as facts.

Each function checks a request against the state of an account that is caught up, and answers the facts that it leads
to, in order. Their numbers are given when they happen; a fact that concerns the one before it has `of` = `BEFORE`.
Source: docs/cards.md.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.cards.authorisations import AmountOfNothing
from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.fees import cash_fee_paise
from app.domain.cards.standing import check_open
from app.domain.errors import Conflict, Invalid, NotFound, Rejected
from app.domain.money import format_inr, share_paise
from app.domain.products.card_terms import CardTerms, FeeKind

#: The number of a fact that has none yet, and of the fact before another one.
UNNUMBERED: Final = 0
BEFORE: Final = -1
#: The currency of the accounts.
RUPEES: Final = "INR"


class ValueDateInvalid(Invalid):
    """The date is in the future, or before the account was opened. Send a date in between."""

    code = "card_value_date_invalid"


class RefundWithoutPurchase(Rejected):
    """The account has no such purchase, so nothing can be refunded. Check the reference, or post a payment instead."""

    code = "refund_without_purchase"


class PurchaseGivenBack(Conflict):
    """All of the purchase was refunded or reversed before, so another refund of it would pay the holder twice. If the
    network did pay again, post the refund without naming the purchase."""

    code = "card_purchase_given_back"


class CardPostingNotFound(NotFound):
    """The account has no such posting. Check its number or reference."""

    code = "card_posting_not_found"


class AlreadyUndone(Conflict):
    """The payment was returned, or the purchase reversed or refunded, before. Undo at most `figures.left`."""

    code = "card_posting_undone"


class NoCreditBalance(Rejected):
    """The account has less credit balance than is to be paid out. Ask for at most `figures.credit`."""

    code = "no_credit_balance"


class CreditOnWordAlone(Rejected):
    """So much of the credit balance would not be there without money that its holder, or whoever asks for the payout,
    reported alone. Ask for at most `figures.free`, or have two people pay it back (a proposal `card_refund`)."""

    code = "credit_on_word_alone"


#: The postings by which somebody says that money came, or that something is not owed.
ON_WORD: Final = frozenset({FactKind.PAYMENT, FactKind.REFUND, FactKind.REVERSAL, FactKind.CREDIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A posting that a request names: what it was, and what still counts of it."""

    number: int
    kind: FactKind
    amount_paise: int
    undone_paise: int
    value_on: date
    posted_on: date

    @property
    def counts_paise(self) -> int:
        return self.amount_paise - self.undone_paise


def check_amount(paise: int) -> None:
    """Raises AmountOfNothing."""
    if paise <= 0:
        raise AmountOfNothing("an amount must be above 0", field="amount")


def check_value_date(state: State, *, value_on: date, today: date) -> None:
    """A value date is not in the future and not before the account. Raises ValueDateInvalid."""
    if not state.opened_on <= value_on <= today:
        raise ValueDateInvalid(
            f"a date must be from {state.opened_on} to {today}", field="value_date", opened_on=state.opened_on
        )


def spending(*, is_cash: bool) -> FactKind:
    """What a clearing is."""
    return FactKind.CASH_ADVANCE if is_cash else FactKind.PURCHASE


def spend(
    state: State, terms: CardTerms, *, paise: int, is_cash: bool, currency: str, value_on: date, today: date
) -> list[Fact]:
    """A purchase or a cash advance, with the fee of the latter and the mark-up of a foreign currency. It may go over
    the limit: a clearing is a fact. The amount is in rupees, whatever the currency was."""
    check_open(state)
    check_amount(paise)
    check_value_date(state, value_on=value_on, today=today)
    facts = [new_fact(spending(is_cash=is_cash), today, paise=paise, value_on=value_on)]
    if is_cash:
        facts += fee_facts(FeeKind.CASH, cash_fee_paise(terms, paise=paise), today, of=BEFORE)
    if currency != RUPEES:
        facts += fee_facts(FeeKind.FOREIGN, share_paise(paise, terms.foreign_fee_percent), today, of=BEFORE)
    return facts


def pay(state: State, *, paise: int, value_on: date, today: date) -> list[Fact]:
    """A payment, from its value date. On an account that is charged off it is a recovery. Raises AccountNotOpen
    (closed)."""
    if state.status is not AccountStatus.CHARGED_OFF:
        check_open(state)
    check_amount(paise)
    check_value_date(state, value_on=value_on, today=today)
    return [new_fact(FactKind.PAYMENT, today, paise=paise, value_on=value_on)]


def give_credit(state: State, *, paise: int, today: date) -> list[Fact]:
    """A credit that the issuer gives."""
    check_open(state)
    check_amount(paise)
    return [new_fact(FactKind.CREDIT, today, paise=paise, value_on=today)]


def refund(
    state: State,
    purchase: Posted | None,
    *,
    has_purchases: bool,
    has_mark_up: bool = False,
    refunded_paise: int = 0,
    paise: int,
    value_on: date,
    today: date,
) -> list[Fact]:
    """A refund of a purchase, or of the oldest where the merchant does not say which. A closed account takes it too:
    its holder is owed the money; on one that is charged off it is a recovery. `has_mark_up`: the purchase was in a
    foreign currency, so a part of its mark-up goes too. `refunded_paise` is what was refunded of it before; the last
    part may be more than is left, because rates of exchange move. Raises RefundWithoutPurchase, PurchaseGivenBack."""
    check_amount(paise)
    check_value_date(state, value_on=value_on, today=today)
    if not has_purchases or (purchase is not None and purchase.kind not in (FactKind.PURCHASE, FactKind.CASH_ADVANCE)):
        raise RefundWithoutPurchase("the account has no such purchase", field="purchase")
    if purchase is None:
        return [new_fact(FactKind.REFUND, today, paise=paise, value_on=value_on)]
    if refunded_paise >= purchase.counts_paise:
        raise PurchaseGivenBack("all of the purchase was given back before", field="purchase")
    # A refund cannot come before what it refunds was posted.
    on = max(value_on, purchase.posted_on)
    return [
        new_fact(
            FactKind.REFUND,
            today,
            paise=paise,
            value_on=on,
            of=purchase.number,
            of_posted_on=purchase.posted_on,
            gives_back=has_mark_up,
        )
    ]


def undo(
    state: State, posted: Posted, *, paise: int | None, refunded_paise: int, terms: CardTerms, today: date
) -> list[Fact]:
    """A payment is returned unpaid (with its fee), or a purchase is reversed, as a whole or in part.

    What was refunded of a purchase (`refunded_paise`) was given back already. A closed account whose payment is
    returned is open again. One that is charged off stays so, and what was lost is worked out again; no fee is charged
    to it. Raises AlreadyUndone, CardPostingNotFound.
    """
    undoing = {
        FactKind.PAYMENT: FactKind.RETURNED_PAYMENT,
        FactKind.PURCHASE: FactKind.REVERSAL,
        FactKind.CASH_ADVANCE: FactKind.REVERSAL,
    }.get(posted.kind)
    if undoing is None:
        raise CardPostingNotFound("this posting cannot be undone", field="posting")
    left = max(0, posted.counts_paise - refunded_paise)
    if left == 0 or (paise is not None and paise > left):
        raise AlreadyUndone(f"{format_inr(left)} of it can be undone", field="posting", left_paise=left)
    facts = [new_fact(undoing, today, paise=paise or left, value_on=posted.value_on, of=posted.number)]
    if undoing is FactKind.RETURNED_PAYMENT and state.status is not AccountStatus.CHARGED_OFF:
        facts += fee_facts(FeeKind.RETURNED_PAYMENT, terms.returned_payment_fee_paise, today, of=None)
    return facts


def free_credit_paise(state: State, *, on_word_paise: int) -> int:
    """What of the credit balance one person may have paid out: what would be left of it if all that the holder or that
    person reported alone (`on_word_paise`) had never come. Source: docs/decisions/0079."""
    return max(0, state.credit_paise - on_word_paise)


def pay_out(state: State, *, paise: int | None, on_word_paise: int, today: date) -> list[Fact]:
    """A credit balance is paid to the holder's bank account. Raises NoCreditBalance, CreditOnWordAlone."""
    check_open(state)
    amount = state.credit_paise if paise is None else paise
    facts, free = _pay_out(state, amount, today=today), free_credit_paise(state, on_word_paise=on_word_paise)
    if amount > free:
        raise CreditOnWordAlone(f"{format_inr(free)} of it can be paid out", field="amount", free_paise=free)
    return facts


def pay_out_when_closing(state: State, *, paise: int, on_word_paise: int, today: date) -> list[Fact]:
    """What is paid out of a credit balance when its account is closed. The rest stays, and two people pay it back."""
    amount = min(paise, free_credit_paise(state, on_word_paise=on_word_paise))
    return _pay_out(state, amount, today=today) if amount > 0 else []


def refund_credit(state: State, *, paise: int, today: date) -> list[Fact]:
    """Two people pay a credit balance back, also of an account that has ended, whose holder no longer asks for it.
    Raises NoCreditBalance."""
    return _pay_out(state, paise, today=today)


def _pay_out(state: State, amount: int, *, today: date) -> list[Fact]:
    credit = state.credit_paise
    if not 0 < amount <= credit:
        raise NoCreditBalance(f"the credit balance is {format_inr(credit)}", field="amount", credit_paise=credit)
    return [new_fact(FactKind.PAYOUT, today, paise=amount, value_on=today)]


def pay_out_unanswered(state: State, *, today: date) -> list[Fact]:
    """Refunds about which the holder was asked and did not answer are paid to the bank account."""
    over = [one for one in state.questions if one.answer_by < today]
    state.questions = [one for one in state.questions if one.answer_by >= today]
    amount = min(sum(one.paise for one in over), state.credit_paise)
    return [new_fact(FactKind.PAYOUT, today, paise=amount, value_on=today)] if amount else []


def new_fact(kind: FactKind, today: date, *, value_on: date, paise: int = 0, **more: object) -> Fact:
    return Fact(
        number=UNNUMBERED,
        kind=kind,
        amount_paise=paise,
        value_on=value_on,
        posted_on=today,
        **more,  # type: ignore[arg-type]
    )


def fee_facts(kind: FeeKind, paise: int, today: date, *, of: int | None) -> list[Fact]:
    return [new_fact(FactKind.FEE, today, paise=paise, value_on=today, of=of, fee=kind)] if paise else []
