"""The audit trail over HTTP: what each deed leaves in it, and who may read it."""

from datetime import date
from typing import Any

import httpx

from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.operations import audit
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, decode_key
from tests.api.conftest import HeadersOf, Time
from tests.api.stories import Story, bearer
from tests.services.lending_desk import LendingHelper

PERSON = {"name": "Ravi Iyer", "email": "ravi@example.com", "aadhar_id": "234123412346", "annual_income": 600_000}
PASSWORD = "correct horse battery"
LOAN = {"user_id": "BC-USER-001", "product": "CREDIT_CARD", "amount": 5000, "tenure_months": 12, "purpose": "CARD"}


async def trail(client: httpx.AsyncClient, admin: dict[str, str], **wanted: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/audit/events", params={"limit": 200, **wanted}, headers=admin)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


async def deeds(client: httpx.AsyncClient, admin: dict[str, str], **wanted: Any) -> list[str]:
    return [event["action"] for event in await trail(client, admin, **wanted) if event["action"] != "principal_made"]


async def sign_in(client: httpx.AsyncClient, password: str) -> httpx.Response:
    return await client.post("/api/v1/auth/token", data={"username": PERSON["email"], "password": password})


async def test_what_a_customer_and_their_lender_do_is_in_the_trail(story: Story, headers_of: HeadersOf) -> None:
    client = story.client
    answer = await client.post("/api/v1/users/register", json={**PERSON, "annual_income": 1_500_000})
    ravi = bearer(answer.json()["access_token"])
    await story.add_statement(1, [("2026-01-31", 900_000)])
    await story.work_off()
    assert (await client.post("/api/v1/loans/apply", json=LOAN, headers=ravi)).status_code == 201
    card = (await client.get("/api/v1/loans/LN-2026-0001/card", headers=ravi)).json()
    for action in ("block", "unblock"):
        assert (await client.post(f"/api/v1/cards/{card['token']}/{action}", headers=ravi)).status_code == 200
    story.move_to(date(2026, 12, 21))
    admin = await headers_of(Role.ADMIN)
    run = (await client.post("/api/v1/billing/runs", headers=admin)).json()["run_id"]
    for action in ("pause", "resume", "cancel"):
        assert (await client.post(f"/api/v1/billing/runs/{run}/{action}", headers=admin)).status_code == 200
    moved = await client.put("/api/v1/clock", json={"business_date": "2026-12-22"}, headers=admin)
    assert moved.status_code == 200
    assert await deeds(client, admin) == [
        "customer_registered", "application_approved", "card_blocked", "card_unblocked", "run_started", "run_paused",
        "run_running", "run_cancelled", "clock_set",
    ]  # fmt: skip
    assert await deeds(client, admin, customer_id=1) == [
        "customer_registered", "application_approved", "card_blocked", "card_unblocked",
    ]  # fmt: skip


async def test_a_payment_says_who_took_it_from_where_and_in_which_request(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    officer: dict[str, str],
    admin: dict[str, str],
) -> None:
    loan = await LendingHelper(uow_factory).disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    body = {"loan_id": loan.number, "amount": 100.5, "reference_id": "R-1"}
    headers = officer | {"X-Request-ID": "request-0001"}
    for replayed in (False, True):
        answer = await client.post("/api/v1/loans/payments", json=body, headers=headers)
        assert (answer.status_code, answer.json()["replayed"]) == (201, replayed)
    beyond = await client.post(
        "/api/v1/loans/payments", json=body | {"amount": 60_000, "reference_id": "R-2"}, headers=headers
    )
    assert beyond.json()["code"] == "amount_beyond_payoff"
    (event,) = await trail(client, admin, action="payment_taken")
    assert event["actor"].startswith("officer:")
    assert (event["object_kind"], event["object_id"], event["request_id"]) == ("payment", "PM-000001", "request-0001")
    assert (event["customer_id"], event["details"]) == (
        "BC-USER-1001", {"loan_id": "LN-2026-0001", "amount_paise": 10050},
    )  # fmt: skip
    assert event["client_address"] == "127.0.0.1"


async def test_what_an_event_is_about_has_its_public_id_and_is_found_by_it(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    officer: dict[str, str],
    admin: dict[str, str],
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    paid = (await lending.pay(loan, amount=100_00)).payment_id
    await lending.reverse(paid)
    async with uow_factory.open(SYSTEM) as uow:
        for kind, number in (("loan", loan.number), ("loan", 99), ("billing_run", 1), ("application", 34)):
            await uow.record("noted", object_kind=kind, object_id=str(number), customer_id=1001)
        await uow.record("noted", object_kind="card", object_id="LN-2026-0001", customer_id=1001)
    found = [(event["object_kind"], event["object_id"]) for event in await trail(client, admin, customer_id=1001)]
    assert found == [
        ("payment", "PM-000001"), ("payment", "PM-000001"), ("loan", "LN-2026-0001"), ("loan", "99"),
        ("billing_run", "1"), ("application", "AP-000034"), ("card", "LN-2026-0001"),
    ]  # fmt: skip
    assert [event["details"].get("loan_id") for event in await trail(client, admin, object_id="PM-000001")] == [
        "LN-2026-0001", "LN-2026-0001",
    ]  # fmt: skip
    of_loan = await trail(client, admin, object_id="LN-2026-0001", customer_id="BC-USER-1001")
    assert [event["object_kind"] for event in of_loan] == ["loan", "card"]
    assert [event["object_kind"] for event in await trail(client, admin, object_id="1", object_kind="billing_run")] == [
        "billing_run"
    ]


async def test_signing_in_and_being_refused(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await client.post("/api/v1/users/register", json={**PERSON, "password": PASSWORD})
    assert (await sign_in(client, "not the password")).status_code == 401
    tokens = (await sign_in(client, PASSWORD)).json()
    body = {"current_password": PASSWORD, "new_password": "another horse battery"}
    headers = bearer(tokens["access_token"])
    tokens = (await client.put("/api/v1/auth/password", json=body, headers=headers)).json()
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await client.post("/api/v1/auth/logout", json=body)).status_code == 204
    unknown = {"username": "nobody@example.com", "password": "my secret in the wrong place"}
    assert (await client.post("/api/v1/auth/token", data=unknown)).status_code == 401

    events = await trail(client, admin)

    whose = next(event["object_id"] for event in events if event["action"] == "sign_in_refused")
    assert [(event["action"], event["object_id"]) for event in events[-5:]] == [
        ("sign_in_refused", whose),
        ("signed_in", whose),
        ("password_changed", whose),
        ("signed_out", whose),
        ("sign_in_refused", "unknown"),
    ]
    assert {event["client_address"] for event in events[-5:]} == {"127.0.0.1"}
    assert all(event["request_id"] for event in events[-5:])
    assert not any(secret in str(events) for secret in ("horse", "secret", "234123412346", "nobody@"))


async def test_each_sign_in_and_out_is_the_deed_of_the_person(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, admin: dict[str, str]
) -> None:
    made = await client.post("/api/v1/users/register", json={**PERSON, "password": PASSWORD})
    assert made.status_code == 201
    tokens = (await sign_in(client, PASSWORD)).json()
    again = (await client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})).json()
    for _ in range(2):  # The second time nobody is signed in any more.
        out = await client.post("/api/v1/auth/logout", json={"refresh_token": again["refresh_token"]})
        assert out.status_code == 204
    login = await client.post("/api/login/", json={"aadhar_id": PERSON["aadhar_id"], "password": PASSWORD})
    headers = bearer(login.json()["access_token"])
    body = {"current_password": PASSWORD, "new_password": "another horse battery"}
    tokens = (await client.put("/api/v1/auth/password", json=body, headers=headers)).json()
    everywhere = await client.post("/api/v1/auth/logout-everywhere", headers=bearer(tokens["access_token"]))
    assert everywhere.status_code == 204
    assert (await client.post("/api/v1/auth/logout", json={"refresh_token": "krt_unknown"})).status_code == 204
    assert (await sign_in(client, "not the password")).status_code == 401

    events = await trail(client, admin)

    whose = next(event["object_id"] for event in events if event["action"] == "signed_in")
    ravi = f"customer:{whose}"
    assert [(event["action"], event["actor"], event["object_id"]) for event in events[1:]] == [
        ("principal_made", ravi, whose),
        ("customer_registered", ravi, "BC-USER-001"),
        ("signed_in", ravi, whose),
        ("signed_out", ravi, whose),
        ("signed_in", ravi, whose),
        ("password_changed", ravi, whose),
        ("signed_out_everywhere", ravi, whose),
        ("sign_in_refused", "anonymous", whose),
    ]


async def test_a_stolen_refresh_token_is_nobodys_deed(
    client: httpx.AsyncClient, time: Time, admin: dict[str, str]
) -> None:
    await client.post("/api/v1/users/register", json={**PERSON, "password": PASSWORD})
    body = {"refresh_token": (await sign_in(client, PASSWORD)).json()["refresh_token"]}
    assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 200
    time.advance(seconds=11)
    assert (await client.post("/api/v1/auth/refresh", json=body)).json()["code"] == "token_reused"
    (event,) = await trail(client, admin, action="refresh_token_reused")
    assert (event["actor"], event["object_kind"]) == ("anonymous", "principal")


async def test_who_makes_an_account_or_a_token_is_named(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    body = {"name": "nightly", "scopes": ["billing:run"], "days": 30}
    made = await client.post("/api/v1/auth/service-tokens", json=body, headers=admin)
    assert made.status_code == 201, made.text
    number = made.json()["service_id"]
    assert (await client.delete(f"/api/v1/auth/service-tokens/{number}", headers=admin)).status_code in (200, 204)
    await client.post("/api/v1/users/register", json={**PERSON, "external_id": "7001"}, headers=admin)
    events = (await trail(client, admin))[1:]
    assert [event["action"] for event in events] == [
        "service_token_made", "service_token_revoked", "principal_made", "customer_registered",
    ]  # fmt: skip
    (actor,) = {event["actor"] for event in events}
    assert actor.startswith("admin:")


async def test_the_trail_is_for_admins_and_read_page_by_page(
    client: httpx.AsyncClient, settings: Settings, headers_of: HeadersOf, admin: dict[str, str], story: Story
) -> None:
    for role in (Role.OFFICER, Role.SERVICE):
        headers = await headers_of(role)
        for path in ("/api/v1/audit/events", "/api/v1/audit/head"):
            assert (await client.get(path, headers=headers)).status_code == 403
    assert (await client.get("/api/v1/audit/head", headers=admin)).json() == {"head": None}
    assert await audit.seal_events(story.uow_factory, key=decode_key(settings.audit_key)) == 3
    assert (await client.get("/api/v1/audit/head", headers=admin)).json()["head"].startswith("1:")
    first = (await client.get("/api/v1/audit/events?limit=2", headers=admin)).json()
    rest = (await client.get(f"/api/v1/audit/events?limit=2&cursor={first['next_cursor']}", headers=admin)).json()
    assert [event["details"]["role"] for event in [*first["items"], *rest["items"]]] == ["service", "officer", "admin"]
    assert rest["next_cursor"] is None
    assert (await client.get("/api/v1/audit/events?action=<b>", headers=admin)).status_code == 422
