"""Helpers for tests of the domain: make a loan, pay it, and check its books."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.lending.loans import disburse
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.amounts import PaymentOutcome
from app.domain.payments.payments import PaymentOrder, TreatAs, next_due
from app.domain.products.charge_terms import (
    BounceCharge,
    ChargeTerms,
    DisbursalFee,
    FeePaid,
    PenalRate,
    PrepaymentCharge,
    ServiceCharge,
)
from app.domain.products.products import Product
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.schedules.terms import Amortisation

#: Every charge that a plan-based loan may have.
EVERY_CHARGE = ChargeTerms(
    disbursal=(
        DisbursalFee(name="Processing fee", paid=FeePaid.DEDUCTED, percent=Decimal(1), sac="997113"),
        DisbursalFee(
            name="Stamp duty", paid=FeePaid.UPFRONT, amount_paise=100_00, is_taxed=False, for_third_party=True
        ),
        DisbursalFee(name="Insurance service", paid=FeePaid.FINANCED, amount_paise=500_00, sac="997161"),
    ),
    bounce=BounceCharge(amount_paise=500_00, sac="997113"),
    prepayment=PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), sac="997113"),
    penal_rate=PenalRate(annual_percent=Decimal(24)),
    overdue_interest=True,
    services=(
        ServiceCharge(code="duplicate_statement", name="Duplicate statement", amount_paise=200_00, is_taxed=False),
    ),
)
#: A product with all of them. 1,45,410.00 and the financed fee are 1,46,000.00: principals of 36,500.00 in four months.
CHARGED_LOAN = replace(
    STANDARD_LOAN,
    code="CHARGED_LOAN",
    repayment=replace(STANDARD_LOAN.repayment, amortisation=Amortisation.EQUAL_PRINCIPAL, charges=EVERY_CHARGE),
)
USUAL_AMOUNTS = {"CREDIT_CARD": 5_000, "CREDIT_CARD_LOAN": 50_000, "PERSONAL_LOAN": 500_000, "STANDARD_LOAN": 200_000}


def make_loan(product: Product, *, amount: int | None, rate: str, instalments: int, on: date) -> Position:
    """A loan of `amount` rupees on the date of disbursal."""
    return disburse(
        product.repayment,
        customer_id=1,
        loan_id=1,
        amount_paise=(amount or USUAL_AMOUNTS[product.code]) * 100,
        annual_rate_percent=Decimal(rate),
        instalments=instalments,
        disbursed_on=on,
    ).position


def pay(
    position: Position,
    *,
    amount: int,
    on: date,
    number: int = 1,
    treat_as: TreatAs = TreatAs.INSTALMENT,
    instalment: int | None = None,
) -> PaymentOutcome:
    """A payment of `amount_paise` on a day."""
    order = PaymentOrder(
        payment_id=number,
        amount_paise=amount,
        value_date=on,
        booked_on=on,
        treat_as=treat_as,
        instalment=instalment,
        reference="R-1",
    )
    return decide_payment(position, order)


def pay_due(position: Position, *, on: date, amount: int | None = None) -> Position:
    """Pays the next due amount, or a given amount, and returns the new position."""
    due = next_due(position)
    assert due is not None
    after = pay(position, amount=amount or due.amount_paise, on=on).decision.position
    assert_books_balance(after)
    return after


def assert_books_balance(position: Position) -> None:
    """Checks a position: its balances are the sums of its bills and its plan."""
    bills = position.open_bills
    billed = sum(bill.unpaid_charges_paise for bill in bills)
    assert position.charges_paise == billed + position.unbilled_charges_paise
    assert (
        position.interest_paise == sum(bill.unpaid_interest_paise for bill in bills) + position.unbilled_interest_paise
    )
    assert position.advance_paise == sum(part for _, part in position.advances)
    assert position.undemanded_principal_paise >= 0
    assert all(bill.unpaid_paise > 0 for bill in bills)
    if position.status is LoanStatus.ACTIVE and not position.is_daily:
        assert position.undemanded_principal_paise == sum(position.plan.principal_paise)
