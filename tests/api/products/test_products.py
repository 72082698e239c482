"""Products over HTTP: an admin adds a version, loans made before keep theirs."""

from datetime import date

import httpx

from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import PERSONAL_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START

PRODUCTS = "/api/v1/products"


async def test_a_version_is_added_by_an_admin_and_by_nobody_else(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, admin: dict[str, str], officer: dict[str, str]
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, PERSONAL_LOAN, offered_from=date(2000, 1, 1), now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")
    (first,) = (await client.get(PRODUCTS, headers=officer)).json()
    terms = first["terms"]
    terms["offer"]["annual_rate_percent"] = "9.4"
    body = {"code": "PERSONAL_LOAN", "offered_from": "2026-11-21", "terms": terms}
    assert (await client.post(PRODUCTS, json=body, headers=officer)).status_code == 403
    added = await client.post(PRODUCTS, json=body, headers=admin)
    assert (added.status_code, added.json()["version"], added.json()["offer"]["annual_rate"]) == (201, 3, 9.4)
    (offered,) = (await client.get(PRODUCTS, headers=officer)).json()
    assert offered == added.json()
    late = await client.post(PRODUCTS, json=body | {"offered_from": "2026-11-20"}, headers=admin)
    assert (late.status_code, late.json()["code"]) == (422, "offered_too_early")
    terms["offer"]["tenure"] = [5, "many"]
    wrong = await client.post(PRODUCTS, json=body, headers=admin)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_terms")
    (still,) = (await client.get(PRODUCTS, headers=officer)).json()
    assert still["version"] == 3
