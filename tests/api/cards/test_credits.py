"""Money that the lender gives away takes two people: credits, and payouts of what one person reported alone."""

from typing import Any

import httpx
import pytest

from app.domain.people.access import Role
from tests.api.cards.desk import ACCOUNTS, CardDesk, references
from tests.api.cards.test_bad_input import refused
from tests.api.conftest import HeadersOf


async def propose(desk: CardDesk, client: httpx.AsyncClient, **body: Any) -> Any:
    made = await client.post(
        "/api/v1/proposals",
        json={"card_account_id": desk.account_id, "reason": "wrong fee", **body},
        headers={**desk.headers, "Idempotency-Key": f"key-{next(references)}"},
    )
    assert made.status_code == 201, made.text
    return made.json()


async def decide(client: httpx.AsyncClient, proposal: Any, headers: dict[str, str], how: str = "approve") -> Any:
    return await client.post(f"/api/v1/proposals/{proposal['proposal_id']}/{how}", headers=headers)


def money(account: Any) -> tuple[float, float]:
    return account["owed"], account["credit_balance"]


async def test_a_credit_takes_two_people(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    """300 of 250 that are owed: 50 are a credit balance."""
    await desk.open()
    await desk.purchase("250", "2026-01-20")
    admin = desk.headers = await headers_of(Role.ADMIN)
    made = await propose(desk, client, kind="card_credit", amount=300)
    assert (made["kind"], made["asked"]["amount"], made["result"]) == ("card_credit", 300.0, None)
    officer = await headers_of(Role.OFFICER)
    for headers, code in ((admin, "own_proposal"), (officer, "forbidden")):
        answer = await decide(client, made, headers)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert money(await desk.get()) == (250.0, 0)
    other = await headers_of(Role.ADMIN)
    approved = await decide(client, made, other)
    assert (approved.status_code, approved.json()["result"]["amount"]) == (200, 300.0)
    assert money(await desk.get()) == (0, 50.0)
    again = await decide(client, made, other)
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")
    (posting,) = [one for one in (await desk.get("/postings"))["items"] if one["kind"] == "credit"]
    assert (posting["amount"], posting["reference"]) == (300.0, None)
    # Two people gave it, so one may pay it out.
    paid = await desk.post("/payouts", {})
    assert (paid["amount"], paid["credit_balance"]) == (50.0, 0)
    await desk.reconcile()


async def test_a_rejected_credit_gives_nothing(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    await desk.open()
    await desk.purchase("250", "2026-01-20")
    made, before = await propose(desk, client, kind="card_credit", amount=300), await desk.get()
    assert (await decide(client, made, await headers_of(Role.ADMIN), "reject")).status_code == 200
    assert await desk.get() == before
    await desk.reconcile()


async def test_nobody_gives_a_credit_alone(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    await desk.open()
    body = {"reference": "GOODWILL-1", "amount": "300"}
    for role in (Role.OFFICER, Role.ADMIN):
        answer = await client.post(f"{ACCOUNTS}/{desk.account_id}/credits", json=body, headers=await headers_of(role))
        assert answer.status_code == 404, answer.text
    assert money(await desk.get()) == (0, 0)


@pytest.mark.parametrize("payer", [Role.CUSTOMER, Role.OFFICER])
async def test_who_reports_a_payment_alone_does_not_pay_it_out(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf, payer: Role
) -> None:
    """1,000 are reported, and 200 come from the network. The 200 can be paid out, the rest by two people."""
    await desk.open()
    await desk.to("2026-01-20")
    network = await headers_of(Role.SERVICE, scopes=frozenset({"payments:write"}))
    officer = desk.headers
    reporter = officer if payer is Role.OFFICER else await headers_of(payer, customer_id=desk.customer_id)
    for headers, amount in ((reporter, "1000"), (network, "200")):
        desk.headers = headers
        await desk.post("/payments", {"reference": f"ref-{next(references)}", "amount": amount})
    desk.headers = reporter
    for body in ({}, {"amount": "200.01"}):
        answer = await refused(desk, "/payouts", body, status=422, code="credit_on_word_alone")
        assert answer["figures"] == {"free": 200.0}
    assert money(await desk.get()) == (0, 1200.0)
    paid = await desk.post("/payouts", {"amount": "200"})
    assert (paid["amount"], paid["credit_balance"]) == (200.0, 1000.0)
    desk.headers = officer
    made = await propose(desk, client, kind="card_refund", amount=1000)
    assert (await decide(client, made, await headers_of(Role.ADMIN))).status_code == 200
    assert money(await desk.get()) == (0, 0)
    await desk.reconcile()


async def test_goods_that_go_back_do_not_pay_a_reported_payment_out(desk: CardDesk, headers_of: HeadersOf) -> None:
    """The holder buys for 900, says that 900 were paid, and returns the goods: the merchant's 900 are only theirs if
    the payment came. The payment is found not to have come: nothing is owed, and nothing was paid out."""
    await desk.open()
    purchase = await desk.purchase("900", "2026-01-20")
    officer, holder = desk.headers, await headers_of(Role.CUSTOMER, customer_id=desk.customer_id)
    network = await headers_of(Role.SERVICE, scopes=frozenset({"payments:write"}))
    desk.headers = holder
    paid = await desk.post("/payments", {"reference": "U1", "amount": "900"})
    desk.headers = network
    await desk.post("/refunds", {"reference": "R1", "amount": "900", "purchase": purchase})
    desk.headers = holder
    answer = await refused(desk, "/payouts", {}, status=422, code="credit_on_word_alone")
    assert answer["figures"] == {"free": 0}
    desk.headers = officer
    await desk.post(f"/postings/{paid['posting']}/undo", {"reason": "never came"}, status=200)
    assert money(await desk.get()) == (0, 0)
    await desk.reconcile()


async def test_a_closing_leaves_what_was_reported_alone(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    """The account closes; 300 of another person's payment are paid out, and the holder's own 1,000 wait for two."""
    await desk.open()
    await desk.to("2026-01-20")
    officer = desk.headers
    await desk.post("/payments", {"reference": "U1", "amount": "300"})
    desk.headers = await headers_of(Role.CUSTOMER, customer_id=desk.customer_id)
    await desk.post("/payments", {"reference": "U2", "amount": "1000"})
    closed = await desk.post("/closing", status=200)
    assert (closed["status"], *money(closed)) == ("closed", 0, 1000.0)
    desk.headers = officer
    paid_out = [one["amount"] for one in (await desk.get("/postings"))["items"] if one["kind"] == "payout"]
    assert paid_out == [300.0]
    made = await propose(desk, client, kind="card_refund", amount=1000)
    assert (await decide(client, made, await headers_of(Role.ADMIN))).status_code == 200
    assert money(await desk.get()) == (0, 0)
    await desk.reconcile()
