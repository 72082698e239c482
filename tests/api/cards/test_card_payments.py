"""Payments to card accounts across accounts: found by reference, by day and by whose they are."""

from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from app.domain.people.access import Actor, Role
from app.services.operations import finding
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf

OFFICER = Actor(role=Role.OFFICER, user_account_id=1)


@dataclass(frozen=True, slots=True)
class Paid:
    """A desk, and its two accounts: the first one was paid twice, once with the reference of the other's payment."""

    desk: CardDesk
    first: str
    second: str

    async def list(self, query: str = "", *, headers: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
        found = await self.desk.client.get(f"/api/v1/card-payments{query}", headers=headers or self.desk.headers)
        assert found.status_code == 200, found.text
        return [(one["account_id"], one["reference"], one["amount"], one["returned"]) for one in found.json()["items"]]


@pytest_asyncio.fixture
async def paid(desk: CardDesk) -> Paid:
    await desk.open("2026-01-16")
    first = desk.account_id
    await desk.purchase("5000", "2026-01-20")
    await desk.pay("1000", "2026-01-21", reference="UTR-1")
    await desk.pay("1500.50", "2026-01-22", reference="UTR-2")
    desk.account_id, desk.customer_id = "", 2002
    await desk.open("2026-01-22")
    await desk.purchase("700", "2026-01-23", reference="UTR-3")
    returned = await desk.pay("300", "2026-01-24", reference="UTR-1")
    await desk.post(f"/postings/{returned}/undo", {"reason": "unpaid"}, status=200)
    return Paid(desk, first, desk.account_id)


async def test_payments_are_listed_over_all_accounts_the_newest_first(paid: Paid, headers_of: HeadersOf) -> None:
    whole = [
        (paid.second, "UTR-1", 300.0, 300.0),
        (paid.first, "UTR-2", 1500.5, 0.0),
        (paid.first, "UTR-1", 1000.0, 0.0),
    ]
    assert await paid.list() == whole
    assert await paid.list("?reference=UTR-1") == [whole[0], whole[2]]
    # The reference of a purchase is no payment's.
    assert await paid.list("?reference=UTR-3") == []
    assert await paid.list("?posted_from=2026-01-22&posted_to=2026-01-23") == whole[1:2]
    assert await paid.list(f"?account_id={paid.first}") == whole[1:]
    own = await headers_of(Role.CUSTOMER, customer_id=2001)
    assert await paid.list("?reference=UTR-1", headers=own) == whole[2:]
    assert await paid.list("?user_id=2002", headers=own) == []
    hidden = await paid.desk.client.get(f"/api/v1/card-payments?account_id={paid.second}", headers=own)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "card_account_not_found")


async def test_a_list_of_payments_is_read_page_by_page(paid: Paid) -> None:
    pages, cursor = [], ""
    for _ in range(3):
        answer = await paid.desk.client.get(f"/api/v1/card-payments?limit=1{cursor}", headers=paid.desk.headers)
        page = answer.json()
        pages += [(one["account_id"], one["reference"]) for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert pages == [(paid.second, "UTR-1"), (paid.first, "UTR-2"), (paid.first, "UTR-1")]
    assert await paid.list(f"?limit=1{cursor}") == []


@pytest.mark.parametrize("sought, found", [("UTR-1", 2), ("UTR-2", 1), ("UTR-3", 0), ("UTR", 0)])
async def test_the_search_of_the_desk_finds_them(
    paid: Paid, uow_factory: UnitOfWorkFactory, sought: str, found: int
) -> None:
    async with uow_factory.open(OFFICER) as uow:
        result = await finding.find(uow, sought)
    assert len(result.card_payments) == found
