"""What is shown ahead is what happens: the cases that people have reported, with their exact figures.

Random lives (`tests/lives`) hold every view against what the run then bills; here stand the lives that once broke.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.calendar import DayCount
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
from app.domain.products.products import LateCharge, RepaymentTerms, Replan
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.reporting.explanations import explain_interest
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation
from tests.lives.contracts import Contract
from tests.lives.life import Deed, Life

CARD, STANDARD = CREDIT_CARD_LOAN.repayment, STANDARD_LOAN.repayment
#: 500 and 18 % of tax.
LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))
NEW_YEAR = date(2026, 1, 1)


def lend(terms: RepaymentTerms, *, amount: int, rate: str, instalments: int, on: date = NEW_YEAR) -> Life:
    """A loan of so many rupees."""
    return Life.begin(
        Contract(
            product="",
            terms=terms,
            amount_paise=amount * 100,
            annual_rate_percent=Decimal(rate),
            instalments=instalments,
            disbursed_on=on,
        )
    )


def wait(life: Life, *, until: date) -> Position:
    """Nothing happens but time."""
    life.do(Deed((until - life.contract.disbursed_on).days, "wait"))
    return life.books.position


def pay(
    life: Life, amount_paise: int, *, on: date, value_date: date | None = None, treat_as: TreatAs = TreatAs.INSTALMENT
) -> Position:
    day = (on - life.contract.disbursed_on).days
    life.do(Deed(day, "pay", amount_paise, (on - (value_date or on)).days, treat_as))
    return life.books.position


def ahead(position: Position, *, on: date) -> list[tuple[int, int, int]]:
    """Cycle, principal and interest of the bills to come."""
    return [(bill.cycle, bill.principal_paise, bill.interest_paise) for bill in bills_to_come(position, on=on)]


def sound(life: Life) -> bool:
    """Whether reconciliation finds nothing."""
    return list(life.faults()) == []


def test_what_stays_in_advance_is_what_the_plan_that_is_left_asks_for() -> None:
    """1,00,322.58 closes the loan on day 10; 0.58 less leaves 0.58 to pay."""
    life, day = lend(STANDARD, amount=100_000, rate="12", instalments=12), date(2026, 1, 11)
    assert payoff(wait(life, until=day), on=day).total_paise == 100_322_58
    position = pay(life, 100_322_00, on=day)
    assert (position.principal_paise, position.advance_paise, payoff(position, on=day).total_paise) == (58, 322_58, 58)
    assert sum(interest for _, _, interest in ahead(position, on=day)) == 322_60
    assert sound(life)


def test_an_earlier_advance_that_the_new_plan_has_no_use_for_prepays_too() -> None:
    life = lend(STANDARD, amount=100_000, rate="12", instalments=12)
    assert pay(life, 8_884_88, on=date(2026, 1, 6)).advance_paise == 8_884_88
    closing = payoff(life.books.position, on=date(2026, 1, 11)).total_paise
    position = pay(life, closing - 58, on=date(2026, 1, 11))
    assert (position.principal_paise, position.advance_paise) == (58, 322_58)
    assert [(one.kind, one.debit.value, one.amount_paise) for one in life.books.transfers if one.payment_id == 1] == [
        (Kind.ADVANCE, "cash", 8_884_88),
        (Kind.PREPAYMENT, "advance", 8_562_30),
    ]
    assert sound(life)


def test_the_principal_of_every_view_sums_to_what_was_lent() -> None:
    """The first bill paid, the next two not: on no day does the plan that is shown leave the loan."""
    life = lend(CARD, amount=50_000, rate="10.5", instalments=12)
    pay(life, 4_406_04, on=NEW_YEAR + timedelta(days=30))
    for day in range(60, 130, 5):
        on = NEW_YEAR + timedelta(days=day)
        position = wait(life, until=on)
        unpaid = sum(bill.unpaid_principal_paise for bill in position.open_bills)
        planned = sum(principal for _, principal, _ in ahead(position, on=on))
        assert planned + unpaid == position.principal_paise == 50_000_00 - 3_971_04
        statement = life.books.statement(on=on)
        paid_in_bills = 3_971_04
        lines = sum(line.principal_paise for line in statement.lines)
        assert lines - paid_in_bills == statement.outstanding_paise


def test_bills_that_follow_are_the_ones_shown() -> None:
    life = lend(CARD, amount=50_000, rate="10.5", instalments=12)
    pay(life, 4_406_04, on=NEW_YEAR + timedelta(days=30))
    on = NEW_YEAR + timedelta(days=100)
    position = wait(life, until=on)
    while position.open_bills:
        position = pay(life, position.open_bills[0].unpaid_paise, on=on)
    shown = ahead(position, on=on)
    for cycle, principal, interest in shown:
        position = wait(life, until=NEW_YEAR + timedelta(days=30 * cycle))
        bill = life.books.bills[cycle]
        assert (bill.principal_due_paise, bill.interest_paise) == (principal, interest)
        position = pay(life, position.open_bills[0].unpaid_paise, on=bill.billed_on)
    assert (position.status, position.closed_on) == (LoanStatus.CLOSED, NEW_YEAR + timedelta(days=360))


def test_principal_that_goes_back_to_the_plan_bears_interest_from_that_day_on() -> None:
    """92,115.12 x 1 % x 16 / 28 + 97,000.00 x 1 % x 12 / 28 = 942.09; not 970.00, as if it had never been demanded."""
    terms = replace(STANDARD, minimum_percent=Decimal(3), due_after_days=15)
    life = lend(terms, amount=100_000, rate="12", instalments=12)
    wait(life, until=date(2026, 3, 1))
    assert life.books.bills[2].interest_paise == 942_09


def test_the_last_day_of_february_is_maturity_in_plan_bill_and_payoff() -> None:
    """30E/360 (ISDA) counts 28 February as the 28th where the loan ends on it: 28 days, not 30."""
    terms = replace(STANDARD, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_E_360_ISDA)
    life = lend(terms, amount=100_000, rate="12", instalments=2, on=date(2024, 12, 31))
    assert life.books.position.plan.interest_paise == [1_000_00, 469_14]
    pay(life, 50_734_57, on=date(2025, 1, 31))
    assert ahead(life.books.position, on=date(2025, 1, 31)) == [(2, 50_265_43, 469_14)]
    position = wait(life, until=date(2025, 3, 10))
    assert life.books.bills[2].interest_paise == 469_14
    explained = explain_interest(
        position,
        life.books.history,
        states=list(life.books.states.values()),
        from_on=date(2024, 12, 31),
        to_on=date(2025, 2, 28),
        today=life.today,
    )
    assert [(cycle.cycle, cycle.rounded_paise) for cycle in explained] == [(1, 1_000_00), (2, 469_14)]


def test_a_credit_of_interest_pays_charges() -> None:
    """The payment of the first bill is entered on 1 April with the value date of 14 February: the bills of March and
    April asked for interest that never accrued."""
    life = lend(replace(CARD, late_charge=LATE), amount=5_000, rate="48", instalments=1)
    wait(life, until=date(2026, 4, 1))
    pay(life, 5_198_00, on=date(2026, 4, 1), value_date=date(2026, 2, 14))
    position = wait(life, until=date(2026, 5, 1))
    assert position.unbilled_interest_paise == 0
    assert sound(life)
    closing = payoff(position, on=date(2026, 5, 1)).total_paise
    assert pay(life, closing, on=date(2026, 5, 1)).status is LoanStatus.CLOSED
    assert sound(life)


@pytest.mark.parametrize(
    "late_charge, owed",
    # A charge is never more than what is overdue of the bill: 33.00 of interest, and 33.00 with its tax.
    [(None, 33_00), (LATE, 66_00)],
)
def test_where_no_bill_is_to_come_a_credit_is_netted_everywhere(late_charge: LateCharge | None, owed: int) -> None:
    """50,000 at 24 %, one instalment: its payment is entered on day 75 with the value date of day 31, so that the
    second bill of 990.00 was for one day."""
    life = lend(replace(CARD, late_charge=late_charge), amount=50_000, rate="24", instalments=1)
    on = NEW_YEAR + timedelta(days=120)
    wait(life, until=NEW_YEAR + timedelta(days=75))
    pay(life, 50_990_00, on=NEW_YEAR + timedelta(days=75), value_date=NEW_YEAR + timedelta(days=31))
    position = wait(life, until=on)
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
    assert pay(life, owed, on=on).status is LoanStatus.CLOSED
    assert sound(life)


@pytest.mark.parametrize("entered", [75, 105, 135, 200, 320])
def test_a_late_entry_charges_no_more_than_an_early_one(entered: int) -> None:
    """However long it takes until the payment of day 31 is known: 33.00 was overdue once, and is charged once. Each
    bill issued meanwhile takes back its own interest before it helps another."""
    life = lend(replace(CARD, late_charge=LATE), amount=50_000, rate="24", instalments=1)
    known = NEW_YEAR + timedelta(days=entered)
    pay(life, 50_990_00, on=known, value_date=NEW_YEAR + timedelta(days=31))
    position = wait(life, until=NEW_YEAR + timedelta(days=360))
    assert (position.charges_paise, payoff(position, on=life.today).total_paise) == (33_00, 66_00)
    assert sound(life)


def test_principal_that_goes_back_to_a_flat_plan_brings_no_interest() -> None:
    """12 % of 1,00,000 for a year is 12,000.00, whenever it is paid."""
    terms = replace(STANDARD, amortisation=Amortisation.FLAT, minimum_percent=Decimal(3), due_after_days=15)
    life = lend(terms, amount=100_000, rate="12", instalments=12)
    wait(life, until=date(2027, 3, 1))
    assert [bill.interest_paise for bill in life.books.bills.values()] == [1_000_00] * 12
    assert sound(life)


def test_a_plan_that_a_backdated_prepayment_ends_is_stored_as_ended() -> None:
    """4,300 of 6,100, entered after the first bill: with it the loan would have had one instalment, and its bill asks
    for all that is left. Found by `make lives` over HTTP: the stored plan went on, and was billed."""
    terms = replace(STANDARD, minimum_percent=Decimal(3), due_after_days=15, prepayment=Replan.EARLIER_END)
    life = lend(terms, amount=6_100, rate="36", instalments=3)
    position = wait(life, until=date(2026, 2, 10))
    order = PaymentOrder(
        payment_id=1,
        amount_paise=4_300_00,
        value_date=date(2026, 1, 12),
        booked_on=date(2026, 2, 10),
        treat_as=TreatAs.PREPAYMENT,
    )
    decision = rewrite(position, life.books.history, payments=[order], on=date(2026, 2, 10)).decision
    assert (decision.position.principal_paise, decision.position.undemanded_principal_paise) == (1_800_00, 0)
    (version,) = decision.plans
    assert (version.version, version.reason, version.first_planned) == (2, PlanReason.RESTORED, 2)
    assert version.plan == decision.position.plan == Plan([], [], [])


def test_what_is_left_of_a_credit_is_owed_to_the_borrower() -> None:
    """Both bills were paid in full; the first turns out to have been paid on its day: the second asked for 990.00 and
    was paid, and 957.00 of that is owed back."""
    life = lend(CARD, amount=50_000, rate="24", instalments=1)
    paid = NEW_YEAR + timedelta(days=75)
    pay(life, 990_00, on=NEW_YEAR + timedelta(days=61))
    position = pay(life, 50_990_00 - 990_00 + 33_00 - 957_00, on=paid, value_date=NEW_YEAR + timedelta(days=31))
    assert position.status is LoanStatus.ACTIVE
    position = pay(life, payoff(position, on=paid).total_paise, on=paid)
    assert (position.status, position.interest_paise, position.unbilled_interest_paise) == (LoanStatus.CLOSED, 0, 0)
    assert sound(life)


@pytest.mark.parametrize(
    "terms",
    [
        # 0.46 of interest a day, which is nothing to the rupee.
        replace(CARD, every=1, interest_rounding=Rounding(mode=RoundingMode.HALF_UP, unit_paise=100)),
        # From the 30th to the 31st no day passes.
        replace(CARD, every=1, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_360),
    ],
)
def test_a_loan_that_owes_principal_is_billed_whatever_its_interest_rounds_to(terms: RepaymentTerms) -> None:
    life = lend(terms, amount=1_200, rate="14", instalments=3, on=date(2026, 1, 27))
    position = wait(life, until=date(2026, 2, 10))
    assert (len(life.books.bills), position.next_billing_on) == (14, date(2026, 2, 11))
    assert sound(life)


@pytest.mark.parametrize("instalments", [1, 12])
def test_a_loan_at_rest_reconciles(instalments: int) -> None:
    """All of the principal is paid, a little interest is billed after that, and nothing more will be."""
    life = lend(CARD, amount=10_000, rate="10.5", instalments=instalments)
    if instalments == 1:
        due = wait(life, until=date(2026, 2, 5)).open_bills[0]
        pay(life, due.unpaid_paise, on=date(2026, 2, 5))
    else:
        pay(life, 10_000_00, on=date(2026, 1, 2), treat_as=TreatAs.SMALLER_EMI)
    position = wait(life, until=date(2026, 6, 1))
    assert (position.status, position.principal_paise, position.next_event_on) == (LoanStatus.ACTIVE, 0, None)
    assert sound(life)
    due_now = next_due(position)
    assert due_now is not None
    assert pay(life, due_now.amount_paise, on=date(2026, 6, 1)).status is LoanStatus.CLOSED


@pytest.mark.parametrize(
    "short, tolerance, charges, overdue",
    [
        # A rest below the tolerance is not overdue; from it on it is, and the charge with its tax is no more than that.
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
    life = lend(
        replace(STANDARD, late_charge=LATE, tolerance_paise=tolerance), amount=100_000, rate="12", instalments=12
    )
    pay(life, 8_884_88 - short, on=date(2026, 2, 1))
    position = wait(life, until=date(2026, 2, 3))
    assert (position.charges_paise, position.overdue_paise(date(2026, 2, 3))) == (charges, overdue)
    tax = sum(one.amount_paise for one in life.books.transfers if one.credit == "gst_payable")
    assert tax == {0: 0, 77: 12, 100: 15, 300_00: 45_76, 590_00: 90_00}[charges]
    assert sound(life)


def test_a_rest_below_the_tolerance_is_closed_without_being_paid() -> None:
    life = lend(replace(CARD, late_charge=LATE, tolerance_paise=100), amount=5_000, rate="12", instalments=1)
    billed = NEW_YEAR + timedelta(days=30)
    wait(life, until=billed)
    pay(life, 5_049_50 - 77, on=billed)
    on = date(2026, 12, 1)
    position = wait(life, until=on)
    assert (position.charges_paise, payoff(position, on=on).total_paise) == (0, 87)
    life.do(Deed((on - NEW_YEAR).days, "forget"))
    assert (life.books.position.status, life.books.position.closed_on) == (LoanStatus.CLOSED, on)
    assert given_up(life.books.transfers) == {"principal_paise": 77, "interest_paise": 10, "charges_paise": 0}
    assert sound(life)


def test_a_loan_that_an_advance_covers_has_no_small_rest() -> None:
    """All instalments are paid in advance: nothing would close the loan today, and the money waits for its bills."""
    terms = replace(CREDIT_CARD.repayment, tolerance_paise=100)
    life = lend(terms, amount=5_000, rate="14", instalments=3)
    for _ in range(3):
        due = next_due(life.books.position)
        assert due is not None
        pay(life, due.amount_paise, on=NEW_YEAR)
    position = life.books.position
    assert (position.status, payoff(position, on=NEW_YEAR).total_paise) == (LoanStatus.ACTIVE, 0)
    with pytest.raises(BalanceNotSmall):
        decide_concession(position, _concession(ConcessionKind.SMALL_BALANCE, on=NEW_YEAR))


def _concession(kind: ConcessionKind, *, on: date, interest: int = 0, charges: int = 0) -> Concession:
    return Concession(number=99, kind=kind, granted_on=on, interest_paise=interest, charges_paise=charges)


def test_what_came_back_after_the_last_bill_is_asked_for_once_more_without_interest() -> None:
    life = lend(replace(STANDARD, every=3), amount=11_700, rate="36", instalments=1, on=date(2024, 1, 1))
    life.do(Deed(90, "pay", 500_00, treat_as=TreatAs.SMALLER_EMI))
    life.do(Deed(106, "reverse", 1))
    life.do(Deed(107, "pay", 12_253_00))
    position = life.books.position
    assert position.plan == Plan([date(2024, 7, 1)], [500_00], [0])
    for on in (date(2024, 4, 18), date(2024, 6, 30)):
        assert payoff(position, on=on).total_paise == 500_00
    life.do(Deed(108, "pay", 100_00, treat_as=TreatAs.SMALLER_EMI))
    position = life.books.position
    assert (position.plan, position.emi_paise) == (Plan([date(2024, 7, 1)], [400_00], [0]), 400_00)
    life.do(Deed(182, "pay", 400_00))
    assert life.books.position.status is LoanStatus.CLOSED
