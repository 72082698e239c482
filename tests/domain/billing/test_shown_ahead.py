"""Forecasts come true: cases that once failed, with their exact figures.

The random loans of `tests/lives` compare every view with the later bills. The cases that they and users found are here.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.calendar import DayCount, Frequency, HolidayRule
from app.domain.lending.agreements import Agreement
from app.domain.lending.ledger import Kind
from app.domain.lending.positions import LoanStatus, Plan, PlanReason, Position
from app.domain.money import Rounding, RoundingMode
from app.domain.payments.concessions import (
    BalanceNotSmall,
    Concession,
    ConcessionKind,
    WaiverBeyondOwed,
    decide_concession,
    given_up,
)
from app.domain.payments.payments import PaymentOrder, TreatAs, next_due, payoff
from app.domain.payments.replay import rewrite
from app.domain.products.charge_terms import ChargeTerms, PrepaymentCharge, ServiceCharge
from app.domain.products.products import LateCharge, RepaymentTerms, Replan
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.reporting.explanations import explain_interest
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.simulated_loan import SimulatedLoan

CARD, STANDARD = CREDIT_CARD_LOAN.repayment, STANDARD_LOAN.repayment
#: A charge of 500 with 18 % tax.
LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))
NEW_YEAR = date(2026, 1, 1)


def lend(terms: RepaymentTerms, *, amount: int, rate: str, instalments: int, on: date = NEW_YEAR) -> SimulatedLoan:
    """A loan of `amount` rupees."""
    return SimulatedLoan.begin(
        Contract(
            product="",
            terms=terms,
            amount_paise=amount * 100,
            annual_rate_percent=Decimal(rate),
            instalments=instalments,
            disbursed_on=on,
        )
    )


def wait(loan: SimulatedLoan, *, until: date) -> Position:
    """Moves to a date without any action."""
    loan.apply(Action((until - loan.contract.disbursed_on).days, "wait"))
    return loan.books.position


def pay(
    loan: SimulatedLoan,
    amount_paise: int,
    *,
    on: date,
    value_date: date | None = None,
    treat_as: TreatAs = TreatAs.INSTALMENT,
) -> Position:
    day = (on - loan.contract.disbursed_on).days
    loan.apply(Action(day, "pay", amount_paise, (on - (value_date or on)).days, treat_as))
    return loan.books.position


def ahead(position: Position, *, on: date) -> list[tuple[int, int, int]]:
    """The cycle, principal and interest of the bills to come."""
    return [(bill.cycle, bill.principal_paise, bill.interest_paise) for bill in bills_to_come(position, on=on)]


def reconciles(loan: SimulatedLoan) -> bool:
    """Whether reconciliation finds nothing."""
    return list(loan.violations()) == []


def test_the_advance_is_the_next_instalment_of_the_new_plan() -> None:
    """The payoff on day 10 is 1,00,322.58. A payment of 0.58 less leaves 0.58 to pay."""
    loan, day = lend(STANDARD, amount=100_000, rate="12", instalments=12), date(2026, 1, 11)
    assert payoff(wait(loan, until=day), on=day).total_paise == 100_322_58
    position = pay(loan, 100_322_00, on=day)
    assert (position.principal_paise, position.advance_paise, payoff(position, on=day).total_paise) == (58, 322_58, 58)
    assert sum(interest for _, _, interest in ahead(position, on=day)) == 322_60
    assert reconciles(loan)


def test_an_earlier_advance_above_the_new_instalment_prepays_too() -> None:
    loan = lend(STANDARD, amount=100_000, rate="12", instalments=12)
    assert pay(loan, 8_884_88, on=date(2026, 1, 6)).advance_paise == 8_884_88
    closing = payoff(loan.books.position, on=date(2026, 1, 11)).total_paise
    position = pay(loan, closing - 58, on=date(2026, 1, 11))
    assert (position.principal_paise, position.advance_paise) == (58, 322_58)
    assert [(one.kind, one.debit.value, one.amount_paise) for one in loan.books.transfers if one.payment_id == 1] == [
        (Kind.ADVANCE, "cash", 8_884_88),
        (Kind.PREPAYMENT, "advance", 8_562_30),
    ]
    assert reconciles(loan)


def test_an_advance_pays_the_charge_of_the_next_bill_too() -> None:
    """9,000.00 of 10,000.00 are paid before the first bill. 1,466.76 stay in advance, and pay its 1,190.02 + 98.96 and
    the 177.78 that the prepayment costs. So nothing of the advance lowers the interest of the second bill."""
    charge = PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), is_taxed=True, sac="997113")
    terms = replace(STANDARD, interest_basis=InterestBasis.DAYS, charges=ChargeTerms(prepayment=charge))
    loan, day = lend(terms, amount=10_000, rate="12", instalments=2), date(2026, 1, 31)
    position = pay(loan, 9_000_00, on=day)
    assert (position.advance_paise, position.unbilled_charges_paise) == (1_466_76, 177_78)
    shown = ahead(position, on=day)
    assert shown == [(1, 1_190_02, 98_96), (2, 1_276_74, 11_75)]
    wait(loan, until=date(2026, 3, 1))
    billed = [(bill.cycle, bill.principal_due_paise, bill.interest_paise) for bill in loan.books.bills.values()]
    assert billed == shown
    assert reconciles(loan)


def test_no_two_bills_have_one_number_after_a_reversal() -> None:
    """4,000.00 of 4,400.00 are prepaid, so the plan ends with its second bill. A visit is charged by a third one, after
    the plan. Then the payment is taken back: the bill of June, which was never issued, is the fourth, the next the
    fifth."""
    charge = PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), is_taxed=True, sac="997113")
    visit = ServiceCharge(code="visit", name="Visit", amount_paise=333_33, is_taxed=True, sac="997113")
    terms = replace(PERSONAL_LOAN.repayment, charges=ChargeTerms(prepayment=charge, services=(visit,)))
    loan = lend(terms, amount=4_400, rate="0", instalments=5, on=date(2024, 3, 20))
    pay(loan, 4_000_00, on=date(2024, 4, 6), value_date=date(2024, 3, 21))
    loan.apply(Action(77, "charge"))
    loan.apply(Action(108, "reverse", 1))
    assert [(bill.cycle, bill.billed_on) for bill in loan.books.bills.values()] == [
        (1, date(2024, 4, 5)), (2, date(2024, 5, 5)), (3, date(2024, 7, 5)), (4, date(2024, 6, 5)),
    ]  # fmt: skip
    assert ahead(loan.books.position, on=date(2024, 7, 6)) == [(5, 2_347_00, 0)]
    wait(loan, until=date(2024, 8, 5))
    assert loan.books.bills[5].principal_due_paise == 2_347_00
    assert reconciles(loan)


def test_the_principal_of_every_view_sums_to_what_was_lent() -> None:
    """The first bill is paid, the next two are not: on every day the planned principal is that of the loan."""
    loan = lend(CARD, amount=50_000, rate="10.5", instalments=12)
    pay(loan, 4_406_04, on=NEW_YEAR + timedelta(days=30))
    for day in range(60, 130, 5):
        on = NEW_YEAR + timedelta(days=day)
        position = wait(loan, until=on)
        unpaid = sum(bill.unpaid_principal_paise for bill in position.open_bills)
        planned = sum(principal for _, principal, _ in ahead(position, on=on))
        assert planned + unpaid == position.principal_paise == 50_000_00 - 3_971_04
        statement = loan.books.statement(on=on)
        paid_in_bills = 3_971_04
        lines = sum(line.principal_paise for line in statement.lines)
        assert lines - paid_in_bills == statement.outstanding_paise


def test_later_bills_are_the_ones_shown() -> None:
    loan = lend(CARD, amount=50_000, rate="10.5", instalments=12)
    pay(loan, 4_406_04, on=NEW_YEAR + timedelta(days=30))
    on = NEW_YEAR + timedelta(days=100)
    position = wait(loan, until=on)
    while position.open_bills:
        position = pay(loan, position.open_bills[0].unpaid_paise, on=on)
    shown = ahead(position, on=on)
    for cycle, principal, interest in shown:
        position = wait(loan, until=NEW_YEAR + timedelta(days=30 * cycle))
        bill = loan.books.bills[cycle]
        assert (bill.principal_due_paise, bill.interest_paise) == (principal, interest)
        position = pay(loan, position.open_bills[0].unpaid_paise, on=bill.billed_on)
    assert (position.status, position.closed_on) == (LoanStatus.CLOSED, NEW_YEAR + timedelta(days=360))


def test_principal_that_goes_back_to_the_plan_bears_interest_from_that_day_on() -> None:
    """92,115.12 x 1 % x 16 / 28 + 97,000.00 x 1 % x 12 / 28 = 942.09. Without the demand it would be 970.00."""
    terms = replace(STANDARD, minimum_percent=Decimal(3), due_after_days=15)
    loan = lend(terms, amount=100_000, rate="12", instalments=12)
    wait(loan, until=date(2026, 3, 1))
    assert loan.books.bills[2].interest_paise == 942_09


def test_the_last_day_of_february_is_maturity_in_plan_bill_and_payoff() -> None:
    """30E/360 (ISDA) counts 28 February as the 28th where the loan ends on it: 28 days, not 30."""
    terms = replace(STANDARD, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_E_360_ISDA)
    loan = lend(terms, amount=100_000, rate="12", instalments=2, on=date(2024, 12, 31))
    assert loan.books.position.plan.interest_paise == [1_000_00, 469_14]
    pay(loan, 50_734_57, on=date(2025, 1, 31))
    assert ahead(loan.books.position, on=date(2025, 1, 31)) == [(2, 50_265_43, 469_14)]
    position = wait(loan, until=date(2025, 3, 10))
    assert loan.books.bills[2].interest_paise == 469_14
    explained = explain_interest(
        position,
        loan.books.history,
        from_on=date(2024, 12, 31),
        to_on=date(2025, 2, 28),
        today=loan.today,
    )
    assert [(cycle.cycle, cycle.rounded_paise) for cycle in explained] == [(1, 1_000_00), (2, 469_14)]


def test_a_credit_of_interest_pays_charges() -> None:
    """The payment of the first bill is entered on 1 April with the value date of 14 February, so the bills of March and
    April demanded interest that did not accrue."""
    loan = lend(replace(CARD, late_charge=LATE), amount=5_000, rate="48", instalments=1)
    wait(loan, until=date(2026, 4, 1))
    pay(loan, 5_198_00, on=date(2026, 4, 1), value_date=date(2026, 2, 14))
    position = wait(loan, until=date(2026, 5, 1))
    assert position.unbilled_interest_paise == 0
    assert reconciles(loan)
    closing = payoff(position, on=date(2026, 5, 1)).total_paise
    assert pay(loan, closing, on=date(2026, 5, 1)).status is LoanStatus.CLOSED
    assert reconciles(loan)


@pytest.mark.parametrize(
    "late_charge, owed",
    # The late charge with its tax is at most the overdue amount of the bill, here 33.00 of interest.
    [(None, 33_00), (LATE, 66_00)],
)
def test_without_a_bill_to_come_every_view_subtracts_a_credit(late_charge: LateCharge | None, owed: int) -> None:
    """50,000 at 24 %, one instalment. Its payment is entered on day 75 with the value date of day 31, so the
    second bill of 990.00 should have been for one day."""
    loan = lend(replace(CARD, late_charge=late_charge), amount=50_000, rate="24", instalments=1)
    on = NEW_YEAR + timedelta(days=120)
    wait(loan, until=NEW_YEAR + timedelta(days=75))
    pay(loan, 50_990_00, on=NEW_YEAR + timedelta(days=75), value_date=NEW_YEAR + timedelta(days=31))
    position = wait(loan, until=on)
    due = next_due(position)
    assert due is not None
    assert (due.instalment, due.amount_paise, payoff(position, on=on).total_paise) == (2, owed, owed)
    with pytest.raises(WaiverBeyondOwed):
        decide_concession(position, _concession(ConcessionKind.WAIVER, on=on, interest=990_00))
    waived = decide_concession(
        position, _concession(ConcessionKind.WAIVER, on=on, interest=33_00, charges=owed - 33_00)
    )
    assert waived.position.status is LoanStatus.CLOSED
    lost = decide_concession(position, _concession(ConcessionKind.WRITE_OFF, on=on))
    assert given_up(lost.transfers) == {
        "principal_paise": 0, "interest_paise": 33_00, "charges_paise": owed - 33_00,
    }  # fmt: skip
    assert pay(loan, owed, on=on).status is LoanStatus.CLOSED
    assert reconciles(loan)


@pytest.mark.parametrize("entered", [75, 105, 135, 200, 320])
def test_a_late_entry_charges_no_more_than_an_early_one(entered: int) -> None:
    """The payment of day 31 may be entered on any later day: 33.00 was overdue once and is charged once. The credit of
    each bill issued in between first lowers that bill's own interest."""
    loan = lend(replace(CARD, late_charge=LATE), amount=50_000, rate="24", instalments=1)
    known = NEW_YEAR + timedelta(days=entered)
    pay(loan, 50_990_00, on=known, value_date=NEW_YEAR + timedelta(days=31))
    position = wait(loan, until=NEW_YEAR + timedelta(days=360))
    assert (position.charges_paise, payoff(position, on=loan.today).total_paise) == (33_00, 66_00)
    assert reconciles(loan)


def test_principal_that_goes_back_to_a_flat_plan_brings_no_interest() -> None:
    """Flat interest of 12 % on 1,00,000 for a year is 12,000.00, whatever the dates of the payments."""
    terms = replace(STANDARD, amortisation=Amortisation.FLAT, minimum_percent=Decimal(3), due_after_days=15)
    loan = lend(terms, amount=100_000, rate="12", instalments=12)
    wait(loan, until=date(2027, 3, 1))
    assert [bill.interest_paise for bill in loan.books.bills.values()] == [1_000_00] * 12
    assert reconciles(loan)


def test_a_plan_that_a_backdated_prepayment_ends_is_stored_as_ended() -> None:
    """A prepayment of 4,300 of 6,100 is entered after the first bill. With it the loan has one instalment, whose bill
    demands the rest. `make lives` found that the stored plan was billed on."""
    terms = replace(STANDARD, minimum_percent=Decimal(3), due_after_days=15, prepayment=Replan.EARLIER_END)
    loan = lend(terms, amount=6_100, rate="36", instalments=3)
    position = wait(loan, until=date(2026, 2, 10))
    order = PaymentOrder(
        payment_id=1,
        amount_paise=4_300_00,
        value_date=date(2026, 1, 12),
        booked_on=date(2026, 2, 10),
        treat_as=TreatAs.PREPAYMENT,
    )
    decision = rewrite(position, loan.books.history, payments=[order], on=date(2026, 2, 10)).decision
    assert (decision.position.principal_paise, decision.position.undemanded_principal_paise) == (1_800_00, 0)
    (version,) = decision.plans
    assert (version.version, version.reason, version.first_planned) == (2, PlanReason.RESTORED, 2)
    assert version.plan == decision.position.plan == Plan([], [], [])


def test_the_rest_of_a_credit_is_owed_to_the_borrower() -> None:
    """Both bills were paid in full, and then the payment of the first gets an earlier value date. The second bill of
    990.00 was paid, and 957.00 of it is owed back."""
    loan = lend(CARD, amount=50_000, rate="24", instalments=1)
    paid = NEW_YEAR + timedelta(days=75)
    pay(loan, 990_00, on=NEW_YEAR + timedelta(days=61))
    position = pay(loan, 50_990_00 - 990_00 + 33_00 - 957_00, on=paid, value_date=NEW_YEAR + timedelta(days=31))
    assert position.status is LoanStatus.ACTIVE
    position = pay(loan, payoff(position, on=paid).total_paise, on=paid)
    assert (position.status, position.interest_paise, position.unbilled_interest_paise) == (LoanStatus.CLOSED, 0, 0)
    assert reconciles(loan)


@pytest.mark.parametrize(
    "terms",
    [
        # The interest is 0.46 a day, which rounds to 0 rupees.
        replace(CARD, every=1, interest_rounding=Rounding(mode=RoundingMode.HALF_UP, unit_paise=100)),
        # On this day count there are 0 days from the 30th to the 31st.
        replace(CARD, every=1, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_360),
    ],
)
def test_a_loan_that_owes_principal_is_billed_whatever_its_interest_rounds_to(terms: RepaymentTerms) -> None:
    loan = lend(terms, amount=1_200, rate="14", instalments=3, on=date(2026, 1, 27))
    position = wait(loan, until=date(2026, 2, 10))
    assert (len(loan.books.bills), position.next_billing_on) == (14, date(2026, 2, 11))
    assert reconciles(loan)


@pytest.mark.parametrize("instalments", [1, 12])
def test_a_loan_whose_billing_stopped_reconciles(instalments: int) -> None:
    """All principal is paid, a little interest is billed after that, and then billing stops."""
    loan = lend(CARD, amount=10_000, rate="10.5", instalments=instalments)
    if instalments == 1:
        due = wait(loan, until=date(2026, 2, 5)).open_bills[0]
        pay(loan, due.unpaid_paise, on=date(2026, 2, 5))
    else:
        pay(loan, 10_000_00, on=date(2026, 1, 2), treat_as=TreatAs.SMALLER_EMI)
    position = wait(loan, until=date(2026, 6, 1))
    assert (position.status, position.principal_paise, position.next_event_on) == (LoanStatus.ACTIVE, 0, None)
    assert reconciles(loan)
    due_now = next_due(position)
    assert due_now is not None
    assert pay(loan, due_now.amount_paise, on=date(2026, 6, 1)).status is LoanStatus.CLOSED


@pytest.mark.parametrize(
    "short, tolerance, charges, overdue",
    [
        # A rest below the tolerance is not overdue. A larger rest is, and the charge with its tax is at most that rest.
        (77, 100, 0, 0),
        (100, 100, 100, 200),
        (77, 0, 77, 154),
        (300_00, 100, 300_00, 600_00),
        (590_00, 100, 590_00, 1_180_00),
        (600_00, 100, 590_00, 1_190_00),
    ],
)
def test_a_late_charge_is_never_more_than_what_is_overdue(
    short: int, tolerance: int, charges: int, overdue: int
) -> None:
    loan = lend(
        replace(STANDARD, late_charge=LATE, tolerance_paise=tolerance), amount=100_000, rate="12", instalments=12
    )
    pay(loan, 8_884_88 - short, on=date(2026, 2, 1))
    position = wait(loan, until=date(2026, 2, 3))
    assert (position.charges_paise, position.overdue_paise(date(2026, 2, 3))) == (charges, overdue)
    tax = sum(one.amount_paise for one in loan.books.transfers if one.credit == "gst_payable")
    assert tax == {0: 0, 77: 12, 100: 15, 300_00: 45_76, 590_00: 90_00}[charges]
    assert reconciles(loan)


def test_a_rest_below_the_tolerance_is_closed_without_being_paid() -> None:
    loan = lend(replace(CARD, late_charge=LATE, tolerance_paise=100), amount=5_000, rate="12", instalments=1)
    billed = NEW_YEAR + timedelta(days=30)
    wait(loan, until=billed)
    pay(loan, 5_049_50 - 77, on=billed)
    on = date(2026, 12, 1)
    position = wait(loan, until=on)
    assert (position.charges_paise, payoff(position, on=on).total_paise) == (0, 87)
    loan.apply(Action((on - NEW_YEAR).days, "small_balance"))
    assert (loan.books.position.status, loan.books.position.closed_on) == (LoanStatus.CLOSED, on)
    assert given_up(loan.books.transfers) == {"principal_paise": 77, "interest_paise": 10, "charges_paise": 0}
    assert reconciles(loan)


def test_a_loan_that_an_advance_covers_has_no_small_rest() -> None:
    """All instalments are paid in advance: the payoff is 0, and the advance pays the bills when they are raised."""
    terms = replace(CREDIT_CARD.repayment, tolerance_paise=100)
    loan = lend(terms, amount=5_000, rate="14", instalments=3)
    for _ in range(3):
        due = next_due(loan.books.position)
        assert due is not None
        pay(loan, due.amount_paise, on=NEW_YEAR)
    position = loan.books.position
    assert (position.status, payoff(position, on=NEW_YEAR).total_paise) == (LoanStatus.ACTIVE, 0)
    with pytest.raises(BalanceNotSmall):
        decide_concession(position, _concession(ConcessionKind.SMALL_BALANCE, on=NEW_YEAR))


def _concession(kind: ConcessionKind, *, on: date, interest: int = 0, charges: int = 0) -> Concession:
    return Concession(number=99, kind=kind, granted_on=on, interest_paise=interest, charges_paise=charges)


def test_principal_returned_after_the_last_bill_gets_an_extra_instalment_without_interest() -> None:
    loan = lend(replace(STANDARD, every=3), amount=11_700, rate="36", instalments=1, on=date(2024, 1, 1))
    loan.apply(Action(90, "pay", 500_00, treat_as=TreatAs.SMALLER_EMI))
    loan.apply(Action(106, "reverse", 1))
    loan.apply(Action(107, "pay", 12_253_00))
    position = loan.books.position
    assert position.plan == Plan([date(2024, 7, 1)], [500_00], [0])
    for on in (date(2024, 4, 18), date(2024, 6, 30)):
        assert payoff(position, on=on).total_paise == 500_00
    loan.apply(Action(108, "pay", 100_00, treat_as=TreatAs.SMALLER_EMI))
    position = loan.books.position
    assert (position.plan, position.emi_paise) == (Plan([date(2024, 7, 1)], [400_00], [0]), 400_00)
    loan.apply(Action(182, "pay", 400_00))
    assert loan.books.position.status is LoanStatus.CLOSED


def test_a_long_closure_after_the_end_of_the_plan_is_one_cycle() -> None:
    """The Mondays 12 and 19 February 2024 both move to Thursday 22 February: one bill, of 17 days, and not two."""
    closed = tuple(date(2024, 2, 12) + timedelta(days=day) for day in range(10))
    terms = replace(
        STANDARD,
        interest_basis=InterestBasis.DAYS,
        frequency=Frequency.WEEK,
        holiday_rule=HolidayRule.NEXT,
        holiday_calendar="IN",
    )
    contract = lend(terms, amount=1_000, rate="12", instalments=5, on=date(2024, 1, 1)).contract
    loan = SimulatedLoan.begin(replace(contract, agreement=Agreement(holidays=closed)))
    wait(loan, until=date(2024, 3, 1))
    # 1,000.00 x 12 % x 17 / 365, and 4 days
    assert [(bill.cycle, bill.billed_on.day, bill.interest_paise) for bill in loan.books.bills.values()][5:] == [
        (6, 22, 5_59), (8, 26, 1_32),
    ]  # fmt: skip
    assert reconciles(loan)
