"""Interest on overdue principal and penal charges, day by day, to the paisa.

The loan can be checked by hand: 1,46,000.00 in four principals of 36,500.00 at 12 %, of which a day's interest on
actual/365 is 12.00. Its first bill asks for 1,460.00 of interest too: 37,960.00, of which a day's penal charge at 24 %
is 24.96.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.billing.cycles import catch_up
from app.domain.lending.late_days import late_interest_paise, penal_paise
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import next_due, payoff
from app.domain.products.charge_terms import ChargeTerms, PenalRate
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.schedules.terms import Amortisation
from tests.domain.made_loans import assert_books_balance, make_loan, pay

PENAL = PenalRate(annual_percent=Decimal(24))
BOTH = ChargeTerms(overdue_interest=True, penal_rate=PENAL)
FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (2, 3, 4))


def lent(charges: ChargeTerms | None, **terms: Any) -> Position:
    repayment = replace(STANDARD_LOAN.repayment, amortisation=Amortisation.EQUAL_PRINCIPAL, charges=charges, **terms)
    product = replace(STANDARD_LOAN, repayment=repayment)
    return make_loan(product, amount=1_46_000, rate="12", instalments=4, on=date(2026, 1, 1))


def on_day(position: Position, day: date) -> Position:
    after = catch_up(position, through=day).decision.position
    assert_books_balance(after)
    return after


def paid(position: Position, payments: Sequence[tuple[int, int]]) -> Position:
    """Payments in February: (day, paise; 0: what is due)."""
    for number, (day, amount) in enumerate(payments, start=1):
        position = on_day(position, date(2026, 2, day))
        due = next_due(position)
        assert due is not None
        position = pay(
            position, amount=amount or due.amount_paise, on=date(2026, 2, day), number=number
        ).decision.position
    return position


@pytest.mark.parametrize(
    "charges, payments, interest, penal",
    [
        (None, [(21, 0)], 0, 0),
        (BOTH, [(1, 0)], 0, 0),  # on time
        (BOTH, [(2, 0)], 12_00, 24_96),  # a day late
        (BOTH, [(21, 0)], 240_00, 499_20),  # twenty days late
        (BOTH, [], 336_00, 698_88),  # all of February
        # 36,500.00 for ten days, then 17,960.00 for eighteen: 226.28. 37,960.00 and 17,960.00: 462.17.
        (BOTH, [(11, 20_000_00)], 226_28, 462_17),
        (ChargeTerms(overdue_interest=True), [(21, 0)], 240_00, 0),
        (ChargeTerms(penal_rate=PENAL), [(21, 0)], 0, 499_20),
        # Days 1 to 10 are free.
        (ChargeTerms(penal_rate=replace(PENAL, grace_days=10)), [(21, 0)], 0, 249_60),
        (ChargeTerms(penal_rate=replace(PENAL, grace_days=10)), [(11, 0)], 0, 0),
    ],
)
def test_late_days_are_demanded_by_the_next_bill(
    charges: ChargeTerms | None, payments: list[tuple[int, int]], interest: int, penal: int
) -> None:
    position = paid(lent(charges), payments)
    ahead = next(bills_to_come(on_day(position, date(2026, 2, 28)), on=date(2026, 2, 28)))
    billing = catch_up(position, through=MARCH)
    (bill,) = (one for one in billing.bills if one.billed_on == MARCH)
    # The plan's own interest of the second month is 1 % of 1,09,500.00.
    assert (bill.interest_paise, bill.charges_paise) == (1_095_00 + interest, penal)
    assert bill.total_due_paise == bill.past_due_paise + 36_500_00 + 1_095_00 + interest + penal
    assert bill.minimum_due_paise == bill.total_due_paise
    if payments and not position.open_bills:
        assert (ahead.interest_paise, ahead.charges_paise) == (bill.interest_paise, bill.charges_paise)
    posted = {
        (one.kind, one.debit, one.credit): one.amount_paise
        for one in billing.decision.transfers
        if one.kind in (Kind.OVERDUE_INTEREST, Kind.PENAL_CHARGE)
    }
    expected = {
        (Kind.OVERDUE_INTEREST, Account.INTEREST, Account.INTEREST_INCOME): interest,
        (Kind.PENAL_CHARGE, Account.CHARGES, Account.CHARGE_INCOME): penal,
    }
    assert posted == {place: paise for place, paise in expected.items() if paise}
    assert_books_balance(billing.decision.position)


def test_a_penal_charge_bears_neither_interest_nor_a_penal_charge() -> None:
    march = on_day(lent(BOTH), MARCH)
    assert march.charges_paise == 698_88
    billing = catch_up(march, through=APRIL)
    (bill,) = billing.bills
    # 73,000.00 of principal is overdue for 31 days: 24.00 a day. With interest of 1,460.00 and 1,431.00 (1,095.00 and
    # 336.00 of February), 75,891.00 is: 49.90 a day. The 698.88 are not in it.
    assert bill.interest_paise == 730_00 + 744_00
    assert bill.charges_paise == 1_546_93


@pytest.mark.parametrize("rest, penal", [(99, 0), (1_00, 2)])
def test_a_rest_below_the_tolerance_costs_nothing(rest: int, penal: int) -> None:
    position = paid(lent(BOTH, tolerance_paise=1_00), [(1, 37_960_00 - rest)])
    assert penal_paise(on_day(position, MARCH), on=MARCH) == 0, "posted by the bill"
    (bill,) = (one for one in catch_up(position, through=MARCH).bills)
    assert bill.charges_paise == penal


def test_a_standard_loan_paid_twenty_days_late() -> None:
    product = replace(
        STANDARD_LOAN, repayment=replace(STANDARD_LOAN.repayment, charges=ChargeTerms(overdue_interest=True))
    )
    position = make_loan(product, amount=2_00_000, rate="12", instalments=24, on=date(2026, 1, 1))
    position = paid(position, [(21, 0)])
    # The first instalment of 9,414.69 has 7,414.69 of principal: 7,414.69 x 12 % x 20 / 365 = 48.7541.
    assert late_interest_paise(position, on=FEBRUARY) == 48_75
    (bill,) = catch_up(position, through=MARCH).bills
    assert bill.interest_paise == 1_925_85 + 48_75


def test_the_payoff_includes_late_days_and_closes_the_loan() -> None:
    day = date(2026, 2, 21)
    position = on_day(lent(BOTH), day)
    found = payoff(position, on=day)
    # Of the second month 20 of 28 days accrue: 782.14.
    assert (found.charges_paise, found.interest_accrued_paise) == (499_20, 240_00 + 782_14)
    outcome = pay(position, amount=found.total_paise, on=day)
    assert outcome.closed
    assert outcome.charges_paise == 499_20
    assert_books_balance(outcome.decision.position)


def test_after_the_last_instalment_bills_go_on_while_something_is_late() -> None:
    position = lent(BOTH)
    for day in (date(2026, month, 1) for month in (2, 3, 4)):
        due = next_due(on_day(position, day))
        assert due is not None
        position = pay(on_day(position, day), amount=due.amount_paise, on=day).decision.position
    # The fourth bill is of 1 May; it is paid on the 21st, and what is late is demanded on 1 June.
    late = date(2026, 5, 21)
    position = on_day(position, late)
    due = next_due(position)
    assert due is not None
    assert due.amount_paise == 36_500_00 + 365_00
    position = pay(position, amount=due.amount_paise, on=late).decision.position
    assert (position.status, position.next_billing_on) == (LoanStatus.ACTIVE, date(2026, 6, 1))
    billing = catch_up(position, through=date(2026, 6, 1))
    (bill,) = billing.bills
    # 36,865.00 at 24 % for 20 days: 484.8000.
    assert (bill.interest_paise, bill.principal_due_paise, bill.charges_paise) == (240_00, 0, 484_80)
    outcome = pay(billing.decision.position, amount=724_80, on=date(2026, 6, 1))
    assert outcome.closed


def test_the_terms_that_ask_for_nothing_change_nothing() -> None:
    plain, charged = lent(None), lent(ChargeTerms())
    for day in (FEBRUARY, MARCH, APRIL, date(2026, 7, 1)):
        assert replace(on_day(charged, day), terms=plain.terms) == on_day(plain, day)
