"""The log scrubber and the request log: no secret and no identity number is in a log line."""

import asyncio
import io
import json
import logging
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError

from app.api.limits import Lease
from app.domain.people.access import Role
from app.observability import describe_error, log_request, scrub, scrub_text
from tests.api.conftest import HeadersOf, Time


@pytest.mark.parametrize(
    "text, scrubbed",
    [
        ("aadhaar 234567890124!", "aadhaar XXXX XXXX 0124!"),
        ("2345 6789 0124 and 2345-6789-0124", "XXXX XXXX 0124 and XXXX XXXX 0124"),
        ("2345678901244 and 12345678901", "2345678901244 and 12345678901"),
        ("a=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln b", "a=[hidden] b"),
        ("krt_AbC-_9 was used", "[hidden] was used"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("postgresql://kist:hunter2@db/kist", "postgresql://kist:[hidden]@db/kist"),
        ("redis://:hunter2@db", "redis://:[hidden]@db"),
        ("username=a&password=hunter2&x=1", "username=a&password=[hidden]&x=1"),
        ('{"password": "hunter2"}', '{"password": "[hidden]"}'),
        ("loan LN-2025-0456 paid 4407.43", "loan LN-2025-0456 paid 4407.43"),
    ],
)
def test_a_text_is_scrubbed(text: str, scrubbed: str) -> None:
    assert scrub_text(text) == scrubbed


def test_a_nested_value_is_scrubbed() -> None:
    value = {
        "password": "hunter2", "new_password": None, "aadhaar": "x", "aadhar_id": 1,
        "login_token": 123456, "secrets": [123456], "nested": [{"jwt_secret": b"x"}],
        "number": 234567890124, "raw": b"234567890124", "fine": [1, 2.5, True, None, "text"],
    }  # fmt: skip
    assert scrub(value) == {
        "password": "[hidden]", "new_password": None, "aadhaar": "[hidden]", "aadhar_id": "[hidden]",
        "login_token": "[hidden]", "secrets": "[hidden]", "nested": [{"jwt_secret": "[hidden]"}],
        "number": "XXXX XXXX 0124", "raw": "[hidden]",
        "fine": [1, 2.5, True, None, "text"],
    }  # fmt: skip


def test_a_database_error_keeps_its_row_to_itself() -> None:
    class Refusal(Exception):
        sqlstate = "23505"

    error = IntegrityError("INSERT", {"email": "asha@kist.example"}, Refusal("Key (email)=(asha@kist.example)"))
    assert describe_error(error) == {"error": "IntegrityError", "at": [], "sqlstate": "23505"}
    assert describe_error(ValueError("plain"))["text"] == "plain"


def test_every_log_line_is_json_and_scrubbed(lines: io.StringIO) -> None:
    def fail(aadhaar: str) -> None:
        raise ValueError(f"no customer with {aadhaar}")

    structlog.get_logger("ours").info("registered", aadhaar="234567890124", note="2345 6789 0124", loans=2)
    logging.getLogger("theirs").warning("password=%s for %s", "hunter2", "234567890124")
    try:
        fail("234567890124")
    except ValueError:
        logging.getLogger("theirs").exception("it failed")
    written = lines.getvalue()
    assert "234567890124" not in written
    assert "2345 6789" not in written
    assert "hunter2" not in written
    ours, theirs, failed = (json.loads(line) for line in written.splitlines())
    assert (ours["event"], ours["aadhaar"], ours["note"], ours["loans"]) == (
        "registered",
        "[hidden]",
        "XXXX XXXX 0124",
        2,
    )
    assert theirs["event"] == "password=[hidden] for XXXX XXXX 0124"
    exception: dict[str, Any] = failed["exception"]
    assert (exception["error"], exception["text"]) == ("ValueError", "no customer with XXXX XXXX 0124")


# --- the line of a request -------------------------------------------------------------------------------------------


def requests_of(lines: io.StringIO) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    return [line for line in written if line["event"] == "request"]


@pytest.mark.parametrize(
    "method, path, route, status",
    [
        ("GET", "/api/v1/loans/LN-2025-0456?aadhaar=234567890124", "/api/v1/loans/{loan_id}", 404),
        ("POST", "/api/v1/loans/payments", "/api/v1/loans/payments", 422),
        ("DELETE", "/api/v1/clock", "/api/v1/clock", 405),
        ("GET", "/api/v1/products", "/api/v1/products", 200),
        ("POST", "/api/login", "/api/login", 400),
        ("POST", "/api/login/", "/api/login/", 400),
        ("GET", "/view-loan/9/", "/view-loan/{loan_id}/", 404),
        ("GET", "/", "/", 200),
        ("GET", "/health", "/health", 200),
        ("GET", "/docs", "/docs", 200),
        ("GET", "/docs/files/docs.js", "/docs/files/{name}", 200),
        ("GET", "/openapi.json", "/openapi.json", 200),
        ("GET", "/nothing/234567890124", None, 404),
        ("GET", "/api/v1/nothing", None, 404),
    ],
)
async def test_the_log_line_names_the_full_route(
    client: httpx.AsyncClient, officer: dict[str, str], lines: io.StringIO,
    method: str, path: str, route: str | None, status: int,
) -> None:  # fmt: skip
    answer = await client.request(method, path, headers=officer, json={} if method == "POST" else None)
    (line,) = requests_of(lines)
    assert (line["method"], line["route"], line["status"], answer.status_code) == (method, route, status, status)
    assert "234567890124" not in lines.getvalue()


async def test_the_log_line_names_the_caller_and_the_address(
    client: httpx.AsyncClient, headers_of: HeadersOf, lines: io.StringIO, time: Time
) -> None:
    sessions = {
        role: await headers_of(role, customer_id=9 if role is Role.CUSTOMER else None, scopes=scopes)
        for role, scopes in (
            (Role.CUSTOMER, frozenset[str]()), (Role.OFFICER, frozenset[str]()),
            (Role.ADMIN, frozenset[str]()), (Role.SERVICE, frozenset({"lending:read"})),
        )
    }  # fmt: skip
    for headers in sessions.values():
        await client.get("/api/v1/clock", headers=headers | {"X-Request-ID": "request-0001"})
    await client.get("/api/v1/clock")
    await client.get("/api/v1/clock", headers={"Authorization": "Bearer made-up"})
    time.advance(minutes=11)
    await client.get("/api/v1/clock", headers=sessions[Role.OFFICER])
    logged = requests_of(lines)
    roles = [None if line["actor"] is None else line["actor"].partition(":")[0] for line in logged]
    assert roles == ["customer", "officer", "admin", "service", None, None, None]
    assert [line["status"] for line in logged[4:]] == [401, 401, 401]
    assert {line["client_address"] for line in logged} == {"127.0.0.1"}
    assert [line["request_id"] for line in logged[:4]] == ["request-0001"] * 4
    assert logged[0].keys() == {
        "method", "route", "status", "milliseconds", "actor", "client_address", "event", "request_id", "level",
        "timestamp",
    }  # fmt: skip
    assert all(headers["Authorization"][7:] not in lines.getvalue() for headers in sessions.values())


async def test_the_log_line_names_the_caller_of_a_sign_in(
    client: httpx.AsyncClient, time: Time, lines: io.StringIO
) -> None:
    person = {
        "name": "Ravi Iyer", "email": "ravi@example.com", "aadhar_id": "234123412346", "annual_income": 600_000,
        "password": "correct horse battery",
    }  # fmt: skip

    async def sign_in(password: str) -> httpx.Response:
        return await client.post("/api/v1/auth/token", data={"username": "ravi@example.com", "password": password})

    made = await client.post("/api/v1/users/register", json=person)
    assert made.status_code == 201
    assert (await client.post("/api/v1/users/register", json=person)).status_code == 409
    assert (await sign_in("not the password")).status_code == 401
    tokens = (await sign_in("correct horse battery")).json()
    login = {"aadhar_id": "234123412346", "password": "correct horse battery"}
    assert (await client.post("/api/login/", json=login)).status_code == 200
    time.advance(minutes=2)
    again = (await client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})).json()
    for _ in range(2):
        body = {"refresh_token": again["refresh_token"]}
        assert (await client.post("/api/v1/auth/logout", json=body)).status_code == 204
    headers = {"Authorization": f"Bearer {again['access_token']}"}
    body = {"current_password": "not the password", "new_password": "another horse battery"}
    assert (await client.put("/api/v1/auth/password", json=body, headers=headers)).status_code == 422
    body = {"current_password": "correct horse battery", "new_password": "another horse battery"}
    assert (await client.put("/api/v1/auth/password", json=body, headers=headers)).status_code == 200
    # The change has revoked the token, for a route that writes and for a route that only reads.
    assert (await client.put("/api/v1/auth/password", json=body, headers=headers)).status_code == 401
    assert (await client.get("/api/v1/loans/LN-2026-0001", headers=headers)).json()["code"] == "token_revoked"
    time.advance(minutes=11)
    assert (await client.get("/api/v1/loans/LN-2026-0001", headers=headers)).json()["code"] == "token_expired"
    logged = [(line["status"], line["actor"]) for line in requests_of(lines)]
    ravi = logged[0][1]
    assert ravi.startswith("customer:")
    assert logged == [
        (201, ravi), (409, None), (401, None), (200, ravi), (200, ravi), (200, ravi), (204, ravi), (204, None),
        (422, ravi), (200, ravi), (401, None), (401, None), (401, None),
    ]  # fmt: skip


async def test_a_refused_call_is_logged_with_its_caller(
    app: FastAPI,
    client: httpx.AsyncClient,
    officer: dict[str, str],
    lines: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def none_left(*_: object) -> tuple[bool, Lease]:
        return False, Lease()

    monkeypatch.setattr(app.state.call_limits, "take", none_left)
    assert (await client.get("/api/v1/clock", headers=officer)).status_code == 429
    assert (await client.get("/api/v1/clock")).status_code == 429
    first, second = requests_of(lines)
    assert first["actor"].startswith("officer:")
    assert (first["route"], second["actor"]) == (None, None)


async def test_a_request_of_a_lost_client_is_logged(app: FastAPI, lines: io.StringIO) -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/livez", "raw_path": b"/livez", "query_string": b"", "headers": [],
        "client": ("203.0.113.9", 1), "root_path": "", "scheme": "http", "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await app(scope, receive, send)
    (line,) = requests_of(lines)
    assert (line["route"], line["status"], line["client_address"]) == ("/livez", 200, "203.0.113.9")


def test_an_address_that_a_proxy_passes_on_is_not_trusted_either(lines: io.StringIO) -> None:
    for address in ("234567890124", "2345 6789 0124", "krt_AbC", "x" * 500, "2001:db8::1", None):
        log_request(
            request_id="r", method="GET", route="/", status=None, milliseconds=0, actor=None, client_address=address
        )
    assert [line["client_address"] for line in requests_of(lines)] == [
        "XXXX XXXX 0124", "XXXX XXXX 0124", "[hidden]", "x" * 64, "2001:db8::1", None,
    ]  # fmt: skip
