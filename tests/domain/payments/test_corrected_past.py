"""What is left of bills, plans and explanations when the past turns out otherwise, with exact figures.

Each case is a random life of `tests/lives` that once did not reconcile or was explained wrongly.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.billing.issued_bills import bills_up_to_date
from app.domain.calendar import Frequency
from app.domain.delinquency.facilities import facility_of_loan
from app.domain.lending.agreements import DueRule
from app.domain.lending.ledger import Account
from app.domain.lending.positions import LoanStatus, Plan
from app.domain.money import Rounding, RoundingMode
from app.domain.payments.histories import posted_interest_paise
from app.domain.payments.payments import TreatAs, next_due, payoff
from app.domain.products.charge_terms import ChargeTerms, PenalRate, PrepaymentCharge, ServiceCharge
from app.domain.products.products import PaymentPolicy, RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.reporting.explanations import CycleInterest, explain_interest
from app.domain.reporting.statements import credits_used, make_statement
from app.domain.schedules.interest import InterestBasis
from tests.lives.actions import Action
from tests.lives.contracts import SERVICE, Contract
from tests.lives.simulated_loan import SimulatedLoan

NEW_YEAR = date(2024, 1, 1)
STANDARD, FLAT = STANDARD_LOAN.repayment, PERSONAL_LOAN.repayment
CAPITALISE_ARREARS = 4
INTEREST_CAPITALISED_ONCE = 2
INTEREST_CAPITALISED_THRICE = 2 + 2 * 16
TENOR = 1
#: Days from the first of January 2024 to the first of each later month of the year.
MONTHS = [(date(2024, month, 1) - NEW_YEAR).days for month in range(2, 13)]


def live(
    terms: RepaymentTerms, *actions: Action, rupees: str, instalments: int, on: date = NEW_YEAR, rate: str = "12"
) -> SimulatedLoan:
    """A loan of 12 % after these actions. Its books reconcile after each."""
    contract = Contract(
        product="",
        terms=terms,
        amount_paise=int(Decimal(rupees) * 100),
        annual_rate_percent=Decimal(rate),
        instalments=instalments,
        disbursed_on=on,
    )
    loan = SimulatedLoan.begin(contract)
    for action in actions:
        loan.apply(action)
        assert list(loan.violations()) == []
    return loan


def explained(loan: SimulatedLoan) -> tuple[CycleInterest, ...]:
    """The interest from the first day until today."""
    position = loan.books.position
    return explain_interest(
        position, loan.books.history, from_on=position.disbursed_on, to_on=loan.today, today=loan.today
    )


def figures(loan: SimulatedLoan) -> list[tuple[int, int]]:
    """The explained interest of each cycle, in paise. That of the billed cycles is what was posted."""
    found = [(cycle.cycle, cycle.rounded_paise) for cycle in explained(loan)]
    billed = sum(paise for number, paise in found if number in loan.books.bills)
    assert billed == posted_interest_paise(loan.books.transfers)
    return found


def open_bills(loan: SimulatedLoan) -> list[tuple[int, int, int]]:
    """The number of each open bill, its unpaid interest and its unpaid principal."""
    return [
        (bill.cycle, bill.unpaid_interest_paise, bill.unpaid_principal_paise) for bill in loan.books.position.open_bills
    ]


# --- bills that the past no longer has ---


def test_a_top_up_is_undone_after_bills_on_it() -> None:
    """1,000 in one instalment, and 3,440 more in five. Without it, the first bill asks for its interest of 10.00 and
    966.71, the second for nothing, and the other 33.29 is asked for on the next date, without interest."""
    topped = Action(1, "top_up", 3_440_00, TENOR)
    loan = live(STANDARD, topped, Action(90, "undo", 1), rupees="1000", instalments=1)
    position = loan.books.position
    assert [(bill.interest_paise, bill.principal_due_paise) for bill in loan.books.bills.values()] == [
        (43_29, 966_71), (34_73, 975_27),
    ]  # fmt: skip
    assert open_bills(loan) == [(1, 10_00, 966_71)]
    assert (position.next_cycle, position.plan) == (3, Plan([date(2024, 4, 1)], [33_29], [0]))
    # A bill that asks for nothing was never past due.
    arrears = facility_of_loan(position, loan.books.history, through=loan.today).facility.arrears
    assert [(one.cycle, one.is_unpaid(date(2024, 3, 15))) for one in arrears] == [(1, True), (2, False)]

    loan = live(STANDARD, topped, Action(90, "undo", 1), Action(122, "pay", 1), rupees="1000", instalments=1)
    assert open_bills(loan) == [(1, 9_99, 966_71), (3, 0, 33_29)]
    assert figures(loan) == [(1, 10_00), (3, 0), (4, 0)]


def test_a_backdated_prepayment_ends_a_daily_plan_before_its_last_bill() -> None:
    """The fourth bill asks for nothing then, and interest of 0.69 that no bill demanded is asked for a day later."""
    loan = live(
        replace(FLAT, frequency=Frequency.DAY, due_day=None, due_after_days=15),
        Action(3, "pay", 42_00),
        Action(4, "pay", 700_00, 4, TreatAs.EARLIER_END),
        Action(23, "pay", 1_00),
        rupees="1000",
        instalments=7,
    )
    assert [(bill.cycle, bill.billed_on.day) for bill in loan.books.bills.values()] == [
        (1, 2), (2, 3), (3, 4), (4, 5), (5, 6),
    ]  # fmt: skip
    assert open_bills(loan) == [(1, 0, 100_00), (2, 0, 143_00), (3, 0, 14_00), (5, 69, 0)]


def test_a_number_that_was_given_before_skips_no_date() -> None:
    """1,000 for a month at 0.033 % a day, and nothing is paid. Without the top-up there is no due day to move, so the
    bill of the 5th of April is one of the 1st, with another number. Each cycle still is a month, and is explained."""
    terms = replace(STANDARD, interest_basis=InterestBasis.DAILY_ROUNDED, due_after_days=45)
    topped, moved, undone = Action(62, "top_up", 50_00), Action(77, "due_day", 5), Action(107, "undo", 1)
    loan = live(terms, topped, moved, undone, rupees="1000", instalments=1)
    billed = [(bill.cycle, bill.billed_on) for bill in loan.books.bills.values()]
    assert billed == [(1, date(2024, 2, 1)), (2, date(2024, 3, 1)), (3, date(2024, 4, 5)), (4, date(2024, 4, 1))]
    position = loan.books.position
    dates = position.next_cycle, position.cycle_began_on, position.next_billing_on
    assert dates == (5, date(2024, 4, 1), date(2024, 5, 1))
    assert [(one.cycle, one.rounded_paise) for one in explained(loan)] == [(1, 1023), (2, 957), (4, 1023), (5, 528)]
    loan.apply(Action(107, "restructure", 3, CAPITALISE_ARREARS))
    assert list(loan.books.position.plan.due_on) == [date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)]


def test_a_cycle_that_gets_another_number_stays_as_long_as_it_was_made() -> None:
    """1,000 for a month at 12 %. Its top-up is undone, so nothing is left whose due day was moved, and a bill comes on
    the 1st of April. Then a top-up of 5,000 turns out to count from the 10th of March. Cycle 3 was billed, so the
    instalment of the 5th of April is number 4, and counts for 34 / 30 periods all the same. From the 4th on its rate is
    6 %: 5,000 x 34 / 30 x (25 x 1 % + 1 x 0.5 %) / 35 days = 41.29."""
    charges = ChargeTerms(penal_rate=PenalRate(annual_percent=Decimal(24)))
    past = Action(62, "top_up", 5_000_00), Action(77, "due_day", 5), Action(84, "undo", 1)
    later = Action(93, "top_up", 5_000_00, back=24), Action(94, "rate", 600), Action(100, "wait")
    terms = replace(STANDARD, due_after_days=45, charges=charges)
    loan = live(terms, *past, *later, rupees="1000", instalments=1)
    altered = loan.books.position.alterations
    assert altered is not None
    assert (altered.due, altered.weights) == (DueRule(4, date(2024, 4, 5), 5), ((4, 34, 30),))
    bill = loan.books.bills[4]
    assert (bill.billed_on, bill.interest_paise, bill.principal_due_paise) == (date(2024, 4, 5), 41_29, 5_000_00)
    assert figures(loan) == [(1, 10_00), (2, 0), (4, 41_29), (5, 0)]


def test_a_write_off_with_nothing_left_to_write_off_does_nothing() -> None:
    """1,000 for 30 days at 0.033 % a day, of which 9.90 is written off. Then 10.00 turns out to have come on the first
    day: the bill is paid, 0.20 is an advance, and the loan goes on to the bill of the interest since the first one."""
    paid, lost = Action(45, "pay", 1_000_00), Action(45, "write_off")
    recovered = Action(46, "pay", 10_00, 46, TreatAs.RECOVERY)
    loan = live(CREDIT_CARD_LOAN.repayment, paid, lost, rupees="1000", instalments=1)
    assert (loan.books.position.status, loan.books.balance(Account.WRITE_OFFS)) == (LoanStatus.WRITTEN_OFF, 9_90)
    loan = live(CREDIT_CARD_LOAN.repayment, paid, lost, recovered, rupees="1000", instalments=1)
    position = loan.books.position
    assert (position.status, position.advance_paise, position.advances) == (LoanStatus.ACTIVE, 20, [(1, 20)])
    assert (loan.books.balance(Account.WRITE_OFFS), payoff(position, on=loan.today).total_paise) == (0, 4_70)
    loan.apply(Action(60, "wait"))
    assert open_bills(loan) == [(2, 4_70, 0)]


def test_a_recovery_of_a_loan_that_turns_out_not_to_be_written_off_pays_it_and_the_rest_is_owed_back() -> None:
    """As above, and 50.00 are recovered before. Then 4.70 of them pay the interest, and 45.30 are owed back."""
    paid, lost = Action(45, "pay", 1_000_00), Action(45, "write_off")
    recovered = Action(45, "pay", 50_00, 0, TreatAs.RECOVERY)
    late = Action(46, "pay", 10_00, 46, TreatAs.RECOVERY)
    loan = live(CREDIT_CARD_LOAN.repayment, paid, lost, recovered, late, rupees="1000", instalments=1)
    assert (loan.books.position.status, loan.owed_to_borrower_paise) == (LoanStatus.CLOSED, 45_30)
    assert loan.books.balance(Account.RECOVERY_INCOME) == 0


def test_an_instalment_after_a_pause_has_the_number_of_its_date() -> None:
    """The plan ended on 1 March. Restructured on 21 May, the rest of 204.06 is asked for on 1 June, the fifth date,
    with the interest of 11 of 31 days: 204.06 x 1 % x 11 / 31 = 0.72. Nothing ran in March and April."""
    paid, restructured = Action(38, "pay", 800_00, 38), Action(141, "restructure", 1, CAPITALISE_ARREARS)
    loan = live(STANDARD, paid, restructured, Action(152, "wait"), rupees="1000", instalments=2)
    bill = loan.books.bills[5]
    assert (bill.from_on, bill.billed_on) == (date(2024, 5, 1), date(2024, 6, 1))
    assert (bill.interest_paise, bill.principal_due_paise) == (72, 204_06)
    # When the payment bounces, 1,010.00 is restructured, and the bill asked for 204.78 of it.
    loan = live(
        STANDARD, paid, restructured, Action(152, "wait"), Action(160, "reverse", 1), rupees="1000", instalments=2
    )
    assert figures(loan) == [(1, 10_00), (2, 5_02), (5, 3_58), (6, 0)]
    assert loan.books.position.plan == Plan([date(2024, 7, 1)], [805_94], [0])


def test_bills_of_a_longer_plan_have_the_numbers_that_a_pause_left_out() -> None:
    """A prepayment ended the plan on 1 April. Another one bounced, so 19.90 was asked for on 1 July, the sixth. The
    first one bounces too: the bills of May and June are raised, and that of July stands as it was issued."""
    ended, prepaid = Action(0, "pay", 600_00, 0, TreatAs.EARLIER_END), Action(61, "pay", 20_00, 0, TreatAs.SMALLER_EMI)
    paid = Action(60, "pay", 345_00), prepaid, Action(92, "pay", 36_29)
    loan = live(
        STANDARD, ended, *paid, Action(161, "reverse", 3), Action(201, "reverse", 1), rupees="1000", instalments=6
    )
    bills = loan.books.bills
    assert [(number, bills[number].billed_on.month) for number in sorted(bills)] == [
        (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7),
    ]  # fmt: skip
    assert open_bills(loan) == [(3, 0, 5_54), (4, 24_39, 204_58), (5, 4_15, 206_63), (6, 19, 19_90)]
    assert figures(loan) == [(1, 10_00), (2, 8_31), (3, 6_61), (4, 6_20), (5, 4_15), (6, 2_09), (7, 0)]


def test_a_credit_of_a_bill_that_asks_for_nothing_pays_open_bills() -> None:
    """In a moratorium interest of 10.10 became principal. At 10.5 % from 15 days before it is 0.029 %, not 0.033 %, of
    1,020.00 a day: 0.61 less, which pays the oldest open bill and does not wait for the next one."""
    deferred = Action(121, "restructure", 0, INTEREST_CAPITALISED_THRICE)
    loan = live(
        CREDIT_CARD_LOAN.repayment, deferred, Action(210, "rate", 10_50, 0, back=15), rupees="1000", instalments=5
    )
    assert loan.books.bills[7].principal_due_paise == -10_10
    assert open_bills(loan) == [(1, 9_29, 30_00), (2, 9_90, 30_00), (3, 9_90, 30_00), (4, 9_90, 30_00)]
    assert loan.books.position.unbilled_interest_paise == 0


@pytest.mark.parametrize("terms", [STANDARD, CREDIT_CARD_LOAN.repayment])
def test_after_the_end_of_the_plan_nothing_is_prepaid(terms: RepaymentTerms) -> None:
    """A prepayment bounces after the last bill. Who pays all that is owed then does not foreclose the loan."""
    charges = ChargeTerms(
        prepayment=PrepaymentCharge(part_percent=Decimal(0), foreclosure_percent=Decimal(4), sac="997113")
    )
    loan = live(
        replace(terms, charges=charges),
        Action(10, "pay", 500_00, 0, TreatAs.PREPAYMENT),
        Action(40, "reverse", 1),
        rupees="1000",
        instalments=1,
    )
    position = loan.books.position
    assert position.undemanded_principal_paise == 500_00
    assert payoff(position, on=loan.today).prepayment_charge_paise == 0


# --- explanations of a past that changed ---


def test_a_reset_of_an_extra_instalment_bears_interest_from_its_day() -> None:
    """The prepayment of the day before the only bill bounces, and the principal is asked for again, without interest.
    A reset to 1 % plans it anew: 695,000.00 x 1 % / 12 x 1 / 31 = 18.68 for the last of 31 days."""
    loan = live(
        replace(CREDIT_CARD.repayment, payment_policy=PaymentPolicy.ALLOCATE),
        Action(30, "pay", 6_95_000_00, treat_as=TreatAs.PREPAYMENT),
        Action(90, "reverse", 1),
        Action(120, "rate", 100),
        Action(123, "pay", 1, 14),
        rupees="726800",
        instalments=1,
        on=date(2024, 12, 24),
    )
    assert figures(loan) == [(1, 7_268_00), (4, 18_68), (5, 0)]
    spans = [(span.days, span.balance_paise, span.rate_percent) for span in explained(loan)[1].spans]
    assert spans == [(30, 6_95_000_00, Decimal(0)), (1, 6_95_000_00, Decimal(1))]


def test_what_bore_no_interest_bears_it_from_the_reset_on_whatever_is_planned_later() -> None:
    """As before, with a reset 11 days before 24 April: 695,000.00 x 1 % / 12 x 5 / 31 = 93.41 after 5 days. Half of it
    is prepaid then, with the bill of 38,843.81, and 347,500.00 bears 56.05 more. The 20 days before stay without."""
    extra = (Action(30, "pay", 6_95_000_00, treat_as=TreatAs.PREPAYMENT), Action(90, "reverse", 1))
    contract: dict[str, Any] = {"rupees": "726800", "instalments": 1, "on": date(2024, 12, 24)}
    terms = replace(CREDIT_CARD.repayment, payment_policy=PaymentPolicy.ALLOCATE)
    loan = live(terms, *extra, Action(110, "rate", 100), Action(115, "wait"), **contract)
    assert payoff(loan.books.position, on=loan.today).interest_accrued_paise == 93_41
    prepaid = Action(115, "pay", 3_86_343_81, treat_as=TreatAs.PREPAYMENT)
    loan = live(terms, *extra, Action(110, "rate", 100), prepaid, Action(123, "wait"), **contract)
    assert figures(loan)[1] == (4, 93_41 + 56_05)


def test_a_restructuring_plans_again_what_a_bounced_payment_left() -> None:
    """Nothing bears interest between the end of the plan on 1 March and the restructuring on 21 March: then 5,39,845.00
    (with 5,345.00 of arrears) x 1 % x 11 / 31 = 1,915.58."""
    loan = live(
        STANDARD,
        Action(38, "pay", 4_46_000_00, 38),
        Action(80, "restructure", 1, CAPITALISE_ARREARS),
        Action(137, "reverse", 1),
        rupees="534500",
        instalments=2,
    )
    assert figures(loan) == [(1, 5_345_00), (2, 2_685_80), (3, 1_915_58), (5, 0)]


def test_a_bill_that_was_closed_and_restructured_is_explained_day_by_day() -> None:
    """132.55 goes back to the plan when the bill is closed on 17 February, and 5.00 by the restructuring on 1 March."""
    loan = live(
        replace(STANDARD, minimum_percent=Decimal(3), due_after_days=15),
        Action(50, "pay", 35_00),
        Action(60, "restructure", 0, CAPITALISE_ARREARS),
        Action(91, "wait"),
        rupees="1000",
        instalments=6,
    )
    assert loan.books.states[1].returned_paise == 137_55
    assert figures(loan) == [(1, 10_00), (2, 8_97), (3, 9_84)]
    spans = [[(span.days, span.balance_paise) for span in cycle.spans] for cycle in explained(loan)]
    assert spans == [[(31, 1_000_00)], [(16, 837_45), (13, 970_00)], [(31, 983_97)]]


@pytest.mark.parametrize(
    "terms, day, interest",
    [
        # 12,000.00 x 1 % x 10 / 31
        (STANDARD, 10, 38_71),
        # The planned interest of the first row until 5 February, 120.00 and 15.78, x 10 / 35
        (FLAT, 10, 38_79),
    ],
)
def test_the_last_part_of_a_closed_loan_is_explained(terms: RepaymentTerms, day: int, interest: int) -> None:
    begun = live(terms, Action(day, "wait"), rupees="12000", instalments=12)
    closing = payoff(begun.books.position, on=begun.today)
    loan = live(terms, Action(day, "pay", closing.total_paise), Action(day + 9, "wait"), rupees="12000", instalments=12)
    assert loan.books.position.status is LoanStatus.CLOSED
    assert (closing.interest_accrued_paise, figures(loan)) == (interest, [(1, interest)])


def test_a_loan_that_was_closed_before_its_first_bill_is_explained_by_the_periods_of_that_cycle() -> None:
    """The first due date moves from 1 to 5 February: 33 / 29 periods. What closed the loan on 3 February is entered
    after the bill, whose number no cycle gets again: 12,000.00 x 1 % x 33 / 29 x 33 / 35 = 128.75."""
    moved = Action(10, "due_day", 5)
    begun = live(STANDARD, moved, Action(33, "wait"), rupees="12000", instalments=12)
    closing = payoff(begun.books.position, on=begun.today)
    loan = live(
        STANDARD, moved, Action(36, "wait"), Action(36, "pay", closing.total_paise, 3), rupees="12000", instalments=12
    )
    assert (loan.books.position.closed_on, list(loan.books.bills)) == (date(2024, 2, 3), [1])
    assert [(cycle.cycle, cycle.rounded_paise) for cycle in explained(loan)] == [(2, 128_75)]
    assert closing.interest_accrued_paise == 128_75


def test_a_flat_loan_that_ends_on_a_day_with_a_prepayment_is_explained() -> None:
    """The prepayment lowers the interest of January from 120.00 to 99.68. Spread over 10 days of 12,000.00 and 21 of
    9,000.00, the first ten days cost 38.71, which the payoff on the same day pays."""
    terms, prepaid = replace(FLAT, due_day=None), Action(10, "pay", 3_000_00, 0, TreatAs.PREPAYMENT)
    begun = live(terms, prepaid, rupees="12000", instalments=12)
    assert begun.books.position.plan.interest_paise[0] == 99_68
    closing = payoff(begun.books.position, on=begun.today)
    loan = live(
        terms, prepaid, Action(10, "pay", closing.total_paise), Action(12, "wait"), rupees="12000", instalments=12
    )
    assert (closing.interest_accrued_paise, figures(loan)) == (38_71, [(1, 38_71)])


def test_a_flat_loan_whose_rest_is_too_small_to_go_on_is_explained() -> None:
    """One payment prepays 161.34 a day before the second row falls due, and the rest of 1.77 is closed with 8.66 of the
    row. Spread over 29 days of 163.11 and one day of 1.77 (after one day of 240.63), the last day costs nothing."""
    loan = live(
        replace(FLAT, tolerance_paise=1_00, closes_small_rest=True),
        Action(14, "pay", 163_00, 0, TreatAs.SMALLER_EMI),
        Action(42, "pay", 171_00),
        Action(44, "wait"),
        rupees="320.63",
        instalments=4,
        on=date(2024, 3, 23),
        rate="48",
    )
    assert loan.books.position.closed_on == date(2024, 5, 4)
    assert [(cycle.cycle, cycle.rounded_paise) for cycle in explained(loan)] == [(1, 5_48), (2, 8_66)]


def test_a_flat_loan_that_ends_before_its_last_row_is_explained() -> None:
    """When 111.99 of the bill of 1 December are paid, a paisa of principal is left for January. On 11 December it is
    repaid with 10 of 31 days of the last row's 12.32."""
    terms, prepaid = replace(FLAT, due_day=None), Action(10, "pay", 89_00, 0, TreatAs.EARLIER_END)
    due = [Action(day, "pay", amount) for day, amount in zip(MONTHS, [112_40, *[112_00] * 9, 111_99], strict=True)]
    loan = live(terms, prepaid, *due, Action(345, "pay", 3_98), Action(346, "wait"), rupees="1200", instalments=12)
    assert loan.books.position.closed_on == date(2024, 12, 11)
    assert figures(loan) == [(1, 11_40), *((cycle, 11_00) for cycle in range(2, 12)), (12, 3_97)]


def test_a_bill_that_is_issued_between_an_old_one_and_its_beginning_takes_its_days() -> None:
    """All principal is prepaid with the first bill, and a visit in April is billed on 30 April, for the time since
    1 March. The payment was a mistake: 31 March has a bill now, and April's interest is 1,000.00 x 30 days as others'.
    """
    charges = ChargeTerms(
        prepayment=PrepaymentCharge(part_percent=Decimal(0), foreclosure_percent=Decimal(3), is_taxed=False),
        services=(ServiceCharge(code=SERVICE, name="Visit", amount_paise=500_00, is_taxed=False),),
    )
    loan = live(
        replace(CREDIT_CARD_LOAN.repayment, charges=charges),
        Action(30, "pay", 1_037_46), Action(98, "charge"), Action(140, "reverse", 1),
        rupees="1000", instalments=12,
    )  # fmt: skip
    issued = [(bill.cycle, bill.from_on, bill.billed_on) for bill in loan.books.bills.values()]
    assert issued[2:] == [
        (3, date(2024, 3, 1), date(2024, 4, 30)), (4, date(2024, 3, 1), date(2024, 3, 31)),
    ]  # fmt: skip
    assert [(cycle.cycle, cycle.from_on) for cycle in explained(loan)[2:4]] == [
        (4, date(2024, 3, 1)), (3, date(2024, 3, 31)),
    ]  # fmt: skip
    assert figures(loan) == [(1, 9_90), (2, 9_90), (4, 9_90), (3, 9_90), (5, 6_60)]


# --- flat interest in coarse units ---

COARSE = replace(FLAT, interest_rounding=Rounding(mode=RoundingMode.UP, unit_paise=10_00))


def test_a_part_of_a_flat_row_is_never_rounded_to_more_than_the_row() -> None:
    """Two rows share interest of 10.00. Three days of the second row cost its 5.00 at most, and an advance pays it."""
    terms = replace(COARSE, odd_first_period=None)
    on = date(2025, 3, 11)
    loan = live(terms, Action(28, "pay", 10_37), rupees="5.75", instalments=2, on=on)
    position = loan.books.position
    assert position.plan == Plan([date(2025, 5, 5)], [2_75], [5_00])
    assert payoff(position, on=loan.today).interest_accrued_paise == 5_00
    due = next_due(position)
    assert due is not None
    assert (due.amount_paise, payoff(position, on=loan.today).total_paise) == (5_38, 5_38)
    # Paid, nothing is due, and nothing closes the loan before its last bill.
    loan = live(terms, Action(28, "pay", 10_37), Action(28, "pay", 5_38), rupees="5.75", instalments=2, on=on)
    position = loan.books.position
    assert (next_due(position), payoff(position, on=loan.today).total_paise) == (None, 0)
    loan.apply(Action(55, "wait"))
    assert loan.books.position.status is LoanStatus.CLOSED


def test_a_prepayment_never_raises_the_flat_interest_of_its_row() -> None:
    """The last row of 1.00 keeps it when a part is prepaid; rounded up to 10.00, less principal would cost more."""
    loan = live(
        replace(COARSE, due_day=None), Action(91, "pay", 84_00), Action(92, "pay", 10_00, 0, TreatAs.SMALLER_EMI),
        rupees="100", instalments=4,
    )  # fmt: skip
    assert loan.books.position.plan == Plan([date(2024, 5, 1)], [15_00], [1_00])


# --- before a run, as after it ---


def test_a_lower_rate_of_the_past_makes_less_interest_principal() -> None:
    """66.84 became principal; a reset of 18 March makes it 0.86 less, posted on the next due day. Nothing was paid."""
    loan = live(
        STANDARD, Action(71, "restructure", 9, 14), Action(92, "rate", 1400, back=15), Action(123, "wait"),
        rupees="1000", instalments=1, rate="48",
    )  # fmt: skip
    statement = loan.books.statement(on=loan.today)
    assert (statement.outstanding_paise, statement.interest_capitalised_paise) == (1_065_98, 65_98)
    assert (statement.principal_paid_paise, statement.interest_paid_paise) == (0, 0)


def test_interest_that_becomes_principal_is_in_the_statement_before_the_run_that_posts_it() -> None:
    """The 120.00 of January become principal on 1 February, whether or not a run has posted it."""
    capitalised = Action(10, "restructure", 0, INTEREST_CAPITALISED_ONCE)
    loan = live(STANDARD, capitalised, rupees="12000", instalments=12)
    february = date(2024, 2, 1)
    billing = catch_up(loan.books.position, through=february)
    before = make_statement(
        billing.decision.position,
        bills=bills_up_to_date([], billing),
        payments=[],
        on=february,
        moved=credits_used(billing.decision.transfers),
    )
    loan.apply(Action(31, "wait"))
    for statement in (before, loan.books.statement(on=february)):
        assert (statement.outstanding_paise, statement.interest_capitalised_paise) == (12_120_00, 120_00)
        assert (statement.principal_paid_paise, statement.interest_paid_paise) == (0, 0)
