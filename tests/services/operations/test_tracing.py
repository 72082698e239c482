"""Traces: a request, its unit of work, its statements, its job and its webhook are one tree; off by default."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select

from app import tracing
from app.db.models import EventRow, OutboxRow
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.people.access import SYSTEM
from app.main import create_app
from app.services import outbox
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from app.settings import Settings
from tests.services.conftest import SilentJobQueue

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = int("0af7651916cd43dd8448eb211c80319c", 16)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    found = InMemorySpanExporter()
    tracing.start_tracing(service="test", processor=SimpleSpanProcessor(found))
    yield found
    tracing.stop_tracing()


def spans(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def parent_of(span: ReadableSpan) -> int:
    assert span.parent is not None
    return int(span.parent.span_id)


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.span_id)


@pytest_asyncio.fixture
async def client(
    exporter: InMemorySpanExporter, settings: Settings, clean_database: None
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, job_queue=SilentJobQueue())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://kist.example") as found,
    ):
        exporter.clear()
        yield found


async def test_a_request_continues_the_trace_of_its_caller(
    client: httpx.AsyncClient, exporter: InMemorySpanExporter
) -> None:
    answer = await client.get("/health", headers={"traceparent": CALLER})
    assert answer.status_code == 200
    found = spans(exporter)
    request, work = found["GET /health"], found["unit of work"]
    assert request.context is not None
    assert request.context.trace_id == TRACE
    assert parent_of(request) == int("b7ad6b7169203331", 16)
    assert request.attributes == {"http.response.status_code": 200}
    assert parent_of(work) == id_of(request)
    statements = [span for span in exporter.get_finished_spans() if (span.attributes or {}).get("system")]
    assert statements
    assert {parent_of(span) for span in statements} == {id_of(work)}
    assert all("1001" not in span.name for span in statements)


async def test_a_job_and_an_event_belong_to_the_trace_that_caused_them(
    exporter: InMemorySpanExporter, uow_factory: UnitOfWorkFactory
) -> None:
    with tracing.span("a request", parent=CALLER):
        async with uow_factory.open(SYSTEM) as uow:
            await uow.enqueue("score_customer", key="1")
            await publish(uow, Happened(type=EventType.CARD_BLOCKED, customer_id=1, data={}))
    async with uow_factory.open(SYSTEM) as uow:
        row = (await uow.session.execute(select(OutboxRow))).scalar_one()
        event = (await uow.session.execute(select(EventRow))).scalar_one()
    assert row.traceparent is not None
    assert row.traceparent.split("-")[1] == event.traceparent.split("-")[1] == CALLER.split("-")[1]  # type: ignore[union-attr]

    async def action(uow: UnitOfWork, payload: dict[str, object]) -> None:
        assert tracing.trace_id() == CALLER.split("-")[1]

    assert await outbox.perform(uow_factory, row.id, action=action)
    job = spans(exporter)["job score_customer"]
    assert job.context is not None
    assert job.context.trace_id == TRACE


async def test_nothing_is_traced_by_default(uow_factory: UnitOfWorkFactory) -> None:
    assert not tracing.is_tracing()
    with tracing.span("anything", parent=CALLER):
        assert (tracing.traceparent(), tracing.trace_id()) == (None, None)
        async with uow_factory.open(SYSTEM) as uow:
            await publish(uow, Happened(type=EventType.CARD_BLOCKED, customer_id=1, data={}))
    async with uow_factory.open(SYSTEM) as uow:
        assert (await uow.session.execute(select(EventRow.traceparent))).scalar_one() is None
