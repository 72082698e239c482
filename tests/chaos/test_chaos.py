"""A short chaos run: a kill in the middle of each work. `make chaos` runs for minutes, with another random seed."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.middle import EVERYTHING
from tests.chaos.run import SETTINGS, run_chaos
from tests.chaos.target import Target
from tests.stories.conftest import folder, home  # noqa: F401 - fixtures
from tests.stories.running import kist_up

pytestmark = pytest.mark.slow


@pytest.fixture
def target(home: Path) -> Iterator[Target]:  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with kist_up(home, port=port, **SETTINGS) as up:
        yield Target(up=up)


#: One part killed in the middle of each work, and what is not a kill.
SHORT = (
    "the business date jumps",
    "workers killed in a billing run",
    "API killed in an application",
    "PostgreSQL killed in a day-end",
    "workers killed in an import",
    "Valkey is flushed",
    "Valkey killed in a webhook",
    "API killed in a closing of the books",
    "PostgreSQL killed in a card transaction",
    "the disk of the logs is full",
)

#: A busy machine needs longer for each fault, and everything that comes in meanwhile costs time again.
PACE = 1 / 3


async def test_what_was_promised_is_kept_and_the_service_comes_back_by_itself(target: Target) -> None:
    by_name = {fault.name: fault for fault in EVERYTHING}
    faults = [by_name[name] for name in SHORT]
    result = await run_chaos(target, seconds=0, loans=30, seed=1, faults=faults, payments=51, pace=PACE)
    assert [record.name for record in result.records] == list(SHORT)
    scene = result.scene
    assert len(scene.load.acknowledged) > 50
    assert len(scene.traffic.holds) > 20
    assert len(scene.traffic.postings) > 20
    assert len(scene.applying.acknowledged) > 20
    assert len(scene.uploading.acknowledged) > 5
    assert len(scene.books.closed) == 1
    assert len(result.verified) == 11
