"""Random loans and card accounts with fixed seeds. `make lives` simulates more, with other seeds."""

from collections.abc import Iterator

import pytest

from app.db.session import SessionFactory
from app.main import make_keyring
from app.services.people.password_proof import Keyring
from app.settings import Settings
from tests.lives.card_lives import CardCounts, simulate_card
from tests.lives.domain_simulation import Counts, simulate
from tests.lives.failure_report import describe_failure
from tests.lives.http_setup import http_simulation
from tests.lives.shrinking import shrink
from tests.stories.serving import served

LOANS = 400
CARD_ACCOUNTS = 100
LOANS_IN_A_GENERATION = 6


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
def test_forecasts_in_the_domain_come_true(first: int) -> None:
    counts = Counts()
    for seed in range(first, first + LOANS):
        failure = simulate(seed, counts=counts)
        assert failure is None, describe_failure(shrink(failure), seed=seed)
    assert counts.loans > LOANS * 0.9


def test_card_accounts_follow_their_rules() -> None:
    """Some are closed, opened again by a returned payment, and closed again when it is put back."""
    counts = CardCounts()
    for seed in range(CARD_ACCOUNTS):
        failure = simulate_card(seed, counts=counts)
        assert failure is None, failure
    assert counts.statements > CARD_ACCOUNTS


@pytest.mark.slow
async def test_forecasts_over_http_come_true(address: str, session_factory: SessionFactory, keyring: Keyring) -> None:
    async with http_simulation(address, session_factory, keyring, seed=1) as simulation:
        await simulation.run_generation(count=LOANS_IN_A_GENERATION)
        await simulation.run_generation(count=LOANS_IN_A_GENERATION)
        assert simulation.failures == []
        assert simulation.writes > LOANS_IN_A_GENERATION * 10
