"""Applications over HTTP: the answers and their statuses, and that a refusal is stored."""

from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select

from app.db.models import Application, CreditScore, Customer, Loan
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.credit.applications import decide_pending
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf, Time

APPLY = "/api/v1/loans/apply"
CARD_LOAN = {
    "user_id": "BC-USER-009",
    "product": "CREDIT_CARD_LOAN",
    "amount": 50000,
    "tenure_months": 12,
    "annual_rate": 10.5,
}


@pytest_asyncio.fixture(autouse=True)
async def seeded(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")


async def add_customer(
    uow_factory: UnitOfWorkFactory, *, score: int | None, number: int = 9, income: int = 1_800_000
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(Customer).values(
                customer_id=number,
                state="customer",
                name="Rahul Sharma",
                annual_income_paise=income * 100,
                approved_limit_paise=income * 300,
                created_at=START,
                actor="system",
            )
        )
    if score is not None:
        await add_score(uow_factory, score, number=number)


async def add_score(
    uow_factory: UnitOfWorkFactory, score: int, *, number: int = 9, score_id: int | None = None
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(CreditScore).values(
                customer_id=number,
                id=score_id or number,
                scorecard_code="bank_balance",
                scorecard_version=1,
                score=score,
                facts={},
                factors={},
                reasons=[],
                as_of=START.date(),
                computed_at=START,
            )
        )


async def count(uow_factory: UnitOfWorkFactory) -> tuple[int, int]:
    """Applications and loans."""
    async with uow_factory.open(SYSTEM) as uow:
        counts = [
            (await uow.session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (Application, Loan)
        ]
    return counts[0], counts[1]


async def test_an_approval_is_answered_with_the_loan(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, headers_of: HeadersOf
) -> None:
    await add_customer(uow_factory, score=720)
    headers = await headers_of(Role.CUSTOMER, customer_id=9)

    answer = await client.post(APPLY, json=CARD_LOAN, headers=headers)

    assert answer.status_code == 201
    body = answer.json()
    due_dates = body.pop("due_dates")
    assert body == {
        "application_id": "AP-000001",
        "status": "approved",
        "loan_id": "LN-2026-0001",
        "card_account_id": None,
        "user_id": "BC-USER-009",
        "product": "CREDIT_CARD_LOAN",
        "amount": 50000.0,
        "tenure_months": 12,
        "purpose": None,
        "requested_rate": 10.5,
        "annual_rate": 10.5,
        "applied_on": "2026-11-21",
        "decided_on": "2026-11-21",
        "expires_on": None,
        "disbursed_on": "2026-11-21",
        "emi": 4406.04,
        "reasons": [],
    }
    assert len(due_dates) == 12
    assert due_dates[0] == {
        "number": 1,
        "date": "2026-12-21",
        "principal": 3971.04,
        "interest": 435.0,
        "amount_due": 4406.04,
    }
    assert due_dates[-1]["amount_due"] == 4405.94

    seen = await client.get("/api/v1/applications/AP-000001", headers=headers)
    assert (seen.status_code, seen.json()) == (200, answer.json())


async def test_the_brightlend_request_as_printed(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str]
) -> None:
    await add_customer(uow_factory, score=720)
    request = {
        "user_id": "BC-USER-009",
        "product": "PERSONAL_LOAN",
        "amount": 500000,
        "tenure_months": 24,
        "purpose": "HOME_RENOVATION",
    }

    body = (await client.post(APPLY, json=request, headers=officer)).json()

    assert (body["loan_id"], body["emi"], body["purpose"]) == ("LN-2026-0001", 24500.0, "HOME_RENOVATION")
    assert body["due_dates"][0] == {
        "number": 1,
        "date": "2026-12-05",
        "principal": 20833.0,
        # 14 days of 365.
        "interest": 1687.67,
        "amount_due": 22520.67,
    }
    assert [due["amount_due"] for due in body["due_dates"][1:]] == [24500.0] * 22 + [24500.33]


async def test_a_refusal_is_a_problem_with_all_reasons_and_is_kept(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str]
) -> None:
    await add_customer(uow_factory, score=440, income=120_000)

    answer = await client.post(APPLY, json={**CARD_LOAN, "amount": "500.00"}, headers=officer)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.pop("request_id")
    assert body == {
        "type": "urn:kist:problem:application_refused",
        "title": "Application refused",
        "status": 422,
        "code": "application_refused",
        "detail": "The credit score of 440 is below the required 450. "
        "The annual income of ₹1,20,000.00 is below the required ₹1,50,000.00.",
        "field": None,
        "errors": [],
        "what_to_do": "Read every reason in `reasons`, and apply again within the bounds that its figures name.",
        "application_id": "AP-000001",
        "reasons": [
            {
                "code": "score_too_low",
                "message": "The credit score of 440 is below the required 450.",
                "figures": {"score": 440.0, "minimum_score": 450.0, "scorecard": "bank_balance"},
            },
            {
                "code": "income_too_low",
                "message": "The annual income of ₹1,20,000.00 is below the required ₹1,50,000.00.",
                "figures": {"annual_income": 120000.0, "minimum_income": 150000.0, "income_estimated": False},
            },
        ],
    }
    assert await count(uow_factory) == (1, 0)
    seen = (await client.get("/api/v1/applications/AP-000001", headers=officer)).json()
    assert (seen["status"], seen["loan_id"], seen["reasons"]) == ("refused", None, body["reasons"])


async def test_a_refusal_under_a_key_is_repeated_to_the_byte(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str]
) -> None:
    await add_customer(uow_factory, score=440)
    headers = {**officer, "Idempotency-Key": "k-1"}

    first = await client.post(APPLY, json=CARD_LOAN, headers=headers)
    again = await client.post(APPLY, json=CARD_LOAN, headers=headers)

    assert (again.status_code, again.content) == (422, first.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(uow_factory) == (1, 0)


async def test_a_pending_score_is_not_a_refusal(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str]
) -> None:
    await add_customer(uow_factory, score=None)
    headers = {**officer, "Idempotency-Key": "k-1"}

    answer = await client.post(APPLY, json=CARD_LOAN, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "score_not_available")
    assert answer.json()["figures"]["reasons"][0]["code"] == "score_pending"
    assert await count(uow_factory) == (0, 0)
    # A request without a decision has not used up its key.
    await add_score(uow_factory, 720)
    assert (await client.post(APPLY, json=CARD_LOAN, headers=headers)).status_code == 201


async def test_a_card_waits_for_its_score(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, headers_of: HeadersOf
) -> None:
    await add_customer(uow_factory, score=None)
    headers = await headers_of(Role.CUSTOMER, customer_id=9)

    answer = await client.post(APPLY, json={"user_id": 9, "product": "CREDIT_CARD"}, headers=headers)

    assert answer.status_code == 202
    body = answer.json()
    assert (body["application_id"], body["status"], body["loan_id"]) == ("AP-000001", "pending", None)
    assert (body["amount"], body["tenure_months"], body["expires_on"]) == (5000.0, 12, "2026-12-21")
    await add_score(uow_factory, 720)
    async with uow_factory.open(SYSTEM) as uow:
        await decide_pending(uow, 9)
    seen = (await client.get("/api/v1/applications/1", headers=headers)).json()
    assert (seen["status"], seen["loan_id"], seen["emi"]) == ("approved", "LN-2026-0001", 448.94)


async def test_the_same_application_twice_is_one_loan(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], time: Time
) -> None:
    await add_customer(uow_factory, score=720)
    first = await client.post(APPLY, json=CARD_LOAN, headers=officer)
    time.advance(seconds=59)
    again = await client.post(APPLY, json=CARD_LOAN, headers=officer)
    keyed = await client.post(APPLY, json=CARD_LOAN, headers={**officer, "Idempotency-Key": "another"})

    assert (again.status_code, again.json()) == (201, first.json())
    assert keyed.json()["loan_id"] == "LN-2026-0002"
    assert await count(uow_factory) == (2, 2)


@pytest.mark.parametrize(
    "change,code,field",
    [
        ({"product": "MOON_LOAN"}, "product_unknown", "product"),
        ({"product": None}, "invalid_request", "product"),
        ({"amount": None}, "amount_required", "amount"),
        ({"amount": 0}, "invalid_request", "amount"),
        ({"amount": -5}, "invalid_request", "amount"),
        ({"amount": True}, "invalid_request", "amount"),
        ({"amount": "12.345"}, "invalid_request", "amount"),
        ({"tenure_months": 0}, "invalid_request", "tenure_months"),
        ({"tenure_months": 99999}, "invalid_request", "tenure_months"),
        ({"tenure_months": 1.5}, "invalid_request", "tenure_months"),
        ({"annual_rate": None}, "annual_rate_required", "annual_rate"),
        ({"annual_rate": 101}, "invalid_request", "annual_rate"),
        ({"annual_rate": -1}, "invalid_request", "annual_rate"),
        ({"user_id": "LN-2026-0001"}, "invalid_request", "user_id"),
        ({"purpose": "a\nb"}, "invalid_request", "purpose"),
        ({"colour": "red"}, "invalid_request", "colour"),
    ],
)
async def test_a_wrong_request_names_its_field_and_stores_nothing(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    officer: dict[str, str],
    change: dict[str, Any],
    code: str,
    field: str,
) -> None:
    await add_customer(uow_factory, score=720)

    answer = await client.post(APPLY, json={**CARD_LOAN, **change}, headers=officer)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)
    assert await count(uow_factory) == (0, 0)


async def test_other_customers_are_a_404(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, headers_of: HeadersOf
) -> None:
    await add_customer(uow_factory, score=720)
    await add_customer(uow_factory, score=720, number=10)
    owner, other = [await headers_of(Role.CUSTOMER, customer_id=number) for number in (9, 10)]

    assert (await client.post(APPLY, json=CARD_LOAN, headers=other)).status_code == 404
    assert (await client.post(APPLY, json=CARD_LOAN)).status_code == 401
    assert (await client.post(APPLY, json={**CARD_LOAN, "user_id": 99}, headers=owner)).status_code == 404
    assert await count(uow_factory) == (0, 0)
    assert (await client.post(APPLY, json=CARD_LOAN, headers=owner)).status_code == 201
    for headers, number, status in ((other, 1, 404), (owner, 2, 404), (owner, 1, 200)):
        assert (await client.get(f"/api/v1/applications/{number}", headers=headers)).status_code == status


async def test_products_are_listed_with_their_terms(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await client.get("/api/v1/products", headers=officer)

    assert answer.status_code == 200
    products = {product["code"]: product for product in answer.json()}
    assert list(products) == ["CREDIT_CARD", "CREDIT_CARD_LOAN", "PERSONAL_LOAN", "REVOLVING_CARD", "STANDARD_LOAN"]
    assert products["STANDARD_LOAN"]["offer"] == {
        "is_secured": False,
        "borrower": "individual",
        "needs_acceptance": False,
        "minimum_amount": 1.0,
        "maximum_amount": None,
        "minimum_tenure": 1,
        "maximum_tenure": 180,
        "annual_rate": None,
        "minimum_rate": 1.0,
        "maximum_rate": 48.0,
        "active_loans_at_most": None,
        "scorecard": "loan_history",
        "minimum_score": None,
        "minimum_annual_income": None,
        "emi_cap_percent": 50.0,
        "waits_for_score": False,
    }
    assert products["PERSONAL_LOAN"]["terms"]["repayment"]["due_day"] == 5
