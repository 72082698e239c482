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
from app.services.work import Desk
from tests.lives.office import Headers
from tests.lives.town import Town
from tests.services.lending_desk import LendingDesk
from tests.stories.serving import SilentDoorbell


@asynccontextmanager
async def town(address: str, sessions: SessionFactory, keyring: Keyring, *, seed: int) -> AsyncIterator[Town]:
    """A town on a database that has just been migrated."""
    desk = Desk(sessions=sessions, doorbell=SilentDoorbell())
    async with desk.open(SYSTEM) as work:
        for product in SEEDED_PRODUCTS:
            await add_product(work.session, product, offered_from=date(2000, 1, 1), now=work.now, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(work.session, card, now=work.now, actor="system")
    # Every request on a connection of its own, so that both processes have their part.
    transport = httpx.AsyncHTTPTransport(retries=40, limits=httpx.Limits(max_keepalive_connections=0))
    async with httpx.AsyncClient(base_url=address, transport=transport, timeout=120, trust_env=False) as client:
        officer = await _sign_in(desk, keyring, Role.OFFICER)
        admin = await _sign_in(desk, keyring, Role.ADMIN)
        yield Town(client, LendingDesk(desk), officer, admin, Random(seed))


async def _sign_in(desk: Desk, keyring: Keyring, role: Role) -> Headers:
    async with desk.open(SYSTEM) as work:
        actor = await create_principal(work, role=role, name="Somebody", customer_id=None)
        assert actor.principal_id is not None
        tokens = await issue_tokens(work, keyring, principal_id=actor.principal_id)
    return {"Authorization": f"Bearer {tokens.access_token}"}
