"""How a payment is allocated.

A payment settles the open bills, oldest first, and within a bill the components in the product's order. The rest is an
advance, up to the next instalment. Money beyond that prepays principal, and the loan gets a new plan. "The next
instalment" is the one of the new plan: when it is smaller, more of the money (including earlier advances) prepays, so
that an advance is never more than the next instalment. Source: docs/business-rules.md, payments.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.billing.bills_to_come import next_instalment_paise
from app.domain.lending.charges import charge
from app.domain.lending.cooling_off import take_back
from app.domain.lending.late_days import count_late_days, take_penal
from app.domain.lending.ledger import Account, Journal, Kind, Transfer
from app.domain.lending.loans import accrued_paise, accrued_since_cycle_began, make_plan
from app.domain.lending.positions import BillState, Decision, LoanStatus, PlanReason, PlanVersion, Position
from app.domain.lending.settlement import pay_rest_by_credit, settle, use_advances, use_interest_credit
from app.domain.payments.amounts import PaymentOutcome, check_amount, prepaid_paise, settled_paise, takes_more
from app.domain.payments.concessions import Concession, ConcessionBooking, ConcessionKind
from app.domain.payments.payments import (
    REPLAN_REQUESTS,
    PaymentOrder,
    TreatAs,
    charge_for_prepaying,
    check_order,
    foreclosure_charge,
    next_due,
    payoff,
)
from app.domain.products.charges import Charged
from app.domain.products.products import Component, PaymentPolicy, Replan

#: The accounts that a payment can go to.
_TAKEN = (
    Account.CHARGES,
    Account.INTEREST,
    Account.PRINCIPAL,
    Account.ADVANCE,
    Account.REFUND_PAYABLE,
    Account.RECOVERY_INCOME,
)


def decide_payment(position: Position, order: PaymentOrder) -> PaymentOutcome:
    """Takes a payment on a loan that is caught up to the value date. A refused payment changes nothing.

    The value date must not be before the position's `last_event_on`: an earlier one needs a replay. Raises
    LoanNotActive, LoanWrittenOff, NotWrittenOff, AmountNotPositive, ReferenceRequired, InstalmentUnknown,
    InstalmentPaid, EarlierInstalmentUnpaid, CashNotInUnit, AmountBeyondPayoff, AmountNotExact, ReplanNotOffered,
    ValueDateInFuture, ValueDateBeforeDisbursal. Source: docs/business-rules.md, payments.
    """
    check_order(position, order)
    check_amount(position, order)
    allocator = PaymentAllocator(position.copy(), order)
    allocator.take()
    return allocator.outcome()


@dataclass(slots=True)
class PaymentAllocator:
    """Allocates one payment on one position. It changes that position and collects the transfers and plans."""

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
        self.paid = dict.fromkeys(_TAKEN, 0)

    def take(self) -> None:
        """Takes the payment. The payoff amount closes the loan; any other amount is allocated in order.

        What is above the payoff is owed to the borrower. On a loan that has ended, it is all of the money, or it is a
        recovery: a replay may have closed the loan before it was written off.
        """
        position, on = self.position, self.order.value_date
        if position.status is not LoanStatus.ACTIVE:
            self._take_after_the_end()
            return
        count_late_days(position, on=on)
        self.left = settled_paise(position, self.order)
        self._round_cash()
        closing = payoff(position, on=on).total_paise
        beyond = self.left - closing if takes_more(position, self.order) else 0
        if beyond > 0:
            self._take(Kind.OVERPAYMENT, Account.REFUND_PAYABLE, beyond)
        if self.left and self.left == closing:
            self.pay_off()
            return
        self.pay_bills()
        # A small instalment of the plan is billed. A rest is what is left beyond the bills, or after the last one.
        may_leave_rest = self.left > 0 or not position.plan.due_on
        if self.left:
            self.prepay(self._principal_to_prepay())
            # Money that neither a bill nor the principal takes is an advance for the next bill.
            self._add_advance(self.left)
        settle(position, self.journal, self.states, on=on, number=self.order.payment_id)
        if may_leave_rest and position.terms.closes_small_rest:
            self._close_small_rest()

    def _take_after_the_end(self) -> None:
        if self.position.status is LoanStatus.WRITTEN_OFF:
            self._take(Kind.RECOVERY, Account.RECOVERY_INCOME, self.left)
        else:
            self._take(Kind.OVERPAYMENT, Account.REFUND_PAYABLE, self.left)

    def _round_cash(self) -> None:
        """Posts the difference between the cash that came and what it settles. What is settled is posted in full."""
        difference = self.left - self.order.amount_paise
        accounts = (Account.CASH_ROUNDING, Account.CASH)
        debit, credit = accounts if difference > 0 else accounts[::-1]
        rounding, on, number = Account.CASH_ROUNDING, self.order.value_date, self.order.payment_id
        self.journal.post(Kind.ROUNDING, debit, credit, abs(difference), rounding, on, None, number)

    def _close_small_rest(self) -> None:
        """Writes off a rest below the tolerance, and closes the loan."""
        number, on = self.order.payment_id, self.order.value_date
        rest = Concession(number=number, kind=ConcessionKind.SMALL_BALANCE, granted_on=on)
        ConcessionBooking(self.position, rest, journal=self.journal, states=self.states).grant()

    def outcome(self) -> PaymentOutcome:
        """The result, after `take`."""
        assert self.left == 0, "the whole amount is allocated"
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
            overpaid_paise=self.paid[Account.REFUND_PAYABLE],
            recovered_paise=self.paid[Account.RECOVERY_INCOME],
        )

    def _take(self, kind: Kind, account: Account, amount: int, *, cycle: int | None = None) -> None:
        on, number = self.order.value_date, self.order.payment_id
        self.journal.post(kind, Account.CASH, account, amount, account, on, cycle, number)
        self.left -= amount
        self.paid[account] += amount

    def pay_bills(self) -> None:
        """Pays the open bills, oldest first, as far as the money goes."""
        position = self.position
        for bill in position.open_bills[:]:
            if self.left == 0 and bill.unpaid_paise:
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

    def _principal_to_prepay(self) -> int:
        """How much of the remaining money and of earlier advances prepays principal, in paise. The rest, which stays in
        advance, is at most the next instalment of the new plan. A product of exact amounts keeps everything there."""
        position = self.position
        if position.terms.payment_policy is PaymentPolicy.EXACT or not position.plan.due_on:
            return 0
        pool = self.left + position.advance_paise
        most = min(pool, position.undemanded_principal_paise)
        amount = 0 if self.order.treat_as is TreatAs.INSTALMENT else min(self.left, most)
        return prepaid_paise(amount, most=most, pool=pool, instalment_after=self._instalment_after)

    def _instalment_after(self, amount: int) -> int:
        """The next instalment (paise) after a prepayment of `amount`, with the rest of the money in advance."""
        trial, on = self.position.copy(), self.order.value_date
        if amount:
            self._plan_anew(trial, amount)
        trial.unbilled_charges_paise += charge_for_prepaying(self.position, prepaid_paise=amount, on=on).total_paise
        trial.principal_paise -= amount
        trial.advance_paise += self.left - amount
        if trial.is_daily:
            # On the daily bases an advance lowers the interest-bearing balance too.
            trial.move(on, -self.left)
        return next_instalment_paise(trial, on=on)

    def _plan_anew(self, position: Position, amount: int) -> PlanVersion:
        """Makes the new plan without `amount` of principal. The position still includes that amount."""
        order = self.order
        choice = REPLAN_REQUESTS.get(order.treat_as, position.terms.prepayment)
        return make_plan(
            position,
            on=order.value_date,
            principal_paise=position.undemanded_principal_paise - amount,
            accrued=accrued_since_cycle_began(position, on=order.value_date),
            reason=PlanReason.PREPAYMENT,
            emi_paise=position.emi_paise if choice is Replan.EARLIER_END else None,
        )

    def _add_advance(self, amount: int) -> None:
        if amount == 0:
            return
        position = self.position
        position.advance_paise += amount
        position.advances.append((self.order.payment_id, amount))
        if position.is_daily:
            position.move(self.order.value_date, -amount)
        self._take(Kind.ADVANCE, Account.ADVANCE, amount)

    def prepay(self, amount: int) -> None:
        """Prepays undemanded principal, first with the remaining money and then with advances; makes a new plan."""
        if amount == 0:
            return
        position, on = self.position, self.order.value_date
        charged = charge_for_prepaying(position, prepaid_paise=amount, on=on)
        take_back(position, amount, on=on)
        self.plans.append(self._plan_anew(position, amount))
        fresh = min(self.left, amount)
        self._lower_principal(fresh, bears_interest=True)
        self._take(Kind.PREPAYMENT, Account.PRINCIPAL, fresh)
        self._prepay_from_advances(amount - fresh)
        self._charge(Kind.PREPAYMENT_CHARGE, charged)

    def _prepay_from_advances(self, amount: int) -> None:
        """Prepays principal with the advances of earlier payments, oldest first."""
        position, on = self.position, self.order.value_date
        used = use_advances(position, self.journal, Account.PRINCIPAL, owed=amount, on=on, kind=Kind.PREPAYMENT)
        assert used == amount, "the advances cover the prepaid amount"
        # On the daily bases the advance has lowered the interest-bearing balance already.
        self._lower_principal(used, bears_interest=not position.is_daily)
        position.advances = [(payment_id, part) for payment_id, part in position.advances if part]

    def _charge(self, kind: Kind, charged: Charged) -> None:
        charge(self.position, self.journal, charged, kind=kind, on=self.order.value_date, number=self.order.payment_id)

    def pay_off(self) -> None:
        """Closes the loan: posts the accrued interest, uses the advances, and takes the rest in cash."""
        position, on = self.position, self.order.value_date
        self._charge(Kind.PENAL_CHARGE, Charged(take_penal(position, on=on), 0))
        self._charge(Kind.PREPAYMENT_CHARGE, foreclosure_charge(position, on=on))
        accrued = accrued_paise(position, on=on)
        # The interest carries the payment's number, so that a reversal of the payment undoes it too.
        interest, income = Account.INTEREST, Account.INTEREST_INCOME
        self.journal.post(Kind.INTEREST, interest, income, accrued, interest, on, None, self.order.payment_id)
        position.interest_paise += accrued
        position.unbilled_interest_paise += accrued
        use_interest_credit(position, self.journal, self.states, on=on, number=self.order.payment_id)
        pay_rest_by_credit(position, self.journal, on=on, number=self.order.payment_id)
        self.pay_bills()
        for account, owed in (
            (Account.CHARGES, position.charges_paise),
            (Account.INTEREST, position.interest_paise),
            (Account.PRINCIPAL, position.principal_paise),
        ):
            self._take(Kind.PAYMENT, account, owed - use_advances(position, self.journal, account, owed=owed, on=on))
        position.advances = []
        position.interest_paise = position.principal_paise = position.unbilled_interest_paise = 0
        position.charges_paise = position.unbilled_charges_paise = 0
        position.late_principal_days = position.late_amount_days = 0
        position.movements = []
        position.close(on)
