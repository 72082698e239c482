"""Fees on the day of disbursal: what is posted, what is owed, what the borrower receives."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.lending.ledger import Account, Kind
from app.domain.lending.loans import disburse
from app.domain.lending.positions import Decision
from app.domain.products.charge_terms import ChargeTerms, DisbursalFee, FeePaid
from app.domain.products.charges import FeesInvalid, disbursal_fees
from app.domain.products.seeded import STANDARD_LOAN
from tests.domain.made_loans import EVERY_CHARGE, assert_books_balance

ON = date(2026, 11, 28)
DISBURSAL, FEE = Kind.DISBURSAL, Kind.FEE
PRINCIPAL, CASH, INCOME = Account.PRINCIPAL, Account.CASH, Account.CHARGE_INCOME
GST, THIRD = Account.GST_PAYABLE, Account.THIRD_PARTY_PAYABLE


def made(charges: ChargeTerms, *, amount_paise: int = 2_00_000_00) -> Decision:
    return disburse(
        replace(STANDARD_LOAN.repayment, charges=charges),
        customer_id=1,
        loan_id=1,
        amount_paise=amount_paise,
        annual_rate_percent=Decimal(12),
        instalments=24,
        disbursed_on=ON,
        fees=disbursal_fees(charges, amount_paise=amount_paise, on=ON),
    )


def processing(paid: FeePaid) -> ChargeTerms:
    return ChargeTerms(disbursal=(DisbursalFee(name="Processing fee", paid=paid, percent=Decimal(1), sac="997113"),))


@pytest.mark.parametrize(
    "paid, transfers, principal, emi",
    [
        # 1 % of 2,00,000.00 and 18 % of it. The borrower receives 1,97,640.00 and owes 2,00,000.00.
        (FeePaid.DEDUCTED, [(DISBURSAL, PRINCIPAL, CASH, 1_97_640_00), (FEE, PRINCIPAL, INCOME, 2_000_00),
                            (FEE, PRINCIPAL, GST, 360_00)], 2_00_000_00, 9_414_69),
        (FeePaid.UPFRONT, [(DISBURSAL, PRINCIPAL, CASH, 2_00_000_00), (FEE, CASH, INCOME, 2_000_00),
                           (FEE, CASH, GST, 360_00)], 2_00_000_00, 9_414_69),
        # 2,02,360.00 are owed and bear interest.
        (FeePaid.FINANCED, [(DISBURSAL, PRINCIPAL, CASH, 2_00_000_00), (FEE, PRINCIPAL, INCOME, 2_000_00),
                            (FEE, PRINCIPAL, GST, 360_00)], 2_02_360_00, 9_525_79),
    ],
)  # fmt: skip
def test_a_fee_is_deducted_paid_apart_or_financed(
    paid: FeePaid, transfers: list[object], principal: int, emi: int
) -> None:
    decision = made(processing(paid))
    assert [(one.kind, one.debit, one.credit, one.amount_paise) for one in decision.transfers] == transfers
    position = decision.position
    assert (position.principal_paise, position.emi_paise, position.charges_paise) == (principal, emi, 0)
    assert sum(position.plan.principal_paise) == principal
    assert position.last_transfer == len(transfers)
    assert_books_balance(position)


def test_every_fee_of_a_product_is_one_disbursal() -> None:
    decision = made(EVERY_CHARGE)
    assert [(one.debit, one.credit, one.amount_paise) for one in decision.transfers] == [
        (PRINCIPAL, CASH, 1_97_640_00),
        (PRINCIPAL, INCOME, 2_000_00),
        (PRINCIPAL, GST, 360_00),
        # Stamp duty is passed on: no income, and no tax of ours.
        (CASH, THIRD, 100_00),
        (PRINCIPAL, INCOME, 500_00),
        (PRINCIPAL, GST, 90_00),
    ]
    assert {one.group_number for one in decision.transfers} == {1}
    assert decision.position.disbursed_paise == 2_00_590_00


def test_fees_that_leave_nothing_are_refused() -> None:
    fee = DisbursalFee(name="Fee", paid=FeePaid.DEDUCTED, amount_paise=1_000_00, is_taxed=False)
    with pytest.raises(FeesInvalid):
        made(ChargeTerms(disbursal=(fee,)), amount_paise=1_000_00)
    assert made(ChargeTerms(disbursal=(fee,)), amount_paise=1_001_00).transfers[0].amount_paise == 1_00
