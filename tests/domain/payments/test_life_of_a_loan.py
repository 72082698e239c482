"""Any life of any loan: billed, paid, waived, reversed, backdated, prepaid, written off; the books hold after every
step, and what is shown on any day is what happens.

The steps are those of `tests/lives/life.py`; here hypothesis chooses them, and makes a failure small. After each step
the position must be what the transfers say, what living the loan again from its first day ends with, and what
`kist reconcile` finds no difference in.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.calendar import DayCount, Frequency
from app.domain.lending.positions import LoanStatus
from app.domain.payments.payments import TreatAs, next_due, payoff
from app.domain.products.products import LateCharge, PaymentPolicy, RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation
from tests.lives.contracts import Contract
from tests.lives.law import breaches
from tests.lives.life import Deed, Life

LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))
CARD, CARD_LOAN = CREDIT_CARD.repayment, CREDIT_CARD_LOAN.repayment
PERSONAL, STANDARD = PERSONAL_LOAN.repayment, STANDARD_LOAN.repayment
TERMS = [
    CARD,
    CARD_LOAN,
    PERSONAL,
    STANDARD,
    replace(CARD_LOAN, late_charge=LATE),
    replace(STANDARD, late_charge=LATE, minimum_percent=Decimal(3), due_after_days=10),
    replace(CARD, payment_policy=PaymentPolicy.ALLOCATE),
    replace(STANDARD, amortisation=Amortisation.EQUAL_PRINCIPAL, late_charge=LATE, tolerance_paise=1_00),
    replace(STANDARD, amortisation=Amortisation.INTEREST_ONLY),
    replace(PERSONAL, frequency=Frequency.WEEK, due_day=None, late_charge=LATE),
    replace(STANDARD, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_E_360_ISDA, every=3),
    replace(CARD_LOAN, every=1, day_count=DayCount.ACTUAL_360, interest_rounding=PERSONAL.interest_rounding),
    replace(CARD_LOAN, interest_basis=InterestBasis.DAYS, day_count=DayCount.ACTUAL_ACTUAL_ISDA, due_day=31, every=1,
            frequency=Frequency.MONTH),
]  # fmt: skip


class LifeOfALoan(RuleBasedStateMachine):
    life: Life

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
        self.life = Life.begin(contract)

    def do(self, what: str, first: int = 0, second: int = 0, treat_as: TreatAs = TreatAs.INSTALMENT) -> None:
        self.life.do(Deed(self.life.day, what, first, second, treat_as))

    @rule(days=st.integers(1, 50))
    def time_passes(self, days: int) -> None:
        self.life.do(Deed(self.life.day + days, "wait"))

    @rule(
        part=st.sampled_from(["due", "minimum", "half", "twice", "paisa", "payoff", "nearly", "odd"]),
        treat_as=st.sampled_from(TreatAs),
        back=st.sampled_from([0, 0, 0, 1, 14, 15, 16, 31, 90]),
    )
    def pay(self, part: str, treat_as: TreatAs, back: int) -> None:
        position = self.life.books.position
        due = next_due(position)
        owed = due.amount_paise if due else 1
        whole = payoff(position, on=self.life.today).total_paise if position.status is LoanStatus.ACTIVE else 1
        amounts = {
            "due": owed, "half": owed // 2, "twice": owed * 2, "paisa": 1, "payoff": whole, "odd": owed + 12_34,
            "minimum": due.minimum_paise if due else 1, "nearly": whole - 58,
        }  # fmt: skip
        self.do("pay", max(amounts[part], 1), min(back, self.life.day), treat_as)

    @rule(days=st.integers(1, 120), amount=st.integers(1, 20_000_00))
    def find_an_old_payment(self, days: int, amount: int) -> None:
        self.do("pay", amount, min(days, self.life.day))

    @rule(part=st.sampled_from(["interest", "charges", "some", "all"]))
    def waive(self, part: str) -> None:
        # What the loan owes, which a credit of interest may make less than what its open bills ask for.
        position = self.life.books.position
        interest, charges = max(position.interest_paise, 0), position.charges_paise
        asked = {
            "interest": (interest, 0), "charges": (0, charges), "some": (interest // 2, charges // 3),
            "all": (interest, charges),
        }  # fmt: skip
        self.do("waive", *asked[part])

    @precondition(lambda self: self.life.day > 60)
    @rule()
    def write_off(self) -> None:
        self.do("write_off")

    @rule()
    def forget_a_rest(self) -> None:
        self.do("forget")

    @precondition(lambda self: self.life.books.payments)
    @rule(which=st.integers(0, 100))
    def reverse(self, which: int) -> None:
        payments = self.life.books.payments
        self.do("reverse", payments[which % len(payments)].payment_id)

    @rule()
    def what_is_shown_is_what_happens(self) -> None:
        assert list(breaches(self.life.books, on=self.life.today)) == []

    @invariant()
    def the_books_hold(self) -> None:
        if hasattr(self, "life"):
            assert list(self.life.faults()) == []


TestLifeOfALoan = LifeOfALoan.TestCase
TestLifeOfALoan.settings = settings(
    max_examples=120,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
