"""A card account over HTTP, with the clock moved: for tests of the API."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from sqlalchemy import insert

from app.db.models import Customer
from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import REVOLVING_CARD
from app.services.billing import runs
from app.services.cards import runs as card_runs
from app.services.cards.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf, Time
from tests.domain.cards.book import terms_of

ACCOUNTS = "/api/v1/card-accounts"
FAR = datetime(2100, 1, 1, tzinfo=UTC)
references = count(1)


@dataclass(slots=True)
class CardDesk:
    """Opens accounts and moves them, as an officer. Amounts are in rupees, dates are ISO text."""

    client: httpx.AsyncClient
    headers_of: HeadersOf
    uow_factory: UnitOfWorkFactory
    time: Time
    customer_id: int = 2001
    account_id: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def to(self, day: str) -> None:
        """Moves the clock to noon of a day in India."""
        on = date.fromisoformat(day)
        self.time.now = datetime(on.year, on.month, on.day, 6, 30, tzinfo=UTC)
        self.headers = await self.headers_of(Role.OFFICER)

    async def offer(self, code: str, on: str, **terms: Any) -> None:
        """Offers a card product with other terms."""
        await self.to(on)
        product = replace(REVOLVING_CARD, code=code, card=terms_of(**terms))
        async with self.uow_factory.open(SYSTEM) as uow:
            await add_product(uow.session, product, offered_from=date.fromisoformat(on), now=uow.now, actor="system")

    async def open(self, on: str = "2026-01-16", *, limit: str = "100000", day: int = 15, **more: Any) -> None:
        await self.to(on)
        async with self.uow_factory.open(SYSTEM) as uow:
            values = {"customer_id": self.customer_id, "state": "customer", "name": "Asha Rao", "actor": "system"}
            await uow.session.execute(insert(Customer).values(**values, created_at=uow.now))
        body = {"user_id": self.customer_id, "limit": limit, "statement_day": day, **more}
        opened = await self.post("", body, status=201)
        self.account_id = opened["account_id"]
        cards = await self.get("/cards")
        self.token = cards[0]["token"]

    async def post(
        self, path: str, body: dict[str, Any] | None = None, *, status: int = 201, verb: str = "POST"
    ) -> Any:
        address = f"{ACCOUNTS}/{self.account_id}{path}" if self.account_id else f"{ACCOUNTS}{path}"
        headers = {**self.headers, "Idempotency-Key": f"key-{next(references)}"}
        answer = await self.client.request(verb, address, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str = "", *, status: int = 200) -> Any:
        answer = await self.client.get(f"{ACCOUNTS}/{self.account_id}{path}", headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def purchase(self, amount: str, on: str, **more: Any) -> int:
        await self.to(on)
        body = {"reference": f"ref-{next(references)}", "amount": amount, **more}
        posted = await self.post("/postings", body)
        return int(posted["posting"])

    async def pay(self, amount: str, on: str, **more: Any) -> int:
        await self.to(on)
        posted = await self.post("/payments", {"reference": f"ref-{next(references)}", "amount": amount, **more})
        return int(posted["posting"])

    async def run(self, on: str) -> Any:
        """The daily run of a business date."""
        await self.to(on)
        async with self.uow_factory.open(SYSTEM) as uow:
            run_id = await runs.start_run(uow)
        assert await card_runs.run_day(self.uow_factory, run_id=run_id, worker="test", until=FAR)
        async with self.uow_factory.open(SYSTEM) as uow:
            return await runs.get_run(uow, run_id)

    async def statement(self, on: str, *, run: bool = True) -> Any:
        """The statement of a day. The run of the next day issues it."""
        after = (date.fromisoformat(on) + timedelta(days=1)).isoformat()
        await (self.run(after) if run else self.to(after))
        listed = await self.get("/statements")
        number = next(one["number"] for one in listed["items"] if one["statement_on"] == on)
        return await self.get(f"/statements/{number}")

    async def reconcile(self) -> None:
        """Every account of the books agrees, by sums and by living the accounts again."""
        async for page in reconcile_all(self.uow_factory):
            assert page.differences == ()


def charged(statement: dict[str, Any]) -> tuple[float, float]:
    """The interest and the tax that a statement shows."""
    kinds = ("interest", "cash_interest", "plan_interest")
    interest = sum(round(one["owed"] * 100) for one in statement["postings"] if one["kind"] in kinds)
    tax = sum(round(one["owed"] * 100) for one in statement["postings"] if one["kind"] == "tax")
    return interest / 100, tax / 100
