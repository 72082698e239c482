"""Customers are found by what belongs to them, and their data can be changed."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.db.models import AuditEvent, Customer, UserAccount
from app.domain.people.access import SYSTEM, Role
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf

USERS = "/api/v1/users"
Headers = dict[str, str]
ASHA = {
    "aadhar_id": "234123412346", "name": "Asha Rao", "email": "asha@example.com", "phone": "+91 98765 43210",
    "annual_income": 600_000, "external_id": "EXT-7", "password": "a quiet river",
}  # fmt: skip
RAVI = {"aadhar_id": "345678901238", "name": "Ravi Kumar", "email": "ravi@example.com", "phone": "9876543210"}


@pytest.fixture
async def people(client: httpx.AsyncClient, officer: Headers) -> None:
    for person in (ASHA, RAVI):
        answer = await client.post(f"{USERS}/register", json=person, headers=officer)
        assert answer.status_code == 201, answer.text


async def found(client: httpx.AsyncClient, headers: Headers, **query: Any) -> list[str]:
    answer = await client.get(USERS, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["user_id"] for row in answer.json()["items"]]


async def sought(client: httpx.AsyncClient, headers: Headers, **body: Any) -> list[str]:
    answer = await client.post(f"{USERS}/search", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["user_id"] for row in answer.json()["items"]]


async def test_customers_are_listed_and_found(client: httpx.AsyncClient, officer: Headers, people: None) -> None:
    assert await found(client, officer) == ["BC-USER-001", "BC-USER-002"]
    assert await found(client, officer, phone="098765-43210") == ["BC-USER-001", "BC-USER-002"]
    assert await found(client, officer, phone="9876543211") == []
    assert await found(client, officer, email="ASHA@example.com") == ["BC-USER-001"]
    assert await found(client, officer, external_id="EXT-7", phone="9876543210") == ["BC-USER-001"]
    assert await found(client, officer, external_id="EXT-8") == []
    page = (await client.get(USERS, params={"limit": 1}, headers=officer)).json()
    assert page["next_cursor"] == "1"
    assert await found(client, officer, cursor="1") == ["BC-USER-002"]


async def test_an_aadhaar_number_is_sought_by_its_hash_and_the_search_is_audited(
    client: httpx.AsyncClient, officer: Headers, people: None, uow_factory: UnitOfWorkFactory
) -> None:
    assert await sought(client, officer, aadhar_id="2341 2341 2346") == ["BC-USER-001"]
    assert await sought(client, officer, aadhar_id="345678901238", email="asha@example.com") == []
    assert await sought(client, officer, aadhar_id="234123412346", external_id="EXT-7") == ["BC-USER-001"]
    wrong = await client.post(f"{USERS}/search", json={"aadhar_id": "2341"}, headers=officer)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "aadhaar_invalid")
    async with uow_factory.open(SYSTEM) as uow:
        events = (
            await uow.session.scalars(
                select(AuditEvent).where(AuditEvent.action == "customers_searched").order_by(AuditEvent.id)
            )
        ).all()
    assert [(event.object_id, event.customer_id, event.details) for event in events] == [
        ("1", 1, {"sought_by": ["aadhar_id"], "found": 1}),
        ("none", None, {"sought_by": ["email", "aadhar_id"], "found": 0}),
        ("1", 1, {"sought_by": ["external_id", "aadhar_id"], "found": 1}),
    ]


async def test_only_staff_search(client: httpx.AsyncClient, headers_of: HeadersOf, people: None) -> None:
    own = await headers_of(Role.CUSTOMER, customer_id=901)
    assert (await client.post(f"{USERS}/search", json={"phone": "9876543210"}, headers=own)).status_code == 403


async def test_a_customer_changes_their_address_and_staff_the_rest(
    client: httpx.AsyncClient, officer: Headers, people: None, uow_factory: UnitOfWorkFactory
) -> None:
    token = await client.post("/api/v1/auth/token", data={"username": "asha@example.com", "password": "a quiet river"})
    assert token.status_code == 200, token.text
    own = {"Authorization": f"Bearer {token.json()['access_token']}"}
    url = f"{USERS}/BC-USER-001"
    changed = await client.patch(url, json={"address": " 7 Station Road ", "phone": None}, headers=own)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["address"], changed.json()["phone"]) == ("7 Station Road", None)
    refused = await client.patch(url, json={"annual_income": 9_000_000, "phone": "9999999999"}, headers=own)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (403, "forbidden", "annual_income")
    other = await client.patch(f"{USERS}/BC-USER-002", json={"address": "x"}, headers=own)
    assert (other.status_code, other.json()["code"]) == (404, "customer_not_found")
    taken = await client.patch(url, json={"email": "Ravi@example.com"}, headers=officer)
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    removed = await client.patch(url, json={"name": None}, headers=officer)
    assert (removed.status_code, removed.json()["code"]) == (422, "profile_invalid")
    before = (await client.get(url, headers=officer)).json()
    assert (before["phone"], before["annual_income"], before["email"]) == (None, 600_000, "asha@example.com")

    by_staff = {"email": "asha.rao@example.com", "annual_income": 900_000, "age": 35}
    after = await client.patch(url, json=by_staff, headers=officer)
    assert after.status_code == 200, after.text
    assert after.json() == before | {"email": "asha.rao@example.com", "annual_income": 900_000, "age": 35}
    assert (await client.patch(url, json=by_staff, headers=officer)).json() == after.json()
    again = await client.post(
        "/api/v1/auth/token", data={"username": "asha.rao@example.com", "password": "a quiet river"}
    )
    assert again.status_code == 200
    async with uow_factory.open(SYSTEM) as uow:
        events = await uow.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "customer_changed").order_by(AuditEvent.id)
        )
        assert [(event.actor.partition(":")[0], event.details) for event in events] == [
            ("customer", {"fields": ["address", "phone"]}),
            ("officer", {"fields": ["age", "annual_income_paise", "email"]}),
        ]
        emails = select(UserAccount.email).where(UserAccount.customer_id == 1)
        assert await uow.session.scalar(emails) == "asha.rao@example.com"
        limit = select(Customer.approved_limit_paise).where(Customer.customer_id == 1)
        assert await uow.session.scalar(limit) == 1_800_000_00
