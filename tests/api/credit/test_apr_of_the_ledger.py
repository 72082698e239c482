"""The APR of key facts, computed again by pyxirr from the cash of the ledger, for each way of taking a fee.

1,00,000.00 at 12 % over twelve months with a fee of 2 % and its GST: 2,360.00 is deducted, paid apart, or financed.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import httpx
import pytest
from pyxirr import irr
from sqlalchemy import select

from app.db.models import Transfer
from app.db.repositories.products.products import add_product
from app.domain.calendar import add_months
from app.domain.people.access import SYSTEM
from app.domain.products.charge_terms import ChargeTerms, DisbursalFee, FeePaid
from app.domain.products.products import Product
from app.domain.products.seeded import STANDARD_LOAN
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.services.lending_desk import LendingHelper

FIRST = date(2026, 11, 21)


def charging(*ways: FeePaid) -> Product:
    fees = tuple(
        DisbursalFee(name=f"Fee {way.value}", paid=way, percent=Decimal(2) / len(ways), sac="997113") for way in ways
    )
    terms = replace(STANDARD_LOAN.repayment, charges=ChargeTerms(disbursal=fees))
    return replace(STANDARD_LOAN, code="FEE_LOAN", repayment=terms)


@pytest.mark.parametrize(
    "ways, cash_on_the_first_day, principal",
    [
        ((FeePaid.DEDUCTED,), 97_640_00, 1_00_000_00),
        ((FeePaid.UPFRONT,), 97_640_00, 1_00_000_00),
        ((FeePaid.FINANCED,), 1_00_000_00, 1_02_360_00),
        ((FeePaid.DEDUCTED, FeePaid.FINANCED), 98_820_00, 1_01_180_00),
    ],
)
async def test_the_apr_is_that_of_the_cash(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    officer: dict[str, str],
    ways: tuple[FeePaid, ...],
    cash_on_the_first_day: int,
    principal: int,
) -> None:
    product = charging(*ways)
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    lending = LendingHelper(uow_factory)
    loan = await lending.disburse(product, amount=1_00_000, rate="12", instalments=12)
    address = f"/api/v1/loans/LN-2026-{loan.number:04d}"
    told = (await client.get(f"{address}/key-facts", headers=officer)).json()
    planned = (await client.get(f"{address}/schedule", headers=officer)).json()["instalments"]
    assert round(sum(row["principal"] for row in planned) * 100) == principal
    for month, row in enumerate(planned, start=1):
        await lending.run_billing(on=add_months(FIRST, month))
        await lending.pay(loan, amount=round(row["amount"] * 100), reference=f"EMI-{month}")
    assert (await client.get(address, headers=officer)).json()["status"] == "closed"
    async with uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            select(Transfer.value_date, Transfer.debit, Transfer.amount_paise).where(
                (Transfer.debit == "cash") | (Transfer.credit == "cash")
            )
        )
        by_month = [0] * 13
        for value_date, debit, paise in rows:
            month = (value_date.year - FIRST.year) * 12 + value_date.month - FIRST.month
            by_month[month] += paise if debit == "cash" else -paise
    assert by_month[0] == -cash_on_the_first_day
    monthly = irr(by_month)
    assert monthly is not None
    # The nominal rate is that of the instalment before it is rounded: less than a hundredth of a percent away.
    assert told["apr"] == pytest.approx(monthly * 1200, abs=0.006)
    assert told["apr"] > 12.0
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()
