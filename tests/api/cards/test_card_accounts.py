"""Card accounts over HTTP: authorisations and their captures, limits and controls, plans, disputes, closing."""

from datetime import date
from typing import Any

import httpx
import pytest

from app.domain.people.access import SYSTEM, Role
from app.services.cards import authorisations
from tests.api.cards.desk import CardDesk, references
from tests.api.conftest import HeadersOf

MERCHANT = {"name": "BIG BAZAAR MUMBAI", "category_code": "5411", "country": "IN"}


async def authorise(
    desk: CardDesk, amount: str, *, reference: str | None = None, status: int = 200, **more: Any
) -> Any:
    body = {
        "reference": reference or f"auth-{next(references)}",
        "amount": amount,
        "kind": "purchase",
        "merchant": MERCHANT,
        "card_token": desk.token,
        "transacted_at": "2026-01-20T12:00:00+05:30",
        **more,
    }
    return await desk.post("/authorisations", body, status=status)


async def refused(
    desk: CardDesk, path: str, body: dict[str, Any], *, status: int, code: str, verb: str = "POST"
) -> Any:
    """A refusal by name, after which nothing is different."""
    before = await desk.get(), await desk.get("/postings?limit=200"), await desk.get("/ledger?limit=200")
    answer = await desk.post(path, body, status=status, verb=verb)
    assert answer["code"] == code
    assert (await desk.get(), await desk.get("/postings?limit=200"), await desk.get("/ledger?limit=200")) == before
    return answer


async def test_an_authorisation_holds_and_is_captured_in_parts(desk: CardDesk) -> None:
    await desk.open(limit="10000")
    first = await authorise(desk, "6000", reference="A1")
    assert (first["approved"], first["available"], first["status"]) == (True, 4000.0, "open")
    again = await authorise(desk, "6000", reference="A1")
    assert (again["approved"], again["available"], again["replayed"]) == (True, 4000.0, True)
    other = await authorise(desk, "6001", reference="A1", status=409)
    assert other["code"] == "card_reference_reused"
    declined = await authorise(desk, "4000.01", reference="A2")
    assert (declined["approved"], declined["decline_code"]) == (False, "over_limit")
    part = await desk.post("/captures", {"authorisation": "A1", "reference": "C1", "amount": "2500", "final": False})
    assert (part["owed"], part["available"]) == (2500.0, 4000.0)
    await refused(
        desk, "/captures", {"authorisation": "A1", "reference": "C2", "amount": "4700.01"},
        status=422, code="capture_above_hold",
    )  # fmt: skip
    rest = await desk.post("/captures", {"authorisation": "A1", "reference": "C2", "amount": "3000"})
    assert (rest["owed"], rest["available"]) == (5500.0, 4500.0)
    repeated = await desk.post("/captures", {"authorisation": "A1", "reference": "C2", "amount": "3000"})
    assert (repeated["replayed"], repeated["posting"]) == (True, rest["posting"])
    await refused(
        desk, "/captures", {"authorisation": "A1", "reference": "C3", "amount": "1"}, status=409, code="hold_not_open"
    )
    account = await desk.get()
    assert (account["held"], account["owed"]) == (0, 5500.0)


async def test_a_hold_is_reversed_or_expires(desk: CardDesk) -> None:
    await desk.open(limit="10000")
    await authorise(desk, "6000", reference="A1")
    reversed_ = await desk.post("/reversals", {"authorisation": "A1"}, status=200)
    assert (reversed_["status"], reversed_["available"]) == ("reversed", 10000.0)
    again = await desk.post("/reversals", {"authorisation": "A1"}, status=200)
    assert (again["replayed"], again["available"]) == (True, 10000.0)
    await authorise(desk, "7000", reference="A2")
    await desk.to("2026-01-22")
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await authorisations.expire_holds(uow) == 0
    await desk.to("2026-01-23")
    for expired in (1, 0):
        async with desk.uow_factory.open(SYSTEM) as uow:
            assert await authorisations.expire_holds(uow) == expired
    assert (await desk.get())["available"] == 10000.0
    late = await desk.post("/captures", {"authorisation": "A2", "reference": "C1", "amount": "7000"})
    assert (late["owed"], late["available"]) == (7000.0, 3000.0)


async def test_a_clearing_may_go_over_the_limit_and_then_nothing_is_approved(desk: CardDesk) -> None:
    await desk.open(limit="1000")
    await desk.purchase("1200", "2026-01-20")
    assert (await desk.get())["available"] == -200.0
    assert (await authorise(desk, "1"))["decline_code"] == "over_limit"
    await desk.post("/over-limit-consent", {"consents": True}, status=200, verb="PUT")
    assert (await authorise(desk, "1"))["decline_code"] == "over_limit"
    await desk.pay("1200", "2026-01-21")
    assert (await authorise(desk, "1100"))["approved"]
    assert (await authorise(desk, "1"))["decline_code"] == "over_limit"


@pytest.mark.parametrize(
    "controls,asked,code",
    [
        ({"per_transaction": 500}, {"amount": "500.01"}, "control_transaction"),
        ({"per_day": 900}, {"amount": "500"}, "control_day"),
        ({"cash": False}, {"amount": "1", "kind": "cash"}, "control_kind"),
        ({"online": False}, {"amount": "1", "online": True}, "control_online"),
        ({"blocked_categories": ["5411"]}, {"amount": "1"}, "control_category"),
        ({"countries": ["AE"]}, {"amount": "1"}, "control_country"),
        ({}, {"amount": "4000.01", "kind": "cash"}, "over_cash_limit"),
    ],
)
async def test_controls_decline(desk: CardDesk, controls: dict[str, Any], asked: dict[str, Any], code: str) -> None:
    await desk.open(limit="10000")
    assert (await authorise(desk, "500"))["approved"]
    set_to = await desk.client.put(f"/api/v1/cards/{desk.token}/controls", json=controls, headers=desk.headers)
    assert set_to.status_code == 200, set_to.text
    declined = await authorise(desk, asked.pop("amount"), **asked)
    assert (declined["approved"], declined["decline_code"]) == (False, code)


async def test_blocks_and_a_lost_card(desk: CardDesk) -> None:
    await desk.open()
    await desk.post("/block", status=200)
    assert (await authorise(desk, "1"))["decline_code"] == "account_blocked"
    await desk.post("/unblock", status=200)
    replaced = await desk.client.post(f"/api/v1/cards/{desk.token}/replace", headers=desk.headers)
    assert (await authorise(desk, "1"))["decline_code"] == "card_blocked"
    desk.token = replaced.json()["token"]
    assert (await authorise(desk, "1"))["approved"]


async def test_another_customers_account_is_not_there(desk: CardDesk, headers_of: HeadersOf) -> None:
    await desk.open()
    desk.headers = await headers_of(Role.CUSTOMER, customer_id=9)
    for path in ("", "/statements", "/postings", "/ledger", "/what-if", "/closing-quote", "/cards", "/authorisations"):
        assert (await desk.get(path, status=404))["code"] == "card_account_not_found"


async def test_a_purchase_is_converted_and_foreclosed(desk: CardDesk) -> None:
    await desk.open()
    number = await desk.purchase("12000", "2026-01-20")
    first = await desk.statement("2026-02-15")
    assert (first["total_due"], first["minimum_due"]) == (12000.0, 600.0)
    await desk.to("2026-02-20")
    await refused(desk, "/conversions", {"purchase": number, "instalments": 2}, status=422, code="plan_not_offered")
    account = await desk.post("/conversions", {"purchase": number, "instalments": 3})
    (plan,) = account["plans"]
    assert (plan["principal"], plan["instalments_left"], account["unbilled_plans"]) == (12000.0, 3, 12000.0)
    # What the statement asks for is worked out again without it; the fee of 1 % and its tax come with the next one.
    assert account["due"] == []
    assert (account["buckets"]["fees"], account["buckets"]["tax"]) == (120.0, 21.6)
    second = await desk.statement("2026-03-15")
    kinds = {one["kind"]: one["owed"] for one in second["postings"]}
    assert kinds["instalment"] == second["buckets"]["instalments"]
    assert kinds["plan_interest"] == second["buckets"]["interest"]
    assert second["minimum"]["instalments"] == kinds["instalment"]
    await desk.to("2026-03-20")
    left = (await desk.get())["unbilled_plans"]
    assert left == 12000.0 - kinds["instalment"]
    owed = (await desk.get())["owed"]
    quote = await desk.get(f"/plans/{plan['plan']}/foreclosure-quote")
    # 5 of the 31 days of 100.40; the fee of 3 %; 2.91 and 43.37 of GST.
    assert quote == {
        "on": "2026-03-20", "total": 8335.27, "principal": left, "interest": 16.19, "fee": 240.96, "tax": 46.28,
    }  # fmt: skip
    assert (await desk.get("/plans/99/foreclosure-quote", status=422))["code"] == "plan_not_found"
    done = await desk.post(f"/plans/{plan['plan']}/foreclose", status=200)
    assert round(done["owed"] - owed, 2) == quote["total"]
    assert (done["plans"], done["unbilled_plans"]) == ([], 0)
    assert done["buckets"]["instalments"] == 12000.0


async def test_a_dispute_is_set_aside_and_decided(desk: CardDesk) -> None:
    await desk.open(limit="10000")
    number = await desk.purchase("4000", "2026-01-20")
    await desk.statement("2026-02-15")
    await desk.to("2026-02-20")
    account = await desk.post("/disputes", {"posting": number, "reason": "never came"})
    assert (account["owed"], account["disputed"], account["available"]) == (0, 4000.0, 6000.0)
    assert account["due"] == []
    (dispute,) = account["disputes"]
    await refused(desk, "/disputes", {"posting": number, "reason": "again"}, status=422, code="nothing_to_dispute")
    await desk.to("2026-03-20")
    lost = await desk.post(
        f"/disputes/{dispute['dispute']}/decide", {"winner": "merchant", "reason": "delivered"}, status=200
    )
    assert (lost["owed"], lost["disputed"]) == (4000.0, 0)
    third = await desk.statement("2026-04-15")
    assert (third["total_due"], [one for one in third["postings"] if one["kind"] == "interest"]) == (4000.0, [])


async def test_a_dispute_that_the_holder_wins_gives_back_what_was_paid(desk: CardDesk, headers_of: HeadersOf) -> None:
    await desk.open()
    number = await desk.purchase("4000", "2026-01-20")
    await desk.pay("4000", "2026-02-01")
    account = await desk.post("/disputes", {"posting": number, "reason": "never came"})
    dispute = account["disputes"][0]["dispute"]
    won = await desk.post(f"/disputes/{dispute}/decide", {"winner": "holder", "reason": "no proof"}, status=200)
    assert (won["owed"], won["disputed"], won["credit_balance"], won["disputes"]) == (0, 0, 4000.0, [])
    # Who reported the money and decided the dispute does not pay it out as well.
    answer = await refused(desk, "/payouts", {}, status=422, code="credit_on_word_alone")
    assert answer["figures"] == {"free": 0}
    desk.headers = await headers_of(Role.ADMIN)
    paid_out = await desk.post("/payouts", {})
    assert (paid_out["amount"], paid_out["credit_balance"], paid_out["owed"]) == (4000.0, 0, 0)


async def test_bad_requests_are_refused_by_name(desk: CardDesk) -> None:
    await desk.open(limit="10000")
    await refused(desk, "/refunds", {"reference": "R1", "amount": "10"}, status=422, code="refund_without_purchase")
    await refused(desk, "/statement-day", {"statement_day": 29}, status=422, code="statement_day_invalid", verb="PUT")
    await refused(desk, "/limit", {"limit": "20000"}, status=422, code="card_limit_not_requested", verb="PUT")
    await desk.purchase("5000", "2026-01-20")
    await refused(desk, "/limit", {"limit": "4000"}, status=422, code="card_limit_below_use", verb="PUT")
    await refused(desk, "/closing", {}, status=422, code="card_account_still_owed")
    await refused(desk, "/payouts", {}, status=422, code="no_credit_balance")
    late = {"reference": "P1", "amount": "10", "value_date": "2026-01-21"}
    await refused(desk, "/payments", late, status=422, code="card_value_date_invalid")
    await refused(desk, "/postings/99/undo", {"reason": "x"}, status=404, code="card_posting_not_found")


async def test_an_account_is_closed_with_its_trailing_interest(desk: CardDesk) -> None:
    await desk.open()
    await desk.purchase("10000", "2026-01-20", kind="cash")
    await desk.statement("2026-02-15")
    await desk.to("2026-02-20")
    quote = await desk.get("/closing-quote?on=2026-02-25")
    # 10,000 x 10 days are left of the cash: 115.07 and 20.71 of tax.
    assert (quote["interest"], quote["tax"]) == (115.07, 20.71)
    await desk.pay(str(quote["total"]), "2026-02-25")
    assert (await desk.get("/closing-quote"))["total"] == 0
    closed = await desk.post("/closing", status=200)
    assert (closed["status"], closed["owed"], closed["credit_balance"]) == ("closed", 0, 0)
    payment = {"reference": "late", "amount": "1"}
    await refused(desk, "/payments", payment, status=409, code="card_account_not_open")
    assert (await authorise(desk, "1"))["decline_code"] == "account_closed"


async def test_a_closed_account_is_refunded_by_two_people(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    await desk.open()
    purchase = await desk.purchase("5000", "2026-01-20")
    await desk.pay("5000", "2026-01-25")
    await desk.post("/closing", status=200)
    await desk.to("2026-03-10")
    refund = {"reference": "R1", "amount": "1200.50", "purchase": purchase, "refunded_on": "2026-03-08"}
    taken = await desk.post("/refunds", refund)
    assert (taken["owed"], taken["credit_balance"], taken["value_date"]) == (0, 1200.5, "2026-03-08")
    assert (await desk.post("/refunds", refund))["posting"] == taken["posting"]
    account = await desk.get()
    assert (account["status"], account["credit_balance"], account["refund_questions"]) == ("closed", 1200.5, [])
    await refused(desk, "/payouts", {}, status=409, code="card_account_not_open")
    await desk.run("2026-06-10")
    admin = await headers_of(Role.ADMIN)
    proposed = {"kind": "card_refund", "card_account_id": desk.account_id, "amount": "1200.51", "reason": "refund"}
    keys = [{**desk.headers, "Idempotency-Key": f"key-{next(references)}"} for _ in range(2)]
    beyond = await client.post("/api/v1/proposals", json=proposed, headers=keys[0])
    assert (beyond.status_code, beyond.json()["code"]) == (422, "no_credit_balance")
    made = await client.post("/api/v1/proposals", json={**proposed, "amount": "1200.50"}, headers=keys[1])
    assert made.status_code == 201, made.text
    assert (await desk.get())["credit_balance"] == 1200.5
    approved = await client.post(f"/api/v1/proposals/{made.json()['proposal_id']}/approve", headers=admin)
    assert approved.status_code == 200, approved.text
    assert approved.json()["result"]["amount"] == 1200.5
    account = await desk.get()
    assert (account["status"], account["owed"], account["credit_balance"]) == ("closed", 0, 0)
    await desk.reconcile()


async def test_what_is_shown_ahead_is_what_happens(desk: CardDesk) -> None:
    await desk.open()
    await desk.purchase("10000", "2026-01-20")
    await desk.statement("2026-02-15")
    outlook, fixed = await desk.get("/what-if?amount=3000")
    assert (fixed["pays"], fixed["statements"] < outlook["statements"]) == ("amount", True)
    for month in outlook["months"][:4]:
        statement = await desk.statement(month["statement_on"])
        assert (statement["total_due"], statement["minimum_due"]) == (month["total_due"], month["minimum_due"])
        await desk.pay(str(month["paid"]), month["due_on"])


async def test_the_statement_day_is_moved(desk: CardDesk) -> None:
    await desk.open()
    move = await desk.get("/statement-day?statement_day=5")
    assert (move["would_end_on"], move["ends_on"]) == ("2026-02-15", "2026-03-05")
    assert move["longest_interest_free_days"] == 48 + 20
    await desk.post("/statement-day", {"statement_day": 5}, status=200, verb="PUT")
    await desk.purchase("100", "2026-02-20")
    assert (await desk.statement("2026-03-05"))["due_on"] == "2026-03-25"


async def test_a_limit_is_raised_and_an_account_charged_off_by_two_people(
    desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    await desk.open(limit="10000")
    await desk.purchase("5000", "2026-01-20")
    admin = await headers_of(Role.ADMIN)
    for body, figures in (
        ({"kind": "card_limit", "limit": 20000}, {"limit": 20000.0, "previous_limit": 10000.0}),
        ({"kind": "card_charge_off"}, {"charged_off": 5000.0}),
    ):
        made = await client.post(
            "/api/v1/proposals",
            json={**body, "card_account_id": desk.account_id, "reason": "review"},
            headers={**desk.headers, "Idempotency-Key": f"key-{next(references)}"},
        )
        assert made.status_code == 201, made.text
        number = made.json()["proposal_id"]
        approved = await client.post(f"/api/v1/proposals/{number}/approve", headers=admin)
        assert approved.status_code == 200, approved.text
        result = {name: amount for name, amount in approved.json()["result"].items() if amount is not None}
        assert result == figures
    account = await desk.get()
    assert (account["status"], account["limit"], account["owed"]) == ("charged_off", 20000.0, 0)


async def test_missed_days_and_a_second_run_make_the_same_statements(desk: CardDesk) -> None:
    await desk.open()
    await desk.purchase("10000", "2026-01-20")
    run = await desk.run("2026-05-20")
    assert (run.accounts, run.statements, run.parked) == (1, 4, 0)
    statements = await desk.get("/statements")
    again = await desk.run("2026-05-20")
    assert (again.accounts, again.statements) == (0, 0)
    assert await desk.get("/statements") == statements
    assert [one["statement_on"] for one in statements["items"]] == [
        "2026-05-15",
        "2026-04-15",
        "2026-03-15",
        "2026-02-15",
    ]
    assert date.fromisoformat(statements["items"][0]["due_on"]) == date(2026, 6, 4)
