"""A card account after its charge-off, over HTTP with the clock moved: recoveries, returns, what is beyond the loss.
And the mark-up of a purchase abroad of which a part comes back."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.people.access import SYSTEM, Role
from app.services.cards import accounts
from app.services.events import log
from tests.api.cards.desk import CardDesk, references
from tests.api.conftest import HeadersOf


async def approve(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf, kind: str, **body: Any) -> Any:
    """Proposes something about the account, and another person approves it."""
    made = await client.post(
        "/api/v1/proposals",
        json={"kind": kind, "card_account_id": desk.account_id, "reason": "review", **body},
        headers={**desk.headers, "Idempotency-Key": f"key-{next(references)}"},
    )
    if made.status_code != 201:
        return made
    return await client.post(
        f"/api/v1/proposals/{made.json()['proposal_id']}/approve", headers=await headers_of(Role.ADMIN)
    )


async def charged_off(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    """15,000 are bought and nothing is paid: 17,112.20 are lost on 20 March."""
    await desk.open()
    await desk.purchase("10000", "2026-01-20")
    await desk.purchase("5000", "2026-02-05")
    await desk.run("2026-03-20")
    approved = await approve(desk, client, headers_of, "card_charge_off")
    assert (approved.status_code, approved.json()["result"]["charged_off"]) == (200, 17112.2)


def figures(answer: dict[str, Any]) -> tuple[float, float, float, float]:
    return answer["owed"], answer["credit_balance"], answer["charged_off"], answer["recovered"]


async def test_recoveries(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    await charged_off(desk, client, headers_of)
    assert figures(await desk.get()) == (0, 0, 17112.2, 0)
    await desk.to("2026-03-25")
    body = {"reference": "late-money", "amount": "10000"}
    paid = await desk.post("/payments", body)
    assert (paid["kind"], figures(paid)) == ("payment", (0, 0, 17112.2, 10000))
    again = await desk.post("/payments", body)
    assert (again["replayed"], figures(again)) == (True, (0, 0, 17112.2, 10000))
    await desk.to("2026-03-28")
    refund = await desk.post("/refunds", {"reference": "merchant", "amount": "8000", "purchase": 2})
    assert figures(refund) == (0, 887.8, 17112.2, 17112.2)
    await desk.reconcile()
    # A return, and the money put back from its first day.
    await desk.to("2026-04-02")
    returned = await desk.post(f"/postings/{paid['posting']}/undo", {"reason": "bounced"}, status=200)
    assert figures(returned) == (0, 0, 17112.2, 8000)
    await desk.reconcile()
    put_back = await desk.post("/payments", {"reference": "honoured", "amount": "10000", "value_date": "2026-03-25"})
    assert figures(put_back) == (0, 887.8, 17112.2, 17112.2)
    # What is beyond the loss is the holder's, by two people.
    assert (await desk.post("/payouts", {}, status=409))["code"] == "card_account_not_open"
    assert (await approve(desk, client, headers_of, "card_refund", amount=887.81)).status_code == 422
    assert (await approve(desk, client, headers_of, "card_refund", amount=887.80)).status_code == 200
    account = await desk.get()
    assert (account["status"], figures(account)) == ("charged_off", (0, 0, 17112.2, 17112.2))
    await desk.reconcile()
    await log.number_events(desk.uow_factory)
    events = await client.get("/api/v1/events?limit=200", headers=await headers_of(Role.ADMIN))
    told = [
        (one["type"], one["data"]["recovered"])
        for one in events.json()["items"]
        if one["type"] in ("card.payment_received", "card.payment_returned")
    ]
    assert told == [
        ("card.payment_received", 10000), ("card.payment_returned", 8000), ("card.payment_received", 17112.2)
    ]  # fmt: skip


async def test_the_past_of_a_charged_off_account(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    await charged_off(desk, client, headers_of)
    await desk.to("2026-04-01")
    late = await desk.post("/payments", {"reference": "late", "amount": "750", "value_date": "2026-03-05"})
    assert figures(late) == (0, 0, 15231.02, 0)
    listed = await desk.get("/postings?limit=200")
    assert [(one["kind"], one["owed"]) for one in listed["items"][-5:]] == [
        ("payment", -750), ("interest_adjustment", -8.63), ("late_fee_adjustment", -950),
        ("tax_adjustment", -172.55), ("charge_off_adjustment", 1881.18),
    ]  # fmt: skip
    await desk.reconcile()
    await desk.run("2026-06-01")
    assert figures(await desk.get()) == (0, 0, 15231.02, 0)


async def test_what_is_refused(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    await desk.open()
    refused = await approve(desk, client, headers_of, "card_charge_off")
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing_to_charge_off")
    await desk.purchase("10000", "2026-01-20")
    assert (await approve(desk, client, headers_of, "card_charge_off")).status_code == 200
    before = await desk.get()
    for path, body in (
        ("/postings", {"reference": "buy", "amount": "10"}),
        ("/conversions", {"purchase": 1, "instalments": 6}),
        ("/disputes", {"posting": 1, "reason": "never came"}),
    ):
        assert (await desk.post(path, body, status=409))["code"] == "card_account_not_open", path
    gift = await approve(desk, client, headers_of, "card_credit", amount=10)
    assert (gift.status_code, gift.json()["code"]) == (409, "card_account_not_open")
    assert await desk.get() == before
    await desk.reconcile()


async def test_an_account_that_was_charged_off_before(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    """An earlier version kept no loss: the ledger says it."""
    await charged_off(desk, client, headers_of)
    async with desk.uow_factory.open(SYSTEM) as uow:
        working = await accounts.lock(uow, int(desk.account_id[3:]))
        working.state.loss = None
        await accounts.save(uow, working)
    assert figures(await desk.get()) == (0, 0, 17112.2, 0)
    await desk.to("2026-03-25")
    paid = await desk.post("/payments", {"reference": "late-money", "amount": "20000"})
    assert figures(paid) == (0, 2887.8, 17112.2, 17112.2)
    await desk.reconcile()


@pytest.mark.parametrize("how", ["refund", "reversal"])
async def test_a_part_of_a_mark_up(desk: CardDesk, how: str) -> None:
    """A mark-up of 3.5 % of 10,000 with 63.00 of GST; 4,000 come back, and with them 140.00 and 25.20."""
    await desk.offer("TRAVEL_CARD", "2026-01-16", foreign_fee_percent=Decimal("3.5"))
    await desk.open(product="TRAVEL_CARD")
    number = await desk.purchase("10000", "2026-01-20", currency="USD")
    assert (await desk.get())["owed"] == 10413
    await desk.to("2026-01-25")
    if how == "refund":
        await desk.post("/refunds", {"reference": "back", "amount": "4000", "purchase": number})
    else:
        await desk.post(f"/postings/{number}/undo", {"reason": "merchant", "amount": "4000"}, status=200)
    buckets = (await desk.get())["buckets"]
    assert (buckets["purchases"], buckets["fees"], buckets["tax"]) == (6000, 210, 37.8)
    await desk.reconcile()
    statement = await desk.statement("2026-02-15")
    assert statement["total_due"] == 6247.8
    await desk.reconcile()
