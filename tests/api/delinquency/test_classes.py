"""`GET /api/v1/loans/{loan_id}/delinquency`: by the clock, and as it was known."""

from datetime import date
from typing import Any

import httpx
import pytest

from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper

EMI = 10_661_85


async def lend(lending: LendingHelper, *, made_on: date) -> str:
    await lending.set_date(made_on)
    loan = await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    return str(loan.number)


async def seen(client: httpx.AsyncClient, loan: str, headers: dict[str, str], **query: str) -> Any:
    answer = await client.get(f"/api/v1/loans/{loan}/delinquency", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_class_begins_on_its_day(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lend(lending, made_on=date(2027, 2, 28))
    await lending.run_billing(on=date(2027, 7, 1))
    days = {
        "2027-03-27": ("standard", 0), "2027-03-28": ("sma_0", 1), "2027-04-26": ("sma_0", 30),
        "2027-04-27": ("sma_1", 31), "2027-05-27": ("sma_2", 61), "2027-06-25": ("sma_2", 90),
        "2027-06-26": ("sub_standard", 91),
    }  # fmt: skip
    for on, expected in days.items():
        body = await seen(client, loan, officer, on=on)
        assert (body["asset_class"], body["days_past_due"]) == expected, on
    body = await seen(client, loan, officer)
    assert (body["on"], body["is_final"], body["non_performing_since"]) == ("2027-07-01", False, "2027-06-26")
    assert body["explanation"] == [
        "instalment 1 fell due on 2027-03-28, and ₹10,661.85 of it is unpaid",
        "the due date is the first day past due: 2027-03-28 to 2027-07-01, both included, is 96 days",
        "4 instalments are unpaid, ₹42,647.40 in all; the oldest counts",
        "non-performing since 2027-06-26, until all arrears of interest and principal of all facilities are paid",
        "more days past due than this are non-performing: 90 days (DOR.STR.REC.68/21.04.048/2021-22)",
    ]
    assert [(one["on"], one["from"], one["to"], one["reason"]) for one in body["changes"]] == [
        ("2027-03-28", "standard", "sma_0", "instalment_fell_due"),
        ("2027-04-27", "sma_0", "sma_1", "days_passed"),
        ("2027-05-27", "sma_1", "sma_2", "days_passed"),
        ("2027-06-26", "sma_2", "sub_standard", "days_passed"),
    ]
    assert (body["unpaid"][0], len(body["unpaid"])) == (
        {"instalment": 1, "due_on": "2027-03-28", "interest": 1200.0, "principal": 9461.85}, 4,
    )  # fmt: skip


async def test_what_was_known_before_a_payment_was_entered(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lend(lending, made_on=date(2027, 2, 28))
    await lending.run_billing(on=date(2027, 3, 31))
    body = {"loan_id": int(loan), "amount": "10661.85", "reference_id": "UTR1", "value_date": "2027-03-28"}
    paid = await client.post("/api/v1/loans/payments", json=body, headers=officer)
    assert paid.status_code == 201, paid.text
    assert (await seen(client, loan, officer, on="2027-03-30"))["days_past_due"] == 0
    before = await seen(client, loan, officer, on="2027-03-30", as_known_on="2027-03-30")
    assert (before["days_past_due"], before["as_known_on"]) == (3, "2027-03-30")


@pytest.mark.parametrize(
    "query", [{"on": "2027-03-02"}, {"on": "2027-02-27"}, {"on": "2027-03-01", "as_known_on": "2027-02-28"}]
)
async def test_a_day_that_is_not_known_is_refused(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    officer: dict[str, str],
    query: dict[str, str],
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lend(lending, made_on=date(2027, 2, 28))
    await lending.set_date(date(2027, 3, 1))
    answer = await client.get(f"/api/v1/loans/{loan}/delinquency", params=query, headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (422, "day_end_not_known")
