"""A test that uses identity numbers, passwords and tokens in every possible place, and then searches for them: in the
log, in every row of every table, in the queue, in errors, in the admin pages and exports."""

import io
import logging
from datetime import timedelta
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from app.domain.people.access import Role
from app.observability import ScrubbedHandler
from app.services.imports import uploads
from app.services.people.customers import make_identity_service
from app.services.unit_of_work import Job
from app.settings import Settings
from app.workers.job_queue import ArqJobQueue
from tests import databases
from tests.api.admin.conftest import ADMIN, Browse
from tests.api.admin.test_actions import export
from tests.api.admin.test_pages import VIEWS
from tests.api.conftest import HeadersOf
from tests.api.stories import Story, bearer
from tests.detector import find_secrets

#: Two numbers with a valid check digit and one without, as in the source systems' samples.
RAVI, ASHA, NOBODY = "234123412346", "499118665246", "123456789012"
PASSWORD, NEW_PASSWORD = "correct horse battery", "another horse battery"
REGISTRATION = {"name": "Ravi Iyer", "email": "ravi@example.com", "aadhar_id": RAVI, "annual_income": 1_500_000}
STATEMENT = f"""AADHARID,Date,Amount,Transaction_type
{RAVI},2026-01-31,900000,CREDIT
{ASHA},2026-01-31,1000,CREDIT
{NOBODY},2026-02-05,-5,DEBIT
4991 1866 5246,not a day,5,DEBIT
49911866524,2026-02-05,5,DEBIT
"""
#: The column that may hold a secret: the password's hash.
KEPT_ELSEWHERE = {"user_accounts": "password_hash"}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Everything that the process writes to its log."""
    stream = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, ScrubbedHandler):
            monkeypatch.setattr(handler, "stream", stream)
    return stream


async def run_story(story: Story, settings: Settings, headers_of: HeadersOf) -> tuple[list[str], list[str]]:
    """Runs the story. Returns every answer that must not hold a secret, and the secrets that were used."""
    client, answers, secrets = story.client, [], [RAVI, ASHA, NOBODY, PASSWORD, NEW_PASSWORD]

    async def call(method: str, path: str, *, secret: bool = False, **request: Any) -> httpx.Response:
        answer = await client.request(method, path, **request)
        if not secret:
            answers.append(answer.text)
        elif answer.is_success:
            tokens = answer.json()
            secrets.extend(value for name, value in tokens.items() if name.endswith("_token") and value)
        return answer

    async def sign_in(form: dict[str, str]) -> dict[str, str]:
        answer = await call("POST", "/api/v1/auth/token", secret=True, data=form)
        return dict(answer.json()) if answer.is_success else {}

    # Registered, refused as a duplicate, with numbers and passwords in the wrong places.
    for path, body in (
        ("/api/v1/users/register", {**REGISTRATION, "password": PASSWORD}),
        ("/api/v1/users/register", {**REGISTRATION, "email": "other@example.com"}),
        ("/api/v1/users/register", {**REGISTRATION, "aadhar_id": RAVI + "1"}),
        ("/api/v1/users/register", {**REGISTRATION, "name": {"aadhar": RAVI}, RAVI: PASSWORD}),
        ("/api/register-user/", {**REGISTRATION, "email": "other@example.com"}),
        ("/api/register-user/", {"aadhar_id": RAVI, "password": [PASSWORD]}),
        ("/api/login/", {"aadhar_id": RAVI, "password": PASSWORD}),
        ("/api/login/", {"aadhar_id": ASHA, "password": PASSWORD}),
        ("/api/login/", {"aadhar_id": PASSWORD, "password": RAVI}),
    ):
        answer = await client.post(path, json=body)
        if answer.is_success:
            secrets += [value for name, value in answer.json().items() if name.endswith("_token") and value]
        else:
            answers.append(answer.text)
    assert await sign_in({"username": str(REGISTRATION["email"]), "password": RAVI}) == {}
    tokens = await sign_in({"username": str(REGISTRATION["email"]), "password": PASSWORD})
    assert tokens
    ravi = bearer(tokens["access_token"])
    changed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    tokens = (await call("PUT", "/api/v1/auth/password", secret=True, json=changed, headers=ravi)).json()
    refreshed = {"refresh_token": tokens["refresh_token"]}
    tokens = (await call("POST", "/api/v1/auth/refresh", secret=True, json=refreshed)).json()
    ravi, staff = bearer(tokens["access_token"]), await headers_of(Role.ADMIN)
    secrets.append(staff["Authorization"].removeprefix("Bearer "))
    await call("GET", "/api/v1/users/BC-USER-001", headers={"Authorization": f"Bearer {secrets[-1]}x"})
    await call("POST", "/api/v1/auth/refresh", json={"refresh_token": "krt_" + RAVI})

    # A statement, with rows that are refused.
    files = {"file": (f"{RAVI}.csv", STATEMENT.encode())}
    taken = await client.post("/api/v1/imports", headers=staff, data={"kind": "transactions"}, files=files)
    number = taken.json()["import_id"]
    identity = make_identity_service(settings)
    while not await uploads.load_import(story.uow_factory, number, identity=identity, budget=timedelta(minutes=5)):
        pass
    await call("GET", f"/api/v1/imports/{number}/rejects", headers=staff)
    await story.run_jobs()

    # A loan, a payment, a reversal, and the number shown for a reason.
    loan = {"user_id": 1, "product": "CREDIT_CARD_LOAN", "amount": 50_000, "tenure_months": 12, "annual_rate": 10.5}
    applied = await call("POST", "/api/v1/loans/apply", json={**loan, "purpose": "TRAVEL"}, headers=ravi)
    name = applied.json()["loan_id"]
    pay = {"loan_id": name, "amount": 100, "reference_id": "UTR-1"}
    paid = await call("POST", "/api/v1/loans/payments", json=pay, headers=ravi)
    wrong = {**pay, "amount": RAVI + ".123", "reference_id": PASSWORD}
    await call("POST", "/api/v1/loans/payments", json=wrong, headers={**ravi, "Idempotency-Key": "k" * 8})
    reversal = f"/api/v1/payments/{paid.json()['payment_id']}/reverse"
    await call("POST", reversal, json={"reason": "returned unpaid"}, headers=staff)
    shown = await client.post(
        "/api/v1/users/1/aadhaar/reveal", json={"reason": "Order 17/2026 of the court"}, headers=staff
    )
    assert shown.json() == {"user_id": "BC-USER-001", "aadhar_id": RAVI}
    await call("POST", "/api/v1/users/1/aadhaar/reveal", json={"reason": f"this is {RAVI}"}, headers=staff)
    for path in ("users/1", f"statements?loan_id={name}", "audit/events", f"users/{RAVI}", f"loans/{RAVI}"):
        await call("GET", f"/api/v1/{path}", headers=staff)
    await call("GET", f"/api/v1/statements?loan_id={name}", headers={**ravi, "Accept": "text/csv"})
    return answers, secrets


async def rows_of(owner_dsn: str) -> dict[str, str]:
    """Every row of every table as text, without the column that holds the hash."""
    found = {}
    async with databases.connection(owner_dsn) as database:
        for table in databases.tables():
            kept = KEPT_ELSEWHERE.get(table, "")
            rows = await database.fetch(f"SELECT (to_jsonb(t) - $1)::text AS row FROM {table} AS t", kept)
            found[table] = "\n".join(row["row"] for row in rows)
    return found


async def test_no_secret_is_found_anywhere(
    story: Story,
    settings: Settings,
    headers_of: HeadersOf,
    browse: Browse,
    owner_dsn: str,
    redis: Redis,
    log: io.StringIO,
) -> None:
    answers, secrets = await run_story(story, settings, headers_of)
    assert len(answers) >= 15
    assert len(secrets) >= 12
    places: dict[str, str] = {"the answers": "\n".join(answers)}
    pages = await browse(ADMIN)
    for view in VIEWS:
        places[f"the page {view}"] = (await pages.get(f"/admin/{view}/list")).text
        places[f"the export of {view}"] = (await export(pages, view)).text
    assert "Ravi Iyer" in places["the page users"]
    assert "Ravi Iyer" in places["the export of users"]
    places |= {f"the table {table}": text for table, text in (await rows_of(owner_dsn)).items()}
    assert "aadhaar_revealed" in places["the table audit_events"]
    assert "score_customer" in places["the table outbox"]
    places["the queue"] = await queue_of(settings, redis, story.enqueued)
    assert "score_customer" in places["the queue"]
    places["the log"] = log.getvalue()
    assert "request_id" in places["the log"]
    found = {place: find_secrets(text, known=set(secrets)) for place, text in places.items()}
    assert {place: secret for place, secret in found.items() if secret} == {}


async def queue_of(settings: Settings, redis: Redis, enqueued: list[Job]) -> str:
    """Everything in Valkey after the jobs of the story were enqueued, byte by byte."""
    job_queue = ArqJobQueue(settings.redis_dsn)
    for job in enqueued:
        await job_queue.enqueue(job)
    await job_queue.close()
    dumps = [key + b" " + (await redis.dump(key) or b"") for key in await redis.keys("*")]
    return b"\n".join(dumps).decode("latin-1")
