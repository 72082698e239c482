"""Source 4, the credit approval system: its sample answers as printed, and every wrong request with its fields.

The document answers 9,091.13 at a corrected rate of 12 %; that instalment belongs to 8.5 %. At 12 % it is 9,414.69.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert

from app.db.models import ExternalLoan, PublicId
from app.db.repositories.lending.external_loans import list_next_loan_numbers
from app.domain.people.access import SYSTEM, Role
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.api.stories import Story

REGISTER = {"first_name": "John", "last_name": "Doe", "age": 30, "monthly_income": 50000, "phone_number": 9876543210}
LOAN = {"customer_id": 1, "loan_amount": 200000, "interest_rate": 10.5, "tenure": 24}


@pytest_asyncio.fixture
async def john(story: Story, officer: dict[str, str]) -> dict[str, Any]:
    """The printed customer, number 1."""
    answer = await story.client.post("/register", json=REGISTER, headers=officer)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


async def test_the_document_as_printed(
    client: httpx.AsyncClient, john: dict[str, Any], officer: dict[str, str]
) -> None:
    assert john == {
        "customer_id": 1,
        "name": "John Doe",
        "age": 30,
        "monthly_income": 50000,
        "approved_limit": 1800000,
        "phone_number": 9876543210,
    }
    eligible = await client.post("/check-eligibility", json=LOAN, headers=officer)
    assert (eligible.status_code, eligible.json()) == (
        200,
        {
            "customer_id": 1,
            "approval": True,
            "interest_rate": 10.5,
            "corrected_interest_rate": 12.0,
            "tenure": 24,
            "monthly_installment": 9414.69,
        },
    )
    assert (await client.get("/view-loans/1", headers=officer)).json() == []
    created = await client.post("/create-loan", json=LOAN, headers=officer)
    assert (created.status_code, created.json()) == (
        201,
        {
            "loan_id": 1,
            "customer_id": 1,
            "loan_approved": True,
            "message": "Loan approved successfully",
            "monthly_installment": 9414.69,
        },
    )
    assert (await client.get("/view-loan/1", headers=officer)).json() == {
        "loan_id": 1,
        "customer": {
            "id": 1, "first_name": "John", "last_name": "Doe", "phone_number": 9876543210, "age": 30,
        },
        "loan_amount": 200000,
        "interest_rate": 12,
        "monthly_installment": 9414.69,
        "tenure": 24,
    }  # fmt: skip
    assert (await client.get("/view-loans/1", headers=officer)).json() == [
        {
            "loan_id": 1,
            "loan_amount": 200000,
            "interest_rate": 12,
            "monthly_installment": 9414.69,
            "repayments_left": 24,
        }
    ]
    health = (await client.get("/health")).json()
    assert (health["status"], health["stats"]) == ("healthy", {"customers": 1, "loans": 1})


async def test_the_same_loan_twice_is_one_loan(
    client: httpx.AsyncClient, john: dict[str, Any], officer: dict[str, str]
) -> None:
    first = await client.post("/create-loan", json=LOAN, headers=officer)
    again = await client.post("/create-loan/", json=LOAN, headers=officer)
    keyed = {**officer, "Idempotency-Key": "second"}
    second = await client.post("/create-loan", json=LOAN, headers=keyed)
    repeated = await client.post("/create-loan/", json=LOAN, headers=keyed)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (second.json()["loan_id"], repeated.json()["loan_id"]) == (2, 2)


@pytest.mark.parametrize(
    "path,change,field,message",
    [
        ("/check-eligibility", {"tenure": None}, "tenure", "a whole number is needed"),
        ("/check-eligibility", {"tenure": 0}, "tenure", "must be at least 1"),
        ("/create-loan", {"tenure": "ten"}, "tenure", "a whole number is needed"),
        ("/create-loan", {"loan_amount": -1}, "loan_amount", "an amount is more than 0"),
        ("/create-loan", {"loan_amount": "1.234"}, "loan_amount", None),
        ("/create-loan", {"interest_rate": True}, "interest_rate", "a rate is a number of percent a year"),
        ("/create-loan", {"customer_id": "x"}, "customer_id", None),
        ("/create-loan", {"colour": "red"}, "colour", "this field is not known here"),
        ("/register", {"age": 17}, "age", "must be at least 18"),
        ("/register", {"first_name": " "}, "first_name", None),
        ("/register", {"phone_number": "call me"}, "phone_number", "a phone number has 6 to 20 digits"),
        ("/register", {"phone_number": True}, "phone_number", "a phone number is a whole number or a text"),
        ("/register", {"monthly_income": "a lot"}, "monthly_income", None),
        ("/register", {"monthly_income": 99_999_999_999}, "monthly_income", "a year's income is from 0 to 1e11 rupees"),
    ],
)
async def test_a_bad_body_is_a_400_with_its_field(
    client: httpx.AsyncClient,
    john: dict[str, Any],
    officer: dict[str, str],
    path: str,
    change: dict[str, Any],
    field: str,
    message: str | None,
) -> None:
    body = (REGISTER if path == "/register" else LOAN) | change

    answer = await client.post(path, json=body, headers=officer)

    assert answer.status_code == 400
    found = answer.json()
    assert list(found) == ["error", "fields"]
    assert list(found["fields"]) == [field]
    assert message is None or found["fields"][field] == [message]
    assert (await client.get("/health")).json()["stats"] == {"customers": 1, "loans": 0}


async def test_several_wrong_fields_are_all_named(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await client.post("/create-loan", json={"customer_id": 1}, headers=officer)
    assert answer.status_code == 400
    missing = ("loan_amount", "interest_rate", "tenure")
    assert answer.json()["fields"] == {field: ["this field is required"] for field in missing}


async def test_unknown_ids_are_404(client: httpx.AsyncClient, john: dict[str, Any], officer: dict[str, str]) -> None:
    for method, path, body in (
        ("GET", "/view-loan/99", None),
        ("GET", "/view-loans/99", None),
        ("POST", "/check-eligibility", LOAN | {"customer_id": 99}),
        ("POST", "/create-loan", LOAN | {"customer_id": 99}),
    ):
        answer = await client.request(method, path, json=body, headers=officer)
        assert (path, answer.status_code, list(answer.json())) == (path, 404, ["error"])
    for path in ("/view-loan/x", "/view-loans/0", "/view-loan/" + "9" * 30):
        assert (await client.get(path, headers=officer)).status_code == 400


async def test_loans_of_other_lenders_stand_in_the_same_list(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, john: dict[str, Any], officer: dict[str, str]
) -> None:
    """As stored: instalment 5,000.00 until 2027-01-15, the last of two due dates after 2026-11-21 included."""
    async with uow_factory.open(SYSTEM) as uow:
        (number,) = await list_next_loan_numbers(uow.session, 1)
        await uow.session.execute(insert(PublicId).values(kind="loan", number=number, customer_id=1))
        await uow.session.execute(
            insert(ExternalLoan).values(
                customer_id=1, id=number, external_id="5930", amount_paise=9_000_000, tenure=20,
                annual_rate_percent=Decimal("11.25"), instalment_paise=500_000, paid_on_time=3,
                approved_on=date(2025, 5, 15), ends_on=date(2027, 1, 15), import_id=1, row_number=2,
            )
        )  # fmt: skip
    assert (await client.post("/create-loan", json=LOAN, headers=officer)).status_code == 201

    lines = (await client.get("/view-loans/1", headers=officer)).json()

    assert [(line["loan_id"], line["repayments_left"]) for line in lines] == [(1, 2), (2, 24)]
    assert lines[0] == {
        "loan_id": 1, "loan_amount": 90000, "interest_rate": 11.25, "monthly_installment": 5000, "repayments_left": 2,
    }  # fmt: skip
    for address in ("/view-loan/1", "/view-loan/LN-2025-0001"):
        found = (await client.get(address, headers=officer)).json()
        assert (found["tenure"], found["customer"]["last_name"], found["monthly_installment"]) == (20, "Doe", 5000)
    assert (await client.get("/view-loan/LN-2026-0001", headers=officer)).status_code == 404


async def test_it_is_for_staff(client: httpx.AsyncClient, john: dict[str, Any], headers_of: HeadersOf) -> None:
    customer = await headers_of(Role.CUSTOMER, customer_id=1)
    for method, path, body in (
        ("POST", "/register", REGISTER),
        ("POST", "/check-eligibility", LOAN),
        ("POST", "/create-loan", LOAN),
        ("GET", "/view-loan/1", None),
        ("GET", "/view-loans/1", None),
    ):
        assert (await client.request(method, path, json=body)).status_code == 401
        answer = await client.request(method, path, json=body, headers=customer)
        assert (answer.status_code, list(answer.json())) == (403, ["error"])


async def test_a_missing_fact_is_no_refusal(story: Story, officer: dict[str, str]) -> None:
    """Somebody who registered themselves without an income: nothing can be said yet, and the answer says what is
    missing."""
    person = {"name": "Asha Devi Rao", "email": "asha@example.com", "aadhar_id": "234123412346"}
    assert (await story.client.post("/api/register-user/", json=person)).status_code == 201
    for path in ("/check-eligibility", "/create-loan"):
        answer = await story.client.post(path, json=LOAN, headers=officer)
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "a fact that the decision needs is not known; this is not a refusal: No income is known."
            " No credit limit is known."
        }
