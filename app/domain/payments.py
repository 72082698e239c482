"""Payments: where the money goes.

A payment settles open bills, the oldest first, and inside a bill charges, interest and principal in the product's
order. What is left is an advance, up to the next instalment; what is left after that prepays principal, and the plan
is made anew. A payment never closes more than the loan: what exceeds the payoff is refused, because money that settles
nothing has no place in the books. Source: domain.md, section 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.errors import Conflict, Invalid, Rejected
from app.domain.ledger import Account, Journal, Kind, Transfer
from app.domain.loans import (
    BillState,
    Decision,
    LoanStatus,
    PlanReason,
    PlanVersion,
    Position,
    accrued_paise,
    accrued_since_cycle_began,
    make_plan,
)
from app.domain.money import format_inr
from app.domain.products import Component, PaymentPolicy, Replan


class TreatAs(StrEnum):
    """What the payer wants the money to be."""

    INSTALMENT = "instalment"
    PREPAYMENT = "prepayment"
    SMALLER_EMI = "prepay_smaller_emi"
    EARLIER_END = "prepay_earlier_end"


class LoanNotActive(Conflict):
    """The loan is closed: nothing is owed on it."""

    code = "loan_not_active"


class AmountNotPositive(Invalid):
    """A payment of nothing, or less."""

    code = "amount_not_positive"


class AmountBeyondPayoff(Rejected):
    """More than closes the loan."""

    code = "amount_beyond_payoff"


class AmountNotExact(Rejected):
    """The product takes exactly what is due, and this is another amount."""

    code = "amount_not_exact"


class InstalmentPaid(Rejected):
    """The target instalment is paid already."""

    code = "instalment_paid"


class EarlierInstalmentUnpaid(Rejected):
    """An instalment before the target is not paid yet."""

    code = "earlier_instalment_unpaid"


class InstalmentUnknown(Invalid):
    """The loan has no instalment of that number."""

    code = "instalment_unknown"


class ReferenceRequired(Invalid):
    """The product wants a reference with every payment."""

    code = "reference_required"


class ReplanNotOffered(Rejected):
    """The product does not let the payer choose what a prepayment changes."""

    code = "replan_not_offered"


class ValueDateInFuture(Invalid):
    """Money counts from the day it came, never from a later one."""

    code = "value_date_in_future"


class ValueDateBeforeDisbursal(Invalid):
    """Money cannot have come before the loan was made."""

    code = "value_date_before_disbursal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """A payment as it was asked for. `amount_paise` > 0; `value_date` is the day from which it counts."""

    payment_id: int
    amount_paise: int
    value_date: date
    booked_on: date
    treat_as: TreatAs = TreatAs.INSTALMENT
    instalment: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a borrower has to pay next: an open bill's rest, or the next planned instalment. Money in paise."""

    instalment: int
    amount_paise: int
    due_on: date
    billed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff:
    """What closes a loan on a day, part by part, in paise. `total_paise` is what is to be paid."""

    on: date
    charges_paise: int
    interest_billed_paise: int
    interest_accrued_paise: int
    principal_paise: int
    advance_paise: int

    @property
    def total_paise(self) -> int:
        """The sum that closes the loan; 0 where an advance covers it."""
        owed = self.charges_paise + self.interest_billed_paise + self.interest_accrued_paise + self.principal_paise
        return max(owed - self.advance_paise, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOutcome:
    """What a payment did. `applied_paise` says how much went where, prepaid principal included in principal."""

    decision: Decision
    group_number: int
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    next_due: Due | None
    closed: bool


def payoff(position: Position, *, on: date) -> Payoff:
    """What closes the loan on a day from the beginning of its cycle on: paying it on that day does."""
    return Payoff(
        on=on,
        charges_paise=position.charges_paise,
        interest_billed_paise=position.interest_paise,
        interest_accrued_paise=accrued_paise(position, on=on),
        principal_paise=position.principal_paise,
        advance_paise=position.advance_paise,
    )


def next_due(position: Position) -> Due | None:
    """The oldest open bill, or else the next planned instalment that no advance covers; None when there is none."""
    if position.status is not LoanStatus.ACTIVE:
        return None
    if position.open_bills:
        bill = position.open_bills[0]
        return Due(instalment=bill.cycle, amount_paise=bill.unpaid_paise, due_on=bill.due_on, billed=True)
    advance, plan = position.advance_paise, position.plan
    for offset, due_on in enumerate(plan.due_on):
        amount = plan.principal_paise[offset] + plan.interest_paise[offset]
        if advance < amount:
            number = position.next_cycle + offset
            return Due(instalment=number, amount_paise=amount - advance, due_on=due_on, billed=False)
        advance -= amount
    return None


def decide_payment(position: Position, order: PaymentOrder) -> PaymentOutcome:
    """Takes a payment on a loan that is caught up to the value date, or refuses it by name and changes nothing.

    Raises LoanNotActive, AmountNotPositive, ReferenceRequired, InstalmentUnknown, InstalmentPaid,
    EarlierInstalmentUnpaid, AmountBeyondPayoff, AmountNotExact, ReplanNotOffered, ValueDateInFuture,
    ValueDateBeforeDisbursal.
    """
    check_payment(position, order)
    teller = Teller(position.copy(), order)
    teller.take()
    return teller.outcome()


def check_payment(position: Position, order: PaymentOrder) -> None:
    """Refuses what cannot be taken."""
    if position.status is not LoanStatus.ACTIVE:
        raise LoanNotActive("the loan is not active: nothing is owed on it", field="loan_id", status=position.status)
    if order.amount_paise <= 0:
        raise AmountNotPositive("a payment is more than zero", field="amount")
    if position.terms.reference_required and not order.reference:
        raise ReferenceRequired("this product wants a reference with every payment", field="reference_id")
    if order.value_date > order.booked_on:
        raise ValueDateInFuture(f"the business date is {order.booked_on}", field="value_date")
    if order.value_date < position.disbursed_on:
        raise ValueDateBeforeDisbursal(f"the loan was made on {position.disbursed_on}", field="value_date")
    _check_choice(position, order)
    if order.instalment is not None:
        _check_target(position, order.instalment)
    _check_amount(position, order)


#: What each kind of prepayment changes; the others leave it to the product.
_WISHES = {TreatAs.SMALLER_EMI: Replan.SMALLER_EMI, TreatAs.EARLIER_END: Replan.EARLIER_END}


def _check_choice(position: Position, order: PaymentOrder) -> None:
    terms = position.terms
    if order.treat_as is TreatAs.INSTALMENT:
        return
    wish = _WISHES.get(order.treat_as, terms.prepayment)
    if terms.payment_policy is PaymentPolicy.EXACT or not (terms.prepayment_choice or wish is terms.prepayment):
        raise ReplanNotOffered("this product does not offer that kind of prepayment", field="as")


def _check_target(position: Position, instalment: int) -> None:
    due = next_due(position)
    last = position.next_cycle + len(position.plan.due_on) - 1
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


def _check_amount(position: Position, order: PaymentOrder) -> None:
    amount, closing = order.amount_paise, payoff(position, on=order.value_date).total_paise
    if amount == closing:
        return
    if position.terms.payment_policy is PaymentPolicy.EXACT:
        due = next_due(position)
        if due is not None and amount != due.amount_paise:
            raise AmountNotExact(
                f"instalment {due.instalment}, due on {due.due_on}, is paid with exactly"
                f" {format_inr(due.amount_paise)}",
                field="amount",
                expected={"number": due.instalment, "due_on": due.due_on, "amount_paise": due.amount_paise},
            )
        if due is not None:
            return
    if amount > closing:
        raise AmountBeyondPayoff(
            f"{format_inr(closing)} closes the loan on {order.value_date}", field="amount", payoff_paise=closing
        )


@dataclass(slots=True)
class Teller:
    """Puts one payment where it belongs, on one position, which is its own to change."""

    position: Position
    order: PaymentOrder
    journal: Journal
    left: int
    states: dict[int, BillState]
    plans: list[PlanVersion]
    paid: dict[Account, int]

    def __init__(self, position: Position, order: PaymentOrder) -> None:
        self.position = position
        self.order = order
        self.journal = Journal(last_number=position.last_transfer, booked_on=order.booked_on)
        self.left = order.amount_paise
        self.states = {}
        self.plans = []
        self.paid = dict.fromkeys((Account.CHARGES, Account.INTEREST, Account.PRINCIPAL, Account.ADVANCE), 0)

    def take(self) -> None:
        """Takes the payment: what closes the loan closes it, everything else finds its place in order."""
        if self.order.amount_paise == payoff(self.position, on=self.order.value_date).total_paise:
            self.pay_off()
            return
        self.pay_bills()
        if self.order.treat_as is TreatAs.INSTALMENT:
            self.keep_advance()
        self.prepay()
        self.close_if_repaid()

    def outcome(self) -> PaymentOutcome:
        """What it came to."""
        assert self.left == 0, "every paisa has its place"
        position = self.position
        position.last_transfer = self.journal.number
        position.last_event_on = max(position.last_event_on, self.order.value_date)
        transfers: Sequence[Transfer] = self.journal.transfers
        return PaymentOutcome(
            decision=Decision(position, transfers, self.states, self.plans),
            group_number=transfers[0].group_number,
            charges_paise=self.paid[Account.CHARGES],
            interest_paise=self.paid[Account.INTEREST],
            principal_paise=self.paid[Account.PRINCIPAL],
            advance_paise=self.paid[Account.ADVANCE],
            next_due=next_due(position),
            closed=position.status is LoanStatus.CLOSED,
        )

    def _take(self, kind: Kind, account: Account, amount: int, *, cycle: int | None = None) -> None:
        self.journal.post(
            kind, Account.CASH, account, amount, account, self.order.value_date, cycle, self.order.payment_id
        )
        self.left -= amount
        self.paid[account] += amount

    def pay_bills(self) -> None:
        """Settles open bills, the oldest first, as far as the money goes."""
        position = self.position
        for bill in position.open_bills[:]:
            if self.left == 0:
                break
            self.states[bill.cycle] = bill
            for component in position.terms.payment_order:
                self._pay_component(bill, component)
            if bill.unpaid_paise == 0:
                position.settle(bill, self.order.value_date)

    def _pay_component(self, bill: BillState, component: Component) -> None:
        position = self.position
        match component:
            case Component.CHARGES:
                part = min(self.left, bill.unpaid_charges_paise)
                bill.unpaid_charges_paise -= part
                position.charges_paise -= part
                self._take(Kind.PAYMENT, Account.CHARGES, part, cycle=bill.cycle)
            case Component.INTEREST:
                part = min(self.left, bill.unpaid_interest_paise)
                bill.unpaid_interest_paise -= part
                position.interest_paise -= part
                self._take(Kind.PAYMENT, Account.INTEREST, part, cycle=bill.cycle)
            case Component.PRINCIPAL:
                part = min(self.left, bill.unpaid_principal_paise)
                bill.unpaid_principal_paise -= part
                self._lower_principal(part, bears_interest=position.is_daily)
                self._take(Kind.PAYMENT, Account.PRINCIPAL, part, cycle=bill.cycle)

    def _lower_principal(self, amount: int, *, bears_interest: bool) -> None:
        self.position.principal_paise -= amount
        if bears_interest:
            self.position.move(self.order.value_date, -amount)

    def keep_advance(self) -> None:
        """Keeps what is left for the next instalment, as far as that asks for it."""
        position = self.position
        room = max(position.next_instalment_paise - position.advance_paise, 0)
        if position.terms.payment_policy is PaymentPolicy.EXACT:
            room = self.left
        self._add_advance(min(self.left, room))

    def _add_advance(self, amount: int) -> None:
        if amount == 0:
            return
        position = self.position
        position.advance_paise += amount
        position.advances.append((self.order.payment_id, amount))
        if position.is_daily:
            position.move(self.order.value_date, -amount)
        self._take(Kind.ADVANCE, Account.ADVANCE, amount)

    def prepay(self) -> None:
        """Prepays principal that no bill has asked for yet, and makes the plan anew."""
        position, order = self.position, self.order
        amount = min(self.left, position.undemanded_principal_paise)
        if amount and position.plan.due_on:
            accrued = accrued_since_cycle_began(position, on=order.value_date)
            choice = _WISHES.get(order.treat_as, position.terms.prepayment)
            plan = make_plan(
                position,
                on=order.value_date,
                principal_paise=position.undemanded_principal_paise - amount,
                accrued=accrued,
                reason=PlanReason.PREPAYMENT,
                emi_paise=position.emi_paise if choice is Replan.EARLIER_END else None,
            )
            self.plans.append(plan)
            self._lower_principal(amount, bears_interest=True)
            self._take(Kind.PREPAYMENT, Account.PRINCIPAL, amount)
        # What neither a bill nor the principal can take is interest not billed yet: it waits as an advance.
        self._add_advance(self.left)

    def pay_off(self) -> None:
        """Closes the loan: bills what accrued, uses up the advance, and takes the rest in cash."""
        position, on = self.position, self.order.value_date
        accrued = accrued_paise(position, on=on)
        # Tied to the payment: whoever reverses it takes this interest back too.
        interest, income = Account.INTEREST, Account.INTEREST_INCOME
        self.journal.post(Kind.INTEREST, interest, income, accrued, interest, on, None, self.order.payment_id)
        position.interest_paise += accrued
        self.pay_bills()
        owed = {Account.INTEREST: position.interest_paise, Account.PRINCIPAL: position.principal_paise}
        for account in owed:
            for index, (payment_id, part) in enumerate(position.advances):
                used = min(part, owed[account])
                self.journal.post(Kind.ADVANCE_USED, Account.ADVANCE, account, used, account, on, None, payment_id)
                position.advances[index] = (payment_id, part - used)
                position.advance_paise -= used
                owed[account] -= used
            self._take(Kind.PAYMENT, account, owed[account])
        position.advances = []
        position.interest_paise = position.principal_paise = position.unbilled_interest_paise = 0
        position.movements = []
        position.close(on)

    def close_if_repaid(self) -> None:
        """Closes a loan that this payment happened to settle to the last paisa."""
        if self.position.owes_nothing(self.order.value_date):
            self.position.close(self.order.value_date)
