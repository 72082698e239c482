"""Loans of a few rupees: made and billed, or refused by a code that the documentation names, and nothing in between."""

import re
from datetime import date
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.credit.test_applications import APPLY, add_customer, add_score, count
from tests.services.lending_desk import LendingHelper

#: Ours to give where a plan cannot be made of what is asked for.
CODES = {"instalment_too_small", "instalment_never_repays"}


@pytest_asyncio.fixture(autouse=True)
async def customer(uow_factory: UnitOfWorkFactory, opened: None) -> None:
    await add_customer(uow_factory, score=None)
    # Decisions make scores too, numbered from 1 on.
    await add_score(uow_factory, 800, score_id=1_000_000)


def loan(amount: object, months: int, rate: float = 14) -> dict[str, object]:
    return {
        "user_id": 9, "product": "STANDARD_LOAN", "amount": amount, "tenure_months": months, "annual_rate": rate
    }  # fmt: skip


@pytest.mark.parametrize("amount, months", [(1, 101), (1, 180), ("1.79", 180)])
async def test_less_than_a_paisa_an_instalment_is_refused_by_name(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], amount: object, months: int
) -> None:
    answer = await client.post(APPLY, json=loan(amount, months), headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (422, "instalment_too_small")
    assert answer.json()["field"] == "instalments"
    assert await count(uow_factory) == (0, 0)
    quoted = {"amount": amount, "annual_rate": 14, "instalments": months, "disbursed_on": "2026-11-21"}
    for form in ("json", "pdf"):
        answer = await client.post("/api/v1/loans/quote", params={"format": form}, json=quoted, headers=officer)
        assert (answer.status_code, answer.json()["code"]) == (422, "instalment_too_small")
    older = {"customer_id": 9, "loan_amount": amount, "interest_rate": 14, "tenure": months}
    for path in ("/check-eligibility", "/create-loan"):
        answer = await client.post(path, json=older, headers=officer)
        assert (answer.status_code, answer.json()["error"]) == (
            400,
            "every instalment must repay at least a paisa of principal",
        )


async def test_whatever_is_asked_for_is_made_and_billed_or_refused(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str]
) -> None:
    found: set[tuple[int, str | None]] = set()
    for amount in (1, "1.01", 2, 5, 24, 100):
        for months in (1, 2, 12, 100, 180):
            for rate in (1, 14, 48):
                key = {"Idempotency-Key": f"{amount}-{months}-{rate}"}
                answer = await client.post(APPLY, json=loan(amount, months, rate), headers=officer | key)
                found.add((answer.status_code, answer.json().get("code")))
    assert found - {(422, code) for code in CODES} == {(201, None)}
    run = await LendingHelper(uow_factory).run_billing(on=date(2029, 6, 30))
    assert (run.parked, run.loans) == (0, run.loans_due)
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


def test_the_codes_are_documented_where_a_loan_is_asked_for() -> None:
    lines = Path("docs/api.md").read_text().splitlines()
    for route in ("POST /api/v1/loans/apply", "POST /api/v1/loans/quote"):
        (line,) = [line for line in lines if line.startswith(f"| {route} |")]
        assert set(re.findall(r"`(instalment_[a-z_]+)`", line)) >= CODES, route
