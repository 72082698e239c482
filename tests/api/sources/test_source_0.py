"""Source 0, the credit card lending system: a card from the bank statement to the last EMI, through its own routes.

The application for a virtual card waits for the score. When the score arrives, the card is issued with a loan of 5,000.
The daily run bills it, and the EMIs are paid in order and to the paisa.
"""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import select

from app.db.models import Bill
from app.domain.people.access import SYSTEM, Role
from tests.api.conftest import HeadersOf
from tests.api.stories import Story, bearer

SAGAR = {
    "name": "Sagar Das",
    "aadhar_id": "234123412346",
    "email": "sagar@example.com",
    "annual_income": 600000,
}
#: A balance of 7,30,000: a score of 720.
STATEMENT = [("2026-06-01", 400_000), ("2026-08-01", 400_000), ("2026-09-15", -70_000)]
FIRST_EMI_ON = date(2026, 12, 21)


async def post(
    story: Story, path: str, body: dict[str, Any], headers: dict[str, str], *, status: int
) -> dict[str, Any]:
    answer = await story.client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest_asyncio.fixture
async def issued(story: Story) -> dict[str, str]:
    """The headers of customer 1, whose card (loan 1) was issued on 2026-11-21."""
    registered = await post(story, "/api/register-user/", SAGAR, {}, status=201)
    headers = bearer(registered["access_token"])
    waiting = await post(story, "/api/apply-loan/", {"user": 1, "loan_type": "CREDIT_CARD"}, headers, status=202)
    assert waiting == {
        "application_id": "AP-000001", "loan_id": None, "unique_loan_id": None, "status": "pending", "due_dates": [],
    }  # fmt: skip
    await story.add_statement(1, STATEMENT)
    await story.run_jobs()
    return headers


async def test_a_registration_answers_at_once_and_the_score_follows(story: Story) -> None:
    registered = await post(story, "/api/register-user", SAGAR, {}, status=201)

    assert {key: registered[key] for key in ("user_id", "unique_user_id", "name", "credit_score_status")} == {
        "user_id": 1, "unique_user_id": "BC-USER-001", "name": "Sagar Das", "credit_score_status": "PENDING",
    }  # fmt: skip
    await story.add_statement(1, STATEMENT)
    await story.run_jobs()
    headers = bearer(registered["access_token"])
    score = (await story.client.get("/api/v1/credit/scores?user_id=1", headers=headers)).json()
    assert (score["status"], score["score"]) == ("AVAILABLE", 720)


async def test_the_card_is_issued_with_its_loan_when_the_score_arrives(story: Story, issued: dict[str, str]) -> None:
    application = (await story.client.get("/api/v1/applications/AP-000001", headers=issued)).json()
    assert (application["status"], application["loan_id"], application["amount"]) == ("approved", "LN-2026-0001", 5000)
    assert (application["emi"], application["due_dates"][-1]["amount_due"]) == (448.94, 448.88)
    assert round(sum(line["interest"] for line in application["due_dates"]), 2) == 387.22

    card = (await story.client.get("/api/v1/loans/1/card", headers=issued)).json()
    token, last_four = card.pop("token"), card.pop("last_four")
    assert card == {
        "loan_id": "LN-2026-0001", "user_id": "BC-USER-001", "expiry": "11/2031", "status": "active",
        "issued_on": "2026-11-21", "blocked_on": None, "card_account_id": None, "is_add_on": False, "name": None,
    }  # fmt: skip
    assert token.startswith("card_")
    assert len(last_four) == 4

    again = {"user": 1, "loan_type": "CREDIT_CARD"}
    assert (await post(story, "/api/apply-loan/", again, issued, status=201))["loan_id"] == 1
    story.time.now += timedelta(minutes=2)
    second = await post(story, "/api/apply-loan/", again, issued, status=400)
    assert second["error"] == "1 loans of this product are active; at most 1 may be."


async def test_a_year_of_emis_is_paid_in_order_and_to_the_paisa(
    story: Story, issued: dict[str, str], headers_of: HeadersOf
) -> None:
    statement = (await story.client.get("/api/get-statement/?loan_id=1", headers=issued)).json()
    assert statement["past_transactions"] == []
    assert len(statement["upcoming_transactions"]) == 12
    assert statement["upcoming_transactions"][0] == {
        "date": "2026-12-21", "amount_due": 448.94, "pay_by": "2027-01-05", "overdue": False,
    }  # fmt: skip

    story.move_to(FIRST_EMI_ON)
    officer = await headers_of(Role.OFFICER)
    run = await post(story, "/api/trigger-billing-cron/", {}, officer, status=202)
    await story.run_jobs()
    seen = (await story.client.get(f"/api/v1/billing/runs/{run['run_id']}", headers=officer)).json()
    assert (seen["status"], seen["bills"], seen["demanded"]) == ("finished", 1, 448.94)
    async with story.uow_factory.open(SYSTEM) as uow:
        bill = (await uow.session.execute(select(Bill))).scalar_one()
    assert (bill.interest_paise, bill.principal_due_paise, bill.minimum_due_paise) == (5833, 39061, 20833)
    assert (bill.billed_on, bill.due_on) == (date(2026, 12, 21), date(2027, 1, 5))

    headers = await story.token_of(1)
    partial = await post(story, "/api/pay-emi/", {"loan": 1, "amount": 400}, headers, status=400)
    assert partial == {"error": "instalment 1, due on 2027-01-05, must be paid with exactly ₹448.94"}
    skipping = {"loan": 1, "amount": 448.94, "instalment": 2}
    skipped = await post(story, "/api/pay-emi/", skipping, headers, status=400)
    assert skipped == {"error": "instalment 1 of ₹448.94, due on 2027-01-05, is not paid yet"}
    paid = await post(story, "/api/pay-emi/", {"loan": 1, "amount": 448.94, "instalment": 1}, headers, status=200)
    assert paid == {
        "payment_id": paid["payment_id"],
        "applied": {"principal": 390.61, "interest": 58.33, "charges": 0, "advance": 0},
        "outstanding": 4609.39,
        "next_due": {"instalment": 2, "date": "2027-01-21", "amount_due": 448.94},
    }
    again = await post(story, "/api/pay-emi/", {"loan": 1, "amount": 448.94}, headers, status=400)
    assert "was paid on this loan for 2026-12-21 already" in again["error"]

    statement = (await story.client.get("/api/get-statement?loan_id=1", headers=headers)).json()
    assert statement["past_transactions"] == [
        {"date": "2026-12-21", "principal": 390.61, "interest": 58.33, "amount_paid": 448.94}
    ]
    assert [line["date"] for line in statement["upcoming_transactions"]][:2] == ["2027-01-21", "2027-02-21"]


async def test_an_income_or_a_score_too_low_is_refused_with_every_reason(story: Story) -> None:
    poor = {**SAGAR, "annual_income": 149_999}
    headers = bearer((await post(story, "/api/register-user/", poor, {}, status=201))["access_token"])
    await story.add_statement(1, [("2026-10-01", 324_999)])
    await story.run_jobs()

    refused = await post(story, "/api/apply-loan/", {"user": 1, "loan_type": "CREDIT_CARD"}, headers, status=400)

    assert [reason["code"] for reason in refused["reasons"]] == ["score_too_low", "income_too_low"]
    assert refused["error"] == (
        "The credit score of 440 is below the required 450. "
        "The annual income of ₹1,49,999.00 is below the required ₹1,50,000.00."
    )


async def test_the_holder_blocks_and_unblocks_the_card(
    story: Story, issued: dict[str, str], officer: dict[str, str], client: httpx.AsyncClient
) -> None:
    token = (await client.get("/api/v1/loans/1/card", headers=issued)).json()["token"]
    address = f"/api/v1/cards/{token}"
    blocked = (await client.post(f"{address}/block", headers=issued)).json()
    assert (blocked["status"], blocked["blocked_on"]) == ("blocked", "2026-11-21")
    assert (await client.get(address, headers=officer)).json() == blocked
    free = (await client.post(f"{address}/unblock", headers=issued)).json()
    assert (free["status"], free["blocked_on"]) == ("active", None)
