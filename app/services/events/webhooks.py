"""Webhook endpoints as use cases: make one, change it, replace its secret, remove it; see and repeat deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.db.repositories.events import deliveries as delivery_repository
from app.db.repositories.events import endpoints as repository
from app.db.repositories.events import log as event_repository
from app.db.repositories.events.deliveries import Delivery
from app.db.repositories.events.endpoints import StoredEndpoint
from app.domain.events.catalog import EventType
from app.domain.events.signatures import write_secret
from app.domain.events.subscriptions import OVERLAP, DeliveryStatus, EndpointStatus, check_url
from app.domain.people.access import SYSTEM
from app.services.events.log import EventCursorUnknown
from app.services.events.sealed_secrets import SecretBox
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """A new endpoint. Without types it gets all events; without `after` it begins with the next event."""

    url: str
    types: Sequence[EventType] = ()
    description: str | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanges:
    """What changes of an endpoint; None leaves it as it is."""

    url: str | None = None
    types: Sequence[EventType] | None = None
    description: str | None = None
    status: EndpointStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithSecret:
    """An endpoint and its secret, which is shown once."""

    endpoint: StoredEndpoint
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDesk:
    """What these use cases need from the settings: the box of the secrets, and whether http is allowed."""

    box: SecretBox
    http_allowed: bool


async def add_endpoint(uow: UnitOfWork, desk: WebhookDesk, request: EndpointRequest) -> WithSecret:
    """Makes an endpoint. Raises WebhookUrlInvalid, EventCursorUnknown."""
    end = await event_repository.find_end(uow.session)
    after = end if request.after is None else request.after
    _check_after(after, end)
    endpoint_id, secret = await repository.next_endpoint_number(uow.session), desk.box.make()
    sealed = desk.box.seal(secret, endpoint_id=endpoint_id)
    endpoint = StoredEndpoint(
        id=endpoint_id,
        url=check_url(request.url, http_allowed=desk.http_allowed),
        description=request.description,
        types=[*request.types],
        status=EndpointStatus.ACTIVE.value,
        after_number=after,
        secret=sealed.ciphertext,
        key_version=sealed.key_version,
        old_secret=None,
        old_key_version=None,
        old_until=None,
        failures=0,
        resting_until=None,
        created_at=uow.now,
        created_by=uow.actor.label,
    )
    await repository.add_endpoint(uow.session, endpoint)
    await _record(uow, endpoint_id, "webhook_added")
    return WithSecret(endpoint=endpoint, secret=write_secret(secret))


async def list_endpoints(uow: UnitOfWork) -> list[StoredEndpoint]:
    return await repository.list_endpoints(uow.session)


async def get_endpoint(uow: UnitOfWork, endpoint_id: int) -> StoredEndpoint:
    """An endpoint. Raises WebhookEndpointNotFound."""
    return await repository.get_endpoint(uow.session, endpoint_id)


async def change_endpoint(
    uow: UnitOfWork, desk: WebhookDesk, endpoint_id: int, changes: EndpointChanges
) -> StoredEndpoint:
    """Changes an endpoint. What waits for it already is sent to the new address. Raises WebhookEndpointNotFound,
    WebhookUrlInvalid."""
    endpoint = await repository.get_endpoint(uow.session, endpoint_id, locked=True)
    values: dict[str, Any] = {}
    if changes.url is not None:
        values["url"] = check_url(changes.url, http_allowed=desk.http_allowed)
    if changes.types is not None:
        values["types"] = [*changes.types]
    if changes.description is not None:
        values["description"] = changes.description
    if changes.status is not None:
        values["status"] = changes.status.value
    # Whoever changes an endpoint wants to see it work now.
    await repository.update_endpoint(uow.session, endpoint_id, {**values, "failures": 0, "resting_until": None})
    await _record(uow, endpoint_id, "webhook_changed", changed=sorted(values))
    return replace(endpoint, **values, failures=0, resting_until=None)


async def rotate_secret(
    uow: UnitOfWork, desk: WebhookDesk, endpoint_id: int, *, overlap: timedelta = OVERLAP
) -> WithSecret:
    """Replaces an endpoint's secret. Until the overlap ends, what is sent is signed with both. Raises
    WebhookEndpointNotFound."""
    endpoint = await repository.get_endpoint(uow.session, endpoint_id, locked=True)
    secret = desk.box.make()
    sealed = desk.box.seal(secret, endpoint_id=endpoint_id)
    values: dict[str, Any] = {
        "secret": sealed.ciphertext,
        "key_version": sealed.key_version,
        "old_secret": endpoint.secret,
        "old_key_version": endpoint.key_version,
        "old_until": uow.now + overlap,
    }
    await repository.update_endpoint(uow.session, endpoint_id, values)
    await _record(uow, endpoint_id, "webhook_secret_rotated")
    return WithSecret(endpoint=replace(endpoint, **values), secret=write_secret(secret))


async def remove_endpoint(uow: UnitOfWork, endpoint_id: int) -> None:
    """Removes an endpoint and what waits for it. Raises WebhookEndpointNotFound."""
    await repository.get_endpoint(uow.session, endpoint_id, locked=True)
    await repository.update_endpoint(uow.session, endpoint_id, {"status": repository.REMOVED})
    await delivery_repository.forget_waiting(uow.session, endpoint_id)
    await _record(uow, endpoint_id, "webhook_removed")


def signing_secrets(endpoint: StoredEndpoint, box: SecretBox, *, now: datetime) -> list[bytes]:
    """The secrets that sign what is sent now, the newest first. Raises SealBroken."""
    found = [box.open(endpoint.secret, key_version=endpoint.key_version, endpoint_id=endpoint.id)]
    if endpoint.old_secret is not None and endpoint.old_until is not None and now < endpoint.old_until:
        assert endpoint.old_key_version is not None, "a secret has the version of its key"
        found.append(box.open(endpoint.old_secret, key_version=endpoint.old_key_version, endpoint_id=endpoint.id))
    return found


# --- deliveries -----------------------------------------------------------------------------------------------------


async def list_deliveries(
    uow: UnitOfWork, endpoint_id: int, *, status: DeliveryStatus | None, before: int, limit: int
) -> list[Delivery]:
    """A page of deliveries, the latest event first. Raises WebhookEndpointNotFound."""
    await repository.get_endpoint(uow.session, endpoint_id)
    return await delivery_repository.list_deliveries(
        uow.session, endpoint_id, status=status, before=before, limit=limit
    )


async def redeliver(uow: UnitOfWork, endpoint_id: int, number: int) -> Delivery:
    """Sends one event again, whatever became of it. Raises WebhookEndpointNotFound, DeliveryNotFound."""
    await repository.get_endpoint(uow.session, endpoint_id)
    found = await delivery_repository.get_delivery(uow.session, endpoint_id, number)
    await delivery_repository.add_deliveries(uow.session, endpoint_id, [(number, found.lane)], now=uow.now)
    await delivery_repository.hasten_lane(uow.session, endpoint_id, found.lane, now=uow.now)
    await _record(uow, endpoint_id, "webhook_redelivered", number=number)
    return await delivery_repository.get_delivery(uow.session, endpoint_id, number)


async def redeliver_from(uow: UnitOfWork, endpoint_id: int, number: int) -> StoredEndpoint:
    """Sends every event from a number on again, in order. Raises WebhookEndpointNotFound, EventCursorUnknown."""
    endpoint = await repository.get_endpoint(uow.session, endpoint_id, locked=True)
    end = await event_repository.find_end(uow.session)
    _check_after(number - 1, end)
    after = min(number - 1, endpoint.after_number)
    await repository.update_endpoint(uow.session, endpoint_id, {"after_number": after})
    await _record(uow, endpoint_id, "webhook_redelivered_from", number=number)
    return replace(endpoint, after_number=after)


async def reseal_secrets(uow_factory: UnitOfWorkFactory, *, box: SecretBox) -> int:
    """Seals every secret again under the current version of the key. Raises SealBroken."""
    async with uow_factory.open(SYSTEM) as uow:
        found = await repository.list_sealed_otherwise(uow.session, than_version=box.version)
        for endpoint in found:
            secret = box.open(endpoint.secret, key_version=endpoint.key_version, endpoint_id=endpoint.id)
            sealed = box.seal(secret, endpoint_id=endpoint.id)
            values: dict[str, Any] = {"secret": sealed.ciphertext, "key_version": sealed.key_version}
            if endpoint.old_secret is not None and endpoint.old_key_version is not None:
                old = box.open(endpoint.old_secret, key_version=endpoint.old_key_version, endpoint_id=endpoint.id)
                resealed = box.seal(old, endpoint_id=endpoint.id)
                values |= {"old_secret": resealed.ciphertext, "old_key_version": resealed.key_version}
            await repository.update_endpoint(uow.session, endpoint.id, values)
    return len(found)


def _check_after(after: int, end: int) -> None:
    if after > end:
        raise EventCursorUnknown(f"the last event has number {end}", field="after", last_number=end)


async def _record(uow: UnitOfWork, endpoint_id: int, action: str, **details: Any) -> None:
    # Neither the address nor the secret: an address may hold a password in its path.
    await uow.record(action, object_kind="webhook", object_id=str(endpoint_id), details=details)
