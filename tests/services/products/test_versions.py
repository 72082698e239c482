"""A new version of a product is checked as a whole, offered from its day on, and never replaces another."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.db.models import AuditEvent
from app.db.repositories.products.products import add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.products.documents import InvalidTerms, product_document
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.products import products, versions
from app.services.products.versions import OfferedTooEarly, ProductCodeInvalid
from tests.services.lending_desk import OFFICER, LendingHelper

ADMIN = Actor(role=Role.ADMIN, user_account_id=7)
TODAY = date(2026, 11, 21)


def terms(**offer: Any) -> dict[str, Any]:
    document = product_document(next(product for product in SEEDED_PRODUCTS if product.code == "PERSONAL_LOAN"))
    return document | {"offer": document["offer"] | offer}


async def add(
    lending: LendingHelper, *, code: str = "PERSONAL_LOAN", actor: Actor = ADMIN, day: date = TODAY, **offer: Any
) -> int:
    async with lending.uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    async with lending.uow_factory.open(actor) as uow:
        product = await versions.add_version(uow, product_code=code, document=terms(**offer), offered_from=day)
    return product.version


async def test_the_next_version_is_on_offer_from_its_day_on(lending: LendingHelper) -> None:
    assert await add(lending, annual_rate_percent="9.2", day=date(2026, 12, 1)) == 3
    assert await add(lending, annual_rate_percent="9.4", day=date(2026, 12, 15)) == 4
    for day, version in ((TODAY, 2), (date(2026, 12, 1), 3), (date(2026, 12, 15), 4)):
        await lending.set_date(day)
        async with lending.uow_factory.open(SYSTEM) as uow:
            assert (await products.get_current_product(uow, "PERSONAL_LOAN")).version == version


async def test_a_new_code_begins_with_version_one_and_is_noted(lending: LendingHelper) -> None:
    assert await add(lending, code="GOLD_LOAN") == 1
    async with lending.uow_factory.open(SYSTEM) as uow:
        (event,) = (await uow.session.execute(select(AuditEvent))).scalars()
    assert (event.actor, event.action, event.object_id) == ("admin:7", "product_version_added", "GOLD_LOAN.1")


@pytest.mark.parametrize(
    "wrong, error",
    [
        ({"actor": OFFICER}, Forbidden),
        ({"code": "gold loan"}, ProductCodeInvalid),
        ({"code": ""}, ProductCodeInvalid),
        ({"day": date(2026, 11, 20)}, OfferedTooEarly),
        ({"tenure": [12, 6]}, InvalidTerms),
        ({"surprise": 1}, InvalidTerms),
        ({"scorecard": "tea_leaves"}, DomainError),
    ],
)
async def test_what_is_refused_changes_nothing(lending: LendingHelper, wrong: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        await add(lending, **wrong)
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert [product.version for product in await products.list_products(uow)] == [1, 1, 2, 1, 1]
        assert (await uow.session.execute(select(AuditEvent))).all() == []
