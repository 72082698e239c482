"""Card traffic: authorisations, their captures and reversals, and payments of card accounts, under the same faults.

Each is repeated with its reference until it is acknowledged; some are sent twice at once, and of some the connection is
closed before the answer. At the end the database must hold exactly what was acknowledged.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from tests.chaos.load import AGAIN, HANG_UP_SHARE, PAUSE_SECONDS, TWICE_SHARE, Load
from tests.chaos.target import CardTarget, Target

SPENDERS = 3
HOLDS = "SELECT account_id, reference, amount_paise, captured_paise, status FROM card_holds"
POSTINGS = "SELECT account_id, reference, kind, amount_paise FROM card_postings WHERE reference IS NOT NULL"
#: Accounts whose row does not say what their holds and their transfers say.
WRONG = """
SELECT a.id, a.held_paise, h.held, a.last_transfer, t.last
FROM card_accounts AS a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_paise - captured_paise), 0) AS held FROM card_holds
    WHERE customer_id = a.customer_id AND account_id = a.id AND status = 'open'
) AS h
CROSS JOIN LATERAL (
    SELECT coalesce(max(number), 0) AS last FROM card_transfers WHERE customer_id = a.customer_id AND account_id = a.id
) AS t
WHERE (a.held_paise, a.last_transfer) <> (h.held, t.last)
"""
BEHIND = "SELECT count(*) FROM card_accounts WHERE status = 'open' AND next_event_on <= $1"


@dataclass(slots=True, kw_only=True)
class CardTraffic:
    """The spenders, and what was acknowledged: by reference the account, the amount, and what became of it."""

    load: Load
    accounts: list[CardTarget]
    random: random.Random
    holds: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    postings: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    _count: int = 0
    _ending: bool = False

    async def spend(self) -> None:
        """Spends and pays until `end` is called, and then until everything has an answer."""
        async with self.load.client() as http, asyncio.TaskGroup() as group:
            for _ in range(SPENDERS):
                group.create_task(self._spend_until_end(http))

    def end(self) -> None:
        self._ending = True

    async def _spend_until_end(self, http: httpx.AsyncClient) -> None:
        while not self._ending:
            account = self.random.choice(self.accounts)
            if self.random.random() < 0.4:
                await self._pay(http, account)
            else:
                await self._buy(http, account)
            await asyncio.sleep(PAUSE_SECONDS * 2 * self.random.random())

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    async def _buy(self, http: httpx.AsyncClient, account: CardTarget) -> None:
        """An authorisation, and where it is approved its capture, its reversal, or nothing yet."""
        name, paise = self._name("auth"), self.random.randrange(1_00, 20_000_00)
        body = {
            "reference": name,
            "amount": rupees(paise),
            "kind": "purchase",
            "merchant": {"name": "CHAOS STORES", "category_code": "5411", "country": "IN"},
            "card_token": account.token,
            "transacted_at": "2026-11-21T11:30:00+05:30",
        }
        answer = await self._send(http, account, "/authorisations", body)
        self._keep(self.holds, name, (account.number, paise, "open" if answer["approved"] else "declined"))
        chosen = self.random.random()
        if not answer["approved"] or chosen < 0.2:
            return
        if chosen < 0.4:
            await self._send(http, account, "/reversals", {"authorisation": name})
            self.holds[name] = (account.number, paise, "reversed")
            return
        clearing = self._name("clear")
        capture = {"authorisation": name, "reference": clearing, "amount": rupees(paise)}
        await self._send(http, account, "/captures", capture)
        self.holds[name] = (account.number, paise, "captured")
        self._keep(self.postings, clearing, (account.number, paise, "purchase"))

    async def _pay(self, http: httpx.AsyncClient, account: CardTarget) -> None:
        name, paise = self._name("pay"), self.random.randrange(1_00, 20_000_00)
        await self._send(http, account, "/payments", {"reference": name, "amount": rupees(paise)})
        self._keep(self.postings, name, (account.number, paise, "payment"))

    def _keep(self, kept: dict[str, tuple[int, int, str]], name: str, what: tuple[int, int, str]) -> None:
        assert kept.setdefault(name, what) == what, f"{name} was acknowledged as {kept[name]} and as {what}"

    async def _send(self, http: httpx.AsyncClient, account: CardTarget, path: str, body: dict[str, Any]) -> Any:
        """Sends a request until it is acknowledged, sometimes twice at once or after a connection that was closed."""
        address = f"/api/v1/card-accounts/{account.public_id}{path}"
        if self.random.random() < HANG_UP_SHARE:
            await self.load.hang_up(address, body, {})
        elif self.random.random() < TWICE_SHARE:
            first, second = await asyncio.gather(*(self._send_once(http, address, body) for _ in range(2)))
            assert first.get("approved") == second.get("approved"), f"{body} was answered {first} and {second}"
            assert first.get("posting") == second.get("posting"), f"{body} was answered {first} and {second}"
        return await self._send_once(http, address, body)

    async def _send_once(self, http: httpx.AsyncClient, address: str, body: dict[str, Any]) -> Any:
        pause = 0.05
        while True:
            with suppress(httpx.TransportError):
                answer = await http.post(address, json=body, headers=self.load.headers)
                if answer.is_success:
                    return answer.json()
                assert answer.status_code in AGAIN, f"{answer.status_code}: {answer.text}"
                if answer.status_code == 401:
                    await self.load.sign_in(http)
            self.load.retried += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)


def rupees(paise: int) -> str:
    """An amount as a client sends it."""
    return f"{paise // 100}.{paise % 100:02}"


async def verify_cards(target: Target, traffic: CardTraffic, *, today: date) -> list[str]:
    """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
    holds = {
        row["reference"]: (row["account_id"], row["amount_paise"], row["status"]) for row in await target.rows(HOLDS)
    }
    assert holds == traffic.holds, differing(holds, traffic.holds)
    postings = {
        row["reference"]: (row["account_id"], row["amount_paise"], row["kind"]) for row in await target.rows(POSTINGS)
    }
    assert postings == traffic.postings, differing(postings, traffic.postings)
    assert [dict(row) for row in await target.rows(WRONG)] == []
    assert await target.value(BEHIND, today) == 0, "each statement whose day is over is issued"
    statements = await target.value("SELECT count(*) FROM card_statements")
    line = f"{len(holds):,} acknowledged authorisations, {len(postings):,} clearings and payments of cards, each once"
    return [f"{line}; {statements:,} statements"]


def differing(found: dict[str, Any], expected: dict[str, Any]) -> str:
    """What is in the books and was not acknowledged, or the other way round."""
    names = [name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)]
    return ", ".join(f"{name}: {found.get(name)} and not {expected.get(name)}" for name in sorted(names)[:5])
