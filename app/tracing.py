"""Traces in the form of OpenTelemetry: a request, its units of work, its SQL, its jobs and its webhooks, as one tree.

Tracing is off unless `start_tracing` is called; while it is off, `span` only asks whether it is on. The name of
a span is ours (a route pattern, a job's name, the first words of a statement), never a value of a row.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT: Final = "traceparent"
SERVER: Final = trace.SpanKind.SERVER
#: What is left of a statement in the name of its span.
WORDS: Final = 3

_propagator: Final = TraceContextTextMapPropagator()
_provider: TracerProvider | None = None
_NOTHING: Final = nullcontext()


def is_tracing() -> bool:
    return _provider is not None


def start_tracing(*, service: str, processor: SpanProcessor, share: float = 1.0) -> None:
    """Begins to trace this process. A caller's trace is followed if the caller samples it; of the others, a share."""
    global _provider  # noqa: PLW0603 - one provider a process, as the library itself has
    sampler = ParentBased(TraceIdRatioBased(share))
    _provider = TracerProvider(resource=Resource.create({"service.name": service}), sampler=sampler)
    _provider.add_span_processor(processor)


def sending_to(endpoint: str) -> SpanProcessor:
    """Sends spans to a collector (OTLP over HTTP), in batches and in a thread of its own."""
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))


def stop_tracing() -> None:
    """Ends it, and sends what was not sent yet."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        provider.shutdown()


def span(
    name: str,
    *,
    parent: str | None = None,
    links: Sequence[str | None] = (),
    kind: trace.SpanKind = trace.SpanKind.INTERNAL,
    **attributes: str | int,
) -> AbstractContextManager[None]:
    """A part of the work. Without `parent` (a traceparent) it belongs to the part around it. `links` are the traces of
    those for whom it is done together."""
    # A context that is made anew would cost some microseconds, also while nothing is traced.
    if _provider is None:
        return _NOTHING
    return _span(_provider, name, parent=parent, links=links, kind=kind, attributes=attributes)


@contextmanager
def _span(
    provider: TracerProvider,
    name: str,
    *,
    parent: str | None,
    links: Sequence[str | None],
    kind: trace.SpanKind,
    attributes: Mapping[str, str | int],
) -> Iterator[None]:
    found = [_span_context(link) for link in links if link is not None]
    with provider.get_tracer("kist").start_as_current_span(
        name,
        context=None if parent is None else _context(parent),
        kind=kind,
        attributes=attributes,
        links=[trace.Link(context) for context in found if context.is_valid],
    ):
        yield


def name_span(name: str, status: int) -> None:
    """Names the present span by the route that took the request, and writes the status of the answer."""
    current = trace.get_current_span()
    current.update_name(name)
    current.set_attribute("http.response.status_code", status)


def traceparent() -> str | None:
    """The trace that this work belongs to, to be passed on; None while nothing is traced."""
    if _provider is None:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(TRACEPARENT)


def trace_id() -> str | None:
    """The id of the trace that this work belongs to, for the log."""
    if _provider is None:
        return None
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


def name_of(statement: str) -> str:
    """The first words of a statement."""
    return " ".join(statement.split(maxsplit=WORDS)[:WORDS])


def _context(parent: str) -> Context:
    return _propagator.extract({TRACEPARENT: parent}, context=Context())


def _span_context(parent: str) -> trace.SpanContext:
    return trace.get_current_span(_context(parent)).get_span_context()
