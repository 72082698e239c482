"""Registering and reading customers and their scores, over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select

from app.db.models import BankTransaction, CreditScore, Customer, Identity, OutboxRow, UserAccount
from app.db.repositories.products.products import add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.services.credit.scoring import score_customer
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf, SilentJobQueue

RAHUL = {
    "aadhar_id": "888877776666",
    "name": "Rahul Sharma",
    "email": "rahul@brightlend.com",
    "annual_income": 1800000,
    "employment_type": "SALARIED",
}
Register = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def register(client: httpx.AsyncClient) -> Register:
    async def post(**changes: Any) -> dict[str, Any]:
        answer = await client.post("/api/v1/users/register", json=RAHUL | changes)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return post


@pytest_asyncio.fixture
async def scorecards(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")


def bearer(answer: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


async def rows(uow_factory: UnitOfWorkFactory) -> tuple[int, ...]:
    async with uow_factory.open(SYSTEM) as uow:
        counts = [
            (await uow.session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (Customer, Identity, UserAccount, OutboxRow)
        ]
    return tuple(counts)


async def add_money(uow_factory: UnitOfWorkFactory, customer_id: int, *, rupees: int) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(BankTransaction).values(
                customer_id=customer_id,
                import_id=1,
                row_number=2,
                transacted_on=await uow.business_date(),
                direction="CREDIT",
                amount_paise=rupees * 100,
            )
        )


async def test_a_registration_answers_a_customer_with_tokens_and_a_score_under_way(
    register: Register, client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, job_queue: SilentJobQueue
) -> None:
    answer = await register()
    number = int(answer["user_id"].removeprefix("BC-USER-"))
    assert answer["user_id"] == f"BC-USER-{number:03d}"
    assert answer["welcome_message"] == "Account activated successfully"
    assert answer["initial_credit_score"] is None
    assert answer["credit_score_status"] == "PENDING"
    assert [(job.name, job.key) for job in job_queue.enqueued] == [("score_customer", str(number))]
    shown = await client.get(f"/api/v1/users/{answer['user_id']}", headers=bearer(answer))
    assert shown.json() == {
        "user_id": answer["user_id"],
        "name": "Rahul Sharma",
        "email": "rahul@brightlend.com",
        "aadhar_id": "XXXX XXXX 6666",
        "phone": None,
        "address": None,
        "age": None,
        "employment_type": "SALARIED",
        "gst_state": None,
        "annual_income": 1800000.0,
        "approved_limit": 5400000.0,
        "external_id": None,
        "registered_on": "2026-11-21",
    }


async def test_a_password_signs_in(register: Register, client: httpx.AsyncClient) -> None:
    await register(password="a long password", email="Rahul@BrightLend.com")
    form = {"username": "rahul@brightlend.com", "password": "a long password"}
    assert (await client.post("/api/v1/auth/token", data=form)).status_code == 200


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"email": "other@brightlend.com"}, "aadhaar_taken"),
        ({"email": "other@brightlend.com", "aadhar_id": "8888 7777 6666"}, "aadhaar_taken"),
        ({"aadhar_id": "123456789012"}, "email_taken"),
        ({"aadhar_id": "123456789012", "email": "RAHUL@brightlend.com"}, "email_taken"),
    ],
)
async def test_what_is_taken_is_named_and_nothing_is_written(
    register: Register, client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, changes: dict[str, Any], code: str
) -> None:
    await register()
    before = await rows(uow_factory)
    answer = await client.post("/api/v1/users/register", json=RAHUL | changes)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await rows(uow_factory) == before


@pytest.mark.parametrize(
    "changes,field",
    [
        ({"aadhar_id": "12345678901"}, "aadhar_id"),
        ({"aadhar_id": "1.23457E+11"}, "aadhar_id"),
        ({"aadhar_id": 888877776666}, "aadhar_id"),
        ({"email": "nobody"}, "email"),
        ({"name": "x" * 201}, "name"),
        ({"annual_income": -1}, "annual_income"),
        ({"annual_income": True}, "annual_income"),
        ({"annual_income": 1.005}, "annual_income"),
        ({"password": "tiny-pw"}, "password"),
        ({"age": 17}, "age"),
        ({"phone": "call me"}, "phone"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_bad_input_names_the_field_and_never_the_value(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, changes: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/v1/users/register", json=RAHUL | changes)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    # A request id may hold a shorter value by chance.
    assert not any(str(value) in answer.text for value in changes.values() if len(str(value)) > 4)
    assert (await rows(uow_factory))[:2] == (0, 0)


async def test_another_customer_does_not_exist(register: Register, client: httpx.AsyncClient) -> None:
    first = await register()
    second = await register(aadhar_id="123456789012", email="other@brightlend.com")
    for path in (f"/api/v1/users/{first['user_id']}", f"/api/v1/credit/scores?user_id={first['user_id']}"):
        answer = await client.get(path, headers=bearer(second))
        assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
        assert (await client.get(path)).status_code == 401


async def test_staff_sees_every_customer_and_gets_no_customers_tokens(
    client: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    answer = await client.post("/api/v1/users/register", json=RAHUL | {"external_id": "C-14"}, headers=officer)
    assert (answer.status_code, answer.json()["access_token"], answer.json()["refresh_token"]) == (201, None, None)
    shown = await client.get(f"/api/v1/users/{answer.json()['user_id']}", headers=officer)
    assert (shown.status_code, shown.json()["external_id"]) == (200, "C-14")
    assert (await client.get("/api/v1/users/999", headers=officer)).status_code == 404


async def test_only_staff_may_send_an_external_id(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str]
) -> None:
    answer = await client.post("/api/v1/users/register", json=RAHUL | {"external_id": "C-14"})
    assert answer.status_code == 403
    assert (await rows(uow_factory))[:2] == (0, 0)
    first = await client.post("/api/v1/users/register", json=RAHUL | {"external_id": "C-14"}, headers=officer)
    assert first.status_code == 201
    other = {"aadhar_id": "123456789012", "email": "other@brightlend.com", "external_id": "C-14"}
    answer = await client.post("/api/v1/users/register", json=RAHUL | other, headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (409, "external_id_taken")


async def test_a_score_is_pending_and_then_there(
    register: Register, client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, scorecards: None
) -> None:
    answer = await register()
    number = int(answer["user_id"].removeprefix("BC-USER-"))
    address = f"/api/v1/credit/scores?user_id={answer['user_id']}"
    pending = await client.get(address, headers=bearer(answer))
    assert pending.status_code == 200
    assert (pending.json()["status"], pending.json()["score"], pending.json()["factors"]) == ("PENDING", None, None)
    await add_money(uow_factory, number, rupees=730_000)
    for _ in range(2):
        async with uow_factory.open(SYSTEM) as uow:
            await score_customer(uow, {"customer_id": number})
    assert (await client.get(address, headers=bearer(answer))).json() == {
        "user_id": answer["user_id"],
        "score_id": "CS-000001",
        "status": "AVAILABLE",
        "score": 720,
        "scorecard": "bank_balance",
        "factors": {"payment_history": "NO_HISTORY", "credit_utilization": "LOW_RISK", "credit_age": "NEW"},
        "reasons": [
            {
                "code": "balance_in_steps",
                "figures": {"balance_paise": 73_000_000, "steps": 42, "transactions": 1},
            }
        ],
        "as_of": "2026-11-21",
    }
    async with uow_factory.open(SYSTEM) as uow:
        assert (await uow.session.execute(select(func.count()).select_from(CreditScore))).scalar_one() == 1


async def test_a_service_without_a_scope_sees_no_customer(
    register: Register, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    answer = await register()
    service = await headers_of(Role.SERVICE)
    assert (await client.get(f"/api/v1/users/{answer['user_id']}", headers=service)).status_code == 403
