"""Signing in over HTTP, and what a token opens."""

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.domain.people.access import SYSTEM, Role
from app.services.people import staff
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf, Time

EMAIL, PASSWORD = "asha@kist.example", "correct horse"


@pytest_asyncio.fixture
async def asha(app: FastAPI, uow_factory: UnitOfWorkFactory) -> None:
    """An officer with a password."""
    await staff.create_staff(
        uow_factory, SYSTEM, passwords=app.state.keyring.passwords, email=EMAIL, name="Asha", role=Role.OFFICER,
        password=PASSWORD,
    )  # fmt: skip


async def sign_in(client: httpx.AsyncClient, *, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/auth/token", data={"username": EMAIL, "password": password})


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_password_form_gives_tokens(client: httpx.AsyncClient, asha: None) -> None:
    answer = await sign_in(client)
    assert answer.status_code == 200
    body = answer.json()
    assert sorted(body) == ["access_token", "expires_in", "refresh_token", "token_type"]
    assert (body["token_type"], body["expires_in"]) == ("bearer", 600)
    assert answer.headers["cache-control"] == "no-store"
    assert (await client.get("/api/v1/clock", headers=bearer(answer))).json() == {"business_date": "2026-11-21"}


async def test_a_wrong_password_is_401(client: httpx.AsyncClient, asha: None) -> None:
    answer = await sign_in(client, password="wrong horse!")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "invalid_credentials"
    assert "wrong horse" not in answer.text


@pytest.mark.parametrize(
    "form", [{}, {"username": EMAIL}, {"username": EMAIL, "password": PASSWORD, "grant_type": "client_credentials"}]
)
async def test_another_form_is_422(client: httpx.AsyncClient, asha: None, form: dict[str, str]) -> None:
    answer = await client.post("/api/v1/auth/token", data=form)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("username", ["\x00", "a\x00b@kist.example", "x" * 100_000, "'; drop table principals --", "%"])
async def test_any_address_is_answered(client: httpx.AsyncClient, asha: None, username: str) -> None:
    answer = await client.post("/api/v1/auth/token", data={"username": username, "password": PASSWORD})
    assert answer.status_code in {401, 422}


async def test_refreshing_and_signing_out(client: httpx.AsyncClient, asha: None, time: Time) -> None:
    first = (await sign_in(client)).json()
    second = await client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    time.advance(seconds=11)
    reused = await client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (reused.status_code, reused.json()["code"]) == (401, "token_reused")
    after = await client.post("/api/v1/auth/refresh", json={"refresh_token": second.json()["refresh_token"]})
    assert (after.status_code, after.json()["code"]) == (401, "token_invalid")
    third = (await sign_in(client)).json()
    body = {"refresh_token": third["refresh_token"]}
    assert (await client.post("/api/v1/auth/logout", json=body)).status_code == 204
    assert (await client.post("/api/v1/auth/refresh", json=body)).json()["code"] == "token_invalid"


async def test_an_expired_access_token_does_not_hinder_refreshing(
    client: httpx.AsyncClient, asha: None, time: Time
) -> None:
    first = await sign_in(client)
    time.advance(minutes=10)
    assert (await client.get("/api/v1/clock", headers=bearer(first))).json()["code"] == "token_expired"
    body = {"refresh_token": first.json()["refresh_token"]}
    assert (await client.post("/api/v1/auth/refresh", json=body, headers=bearer(first))).status_code == 200


async def test_a_changed_password_revokes_the_token_at_once(client: httpx.AsyncClient, asha: None) -> None:
    before = await sign_in(client)
    wrong = {"current_password": "wrong horse!", "new_password": "battery staple"}
    answer = await client.put("/api/v1/auth/password", json=wrong, headers=bearer(before))
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422, "wrong_password", "current_password",
    )  # fmt: skip
    right = {"current_password": PASSWORD, "new_password": "battery staple"}
    after = await client.put("/api/v1/auth/password", json=right, headers=bearer(before))
    assert after.status_code == 200
    refused = await client.get("/api/v1/clock", headers=bearer(before))
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    assert (await client.get("/api/v1/clock", headers=bearer(after))).status_code == 200
    assert (await sign_in(client)).status_code == 401
    assert (await sign_in(client, password="battery staple")).status_code == 200


@pytest.mark.parametrize(
    "headers, code",
    [
        ({}, "not_authenticated"),
        ({"Authorization": ""}, "not_authenticated"),
        ({"Authorization": "Bearer"}, "token_invalid"),
        ({"Authorization": "Basic YTpi"}, "not_authenticated"),
        ({"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}, "token_invalid"),
        ({"Authorization": "Bearer a b c"}, "token_invalid"),
        ({"Authorization": b"Bearer \xff\xfe"}, "token_invalid"),
    ],
)
async def test_without_a_good_token_nothing_opens(
    client: httpx.AsyncClient, headers: dict[str, str], code: str
) -> None:
    answer = await client.get("/api/v1/clock", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == code


async def test_a_good_token_of_the_wrong_role_is_403(client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    for role, customer_id in ((Role.OFFICER, None), (Role.CUSTOMER, 9), (Role.SERVICE, None)):
        headers = await headers_of(role, customer_id=customer_id)
        answer = await client.put("/api/v1/clock", json={"business_date": "2026-12-21"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "www-authenticate" not in answer.headers
