"""Payments: the next due amount, the payoff, and the checks of a payment apart from its amount.

`amounts.py` checks the amount of a payment, and `allocation.py` allocates the money.
Source: docs/business-rules.md, payments.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.errors import Conflict, Invalid, Rejected
from app.domain.lending.cooling_off import may_leave, returnable_paise
from app.domain.lending.late_days import penal_paise
from app.domain.lending.loans import accrued_paise, has_plan_ended
from app.domain.lending.positions import LoanStatus, Position, due_date_of
from app.domain.money import format_inr
from app.domain.products.charges import NOTHING, Charged, prepayment_charge
from app.domain.products.products import PaymentPolicy, Replan


class TreatAs(StrEnum):
    """What the payer wants the payment to be: an instalment, a prepayment with a choice of what changes, or a recovery
    on a loan that was written off."""

    INSTALMENT = "instalment"
    PREPAYMENT = "prepayment"
    SMALLER_EMI = "prepay_smaller_emi"
    EARLIER_END = "prepay_earlier_end"
    RECOVERY = "recovery"


class LoanNotActive(Conflict):
    """The loan is closed, so nothing is owed on it. Do nothing; there is nothing to pay, waive or write off."""

    code = "loan_not_active"


class LoanWrittenOff(LoanNotActive):
    """The lender wrote the loan off, so it takes no payment. Ask the lender, who can take it as a `recovery`."""

    code = "loan_written_off"


class NotWrittenOff(Conflict):
    """The payment was sent as a recovery, and the loan is not written off. Send it without `as`."""

    code = "not_written_off"


class AmountNotPositive(Invalid):
    """The payment is zero or negative. Send an amount above zero."""

    code = "amount_not_positive"


class InstalmentPaid(Rejected):
    """The instalment that was named is paid already. Name a later one, or none."""

    code = "instalment_paid"


class EarlierInstalmentUnpaid(Rejected):
    """An instalment before the one that was named is not paid yet. Pay the one in `figures.oldest_unpaid` first."""

    code = "earlier_instalment_unpaid"


class InstalmentUnknown(Invalid):
    """The loan has no instalment of that number. Name one that the schedule shows."""

    code = "instalment_unknown"


class ReferenceRequired(Invalid):
    """The product requires a reference with every payment. Send `reference_id`."""

    code = "reference_required"


class ReplanNotOffered(Rejected):
    """The product does not offer that kind of prepayment. Leave `as` out."""

    code = "replan_not_offered"


class ValueDateInFuture(Invalid):
    """The value date lies after the business date. Name the business date or an earlier day."""

    code = "value_date_in_future"


class ValueDateInPast(Invalid):
    """The day lies before the business date, and only the future is shown. Name the business date or a later day."""

    code = "value_date_in_past"


class ValueDateBeforeDisbursal(Invalid):
    """The value date lies before the day on which the loan was made. Name a day from that one on."""

    code = "value_date_before_disbursal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """A payment as requested. `amount_paise` is above 0; the money counts from `value_date` on.

    `is_cash` says that it is paid in cash, which the product may take in multiples of a unit only.
    """

    payment_id: int
    amount_paise: int
    value_date: date
    booked_on: date
    treat_as: TreatAs = TreatAs.INSTALMENT
    instalment: int | None = None
    reference: str | None = None
    is_cash: bool = False


def is_cash(method: str | None) -> bool:
    """Whether a method of payment is cash."""
    return method is not None and method.upper() == "CASH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The next amount to pay: the unpaid part of an open bill, or the next bill to come. Money in paise.

    `planned_on` is the billing date of the instalment, `due_on` the last day to pay the bill. A payment of
    `minimum_paise` keeps the bill from being overdue; it is 0 when the instalment is not billed yet.
    """

    instalment: int
    amount_paise: int
    minimum_paise: int
    planned_on: date
    due_on: date
    billed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff:
    """The payoff of a loan on a day, by component, in paise. A payment of `total_paise` closes the loan.

    `prepayment_charge_paise` is the charge, with its tax, for principal that is repaid ahead of the plan.
    """

    on: date
    charges_paise: int
    interest_billed_paise: int
    interest_accrued_paise: int
    principal_paise: int
    advance_paise: int
    prepayment_charge_paise: int = 0

    @property
    def total_paise(self) -> int:
        """The amount that closes the loan, in paise; 0 when the advances cover it."""
        owed = self.charges_paise + self.interest_billed_paise + self.interest_accrued_paise + self.principal_paise
        return max(owed + self.prepayment_charge_paise - self.advance_paise, 0)


def payoff(position: Position, *, on: date) -> Payoff:
    """The payoff of the loan on a day that is not before the current cycle began. Paying it then closes the loan.

    Source: docs/business-rules.md, payments.
    """
    return Payoff(
        on=on,
        charges_paise=position.charges_paise + penal_paise(position, on=on),
        interest_billed_paise=position.interest_paise,
        interest_accrued_paise=accrued_paise(position, on=on),
        principal_paise=position.principal_paise,
        advance_paise=position.advance_paise,
        prepayment_charge_paise=foreclosure_charge(position, on=on).total_paise,
    )


def foreclosure_charge(position: Position, *, on: date) -> Charged:
    """The charge for closing the loan ahead of the plan, on the principal that no bill has demanded."""
    undemanded = position.undemanded_principal_paise
    return charge_for_prepaying(position, prepaid_paise=undemanded, on=on)


def charge_for_prepaying(position: Position, *, prepaid_paise: int, on: date) -> Charged:
    """The charge for principal that is repaid ahead of the plan; none for all of it while the loan may be left, and
    none for a top-up while it may be. After the end of the plan nothing is ahead of it."""
    charges = position.terms.charges
    undemanded = position.undemanded_principal_paise
    if charges is None or has_plan_ended(position) or (prepaid_paise >= undemanded and may_leave(position, on=on)):
        return NOTHING
    free = min(returnable_paise(position, on=on), prepaid_paise)
    return prepayment_charge(
        charges.prepayment,
        prepaid_paise=prepaid_paise - free,
        undemanded_paise=undemanded - free,
        on=on,
    )


def next_due(position: Position) -> Due | None:
    """The oldest open bill, or else the first bill to come that no advance covers; None when there is none."""
    if position.status is not LoanStatus.ACTIVE:
        return None
    if position.open_bills:
        bill = position.open_bills[0]
        return Due(
            instalment=bill.cycle,
            amount_paise=bill.unpaid_paise,
            minimum_paise=bill.unpaid_charges_paise + bill.minimum_unpaid_paise,
            planned_on=date.fromordinal(bill.due_on.toordinal() - position.terms.due_after_days),
            due_on=bill.due_on,
            billed=True,
        )
    advance = position.advance_paise
    # Without open bills, the bills to come do not depend on the day.
    for ahead in bills_to_come(position, on=position.cycle_began_on):
        amount = ahead.unpaid_paise
        if advance < amount:
            return Due(
                instalment=ahead.cycle,
                amount_paise=amount - advance,
                minimum_paise=0,
                planned_on=ahead.billed_on,
                due_on=due_date_of(position, cycle=ahead.cycle, billed_on=ahead.billed_on),
                billed=False,
            )
        advance -= amount
    return None


def check_order(position: Position, order: PaymentOrder) -> None:
    """Checks a payment apart from its exact amount.

    Raises LoanWrittenOff, LoanNotActive, NotWrittenOff, AmountNotPositive, ReferenceRequired, ValueDateInFuture,
    ValueDateBeforeDisbursal, ReplanNotOffered, InstalmentUnknown, InstalmentPaid, EarlierInstalmentUnpaid.
    """
    _check_status(position, order)
    if order.amount_paise <= 0:
        raise AmountNotPositive("a payment must be above zero", field="amount")
    if position.terms.reference_required and not order.reference:
        raise ReferenceRequired("this product requires a reference with every payment", field="reference_id")
    if order.value_date > order.booked_on:
        raise ValueDateInFuture(
            f"the value date must not be after the business date, {order.booked_on}", field="value_date"
        )
    if order.value_date < position.disbursed_on:
        raise ValueDateBeforeDisbursal(f"the loan was disbursed on {position.disbursed_on}", field="value_date")
    _check_choice(position, order)
    if order.instalment is not None:
        _check_target(position, order.instalment)


def _check_status(position: Position, order: PaymentOrder) -> None:
    """A loan that was written off takes recoveries only; a closed one takes money if the product takes overpayments."""
    status, is_recovery = position.status, order.treat_as is TreatAs.RECOVERY
    if is_recovery and status is not LoanStatus.WRITTEN_OFF:
        raise NotWrittenOff("the loan is not written off: pay it as usual", field="as")
    if is_recovery or status is LoanStatus.ACTIVE:
        return
    if status is LoanStatus.WRITTEN_OFF:
        raise LoanWrittenOff(f"the loan was written off on {position.closed_on}", field="loan_id")
    if not position.terms.takes_overpayment:
        raise LoanNotActive("the loan is not active: nothing is owed on it", field="loan_id", status=status)


#: What each kind of prepayment changes. A kind that is not here uses the product's default.
REPLAN_REQUESTS = {TreatAs.SMALLER_EMI: Replan.SMALLER_EMI, TreatAs.EARLIER_END: Replan.EARLIER_END}


def _check_choice(position: Position, order: PaymentOrder) -> None:
    terms = position.terms
    if order.treat_as in (TreatAs.INSTALMENT, TreatAs.RECOVERY):
        return
    replan = REPLAN_REQUESTS.get(order.treat_as, terms.prepayment)
    if terms.payment_policy is PaymentPolicy.EXACT or not (terms.prepayment_choice or replan is terms.prepayment):
        raise ReplanNotOffered("this product does not offer that kind of prepayment", field="as")


def _check_target(position: Position, instalment: int) -> None:
    due = next_due(position)
    # After the end of the plan, what is due next has a number too: charges, or interest of what is overdue.
    last = max(position.next_cycle + len(position.plan.due_on) - 1, 0 if due is None else due.instalment)
    if not 1 <= instalment <= last:
        raise InstalmentUnknown(f"the loan has instalments 1 to {last}", field="instalment")
    if due is None or instalment < due.instalment:
        raise InstalmentPaid(f"instalment {instalment} is paid", field="instalment")
    if instalment > due.instalment:
        raise EarlierInstalmentUnpaid(
            f"instalment {due.instalment} of {format_inr(due.amount_paise)}, due on {due.due_on}, is not paid yet",
            field="instalment",
            oldest_unpaid={"number": due.instalment, "due_on": due.due_on, "amount_paise": due.amount_paise},
        )
