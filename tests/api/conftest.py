"""The whole application in this process, over the real database, with a clock and a job queue that a test controls.

`client` calls it like any HTTP client. `headers_of` signs in a new account without a password. The clock stays at
`START` unless a test moves `time`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import event

from app.db.repositories.products.products import add_product, add_scorecard
from app.db.statements import LISTENERS
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.main import create_app
from app.services.operations.health import CountCache
from app.services.operations.seeding import OFFERED_FROM
from app.services.people.access import create_user_account, issue_tokens
from app.services.unit_of_work import Job, UnitOfWorkFactory
from app.settings import Settings
from tests.api.documented import Documented
from tests.api.stories import Story
from tests.detector import find_secrets

#: 11:30 in India on 21 November 2026, the day of the expected figures for the sources' real files.
START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)

HeadersOf = Callable[..., Awaitable[dict[str, str]]]


@dataclass(slots=True)
class Time:
    """The application's clock."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass(slots=True)
class SilentJobQueue:
    """Records every job and starts none."""

    enqueued: list[Job] = field(default_factory=list)

    async def enqueue(self, job: Job) -> None:
        self.enqueued.append(job)


@pytest.fixture(scope="session")
def session_time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def session_job_queue() -> SilentJobQueue:
    return SilentJobQueue()


@pytest_asyncio.fixture(scope="session")
async def running_app(
    settings: Settings, session_time: Time, session_job_queue: SilentJobQueue
) -> AsyncIterator[FastAPI]:
    app = create_app(settings, job_queue=session_job_queue, clock=session_time)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def app(running_app: FastAPI, clean_database: None) -> FastAPI:
    """The application on an empty database."""
    running_app.state.counts = CountCache()
    return running_app


@pytest.fixture
def time(session_time: Time) -> Time:
    session_time.now = START
    return session_time


@pytest.fixture
def job_queue(session_job_queue: SilentJobQueue) -> SilentJobQueue:
    session_job_queue.enqueued.clear()
    return session_job_queue


@pytest.fixture
def uow_factory(app: FastAPI, time: Time, job_queue: SilentJobQueue) -> UnitOfWorkFactory:
    found = app.state.uow_factory
    assert isinstance(found, UnitOfWorkFactory)
    return found


@pytest_asyncio.fixture
async def client(app: FastAPI, uow_factory: UnitOfWorkFactory) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    hooks = {"response": [check_no_secrets, Documented(app).check]}
    async with httpx.AsyncClient(transport=transport, base_url="http://kist.example", event_hooks=hooks) as client:
        yield client


async def check_no_secrets(response: httpx.Response) -> None:
    """Checks that no error of any test holds a secret."""
    if response.is_error:
        assert find_secrets((await response.aread()).decode(errors="replace")) == []


@pytest.fixture
def headers_of(app: FastAPI, uow_factory: UnitOfWorkFactory) -> HeadersOf:
    """Signs in a new account: `await headers_of(Role.OFFICER)`, `await headers_of(Role.CUSTOMER, customer_id=9)`."""

    async def sign_in(
        role: Role, *, customer_id: int | None = None, scopes: frozenset[str] = frozenset()
    ) -> dict[str, str]:
        async with uow_factory.open(SYSTEM) as uow:
            actor = await create_user_account(uow, role=role, name="Somebody", customer_id=customer_id, scopes=scopes)
            assert actor.user_account_id is not None
            tokens = await issue_tokens(uow, app.state.keyring, user_account_id=actor.user_account_id)
        return {"Authorization": f"Bearer {tokens.access_token}"}

    return sign_in


@pytest_asyncio.fixture
async def opened(uow_factory: UnitOfWorkFactory) -> None:
    """Adds the seeded products and scorecards, as a new installation has them."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=OFFERED_FROM, now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")


@pytest.fixture
def story(
    app: FastAPI,
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    time: Time,
    job_queue: SilentJobQueue,
    opened: None,
) -> Story:
    """The application for a test over many days: `story.move_to`, `story.run_jobs`."""
    return Story(app=app, client=client, uow_factory=uow_factory, time=time, enqueued=job_queue.enqueued)


@pytest.fixture
def counted(uow_factory: UnitOfWorkFactory) -> Iterator[list[str]]:
    """Every SQL statement that the application sends from now on. `counted.clear()` starts a new count."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    engine = uow_factory.sessions.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", note)
    LISTENERS.append(listener := lambda statement, _values: statements.append(statement))
    yield statements
    LISTENERS.remove(listener)
    event.remove(engine, "before_cursor_execute", note)


@pytest_asyncio.fixture
async def admin(headers_of: HeadersOf) -> dict[str, str]:
    return await headers_of(Role.ADMIN)


@pytest_asyncio.fixture
async def officer(headers_of: HeadersOf) -> dict[str, str]:
    return await headers_of(Role.OFFICER)
