"""A late charge with days of grace and a tolerance of its own, to the paisa.

The loan: 1,46,000.00 in four principals of 36,500.00 at 12 %. Its first bill asks for 37,960.00 on 1 February 2026 and
is overdue from the second on. With five days of grace the charge is posted on the seventh.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import Position
from app.domain.products.products import LateCharge, PaymentPolicy
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.schedules.terms import Amortisation
from tests.domain.made_loans import assert_books_balance, make_loan, pay, pay_due

NEW_YEAR = date(2026, 1, 1)
FULL = 37_960_00
LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(0))


def february(day: int) -> date:
    return date(2026, 2, day)


def lent(late: LateCharge, *, tolerance: int = 0, policy: PaymentPolicy | None = None) -> Position:
    terms = replace(
        STANDARD_LOAN.repayment,
        amortisation=Amortisation.EQUAL_PRINCIPAL,
        late_charge=late,
        tolerance_paise=tolerance,
        payment_policy=policy or STANDARD_LOAN.repayment.payment_policy,
    )
    return make_loan(replace(STANDARD_LOAN, repayment=terms), amount=1_46_000, rate="12", instalments=4, on=NEW_YEAR)


def charges(transfers: Sequence[Transfer]) -> list[tuple[date, int, int | None]]:
    return [
        (one.value_date, one.amount_paise, one.cycle)
        for one in transfers
        if one.kind is Kind.CHARGE and one.credit is Account.CHARGE_INCOME
    ]


def live(position: Position, *, through: date, paid: tuple[int, int] | None, steps: int) -> list[Transfer]:
    """The transfers of a life in which `paid` is (day of February, paise), brought up every so many days."""
    found: list[Transfer] = []
    day = NEW_YEAR
    while day < through:
        day = min(day + timedelta(days=steps), through)
        if paid is not None and february(paid[0]) <= day:
            before = catch_up(position, through=february(paid[0])).decision
            taken = pay(before.position, amount=paid[1], on=february(paid[0]), number=1).decision
            found += [*before.transfers, *taken.transfers]
            position, paid = taken.position, None
        billed = catch_up(position, through=day).decision
        found += billed.transfers
        position = billed.position
        assert catch_up(position, through=day).decision.transfers == [], "a second call finds nothing"
    assert_books_balance(position)
    return found


@pytest.mark.parametrize("steps", [1, 5, 60])
@pytest.mark.parametrize(
    "late, tolerance, paid, expected",
    [
        (LATE, 0, None, [(february(2), 500_00, 1)]),
        (replace(LATE, grace_days=1), 0, None, [(february(3), 500_00, 1)]),
        (replace(LATE, grace_days=5), 0, None, [(february(7), 500_00, 1)]),
        # Paid on the last day of grace, and on the day after it.
        (replace(LATE, grace_days=5), 0, (6, FULL), []),
        (replace(LATE, grace_days=5), 0, (7, FULL), [(february(7), 500_00, 1)]),
        # A charge is never more than what is overdue on its day.
        (replace(LATE, grace_days=5), 0, (3, FULL - 300_00), [(february(7), 300_00, 1)]),
        # Its own tolerance, and that of the product: the larger one counts.
        (replace(LATE, grace_days=5, tolerance_paise=300_00), 0, (3, FULL - 300_00), [(february(7), 300_00, 1)]),
        (replace(LATE, grace_days=5, tolerance_paise=300_01), 0, (3, FULL - 300_00), []),
        (replace(LATE, tolerance_paise=300_01), 0, (1, FULL - 300_00), []),
        (replace(LATE, tolerance_paise=300_00), 0, (1, FULL - 300_00), [(february(2), 300_00, 1)]),
        (replace(LATE, grace_days=5, tolerance_paise=1_00), 300_01, (3, FULL - 300_00), []),
        # The days of grace go beyond the next bill, which is overdue by then.
        (replace(LATE, grace_days=31), 0, None, [(date(2026, 3, 5), 500_00, 1)]),
    ],
)
def test_when_a_late_bill_is_charged(
    late: LateCharge, tolerance: int, paid: tuple[int, int] | None, expected: list[tuple[date, int, int]], steps: int
) -> None:
    found = live(lent(late, tolerance=tolerance), through=date(2026, 3, 1), paid=paid, steps=steps)
    assert charges(found) == [one for one in expected if one[0] <= date(2026, 3, 1)]


def test_each_bill_has_its_own_days_of_grace() -> None:
    found = live(lent(replace(LATE, grace_days=31)), through=date(2026, 4, 30), paid=None, steps=7)
    # 1 February and 1 March, each a day and 31 days later. Those of the bill of 1 April are not over.
    assert charges(found) == [(date(2026, 3, 5), 500_00, 1), (date(2026, 4, 2), 500_00, 2)]


def test_exact_payments_are_judged_on_the_whole_bill() -> None:
    found = live(
        lent(replace(LATE, grace_days=2), policy=PaymentPolicy.EXACT), through=february(20), paid=None, steps=1
    )
    assert charges(found) == [(february(4), 500_00, 1)]


def test_principal_above_the_minimum_goes_back_on_the_day_after_the_due_date_and_the_charge_follows() -> None:
    late = LateCharge(amount_paise=500_00, gst_percent=Decimal(18), grace_days=3)
    product = replace(CREDIT_CARD_LOAN, repayment=replace(CREDIT_CARD_LOAN.repayment, late_charge=late))
    loan = make_loan(product, amount=50_000, rate="10.5", instalments=12, on=date(2025, 1, 1))
    closed = catch_up(loan, through=date(2025, 2, 16)).decision
    (bill,) = closed.position.open_bills
    # The minimum is 3 % of 50,000.00 and the interest of 435.00.
    assert (bill.closed_on, bill.unpaid_paise, bill.unpaid_charges_paise) == (date(2025, 2, 16), 1_935_00, 0)
    assert (closed.position.next_event_on, charges(closed.transfers)) == (date(2025, 2, 19), [])
    assert closed.position.due_event_on == date(2025, 3, 2)
    charged = catch_up(closed.position, through=date(2025, 2, 19)).decision
    assert charges(charged.transfers) == [(date(2025, 2, 19), 500_00, 1)]
    assert charged.position.charges_paise == 590_00
    assert (charged.position.next_event_on, charged.position.due_event_on) == (date(2025, 3, 2), None)
    assert charged.position.open_bills[0].unpaid_paise == 1_935_00 + 590_00
    assert_books_balance(charged.position)


def test_what_is_due_while_a_bill_is_in_its_days_of_grace_is_the_next_bill_or_the_end_of_an_open_one() -> None:
    late = LateCharge(amount_paise=500_00, gst_percent=Decimal(18), grace_days=20)
    product = replace(CREDIT_CARD_LOAN, repayment=replace(CREDIT_CARD_LOAN.repayment, late_charge=late))
    loan = make_loan(product, amount=50_000, rate="10.5", instalments=12, on=date(2025, 1, 1))
    billed = catch_up(loan, through=date(2025, 1, 31)).decision.position
    assert (billed.next_event_on, billed.due_event_on) == (date(2025, 2, 16), None)
    closed = catch_up(billed, through=date(2025, 2, 16)).decision.position
    assert (closed.next_event_on, closed.due_event_on) == (date(2025, 3, 2), None)
    # The second bill is due on 17 March. The charge of the first one, on 8 March, comes before.
    again = catch_up(closed, through=date(2025, 3, 2)).decision.position
    assert (again.next_event_on, again.due_event_on) == (date(2025, 3, 8), date(2025, 3, 18))
    paid = pay_due(again, on=date(2025, 3, 3))
    assert (paid.next_event_on, paid.due_event_on) == (date(2025, 3, 18), None)
