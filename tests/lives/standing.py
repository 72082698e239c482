"""A town to live in: two people signed in at a service of two processes, and the desk that lends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from random import Random

import httpx

from app.db.repositories.products.products import add_product, add_scorecard
from app.db.session import SessionFactory
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.people.access import create_principal, issue_tokens
from app.services.people.password_proof import Keyring
from app.services.unit_of_work import UnitOfWorkFactory
from tests.lives.office import Headers
from tests.lives.town import Town
from tests.services.lending_desk import LendingHelper
from tests.stories.serving import SilentJobQueue


@asynccontextmanager
async def town(address: str, sessions: SessionFactory, keyring: Keyring, *, seed: int) -> AsyncIterator[Town]:
    """A town on a database that has just been migrated."""
    uow_factory = UnitOfWorkFactory(sessions=sessions, job_queue=SilentJobQueue())
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    # Every request on a connection of its own, so that both processes have their part.
    transport = httpx.AsyncHTTPTransport(retries=40, limits=httpx.Limits(max_keepalive_connections=0))
    async with httpx.AsyncClient(base_url=address, transport=transport, timeout=120, trust_env=False) as client:
        officer = await _sign_in(uow_factory, keyring, Role.OFFICER)
        admin = await _sign_in(uow_factory, keyring, Role.ADMIN)
        yield Town(client, LendingHelper(uow_factory), officer, admin, Random(seed))


async def _sign_in(uow_factory: UnitOfWorkFactory, keyring: Keyring, role: Role) -> Headers:
    async with uow_factory.open(SYSTEM) as uow:
        actor = await create_principal(uow, role=role, name="Somebody", customer_id=None)
        assert actor.principal_id is not None
        tokens = await issue_tokens(uow, keyring, principal_id=actor.principal_id)
    return {"Authorization": f"Bearer {tokens.access_token}"}
