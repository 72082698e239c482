"""Fixtures for all tests: real servers, a database for each test worker, and settings.

`settings` and `dsn` are the same for a whole session. `engine`, `session_factory` and `redis` give a test a database as
after seeding, and an empty queue. Servers start only for tests that use these fixtures, so the tests of the domain run
without servers.
"""

import io
import signal
import sys
from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.repositories.public_ids import forget_owners
from app.db.session import SessionFactory, create_engine, create_session_factory
from app.embedded import Addresses
from app.observability import configure_logging
from app.settings import Settings
from tests import databases
from tests.detector import find_secrets, log_lines
from tests.sharding import hearing

hearing.listen()


def pytest_sessionstart(session: pytest.Session) -> None:
    if is_controller(session.config):
        # SIGTERM works like Ctrl-C, so that servers are stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        databases.sweep_abandoned_sessions()


def pytest_sessionfinish(session: pytest.Session) -> None:
    # The controller of pytest-xdist comes here after its workers have ended. Without xdist, all fixtures have ended.
    if is_controller(session.config):
        databases.remove_session(controlled_worker(session.config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Searches every test's log lines for secrets, and judges the statements that it sent first. A test whose log holds
    a secret fails, and so does one whose statement a sharded database would refuse."""
    report = yield
    if report.passed and (faults := hearing.take_faults()):
        report.outcome, report.longrepr = "failed", "\n".join(faults)
    if call.when == "call" and report.passed and (found := find_secrets(log_lines(report.capstderr))):
        report.outcome, report.longrepr = "failed", f"the log of this test holds {', '.join(found)}"
    return report


def is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


def controlled_worker(config: pytest.Config) -> databases.Worker:
    """The session of this controller: pytest-xdist gives it an id; without xdist it is named after this process."""
    distributed = config.pluginmanager.getplugin("dsession")
    manager = getattr(distributed, "nodemanager", None)
    if manager is None:
        return databases.this_worker()
    return databases.Worker(session=str(manager.testrunuid)[:10], number=0)


@pytest_asyncio.fixture(scope="session")
async def services() -> AsyncIterator[Addresses]:
    """The addresses of the servers, with a database and a queue for this worker."""
    worker = databases.this_worker()
    with databases.services(worker) as addresses:
        assert addresses.owner_database_url is not None
        await databases.make_database(worker, addresses.owner_database_url)
        yield addresses
        await databases.drop_database(worker, addresses.owner_database_url)


@pytest.fixture(scope="session")
def settings(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a session: this worker's servers, and fixed keys."""
    return databases.make_settings(services, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def dsn(settings: Settings) -> str:
    """The address for the application's role."""
    return settings.app_dsn


@pytest.fixture(scope="session")
def owner_dsn(settings: Settings) -> str:
    """The address for the schema's owner, who may do what the application's role may not."""
    return settings.owner_dsn


@pytest_asyncio.fixture(scope="session")
async def reset_sql(owner_dsn: str) -> str:
    async with databases.connection(owner_dsn) as database:
        return await databases.reset_statement(database)


@pytest_asyncio.fixture
async def clean_database(owner_dsn: str, reset_sql: str) -> None:
    """Resets every table to the state after seeding. It does so before a test, so that a failed test's rows stay."""
    async with databases.connection(owner_dsn) as database:
        await database.execute(reset_sql)
    # The numbers of loans begin anew, so whose they are does too.
    forget_owners()


@pytest_asyncio.fixture(scope="session")
async def session_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(
        settings.app_dsn,
        pool_size=settings.database_pool_size,
        pool_timeout_seconds=settings.database_pool_timeout_seconds,
        lock_timeout_ms=settings.lock_timeout_ms,
        statement_timeout_ms=settings.statement_timeout_ms,
        idle_in_transaction_timeout_ms=settings.idle_in_transaction_timeout_ms,
    )
    yield engine
    await engine.dispose()


@pytest.fixture
def engine(session_engine: AsyncEngine, clean_database: None) -> AsyncEngine:
    """The application's engine, on a fresh database."""
    return session_engine


@pytest.fixture
def session_factory(engine: AsyncEngine) -> SessionFactory:
    return create_session_factory(engine)


@pytest_asyncio.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    """An empty queue."""
    client = Redis.from_url(settings.redis_dsn)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All log lines from here on."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("INFO")
    return stream
