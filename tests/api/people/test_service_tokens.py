"""Service tokens: an admin makes them, they are shown once, open the routes of their scopes, and end at once."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.db.models import AuditEvent, UserAccount
from app.domain.people.access import SYSTEM, Role, Scope
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf, Time

PLACE = "/api/v1/auth/service-tokens"


async def make(client: httpx.AsyncClient, admin: dict[str, str], *scopes: str, **more: Any) -> httpx.Response:
    return await client.post(PLACE, headers=admin, json={"name": "nightly", "scopes": list(scopes), **more})


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def test_a_token_is_shown_once_and_kept_nowhere(
    client: httpx.AsyncClient, admin: dict[str, str], uow_factory: UnitOfWorkFactory
) -> None:
    made = await make(client, admin, "billing:run", "imports:write", days=30)
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["scopes"]) == ("nightly", ["billing:run", "imports:write"])
    assert body["expires_at"] == "2026-12-21T06:00:00Z"
    listed = (await client.get(PLACE, headers=admin)).json()
    assert listed == {"items": [{name: value for name, value in body.items() if name != "token"}]}
    async with uow_factory.open(SYSTEM) as uow:
        user_account = (
            await uow.session.execute(select(UserAccount).where(UserAccount.role == "service"))
        ).scalar_one()
        of_tokens = select(AuditEvent).where(AuditEvent.action.like("service_token%")).order_by(AuditEvent.id)
        event = (await uow.session.execute(of_tokens)).scalars().one()
    assert body["token"] not in str(vars(user_account))
    assert (event.action, event.object_id, event.actor[:6]) == ("service_token_made", str(user_account.id), "admin:")
    assert body["token"] not in str(event.details)


@pytest.mark.parametrize(
    "scope, opened",
    [
        ("billing:run", "/api/v1/billing/runs"),
        ("imports:write", "/api/v1/imports"),
        ("lending:read", "/api/v1/loans?user_id=1"),
    ],
)
async def test_a_scope_opens_its_routes_and_no_other(
    client: httpx.AsyncClient, admin: dict[str, str], opened: str, scope: str
) -> None:
    headers = bearer(await make(client, admin, scope))
    others = {each.value for each in Scope} - {scope}
    without = bearer(await make(client, admin, *others))
    assert (await client.get(opened, headers=headers)).status_code in {200, 404}
    refused = await client.get(opened, headers=without)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_no_scope_makes_an_admin_of_it(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    headers = bearer(await make(client, admin, *(scope.value for scope in Scope)))
    for method, path in (
        ("POST", PLACE), ("GET", PLACE), ("DELETE", f"{PLACE}/1"), ("PUT", "/api/v1/clock"),
        ("POST", "/api/v1/products"), ("POST", "/register"), ("POST", "/api/v1/payments/1/reverse"),
    ):  # fmt: skip
        assert (await client.request(method, path, headers=headers, json={})).status_code == 403


async def test_a_service_cannot_make_its_token_last(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    headers = bearer(await make(client, admin, "lending:read", days=1))
    for method, route in (("PUT", "password"), ("POST", "logout-everywhere")):
        body = {"new_password": "correct horse battery"}
        answer = await client.request(method, f"/api/v1/auth/{route}", headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), route
    assert (await client.get("/api/v1/clock", headers=headers)).status_code == 200


async def test_a_revoked_token_is_out_at_once(
    client: httpx.AsyncClient, admin: dict[str, str], uow_factory: UnitOfWorkFactory
) -> None:
    made = await make(client, admin, "billing:run")
    number = made.json()["service_id"]
    for _ in range(2):
        assert (await client.delete(f"{PLACE}/{number}", headers=admin)).status_code == 204
    refused = await client.get("/api/v1/billing/runs", headers=bearer(made))
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    (listed,) = (await client.get(PLACE, headers=admin)).json()["items"]
    assert listed["revoked_at"] == "2026-11-21T06:00:00Z"
    of_tokens = select(AuditEvent.action).where(AuditEvent.action.like("service_token%")).order_by(AuditEvent.id)
    async with uow_factory.open(SYSTEM) as uow:
        actions = list((await uow.session.execute(of_tokens)).scalars())
    assert actions == ["service_token_made", "service_token_revoked"]


async def test_a_service_token_expires(client: httpx.AsyncClient, admin: dict[str, str], time: Time) -> None:
    headers = bearer(await make(client, admin, "billing:run", days=1))
    time.advance(hours=24, seconds=-1)
    assert (await client.get("/api/v1/billing/runs", headers=headers)).status_code == 200
    time.advance(seconds=1)
    assert (await client.get("/api/v1/billing/runs", headers=headers)).json()["code"] == "token_expired"


@pytest.mark.parametrize(
    "body",
    [{"scopes": []}, {"scopes": ["admin"]}, {"scopes": ["billing:run"], "days": 0},
     {"scopes": ["billing:run"], "days": 366}, {"scopes": ["billing:run"], "name": ""}, {}],
)  # fmt: skip
async def test_an_invalid_service_is_refused(
    client: httpx.AsyncClient, admin: dict[str, str], uow_factory: UnitOfWorkFactory, body: dict[str, Any]
) -> None:
    answer = await client.post(PLACE, headers=admin, json={"name": "nightly", **body})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await client.get(PLACE, headers=admin)).json() == {"items": []}


async def test_only_admins_make_and_end_them(
    client: httpx.AsyncClient, admin: dict[str, str], officer: dict[str, str], headers_of: HeadersOf
) -> None:
    customer = await headers_of(Role.CUSTOMER, customer_id=9)
    for headers in (officer, customer):
        assert (await make(client, headers, "billing:run")).status_code == 403
        assert (await client.get(PLACE, headers=headers)).status_code == 403
        assert (await client.delete(f"{PLACE}/1", headers=headers)).status_code == 403
    # A person's account is not a service and cannot be revoked here.
    assert (await client.delete(f"{PLACE}/1", headers=admin)).json()["code"] == "service_not_found"


async def test_signing_out_everywhere(client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    mine, other = await headers_of(Role.OFFICER), await headers_of(Role.OFFICER)
    assert (await client.post("/api/v1/auth/logout-everywhere", headers=mine)).status_code == 204
    refused = await client.get("/api/v1/clock", headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    assert (await client.get("/api/v1/clock", headers=other)).status_code == 200
