"""The amount of a payment: what it may be, what it settles, what of it prepays, and what it did.

Money beyond the payoff settles nothing. It is refused unless the product takes it; then it is owed to the borrower.
Cash has a smallest unit: where the product names one, an amount that is due, rounded to that unit, pays what is due.
Source: docs/business-rules.md, payments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import Rejected
from app.domain.lending.positions import Decision, LoanStatus, Position
from app.domain.money import RoundingMode, format_inr, round_ratio
from app.domain.payments.payments import Due, PaymentOrder, TreatAs, next_due, payoff
from app.domain.products.products import PaymentPolicy

#: Rounds of the search for what prepays. Where two instalments or more are left, about forty are enough for any amount.
_ROUNDS: Final = 1_000


class AmountBeyondPayoff(Rejected):
    """The payment is larger than what closes the loan. Pay at most `figures.payoff`."""

    code = "amount_beyond_payoff"


class AmountNotExact(Rejected):
    """The product takes exactly what is due, and this is another amount. Pay `figures.expected.amount`."""

    code = "amount_not_exact"


class CashNotInUnit(Rejected):
    """The product takes cash in multiples of a unit only. Pay a multiple of `figures.unit`, or not in cash."""

    code = "cash_not_in_unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOutcome:
    """The result of a payment. The amounts are in paise; `principal_paise` includes prepaid principal.

    `overpaid_paise` is owed to the borrower. `recovered_paise` is income, received after a write-off.
    """

    decision: Decision
    group_number: int
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    next_due: Due | None
    closed: bool
    overpaid_paise: int = 0
    recovered_paise: int = 0


def settled_paise(position: Position, order: PaymentOrder) -> int:
    """What a payment settles, in paise: its amount, or the exact amount that was rounded for cash.

    Cash rounded half up pays, in this order: the payoff, all open bills, the next due amount.
    """
    unit = position.terms.cash_unit_paise
    if not order.is_cash or unit == 1 or position.status is not LoanStatus.ACTIVE:
        return order.amount_paise
    due = next_due(position)
    for exact in (
        payoff(position, on=order.value_date).total_paise,
        sum(bill.unpaid_paise for bill in position.open_bills),
        0 if due is None else due.amount_paise,
    ):
        # Less than half a unit rounds to nothing, which nobody can pay.
        if exact and order.amount_paise == round_ratio(exact, 1, mode=RoundingMode.HALF_UP, unit=unit):
            return exact
    return order.amount_paise


def check_amount(position: Position, order: PaymentOrder) -> None:
    """Checks the amount of a payment. Raises CashNotInUnit, AmountNotExact, AmountBeyondPayoff."""
    unit = position.terms.cash_unit_paise
    if order.is_cash and order.amount_paise % unit:
        raise CashNotInUnit(f"cash is taken in multiples of {format_inr(unit)}", field="amount", unit_paise=unit)
    if order.treat_as is TreatAs.RECOVERY:
        return
    check_exact(position, order)
    if exceeds_payoff(position, order):
        closing = payoff(position, on=order.value_date).total_paise
        raise AmountBeyondPayoff(
            f"{format_inr(closing)} closes the loan on {order.value_date}", field="amount", payoff_paise=closing
        )


def check_exact(position: Position, order: PaymentOrder) -> None:
    """Where the product takes exact amounts only: checks that the amount is the due amount or the payoff.

    Raises AmountNotExact.
    """
    due = _exact_due(position)
    if due is None:
        return
    if settled_paise(position, order) in (due.amount_paise, payoff(position, on=order.value_date).total_paise):
        return
    raise AmountNotExact(
        f"instalment {due.instalment}, due on {due.due_on}, must be paid with exactly {format_inr(due.amount_paise)}",
        field="amount",
        expected={"number": due.instalment, "due_on": due.due_on, "amount_paise": due.amount_paise},
    )


def takes_more(position: Position, order: PaymentOrder) -> bool:
    """Whether more than the payoff is taken: if the product takes it, and of a recovery, where a replay finds that the
    loan was not written off."""
    return position.terms.takes_overpayment or order.treat_as is TreatAs.RECOVERY


def exceeds_payoff(position: Position, order: PaymentOrder) -> bool:
    """Whether a payment is more than the payoff, and no more than that is taken.

    A product that takes exact amounts accepts the due amount all the same: before the last billing date the payoff may
    be a little less.
    """
    settled = settled_paise(position, order)
    if takes_more(position, order) or settled <= payoff(position, on=order.value_date).total_paise:
        return False
    due = _exact_due(position)
    return due is None or settled != due.amount_paise


def _exact_due(position: Position) -> Due | None:
    return next_due(position) if position.terms.payment_policy is PaymentPolicy.EXACT else None


def prepaid_paise(begun: int, *, most: int, pool: int, instalment_after: Callable[[int], int]) -> int:
    """The smallest prepayment, in paise, from `begun` up to `most`, after which the rest of `pool` is at most the next
    instalment; `most` if there is none. `instalment_after` gives the next instalment after a prepayment.

    Each round prepays the money that the next instalment of the previous plan does not need. A smaller debt has a
    smaller instalment, so the amount only rises. Where one instalment is left, the instalment falls by what is prepaid,
    and the steps do not get smaller: a paisa beyond the last instalment would take a round for each paisa of the loan.
    The rest of such a search is halved.
    """
    amount, instalment = begun, instalment_after(begun)
    for _ in range(_ROUNDS):
        if pool - amount <= instalment or amount >= most:
            return amount
        amount = min(pool - instalment, most)
        instalment = instalment_after(amount)
    enough = most
    while amount < enough:
        middle = (amount + enough) // 2
        if pool - middle > instalment_after(middle):
            amount = middle + 1
        else:
            enough = middle
    return enough
