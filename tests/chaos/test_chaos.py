"""A short chaos run with nearly every fault once. `make chaos` runs for minutes, with another random seed."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS, stop_valkey
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


async def test_what_was_promised_is_kept_and_the_service_comes_back_by_itself(target: Target) -> None:
    # A stopped Valkey recovers in the same way as a killed one.
    faults = [fault for fault in FAULTS if fault.inject is not stop_valkey]
    result = await run_chaos(target, seconds=0, loans=100, seed=1, faults=faults, payments=51)
    assert [record.name for record in result.records] == [fault.name for fault in faults]
    assert len(result.scene.load.acknowledged) > 50
    assert len(result.scene.traffic.holds) > 20
    assert len(result.scene.traffic.postings) > 20
    assert len(result.verified) == 5
