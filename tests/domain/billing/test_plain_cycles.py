"""Plain cycles are billed as `bring_up` bills them, and nothing else is taken for one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.domain.billing.cycles import catch_up
from app.domain.billing.plain_cycles import PlainBill, PlainLoan, bill_plain_cycles, plain_rules
from app.domain.calendar import DayCount
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import Position
from app.domain.payments.payments import TreatAs
from app.domain.products.products import LateCharge, Product
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, SEEDED_LOANS, STANDARD_LOAN
from app.domain.schedules.interest import InterestBasis
from tests.domain.made_loans import CHARGED_LOAN, USUAL_AMOUNTS, make_loan, pay, pay_due

NEW_YEAR = date(2025, 1, 1)
LATE = replace(
    CREDIT_CARD_LOAN,
    repayment=replace(
        CREDIT_CARD_LOAN.repayment,
        late_charge=LateCharge(amount_paise=500_00, gst_percent=Decimal(18), grace_days=3),
    ),
)


def plain_loan_of(position: Position) -> PlainLoan:
    """What a run reads of a loan that owes nothing of earlier bills."""
    assert not position.open_bills
    assert (position.advance_paise, position.unbilled_interest_paise, position.unbilled_charges_paise) == (0, 0, 0)
    assert position.next_billing_on is not None
    plan = position.plan
    return PlainLoan(
        "PRODUCT", 1, str(position.annual_rate_percent), position.customer_id, position.loan_id, position.version,
        position.next_cycle, position.cycle_began_on.toordinal(), position.next_billing_on.toordinal(),
        plan.due_on[1].toordinal() if len(plan.due_on) > 1 else None,
        position.principal_paise, plan.principal_paise[0], plan.interest_paise[0],
        [movement.value_date for movement in position.movements] or None,
        [movement.delta_paise for movement in position.movements] or None,
    )  # fmt: skip


def bill_plainly(position: Position, *, through: date) -> PlainBill | None:
    rules = {
        ("PRODUCT", 1, str(position.annual_rate_percent)): plain_rules(position.terms, position.annual_rate_percent)
    }
    bills = bill_plain_cycles([plain_loan_of(position)], through=through, rules=rules)
    return bills[0] if bills else None


def position_after(position: Position, plain: PlainBill) -> Position:
    """The position that a run writes for a plain bill, without the bill itself."""
    after = position.copy()
    on = date.fromordinal(plain.billed_on)
    plan = after.plan
    after.plan = type(plan)(plan.due_on[1:], plan.principal_paise[1:], plan.interest_paise[1:])
    after.next_cycle, after.cycle_began_on, after.last_event_on = plain.cycle + 1, on, on
    after.next_billing_on = date.fromordinal(plain.next_billing_on)
    after.interest_paise += plain.interest_paise
    after.last_transfer += 1
    after.movements = []
    if plain.counts_late_days:
        after.late_counted_on = on
    return after


def assert_same(position: Position, plain: PlainBill, *, through: date) -> None:
    """The bill, its state, the transfer and the position are those of `bring_up`."""
    billing = catch_up(position, through=through)
    on, due_on = date.fromordinal(plain.billed_on), date.fromordinal(plain.due_on)
    interest, principal = plain.interest_paise, plain.principal_due_paise
    assert [tuple(bill) for bill in billing.bills] == [
        (
            plain.cycle, date.fromordinal(plain.from_on), on, due_on, through, position.principal_paise, interest,
            principal, 0, interest + principal, plain.minimum_due_paise, position.schedule_version, 0,
        )
    ]  # fmt: skip
    number = position.last_transfer + 1
    account = Account.INTEREST
    assert [tuple(transfer) for transfer in billing.decision.transfers] == [
        (
            number, number, Kind.INTEREST, account, Account.INTEREST_INCOME, interest, account, on, through,
            plain.cycle, None, None,
        )
    ]  # fmt: skip
    assert (billing.overdue, billing.decision.plans) == ([], [])
    after = billing.decision.position
    (state,) = after.open_bills
    assert billing.decision.states == {plain.cycle: state}
    assert (state.cycle, state.due_on, state.minimum_paise) == (plain.cycle, due_on, plain.minimum_due_paise)
    unpaid = state.unpaid_charges_paise, state.unpaid_interest_paise, state.unpaid_principal_paise
    assert (unpaid, state.returned_paise) == ((0, interest, principal), 0)
    assert (state.closed_on, state.settled_on) == (None, None)
    assert after.next_event_on == date.fromordinal(plain.next_event_on)
    assert replace(after, open_bills=[]) == position_after(position, plain)


def test_the_first_bill_of_a_card_loan() -> None:
    """30 days x 50,000 x 0.029 % = 435.00; EMI 4,406.04; 3 % of 50,000 + 435.00 = 1,935.00; due 15 days later."""
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    billed_on = date(2025, 1, 31)
    plain = bill_plainly(loan, through=billed_on)
    assert plain == PlainBill(
        1, 1, 1, 1, NEW_YEAR.toordinal(), billed_on.toordinal(), date(2025, 2, 15).toordinal(),
        date(2025, 3, 2).toordinal(), date(2025, 2, 16).toordinal(), 435_00, 3_971_04, 1_935_00, False,
    )  # fmt: skip


def test_interest_follows_a_prepayment_from_its_day_on() -> None:
    """14 days on 50,000 and 16 on 40,000, at 0.029 % a day: 203.00 + 185.60."""
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    loan = pay(loan, amount=10_000_00, on=date(2025, 1, 15), treat_as=TreatAs.PREPAYMENT).decision.position
    plain = bill_plainly(loan, through=date(2025, 1, 31))
    assert plain is not None
    assert plain.interest_paise == 388_60
    assert_same(loan, plain, through=date(2025, 1, 31))


def test_what_is_not_due_or_not_plain_is_left_alone() -> None:
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    assert bill_plainly(loan, through=date(2025, 1, 30)) is None  # not due yet
    assert bill_plainly(loan, through=date(2025, 2, 15)) is not None
    assert bill_plainly(loan, through=date(2025, 2, 16)) is None  # the bill is overdue too
    last = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=1, on=NEW_YEAR)
    assert bill_plainly(last, through=date(2025, 1, 31)) is None  # the last bill
    free = make_loan(STANDARD_LOAN, amount=50_000, rate="0", instalments=12, on=NEW_YEAR)
    assert bill_plainly(free, through=date(2025, 2, 1)) is None  # no transfer of interest
    thirty = replace(CREDIT_CARD_LOAN.repayment, interest_basis=InterestBasis.DAYS, day_count=DayCount.THIRTY_360)
    assert plain_rules(thirty, Decimal(12)) is None  # a day's interest depends on the day


def test_a_faulty_loan_is_left_alone() -> None:
    """A movement before its cycle: `bring_up` refuses the loan by its name, and the other loans are billed."""
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    good = plain_loan_of(loan)
    early = good._replace(movement_dates=[date(2024, 12, 31)], movement_paise=[-1_00])
    torn = good._replace(movement_dates=[date(2025, 1, 2)], movement_paise=[-1_00, -2_00])
    rules = {good[:3]: plain_rules(loan.terms, loan.annual_rate_percent)}
    bills = bill_plain_cycles([early, torn, good], through=date(2025, 1, 31), rules=rules)
    assert [bill.interest_paise for bill in bills] == [435_00]


@pytest.mark.parametrize(
    "product", [*SEEDED_LOANS, LATE, CHARGED_LOAN], ids=[*(one.code for one in SEEDED_LOANS), "late", "charged"]
)
def test_every_product_is_billed_plainly_while_its_bills_are_paid(product: Product) -> None:
    amount = USUAL_AMOUNTS.get(product.code, 1_45_410)
    loan = make_loan(product, amount=amount, rate="12", instalments=6, on=NEW_YEAR)
    plain_cycles = 0
    while loan.next_billing_on is not None and not loan.open_bills:
        on = loan.next_billing_on
        plain = bill_plainly(loan, through=on)
        if plain is not None:
            assert_same(loan, plain, through=on)
            plain_cycles += 1
        loan = catch_up(loan, through=on).decision.position
        loan = pay_due(loan, on=on) if loan.open_bills else loan
    assert plain_cycles == 5


PRODUCTS = (CREDIT_CARD, CREDIT_CARD_LOAN, STANDARD_LOAN, PERSONAL_LOAN, LATE, CHARGED_LOAN)


@given(
    product=st.sampled_from(PRODUCTS),
    amount=st.integers(1_000, 5_00_000),
    rate=st.sampled_from(["0", "1", "10.5", "24", "36.25"]),
    instalments=st.integers(1, 36),
    basis=st.sampled_from(list(InterestBasis)),
    day_count=st.sampled_from(list(DayCount)),
    prepaid=st.lists(st.tuples(st.integers(1, 27), st.integers(1, 400)), max_size=4),
    cycles=st.integers(0, 3),
    waits=st.integers(0, 20),
)
@settings(max_examples=150, deadline=None)
def test_a_plain_bill_is_that_of_bring_up(
    product: Product, amount: int, rate: str, instalments: int, basis: InterestBasis, day_count: DayCount,
    prepaid: list[tuple[int, int]], cycles: int, waits: int,
) -> None:  # fmt: skip
    """After some cycles that were paid in full, with prepayments in the present one, seen some days after its end."""
    terms = replace(product.repayment, interest_basis=basis, day_count=day_count)
    loan = make_loan(replace(product, repayment=terms), amount=amount, rate=rate, instalments=instalments, on=NEW_YEAR)
    for _ in range(cycles):
        if loan.next_billing_on is None:
            return
        on = loan.next_billing_on
        loan = catch_up(loan, through=on).decision.position
        loan = pay_due(loan, on=on) if loan.open_bills else loan
    for number, (day, percent_of_ten) in enumerate(sorted(prepaid), start=100):
        on = loan.cycle_began_on + timedelta(days=day)
        part = loan.principal_paise * percent_of_ten // 10_000
        is_open = loan.next_billing_on is not None and on < loan.next_billing_on and on >= loan.last_event_on
        if is_open and part and product.code != "CREDIT_CARD":
            loan = pay(loan, amount=part, on=on, number=number, treat_as=TreatAs.PREPAYMENT).decision.position
    if loan.next_billing_on is None or loan.open_bills or loan.advance_paise or loan.unbilled_interest_paise:
        return
    through = loan.next_billing_on + timedelta(days=waits)
    plain = None if loan.unbilled_charges_paise else bill_plainly(loan, through=through)
    event("plain" if plain else "left alone")
    if plain is not None:
        assert_same(loan, plain, through=through)
