"""Webhook endpoints over HTTP: for admins; the secret is shown once."""

from typing import Any

import httpx
import pytest

from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.people.access import SYSTEM, Role
from app.services.events import delivery, log
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf

ENDPOINTS = "/api/v1/webhooks/endpoints"
URL = "https://example.com/kist"


async def add(client: httpx.AsyncClient, admin: dict[str, str], **body: Any) -> dict[str, Any]:
    answer = await client.post(ENDPOINTS, json={"url": URL, **body}, headers=admin)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_endpoint_is_made_changed_and_removed(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add(client, admin, events=["payment.received"], description="our CRM")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made == {
        "endpoint_id": 1, "url": URL, "events": ["payment.received"], "description": "our CRM", "status": "active",
        "after": 0, "failures": 0, "resting_until": None, "old_secret_until": None, "created_at": made["created_at"],
    }  # fmt: skip
    one = f"{ENDPOINTS}/1"
    assert (await client.get(one, headers=admin)).json() == made
    assert (await client.get(ENDPOINTS, headers=admin)).json() == {"items": [made]}
    changed = await client.patch(one, json={"status": "paused", "events": []}, headers=admin)
    assert changed.json() == made | {"status": "paused", "events": []}
    rotated = (await client.post(f"{one}/rotate-secret", json={"overlap_hours": 1}, headers=admin)).json()
    assert rotated["secret"] not in {secret, None}
    assert rotated["old_secret_until"] is not None
    assert (await client.delete(one, headers=admin)).status_code == 204
    for method, path in (("GET", one), ("DELETE", one), ("POST", f"{one}/rotate-secret"), ("GET", f"{one}/deliveries")):
        gone = await client.request(method, path, headers=admin)
        assert (gone.status_code, gone.json()["code"]) == (404, "webhook_endpoint_not_found")


async def test_dead_letters_are_listed_and_sent_again(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, admin: dict[str, str]
) -> None:
    await add(client, admin, after=0)
    async with uow_factory.open(SYSTEM) as uow:
        await publish(uow, Happened(type=EventType.CARD_BLOCKED, customer_id=1, data={}))
    await log.number_events(uow_factory)
    await delivery.dispatch(uow_factory)
    deliveries = f"{ENDPOINTS}/1/deliveries"
    (waiting,) = (await client.get(deliveries, headers=admin)).json()["items"]
    assert (waiting["event_id"], waiting["status"], waiting["attempts"]) == ("EV-000001", "waiting", 0)
    assert (await client.get(deliveries, params={"status": "dead"}, headers=admin)).json()["items"] == []
    again = await client.post(f"{deliveries}/EV-000001/redeliver", headers=admin)
    assert (again.status_code, again.json()["status"]) == (200, "waiting")
    missing = await client.post(f"{deliveries}/2/redeliver", headers=admin)
    assert (missing.status_code, missing.json()["code"]) == (404, "webhook_delivery_not_found")
    from_there = await client.post(f"{ENDPOINTS}/1/redeliver", json={"from_number": 1}, headers=admin)
    assert (from_there.status_code, from_there.json()["after"]) == (200, 0)


@pytest.mark.parametrize(
    "body, code",
    [
        ({"url": "http://example.com/"}, "webhook_url_invalid"),
        ({"url": "https://user:secret@example.com/"}, "webhook_url_invalid"),
        ({"url": URL, "events": ["loan.exploded"]}, "invalid_request"),
        ({"url": URL, "after": 1}, "event_cursor_unknown"),
        ({"url": URL, "secret": "mine"}, "invalid_request"),
    ],
)
async def test_a_wrong_endpoint_is_refused_and_nothing_is_made(
    client: httpx.AsyncClient, admin: dict[str, str], body: dict[str, Any], code: str
) -> None:
    answer = await client.post(ENDPOINTS, json=body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "secret@" not in answer.text
    assert (await client.get(ENDPOINTS, headers=admin)).json() == {"items": []}


async def test_only_admins(client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    for role in (Role.OFFICER, Role.SERVICE):
        assert (await client.get(ENDPOINTS, headers=await headers_of(role))).status_code == 403
