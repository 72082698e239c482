"""Requests that mean harm: too large, too deep, too slow, unwritable. Each is refused cleanly and changes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from app.api.deps import OPEN, KistRouter, UnitOfWorkDep
from app.main import LARGEST_BODY, create_app
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.conftest import SilentJobQueue, Time

PERSON = {"name": "Asha Rao", "email": "asha@example.com", "aadhar_id": "234123412346", "annual_income": 600000}
REGISTER = "/api/v1/users/register"

router = KistRouter(prefix="/probe")


@router.post("/sleep", dependencies=[OPEN])
async def sleep_in_the_database(uow: UnitOfWorkDep) -> str:
    await uow.session.execute(text("SELECT nextval('payment_numbers')"))
    await uow.session.execute(text("SELECT pg_sleep(3)"))
    return "done"


@router.get("/quick", dependencies=[OPEN])
async def ask_the_database(uow: UnitOfWorkDep) -> int:
    return int(await uow.session.scalar(text("SELECT 1")) or 0)


async def count(uow_factory: UnitOfWorkFactory, table: str) -> int:
    async with uow_factory.sessions() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


# --- bodies ----------------------------------------------------------------------------------------------------------


def with_name(name: str) -> bytes:
    return json.dumps(PERSON).replace('"Asha Rao"', name).encode()


BODIES: dict[str, bytes] = {
    "nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "objects 20,000 deep": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "a name nested deep": with_name("[" * 40 + "]" * 40),
    "an integer of 10,000 digits": with_name("9" * 10_000),
    "an exponent": with_name("1e999999999"),
    "a zero byte": with_name('"a\\u0000b"'),
    "half a pair": with_name('"a\\ud800b"'),
    "half a pair in a key": json.dumps({**PERSON, "\ud800": 1}).encode(),
    "a control character": with_name('"a\\u0007b"'),
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": json.dumps(PERSON).encode("utf-16"),
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "twice the same field": b'{"name": "a", "name": "b"}',
    "10,000 unknown fields": json.dumps({f"f{number}": 1 for number in range(10_000)}).encode(),
    "a long name": with_name(json.dumps("x" * 100_000)),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_no_person(client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, body: bytes) -> None:
    for path, status in ((REGISTER, 422), ("/api/register-user/", 400)):
        answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, len(answer.content) < 20_000) == (status, True), answer.text[:200]
    assert await count(uow_factory, "customers") == 0


async def test_a_body_too_large(client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory) -> None:
    headers = {"Content-Type": "application/json"}
    for path in (REGISTER, "/api/register-user/"):
        answer = await client.post(path, content=b"x" * (LARGEST_BODY + 1), headers=headers)
        assert answer.status_code == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1000 + 1):
            yield b"x" * 1000

    assert (await client.post(REGISTER, content=unannounced(), headers=headers)).status_code == 413


async def test_a_head_too_large(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health", headers={"X-Much": "x" * 40_000})
    assert (answer.status_code, answer.json()["code"]) == (431, "head_too_large")
    assert (await client.get("/health", headers={"X-Much": "x" * 20_000})).status_code == 200


# --- addresses and queries -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/loans/%00", "/api/v1/loans/%ff", "/api/v1/loans/-1", "/api/v1/loans/99999999999999999999",
        "/api/v1/loans/LN-2025-99999999999999999999", "/api/v1/loans/1.5", "/api/v1/loans/..%2f..%2fetc",
        "/api/v1/loans/" + "9" * 5000, "/api/v1/loans?limit=0", "/api/v1/loans?limit=100000",
        "/api/v1/loans?cursor=%00",
        "/api/v1/loans?cursor=" + "A" * 5000, "/api/v1/loans?user_id=%00", "/api/v1/loans/1/payoff?on=0001-01-01",
        "/api/v1/loans/1/payoff?on=9999-12-31", "/api/v1/loans/1/payoff?on=2026-02-30",
        "/api/v1/loans/1/explain?from=0001-01-01&to=9999-12-31", "/api/v1/credit/scores?user_id=9223372036854775808",
        "/api/v1/applications/0", "/api/v1/cards/%00", "/api/v1/users/%F0%9F%92%A9", "/api/v1/billing/runs/0",
        "/api/v1/imports/99999999999999999999", "/view-loan/99999999999999999999", "/view-loans/%00",
        "/api/get-statement/?loan_id=%00",
    ],
)  # fmt: skip
async def test_an_address_that_means_nothing(client: httpx.AsyncClient, admin: dict[str, str], path: str) -> None:
    answer = await client.get(path, headers=admin)
    assert answer.status_code in {400, 404, 422}, answer.text


@pytest.mark.parametrize(
    "change",
    [{"disbursed_on": "0001-01-01"}, {"disbursed_on": "9999-12-31"}, {"first_due_on": "9999-12-31"},
     {"instalments": 10**9}, {"instalments": 10**60}, {"instalments": -1}, {"amount": 10**30}, {"amount": "1e30"},
     {"annual_rate": 10**9}, {"every": 10**18}],
)  # fmt: skip
async def test_terms_out_of_this_world(
    client: httpx.AsyncClient, admin: dict[str, str], change: dict[str, Any]
) -> None:
    terms = {"amount": 50_000, "annual_rate": 10.5, "instalments": 12, "disbursed_on": "2026-11-21"}
    assert (await client.post("/api/v1/loans/quote", json=terms, headers=admin)).status_code == 200
    answer = await client.post("/api/v1/loans/quote", json=terms | change, headers=admin)
    assert answer.status_code == 422


# --- time ------------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def hurried(
    settings: Settings, clean_database: None, time: Time, job_queue: SilentJobQueue
) -> AsyncIterator[FastAPI]:
    """An application that gives a request one second, on two connections."""
    changes = {"request_timeout_seconds": 1, "database_pool_size": 2, "database_pool_timeout_seconds": 5}
    app = create_app(settings.model_copy(update=changes), job_queue=job_queue, clock=time)
    app.include_router(router)
    async with app.router.lifespan_context(app):
        yield app


async def test_a_request_that_takes_too_long_is_ended_and_leaves_no_connection_behind(hurried: FastAPI) -> None:
    transport = httpx.ASGITransport(app=hurried)
    async with httpx.AsyncClient(transport=transport, base_url="http://kist.example/probe") as client:
        answers = await asyncio.gather(*(client.post("/sleep") for _ in range(6)))
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "took_too_long")] * 6
        assert {answer.headers["retry-after"] for answer in answers} == {"1"}
        quick = await asyncio.gather(*(client.get("/quick") for _ in range(6)))
        assert [answer.status_code for answer in quick] == [200] * 6


async def test_a_body_that_does_not_arrive(hurried: FastAPI) -> None:
    async def byte_by_byte() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" "
            await asyncio.sleep(0.1)

    transport = httpx.ASGITransport(app=hurried)
    async with httpx.AsyncClient(transport=transport, base_url="http://kist.example") as client:
        answer = await client.post(REGISTER, content=byte_by_byte(), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")
