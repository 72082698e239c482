"""Source 2, BrightLend: its requests as printed, plus a token, on the days and under the numbers that make them true.

The document's customer is the ninth and its loan the 456th of 2025, so the sequences are set to just before them. It is
made in March 2025: then the first instalment falls on the printed 2025-04-05. The printed summary (1,25,600 paid) is of
no plan with instalments of 20,833, and the printed score stands in the answer to a registration that has no score yet.
"""

from datetime import date
from typing import Any

import pytest_asyncio

from app.domain.people.access import Role
from tests import databases
from tests.api.conftest import HeadersOf
from tests.api.stories import Story, bearer

# As printed.
REGISTER = {
    "aadhar_id": "888877776666",
    "name": "Rahul Sharma",
    "email": "rahul@brightlend.com",
    "annual_income": 1800000,
    "employment_type": "SALARIED",
}
APPLY = {
    "user_id": "BC-USER-009",
    "product": "PERSONAL_LOAN",
    "amount": 500000,
    "tenure_months": 24,
    "purpose": "HOME_RENOVATION",
}
PAY = {"loan_id": "LN-2025-0456", "amount": 24500, "payment_method": "UPI", "reference_id": "PAY-789XYZ"}

# A whole month before the first due date: the interest printed is that of a whole period.
LENT_ON, FIRST_DUE_ON = date(2025, 3, 5), date(2025, 4, 5)
#: A balance of 7,30,000, a score of 720 as printed, over two years.
STATEMENT = [("2023-02-01", 500_000), ("2025-03-01", 250_000), ("2025-03-05", -20_000)]


@pytest_asyncio.fixture
async def rahul(story: Story, owner_dsn: str) -> dict[str, str]:
    """The printed customer, number 9, scored at 720; their headers."""
    async with databases.connection(owner_dsn) as database:
        await database.execute("SELECT setval('customer_numbers', 8), setval('loan_numbers', 455)")
    story.move_to(LENT_ON)
    answer = await story.client.post("/api/v1/users/register", json=REGISTER)
    assert answer.status_code == 201
    registered = answer.json()
    assert {key: registered[key] for key in ("user_id", "welcome_message", "initial_credit_score")} == {
        "user_id": "BC-USER-009", "welcome_message": "Account activated successfully", "initial_credit_score": None,
    }  # fmt: skip
    await story.add_statement(9, STATEMENT)
    await story.work_off()
    return bearer(registered["access_token"])


async def test_the_document_as_printed(story: Story, rahul: dict[str, str]) -> None:
    client = story.client
    score: dict[str, Any] = (await client.get("/api/v1/credit/scores?user_id=BC-USER-009", headers=rahul)).json()
    assert score["score"] == 720
    assert set(score["factors"]) == {"payment_history", "credit_utilization", "credit_age"}

    loan = await client.post("/api/v1/loans/apply", json=APPLY, headers=rahul)
    assert (loan.status_code, loan.json()["loan_id"], loan.json()["emi"]) == (201, "LN-2025-0456", 24500)

    story.move_to(FIRST_DUE_ON)
    headers = await story.token_of(9)
    paid = await client.post("/api/v1/loans/payments", json=PAY, headers=headers)
    assert paid.status_code == 201
    assert paid.json()["applied"] == {"charges": 0, "interest": 3667, "principal": 20833, "advance": 0}
    again = (await client.post("/api/v1/loans/payments", json=PAY, headers=headers)).json()
    assert (again["payment_id"], again["replayed"]) == (paid.json()["payment_id"], True)

    statement = (await client.get("/api/v1/statements?loan_id=LN-2025-0456", headers=headers)).json()
    summary, first = statement["loan_summary"], statement["payment_history"][0]
    assert (summary["principal_paid"], summary["interest_paid"], summary["outstanding"]) == (20833, 3667, 479167)
    assert {key: first[key] for key in ("due_date", "status", "breakdown")} == {
        "due_date": "2025-04-05", "status": "PAID", "breakdown": {"principal": 20833, "interest": 3667},
    }  # fmt: skip


async def test_the_daily_billing_job_started_by_hand(
    story: Story, rahul: dict[str, str], headers_of: HeadersOf
) -> None:
    """After two months in which nobody started it, one run bills both."""
    await story.client.post("/api/v1/loans/apply", json=APPLY, headers=rahul)
    story.move_to(date(2025, 5, 6))
    officer = await headers_of(Role.OFFICER)

    started = await story.client.post("/api/v1/billing/runs", headers=officer)

    assert started.status_code == 202
    await story.work_off()
    run = (await story.client.get(f"/api/v1/billing/runs/{started.json()['run_id']}", headers=officer)).json()
    assert (run["status"], run["bills"], run["demanded"], run["percent_done"]) == ("finished", 2, 49000, 100)
