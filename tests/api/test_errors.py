"""Errors over HTTP: one form, stable codes, no value of the request repeated, and no 500 that a caller can cause."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Query, Request, Response
from sqlalchemy import text

from app.api import errors
from app.api.deps import OPEN, KistRouter, OnceDep, UnitOfWorkDep
from app.api.errors import Failure
from app.api.schemas import Answer, Body, Line, Rupees, RupeesOut, Whole
from app.domain.errors import Conflict, DomainError, Invalid, NotFound, Rejected
from app.domain.people.access import Forbidden, Unauthenticated
from app.main import create_app
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.conftest import SilentJobQueue, Time

PROBLEM = "application/problem+json"
FAMILIES = {each.__name__: each for each in (NotFound, Conflict, Rejected, Invalid, Unauthenticated, Forbidden)}


class NotTheDue(Rejected):
    code = "not_the_amount_due"


class Part(Body):
    name: Line
    amount: Rupees


class PayBody(Body):
    amount: Rupees
    note: Line = "none"
    count: Whole = 1
    parts: tuple[Part, ...] = ()


class PayAnswer(Answer):
    amount: RupeesOut
    moved: int


router = KistRouter(prefix="/probe")


@router.get("/families/{name}", dependencies=[OPEN])
async def raise_family(name: str) -> None:
    raise FAMILIES[name]("the sentence", field="amount")


@router.get("/figures", dependencies=[OPEN])
async def raise_figures() -> None:
    raise NotTheDue(
        "pay what is due", field="amount", due_paise=440_743, due_on=date(2026, 12, 21), rate_percent=Decimal("10.5"),
        oldest={"number": 3, "unpaid_paise": 100}, reasons=[{"code": "score_too_low", "score": 440}],
    )  # fmt: skip


@router.get("/bug", dependencies=[OPEN])
async def have_a_bug(request: Request) -> None:
    raise RuntimeError("password=hunter2 of 234567890124 with eyJhbGciOiJIUzI1NiJ9.e30.AAAA")


@router.get("/half", dependencies=[OPEN])
async def break_off() -> Response:
    raise ExceptionGroup("two", [ValueError("one"), ValueError("two")])


@router.post("/pay", status_code=201, response_model=PayAnswer, dependencies=[OPEN])
async def pay(body: PayBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    if first := await once.first_answer():
        return first
    moved = await uow.session.scalar(text("SELECT nextval('payment_numbers')"))
    return await once.keep(PayAnswer(amount=body.amount, moved=int(moved or 0)))


@router.post("/sql", status_code=201, dependencies=[OPEN])
async def run_sql(request: Request, uow: UnitOfWorkDep) -> str:
    """Runs the test's own SQL: the only way to cause every kind of database fault."""
    await uow.session.execute(text((await request.body()).decode()))
    return "done"


@router.post("/lost", status_code=201, dependencies=[OPEN])
async def lose_the_connection(uow: UnitOfWorkDep, request: Request) -> str:
    """The database server ends the connection after the insert and before the commit."""
    await uow.session.execute(text("INSERT INTO outbox (job, key, payload, created_at, due_at, attempts) "
                                    "VALUES ('lost', '1', '{}', now(), now(), 0)"))  # fmt: skip
    pid = await uow.session.scalar(text("SELECT pg_backend_pid()"))
    database = await asyncpg.connect(request.app.state.dsn)
    try:
        await database.execute("SELECT pg_terminate_backend($1)", pid)
    finally:
        await database.close()
    return "done"


@router.get("/listed", dependencies=[OPEN])
async def listed(limit: Annotated[Whole, Query(ge=1, le=100)] = 10) -> int:
    return limit


@pytest_asyncio.fixture(scope="session")
async def probed_app(
    settings: Settings, session_time: Time, session_job_queue: SilentJobQueue
) -> AsyncIterator[FastAPI]:
    app = create_app(
        settings.model_copy(update={"lock_timeout_ms": 200, "statement_timeout_ms": 400}),
        job_queue=session_job_queue,
        clock=session_time,
    )
    app.include_router(router)
    app.state.dsn = settings.app_dsn.replace("+asyncpg", "")
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def probe(probed_app: FastAPI, uow_factory: UnitOfWorkFactory) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=probed_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kist.example/probe") as client:
        yield client


def problem_of(answer: httpx.Response, *, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"urn:kist:problem:{code}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert {"title", "detail", "field", "errors"} <= body.keys()
    return body


# --- the families ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, status",
    [("NotFound", 404), ("Conflict", 409), ("Rejected", 422), ("Invalid", 422), ("Unauthenticated", 401),
     ("Forbidden", 403)],
)  # fmt: skip
async def test_a_family_is_a_status(probe: httpx.AsyncClient, name: str, status: int) -> None:
    body = problem_of(await probe.get(f"/families/{name}"), status=status, code=FAMILIES[name].code)
    assert (body["detail"], body["field"], body["errors"]) == ("the sentence", "amount", [])
    assert "figures" not in body


async def test_the_compared_figures_are_in_rupees(probe: httpx.AsyncClient) -> None:
    body = problem_of(await probe.get("/figures"), status=422, code="not_the_amount_due")
    assert body["title"] == "Not the amount due"
    assert body["figures"] == {
        "due": 4407.43, "due_on": "2026-12-21", "rate_percent": 10.5, "oldest": {"number": 3, "unpaid": 1.0},
        "reasons": [{"code": "score_too_low", "score": 440}],
    }  # fmt: skip


def test_every_family_of_the_domain_has_a_status() -> None:
    for family in DomainError.__subclasses__():
        assert any(issubclass(family, known) for known, _ in errors.FAMILIES)


async def test_an_older_surface_has_its_own_error_form(probed_app: FastAPI, probe: httpx.AsyncClient) -> None:
    def older(failure: Failure) -> Response:
        return Response(json.dumps({"error": failure.detail}), status_code=400, media_type="application/json")

    before = probed_app.state.presenters
    probed_app.state.presenters = (("/", errors.problem), ("/probe/families", older))
    try:
        answer = await probe.get("/families/Rejected")
        assert (answer.status_code, answer.json()) == (400, {"error": "the sentence"})
        problem_of(await probe.get("/figures"), status=422, code="not_the_amount_due")
    finally:
        probed_app.state.presenters = before


# --- what the framework refuses --------------------------------------------------------------------------------------


async def test_unknown_addresses_and_methods(client: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/api/v1/nothing", "/api/v1/clock/", "/%00", "/api/v1/%ff"):
        problem_of(await client.get(path), status=404, code="no_such_route")
    answer = await client.delete("/health")
    problem_of(answer, status=405, code="method_not_allowed")
    assert answer.headers["allow"] == "GET"


SECRET = "234567890124"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"text"', b"1", b"true", b'{"amount": NaN}', b'{"amount": Infinity}',
        b'{"amount": -Infinity}', b'{"amount": 1e400}', b'{"amount": 1e999999999999999999999}',
        b'{"amount": ' + b"9" * 5000 + b"}",
        b'{"amount": 0.' + b"1" * 5000 + b"}", b'{"amount": true}', b'{"amount": false}', b'{"amount": null}',
        b'{"amount": [1]}', b'{"amount": {"a": 1}}', b'{"amount": "234567890124 or so"}', b'{"amount": 234567890124}',
        b'{"amount": 1, "amount": 2}', b'{"amount": 1, "234567890124": 1}', b'{"amount": 1, "aadhar": "234567890124"}',
        b'{"amount": 1, "note": "\xff\xfe"}', b'{"amount": 1, "note": "\\u0000"}', b'{"amount": 1, "note": "\\ud800"}',
        b'{"amount": 1, "note": 234567890124}', b'{"amount": 1, "note": ""}', b'{"amount": 1, "note": "a\\nb"}',
        b'{"amount": 1, "note": "' + b"234567890124" * 100 + b'"}', b'{"amount": 1, "count": 1.5}',
        b'{"amount": 1, "count": true}', b'{"amount": 1, "count": "234567890124x"}', b'{"amount": 1, "count": 1e30}',
        b'{"amount": 1, "parts": [{"name": "234567890124"}]}', b'{"amount": 1, "parts": "234567890124"}',
        b"[" * 100_000, b'{"a":' * 50_000, b'{"amount": 1, "parts": ' + b"[" * 50 + b"]" * 50 + b"}",
        b'\xef\xbb\xbf{"amount": 1}', '{"amount": 1}'.encode("utf-16"), b'{"amount": 1} trailing',
        b'{"amount": 1, "\\ud800": 1}', b'{"amount": 0x10}', b"{'amount': 1}",
    ],
)  # fmt: skip
async def test_a_hostile_body_is_a_clean_422(probe: httpx.AsyncClient, body: bytes) -> None:
    answer = await probe.post("/pay", content=body, headers={"content-type": "application/json"})
    found = problem_of(answer, status=422, code="invalid_request")
    assert SECRET not in answer.text
    assert found["errors"], "the answer lists the errors"
    assert all(sorted(each) == ["code", "field", "message"] for each in found["errors"])
    assert "?" not in answer.text, "no sentence lacks a figure"


async def test_errors_are_listed_by_field(probe: httpx.AsyncClient) -> None:
    body = {"amount": "1.005", "extra": 1, "count": 1.5, "parts": [{"name": "fee"}, {"name": 1, "amount": 0}]}
    found = problem_of(await probe.post("/pay", json=body), status=422, code="invalid_request")
    assert found["errors"] == [
        {"field": "amount", "code": "not_an_amount", "message": "an amount has at most two decimals"},
        {"field": "count", "code": "not_a_whole_number", "message": "must be a whole number"},
        {"field": "parts.0.amount", "code": "missing", "message": "this field is required"},
        {"field": "parts.1.name", "code": "not_a_text", "message": "must be a text"},
        {"field": "parts.1.amount", "code": "amount_not_positive", "message": "an amount must be more than 0"},
        {"field": "extra", "code": "unknown_field", "message": "this field is not allowed here"},
    ]
    assert found["field"] == "amount"


@pytest.mark.parametrize("limit", ["0", "101", "x", "1.0", "", "१", "9" * 5000, "1e3", "%00", "true"])
async def test_a_query_is_checked_like_a_body(probe: httpx.AsyncClient, limit: str) -> None:
    answer = await probe.get(f"/listed?limit={limit}")
    assert problem_of(answer, status=422, code="invalid_request")["field"] == "limit"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "multipart/form-data", "nonsense"])
async def test_another_type_of_body_is_422(probe: httpx.AsyncClient, content_type: str) -> None:
    answer = await probe.post("/pay", content=b'{"amount": 1}', headers={"content-type": content_type})
    problem_of(answer, status=422, code="invalid_request")


async def test_a_body_has_a_bound(probe: httpx.AsyncClient) -> None:
    large = b'{"amount": 1, "note": "' + b"x" * 300_000 + b'"}'
    headers = {"content-type": "application/json"}
    problem_of(await probe.post("/pay", content=large, headers=headers), status=413, code="body_too_large")

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 1000):
            yield large[start : start + 1000]

    problem_of(await probe.post("/pay", content=in_pieces(), headers=headers), status=413, code="body_too_large")


# --- what the database refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement, status, code",
    [
        ("INSERT INTO business_clock VALUES (1, '2026-01-01', false), (1, '2026-01-01', false)", 409, "already_exists"),
        ("INSERT INTO import_rejects VALUES (99, 1, 'a', 'b')", 409, "still_referred_to"),
        ("SELECT 10000000000::int", 422, "unusable_value"),
        ("SELECT pg_sleep(2)", 503, "took_too_long"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503, "temporarily_unavailable"),
        ("INSERT INTO business_clock VALUES (2, '2026-01-01', false)", 500, "internal_error"),
        ("SELECT no_such_column_234567890124", 500, "internal_error"),
    ],
)
async def test_a_database_fault_is_classified_by_its_sqlstate(
    probe: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, statement: str, status: int, code: str
) -> None:
    answer = await probe.post("/sql", content=statement.encode())
    problem_of(answer, status=status, code=code)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert SECRET not in answer.text
    assert SECRET not in caplog.text


async def test_a_lock_that_is_not_granted_is_409(probe: httpx.AsyncClient, uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.sessions() as session, session.begin():
        await session.execute(text("INSERT INTO business_clock VALUES (1, '2026-01-01', false)"))
        answer = await probe.post("/sql", content=b"INSERT INTO business_clock VALUES (1, '2026-01-01', false)")
    problem_of(answer, status=409, code="busy")
    assert answer.headers["retry-after"] == "1"


async def test_a_failed_commit_is_not_a_201(probe: httpx.AsyncClient, uow_factory: UnitOfWorkFactory) -> None:
    problem_of(await probe.post("/lost"), status=503, code="temporarily_unavailable")
    async with uow_factory.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM outbox WHERE job = 'lost'")) == 0
    assert (await probe.post("/sql", content=b"SELECT 1")).status_code == 201, "the pool works again"


# --- unforeseen errors -----------------------------------------------------------------------------------------------


async def test_a_bug_gives_nothing_away(probe: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = await probe.get("/bug")
    body = problem_of(answer, status=500, code="internal_error")
    assert body["detail"] == "the service failed; nothing was changed"
    (record,) = [each for each in caplog.records if "request failed" in str(each.msg)]
    event = record.msg
    assert isinstance(event, dict)
    assert event["error"] == "RuntimeError"
    assert event["request_id"] == body["request_id"]


async def test_a_group_of_errors_is_one_500(probe: httpx.AsyncClient) -> None:
    problem_of(await probe.get("/half"), status=500, code="internal_error")


@pytest.mark.parametrize(
    "given, kept",
    [("abcdefgh", True), ("3f2a9c1e-7b0d-4a55-9e11-0c2f", True), ("short", False), ("x" * 65, False),
     ("with space", False), ("234567890124", False), ("line\tbreak1", False)],
)  # fmt: skip
async def test_a_usable_request_id_is_kept(client: httpx.AsyncClient, given: str, kept: bool) -> None:
    answer = await client.get("/nothing", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) == kept
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_safe_headers_are_on_every_answer(client: httpx.AsyncClient) -> None:
    for path in ("/", "/nothing", "/health", "/api/v1/clock", "/docs", "/docs/nothing", "/redoc", "/admin", "/admin/x"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"


# --- idempotency -----------------------------------------------------------------------------------------------------


async def send(probe: httpx.AsyncClient, key: str, body: object) -> httpx.Response:
    return await probe.post("/pay", json=body, headers={"Idempotency-Key": key})


async def test_the_same_request_gets_the_first_answer(probe: httpx.AsyncClient) -> None:
    first, second = [await send(probe, "key-1", {"amount": 10, "note": "a"}) for _ in range(2)]
    reordered = await probe.post(
        "/pay", content=b'{ "note":"a",  "amount":10 }',
        headers={"Idempotency-Key": "key-1", "content-type": "application/json"},
    )  # fmt: skip
    assert first.status_code == second.status_code == reordered.status_code == 201
    assert first.content == second.content == reordered.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == reordered.headers["idempotent-replayed"] == "true"
    other = await send(probe, "key-2", {"amount": 10, "note": "a"})
    assert other.json()["moved"] == first.json()["moved"] + 1


async def test_another_body_is_refused(probe: httpx.AsyncClient) -> None:
    await send(probe, "key-1", {"amount": 10})
    body = problem_of(await send(probe, "key-1", {"amount": 11}), status=422, code="idempotency_key_reused")
    assert body["field"] == "Idempotency-Key"


async def test_a_refused_request_does_not_use_up_its_key(probe: httpx.AsyncClient) -> None:
    problem_of(await send(probe, "key-1", {"amount": 0}), status=422, code="invalid_request")
    assert (await send(probe, "key-1", {"amount": 10})).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words"])
async def test_a_key_is_bounded(probe: httpx.AsyncClient, key: str) -> None:
    problem_of(await send(probe, key, {"amount": 10}), status=422, code="idempotency_key_invalid")


async def test_while_the_first_still_runs_the_second_is_409(
    probe: httpx.AsyncClient, uow_factory: UnitOfWorkFactory
) -> None:
    async with uow_factory.sessions() as session, session.begin():
        await session.execute(
            text(
                "INSERT INTO idempotency_keys (caller, route, key, body_hash, created_at) "
                "VALUES ('anonymous', 'POST /probe/pay', 'key-1', 'x', now())"
            )
        )
        answer = await send(probe, "key-1", {"amount": 10})
        await session.rollback()
    problem_of(answer, status=409, code="busy")
    assert answer.headers["retry-after"] == "1"
    assert (await send(probe, "key-1", {"amount": 10})).status_code == 201
