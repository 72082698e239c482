"""Every metric, from the tables by which it is measured."""

from collections.abc import Iterator
from typing import Final

from app import measures
from app.commands.reference.tables import page, table
from app.metrics_server import SEEN

INTRODUCTION: Final = """\
With `KIST_METRICS_PORT` set, `kist up` serves these metrics on `/metrics` of that port; `kist metrics` serves them
beside processes that were started one by one. Counters begin at 0 when `kist up` starts. The folder `docs/monitoring`
has a dashboard for Grafana and rules for alerts."""
COUNTED: Final = """\
All API processes and workers count, and the numbers are added up. A counter is queried with `_total` at the end of its
name, a histogram with `_bucket`, `_sum` and `_count`."""
READ: Final = "These are read from the database and the queue when Prometheus asks."


def metrics() -> str:
    """The page docs/reference/metrics.md."""
    return page(
        "Metrics",
        INTRODUCTION,
        "## Counted by the processes",
        COUNTED,
        table(("metric", "kind", "labels", "what it says"), _counted()),
        "## Read at the moment",
        READ,
        table(("metric", "labels", "what it says"), _read()),
    )


def names() -> list[str]:
    """The names under which the metrics are queried, without the endings of histograms."""
    counted = [metric.name + ("_total" if metric.kind == "counter" else "") for metric in measures.METRICS]
    return [*counted, *(seen.name for seen in SEEN)]


def _counted() -> Iterator[tuple[str, ...]]:
    for metric, name in zip(measures.METRICS, names(), strict=False):
        yield f"`{name}`", metric.kind, ", ".join(f"`{label}`" for label in metric.labels), metric.help


def _read() -> Iterator[tuple[str, ...]]:
    for seen in SEEN:
        yield f"`{seen.name}`", "" if seen.label is None else f"`{seen.label}`", seen.help
