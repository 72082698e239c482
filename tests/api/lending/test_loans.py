"""A loan over HTTP: its bills, payments, statement, explanation and simulation, with exact figures."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM, Role
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, SEEDED_PRODUCTS, STANDARD_LOAN
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.services.lending_desk import LendingHelper

PAY = "/api/v1/loans/payments"


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> AsyncIterator[LendingHelper]:
    """A lending helper for the application. After the test every loan is reconciled."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    yield LendingHelper(uow_factory)
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


async def card_loan(lending: LendingHelper) -> str:
    """50,000 at 10.5 % over 12 x 30 days, disbursed on 2026-11-21."""
    return await make(lending, CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)


async def make(lending: LendingHelper, product: Product, *, amount: int, rate: str, instalments: int) -> str:
    loan = await lending.disburse(product, amount=amount, rate=rate, instalments=instalments)
    return f"LN-2026-{loan.number:04d}"


async def test_a_loan_is_read(client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]) -> None:
    loan_id = await card_loan(lending)
    await lending.set_date(date(2026, 12, 22))
    loan = (await client.get(f"/api/v1/loans/{loan_id}", headers=officer)).json()
    assert loan | {"user_id": None} == {
        "loan_id": loan_id,
        "user_id": None,
        "product": "CREDIT_CARD_LOAN",
        "status": "active",
        "topped_up": 0.0,
        "amount": 50000.0,
        "annual_rate": 10.5,
        "instalments": 12,
        "disbursed_on": "2026-11-21",
        "closed_on": None,
        "emi": 4406.04,
        "principal_outstanding": 50000.0,
        "interest_due": 435.0,
        "charges_due": 0.0,
        "advance": 0.0,
        "overdue": 0.0,
        "next_due": {
            "instalment": 1,
            "amount": 4406.04,
            "minimum": 1935.0,
            "due_date": "2027-01-05",
            "billed": True,
        },
        "next_billing_on": "2027-01-20",
    }
    schedule = (await client.get(f"/api/v1/loans/{loan_id}/schedule", headers=officer)).json()
    assert (schedule["version"], schedule["emi"], len(schedule["instalments"])) == (1, 4406.04, 12)
    # The first bill was issued yesterday. Paid today, it has one more day of interest (1.15) than planned.
    assert schedule["instalments"][-1] == {
        "number": 12, "due_on": "2027-11-16", "principal": 4369.19, "interest": 38.01, "amount": 4407.2,
    }  # fmt: skip


async def test_a_payment_and_the_same_again(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]
) -> None:
    loan_id = await card_loan(lending)
    await lending.run_billing(on=date(2026, 12, 21))
    body = {"loan_id": loan_id, "amount": "4406.04", "payment_method": "UPI", "reference_id": "PAY-1"}
    first = await client.post(PAY, json=body, headers=officer)
    assert first.status_code == 201
    assert first.json()["applied"] == {"charges": 0.0, "interest": 435.0, "principal": 3971.04, "advance": 0.0}
    assert first.json()["next_due"] == {
        "instalment": 2, "amount": 4406.04, "minimum": 0.0, "due_date": "2027-02-04", "billed": False,
    }  # fmt: skip
    again = await client.post(PAY, json=body, headers=officer)
    assert (again.json()["payment_id"], again.json()["replayed"]) == (first.json()["payment_id"], True)
    (bill,) = (await client.get(f"/api/v1/loans/{loan_id}/bills", headers=officer)).json()
    assert (bill["total_due"], bill["minimum_due"], bill["settled_on"]) == (4406.04, 1935.0, "2026-12-21")
    ledger = (await client.get(f"/api/v1/loans/{loan_id}/ledger", headers=officer)).json()["items"]
    assert [(line["debit"], line["credit"], line["amount"]) for line in ledger] == [
        ("principal", "cash", 50000.0),
        ("interest", "interest_income", 435.0),
        ("cash", "interest", 435.0),
        ("cash", "principal", 3971.04),
    ]


@pytest.mark.parametrize(
    "change, status, code",
    [
        ({"amount": 0}, 422, "amount_not_positive"),
        ({"amount": -1}, 422, "amount_not_positive"),
        ({"amount": 1.001}, 422, None),
        ({"amount": True}, 422, "not_an_amount"),
        ({"amount": 10_000_000}, 422, "amount_beyond_payoff"),
        ({"loan_id": "LN-2026-9999"}, 404, "loan_not_found"),
        ({"loan_id": "LN-2025-0001"}, 404, "loan_not_found"),
        ({"instalment": 3}, 422, "earlier_instalment_unpaid"),
        ({"instalment": 99}, 422, "instalment_unknown"),
        ({"value_date": "2027-02-01"}, 422, "value_date_in_future"),
        ({"value_date": "2026-01-01"}, 422, "value_date_before_disbursal"),
        ({"reference_id": None}, 422, "idempotency_key_required"),
        ({"reference_id": " PAY-2"}, 422, "not_a_reference"),
        ({"reference_id": "PAY&2"}, 422, "letters, digits, spaces or . _ - / : # * @, and must not begin with a space"),
        ({"reference_id": "P" * 101}, 422, "not_a_reference"),
        ({"surprise": 1}, 422, None),
    ],
)
async def test_refused_payments_change_nothing(
    client: httpx.AsyncClient,
    lending: LendingHelper,
    officer: dict[str, str],
    change: dict[str, Any],
    status: int,
    code: str | None,
) -> None:
    loan_id = await card_loan(lending)
    await lending.run_billing(on=date(2026, 12, 21))
    body = {"loan_id": loan_id, "amount": 100, "reference_id": "PAY-1"} | change
    answer = await client.post(PAY, json=body, headers=officer)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if code is not None:
        assert code in answer.text
    ledger = (await client.get(f"/api/v1/loans/{loan_id}/ledger", headers=officer)).json()["items"]
    assert len(ledger) == 2


@pytest.mark.parametrize("reference", ["UPI/4123*asha@okaxis#1.2-3:4_5 x", "*123#", "@asha", "-1", "P" * 100])
async def test_a_reference_is_kept_as_banks_write_it(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str], reference: str
) -> None:
    loan_id = await card_loan(lending)
    await lending.run_billing(on=date(2026, 12, 21))
    body = {"loan_id": loan_id, "amount": 100, "reference_id": reference}
    assert (await client.post(PAY, json=body, headers=officer)).status_code == 201
    again = await client.post(PAY, json=body, headers=officer)
    assert (again.status_code, again.json()["replayed"]) == (201, True)
    statement = await client.get(f"/api/v1/statements?loan_id={loan_id}&format=csv", headers=officer)
    assert statement.status_code == 200
    shown = f"'{reference}" if reference[0] in "-@" else reference
    assert f",{shown}," in statement.text


async def test_another_customers_loan_is_a_404(
    client: httpx.AsyncClient, lending: LendingHelper, headers_of: HeadersOf
) -> None:
    loan_id = await card_loan(lending)
    stranger = await headers_of(Role.CUSTOMER, customer_id=await lending.add_customer())
    for path in (
        f"/api/v1/loans/{loan_id}",
        f"/api/v1/loans/{loan_id}/schedule",
        f"/api/v1/loans/{loan_id}/bills",
        f"/api/v1/loans/{loan_id}/ledger",
        f"/api/v1/loans/{loan_id}/payoff",
        f"/api/v1/loans/{loan_id}/explain",
        f"/api/v1/statements?loan_id={loan_id}",
    ):
        assert (await client.get(path, headers=stranger)).status_code == 404
    body = {"loan_id": loan_id, "amount": 100, "reference_id": "PAY-1"}
    assert (await client.post(PAY, json=body, headers=stranger)).status_code == 404
    simulation = await client.post(f"/api/v1/loans/{loan_id}/simulate", json={"kind": "payoff"}, headers=stranger)
    assert simulation.status_code == 404


async def test_a_run_over_http(client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]) -> None:
    await card_loan(lending)
    early = await client.post("/api/v1/billing/runs", json={"business_date": "2026-12-21"}, headers=officer)
    assert (early.status_code, early.json()["code"]) == (422, "run_date_in_future")
    await lending.set_date(date(2026, 12, 21))
    started = await client.post("/api/v1/billing/runs", headers=officer)
    assert (started.status_code, started.json()["status"], started.json()["loans_due"]) == (202, "running", 1)
    again = await client.post("/api/v1/billing/runs", headers=officer)
    assert again.json()["run_id"] == started.json()["run_id"]
    await lending.run_billing(on=date(2026, 12, 21))
    done = (await client.get(f"/api/v1/billing/runs/{started.json()['run_id']}", headers=officer)).json()
    assert (done["status"], done["bills"], done["demanded"], done["percent_done"]) == ("finished", 1, 4406.04, 100)
    assert (await client.get("/api/v1/billing/runs/999", headers=officer)).status_code == 404
    assert (await client.get("/api/v1/billing/runs", headers=officer)).json()["items"] == [done]


async def test_a_run_is_paused_watched_and_cancelled(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]
) -> None:
    await card_loan(lending)
    await lending.set_date(date(2026, 12, 21))
    run_id = (await client.post("/api/v1/billing/runs", headers=officer)).json()["run_id"]
    path = f"/api/v1/billing/runs/{run_id}"
    assert (await client.post(f"{path}/pause", headers=officer)).json()["status"] == "paused"
    twice = await client.post(f"{path}/pause", headers=officer)
    assert (twice.status_code, twice.json()["code"]) == (409, "billing_run_state")
    assert (await client.post(f"{path}/resume", headers=officer)).json()["status"] == "running"
    assert (await client.post(f"{path}/cancel", headers=officer)).json()["status"] == "cancelled"
    events = await client.get(f"{path}/events", headers=officer)
    assert events.headers["content-type"].startswith("text/event-stream")
    assert [line.startswith("data: {") for line in events.text.splitlines() if line] == [True]
    retried = await client.post(f"{path}/retry", headers=officer)
    assert (retried.status_code, retried.json()["loans_due"]) == (202, 1)


async def test_a_statement_shows_past_and_upcoming(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]
) -> None:
    loan_id = await make(lending, PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24)
    await lending.set_date(date(2026, 12, 4))
    await client.post(PAY, json={"loan_id": loan_id, "amount": 22520.67, "reference_id": "1"}, headers=officer)
    await lending.set_date(date(2027, 1, 6))
    statement = (await client.get(f"/api/v1/statements?loan_id={loan_id}", headers=officer)).json()
    assert statement["loan_summary"] == {
        "principal_paid": 20833.0, "interest_paid": 1687.67, "charges_paid": 0.0, "outstanding": 479167.0,
        "interest_capitalised": 0.0,
        "interest_waived": 0.0, "charges_waived": 0.0, "principal_written_off": 0.0, "interest_written_off": 0.0,
        "charges_written_off": 0.0,
        "charges_due": 0.0,
        "charges_with_next_bill": 0.0,
        "advance": 0.0, "overdue": 24500.0, "next_due_date": "2027-01-05", "next_due_amount": 24500.0,
    }  # fmt: skip
    assert [(line["due_date"], line["status"]) for line in statement["payment_history"][:3]] == [
        ("2026-12-05", "PAID"), ("2027-01-05", "OVERDUE"), ("2027-02-05", "UPCOMING"),
    ]  # fmt: skip
    assert statement["payment_history"][0]["breakdown"] == {"principal": 20833.0, "interest": 1687.67}
    assert len(statement["upcoming_transactions"]) == 23


async def test_a_bounced_payment(client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]) -> None:
    loan_id = await card_loan(lending)
    await lending.run_billing(on=date(2026, 12, 21))
    body = {"loan_id": loan_id, "amount": 4406.04, "reference_id": "cheque"}
    payment_id = (await client.post(PAY, json=body, headers=officer)).json()["payment_id"]
    path = f"/api/v1/payments/{payment_id}/reverse"
    reversed_ = await client.post(path, json={"reason": "returned unpaid"}, headers=officer)
    assert (reversed_.status_code, reversed_.json()["outstanding"]) == (200, 50000.0)
    again = await client.post(path, json={"reason": "returned unpaid"}, headers=officer)
    assert (again.status_code, again.json()["code"]) == (409, "payment_reversed")


async def test_interest_is_explained_day_by_day(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]
) -> None:
    loan_id = await card_loan(lending)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.set_date(date(2026, 12, 26))
    body = {"loan_id": loan_id, "amount": 5000, "reference_id": "1"}
    await client.post(PAY, json=body, headers=officer)
    await lending.set_date(date(2027, 1, 20))
    found = (await client.get(f"/api/v1/loans/{loan_id}/explain", headers=officer)).json()
    first, second = found["cycles"]
    assert (first["interest"], first["billed"], len(first["spans"])) == (435.0, 435.0, 1)
    # 5 days on 50,000.00, then 25 days on principal less advance, at 0.029 % a day; rounded once.
    assert [(span["days"], span["balance"], span["interest_exact"]) for span in second["spans"]] == [
        (5, 50000.0, "72.50000000"), (25, 45435.0, "329.40375000"),
    ]  # fmt: skip
    assert (second["interest_exact"], second["interest"], second["billed"]) == ("401.90375000", 401.9, 401.9)
    assert found["interest"] == 836.9
    part = await client.get(f"/api/v1/loans/{loan_id}/explain?from=2026-12-24&to=2026-12-27", headers=officer)
    assert [span["days"] for span in part.json()["cycles"][0]["spans"]] == [2, 1]
    wrong = await client.get(f"/api/v1/loans/{loan_id}/explain?from=2026-01-01", headers=officer)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "span_not_of_loan")


@pytest.mark.parametrize("product", [PERSONAL_LOAN, STANDARD_LOAN])
async def test_explained_interest_is_billed_interest(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str], product: Product
) -> None:
    loan_id = await make(lending, product, amount=200_000, rate="8.8", instalments=12)
    body = {"loan_id": loan_id, "amount": 60000, "reference_id": "1", "as": "prepayment"}
    await lending.set_date(date(2026, 12, 1))
    assert (await client.post(PAY, json=body, headers=officer)).status_code == 201
    await lending.run_billing(on=date(2027, 3, 21))
    found = (await client.get(f"/api/v1/loans/{loan_id}/explain", headers=officer)).json()
    billed = [cycle for cycle in found["cycles"] if cycle["billed"] is not None]
    assert len(billed) >= 4
    assert [cycle["interest"] for cycle in billed] == [cycle["billed"] for cycle in billed]


async def test_a_prepayment_is_simulated_both_ways(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]
) -> None:
    loan_id = await make(lending, STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    path = f"/api/v1/loans/{loan_id}/simulate"
    tried = (await client.post(path, json={"kind": "prepayment", "amount": 50000}, headers=officer)).json()
    assert tried["before"]["emi"] == 9091.13
    assert [(one["choice"], one["outlook"]["emi"], one["outlook"]["instalments"]) for one in tried["alternatives"]] == [
        ("smaller_emi", 6818.35, 24), ("earlier_end", 9091.13, 18),
    ]  # fmt: skip
    payoff = (await client.post(path, json={"kind": "payoff", "on": "2026-12-06"}, headers=officer)).json()["payoff"]
    quoted = (await client.get(f"/api/v1/loans/{loan_id}/payoff?on=2026-12-06", headers=officer)).json()
    # Half of the thirty days from 21 November: 1,416.6667 / 2.
    assert (payoff["total"], quoted["total"], payoff["interest"]) == (200708.33, 200708.33, 708.33)
    rate = (await client.post(path, json={"kind": "rate", "annual_rate": 10.5}, headers=officer)).json()
    assert rate["alternatives"][0]["outlook"]["emi"] == 9275.21
    missing = await client.post(path, json={"kind": "payment"}, headers=officer)
    assert (missing.status_code, missing.json()["code"]) == (422, "simulation_incomplete")
    ledger = (await client.get(f"/api/v1/loans/{loan_id}/ledger", headers=officer)).json()["items"]
    assert len(ledger) == 1


async def test_loans_are_listed_page_by_page(
    client: httpx.AsyncClient, lending: LendingHelper, officer: dict[str, str]
) -> None:
    loan_id = await card_loan(lending)
    owner = (await client.get(f"/api/v1/loans/{loan_id}", headers=officer)).json()["user_id"]
    page = (await client.get(f"/api/v1/loans?user_id={owner}&limit=1", headers=officer)).json()
    assert [line["loan_id"] for line in page["items"]] == [loan_id]
    after = await client.get(f"/api/v1/loans?user_id={owner}&limit=1&cursor={page['next_cursor']}", headers=officer)
    assert after.json() == {"items": [], "next_cursor": None}
