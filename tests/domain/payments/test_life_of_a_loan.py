"""Any sequence of actions on any loan: the books balance after every step, and forecasts come true.

The actions are those of `tests/lives/simulated_loan.py`: payments, waivers, reversals, write-offs. Here hypothesis
chooses them and shrinks a failure. After each step the position must follow from the transfers, a replay must give the
same position, and `kist reconcile` must find no difference.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.calendar import DayCount, Frequency
from app.domain.lending.ledger import Account
from app.domain.lending.positions import LoanStatus
from app.domain.payments.payments import TreatAs, next_due, payoff
from app.domain.products.products import LateCharge, PaymentPolicy, RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation
from tests.domain.made_loans import EVERY_CHARGE
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.forecast_checks import violations
from tests.lives.simulated_loan import SimulatedLoan

LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))
CARD, CARD_LOAN = CREDIT_CARD.repayment, CREDIT_CARD_LOAN.repayment
PERSONAL, STANDARD = PERSONAL_LOAN.repayment, STANDARD_LOAN.repayment
TERMS = [
    CARD,
    CARD_LOAN,
    PERSONAL,
    STANDARD,
    replace(CARD_LOAN, late_charge=LATE),
    replace(CARD_LOAN, late_charge=replace(LATE, grace_days=4, tolerance_paise=50_00)),
    replace(STANDARD, charges=EVERY_CHARGE),
    replace(STANDARD, charges=EVERY_CHARGE, minimum_percent=Decimal(3), due_after_days=10, tolerance_paise=1_00),
    replace(CARD_LOAN, charges=replace(EVERY_CHARGE, overdue_interest=False)),
    replace(STANDARD, late_charge=LATE, minimum_percent=Decimal(3), due_after_days=10),
    replace(CARD, payment_policy=PaymentPolicy.ALLOCATE),
    replace(STANDARD, amortisation=Amortisation.EQUAL_PRINCIPAL, late_charge=LATE, tolerance_paise=1_00),
    replace(STANDARD, amortisation=Amortisation.INTEREST_ONLY),
    replace(CARD_LOAN, takes_overpayment=True, closes_small_rest=True, tolerance_paise=10_00, cash_unit_paise=1_00),
    replace(STANDARD, takes_overpayment=True, closes_small_rest=True, tolerance_paise=10_00, cash_unit_paise=1_00),
    replace(PERSONAL, frequency=Frequency.WEEK, due_day=None, late_charge=LATE),
    replace(STANDARD, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_E_360_ISDA, every=3),
    replace(CARD_LOAN, every=1, day_count=DayCount.ACTUAL_360, interest_rounding=PERSONAL.interest_rounding),
    replace(CARD_LOAN, interest_basis=InterestBasis.DAYS, day_count=DayCount.ACTUAL_ACTUAL_ISDA, due_day=31, every=1,
            frequency=Frequency.MONTH),
]  # fmt: skip


class LoanStateMachine(RuleBasedStateMachine):
    loan: SimulatedLoan

    @initialize(
        terms=st.sampled_from(TERMS),
        amount=st.integers(1_000_00, 10_00_000_00),
        rate=st.sampled_from(["0", "1", "8.8", "10.5", "14", "36", "48"]),
        instalments=st.integers(1, 8),
        start=st.dates(date(2023, 12, 25), date(2024, 3, 3)),
    )
    def begin(self, terms: RepaymentTerms, amount: int, rate: str, instalments: int, start: date) -> None:
        contract = Contract(
            product="",
            terms=terms,
            amount_paise=amount,
            annual_rate_percent=Decimal(rate),
            instalments=instalments,
            disbursed_on=start,
        )
        self.loan = SimulatedLoan.begin(contract)

    def act(self, kind: str, first: int = 0, second: int = 0, treat_as: TreatAs = TreatAs.INSTALMENT) -> None:
        self.loan.apply(Action(self.loan.day, kind, first, second, treat_as))

    @rule(days=st.integers(1, 50))
    def wait(self, days: int) -> None:
        self.loan.apply(Action(self.loan.day + days, "wait"))

    @rule(
        part=st.sampled_from(["due", "minimum", "half", "twice", "paisa", "payoff", "nearly", "odd", "more", "rupees"]),
        treat_as=st.sampled_from(TreatAs),
        back=st.sampled_from([0, 0, 0, 1, 14, 15, 16, 31, 90]),
    )
    def pay(self, part: str, treat_as: TreatAs, back: int) -> None:
        position = self.loan.books.position
        due = next_due(position)
        owed = due.amount_paise if due else 1
        whole = payoff(position, on=self.loan.today).total_paise if position.status is LoanStatus.ACTIVE else 1
        amounts = {
            "due": owed, "half": owed // 2, "twice": owed * 2, "paisa": 1, "payoff": whole, "odd": owed + 12_34,
            "minimum": due.minimum_paise if due else 1, "nearly": whole - 58, "more": whole + 250_00,
            "rupees": (owed + 50) // 100 * 100,
        }  # fmt: skip
        self.act("pay", max(amounts[part], 1), min(back, self.loan.day), treat_as)

    @rule(days=st.integers(1, 120), amount=st.integers(1, 20_000_00))
    def enter_backdated_payment(self, days: int, amount: int) -> None:
        self.act("pay", amount, min(days, self.loan.day))

    @rule(part=st.sampled_from(["interest", "charges", "some", "all"]))
    def waive(self, part: str) -> None:
        # The interest on the books, which a credit of interest may make less than the unpaid interest of open bills.
        position = self.loan.books.position
        interest, charges = max(position.interest_paise, 0), position.charges_paise
        amounts = {
            "interest": (interest, 0), "charges": (0, charges), "some": (interest // 2, charges // 3),
            "all": (interest, charges),
        }  # fmt: skip
        self.act("waive", *amounts[part])

    @precondition(lambda self: self.loan.day > 60)
    @rule()
    def write_off(self) -> None:
        self.act("write_off")

    @rule()
    def close_small_balance(self) -> None:
        self.act("small_balance")

    @rule()
    def refund(self) -> None:
        self.act("refund", -self.loan.books.balance(Account.REFUND_PAYABLE))

    @precondition(lambda self: self.loan.books.payments)
    @rule(which=st.integers(0, 100))
    def reverse(self, which: int) -> None:
        payments = self.loan.books.payments
        self.act("reverse", payments[which % len(payments)].payment_id)

    @precondition(lambda self: self.loan.books.charges)
    @rule(which=st.integers(0, 100))
    def take_charge_back(self, which: int) -> None:
        charges = self.loan.books.charges
        self.act("take_charge_back", charges[which % len(charges)].number)

    @rule()
    def forecasts_come_true(self) -> None:
        assert list(violations(self.loan.books, on=self.loan.today)) == []

    @invariant()
    def books_balance(self) -> None:
        if hasattr(self, "loan"):
            assert list(self.loan.violations()) == []


TestLifeOfALoan = LoanStateMachine.TestCase
TestLifeOfALoan.settings = settings(
    max_examples=120,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
