"""Any life of any loan: billed, paid, waived, reversed, backdated, written off; the books hold after every step.

A tiny ledger of the test's own keeps the transfers and sums them. After each step the position must be what the
transfers say, and what living the loan again from its first day ends with.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.billing import Bill, Billing, catch_up
from app.domain.concessions import Concession, ConcessionKind, decide_concession
from app.domain.errors import DomainError
from app.domain.ledger import Account, Transfer
from app.domain.life import History, LaterPaymentsConflict, Replanned, relive
from app.domain.loans import disburse
from app.domain.payment_allocation import decide_payment
from app.domain.payments import PaymentOrder, TreatAs, next_due, payoff
from app.domain.positions import Decision, LoanStatus, PlanReason, Position
from app.domain.products import LateCharge, PaymentPolicy
from app.domain.replay import rewrite
from app.domain.seeded_products import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from tests.domain.lending import assert_books_balance

LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))
TERMS = [
    CREDIT_CARD.repayment,
    CREDIT_CARD_LOAN.repayment,
    PERSONAL_LOAN.repayment,
    STANDARD_LOAN.repayment,
    replace(CREDIT_CARD_LOAN.repayment, late_charge=LATE),
    replace(STANDARD_LOAN.repayment, late_charge=LATE, minimum_percent=Decimal(3), due_after_days=10),
    replace(CREDIT_CARD.repayment, payment_policy=PaymentPolicy.ALLOCATE),
]


@dataclass
class Books:
    """What a database would hold of one loan."""

    position: Position
    transfers: list[Transfer] = field(default_factory=list)
    bills: dict[int, Bill] = field(default_factory=dict)
    unpaid: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    payments: list[PaymentOrder] = field(default_factory=list)
    replanned: list[Replanned] = field(default_factory=list)
    concessions: list[Concession] = field(default_factory=list)

    def save(self, decision: Decision, bills: list[Bill] | None = None) -> None:
        self.position = decision.position
        self.transfers += decision.transfers
        for bill in bills or []:
            assert bill.cycle not in self.bills, "one bill a cycle"
            self.bills[bill.cycle] = bill
        for cycle, state in decision.states.items():
            self.unpaid[cycle] = (
                state.unpaid_charges_paise, state.unpaid_interest_paise, state.unpaid_principal_paise,
            )  # fmt: skip
        self.replanned += [
            Replanned(plan.made_on, plan.after_payment_id or 0)
            for plan in decision.plans
            if plan.reason is PlanReason.REPLAY
        ]

    def save_billing(self, billing: Billing) -> None:
        self.save(billing.decision, list(billing.bills))

    @property
    def history(self) -> History:
        return History(list(self.bills.values()), self.payments, self.transfers, self.replanned, self.concessions)

    def balance(self, account: Account) -> int:
        debits = sum(one.amount_paise for one in self.transfers if one.debit is account)
        return debits - sum(one.amount_paise for one in self.transfers if one.credit is account)


class LifeOfALoan(RuleBasedStateMachine):
    books: Books
    today: date
    number = 0

    @initialize(
        terms=st.sampled_from(TERMS),
        amount=st.integers(1_000_00, 10_00_000_00),
        rate=st.sampled_from(["0", "1", "8.8", "10.5", "14", "36", "48"]),
        instalments=st.integers(1, 8),
        start=st.dates(date(2023, 12, 25), date(2024, 3, 3)),
    )
    def begin(self, terms: object, amount: int, rate: str, instalments: int, start: date) -> None:
        decision = disburse(
            terms,  # type: ignore[arg-type]
            customer_id=1,
            loan_id=1,
            amount_paise=amount,
            annual_rate_percent=Decimal(rate),
            instalments=instalments,
            disbursed_on=start,
        )
        self.books = Books(decision.position)
        self.books.save(decision)
        self.today = start

    @rule(days=st.integers(1, 50))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.books.save_billing(catch_up(self.books.position, through=self.today))

    @rule(part=st.sampled_from(["due", "half", "twice", "paisa", "payoff", "odd"]), treat_as=st.sampled_from(TreatAs))
    def pay(self, part: str, treat_as: TreatAs) -> None:
        position = self.books.position
        due = next_due(position)
        owed = due.amount_paise if due else 1
        whole = payoff(position, on=self.today).total_paise if position.status is LoanStatus.ACTIVE else 1
        amounts = {
            "due": owed, "half": owed // 2, "twice": owed * 2, "paisa": 1, "payoff": whole, "odd": owed + 12_34,
        }  # fmt: skip
        self._try_payment(amounts[part], value_date=self.today, treat_as=treat_as)

    def _try_payment(self, amount: int, *, value_date: date, treat_as: TreatAs) -> None:
        before = self.books.position.copy()
        self.number += 1
        order = PaymentOrder(
            payment_id=self.number,
            amount_paise=amount,
            value_date=value_date,
            booked_on=self.today,
            treat_as=treat_as,
            reference=str(self.number),
        )
        try:
            outcome = decide_payment(self.books.position, order)
        except DomainError:
            assert self.books.position == before
            return
        self.books.payments.append(order)
        self.books.save(outcome.decision)

    @rule(part=st.sampled_from(["interest", "charges", "some", "all"]))
    def waive(self, part: str) -> None:
        bills = self.books.position.open_bills
        interest = sum(bill.unpaid_interest_paise for bill in bills)
        charges = sum(bill.unpaid_charges_paise for bill in bills)
        asked = {
            "interest": (interest, 0), "charges": (0, charges), "some": (interest // 2, charges // 3),
            "all": (interest, charges),
        }  # fmt: skip
        self._concede(ConcessionKind.WAIVER, *asked[part])

    @precondition(lambda self: self.today > self.books.position.disbursed_on + timedelta(days=60))
    @rule()
    def write_off(self) -> None:
        self._concede(ConcessionKind.WRITE_OFF, 0, 0)

    def _concede(self, kind: ConcessionKind, interest: int, charges: int) -> None:
        before = self.books.position.copy()
        self.number += 1
        concession = Concession(
            number=self.number, kind=kind, granted_on=self.today, interest_paise=interest, charges_paise=charges
        )
        try:
            decision = decide_concession(self.books.position, concession)
        except DomainError:
            assert self.books.position == before
            return
        self.books.concessions.append(concession)
        self.books.save(decision)

    @precondition(lambda self: self.books.payments)
    @rule(which=st.integers(0, 100))
    def reverse(self, which: int) -> None:
        payments = self.books.payments
        kept = [order for order in payments if order is not payments[which % len(payments)]]
        # A payment that bounced can always be taken back: the loan only owes more without it.
        self._rewrite(kept, may_refuse=False)

    @rule(days=st.integers(1, 120), amount=st.integers(1, 20_000_00))
    def backdate(self, days: int, amount: int) -> None:
        value_date = self.today - timedelta(days=days)
        if value_date < self.books.position.disbursed_on or self.books.position.status is LoanStatus.WRITTEN_OFF:
            return
        self.number += 1
        order = PaymentOrder(
            payment_id=self.number, amount_paise=amount, value_date=value_date, booked_on=self.today, reference="b"
        )
        self._rewrite([*self.books.payments, order], may_refuse=True)

    def _rewrite(self, payments: list[PaymentOrder], *, may_refuse: bool) -> None:
        before = self.books.position.copy()
        try:
            billing = rewrite(self.books.position, self.books.history, payments=payments, on=self.today)
        except LaterPaymentsConflict:
            assert may_refuse
            assert self.books.position == before
            return
        self.books.payments = payments
        self.books.save_billing(billing)

    @invariant()
    def the_books_hold(self) -> None:
        if not hasattr(self, "books"):
            return
        books, position = self.books, self.books.position
        assert_books_balance(position)
        assert books.balance(Account.PRINCIPAL) == position.principal_paise
        assert books.balance(Account.INTEREST) == position.interest_paise
        assert books.balance(Account.CHARGES) == position.charges_paise
        assert -books.balance(Account.ADVANCE) == position.advance_paise
        if position.status is LoanStatus.ACTIVE:
            assert position.next_event_on is not None or position.open_bills
        if position.status is LoanStatus.WRITTEN_OFF:
            owed = position.principal_paise, position.interest_paise, position.charges_paise, position.advance_paise
            assert owed == (0, 0, 0, 0)
            assert position.next_event_on is None
        if position.status is LoanStatus.CLOSED:
            assert payoff(position, on=self.today).total_paise == 0
            assert position.advance_paise == 0
        received = sum(order.amount_paise for order in books.payments)
        assert books.balance(Account.CASH) == received - position.disbursed_paise
        assert [one.number for one in books.transfers] == list(range(1, len(books.transfers) + 1))
        still_open = {cycle: parts for cycle, parts in books.unpaid.items() if sum(parts)}
        assert still_open == {
            bill.cycle: (bill.unpaid_charges_paise, bill.unpaid_interest_paise, bill.unpaid_principal_paise)
            for bill in position.open_bills
        }

    @invariant()
    def living_it_again_ends_here(self) -> None:
        if not hasattr(self, "books"):
            return
        position = self.books.position
        again = relive(position, self.books.history, through=self.today).position
        for figure in (
            "status", "closed_on", "next_cycle", "cycle_began_on", "next_billing_on", "principal_paise",
            "interest_paise", "charges_paise", "advance_paise", "unbilled_interest_paise", "advances", "open_bills",
        ):  # fmt: skip
            assert getattr(again, figure) == getattr(position, figure), figure


TestLifeOfALoan = LifeOfALoan.TestCase
TestLifeOfALoan.settings = settings(
    max_examples=60,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
