"""A loan on one page: the balance over time, what makes it current, and what happened to it."""

from dataclasses import replace
from datetime import date

from app.domain.billing.cycles import bring_up
from app.domain.delinquency.changes import STANDARD_STATE, Change, ChangeReason
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import PlanReason
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.reporting.loan_file import (
    Happening,
    MadePlan,
    PaidPart,
    Point,
    balance_lines,
    file_lines,
    happenings,
    to_be_current_paise,
)
from app.domain.reporting.statements import InstalmentStatus, PaymentFacts, StatementLine
from app.domain.rulebook.kinds import ProductKind
from tests.domain.made_loans import make_loan, pay

LENT_ON = date(2026, 11, 21)
BILLED_ON = date(2026, 12, 21)


def test_the_balance_is_that_of_the_plan_the_ledger_and_the_bills_to_come() -> None:
    """9,414.69 a month, of which 2,000.00 is the first interest. The first instalment is billed and not paid."""
    made = make_loan(STANDARD_LOAN, amount=200_000, rate="12", instalments=24, on=LENT_ON)
    due_on, principal = made.plan.due_on, made.plan.principal_paise
    lent = Transfer(
        1, 1, Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, 2_00_000_00, Account.PRINCIPAL, LENT_ON, LENT_ON
    )
    loan = bring_up(made, through=BILLED_ON).decision.position
    lines = balance_lines(loan, [lent], due_on=due_on, principal_paise=principal, on=BILLED_ON)
    assert lines.planned[:2] == (Point(LENT_ON, 2_00_000_00), Point(BILLED_ON, 1_92_585_31))
    assert (len(lines.planned), lines.planned[-1].balance_paise) == (25, 0)
    assert lines.real == (Point(LENT_ON, 2_00_000_00), Point(BILLED_ON, 2_00_000_00))
    # The open bill is assumed to be paid on the day; then 23 bills are to come, and nothing is left.
    assert lines.ahead[:2] == (Point(BILLED_ON, 2_00_000_00), Point(BILLED_ON, 1_92_585_31))
    assert (len(lines.ahead), lines.ahead[-1].balance_paise) == (25, 0)


def test_what_makes_a_loan_current_is_all_that_is_past_due_however_small() -> None:
    made = make_loan(STANDARD_LOAN, amount=200_000, rate="12", instalments=24, on=LENT_ON)
    loan = bring_up(made, through=BILLED_ON).decision.position
    due_on = loan.open_bills[0].due_on
    after = date.fromordinal(due_on.toordinal() + 1)
    assert (to_be_current_paise(loan, on=due_on), to_be_current_paise(loan, on=after)) == (0, 9_414_69)
    loan = pay(loan, amount=9_414_00, on=BILLED_ON).decision.position
    loan.terms = replace(loan.terms, tolerance_paise=100)
    assert (loan.overdue_paise(after), to_be_current_paise(loan, on=after)) == (0, 69)


def test_an_instalment_has_its_bill_and_its_payments_on_one_line() -> None:
    line = StatementLine(1, BILLED_ON, BILLED_ON, InstalmentStatus.PARTIALLY_PAID, 7_414_69, 2_000_00, 4_414_69)
    parts = [PaidPart(7, BILLED_ON, 3_000_00), PaidPart(8, BILLED_ON, 2_000_00)]
    (shown,) = file_lines([line], settled={1: None}, charges={1: 54_34}, paid={1: parts})
    assert (shown.amount_paise, shown.paid_paise, shown.unpaid_paise) == (9_414_69, 5_000_00, 4_414_69)
    assert shown.charges_paise == 54_34
    assert [part.payment_id for part in shown.payments] == [7, 8]


def test_what_happened_is_told_in_words_the_latest_first() -> None:
    paid = PaymentFacts(
        payment_id=7, value_date=date(2026, 12, 1), amount_paise=500_00, charges_paise=0, interest_paise=0,
        principal_paise=500_00, advance_paise=0, method="UPI", reference="UTR-1", reversed_on=date(2026, 12, 5),
    )  # fmt: skip
    waived = [
        Transfer(number, 3, Kind.WAIVER, Account.WAIVERS, account, paise, account, date(2026, 12, 9), date(2026, 12, 9))
        for number, account, paise in ((3, Account.INTEREST, 100_00), (4, Account.CHARGES, 50_00))
    ]
    key = FacilityKey(ProductKind.LOAN, 1)
    worse = STANDARD_STATE._replace(asset_class=AssetClass.SMA_0)
    changes = [
        Change(key, date(2026, 12, 21), STANDARD_STATE, worse, ChangeReason.FELL_DUE, 1),
        # Another oldest instalment is no other class.
        Change(key, date(2027, 1, 21), worse, worse._replace(cycle=2), ChangeReason.PAID, 2),
    ]
    plans = [
        MadePlan(1, LENT_ON, PlanReason.DISBURSAL, 9_414_69),
        MadePlan(2, date(2026, 12, 1), PlanReason.PREPAYMENT, 9_300_00),
    ]
    assert happenings(plans, [paid], waived, changes) == [
        Happening(on=date(2026, 12, 21), what="Class SMA-0", details="instalment fell due"),
        Happening(on=date(2026, 12, 9), what="A waiver", details="₹150.00"),
        Happening(on=date(2026, 12, 5), what="₹500.00 taken back", details="UPI UTR-1"),
        Happening(on=date(2026, 12, 1), what="A new plan", details="EMI ₹9,300.00, prepayment"),
        Happening(on=date(2026, 12, 1), what="₹500.00 received", details="UPI UTR-1"),
        Happening(on=LENT_ON, what="The loan is paid out", details="EMI ₹9,414.69, disbursal"),
    ]
