"""What the service measures of itself, for Prometheus.

The table below is the whole list of what the processes count; docs/reference/metrics.md is written from it. Call sites
name a metric by its constant: `count(PAYMENTS, outcome="taken")`. Nothing is measured until `start_measuring` is
called, and then every process writes its numbers into files of one folder; the process that serves them adds them up.
"""

import os
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess, values

#: The variable by which prometheus_client finds the folder.
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES: Final = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric: its name, its kind (`counter`, `histogram`, `gauge`), what it says, and its labels."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: Sequence[float] = SECONDS


REQUESTS: Final = Metric(
    name="kist_requests",
    kind="counter",
    help="Requests that have ended, by route pattern and status (0: the client hung up)",
    labels=("method", "route", "status"),
)
REQUEST_SECONDS: Final = Metric(
    name="kist_request_seconds",
    kind="histogram",
    help="Time from the arrival of a request to the end of its answer",
    labels=("method", "route"),
)
PAYMENTS: Final = Metric(
    name="kist_payments",
    kind="counter",
    help="Payments by outcome: taken, repeated (answered from the first one), refused, put_off (to wait for a lock)",
    labels=("outcome",),
)
GROUP_SIZE: Final = Metric(
    name="kist_payment_group_size",
    kind="histogram",
    help="Payments that were taken in one transaction",
    buckets=SIZES,
)
LOANS_BILLED: Final = Metric(name="kist_loans_billed", kind="counter", help="Loans that billing runs have written")
BILLS: Final = Metric(name="kist_bills", kind="counter", help="Bills that billing runs have issued")
LOANS_PARKED: Final = Metric(
    name="kist_loans_parked", kind="counter", help="Loans that a billing run could not bill, once a run"
)
RANGE_SECONDS: Final = Metric(
    name="kist_billing_range_seconds", kind="histogram", help="Time that one range of a billing run took"
)
JOBS: Final = Metric(
    name="kist_jobs",
    kind="counter",
    help="Tries of jobs by outcome: done, more (a step that leaves more to do), retry, failed",
    labels=("job", "outcome"),
)
JOB_SECONDS: Final = Metric(name="kist_job_seconds", kind="histogram", help="Time of one try of a job", labels=("job",))
SIGN_INS_REFUSED: Final = Metric(
    name="kist_sign_ins_refused",
    kind="counter",
    help="Sign-ins, refreshes and tokens that were refused",
    labels=("code",),
)
EVENTS_NUMBERED: Final = Metric(
    name="kist_events_numbered", kind="counter", help="Events that were numbered, so that others see them"
)
WEBHOOKS: Final = Metric(
    name="kist_webhooks", kind="counter", help="Webhooks that were sent: delivered, failed, dead", labels=("result",)
)
DIFFERENCES: Final = Metric(
    name="kist_reconciliation_differences",
    kind="counter",
    help="Stored figures that differ from the ledger; each one is a defect",
)
POOL_IN_USE: Final = Metric(name="kist_pool_in_use", kind="gauge", help="Database connections in use, of all processes")
POOL_SIZE: Final = Metric(name="kist_pool_size", kind="gauge", help="Database connections that all processes may use")

METRICS: Final = (
    REQUESTS,
    REQUEST_SECONDS,
    PAYMENTS,
    GROUP_SIZE,
    LOANS_BILLED,
    BILLS,
    LOANS_PARKED,
    RANGE_SECONDS,
    JOBS,
    JOB_SECONDS,
    SIGN_INS_REFUSED,
    EVENTS_NUMBERED,
    WEBHOOKS,
    DIFFERENCES,
    POOL_IN_USE,
    POOL_SIZE,
)

#: The instruments by name; empty while nothing is measured.
_instruments: dict[str, Any] = {}


def is_measuring() -> bool:
    return bool(_instruments)


def count(metric: Metric, amount: float = 1, **labels: str) -> None:
    """Adds to a counter."""
    if (instrument := _instruments.get(metric.name)) is not None and amount:
        (instrument.labels(**labels) if labels else instrument).inc(amount)


def observe(metric: Metric, value: float, **labels: str) -> None:
    """Adds a value to a histogram."""
    if (instrument := _instruments.get(metric.name)) is not None:
        (instrument.labels(**labels) if labels else instrument).observe(value)


def move(metric: Metric, by: int) -> None:
    """Moves a gauge, which starts at 0 in each process and ends with it."""
    if (instrument := _instruments.get(metric.name)) is not None:
        instrument.inc(by)


def start_measuring(folder: Path) -> None:
    """Begins to measure in this process. The numbers are files of this folder, which all processes share."""
    own = folder / socket.gethostname()
    own.mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER] = str(own)
    # prometheus_client chooses this when it is imported; the folder is known only now.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    _instruments.update({metric.name: _instrument(metric, registry) for metric in METRICS})


def stop_measuring() -> None:
    """Ends it, and takes back what this process says of the present (its gauges)."""
    if is_measuring():
        _instruments.clear()
        multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


def forget_dead_processes(folder: Path) -> None:
    """Removes the gauges of processes that were killed."""
    for path in (folder / socket.gethostname()).glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdecimal() and not _lives(int(pid)):
            with suppress(OSError):
                path.unlink()


def clear(folder: Path) -> None:
    """Removes the numbers of earlier runs of the service: all counters begin at 0."""
    for path in (folder / socket.gethostname()).glob("*.db"):
        with suppress(OSError):
            path.unlink()


class AllProcesses:
    """The numbers of all processes, added up. Each host has a folder of its own: process ids repeat between hosts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Any]:
        """What prometheus_client asks a collector for."""
        forget_dead_processes(self._folder)
        files = [str(path) for path in self._folder.rglob("*.db")]
        return list(multiprocess.MultiProcessCollector.merge(files, accumulate=True))  # type: ignore[no-untyped-call]


def _instrument(metric: Metric, registry: CollectorRegistry) -> Counter | Histogram | Gauge:
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind == "histogram":
        return Histogram(metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets)
    # Of `min` and its kin the importing process would be one; `all` would keep a line for each that ever lived.
    return Gauge(metric.name, metric.help, metric.labels, registry=registry, multiprocess_mode="livesum")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
