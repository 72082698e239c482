"""The short day of chaos: nearly every fault, once. `make chaos` goes on for minutes, with other dice."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS, stop_valkey
from tests.chaos.run import SETTINGS, live
from tests.chaos.stand import Stand
from tests.stories.conftest import home, place  # noqa: F401 - fixtures
from tests.stories.running import kist_up

pytestmark = pytest.mark.slow


@pytest.fixture
def stand(home: Path) -> Iterator[Stand]:  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with kist_up(home, port=port, **SETTINGS) as up:
        yield Stand(up=up)


async def test_what_was_promised_is_kept_and_the_service_comes_back_by_itself(stand: Stand) -> None:
    # A Valkey that is stopped comes back like one that is killed.
    faults = [fault for fault in FAULTS if fault.strike is not stop_valkey]
    day = await live(stand, seconds=0, loans=100, seed=1, faults=faults, payments=51)
    assert [struck.name for struck in day.struck] == [fault.name for fault in faults]
    assert len(day.load.promised) > 50
    assert len(day.verdict) == 4
