"""Health, the probes, the home page, and the OpenAPI document."""

import base64
import hashlib
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import insert

from app.api.errors import PROBLEM_JSON
from app.db.models import ExternalLoan
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.main import create_app
from app.services.reporting.portfolio import view_portfolio
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests import databases
from tests.api.conftest import SilentJobQueue
from tests.services.lending_desk import LendingHelper


async def test_health_counts_customers_and_loans(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "timestamp": "2026-11-21T06:00:00Z",
        "database": "connected",
        "stats": {"customers": 0, "loans": 0},
        "loans": {"own": 0, "external": 0},
    }
    assert (await client.get("/livez")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200, {"status": "ok", "database": "writable", "queue": "writable"},
    )  # fmt: skip


async def test_a_read_only_database_is_not_ready(settings: Settings, clean_database: None, owner_dsn: str) -> None:
    """A standby or a read-only server answers but refuses writes. An earlier start has stored the key fingerprints."""
    name = urlsplit(settings.app_dsn).path.removeprefix("/")
    started_before = create_app(settings, job_queue=SilentJobQueue())
    async with started_before.router.lifespan_context(started_before):
        pass
    async with databases.connection(owner_dsn) as owner:
        await owner.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        app = create_app(settings, job_queue=SilentJobQueue())
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://k") as client,
        ):
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/health")).json()["database"] == "connected"
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()) == (
                503, {"status": "unavailable", "database": "unavailable", "queue": "writable"},
            )  # fmt: skip
            person = {"name": "Ravi Iyer", "email": "ravi@example.com", "aadhar_id": "234123412346"}
            answer = await client.post("/api/v1/users/register", json={**person, "annual_income": 600_000})
            assert (answer.status_code, answer.json()["code"]) == (503, "temporarily_unavailable")
    finally:
        async with databases.connection(owner_dsn) as owner:
            await owner.execute("SET default_transaction_read_only = off")
            await owner.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


async def test_an_unwritable_queue_is_reported_and_the_process_stays_ready(
    client: httpx.AsyncClient, redis: Redis
) -> None:
    await redis.config_set("min-replicas-to-write", 1)
    try:
        ready = await client.get("/readyz")
    finally:
        await redis.config_set("min-replicas-to-write", 0)
    assert (ready.status_code, ready.json()) == (
        200, {"status": "ok", "database": "writable", "queue": "unavailable"},
    )  # fmt: skip


async def test_health_counts_own_and_imported_loans_apart(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    lending = LendingHelper(uow_factory)
    for _ in range(2):
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    external = {
        "external_id": "17", "amount_paise": 100, "tenure": 3, "annual_rate_percent": 12, "instalment_paise": 40,
        "paid_on_time": 3, "approved_on": date(2026, 1, 1), "ends_on": date(2026, 4, 1), "import_id": 1,
    }  # fmt: skip
    async with uow_factory.open(SYSTEM) as uow:
        rows = [
            {**external, "customer_id": number, "id": 900 + number, "row_number": number} for number in (1001, 1002)
        ]
        await uow.session.execute(insert(ExternalLoan), [*rows, {**rows[0], "id": 903, "external_id": "18"}])
    health = (await client.get("/health")).json()
    assert (health["stats"], health["loans"]) == ({"customers": 2, "loans": 5}, {"own": 2, "external": 3})
    async with uow_factory.open(Actor(role=Role.OFFICER, user_account_id=1)) as uow:
        figures = await view_portfolio(uow)
    assert (figures.loans, figures.external_loans) == (2, 3)


async def test_without_a_database_health_still_answers(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"})
    app = create_app(nowhere, job_queue=SilentJobQueue())
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://k") as client:
        health = await client.get("/health")
        assert health.status_code == 503
        assert {**health.json(), "timestamp": None} == {
            "status": "unhealthy", "timestamp": None, "database": "unreachable", "stats": None,
            "loans": None,
        }  # fmt: skip
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        body = {"refresh_token": "krt_any"}
        answer = await client.post("/api/v1/auth/refresh", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "temporarily_unavailable")
        assert answer.headers["retry-after"] == "1"


async def test_home_is_a_page_for_people_and_links_for_programs(app: FastAPI, client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers={"Accept": "text/html,*/*"})
    assert page.headers["content-type"].startswith("text/html")
    for address in ("/docs", "/admin", "/health", "/openapi.json"):
        assert f'<a href="{address}">' in page.text
    links = (await client.get("/")).json()
    assert links["docs"] == "/docs"
    # The policy allows the page's own style and nothing else.
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["content-security-policy"]
    documented = {name.split()[1] for name, _ in operations(app)}
    assert set(links["credit_card_services"]) | set(links["credit_approval_systems"]) <= documented


def operations(app: FastAPI) -> list[tuple[str, dict[str, Any]]]:
    paths = app.openapi()["paths"]
    return [(f"{method} {path}", operation) for path, item in paths.items() for method, operation in item.items()]


def test_every_route_documents_its_errors_as_its_surface_writes_them(app: FastAPI) -> None:
    document = app.openapi()
    assert "HTTPValidationError" not in str(document)
    assert {"Problem", "ErrorLine", "ErrorFields"} <= set(document["components"]["schemas"])
    for name, operation in operations(app):
        answers = operation["responses"]
        assert "500" in answers, name
        asks = "security" in operation or "/auth/" in name or "/login" in name
        # Anybody may register, yet a wrong token is refused.
        assert ("401" in answers) == (asks or name in {"post /api/v1/users/register", "post /api/register-user/"}), name
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        older = operation["tags"][0] in {"Credit card services", "Credit approval systems"}
        assert not (older and {"409", "422"} & set(answers)), name
        for status, answer in answers.items():
            written = "application/json" if older else PROBLEM_JSON
            assert status < "400" or written in answer["content"], (name, status)
            assert not (older or status < "400") or PROBLEM_JSON not in answer.get("content", {}), (name, status)


def test_one_signs_in_with_a_password_form(app: FastAPI) -> None:
    (scheme,) = app.openapi()["components"]["securitySchemes"].values()
    assert scheme["type"] == "oauth2"
    assert scheme["flows"]["password"]["tokenUrl"] == "/api/v1/auth/token"


async def test_the_documentation_is_served(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 200
    assert (await client.get("/openapi.json")).json()["info"]["title"] == "Kist"
