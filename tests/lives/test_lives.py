"""Random lives within the time of the suite, with the same dice each time. `make lives` goes on, with others."""

from collections.abc import Iterator

import pytest

from app.db.session import SessionFactory
from app.main import make_keyring
from app.services.people.password_proof import Keyring
from app.settings import Settings
from tests.lives.shrinking import shrink
from tests.lives.standing import town
from tests.lives.telling import tell
from tests.lives.trials import Tally, live
from tests.stories.serving import served

LIVES = 400
HOMES = 6


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with served(settings) as found:
        yield found


@pytest.fixture(scope="module")
def keyring(settings: Settings) -> Iterator[Keyring]:
    made = make_keyring(settings)
    yield made
    made.passwords.close()


@pytest.mark.parametrize("first", [0, 1_000_000])
def test_what_is_shown_is_what_happens(first: int) -> None:
    tally = Tally()
    for seed in range(first, first + LIVES):
        failure = live(seed, tally=tally)
        assert failure is None, tell(shrink(failure), seed=seed)
    assert tally.lives > LIVES * 0.9


@pytest.mark.slow
async def test_what_is_shown_over_http_is_what_happens(
    address: str, session_factory: SessionFactory, keyring: Keyring
) -> None:
    async with town(address, session_factory, keyring, seed=1) as here:
        await here.live_a_generation(homes=HOMES)
        await here.live_a_generation(homes=HOMES)
        assert here.breaches == []
        assert here.deeds > HOMES * 10
