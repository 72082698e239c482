"""Two keys for one effect, at once: a thing that can happen once happens once, and the books agree afterwards.

A client that lost its key asks again with another one, and two people press the same button. Which of the requests wins
is not said; what the others are told is.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.domain.people.access import SYSTEM
from app.services.cards import reconciliation as card_reconciliation
from app.services.reporting.reconciliation import reconcile_all
from tests.api.test_idempotency import ACCOUNT, World, world

__all__ = ["world"]
IN_CREDIT = "/api/v1/card-accounts/{in_credit}"
CROWD = 6


@dataclass(frozen=True, slots=True)
class Race:
    """Requests that are made in turns, what all but one are told, and the postings that the one made (in paise)."""

    path: str
    bodies: Sequence[Mapping[str, Any]]
    told: str
    posted: Sequence[tuple[str, int]] = ()
    by: str = "officer"


#: Of the two bodies of a race, the loser's is the same effect in other words.
RACES = {
    "a payout": Race(f"{IN_CREDIT}/payouts", [{"amount": 500}], "no_credit_balance", [("payout", 500_00)]),
    "a part of a payout": Race(f"{IN_CREDIT}/payouts", [{"amount": 300}], "no_credit_balance", [("payout", 300_00)]),
    "a closing": Race(
        f"{IN_CREDIT}/closing", [{}], "card_account_not_open", [("payout", 500_00), ("closing", 0)]
    ),
    "a reversal": Race(
        f"{ACCOUNT}/postings/{{purchase}}/undo", [{"reason": "x"}], "card_posting_undone", [("reversal", 3000_00)]
    ),
    "a part of a reversal": Race(
        f"{ACCOUNT}/postings/{{purchase}}/undo",
        [{"reason": "x", "amount": 2000}],
        "card_posting_undone",
        [("reversal", 2000_00)],
    ),
    "a conversion": Race(
        f"{ACCOUNT}/conversions",
        [{"purchase": "{purchase}", "instalments": 3}, {"purchase": "{purchase}", "instalments": 6}],
        "nothing_to_convert",
        [("conversion", 3000_00), ("fee", 30_00), ("tax", 5_40)],
    ),
    "a foreclosure": Race(f"{ACCOUNT}/plans/{{plan}}/foreclose", [{}], "plan_not_found"),
    "a dispute": Race(
        f"{ACCOUNT}/disputes", [{"posting": "{purchase}", "reason": "x"}], "nothing_to_dispute", [("dispute", 3000_00)]
    ),
    "a verdict": Race(
        f"{ACCOUNT}/disputes/{{dispute}}/decide",
        [{"winner": "merchant", "reason": "x"}, {"winner": "merchant", "reason": "y"}],
        "dispute_not_open",
    ),
    "a new card": Race("/api/v1/cards/{token}/replace", [{}], "card_was_replaced"),
    "a returned payment": Race("/api/v1/payments/{payment}/reverse", [{"reason": "x"}], "payment_reversed"),
    "a charge taken back": Race(
        "/api/v1/loans/{charged}/charges/{charge}/take-back", [{"reason": "x"}], "charge_taken_back"
    ),
    "a write-off": Race("/api/v1/proposals/{proposal}/approve", [{}], "proposal_decided", by="admin"),
}  # fmt: skip


async def post(world: World, path: str, body: Mapping[str, Any], *, by: str, key: str | None) -> httpx.Response:
    """One request; whoever is told that somebody else is at it asks again."""
    while True:
        answer = await world.post(path, body, by=by, key=key)
        if answer.status_code != 409 or answer.json()["code"] != "busy":
            return answer
        await asyncio.sleep(0.1)


async def together(world: World, race: Race, *, keys: Sequence[str]) -> list[httpx.Response]:
    bodies = [race.bodies[place % len(race.bodies)] for place in range(len(keys))]
    calls = [post(world, race.path, body, by=race.by, key=key) for body, key in zip(bodies, keys, strict=True)]
    return await asyncio.gather(*calls)


def told(answers: Sequence[httpx.Response]) -> Counter[str]:
    """How often each code was answered; the first digit of the status where all went well."""
    return Counter(answer.json().get("code") or str(answer.status_code)[0] for answer in answers)


async def postings(world: World) -> list[tuple[str, int]]:
    async with world.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT kind, amount_paise FROM card_postings ORDER BY account_id, number")
        )
        return [(kind, paise) for kind, paise in rows.all()]


async def check_books(world: World) -> None:
    async for page in reconcile_all(world.uow_factory):
        assert page.differences == ()
    async for cards in card_reconciliation.reconcile_all(world.uow_factory):
        assert cards.differences == ()


@pytest.mark.parametrize("name", sorted(RACES))
async def test_of_many_keys_one_counts(world: World, name: str) -> None:
    race = RACES[name]
    before = Counter(await postings(world))
    answers = await together(world, race, keys=[f"k-{place}" for place in range(CROWD)])
    assert told(answers) == {"2": 1, race.told: CROWD - 1}
    made = Counter(await postings(world)) - before
    assert not race.posted or made == Counter(race.posted)
    await check_books(world)


@pytest.mark.parametrize("name", sorted(RACES))
async def test_one_key_at_once_is_one_answer(world: World, name: str) -> None:
    race = RACES[name]
    before = Counter(await postings(world))
    answers = await together(world, Race(race.path, race.bodies[:1], race.told, by=race.by), keys=["one"] * CROWD)
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (answers[0].status_code, answers[0].content)
    }
    assert answers[0].is_success
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    made = Counter(await postings(world)) - before
    assert not race.posted or made == Counter(race.posted)
    await check_books(world)


async def test_a_purchase_is_refunded_once(world: World) -> None:
    """The network sends the same refund under another reference, and it was reversed too."""
    before = Counter(await postings(world))
    refund = {"amount": 3000, "purchase": "{purchase}"}
    answers = await asyncio.gather(
        *(
            post(world, f"{ACCOUNT}/refunds", refund | {"reference": f"RF-{place}"}, by="officer", key=None)
            for place in range(CROWD)
        )
    )
    assert told(answers) == {"2": 1, "card_purchase_given_back": CROWD - 1}
    undone = await post(world, f"{ACCOUNT}/postings/{{purchase}}/undo", {"reason": "x"}, by="officer", key="u")
    assert undone.json()["code"] == "card_posting_undone"
    assert Counter(await postings(world)) - before == Counter([("refund", 3000_00)])
    await check_books(world)


async def test_what_was_reversed_is_not_refunded(world: World) -> None:
    undone = await post(world, f"{ACCOUNT}/postings/{{purchase}}/undo", {"reason": "x"}, by="officer", key="u")
    assert undone.status_code == 200
    before = await postings(world)
    refund = {"amount": 3000, "purchase": "{purchase}", "reference": "RF"}
    refused = await post(world, f"{ACCOUNT}/refunds", refund, by="officer", key=None)
    assert (refused.status_code, refused.json()["code"]) == (409, "card_purchase_given_back")
    assert await postings(world) == before
    # The network did pay: it is posted without the purchase.
    del refund["purchase"]
    assert (await post(world, f"{ACCOUNT}/refunds", refund, by="officer", key=None)).status_code == 201
    await check_books(world)


async def test_parts_of_a_purchase_are_refunded_and_the_last_may_be_more(world: World) -> None:
    """A rate of exchange that moved."""
    for reference, amount, status in (("A", 1000, 201), ("B", 2100, 201), ("C", 1, 409)):
        refund = {"amount": amount, "purchase": "{purchase}", "reference": reference}
        answer = await post(world, f"{ACCOUNT}/refunds", refund, by="officer", key=None)
        assert (reference, answer.status_code) == (reference, status)
    await check_books(world)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "restructure", "loan_id": "{late}", "instalments": 24},
        {"kind": "restructure", "loan_id": "{late}", "moratorium_instalments": 2},
        {"kind": "top_up", "loan_id": "{late}", "amount": 10000},
        {"kind": "write_off", "loan_id": "{late}"},
        {"kind": "limit_override", "user_id": "{customer}", "approved_limit": 10000},
        {"kind": "card_limit", "card_account_id": "{account}", "limit": 60000},
        {"kind": "card_credit", "card_account_id": "{account}", "amount": 100},
        {"kind": "card_refund", "card_account_id": "{in_credit}", "amount": 500},
    ],
    ids=lambda body: "-".join(map(str, list(body.values())[::2])),
)
async def test_the_same_change_is_proposed_once(world: World, body: dict[str, Any]) -> None:
    """With other keys and other reasons, at once: one waits for two people, and nobody approves the change twice."""
    race = Race(
        "/api/v1/proposals", [body | {"reason": "by letter"}, body | {"reason": "by telephone"}], "proposal_waits"
    )
    answers = await together(world, race, keys=[f"k-{place}" for place in range(CROWD)])
    assert told(answers) == {"2": 1, "proposal_waits": CROWD - 1}
    (made,) = (answer.json()["proposal_id"] for answer in answers if answer.is_success)
    figures = [answer.json()["figures"] for answer in answers if not answer.is_success]
    assert figures == [{"proposal": made}] * (CROWD - 1)
    # Decided, it no longer stands in the way.
    withdrawn = await post(world, f"/api/v1/proposals/{made}/withdraw", {}, by="officer", key="w")
    assert withdrawn.status_code == 200
    assert (await post(world, "/api/v1/proposals", race.bodies[0], by="officer", key="again")).status_code == 201
    await check_books(world)


async def test_another_figure_is_another_change(world: World) -> None:
    for key, limit in (("a", 60000), ("b", 70000)):
        body = {"kind": "card_limit", "card_account_id": "{account}", "limit": limit, "reason": "x"}
        assert (await post(world, "/api/v1/proposals", body, by="officer", key=key)).status_code == 201
