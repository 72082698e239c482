"""Statements: what a payment has paid, including its advance, and the instalments left of a contract."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.contracts import LentLoan, contract_of_ours
from app.domain.lending.ledger import Account
from app.domain.payments.changes import ChangeKind, LoanChange
from app.domain.payments.changing import decide_change
from app.domain.products.seeded import CREDIT_CARD, STANDARD_LOAN
from app.domain.reporting.advance_uses import planned_uses
from app.domain.reporting.statements import Moved, PaymentFacts, credits_used, make_statement
from app.domain.schedules.terms import Moratorium, MoratoriumInterest, MoratoriumOf
from tests.domain.made_loans import make_loan, pay

LENT_ON = date(2026, 11, 21)


def facts(payment_id: int, *, amount: int, advance: int, reversed_on: date | None = None) -> PaymentFacts:
    return PaymentFacts(
        payment_id=payment_id,
        value_date=LENT_ON,
        amount_paise=amount,
        charges_paise=0,
        interest_paise=0,
        principal_paise=amount - advance,
        advance_paise=advance,
        method=None,
        reference=None,
        reversed_on=reversed_on,
    )


def test_an_advance_is_shown_as_the_instalments_that_it_will_pay() -> None:
    """9,414.69 a month, of which 2,000.00 is the first interest: two payments share the first two instalments."""
    loan = make_loan(STANDARD_LOAN, amount=200_000, rate="12", instalments=24, on=LENT_ON)
    assert (loan.plan.interest_paise[0], loan.plan.principal_paise[0]) == (2_000_00, 7_414_69)
    loan.advances, loan.advance_paise = [(7, 5_000_00), (8, 5_000_00)], 10_000_00

    # First 2,000.00 of interest and 3,000.00 of principal; then the rest of the first instalment, and 585.31 of the
    # interest of the second.
    assert planned_uses(loan) == {7: (3_000_00, 2_000_00), 8: (4_414_69, 585_31)}

    statement = make_statement(
        loan,
        bills=[],
        payments=[
            facts(7, amount=5_000_00, advance=5_000_00),
            facts(8, amount=6_000_00, advance=5_000_00),
            facts(9, amount=1_00, advance=0, reversed_on=LENT_ON),
        ],
        on=LENT_ON,
    )
    shown = [(past.principal_paise, past.interest_paise, past.amount_paise) for past in statement.past]
    assert shown == [(3_000_00, 2_000_00, 5_000_00), (5_414_69, 585_31, 6_000_00)]
    assert len(statement.payments) == 3


def test_interest_that_became_principal_is_neither_paid_nor_repaid() -> None:
    """Of 2,00,000.00 at 8.5 % the first instalment is paid: 1,416.67 and 7,674.46. For three months everything waits,
    and 192,325.54 x 8.5 % / 12 = 1,362.31, then 1,371.96 and 1,381.67 become principal: 4,115.94."""
    new_year, first, may = date(2025, 1, 1), date(2025, 2, 1), date(2025, 5, 1)
    billed = catch_up(make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, on=new_year), through=first)
    paid = pay(billed.decision.position, amount=9_091_13, on=first).decision
    wait = Moratorium(instalments=3, of=MoratoriumOf.BOTH, interest=MoratoriumInterest.CAPITALISED)
    deferred = LoanChange(number=2, kind=ChangeKind.RESTRUCTURE, made_on=first, booked_on=first, moratorium=wait)
    waited = catch_up(decide_change(paid.position, deferred).position, through=may)
    states = paid.states | waited.decision.states
    statement = make_statement(
        waited.decision.position,
        bills=[IssuedBill(bill, states[bill.cycle]) for bill in (*billed.bills, *waited.bills)],
        payments=[replace(facts(1, amount=9_091_13, advance=0), interest_paise=1_416_67, principal_paise=7_674_46)],
        moved=credits_used(waited.decision.transfers),
        on=may,
    )
    assert statement.interest_capitalised_paise == 4_115_94
    assert (statement.principal_paid_paise, statement.interest_paid_paise) == (7_674_46, 1_416_67)
    assert statement.outstanding_paise == 200_000_00 - 7_674_46 + 4_115_94
    assert statement.overdue_paise == 0


def test_arrears_that_became_principal_are_not_paid() -> None:
    """The first bill, 1,416.67 of interest, is not paid: its interest becomes principal, its principal is planned."""
    first = date(2025, 2, 1)
    begun = make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, on=date(2025, 1, 1))
    billed = catch_up(begun, through=first)
    spread = LoanChange(
        number=2, kind=ChangeKind.RESTRUCTURE, made_on=first, booked_on=first, instalments=30, capitalises_arrears=True
    )
    made = decide_change(billed.decision.position, spread)
    bill = billed.bills[0]
    statement = make_statement(
        made.position,
        bills=[IssuedBill(bill, made.states[bill.cycle])],
        payments=[],
        moved=credits_used(made.transfers),
        on=first,
    )
    assert statement.interest_capitalised_paise == 1_416_67
    assert (statement.principal_paid_paise, statement.interest_paid_paise) == (0, 0)
    assert statement.outstanding_paise == 201_416_67


def test_the_fees_of_the_disbursal_are_charges_paid() -> None:
    loan = make_loan(STANDARD_LOAN, amount=200_000, rate="12", instalments=24, on=LENT_ON)
    fees = Moved(account=Account.CHARGE_INCOME, component=Account.CHARGES, cycle=None, amount_paise=2_360_00)
    statement = make_statement(
        loan,
        bills=[],
        payments=[replace(facts(9, amount=0, advance=0), charges_paise=100_00)],
        moved=[fees],
        on=LENT_ON,
    )
    assert statement.charges_paid_paise == 2_460_00


def test_a_card_paid_in_advance_shows_its_whole_plan() -> None:
    loan = make_loan(CREDIT_CARD, amount=None, rate="14", instalments=12, on=LENT_ON)
    for number in range(1, 12):
        loan = pay(loan, amount=448_94, on=LENT_ON, number=number).decision.position
    uses = planned_uses(loan)
    assert sum(principal for principal, _ in uses.values()) == sum(loan.plan.principal_paise[:11])
    assert all(principal + interest == 448_94 for principal, interest in uses.values())
    assert planned_uses(make_loan(CREDIT_CARD, amount=None, rate="14", instalments=12, on=LENT_ON)) == {}


@pytest.mark.parametrize(
    "on,left",
    [
        (date(2026, 11, 21), 3),
        (date(2026, 12, 20), 3),
        (date(2026, 12, 21), 2),
        (date(2027, 2, 20), 1),
        (date(2027, 2, 21), 0),
    ],
)
def test_repayments_left_are_those_after_the_day(on: date, left: int) -> None:
    loan = LentLoan(
        customer_id=1,
        loan_id=1,
        amount_paise=1_000_00,
        annual_rate_percent=Decimal(12),
        instalments=3,
        emi_paise=340_03,
        due_on=(date(2026, 12, 21), date(2027, 1, 21), date(2027, 2, 21)),
        closed_on=None,
    )
    assert loan.repayments_left(on) == contract_of_ours(loan, on=on).repayments_left == left
    assert replace(loan, closed_on=on).repayments_left(on) == 0
