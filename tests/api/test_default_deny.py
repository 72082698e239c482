"""Default deny: every route says who may call it, and without a token only the named few answer."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.api.deps import (
    ADMINS,
    OFFICERS,
    OPEN,
    KistRouter,
    get_application_taker,
    get_authoriser,
    get_looking_up_uow,
    get_payment_taker,
    get_reading_uow,
    get_uow,
)
from app.api.permissions import PublicGuard, get_uow_factory
from app.api.routing import KistRoute
from app.db.repositories.products.products import add_product
from app.domain.people.access import SCOPES, SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.operations.seeding import OFFERED_FROM
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.services.lending_desk import LendingHelper

#: Everything that answers without a token. Adding to it is a decision about security.
OPEN_ROUTES = {
    "GET /",
    "GET /admin",
    "GET /docs",
    "GET /docs/files/{name}",
    "GET /health",
    "GET /livez",
    "GET /openapi-money-string.json",
    "GET /readyz",
    "GET /redoc",
    "POST /api/login",
    "POST /api/register-user",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/token",
    "POST /api/v1/users/register",
}
#: Arithmetic on what the caller sends: a token that was revoked in its ten minutes learns nothing here.
ARITHMETIC = {"POST /api/v1/loans/quote", "POST /api/v1/loans/apr"}
#: These are handed the claims, and their use case holds them against the database itself.
OPEN_THEIR_OWN_WORK = {
    "PUT /api/v1/auth/password",
    "POST /api/v1/auth/logout-everywhere",
    "GET /api/v1/billing/runs/{run_id}/events",
    "POST /api/v1/imports",
    "GET /api/v1/imports/{import_id}/events",
    "GET /api/v1/imports/{import_id}/rejects",
    "GET /api/v1/bureau/files/{as_on}",
    "GET /api/v1/collections/cases/export",
    "GET /api/v1/events/stream",
    "GET /api/v1/accounting/accrued-interest",
    "GET /api/v1/accounting/exports/{of}",
}
#: Each holds the token against the database when it opens.
WORK = {get_uow, get_reading_uow, get_looking_up_uow, get_payment_taker, get_application_taker, get_authoriser}
#: FastAPI's own: it shows what can be asked, and no data.
DOCUMENTATION = {"/openapi.json"}


def routes(app: FastAPI) -> Iterator[tuple[str, str, RouteContext]]:
    for context in iter_route_contexts(app.routes):
        for method in sorted((context.methods or set()) - {"HEAD"}):
            yield method, str(context.path_format), context


def test_every_route_says_who_may_call_it(app: FastAPI) -> None:
    undeclared = [
        f"{method} {path}"
        for method, path, context in routes(app)
        if path not in DOCUMENTATION and not isinstance(context.original_route, KistRoute)
    ]
    assert undeclared == []


def test_only_the_named_few_are_open(app: FastAPI) -> None:
    opened = {
        f"{method} {path}"
        for method, path, context in routes(app)
        if isinstance(context.original_route, KistRoute) and isinstance(context.original_route.guard, PublicGuard)
    }
    assert {one_spelling(route) for route in opened} - OPEN_ROUTES == set()


def one_spelling(route: str) -> str:
    """An older address is the same with and without its last slash."""
    return route if route.endswith(" /") else route.removesuffix("/")


def test_whoever_is_let_in_is_held_against_the_database(app: FastAPI) -> None:
    """A permission reads the token; that it was not revoked is read with the transaction, so each route opens one."""
    without = [
        f"{method} {path}"
        for method, path, context in routes(app)
        if isinstance(route := context.original_route, KistRoute)
        and not isinstance(route.guard, PublicGuard)
        and not WORK & set(calls(route))
    ]
    assert set(without) - ARITHMETIC - OPEN_THEIR_OWN_WORK == set()


def test_no_route_asks_for_work_and_for_the_desk(app: FastAPI) -> None:
    """Two connections for one request: five such requests at once would wait for each other for ever."""
    both = [
        f"{method} {path}"
        for method, path, context in routes(app)
        if isinstance(route := context.original_route, KistRoute)
        and WORK & set(calls(route))
        and get_uow_factory in {each.call for each in route.dependant.dependencies}
    ]
    assert both == []


def calls(route: APIRoute) -> Iterator[object]:
    waiting = list(route.dependant.dependencies)
    while waiting:
        dependant = waiting.pop()
        yield dependant.call
        waiting += dependant.dependencies


async def test_without_a_token_every_other_route_is_401(app: FastAPI, client: httpx.AsyncClient) -> None:
    """Asked with real calls: before the path, the body or the database say anything."""
    for method, path, _ in routes(app):
        if path in DOCUMENTATION or one_spelling(f"{method} {path}") in OPEN_ROUTES:
            continue
        answer = await client.request(method, re.sub(r"\{[^}]*\}", "1", path), json={})
        assert (method, path, answer.status_code) == (method, path, 401)
        # The older surfaces have no codes, and one line of text.
        assert answer.json().get("code", "not_authenticated") == "not_authenticated"
        assert "sign in first" in answer.text


async def test_whom_a_permission_does_not_name_it_refuses(
    app: FastAPI, client: httpx.AsyncClient, headers_of: HeadersOf
) -> None:
    """Every route, every role that it does not name, and a service with every scope but its own: 403, in real calls."""
    asked = 0
    for role in (Role.CUSTOMER, Role.OFFICER, Role.ADMIN, Role.SERVICE):
        number = 9 if role is Role.CUSTOMER else None
        headers = await headers_of(role, customer_id=number)
        for method, path, context in routes(app):
            route = context.original_route
            if not isinstance(route, KistRoute) or route.guard.permission.is_open:
                continue
            permission = route.guard.permission
            if role in (permission.roles or ()):
                continue
            if role is Role.SERVICE and permission.scope is not None:
                headers = await headers_of(role, scopes=frozenset(SCOPES) - {permission.scope})
            answer = await client.request(method, re.sub(r"\{[^}]*\}", "1", path), json={}, headers=headers)
            assert (role, method, path, answer.status_code) == (role, method, path, 403)
            asked += 1
    assert asked > 80


#: What a borrower may read of a loan.
LOAN_PARTS = ("", "/schedule", "/ledger", "/bills", "/payoff", "/charges", "/tax-documents")


async def test_what_is_another_customers_is_not_there(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, headers_of: HeadersOf
) -> None:
    """Every address of a loan or a person: 404 for another customer, in the words for what does not exist."""
    lending = LendingHelper(uow_factory)
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=OFFERED_FROM, now=uow.now, actor="system")
    standard = next(product for product in SEEDED_PRODUCTS if product.code == "STANDARD_LOAN")
    loan = await lending.disburse(standard, amount=50_000, rate="12", instalments=12)
    await lending.pay(loan, amount=100_00, reference="PAY-1")
    owner = await headers_of(Role.CUSTOMER, customer_id=1001)
    other = await headers_of(Role.CUSTOMER, customer_id=1002)
    number = loan.number
    pay = {"loan_id": number, "amount": 10}
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        *(("GET", f"/api/v1/loans/{number}{part}", None) for part in LOAN_PARTS),
        ("GET", f"/api/v1/statements?loan_id={number}", None),
        ("GET", f"/api/get-statement/?loan_id={number}", None),
        ("GET", "/api/v1/users/1001", None),
        ("POST", f"/api/v1/loans/{number}/simulate", {"kind": "payoff"}),
        ("POST", "/api/v1/loans/payments", {**pay, "reference_id": "PAY-2"}),
        ("POST", "/api/make-payment/", {"loan": number, "amount": 20}),
    ]
    for method, path, body in calls:
        refused = await client.request(method, path, json=body, headers=other)
        assert (method, path, refused.status_code) == (method, path, 404), refused.text
    assert (await client.get("/api/v1/loans?user_id=1001", headers=other)).json()["items"] == []
    for method, path, body in calls:
        allowed = await client.request(method, path, json=body, headers=owner)
        assert (method, path, allowed.status_code) in {(method, path, 200), (method, path, 201)}, allowed.text


@pytest.mark.parametrize("permissions", [[], [OPEN, ADMINS]])
def test_a_route_without_one_permission_cannot_be_made(permissions: list[Any]) -> None:
    router = KistRouter()
    with pytest.raises(TypeError, match="one permission"):

        @router.get("/secrets", dependencies=permissions)
        async def secrets() -> None: ...


def test_a_routers_own_permission_counts() -> None:
    router = KistRouter(dependencies=[OFFICERS])

    @router.get("/desk")
    async def uow_factory() -> None: ...

    (route,) = router.routes
    assert isinstance(route, KistRoute)
    assert route.guard.permission.name == "officer"


def test_a_plain_router_would_be_noticed(app: FastAPI) -> None:
    other = FastAPI()
    plain = APIRouter()

    @plain.get("/secrets")
    async def secrets() -> None: ...

    other.include_router(plain)
    with pytest.raises(AssertionError):
        test_every_route_says_who_may_call_it(other)
