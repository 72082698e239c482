"""A late charge with days of grace over HTTP, with the clock moved: posted by the run, shown, undone, and listed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM
from app.domain.products.products import LateCharge
from app.domain.products.seeded import SEEDED_PRODUCTS, STANDARD_LOAN
from app.domain.schedules.terms import Amortisation
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.api.lending.test_charges import Desk
from tests.services.lending_desk import LendingHelper

LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(0), grace_days=5, tolerance_paise=100_00)
LATE_LOAN = replace(
    STANDARD_LOAN,
    code="LATE_LOAN",
    repayment=replace(STANDARD_LOAN.repayment, amortisation=Amortisation.EQUAL_PRINCIPAL, late_charge=LATE),
)


@pytest_asyncio.fixture
async def desk(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], admin: dict[str, str]
) -> AsyncIterator[Desk]:
    """1,46,000.00 at 12 % in four principals of 36,500.00: 37,960.00 is due on 21 December."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in (*SEEDED_PRODUCTS, LATE_LOAN):
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    made = Desk(client, LendingHelper(uow_factory), officer, admin)
    loan = await made.lending.disburse(LATE_LOAN, amount=1_46_000, rate="12", instalments=4)
    made.loan = f"LN-2026-{loan.number:04d}"
    yield made
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


def late(charges: Any) -> list[tuple[Any, ...]]:
    return [(line["kind"], line["on"], line["amount"], line["taken_back_on"]) for line in charges["charged"]]


async def test_the_run_of_the_day_after_the_grace_posts_it(desk: Desk) -> None:
    (named,) = (await desk.get("/charges"))["schedule_of_charges"]
    assert (named["name"], named["amount"], named["grace_days"]) == ("Late charge", 500.0, 5)
    await desk.lending.run_billing(on=date(2026, 12, 22))
    assert (await desk.get())["charges_due"] == 0.0
    await desk.lending.run_billing(on=date(2026, 12, 26))
    assert late(await desk.get("/charges")) == []
    # Read ahead of the run, and by the run.
    await desk.lending.set_date(date(2026, 12, 27))
    assert (await desk.get())["charges_due"] == 500.0
    await desk.lending.run_billing(on=date(2026, 12, 27))
    assert late(await desk.get("/charges")) == [("charge", "2026-12-27", 500.0, None)]
    await desk.lending.run_billing(on=date(2027, 1, 21))
    assert late(await desk.get("/charges")) == [("charge", "2026-12-27", 500.0, None)]


async def test_a_payment_that_came_within_the_grace_takes_it_back(desk: Desk) -> None:
    await desk.lending.run_billing(on=date(2026, 12, 30))
    assert (await desk.get())["charges_due"] == 500.0
    # All but 99.99 came on the last day of grace: what is left is below the tolerance of the charge.
    body = {"loan_id": desk.loan, "amount": 37860.01, "reference_id": "LATE-NEWS", "value_date": "2026-12-26"}
    paid = await desk.post("/loans/payments", body, status=201)
    assert (await desk.get())["charges_due"] == 0.0
    assert late(await desk.get("/charges")) == [("charge", "2026-12-27", 500.0, "2026-12-30")]
    await desk.post(f"/payments/{paid['payment_id']}/reverse", {"reason": "another loan", "cause": "mistake"})
    assert (await desk.get())["charges_due"] == 500.0


async def test_a_loan_in_its_days_of_grace_is_listed_by_its_next_due_date(desk: Desk) -> None:
    """Its charge is the next event, on 27 December. Another loan's bill comes on 10 January."""
    await desk.lending.set_date(date(2026, 12, 10))
    other = await desk.lending.disburse(STANDARD_LOAN, amount=50_000, rate="12", instalments=4)
    await desk.lending.run_billing(on=date(2026, 12, 22))
    both = [f"LN-2026-{other.number:04d}", str(desk.loan)]

    async def listed(query: str) -> list[str]:
        found = await desk.client.get(f"/api/v1/loans?{query}", headers=desk.officer)
        return [one["loan_id"] for one in found.json()["items"]]

    assert await listed("due_from=2027-01-15&due_to=2027-01-25") == [desk.loan]
    assert await listed("due_from=2026-12-23&due_to=2027-01-15") == both[:1]
    assert await listed("due_from=2026-12-23") == sorted(both)
    assert await listed("due_from=2026-12-23&sort=due_on") == both
    assert await listed("sort=due_on&overdue=true") == both[1:]
    assert await listed("due_to=2027-01-21&sort=-disbursed_on") == both
    pages, cursor = [], ""
    for _ in both:
        page = (await desk.client.get(f"/api/v1/loans?sort=due_on&limit=1{cursor}", headers=desk.officer)).json()
        pages += [one["loan_id"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert pages == both
    await desk.lending.run_billing(on=date(2026, 12, 27))
    assert await listed("sort=due_on") == both
