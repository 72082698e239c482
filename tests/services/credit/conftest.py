"""The seeded products and scorecards, with somebody who makes customers and applications."""

from datetime import date

import pytest_asyncio

from app.db.repositories.products.products import add_product, add_scorecard
from app.db.session import SessionFactory
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from tests.services.credit.desk import START, CreditHelper


@pytest_asyncio.fixture
async def helper(session_factory: SessionFactory) -> CreditHelper:
    made = CreditHelper(sessions=session_factory)
    async with made.uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")
    return made
