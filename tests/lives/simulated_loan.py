"""A simulated loan: its contract, its books, and the actions that were done to it.

An action is stored with its figures, so the same actions on the same contract always give the same loan. Fewer actions
give a shorter example, which is how a failure is made small (`shrinking`).
"""

import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from app.domain.billing.cycles import catch_up
from app.domain.billing.waived_tax import waived_taxes
from app.domain.errors import DomainError
from app.domain.lending.charges import BookedCharge, ChargeKind
from app.domain.lending.ledger import Account
from app.domain.lending.positions import BillState, LoanStatus
from app.domain.money import RoundingMode
from app.domain.payments.allocation import decide_payment
from app.domain.payments.changes import LoanChange, check_unbilled
from app.domain.payments.changing import decide_change
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession
from app.domain.payments.histories import action_order
from app.domain.payments.payments import PaymentOrder, check_order
from app.domain.payments.refunds import Refund, decide_refund, owed_to_borrower_paise
from app.domain.payments.replay import check_backdated, rewrite, standing_groups
from app.domain.payments.replayed_loan import LaterPaymentsConflict, replay_loan
from app.domain.payments.service_charges import decide_service_charge
from app.domain.products.charge_terms import FeePaid
from app.domain.products.charges import NOTHING, bounce_charge
from app.domain.reporting.reconciliation import REPLAYED_FIGURES
from tests.domain.made_loans import assert_books_balance
from tests.lives.actions import Action
from tests.lives.contracts import SERVICE, Contract
from tests.lives.day_ends import judge_day_end
from tests.lives.drawn_changes import change_of_action
from tests.lives.forecast_checks import Violation, payment_violations
from tests.lives.loan_books import Books


@dataclass
class SimulatedLoan:
    """A loan, its books, and the actions that were applied to it."""

    contract: Contract
    books: Books
    today: date
    actions: list[Action] = field(default_factory=list)
    number: int = 0
    found: list[Violation] = field(default_factory=list)

    @classmethod
    def begin(cls, contract: Contract) -> "SimulatedLoan":
        decision = contract.disburse()
        books = Books(decision.position)
        books.save(decision)
        return cls(contract, books, contract.disbursed_on)

    def copy(self) -> "SimulatedLoan":
        """The loan as it is, to try something on it."""
        return replace(self, books=self.books.copy(), actions=self.actions[:], found=[])

    @property
    def day(self) -> int:
        """The number of days since the disbursal."""
        return (self.today - self.contract.disbursed_on).days

    @property
    def owed_to_borrower_paise(self) -> int:
        return -self.books.balance(Account.REFUND_PAYABLE)

    def apply(self, action: Action) -> None:
        """Moves to the action's day and applies the action. A refused action changes nothing."""
        self.actions.append(action)
        self.today = max(self.contract.disbursed_on + timedelta(days=action.day), self.today)
        self.books.save_billing(catch_up(self.books.position, through=self.today))
        match action.kind:
            case "pay":
                self._pay(action)
            case "reverse":
                self._reverse(action)
            case "day_end":
                self.found += judge_day_end(self.books, on=self.today)
            case "take_charge_back" | "charge":
                self._charge(action)
            case "waive" | "waive_charge" | "write_off" | "small_balance":
                self._concede(action)
            case "refund":
                self._refund(action.first)
            case "undo":
                self._undo(action.first)
            case "rate" | "restructure" | "due_day" | "top_up":
                self._change(action)

    def _order(self, action: Action, *, value_date: date) -> PaymentOrder:
        self.number += 1
        return PaymentOrder(
            payment_id=self.number,
            amount_paise=action.first,
            value_date=value_date,
            booked_on=self.today,
            treat_as=action.treat_as,
            instalment=action.instalment or None,
            reference=str(self.number),
            is_cash=self.contract.terms.cash_unit_paise > 1 and action.first % self.contract.terms.cash_unit_paise == 0,
        )

    def _pay(self, action: Action) -> None:
        """Takes a payment as the service does, with a value date `second` days ago."""
        order = self._order(action, value_date=self.today - timedelta(days=action.second))
        before = self.books.position
        with unchanged_on_refusal(self.books):
            if order.value_date < before.last_event_on:
                check_order(before, order)
                check_backdated(before, self.books.history, order)
                self._rewrite([*self.books.payments, order])
                return
            outcome = decide_payment(before, order)
            self.books.payments.append(order)
            self.books.save(outcome.decision)
            self.found += payment_violations(before, self.books.position, order)

    def _reverse(self, action: Action) -> None:
        remaining = [order for order in self.books.payments if order.payment_id != action.first]
        if len(remaining) < len(self.books.payments):
            # A payment can always be reversed: without it the loan owes more. One exception: when interest is rounded
            # up, or to more than a paisa, one new plan less may mean a little less interest.
            rounding = self.contract.terms.interest_rounding
            may_refuse = rounding.mode is RoundingMode.UP or rounding.unit_paise > 1
            # A prepayment of a part may be taken back that saved its payer the charge of a foreclosure.
            prepaid = self.contract.terms.charges is not None and self.contract.terms.charges.prepayment is not None
            self._rewrite(remaining, may_refuse=may_refuse or prepaid, charges=self._with_bounce(action))

    def _with_bounce(self, action: Action) -> list[BookedCharge]:
        """The charges with that of a returned payment, as the service books it. A payment that was entered by mistake
        (`second` is 1) costs nothing."""
        charges, bounce = self.contract.terms.charges, NOTHING
        if charges is not None and not action.second:
            bounce = bounce_charge(charges.bounce, on=self.today)
        if not bounce.total_paise:
            return self.books.charges
        self.number += 1
        booked = BookedCharge(
            number=self.number, kind=ChargeKind.BOUNCE, booked_on=self.today, charged=bounce, payment_id=action.first
        )
        return [*self.books.charges, booked]

    def _rewrite(
        self, payments: list[PaymentOrder], *, may_refuse: bool = True, charges: list[BookedCharge] | None = None
    ) -> None:
        standing = self.books.charges if charges is None else charges
        history = self.books.history._replace(charges=standing)
        with unchanged_on_refusal(self.books):
            try:
                billing = rewrite(self.books.position, history, payments=payments, on=self.today)
            except LaterPaymentsConflict:
                assert may_refuse, "a bounced payment can be reversed"
                raise
            self.books.payments, self.books.charges = payments, standing
            self.books.save_billing(billing)

    def _concede(self, action: Action) -> None:
        match action.kind:
            case "waive":
                self._grant(ConcessionKind.WAIVER, interest=action.first, charges=action.second)
            case "waive_charge":
                self._grant(ConcessionKind.WAIVER, interest=0, charges=action.second, charge=action.first)
            case kind:
                self._grant(ConcessionKind(kind), interest=0, charges=0)

    def _grant(self, kind: ConcessionKind, *, interest: int, charges: int, charge: int | None = None) -> None:
        self.number += 1
        concession = Concession(
            number=self.number, kind=kind, granted_on=self.today, interest_paise=interest, charges_paise=charges
        )
        with unchanged_on_refusal(self.books):
            decide_concession(self.books.position, concession)
            if charges:
                taxes = waived_taxes(
                    standing_groups(self.books.transfers),
                    before=[part for earlier in self.books.concessions for part in earlier.taxes],
                    charges_paise=charges,
                    on=self.today,
                    charge=None if charge is None else ("payment", charge),
                )
                concession = replace(concession, taxes=taxes)
            decision = decide_concession(self.books.position, concession)
            self.books.concessions.append(concession)
            self.books.save(decision)

    def _charge(self, action: Action) -> None:
        """Books the charge that an officer may book, or takes one back, as the service does."""
        if action.kind == "take_charge_back":
            standing = [charge for charge in self.books.charges if charge.number != action.first]
            self._rewrite(self.books.payments, charges=standing)
            return
        self.number += 1
        with unchanged_on_refusal(self.books):
            booked, decision = decide_service_charge(self.books.position, SERVICE, number=self.number, on=self.today)
            self.books.charges = [*self.books.charges, booked]
            self.books.save(decision)

    def _refund(self, amount: int) -> None:
        self.number += 1
        refund = Refund(number=self.number, paid_on=self.today, amount_paise=amount)
        with unchanged_on_refusal(self.books):
            decision = decide_refund(
                self.books.position, refund, owed_paise=owed_to_borrower_paise(self.books.transfers)
            )
            self.books.refunds.append(refund)
            self.books.save(decision)

    def _change(self, action: Action) -> None:
        """Changes the loan as the service does, from `back` days ago on; `second` says how."""
        self.number += 1
        books, made_on = self.books, max(self.today - timedelta(days=action.back), self.contract.disbursed_on)
        with unchanged_on_refusal(books):
            change = change_of_action(action, books.position, number=self.number, on=self.today, made_on=made_on)
            if made_on >= books.position.last_event_on:
                decision = decide_change(books.position, change)
                books.changes.append(change)
                books.save(decision)
                books.save_billing(catch_up(books.position, through=self.today))
                return
            self._check_unbilled(change)
            known = books.history.before(action_order(change))
            decide_change(replay_loan(books.position, known, through=made_on).position, change)
            self._rewrite_changes([*books.changes, change])

    def _undo(self, number: int) -> None:
        undone = [change for change in self.books.changes if change.number == number]
        if not undone:
            return
        remaining = [change for change in self.books.changes if change.number != number]
        with unchanged_on_refusal(self.books):
            self._check_unbilled(undone[0])
            self._rewrite_changes(remaining)

    def _check_unbilled(self, change: LoanChange) -> None:
        billed = max((bill.billed_on for bill in self.books.bills.values()), default=None)
        check_unbilled(change, last_billed_on=billed)

    def _rewrite_changes(self, changes: list[LoanChange]) -> None:
        books = self.books
        billing = rewrite(books.position, books.history, payments=books.payments, changes=changes, on=self.today)
        books.changes = changes
        books.save_billing(billing)

    def violations(self, *, thorough: bool = True) -> Iterator[Violation]:
        """The violations of the books today. `thorough` also replays the loan, which takes most of the time."""
        yield from self.found
        try:
            self._check_books()
        except AssertionError:
            yield crash_violation("books")
        if not thorough:
            return
        for one in self.books.differences():
            yield Violation(f"reconcile.{one.figure.split()[0]}", f"stored {one.stored}, derived {one.derived}")
        again = replay_loan(self.books.position, self.books.history, through=self.today).position
        for figure in REPLAYED_FIGURES:
            if figure != "movements" and getattr(again, figure) != getattr(self.books.position, figure):
                found = f"stored {getattr(self.books.position, figure)}, replayed {getattr(again, figure)}"
                yield Violation(f"replay.{figure}", found)

    def _check_books(self) -> None:
        books, position = self.books, self.books.position
        assert_books_balance(position)
        assert books.balance(Account.PRINCIPAL) == position.principal_paise
        assert books.balance(Account.INTEREST) == position.interest_paise
        assert books.balance(Account.CHARGES) == position.charges_paise
        assert -books.balance(Account.ADVANCE) == position.advance_paise
        received = sum(order.amount_paise for order in books.payments)
        upfront = sum(fee.total_paise for fee in self.contract.fees if fee.paid is FeePaid.UPFRONT)
        deducted = sum(fee.total_paise for fee in self.contract.fees if fee.paid is FeePaid.DEDUCTED)
        paid_out = sum(refund.amount_paise for refund in books.refunds)
        paid_out += sum(change.amount_paise for change in books.changes)
        lent = self.contract.amount_paise - upfront - deducted
        assert books.balance(Account.CASH) == received - lent - paid_out
        assert [one.number for one in books.transfers] == list(range(1, len(books.transfers) + 1))
        assert {state.cycle: _unpaid(state) for state in books.states.values() if state.unpaid_paise} == {
            bill.cycle: _unpaid(bill) for bill in position.open_bills
        }
        if position.status is LoanStatus.ACTIVE:
            assert position.next_event_on is not None or position.open_bills, "an active loan has a next event"
            assert position.next_billing_on is not None or not position.undemanded_principal_paise, "no bill to come"


def _unpaid(state: BillState) -> tuple[int, int, int]:
    return state.unpaid_charges_paise, state.unpaid_interest_paise, state.unpaid_principal_paise


#: The error codes with which a random payment or concession may be refused.
EXPECTED = {
    "rate_unchanged",
    "amount_beyond_payoff", "amount_not_exact", "replan_not_offered", "loan_not_active", "loan_written_off",
    "later_payments_conflict", "value_date_before_disbursal", "waiver_of_nothing", "waiver_beyond_owed",
    "nothing_to_write_off", "balance_not_small", "not_written_off", "cash_not_in_unit", "refund_of_nothing",
    "refund_beyond_owed", "change_not_possible", "balance_would_grow", "tenor_too_long", "due_day_unchanged",
    "restructure_of_nothing", "moratorium_too_long", "top_up_with_arrears", "change_billed", "due_rule_invalid",
    "emi_of_both", "charge_not_owed", "instalment_paid", "earlier_instalment_unpaid", "instalment_unknown",
    "rate_below_zero",
}  # fmt: skip


class unchanged_on_refusal:  # noqa: N801 - reads as a phrase
    """Accepts a refusal with an expected code, and checks that it did not change the position."""

    def __init__(self, books: Books) -> None:
        self.books, self.before = books, books.position.copy()

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, DomainError):
            return False
        assert error.code in EXPECTED, error
        assert self.books.position == self.before, "a refusal changes nothing"
        return True


def crash_violation(where: str) -> Violation:
    """The error that is being handled, as a violation that is named after the place of the error."""
    error = sys.exception()
    assert error is not None
    last = traceback.extract_tb(error.__traceback__)[-1]
    return Violation(f"crash.{where}.{Path(last.filename).stem}.{last.name}", traceback.format_exc()[-1500:])
