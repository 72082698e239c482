"""A controller over HTTP, and what they read."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from io import StringIO
from itertools import count
from typing import Any

import httpx

from app.domain.people.access import Role
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf
from tests.services.lending_desk import LendingHelper

BOOKS = "/api/v1/accounting"
keys = count(1)


@dataclass(slots=True, kw_only=True)
class Controller:
    """Reads the books, proposes periods as an officer and decides them as an admin."""

    client: httpx.AsyncClient
    headers_of: HeadersOf
    lending: LendingHelper
    cards: CardDesk

    async def headers(self, role: Role = Role.OFFICER) -> dict[str, str]:
        return await self.headers_of(role)

    async def pay(self, amount: str, on: str, **more: Any) -> None:
        """A payment on the loan."""
        await self.cards.to(on)
        headers = {**await self.headers(), "Idempotency-Key": f"pay-{next(keys)}"}
        body = {"loan_id": 1, "amount": amount, **more}
        answer = await self.client.post("/api/v1/loans/payments", json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    async def get(self, path: str, *, role: Role = Role.OFFICER, status: int = 200) -> Any:
        answer = await self.client.get(f"{BOOKS}/{path}", headers=await self.headers(role))
        assert answer.status_code == status, answer.text
        return answer.json()

    async def export(self, of: str, form: str, days: str = "from=2026-11-21&to=2026-12-31") -> bytes:
        path = f"{BOOKS}/exports/{of}?{days}&format={form}"
        answer = await self.client.get(path, headers=await self.headers())
        assert answer.status_code == 200, answer.text
        return answer.content

    async def table(self, of: str, days: str = "from=2026-11-21&to=2026-12-31") -> list[dict[str, str]]:
        """An export as CSV, as rows."""
        content = (await self.export(of, "csv", days)).decode()
        return list(csv.DictReader(StringIO(content)))

    async def post(
        self, path: str, body: dict[str, Any] | None = None, *, role: Role = Role.OFFICER, status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Any:  # fmt: skip
        sent = {**(headers or await self.headers(role)), "Idempotency-Key": f"close-{next(keys)}"}
        answer = await self.client.post(f"{BOOKS}/{path}", json=body, headers=sent)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def balances(self, on: str) -> dict[tuple[str, str], int]:
        """The trial balance of a day: debits less credits in paise, by code and product."""
        found = await self.get(f"trial-balance?on={on}")
        assert found["debit"] == found["credit"]
        return {
            (line["code"], line["product"]): round((line["debit"] - line["credit"]) * 100) for line in found["lines"]
        }


def summed(rows: list[dict[str, str]]) -> dict[tuple[str, str], int]:
    """What rows of an exported journal come to: debits less credits in paise, by code and product."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        found[row["code"], row["product"]] += int(row["debit_paise"]) - int(row["credit_paise"])
    return {key: paise for key, paise in found.items() if paise}
