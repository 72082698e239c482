"""Metrics: several processes count, one of them is killed, and the sums are right."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app import measures
from app.domain.people.access import SYSTEM
from app.metrics_server import MetricsApp
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

#: A process that takes payments, holds a connection and then ends, or waits to be killed.
PROGRAM = """
import sys
from pathlib import Path
from app import measures
measures.start_measuring(Path(sys.argv[1]))
measures.count(measures.PAYMENTS, outcome="taken")
measures.count(measures.PAYMENTS, 2, outcome="refused")
measures.observe(measures.GROUP_SIZE, 3)
measures.move(measures.POOL_IN_USE, 1)
print("ready", flush=True)
sys.stdin.read()
measures.stop_measuring()
"""


def samples(text: str) -> dict[str, float]:
    return {
        sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of_processes(folder: Path) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(measures.AllProcesses(folder))
    return samples(generate_latest(registry).decode())


def start(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_numbers_of_all_processes_are_added_up(tmp_path: Path) -> None:
    processes = [start(tmp_path) for _ in range(3)]
    found = of_processes(tmp_path)
    assert found["kist_payments_total taken"] == 3
    assert found["kist_payments_total refused"] == 6
    assert found["kist_payment_group_size_sum"] == 9
    assert found["kist_payment_group_size_bucket 4.0"] == 3
    assert found["kist_pool_in_use"] == 3
    processes[0].kill()
    processes[0].communicate()
    processes[1].communicate()
    found = of_processes(tmp_path)
    assert found["kist_payments_total taken"] == 3, "what was counted stays"
    assert found["kist_pool_in_use"] == 1, "what is no more is not shown"
    processes[2].communicate()
    measures.clear(tmp_path)
    assert "kist_payments_total taken" not in of_processes(tmp_path)


def test_nothing_is_measured_without_a_port() -> None:
    assert not measures.is_measuring()
    measures.count(measures.PAYMENTS, outcome="taken")
    measures.observe(measures.GROUP_SIZE, 1)
    measures.move(measures.POOL_IN_USE, 1)


async def test_what_is_served(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    found = samples((await MetricsApp(settings).text()).decode())
    assert (found["kist_database_up"], found["kist_queue_up"], found["kist_outbox_waiting"]) == (1, 1, 0)
    assert found["kist_queue_depth kist:webhooks"] == found["kist_queue_depth kist:bulk"] == 0
    async with uow_factory.open(SYSTEM) as uow:
        for key, age in (("7", 5), ("8", 70)):
            uow.now = datetime.now(UTC) - timedelta(seconds=age)
            await uow.enqueue("load_import", key=key)
    found = samples((await MetricsApp(settings).text()).decode())
    assert 70 <= found["kist_outbox_oldest_seconds kist:bulk"] < 400
    assert (found["kist_outbox_waiting"], found["kist_outbox_oldest_seconds kist:billing"]) == (2, 0)
    away = settings.model_copy(
        update={"database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing", "redis_url": "unix:///nowhere"}
    )
    found = samples((await MetricsApp(away).text()).decode())
    assert (found["kist_database_up"], found["kist_queue_up"]) == (0, 0)


@pytest.mark.parametrize("metric", measures.METRICS, ids=lambda metric: metric.name)
def test_a_metric_says_what_it_is(metric: measures.Metric) -> None:
    assert metric.help
    assert metric.kind in {"counter", "histogram", "gauge"}
    assert not metric.name.endswith("_total")
