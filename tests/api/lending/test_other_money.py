"""Money that comes otherwise, over HTTP: more than the payoff, its refund by two people, recoveries, cash in rupees."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
TERMS = replace(
    CREDIT_CARD_LOAN.repayment,
    takes_overpayment=True,
    closes_small_rest=True,
    tolerance_paise=10_00,
    cash_unit_paise=1_00,
)
OPEN_HANDED: Product = replace(CREDIT_CARD_LOAN, code="OPEN_HANDED", repayment=TERMS)


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> AsyncIterator[LendingHelper]:
    """A lending helper with one product that takes what comes. After the test every loan is reconciled."""
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, OPEN_HANDED, offered_from=date(2000, 1, 1), now=START, actor="system")
    yield LendingHelper(uow_factory)
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


@pytest_asyncio.fixture
async def loan(lending: LendingHelper) -> str:
    """50,000 at 10.5 % over 12 x 30 days, with its first bill: 435.00 of interest and 3,971.04 of principal."""
    made = await lending.disburse(OPEN_HANDED, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    return f"LN-2026-{made.number:04d}"


async def pay(client: httpx.AsyncClient, headers: Headers, **body: Any) -> httpx.Response:
    return await client.post("/api/v1/loans/payments", headers=headers, json=body)


async def propose(client: httpx.AsyncClient, headers: Headers, key: str, **body: Any) -> httpx.Response:
    return await client.post(
        "/api/v1/proposals", headers={**headers, "Idempotency-Key": key}, json={"reason": "paid twice", **body}
    )


async def owed(client: httpx.AsyncClient, headers: Headers, loan: str) -> float:
    answer = await client.get(f"/api/v1/loans/{loan}/owed-to-borrower", headers=headers)
    assert answer.status_code == 200
    found: float = answer.json()["owed"]
    return found


async def test_an_overpayment_is_owed_and_refunded_by_two_people(
    client: httpx.AsyncClient, loan: str, officer: Headers, admin: Headers
) -> None:
    paid = (await pay(client, officer, loan_id=loan, amount="50685.50", reference_id="R1")).json()
    assert (paid["loan_closed"], paid["overpaid"], paid["rounding"]) == (True, 250.5, 0.0)
    assert await owed(client, officer, loan) == 250.5
    # A standing order comes once more.
    again = (await pay(client, officer, loan_id=loan, amount=100, reference_id="R2")).json()
    assert (again["overpaid"], await owed(client, officer, loan)) == (100.0, 350.5)

    more = await propose(client, officer, "p1", kind="refund", loan_id=loan, amount="350.51")
    assert (more.status_code, more.json()["code"], more.json()["figures"]["owed"]) == (422, "refund_beyond_owed", 350.5)
    assert await owed(client, officer, loan) == 350.5

    made = await propose(client, officer, "p2", kind="refund", loan_id=loan, amount="350.50")
    number = made.json()["proposal_id"]
    assert (made.status_code, made.json()["asked"]["amount"]) == (201, 350.5)
    assert await owed(client, officer, loan) == 350.5
    own = await client.post(f"/api/v1/proposals/{number}/approve", headers=officer, json={})
    assert own.status_code == 403
    approved = await client.post(f"/api/v1/proposals/{number}/approve", headers=admin, json={})
    assert (approved.status_code, approved.json()["result"]["amount"]) == (200, 350.5)
    assert await owed(client, officer, loan) == 0.0
    lines = (await client.get(f"/api/v1/loans/{loan}/ledger", headers=officer)).json()["items"]
    last = lines[-1]
    assert (last["kind"], last["debit"], last["credit"]) == ("refund_paid", "refund_payable", "cash")
    assert (last["amount"], last["proposal_id"], last["payment_id"]) == (350.5, number, None)


async def test_a_bounce_after_the_refund_is_owed_by_the_borrower(
    client: httpx.AsyncClient, loan: str, officer: Headers, admin: Headers
) -> None:
    paid = (await pay(client, officer, loan_id=loan, amount="50685.50", reference_id="R1")).json()
    number = (await propose(client, officer, "p", kind="refund", loan_id=loan, amount="250.50")).json()["proposal_id"]
    assert (await client.post(f"/api/v1/proposals/{number}/approve", headers=admin, json={})).status_code == 200
    bounced = await client.post(
        f"/api/v1/payments/{paid['payment_id']}/reverse", headers=officer, json={"reason": "bounced"}
    )
    assert (bounced.status_code, bounced.json()["loan_status"], bounced.json()["outstanding"]) == (200, "active", 50000)
    assert await owed(client, officer, loan) == -250.5


async def test_a_recovery_after_a_write_off(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers, admin: Headers
) -> None:
    made = await propose(client, officer, "w", kind="write_off", loan_id=loan)
    early = await pay(client, officer, loan_id=loan, amount=500, reference_id="R0", **{"as": "recovery"})
    assert (early.status_code, early.json()["code"]) == (409, "not_written_off")
    approved = await client.post(f"/api/v1/proposals/{made.json()['proposal_id']}/approve", headers=admin, json={})
    assert approved.status_code == 200
    usual = await pay(client, officer, loan_id=loan, amount=500, reference_id="R1")
    assert (usual.status_code, usual.json()["code"]) == (409, "loan_written_off")
    await lending.set_date(date(2027, 1, 5))
    taken = await pay(client, officer, loan_id=loan, amount=12_000, reference_id="R2", **{"as": "recovery"})
    assert (taken.status_code, taken.json()["recovered"], taken.json()["outstanding"]) == (201, 12_000.0, 0.0)
    lines = (await client.get(f"/api/v1/loans/{loan}/ledger", headers=officer)).json()["items"]
    assert (lines[-1]["debit"], lines[-1]["credit"], lines[-1]["amount"]) == ("cash", "recovery_income", 12_000.0)
    bounced = await client.post(
        f"/api/v1/payments/{taken.json()['payment_id']}/reverse", headers=officer, json={"reason": "bounced"}
    )
    assert (bounced.status_code, bounced.json()["loan_status"]) == (200, "written_off")


async def test_cash_and_a_small_rest(client: httpx.AsyncClient, loan: str, officer: Headers) -> None:
    odd = await pay(client, officer, loan_id=loan, amount="4406.04", reference_id="C0", payment_method="CASH")
    assert (odd.status_code, odd.json()["code"], odd.json()["figures"]) == (422, "cash_not_in_unit", {"unit": 1.0})
    paid = await pay(client, officer, loan_id=loan, amount=4406, reference_id="C1", payment_method="CASH")
    assert (paid.status_code, paid.json()["rounding"]) == (201, -0.04)
    assert paid.json()["applied"] == {"charges": 0.0, "interest": 435.0, "principal": 3971.04, "advance": 0.0}
    payoff = (await client.get(f"/api/v1/loans/{loan}/payoff", headers=officer)).json()["total"]
    assert payoff == 46028.96
    closed = await pay(client, officer, loan_id=loan, amount="46020.00", reference_id="C2")
    assert (closed.status_code, closed.json()["loan_closed"]) == (201, True)
    summary = (await client.get("/api/v1/statements", headers=officer, params={"loan_id": loan})).json()["loan_summary"]
    assert (summary["principal_written_off"], summary["outstanding"]) == (8.96, 0.0)
