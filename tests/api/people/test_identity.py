"""Showing an Aadhaar number over HTTP: who may, with what, and what stays behind."""

import httpx
import pytest

from app.domain.people.access import Role
from tests.api.conftest import HeadersOf

PERSON = {"name": "Ravi Iyer", "email": "ravi@example.com", "aadhar_id": "234123412346"}
URL = "/api/v1/users/BC-USER-001/aadhaar/reveal"
REASON = {"reason": "Order 17/2026 of the district court"}


@pytest.fixture
async def ravi(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.post("/api/v1/users/register", json=PERSON)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def revealed(client: httpx.AsyncClient, admin: dict[str, str]) -> list[str]:
    events = (await client.get("/api/v1/audit/events?action=aadhaar_revealed", headers=admin)).json()["items"]
    return [event["details"]["reason"] for event in events]


async def test_an_admin_or_a_service_with_the_scope_sees_it_and_leaves_a_record(
    client: httpx.AsyncClient, ravi: dict[str, str], admin: dict[str, str], headers_of: HeadersOf
) -> None:
    service = await headers_of(Role.SERVICE, scopes=frozenset({"identity:reveal"}))
    for headers in (admin, service):
        answer = await client.post(URL, json=REASON, headers=headers)
        assert answer.json() == {"user_id": "BC-USER-001", "aadhar_id": "234123412346"}
        assert answer.headers["cache-control"] == "no-store"
    assert await revealed(client, admin) == [REASON["reason"]] * 2
    shown = await client.get("/api/v1/users/BC-USER-001", headers=admin)
    assert shown.json()["aadhar_id"] == "XXXX XXXX 2346"


async def test_nobody_else_does_nor_without_a_reason(
    client: httpx.AsyncClient, ravi: dict[str, str], admin: dict[str, str], headers_of: HeadersOf
) -> None:
    officer, service = await headers_of(Role.OFFICER), await headers_of(Role.SERVICE)
    for headers in (ravi, officer, service):
        assert (await client.post(URL, json=REASON, headers=headers)).status_code == 403
    assert (await client.post(URL, json=REASON)).status_code == 401
    for body in ({}, {"reason": "because"}, {"reason": "the number 2341 2341 2346 is his"}):
        assert (await client.post(URL, json=body, headers=admin)).status_code == 422
    assert (await client.post(URL.replace("001", "002"), json=REASON, headers=admin)).status_code == 404
    assert await revealed(client, admin) == []
