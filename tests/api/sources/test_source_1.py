"""Source 1, the credit card service: its requests as printed, plus a token, on days for which they are valid.

The document prints a payment on 2025-01-27 but no date of the loan. Here the loan is made 30 days earlier, on
2024-12-28, so that the printed day is the day of the first EMI. The document prints no income, so it is estimated from
the bank statement.
"""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from app.db.models import Bill, Loan, Payment, Transfer
from app.domain.people.access import SYSTEM, Role
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.api.stories import Story, bearer

# As printed.
REGISTER = {
    "name": "sagar raj yadav",
    "email": "sagaryadav@example.com",
    "aadhar_id": "123456789012",
    "phone": "9876543210",
    "address": "Bhopal",
}
APPLY = {"user": 1, "amount": 50000, "loan_term": 12, "interest_rate": 10.5}
PAY = {"loan": 1, "amount": 5000, "payment_date": "2025-01-27"}

LENT_ON, FIRST_EMI_ON = date(2024, 12, 28), date(2025, 1, 27)
#: Twelve salaries of 60,000 and 90,000 spent: a balance of 6,30,000, a score of 650, an income of 7,20,000.
STATEMENT = [*((f"2024-{month:02d}-05", 60_000) for month in range(1, 13)), ("2024-11-20", -90_000)]


async def call(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str], *, status: int
) -> dict[str, Any]:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest_asyncio.fixture
async def sagar(story: Story) -> dict[str, str]:
    """The headers of the printed user, number 1, registered and scored on 2024-12-28."""
    story.move_to(LENT_ON)
    registered = await call(story.client, "/api/register-user/", REGISTER, {}, status=201)
    await story.add_statement(registered["user_id"], STATEMENT)
    await story.run_jobs()
    return bearer(registered["access_token"])


async def count(uow_factory: UnitOfWorkFactory) -> dict[str, int]:
    async with uow_factory.open(SYSTEM) as uow:
        return {
            table.__tablename__: (await uow.session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (Loan, Payment, Bill, Transfer)
        }


async def test_the_document_as_printed(story: Story, sagar: dict[str, str], headers_of: HeadersOf) -> None:
    client = story.client
    assert "/api/apply-loan/" in (await client.get("/")).json()["credit_card_services"]
    assert "Kist" in (await client.get("/", headers={"Accept": "text/html"})).text

    loan = await call(client, "/api/apply-loan/", APPLY, sagar, status=201)
    assert (loan["loan_id"], loan["unique_loan_id"], loan["status"]) == (1, "LN-2024-0001", "approved")
    assert loan["due_dates"][0] == {"date": "2025-01-27", "amount_due": 4406.04}
    assert (len(loan["due_dates"]), loan["due_dates"][-1]["amount_due"]) == (12, 4405.94)

    story.move_to(FIRST_EMI_ON)
    officer = await headers_of(Role.OFFICER)
    run = await client.get("/api/trigger-billing-cron/", headers=officer)
    assert (run.status_code, run.json()) == (202, {"run_id": 1, "message": "Billing started"})
    await story.run_jobs()
    async with story.uow_factory.open(SYSTEM) as uow:
        bill = (await uow.session.execute(select(Bill))).scalar_one()
    assert (bill.interest_paise, bill.minimum_due_paise, bill.due_on) == (43_500, 193_500, date(2025, 2, 11))

    headers = await story.token_of(1)
    paid = await call(client, "/api/make-payment/", PAY, headers, status=200)
    assert paid == {
        "payment_id": 1,
        "applied": {"principal": 3971.04, "interest": 435.0, "charges": 0, "advance": 593.96},
        "outstanding": 46028.96,
        "next_due": {"instalment": 2, "date": "2025-02-26", "amount_due": 3812.08},
    }
    statement = (await client.get("/api/get-statement/", params={"loan_id": 1}, headers=headers)).json()
    # The advance for the second EMI is shown by the parts that it will pay: interest first.
    (past,) = statement["past_transactions"]
    assert past == {"date": "2025-01-27", "principal": 4169.72, "interest": 830.28, "amount_paid": 5000.0}
    upcoming = statement["upcoming_transactions"]
    assert upcoming[0] == {"date": "2025-02-26", "amount_due": 3812.08, "pay_by": "2025-03-13", "overdue": False}
    assert [line["date"] for line in upcoming] == [line["date"] for line in loan["due_dates"][1:]]
    async for page in reconcile_all(story.uow_factory):
        assert page.differences == ()


async def test_a_repeat_without_a_key_is_refused_and_with_a_key_answered(story: Story, sagar: dict[str, str]) -> None:
    await call(story.client, "/api/apply-loan/", APPLY, sagar, status=201)
    story.move_to(FIRST_EMI_ON)
    headers = await story.token_of(1)
    first = await call(story.client, "/api/make-payment/", PAY, headers, status=200)
    before = await count(story.uow_factory)

    refused = await call(story.client, "/api/make-payment", PAY, headers, status=400)

    assert refused == {
        "error": "₹5,000.00 was paid on this loan for 2025-01-27 already; if this is another payment, send an"
        " Idempotency-Key"
    }
    assert await count(story.uow_factory) == before
    keyed = {**headers, "Idempotency-Key": "another"}
    second = await call(story.client, "/api/make-payment/", PAY, keyed, status=200)
    again = await call(story.client, "/api/make-payment", PAY, keyed, status=200)
    assert second == again
    assert second["payment_id"] != first["payment_id"]
    assert (await count(story.uow_factory))["payments"] == 2


async def test_of_ten_equal_payments_at_once_one_is_taken(story: Story, sagar: dict[str, str]) -> None:
    await call(story.client, "/api/apply-loan/", APPLY, sagar, status=201)
    story.move_to(FIRST_EMI_ON)
    headers = await story.token_of(1)

    answers = await asyncio.gather(
        *(story.client.post("/api/make-payment/", json=PAY, headers=headers) for _ in range(10))
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]
    assert (await count(story.uow_factory))["payments"] == 1


async def test_another_amount_than_the_emi_makes_the_plan_anew(story: Story, sagar: dict[str, str]) -> None:
    await call(story.client, "/api/apply-loan/", APPLY, sagar, status=201)
    story.move_to(FIRST_EMI_ON)
    headers = await story.token_of(1)

    paid = await call(story.client, "/api/make-payment/", {"loan": 1, "amount": 20000}, headers, status=200)

    assert paid["applied"]["interest"] == 435.0
    assert paid["next_due"]["amount_due"] < 4406.04
    statement = (await story.client.get("/api/get-statement/?loan_id=1", headers=headers)).json()
    (past,) = statement["past_transactions"]
    assert round(past["principal"] + past["interest"], 2) == past["amount_paid"] == 20000


async def test_a_past_emi_comes_first(story: Story, sagar: dict[str, str]) -> None:
    await call(story.client, "/api/apply-loan/", APPLY, sagar, status=201)
    story.move_to(date(2025, 3, 1))
    headers = await story.token_of(1)

    body = {"loan": 1, "amount": 4406.04, "instalment": 2}
    refused = await call(story.client, "/api/make-payment/", body, headers, status=400)

    assert refused["error"].startswith("instalment 1 of ₹")
    assert refused["error"].endswith("is not paid yet")
    assert (await count(story.uow_factory))["payments"] == 0


@pytest.mark.parametrize(
    "change,reasons",
    [
        ({"amount": 50_001}, ["amount_too_large"]),
        ({"amount": 499}, ["amount_too_small"]),
        ({"loan_term": 61, "interest_rate": 49}, ["tenure_too_long", "rate_too_high"]),
    ],
)
async def test_a_refusal_is_a_400_with_its_reasons_and_is_kept(
    story: Story, sagar: dict[str, str], change: dict[str, Any], reasons: list[str]
) -> None:
    refused = await call(story.client, "/api/apply-loan/", APPLY | change, sagar, status=400)

    assert [reason["code"] for reason in refused["reasons"]] == reasons
    assert refused["error"] == " ".join(reason["message"] for reason in refused["reasons"])
    kept = (await story.client.get("/api/v1/applications/1", headers=sagar)).json()
    assert kept["status"] == "refused"


async def test_without_a_score_the_answer_is_not_a_refusal(story: Story) -> None:
    story.move_to(LENT_ON)
    registered = await call(story.client, "/api/register-user/", REGISTER, {}, status=201)

    answer = await call(story.client, "/api/apply-loan/", APPLY, bearer(registered["access_token"]), status=400)

    assert answer["error"].startswith("the credit score is not available yet; this is not a refusal")
    assert (await count(story.uow_factory))["loans"] == 0


async def test_a_loan_begins_on_the_business_date(story: Story, sagar: dict[str, str]) -> None:
    other = APPLY | {"disbursement_date": "2024-12-27"}
    refused = await call(story.client, "/api/apply-loan/", other, sagar, status=400)
    assert refused == {"error": "a loan is disbursed on the business date, 2024-12-28"}
    today = APPLY | {"disbursement_date": "2024-12-28", "user": "BC-USER-001"}
    assert (await call(story.client, "/api/apply-loan/", today, sagar, status=201))["loan_id"] == 1


async def test_signing_in_by_address_or_by_aadhaar(story: Story) -> None:
    client = story.client
    await call(client, "/api/register-user/", REGISTER | {"password": "correct horse"}, {}, status=201)
    by_email, by_aadhaar = {"email": REGISTER["email"]}, {"aadhar_id": REGISTER["aadhar_id"]}
    refusals: list[dict[str, Any]] = []
    for name in (by_email, by_aadhaar):
        tokens = await call(client, "/api/login/", name | {"password": "correct horse"}, {}, status=200)
        assert sorted(tokens) == ["access_token", "refresh_token", "token_type"]
        customer = await client.get("/api/v1/users/1", headers=bearer(tokens["access_token"]))
        assert customer.json()["aadhar_id"] == "XXXX XXXX 9012"
        refusals.append(await call(client, "/api/login", name | {"password": "wrong"}, {}, status=401))
    unknown = {"aadhar_id": "999999999999", "password": "correct horse"}
    refusals.append(await call(client, "/api/login/", unknown, {}, status=401))
    assert refusals == [{"error": "the e-mail address or the password is not right"}] * 3
    for body in ({"password": "x"}, {**by_email, **by_aadhaar, "password": "x"}):
        refused = await call(client, "/api/login/", body, {}, status=400)
        assert "send either email or aadhar_id, not both" in refused["error"]


async def test_every_refusal_is_one_line_with_the_right_status(
    story: Story, sagar: dict[str, str], headers_of: HeadersOf
) -> None:
    client = story.client
    await call(client, "/api/apply-loan/", APPLY, sagar, status=201)
    stranger = await headers_of(Role.CUSTOMER, customer_id=77)
    calls: list[tuple[str, str, Any, dict[str, str], int]] = [
        ("POST", "/api/make-payment/", PAY, {}, 401),
        ("POST", "/api/make-payment/", PAY, {"Authorization": "Bearer nonsense"}, 401),
        ("POST", "/api/make-payment/", PAY | {"payment_date": "2024-12-28"}, stranger, 404),
        ("POST", "/api/make-payment/", PAY | {"loan": 99}, sagar, 404),
        ("POST", "/api/make-payment/", PAY, sagar, 400),  # a date in the future
        ("POST", "/api/make-payment/", {"loan": 1}, sagar, 400),
        ("POST", "/api/make-payment/", {"loan": 1, "amount": -5}, sagar, 400),
        ("POST", "/api/make-payment/", {"loan": 1, "amount": 12.345}, sagar, 400),
        ("POST", "/api/make-payment/", {"loan": 1, "amount": 5, "colour": "red"}, sagar, 400),
        ("POST", "/api/apply-loan/", APPLY | {"user": 99}, sagar, 404),
        ("POST", "/api/apply-loan/", APPLY | {"loan_type": "MOON"}, sagar, 400),
        ("POST", "/api/register-user/", REGISTER, {}, 400),  # registered already
        ("POST", "/api/register-user/", REGISTER | {"aadhar_id": "12"}, {}, 400),
        ("GET", "/api/get-statement/", None, sagar, 400),
        ("GET", "/api/get-statement/?loan_id=1", None, stranger, 404),
        ("GET", "/api/get-statement/?loan_id=2", None, sagar, 404),
        ("GET", "/api/trigger-billing-cron/", None, sagar, 403),
        ("POST", "/api/trigger-billing-cron", None, {}, 401),
        ("GET", "/api/nothing/", None, sagar, 404),
        ("DELETE", "/api/make-payment/", None, sagar, 405),
    ]
    for method, path, body, headers, status in calls:
        answer = await client.request(method, path, json=body, headers=headers)
        assert (method, path, answer.status_code, list(answer.json())) == (method, path, status, ["error"])
        assert "5000" not in answer.json()["error"]
    assert (await count(story.uow_factory))["payments"] == 0


async def test_staff_pays_for_an_earlier_day(story: Story, sagar: dict[str, str], headers_of: HeadersOf) -> None:
    await call(story.client, "/api/apply-loan/", APPLY, sagar, status=201)
    story.move_to(date(2025, 2, 3))
    customer = await story.token_of(1)
    refused = await call(story.client, "/api/make-payment/", PAY, customer, status=400)
    assert refused["error"] == "only staff may give a value date other than the business date"

    officer = await headers_of(Role.OFFICER)
    paid = await call(story.client, "/api/make-payment/", PAY, officer, status=200)
    assert paid["applied"]["interest"] == 435.0
    statement = (await story.client.get("/api/get-statement/?loan_id=1", headers=officer)).json()
    assert statement["past_transactions"][0]["date"] == "2025-01-27"
