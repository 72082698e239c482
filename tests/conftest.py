"""What the tests stand on: real servers, a database of their own, and one frozen set of settings.

`settings` and `dsn` are the same for a whole session; `engine`, `session_factory` and `redis` hand out a database and a
queue that are as fresh as after seeding. Only a test that asks for one of these starts a server, so the tests of the
domain run without any.
"""

import io
import signal
import sys
from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.session import SessionFactory, create_engine, create_session_factory
from app.embedded import Addresses
from app.observability import configure_logging
from app.settings import Settings
from tests import databases
from tests.detector import find_secrets, log_lines


def pytest_sessionstart(session: pytest.Session) -> None:
    if is_controller(session.config):
        # Ended like by Ctrl-C: what was started is stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        databases.sweep_abandoned_sessions()


def pytest_sessionfinish(session: pytest.Session) -> None:
    # The controller of pytest-xdist gets here after its workers; alone, after the last fixture.
    if is_controller(session.config):
        databases.remove_session(controlled_worker(session.config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Every test's log lines pass the detector: one that leaks a secret fails the test."""
    report = yield
    if call.when == "call" and report.passed and (found := find_secrets(log_lines(report.capstderr))):
        report.outcome, report.longrepr = "failed", f"the log of this test holds {', '.join(found)}"
    return report


def is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


def controlled_worker(config: pytest.Config) -> databases.Worker:
    """The session that this controller began: pytest-xdist names it, a run without workers names itself."""
    distributed = config.pluginmanager.getplugin("dsession")
    manager = getattr(distributed, "nodemanager", None)
    if manager is None:
        return databases.this_worker()
    return databases.Worker(session=str(manager.testrunuid)[:10], number=0)


@pytest_asyncio.fixture(scope="session")
async def services() -> AsyncIterator[Addresses]:
    """The servers, and in them this worker's own database and queue."""
    worker = databases.this_worker()
    with databases.services(worker) as addresses:
        assert addresses.owner_database_url is not None
        await databases.make_database(worker, addresses.owner_database_url)
        yield addresses
        await databases.drop_database(worker, addresses.owner_database_url)


@pytest.fixture(scope="session")
def settings(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for a whole session: this worker's servers, and keys that are the same in every run."""
    return databases.make_settings(services, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def dsn(settings: Settings) -> str:
    """Where the application's role connects."""
    return settings.app_dsn


@pytest.fixture(scope="session")
def owner_dsn(settings: Settings) -> str:
    """Where the schema's owner connects: for what the application may not do."""
    return settings.owner_dsn


@pytest_asyncio.fixture(scope="session")
async def reset_sql(owner_dsn: str) -> str:
    async with databases.connection(owner_dsn) as database:
        return await databases.reset_statement(database)


@pytest_asyncio.fixture
async def clean_database(owner_dsn: str, reset_sql: str) -> None:
    """Every table as after seeding. Before the test rather than after it: what a failed one wrote can be looked at."""
    async with databases.connection(owner_dsn) as database:
        await database.execute(reset_sql)


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
    """What is logged from here on, as it is written."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("INFO")
    return stream
