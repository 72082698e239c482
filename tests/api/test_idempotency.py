"""One deed, however often it is asked for: every route that moves money or makes an obligation, walked in a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import func, insert, select

from app.api.deps import get_client_key
from app.db.models import (
    Application,
    AuditEvent,
    BookPeriod,
    CardPosting,
    CollectionCase,
    CollectionEntry,
    Concession,
    Customer,
    Loan,
    Payment,
    Proposal,
    Transfer,
    UserAccount,
)
from app.domain.people.access import SYSTEM, Actor, Role
from app.services.idempotency import Claim, claim
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
ACCOUNT = "/api/v1/card-accounts/{account}"
PERIODS = "/api/v1/accounting/periods"
FLOOR = "/api/v1/collections"
BOOKS = (
    Application, BookPeriod, Concession, Customer, Loan, Payment, Proposal, Transfer, AuditEvent, CardPosting,
    CollectionEntry,
)  # fmt: skip

#: Writes that take no key, each with what makes a repeat harmless.
UNKEYED = {
    "POST /api/register-user": "the Aadhaar number and the e-mail address are one customer's",
    "POST /api/v1/users/register": "the Aadhaar number and the e-mail address are one customer's",
    "POST /api/v1/users/{}/aadhaar/reveal": "moves nothing, and every look leaves its own trace",
    "POST /api/v1/users/search": "changes nothing, and every search leaves its own trace",
    "PATCH /api/v1/users/{}": "the values are the same however often they are written",
    "POST /api/login": "moves nothing",
    "POST /api/v1/auth/token": "moves nothing",
    "POST /api/v1/auth/refresh": "a refresh token is good once",
    "POST /api/v1/auth/logout-everywhere": "what is ended stays ended",
    "POST /api/v1/auth/service-tokens": "a repeat is another token, which moves nothing and is listed to be revoked",
    "DELETE /api/v1/auth/service-tokens/{}": "what is ended stays ended",
    "POST /api/v1/auth/logout": "what is ended stays ended",
    "PUT /api/v1/auth/password": "the present password is part of the request",
    "POST /api/v1/applications/{}/key-facts/acceptance": "accepted once; a repeat is answered with its loan",
    "POST /api/v1/lender": "a version is a new row with the same words; it moves nothing, and the latest counts",
    "POST /api/v1/products": "a version is offered from a day, once; it moves nothing",
    "POST /api/v1/loans/quote": "stores nothing",
    "POST /api/v1/loans/apr": "stores nothing",
    "POST /api/v1/loans/{}/simulate": "stores nothing",
    "POST /api/v1/credit/scores/{}/replay": "stores nothing",
    "POST /check-eligibility": "stores nothing",
    "POST /api/v1/cards/{}/block": "a blocked card stays blocked",
    "POST /api/v1/cards/{}/unblock": "a good card stays good",
    "PUT /api/v1/cards/{}/controls": "the values are the same however often they are written",
    "POST /api/v1/card-accounts/{}/authorisations": "the network's reference is its key for ever",
    "POST /api/v1/card-accounts/{}/captures": "the network's reference is its key for ever",
    "POST /api/v1/card-accounts/{}/reversals": "what is let go of stays let go of",
    "POST /api/v1/card-accounts/{}/postings": "the network's reference is its key for ever",
    "POST /api/v1/card-accounts/{}/payments": "the reference is its key for ever",
    "POST /api/v1/card-accounts/{}/refunds": "the network's reference is its key for ever",
    "POST /api/v1/card-accounts/{}/credits/keep": "what is kept stays kept",
    "PUT /api/v1/card-accounts/{}/limit": "the limit is the same however often it is written",
    "PUT /api/v1/card-accounts/{}/over-limit-consent": "a state",
    "POST /api/v1/card-accounts/{}/block": "a blocked account stays blocked",
    "POST /api/v1/card-accounts/{}/unblock": "a good account stays good",
    "PUT /api/v1/card-accounts/{}/statement-day": "the day is the same however often it is written",
    "PUT /api/v1/card-accounts/{}/always-statement": "a state",
    "POST /api/v1/billing/runs": "one run is open for a date, and a cycle has one bill",
    "POST /api/trigger-billing-cron": "one run is open for a date, and a cycle has one bill",
    "POST /api/v1/billing/runs/{}/pause": "a state",
    "POST /api/v1/webhooks/endpoints": "the answer has a secret, which is not stored; a second endpoint is listed",
    "PATCH /api/v1/webhooks/endpoints/{}": "a state",
    "DELETE /api/v1/webhooks/endpoints/{}": "what is removed stays removed",
    "POST /api/v1/webhooks/endpoints/{}/rotate-secret": "the answer has a secret, which is not stored",
    "POST /api/v1/webhooks/endpoints/{}/redeliver": "a webhook may come twice anyway",
    "POST /api/v1/webhooks/endpoints/{}/deliveries/{}/redeliver": "a webhook may come twice anyway",
    "POST /api/v1/billing/runs/{}/resume": "a state",
    "POST /api/v1/billing/runs/{}/cancel": "a state",
    "POST /api/v1/billing/runs/{}/retry": "one run is open for a date, and a cycle has one bill",
    "POST /api/v1/imports": "a file is known by its content",
    "PUT /api/v1/collections/views": "a view has a name, and is the same however often it is saved",
    "DELETE /api/v1/collections/views/{}": "what is removed stays removed",
    "PUT /api/v1/clock": "a date, which only moves forward",
    "PATCH /api/v1/accounting/chart": "the values are the same however often they are written",
    "POST /api/v1/loans/{}/small-balance": "a loan is closed once, and a repeat is refused",
    "POST /api/v1/loans/{}/changes/simulate": "a question",
    "POST /api/v1/loans/{}/charges/simulate": "a question",
    "POST /api/v1/loans/{}/due-day": "the day is the loan's already, and a repeat is refused",
    "POST /api/v1/loans/{}/changes/{}/undo": "a change is undone once, and a repeat is refused",
    "POST /api/v1/loans/{}/rate-notices": "one notice for a day, and a repeat is refused",
    "POST /api/v1/loans/{}/rate-notices/{}/choice": "a state: the last choice counts",
    "POST /api/v1/calendars/{}/holidays": "a holiday that is there stays",
    "POST /api/v1/benchmarks": "a rate from a day never changes, and a repeat is refused",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A request that changes the books, and the same address with another body."""

    path: str
    body: Mapping[str, Any]
    other: Mapping[str, Any]
    by: str = "officer"


#: `{payment}` and the like are filled in from the world.
CASES = {
    "POST /api/v1/loans/payments": Case(
        "/api/v1/loans/payments", {"loan_id": "{loan}", "amount": 100}, {"loan_id": "{loan}", "amount": 101}
    ),
    "POST /api/v1/loans/{}/rate-resets": Case(
        "/api/v1/loans/{loan}/rate-resets", {"annual_rate": 9}, {"annual_rate": 8}
    ),
    "POST /api/v1/payments/{}/reverse": Case(
        "/api/v1/payments/{payment}/reverse", {"reason": "returned"}, {"reason": "other"}
    ),
    "POST /api/v1/loans/{}/charges": Case(
        "/api/v1/loans/{charged}/charges",
        {"charge": "duplicate_statement", "reason": "asked for"},
        {"charge": "duplicate_statement", "reason": "another one"},
    ),
    "POST /api/v1/loans/{}/charges/{}/take-back": Case(
        "/api/v1/loans/{charged}/charges/{charge}/take-back", {"reason": "honoured"}, {"reason": "other"}
    ),
    "POST /api/v1/loans/apply": Case(
        "/api/v1/loans/apply",
        {"user_id": "{customer}", "product": "STANDARD_LOAN", "amount": 60000, "tenure_months": 12, "annual_rate": 14},
        {"user_id": "{customer}", "product": "STANDARD_LOAN", "amount": 70000, "tenure_months": 12, "annual_rate": 14},
    ),
    "POST /api/v1/proposals": Case(
        "/api/v1/proposals",
        {"kind": "write_off", "loan_id": "{late}", "reason": "one"},
        {"kind": "write_off", "loan_id": "{late}", "reason": "two"},
    ),
    "POST /api/v1/proposals/{}/approve": Case(
        "/api/v1/proposals/{proposal}/approve", {"note": "seen"}, {"note": "again"}, by="admin"
    ),
    "POST /api/v1/proposals/{}/reject": Case(
        "/api/v1/proposals/{proposal}/reject", {"note": "seen"}, {"note": "again"}, by="admin"
    ),
    "POST /api/v1/proposals/{}/withdraw": Case("/api/v1/proposals/{proposal}/withdraw", {"note": "seen"}, {}),
    "POST /api/apply-loan": Case(
        "/api/apply-loan/",
        {"user": "{customer}", "loan_type": "STANDARD_LOAN", "amount": 60000, "loan_term": 12, "interest_rate": 14},
        {"user": "{customer}", "loan_type": "STANDARD_LOAN", "amount": 60000, "loan_term": 13, "interest_rate": 14},
    ),
    "POST /api/make-payment": Case(
        "/api/make-payment/", {"loan": "{loan}", "amount": 100}, {"loan": "{loan}", "amount": 101}
    ),
    "POST /api/pay-emi": Case("/api/pay-emi/", {"loan": "{loan}", "amount": 100}, {"loan": "{loan}", "amount": 101}),
    "POST /create-loan": Case(
        "/create-loan",
        {"customer_id": "{customer}", "loan_amount": 60000, "interest_rate": 14, "tenure": 12},
        {"customer_id": "{customer}", "loan_amount": 60000, "interest_rate": 14, "tenure": 13},
    ),
    "POST /api/v1/card-accounts": Case(
        "/api/v1/card-accounts",
        {"user_id": "{customer}", "limit": 10000, "statement_day": 5},
        {"user_id": "{customer}", "limit": 20000, "statement_day": 5},
    ),
    "POST /api/v1/card-accounts/{}/cards": Case(f"{ACCOUNT}/cards", {"name": "RAVI"}, {"name": "ASHA"}),
    "POST /api/v1/card-accounts/{}/postings/{}/undo": Case(
        f"{ACCOUNT}/postings/{{purchase}}/undo", {"reason": "cancelled"}, {"reason": "fraud"}
    ),
    "POST /api/v1/card-accounts/{}/payouts": Case(
        "/api/v1/card-accounts/{in_credit}/payouts", {"amount": 100}, {"amount": 200}
    ),
    "POST /api/v1/card-accounts/{}/conversions": Case(
        f"{ACCOUNT}/conversions",
        {"purchase": "{purchase}", "instalments": 3},
        {"purchase": "{purchase}", "instalments": 6},
    ),
    "POST /api/v1/card-accounts/{}/plans/{}/foreclose": Case(f"{ACCOUNT}/plans/{{plan}}/foreclose", {}, {"other": 1}),
    "POST /api/v1/card-accounts/{}/disputes": Case(
        f"{ACCOUNT}/disputes",
        {"posting": "{purchase}", "reason": "never came"},
        {"posting": "{purchase}", "reason": "broken"},
    ),
    "POST /api/v1/card-accounts/{}/disputes/{}/decide": Case(
        f"{ACCOUNT}/disputes/{{dispute}}/decide",
        {"winner": "merchant", "reason": "delivered"},
        {"winner": "holder", "reason": "no proof"},
    ),
    "POST /api/v1/card-accounts/{}/terms": Case(f"{ACCOUNT}/terms", {"version": 1}, {"version": 2}),
    "POST /api/v1/card-accounts/{}/closing": Case("/api/v1/card-accounts/{in_credit}/closing", {}, {"other": 1}),
    "POST /api/v1/cards/{}/replace": Case("/api/v1/cards/{token}/replace", {}, {"other": 1}),
    "POST /api/v1/accounting/periods": Case(PERIODS, {"ends_on": "2026-11-20"}, {"ends_on": "2026-11-19"}),
    "POST /api/v1/accounting/periods/{}/approve": Case(
        f"{PERIODS}/{{period}}/approve", {"note": "seen"}, {"note": "again"}, by="admin"
    ),
    "POST /api/v1/accounting/periods/{}/reject": Case(
        f"{PERIODS}/{{period}}/reject", {"note": "seen"}, {"note": "again"}, by="admin"
    ),
    "POST /api/v1/accounting/periods/{}/withdraw": Case(f"{PERIODS}/{{period}}/withdraw", {"note": "seen"}, {}),
    "POST /api/v1/collections/notes": Case(
        f"{FLOOR}/notes", {"user_id": "{customer}", "text": "moved"}, {"user_id": "{customer}", "text": "away"}
    ),
    "POST /api/v1/collections/contacts": Case(
        f"{FLOOR}/contacts",
        {"loan_id": "{loan}", "channel": "call", "outcome": "reached"},
        {"loan_id": "{loan}", "channel": "visit", "outcome": "reached"},
    ),
    "POST /api/v1/collections/promises": Case(
        f"{FLOOR}/promises",
        {"loan_id": "{loan}", "amount": 100, "pay_by": "2026-11-30"},
        {"loan_id": "{loan}", "amount": 200, "pay_by": "2026-11-30"},
    ),
    "POST /api/v1/collections/promises/{}/withdraw": Case(f"{FLOOR}/promises/{{promise}}/withdraw", {}, {"other": 1}),
    "POST /api/v1/collections/assignments": Case(
        f"{FLOOR}/assignments",
        {"loan_id": "{late}", "officer_id": "{me}"},
        {"loan_id": "{late}", "officer_id": None},
    ),
    "POST /api/v1/collections/assignments/bulk": Case(
        f"{FLOOR}/assignments/bulk",
        {"officer_ids": "{us}", "filters": {}},
        {"officer_ids": "{us}", "filters": {"unassigned": True}},
    ),
    "POST /api/v1/collections/actions": Case(
        f"{FLOOR}/actions",
        {"loan_id": "{late}", "action": "call", "on": "2026-11-30"},
        {"loan_id": "{late}", "action": "visit", "on": "2026-11-30"},
    ),
    "POST /register": Case(
        "/register",
        {"first_name": "Asha", "last_name": "Rao", "age": 30, "monthly_income": 1000, "phone_number": "9876500000"},
        {"first_name": "Asha", "last_name": "Rao", "age": 31, "monthly_income": 1000, "phone_number": "9876500000"},
    ),
}


def writes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every route that is not a mere question, without the names of its parameters and without a last slash."""
    for context in iter_route_contexts(app.routes):
        for method in sorted((context.methods or set()) - {"GET", "HEAD"}):
            route, path = context.original_route, str(context.path_format)
            if isinstance(route, APIRoute):
                parts = ["{}" if part.startswith("{") else part for part in path.removesuffix("/").split("/")]
                yield f"{method} {'/'.join(parts)}", route


def test_every_write_takes_a_key_or_says_why_not(app: FastAPI) -> None:
    keyed: set[str] = set()
    unkeyed: set[str] = set()
    for name, route in writes(app):
        takes_key = any(
            each.call is get_client_key for part in route.dependant.dependencies for each in (part, *part.dependencies)
        )
        (keyed if takes_key else unkeyed).add(name)
    assert keyed == set(CASES)
    assert unkeyed == set(UNKEYED)


@dataclass(slots=True)
class World:
    """A customer with a loan, a payment that may bounce, and a proposal that waits."""

    client: httpx.AsyncClient
    uow_factory: UnitOfWorkFactory
    people: dict[str, Headers]
    names: dict[str, Any]

    async def post(self, path: str, body: Mapping[str, Any], *, by: str, key: str | None) -> httpx.Response:
        filled = {
            name: self.names[value.strip("{}")] if isinstance(value, str) and value.startswith("{") else value
            for name, value in body.items()
        }
        headers = self.people[by] if key is None else {**self.people[by], "Idempotency-Key": key}
        return await self.client.post(path.format(**self.names), json=filled, headers=headers)

    async def count(self) -> list[int]:
        async with self.uow_factory.open(SYSTEM) as uow:
            counts = [select(func.count()).select_from(model) for model in BOOKS]
            return [(await uow.session.execute(count)).scalar_one() for count in counts]


async def add_card_accounts(world: World) -> None:
    """An account with a purchase, a plan and a dispute, and one with a credit balance."""
    for name in ("account", "in_credit"):
        body = {"user_id": "{customer}", "limit": 50000, "statement_day": 15}
        opened = await world.post("/api/v1/card-accounts", body, by="officer", key=f"opens-{name}")
        world.names[name] = opened.json()["account_id"]
    numbers = []
    for reference in ("P1", "P2", "P3"):
        posted = await world.post(
            f"{ACCOUNT}/postings", {"reference": reference, "amount": 3000}, by="officer", key=None
        )
        numbers.append(posted.json()["posting"])
    world.names["purchase"] = numbers[0]
    plan = {"purchase": numbers[1], "instalments": 3}
    converted = await world.post(f"{ACCOUNT}/conversions", plan, by="officer", key="first")
    world.names["plan"] = converted.json()["plans"][0]["plan"]
    disputed = {"posting": numbers[2], "reason": "first"}
    opened = await world.post(f"{ACCOUNT}/disputes", disputed, by="officer", key="first")
    world.names["dispute"] = opened.json()["disputes"][0]["dispute"]
    paid = {"reference": "C1", "amount": 500}
    await world.post("/api/v1/card-accounts/{in_credit}/payments", paid, by="other officer", key=None)
    address = f"/api/v1/card-accounts/{world.names['account']}/cards"
    listed = await world.client.get(address, headers=world.people["officer"])
    world.names["token"] = listed.json()[0]["token"]


async def add_late_loan(world: World) -> None:
    """A case of the work list on a second loan, and a promise."""
    loan = {"customer_id": "{customer}", "loan_amount": 50_000, "interest_rate": 14, "tenure": 12}
    world.names["late"] = (await world.post("/create-loan", loan, by="officer", key="second")).json()["loan_id"]
    promised = {"loan_id": "{late}", "amount": 100, "pay_by": "2026-11-29"}
    made = await world.post(f"{FLOOR}/promises", promised, by="officer", key="first")
    world.names["promise"] = made.json()["promise_id"]
    officers = await world.client.get(f"{FLOOR}/officers", headers=world.people["officer"])
    world.names["us"] = [one["officer_id"] for one in officers.json()]
    world.names["me"] = world.names["us"][0]
    async with world.uow_factory.open(SYSTEM) as uow:
        case = insert(CollectionCase).values(
            customer_id=1, kind="loan", facility_id=int(world.names["late"]), opened_on=uow.now.date(),
            oldest_due_on=uow.now.date(), asset_class="sma_0", overdue_paise=100,
        )  # fmt: skip
        await uow.session.execute(case)


@pytest_asyncio.fixture
async def world(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    headers_of: HeadersOf,
    officer: Headers,
    admin: Headers,
) -> World:
    people = {"officer": officer, "admin": admin}
    for role in (Role.OFFICER, Role.ADMIN):
        people[f"other {role.value}"] = await headers_of(role)
    made = World(client, uow_factory, people, {})
    person = {"first_name": "Ravi", "last_name": "Iyer", "age": 40, "monthly_income": 200_000, "phone_number": "987651"}
    customer = (await made.post("/register", person, by="officer", key=None)).json()
    made.names["customer"] = customer["customer_id"]
    loan = {"customer_id": "{customer}", "loan_amount": 100_000, "interest_rate": 14, "tenure": 12}
    made.names["loan"] = (await made.post("/create-loan", loan, by="officer", key="first")).json()["loan_id"]
    paid = await made.post("/api/v1/loans/payments", {"loan_id": "{loan}", "amount": 50}, by="officer", key="first")
    made.names["payment"] = paid.json()["payment_id"]
    proposed = {"kind": "write_off", "loan_id": "{loan}", "reason": "first"}
    answer = await made.post("/api/v1/proposals", proposed, by="officer", key="first")
    made.names["proposal"] = answer.json()["proposal_id"]
    await add_card_accounts(made)
    charged, made.names["charge"] = await LendingHelper(uow_factory).take_and_return()
    made.names["charged"] = charged.number
    await add_late_loan(made)
    return made


@pytest.mark.parametrize("name", sorted(CASES))
async def test_the_same_key_is_one_deed(world: World, name: str) -> None:
    case = CASES[name]
    if "{period}" in case.path:
        # At most one period waits for a decision, so the others cannot have one.
        proposed = await world.post(PERIODS, {"ends_on": "2026-11-20"}, by="officer", key="first")
        world.names["period"] = proposed.json()["period"]
    before = await world.count()
    first = await world.post(case.path, case.body, by=case.by, key="k-1")
    assert first.status_code in (200, 201), first.text
    after = await world.count()
    assert after != before
    second = await world.post(case.path, dict(reversed(list(case.body.items()))), by=case.by, key="k-1")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert (first.headers.get("Idempotent-Replayed"), second.headers["Idempotent-Replayed"]) == (None, "true")
    other = await world.post(case.path, case.other, by=case.by, key="k-1")
    assert other.status_code == (422 if "/v1/" in name else 400)
    assert "was used for another request" in other.text
    assert await world.count() == after
    stranger = await world.post(case.path, case.body, by=f"other {case.by}", key="k-1")
    assert "Idempotent-Replayed" not in stranger.headers
    async for page in reconcile_all(world.uow_factory):
        assert page.differences == ()


@pytest.mark.parametrize("name", ["POST /api/v1/loans/payments", "POST /api/v1/proposals"])
async def test_without_key_and_reference_nothing_moves(world: World, name: str) -> None:
    before = await world.count()
    answer = await world.post(CASES[name].path, CASES[name].body, by="officer", key=None)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_required")
    assert await world.count() == before


async def test_what_failed_may_be_tried_again_with_its_key(world: World) -> None:
    path, body = "/api/v1/loans/payments", {"loan_id": "{loan}", "amount": 100}
    refused = await world.post(path, {"loan_id": "{loan}", "amount": 10**9}, by="officer", key="k-1")
    assert (refused.status_code, refused.json()["code"]) == (422, "amount_beyond_payoff")
    assert (await world.post(path, body, by="officer", key="k-1")).status_code == 201


async def test_while_the_first_is_running_the_second_is_told_to_come_back(world: World) -> None:
    """The first one's claim is held open, as a request would that has not committed."""
    names = ["POST /api/v1/loans/payments", "POST /api/make-payment", "POST /create-loan"]
    before = await world.count()
    async with world.uow_factory.open(SYSTEM) as uow:
        officers = select(UserAccount.id).where(UserAccount.role == "officer").order_by(UserAccount.id).limit(1)
        officer = Actor(role=Role.OFFICER, user_account_id=(await uow.session.execute(officers)).scalar_one())
    async with world.uow_factory.open(officer) as uow:
        for name in names:
            assert await claim(uow, Claim(route=name, key="k-1", body_hash=b"?")) is None
        answers = [await world.post(CASES[name].path, CASES[name].body, by="officer", key="k-1") for name in names]
        await uow.session.rollback()
    # The older surfaces have no 409.
    assert [answer.status_code for answer in answers] == [409, 503, 503]
    assert [answer.headers["Retry-After"] for answer in answers] == ["1", "1", "1"]
    assert await world.count() == before
