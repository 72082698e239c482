"""A direct read answers what FastAPI's own way answers: status, headers and body, for good requests and bad ones."""

import asyncio
from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.api.direct_routes import DirectRead, DirectRoutes
from app.db.models import UserAccount
from app.db.repositories.people import access as user_accounts
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.main import create_app
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.conftest import HeadersOf, SilentJobQueue, Time
from tests.services.lending_desk import LendingHelper

LOAN = "LN-2026-0001"
#: Requests by the pattern of their route: one that succeeds, and some that are refused.
REQUESTS = {
    "/api/v1/loans/{loan_id}": ["loans/1", f"loans/{LOAN}", "loans/LN-2025-0001", "loans/99", "loans/x", "loans/0"],
    "/api/v1/loans/{loan_id}/schedule": ["loans/1/schedule", "loans/99/schedule", "loans/x/schedule"],
    "/api/v1/loans/{loan_id}/bills": ["loans/1/bills", "loans/99/bills"],
    "/api/v1/loans/{loan_id}/charges": ["loans/1/charges", "loans/99/charges", "loans/x/charges"],
    "/api/v1/loans/{loan_id}/tax-documents": ["loans/1/tax-documents", "loans/99/tax-documents"],
    "/api/v1/loans/{loan_id}/ledger": ["loans/1/ledger", "loans/1/ledger?limit=1", "loans/1/ledger?limit=501"],
    "/api/v1/loans/{loan_id}/payoff": ["loans/1/payoff", "loans/1/payoff?on=2026-12-31", "loans/1/payoff?on=x"],
    "/api/v1/loans/{loan_id}/changes": ["loans/1/changes", "loans/99/changes"],
    "/api/v1/loans/{loan_id}/rate-notices": ["loans/1/rate-notices", "loans/99/rate-notices"],
    "/api/v1/calendars/{calendar}/holidays": ["calendars/MUMBAI/holidays", "calendars/x%20y/holidays"],
    "/api/v1/benchmarks": ["benchmarks"],
    "/api/v1/loans/{loan_id}/owed-to-borrower": ["loans/1/owed-to-borrower", "loans/99/owed-to-borrower"],
    "/api/v1/loans": ["loans?user_id=1001", "loans", "loans?user_id=x", "loans?user_id=1001&limit=0"],
    "/api/v1/loans/{loan_id}/explain": ["loans/1/explain", "loans/99/explain"],
    "/api/v1/payments": ["payments", "payments?limit=0"],
    "/api/v1/card-payments": ["card-payments", "card-payments?limit=0", "card-payments?account_id=x"],
    "/api/v1/payments/{payment_id}": ["payments/1", "payments/PM-000001", "payments/9", "payments/x"],
    "/api/v1/statements": [
        "statements?loan_id=1", "statements?loan_id=1&format=csv", "statements", "statements?loan_id=1&format=x",
    ],
    "/api/v1/lender": ["lender", "lender?on=x"],
    "/api/v1/users": ["users", "users?limit=0"],
    "/api/v1/credit/scores": ["credit/scores?user_id=1001", "credit/scores?user_id=9", "credit/scores"],
    "/api/v1/applications": ["applications", "applications?limit=0"],
    "/api/v1/audit/events": ["audit/events", "audit/events?limit=0", "audit/events?limit=1&limit=2"],
    "/api/v1/audit/head": ["audit/head"],
    "/api/v1/loans/{loan_id}/delinquency": ["loans/1/delinquency", "loans/1/delinquency?on=x", "loans/9/delinquency"],
    "/api/v1/events/{event_id}": ["events/1", "events/EV-000001", "events/x", "events/999"],
    "/api/v1/webhooks/endpoints": ["webhooks/endpoints"],
    "/api/v1/webhooks/endpoints/{endpoint_id}": ["webhooks/endpoints/9", "webhooks/endpoints/x"],
    "/api/v1/webhooks/endpoints/{endpoint_id}/deliveries": [
        "webhooks/endpoints/9/deliveries", "webhooks/endpoints/9/deliveries?limit=0",
    ],
    "/api/v1/risk/provisions": ["risk/provisions", "risk/provisions?format=csv", "risk/provisions?on=x"],
    "/api/v1/risk/portfolio-at-risk": ["risk/portfolio-at-risk", "risk/portfolio-at-risk?format=pdf"],
    "/api/v1/risk/vintages": ["risk/vintages", "risk/vintages?asset_class=x"],
    "/api/v1/risk/roll-rates": ["risk/roll-rates", "risk/roll-rates?until=x"],
    "/api/v1/gst/report": ["gst/report", "gst/report?on=2026-11-30", "gst/report?format=csv", "gst/report?on=x"],
    "/api/v1/bureau/files": ["bureau/files", "bureau/files?limit=0"],
    "/api/v1/bureau/records": ["bureau/records?user_id=1001", "bureau/records"],
    "/api/v1/accounting/chart": ["accounting/chart"],
    "/api/v1/accounting/journal": [
        "accounting/journal?from=2026-11-21&to=2026-12-21", "accounting/journal", "accounting/journal?from=x&to=x",
    ],
    "/api/v1/accounting/journal/transfers": [
        "accounting/journal/transfers?on=2026-11-21&book=loans&account=cash&product=CREDIT_CARD_LOAN",
        "accounting/journal/transfers?on=2026-11-21&book=gold&account=cash&product=CREDIT_CARD_LOAN",
    ],
    "/api/v1/accounting/trial-balance": ["accounting/trial-balance", "accounting/trial-balance?on=2099-01-01"],
    "/api/v1/accounting/profit-and-loss": [
        "accounting/profit-and-loss?from=2026-11-21&to=2026-12-21", "accounting/profit-and-loss",
    ],
    "/api/v1/accounting/balance-sheet": ["accounting/balance-sheet?on=2026-12-21", "accounting/balance-sheet"],
    "/api/v1/accounting/periods": ["accounting/periods", "accounting/periods?limit=0"],
    "/api/v1/accounting/periods/{period}": ["accounting/periods/9", "accounting/periods/x"],
    "/api/v1/collections/loans/{loan_id}": ["collections/loans/1", "collections/loans/99", "collections/loans/x"],
    "/api/v1/collections/card-accounts/{account_id}": [
        "collections/card-accounts/9", "collections/card-accounts/x",
    ],
    "/api/v1/collections/officers": ["collections/officers"],
    "/api/v1/collections/diary": ["collections/diary?loan_id=1", "collections/diary", "collections/diary?limit=0"],
    "/api/v1/collections/promises": ["collections/promises", "collections/promises?status=x"],
    "/api/v1/collections/promises/{promise_id}": ["collections/promises/9", "collections/promises/x"],
    "/api/v1/collections/views": ["collections/views"],
    "/api/v1/collections/day": ["collections/day", "collections/day?on=x"],
    "/api/v1/collections/day/{section}": ["collections/day/paid", "collections/day/x"],
    "/api/v1/rules": ["rules", "rules?on=2026-11-27", "rules?on=x"],
}  # fmt: skip
#: Nothing of these is there: their first answer is 404.
EMPTY = {
    "/api/v1/lender",
    "/api/v1/accounting/periods/{period}",
    "/api/v1/events/{event_id}",
    "/api/v1/webhooks/endpoints/{endpoint_id}",
    "/api/v1/webhooks/endpoints/{endpoint_id}/deliveries",
    "/api/v1/collections/card-accounts/{account_id}",
    "/api/v1/collections/promises/{promise_id}",
}
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"Prefer": "money=string"},
    {"If-None-Match": "*"},
    {"Accept": "text/csv"},
    {"Accept": "image/png"},
)


def test_every_direct_read_is_compared(app: FastAPI) -> None:
    assert {"/".join(read.parts) for read in _reads(app)} == set(REQUESTS)


def test_a_path_of_another_route_is_left_to_it(app: FastAPI) -> None:
    """`/api/v1/audit/head` and `/api/v1/loans/{loan_id}` have as many parts."""
    (loan,) = [read for read in _reads(app) if "/".join(read.parts) == "/api/v1/loans/{loan_id}"]

    assert loan.match(["", "api", "v1", "loans", "7"]) == {"loan_id": "7"}
    assert loan.match(["", "api", "v1", "loans", ""]) is None
    assert loan.match(["", "api", "v1", "payments", "7"]) is None
    assert loan.match(["", "api", "v1", "loans", "head"]) is None


@pytest.mark.parametrize("pattern", sorted(REQUESTS))
async def test_both_ways_answer_the_same(
    pattern: str,
    app: FastAPI,
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    headers_of: HeadersOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 22))
    await lending.pay(loan, amount=500)
    admin, stranger = await headers_of(Role.ADMIN), await headers_of(Role.CUSTOMER, customer_id=1001)
    revoked = await revoke_new_token(uow_factory, headers_of)
    asked = [
        (f"/api/v1/{path}", headers | form)
        for path in REQUESTS[pattern]
        for headers in (admin, stranger, revoked, {})
        for form in FORMS
    ]

    found = [told(await client.get(path, headers=headers)) for path, headers in asked]
    monkeypatch.setattr(DirectRoutes, "_find", lambda _self, _scope: None)
    expected = [told(await client.get(path, headers=headers)) for path, headers in asked]

    assert found == expected
    assert found[0][0] == (404 if pattern in EMPTY else 200)


async def test_a_revoked_token_is_told_nothing_else(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, headers_of: HeadersOf
) -> None:
    """Its holder's standing is asked for together with the loan, and decides alone what is answered."""
    await LendingHelper(uow_factory).disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    revoked = await revoke_new_token(uow_factory, headers_of)
    for path in ("loans/1", "loans/99", "loans/LN-2025-0001", "loans/1/payoff?on=2026-01-01", "statements?loan_id=1"):
        for form in FORMS:
            refused = await client.get(f"/api/v1/{path}", headers=revoked | form)
            assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")


async def test_many_reads_at_once_share_one_connection(
    settings: Settings, uow_factory: UnitOfWorkFactory, opened: None, headers_of: HeadersOf, time: Time
) -> None:
    """None holds a connection while it waits for its caller's standing, for which another one is needed."""
    await LendingHelper(uow_factory).disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    headers = await headers_of(Role.ADMIN)
    changes = {"database_pool_size": 1, "database_pool_timeout_seconds": 5}
    small = create_app(settings.model_copy(update=changes), job_queue=SilentJobQueue(), clock=time)
    paths = ["loans/1", "loans/1/schedule", "loans/1/bills", "loans/1/payoff", "statements?loan_id=1", "loans/1/ledger"]
    async with small.router.lifespan_context(small):
        transport = httpx.ASGITransport(app=small)
        async with httpx.AsyncClient(transport=transport, base_url="http://kist.example") as client:
            asked = [client.get(f"/api/v1/{path}", headers=headers) for path in paths * 8]
            answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [200] * len(asked)


async def revoke_new_token(uow_factory: UnitOfWorkFactory, headers_of: HeadersOf) -> dict[str, str]:
    """The headers of an officer whose credentials have changed since."""
    headers = await headers_of(Role.OFFICER)
    async with uow_factory.open(SYSTEM) as uow:
        newest = (await uow.session.execute(select(func.max(UserAccount.id)))).scalar_one()
        changed_at = uow.now + timedelta(microseconds=1)
        await user_accounts.set_credentials_version(uow.session, newest, changed_at=changed_at)
    return headers


def _reads(app: FastAPI) -> list[DirectRead]:
    direct = app.state.direct_routes
    assert isinstance(direct, DirectRoutes), "create_app() puts the direct routes before FastAPI"
    return [route for route in direct.routes if isinstance(route, DirectRead)]


def told(response: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """What an answer says, without what differs from request to request."""
    headers = {
        name: value for name, value in response.headers.items() if name != "x-request-id" and "ratelimit" not in name
    }
    body = response.content.replace(response.headers["x-request-id"].encode(), b"ID")
    return response.status_code, headers, body
