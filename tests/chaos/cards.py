"""Card traffic: authorisations, their captures and reversals, clearings, refunds and payments, under the same faults.

Each is repeated with its reference until it is acknowledged. At the end the database must hold exactly what was
acknowledged, and each account one statement for each of its cycles.
"""

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from tests.chaos.caller import Caller
from tests.chaos.load import rupees
from tests.chaos.people import CardTarget
from tests.chaos.target import Target

PEOPLE = 3
PAUSE_SECONDS = 0.12
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
#: Statements that begin before the one before was issued, so that two are of one cycle.
TORN = """
SELECT * FROM (
    SELECT account_id, number, from_on, issued_on, lag(issued_on) OVER w AS before
    FROM card_statements WINDOW w AS (PARTITION BY customer_id, account_id ORDER BY number)
) AS s WHERE from_on < before OR issued_on <= before
"""
BEHIND = "SELECT count(*) FROM card_accounts WHERE status = 'open' AND next_event_on <= $1"


@dataclass(slots=True, kw_only=True)
class CardTraffic:
    """The spenders, and what was acknowledged: by reference the account, the amount, and what became of it."""

    caller: Caller
    accounts: list[CardTarget]
    random: random.Random
    holds: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    postings: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    _count: int = 0

    async def spend_once(self, http: httpx.AsyncClient) -> None:
        """A purchase, or money that comes in."""
        account, chosen = self.random.choice(self.accounts), self.random.random()
        if chosen < 0.1:
            await self._post(http, account, "clear", "/postings", "purchase")
        elif chosen < 0.5:
            await self._post(http, account, "pay", "/payments", "payment")
        else:
            await self._buy(http, account)

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
        posted = await self._send(http, account, "/captures", capture)
        self.holds[name] = (account.number, paise, "captured")
        self._keep(self.postings, clearing, (account.number, paise, "purchase"))
        if chosen < 0.5:
            await self._post(http, account, "refund", "/refunds", "refund", at_most=paise, purchase=posted["posting"])

    async def _post(
        self,
        http: httpx.AsyncClient,
        account: CardTarget,
        name: str,
        path: str,
        kind: str,
        *,
        at_most: int = 20_000_00,
        **more: int,
    ) -> None:
        """Something that moves the account at once, known by its reference."""
        name, paise = self._name(name), self.random.randint(1_00, at_most)
        await self._send(http, account, path, {"reference": name, "amount": rupees(paise), **more})
        self._keep(self.postings, name, (account.number, paise, kind))

    def _keep(self, kept: dict[str, tuple[int, int, str]], name: str, what: tuple[int, int, str]) -> None:
        assert kept.setdefault(name, what) == what, f"{name} was acknowledged as {kept[name]} and as {what}"

    async def _send(self, http: httpx.AsyncClient, account: CardTarget, path: str, body: dict[str, Any]) -> Any:
        request = http.build_request("POST", f"/api/v1/card-accounts/{account.public_id}{path}", json=body)
        return await self.caller.send(
            http, request, same=lambda answer: [answer.get("approved"), answer.get("posting")]
        )


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
    torn = [dict(row) for row in await target.rows(TORN)]
    assert torn == [], f"a cycle has two statements: {torn[:3]}"
    assert await target.value(BEHIND, today) == 0, "each statement whose day is over is issued"
    statements = await target.value("SELECT count(*) FROM card_statements")
    line = f"{len(holds):,} acknowledged authorisations, {len(postings):,} clearings and payments of cards, each once"
    return [f"{line}; {statements:,} statements"]


def differing(found: dict[str, Any], expected: dict[str, Any]) -> str:
    """What is in the books and was not acknowledged, or the other way round."""
    names = [name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)]
    return ", ".join(f"{name}: {found.get(name)} and not {expected.get(name)}" for name in sorted(names)[:5])
