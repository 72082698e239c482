"""What a card account refuses, over HTTP: each by its name, and nothing is different afterwards."""

from typing import Any

import pytest

from app.domain.people.access import Role
from tests.api.cards.desk import CardDesk, references
from tests.api.conftest import HeadersOf

SEEN = ("", "/postings?limit=200", "/ledger?limit=200", "/authorisations", "/statements", "/cards")


async def refused(
    desk: CardDesk, path: str, body: dict[str, Any], *, status: int, code: str, verb: str = "POST"
) -> Any:
    """A refusal by name. Everything that can be read of the account is as it was."""
    before = [await desk.get(path) for path in SEEN]
    answer = await desk.post(path, body, status=status, verb=verb)
    assert answer["code"] == code, answer
    assert [await desk.get(path) for path in SEEN] == before
    return answer


def asked(desk: CardDesk, **more: Any) -> dict[str, Any]:
    """An authorisation of 100 rupees."""
    return {
        "reference": f"auth-{next(references)}",
        "amount": "100",
        "kind": "purchase",
        "merchant": {"name": "BIG BAZAAR", "category_code": "5411", "country": "IN"},
        "card_token": desk.token,
        "transacted_at": "2026-01-20T12:00:00+05:30",
        **more,
    }


@pytest.mark.parametrize("day, status, code", [(29, 422, "statement_day_invalid"), (30, 422, "statement_day_invalid"),
                                               (0, 422, "invalid_request"), (32, 422, "invalid_request")])  # fmt: skip
async def test_a_statement_day(desk: CardDesk, day: int, status: int, code: str) -> None:
    await desk.open()
    await refused(desk, "/statement-day", {"statement_day": day}, status=status, code=code, verb="PUT")
    known, desk.account_id = desk.account_id, ""
    body = {"user_id": desk.customer_id, "limit": "1000", "statement_day": day}
    assert (await desk.post("", body, status=status))["code"] == code
    desk.account_id = known
    listed = await desk.client.get(f"/api/v1/card-accounts?user_id={desk.customer_id}", headers=desk.headers)
    assert len(listed.json()["items"]) == 1


async def test_a_capture(desk: CardDesk) -> None:
    """Above its tolerance of 20 %, of an unknown, a declined or a reversed authorisation, or of nothing."""
    await desk.open(limit="1000")
    await desk.to("2026-01-20")
    for reference, amount in (("A", "100"), ("declined", "1001"), ("reversed", "100")):
        await desk.post("/authorisations", asked(desk, reference=reference, amount=amount), status=200)
    await desk.post("/reversals", {"authorisation": "reversed"}, status=200)
    capture = {"authorisation": "A", "reference": "C", "amount": "120.01"}
    answer = await refused(desk, "/captures", capture, status=422, code="capture_above_hold")
    assert answer["figures"]["at_most"] == 120.0
    await refused(desk, "/captures", capture | {"authorisation": "B"}, status=404, code="hold_not_found")
    for reference in ("declined", "reversed"):
        body = capture | {"authorisation": reference, "amount": "1"}
        await refused(desk, "/captures", body, status=409, code="hold_not_open")
    await refused(desk, "/captures", capture | {"amount": "0"}, status=422, code="invalid_request")
    early = capture | {"amount": "1", "transacted_on": "2026-01-15"}
    await refused(desk, "/captures", early, status=422, code="card_value_date_invalid")
    await refused(desk, "/reversals", {"authorisation": "declined"}, status=409, code="hold_not_open")


async def test_a_refund(desk: CardDesk) -> None:
    """Without a purchase, of a posting that is none, of an unknown one, or from a day that has not come."""
    await desk.open()
    await desk.to("2026-01-20")
    refund = {"reference": "R", "amount": "10"}
    await refused(desk, "/refunds", refund, status=422, code="refund_without_purchase")
    paid = await desk.pay("50", "2026-01-21")
    await refused(desk, "/refunds", refund | {"purchase": paid}, status=422, code="refund_without_purchase")
    bought = await desk.purchase("10", "2026-01-22")
    await refused(desk, "/refunds", refund | {"purchase": 99}, status=422, code="refund_without_purchase")
    later = refund | {"purchase": bought, "refunded_on": "2026-01-23"}
    await refused(desk, "/refunds", later, status=422, code="card_value_date_invalid")


async def test_a_reference_of_something_else(desk: CardDesk) -> None:
    """Another amount, or the same amount as another kind of movement: the second would be lost."""
    await desk.open()
    await desk.to("2026-01-20")
    await desk.post("/payments", {"reference": "R", "amount": "100"})
    for path, amount in (("/payments", "101"), ("/postings", "100"), ("/refunds", "100")):
        answer = await refused(
            desk, path, {"reference": "R", "amount": amount}, status=409, code="card_reference_reused"
        )  # fmt: skip
        assert answer["figures"]["known"] == 100.0
    await desk.post("/authorisations", asked(desk, reference="A"), status=200)
    for other in ({"amount": "101"}, {"kind": "cash"}):
        await refused(
            desk, "/authorisations", asked(desk, reference="A", **other), status=409, code="card_reference_reused"
        )  # fmt: skip
    capture = {"authorisation": "A", "reference": "R", "amount": "100"}
    await refused(desk, "/captures", capture, status=409, code="card_reference_reused")


async def test_a_card_of_another_account(desk: CardDesk) -> None:
    await desk.open()
    first, token = desk.account_id, desk.token
    desk.account_id = ""
    body = {"user_id": desk.customer_id, "limit": "1000", "statement_day": 5}
    desk.account_id = (await desk.post("", body))["account_id"]
    assert desk.account_id != first
    await refused(desk, "/authorisations", asked(desk), status=404, code="card_not_found")
    clearing = {"reference": "C", "amount": "1", "card_token": token}
    await refused(desk, "/postings", clearing, status=404, code="card_not_found")
    unknown = "card_" + "0" * 32
    await refused(desk, "/postings", clearing | {"card_token": unknown}, status=404, code="card_not_found")


async def test_a_payment(desk: CardDesk, headers_of: HeadersOf) -> None:
    """Of nothing, from tomorrow, from before the account, or with a value date that the holder names."""
    await desk.open()
    await desk.to("2026-01-20")
    pay = {"reference": "P", "amount": "10"}
    await refused(desk, "/payments", pay | {"amount": "0"}, status=422, code="invalid_request")
    for day in ("2026-01-21", "2026-01-15"):
        await refused(desk, "/payments", pay | {"value_date": day}, status=422, code="card_value_date_invalid")
    desk.headers = await headers_of(Role.CUSTOMER, customer_id=desk.customer_id)
    late = pay | {"value_date": "2026-01-19"}
    await refused(desk, "/payments", late, status=422, code="card_value_date_for_staff")


async def test_a_reversal_of_what_was_refunded(desk: CardDesk) -> None:
    """4,000 of 5,000 can be reversed after 1,000 was refunded, once."""
    await desk.open()
    number = await desk.purchase("5000", "2026-01-20")
    await desk.post("/refunds", {"reference": "R", "amount": "1000", "purchase": number})
    undo = {"reason": "never made", "amount": "4000.01"}
    await refused(desk, f"/postings/{number}/undo", undo, status=409, code="card_posting_undone")
    undone = await desk.post(f"/postings/{number}/undo", {"reason": "never made"}, status=200)
    assert (undone["amount"], undone["owed"], undone["credit_balance"]) == (4000.0, 0, 0)
    await refused(desk, f"/postings/{number}/undo", {"reason": "again"}, status=409, code="card_posting_undone")
    paid = await desk.pay("10", "2026-01-21")
    await refused(desk, f"/postings/{paid}/undo", {"reason": "x", "amount": "11"}, status=409,
                  code="card_posting_undone")  # fmt: skip


async def test_plans_and_disputes(desk: CardDesk) -> None:
    await desk.open()
    small = await desk.purchase("1499.99", "2026-01-20")
    paid = await desk.pay("10", "2026-01-21")
    for posting, count, code in ((small, 3, "nothing_to_convert"), (paid, 3, "nothing_to_convert"),
                                 (99, 3, "nothing_to_convert")):  # fmt: skip
        body = {"purchase": posting, "instalments": count}
        await refused(desk, "/conversions", body, status=422, code=code)
    await refused(desk, "/plans/7/foreclose", {}, status=422, code="plan_not_found")
    for posting in (paid, 99):
        await refused(desk, "/disputes", {"posting": posting, "reason": "x"}, status=422, code="nothing_to_dispute")
    too_much = {"posting": small, "reason": "x", "amount": "1500"}
    await refused(desk, "/disputes", too_much, status=422, code="nothing_to_dispute")
    decide = {"winner": "holder", "reason": "x"}
    await refused(desk, f"/disputes/{small}/decide", decide, status=409, code="dispute_not_open")


async def test_a_cycle_is_not_made_longer_twice(desk: CardDesk) -> None:
    await desk.open()
    await desk.post("/statement-day", {"statement_day": 14}, status=200, verb="PUT")
    await desk.to("2026-03-10")
    await refused(desk, "/statement-day", {"statement_day": 19}, status=422, code="card_cycle_too_long", verb="PUT")
    assert (await desk.get("/statement-day?statement_day=19", status=422))["code"] == "card_cycle_too_long"
    moved = await desk.post("/statement-day", {"statement_day": 18}, status=200, verb="PUT")
    assert moved["next_statement_on"] == "2026-03-18"


async def test_on_a_closed_account(desk: CardDesk) -> None:
    """Nothing is posted to it. When the payment that closed it is returned, it is open again and can be paid."""
    await desk.open()
    await desk.purchase("5000", "2026-01-20")
    paid = await desk.pay("5000", "2026-01-25")
    await desk.post("/closing", status=200)
    posts: list[tuple[str, dict[str, Any]]] = [
        ("/payments", {"reference": "P", "amount": "1"}),
        ("/postings", {"reference": "C", "amount": "1"}),
        ("/payouts", {}),
        ("/closing", {}),
        ("/block", {}),
    ]
    for path, body in posts:
        await refused(desk, path, body, status=409, code="card_account_not_open")
    puts: list[tuple[str, dict[str, Any]]] = [("/limit", {"limit": "1"}), ("/statement-day", {"statement_day": 5})]
    for path, body in puts:
        await refused(desk, path, body, status=409, code="card_account_not_open", verb="PUT")
    await desk.to("2026-01-28")
    returned = await desk.post(f"/postings/{paid}/undo", {"reason": "returned unpaid"}, status=200)
    assert returned["owed"] == 5000.0
    account = await desk.get()
    assert (account["status"], account["owed"]) == ("open", 5000.0)
    await desk.pay("5000", "2026-01-30")
    closed = await desk.post("/closing", status=200)
    assert (closed["status"], closed["owed"], closed["credit_balance"]) == ("closed", 0, 0)


async def test_unknown_accounts(desk: CardDesk) -> None:
    await desk.open()
    desk.account_id = "CA-000999"
    assert (await desk.get(status=404))["code"] == "card_account_not_found"
    body = {"reference": "P", "amount": "1"}
    assert (await desk.post("/payments", body, status=404))["code"] == "card_account_not_found"
