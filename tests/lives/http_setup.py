"""Sets up a simulation over HTTP: products, scorecards, and two signed-in staff members."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from random import Random

import httpx

from app.db.repositories.products.calendars import add_benchmark
from app.db.repositories.products.products import add_product, add_scorecard
from app.db.session import SessionFactory
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.people.access import create_user_account, issue_tokens
from app.services.people.password_proof import Keyring
from app.services.unit_of_work import UnitOfWorkFactory
from tests.lives.agreements import BENCHMARK, BENCHMARK_PERCENT
from tests.lives.http_simulation import HttpSimulation
from tests.lives.service_client import Headers
from tests.services.lending_desk import LendingHelper
from tests.stories.serving import SilentJobQueue


@asynccontextmanager
async def http_simulation(
    address: str, sessions: SessionFactory, keyring: Keyring, *, seed: int
) -> AsyncIterator[HttpSimulation]:
    """A simulation on a database that was just migrated."""
    uow_factory = UnitOfWorkFactory(sessions=sessions, job_queue=SilentJobQueue())
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        rate, since = BENCHMARK_PERCENT, date(2000, 1, 1)
        await add_benchmark(uow.session, BENCHMARK, from_on=since, rate_percent=rate, now=uow.now, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    # Every request uses a new connection, so that both API processes get requests.
    transport = httpx.AsyncHTTPTransport(retries=40, limits=httpx.Limits(max_keepalive_connections=0))
    async with httpx.AsyncClient(base_url=address, transport=transport, timeout=120, trust_env=False) as client:
        async with uow_factory.open(SYSTEM) as uow:
            staff = [
                await create_user_account(uow, role=role, name="Staff", customer_id=None)
                for role in (Role.OFFICER, Role.ADMIN)
            ]

        async def sign_in() -> tuple[Headers, Headers]:
            officer, admin = [await _sign_in(uow_factory, keyring, actor) for actor in staff]
            return officer, admin

        simulation = HttpSimulation(client, LendingHelper(uow_factory), sign_in, Random(seed))
        await simulation.renew_tokens()
        yield simulation


async def _sign_in(uow_factory: UnitOfWorkFactory, keyring: Keyring, actor: Actor) -> Headers:
    assert actor.user_account_id is not None
    async with uow_factory.open(SYSTEM) as uow:
        tokens = await issue_tokens(uow, keyring, user_account_id=actor.user_account_id)
    return {"Authorization": f"Bearer {tokens.access_token}"}
