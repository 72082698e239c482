"""Webhook endpoints: addresses that events are sent to, their secrets, their deliveries and dead letters."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import Field, StringConstraints

from app.api.deps import ADMINS, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import EventId
from app.api.schemas import Answer, Body, CursorText, Line, Page, example
from app.db.repositories.events.deliveries import Delivery
from app.db.repositories.events.endpoints import StoredEndpoint
from app.domain.cursors import read_number
from app.domain.events.catalog import EventType
from app.domain.events.subscriptions import DeliveryStatus, EndpointStatus
from app.domain.public_ids import format_event_id
from app.services.events import webhooks
from app.services.events.sealed_secrets import create_secret_box
from app.services.events.webhooks import EndpointChanges, EndpointRequest, WebhookDesk, WithSecret

router = KistRouter(prefix="/webhooks/endpoints", tags=["Webhooks"])

EndpointPath = Annotated[int, Path(ge=1, le=2**62, description="The number of the endpoint")]
EventPath = Annotated[EventId, Path(description="`EV-000123`, or its number")]
Url = Annotated[
    str,
    StringConstraints(min_length=8, max_length=2000),
    Field(description="Where events are sent: an https address", examples=["https://example.com/kist"]),
]
Types = Annotated[list[EventType], Field(max_length=50, examples=[["payment.received", "bill.overdue"]])]


class EndpointBody(Body):
    """A new endpoint. Without `events` it gets all types. Without `after` it begins with the next event."""

    model_config = example({"url": "https://example.com/kist", "events": ["payment.received", "bill.overdue"]})

    url: Url
    events: Types = Field(default_factory=list)
    description: Line | None = None
    after: int | None = Field(default=None, ge=0, le=2**62, description="Send what came after this number; 0 for all")


class EndpointChange(Body):
    """What changes of an endpoint; what is left out stays. A paused endpoint gets what it missed when it is active."""

    model_config = example({"status": "paused"})

    url: Url | None = None
    events: Types | None = None
    description: Line | None = None
    status: EndpointStatus | None = None


class RotationBody(Body):
    """How long the old secret signs beside the new one."""

    model_config = example({"overlap_hours": 24})

    overlap_hours: int = Field(default=24, ge=0, le=168)


class RedeliveryBody(Body):
    """From where on events are sent again."""

    model_config = example({"from_number": 1})

    from_number: int = Field(ge=1, le=2**62, examples=[123])


class EndpointAnswer(Answer):
    """An endpoint. `after` is the last event that was handed to it; `resting_until` is set while it does not answer."""

    endpoint_id: int
    url: str
    events: list[EventType]
    description: str | None
    status: EndpointStatus
    after: int
    failures: int = Field(description="Attempts since the endpoint last answered")
    resting_until: datetime | None
    old_secret_until: datetime | None = Field(description="Until then the secret before signs too")
    created_at: datetime


class EndpointWithSecret(EndpointAnswer):
    """An endpoint and its secret, which no other answer shows."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EndpointList(Answer):
    """All endpoints."""

    items: list[EndpointAnswer]


class DeliveryAnswer(Answer):
    """One event for one endpoint. `last_status` is that of the last answer; null without one, then `last_error` says
    why."""

    event_id: str = Field(examples=["EV-000123"])
    number: int
    status: DeliveryStatus
    attempts: int
    due_since: datetime
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None


async def get_desk(request: Request) -> WebhookDesk:
    """What the use cases of webhooks need from the settings."""
    settings = request.app.state.settings
    return WebhookDesk(box=create_secret_box(settings), http_allowed=settings.webhook_http)


DeskDep = Annotated[WebhookDesk, Depends(get_desk)]


def _shown(endpoint: StoredEndpoint) -> EndpointAnswer:
    return EndpointAnswer(
        endpoint_id=endpoint.id,
        url=endpoint.url,
        events=[EventType(name) for name in endpoint.types],
        description=endpoint.description,
        status=EndpointStatus(endpoint.status),
        after=endpoint.after_number,
        failures=endpoint.failures,
        resting_until=endpoint.resting_until,
        old_secret_until=endpoint.old_until,
        created_at=endpoint.created_at,
    )


def _with_secret(made: WithSecret) -> EndpointWithSecret:
    return EndpointWithSecret(**_shown(made.endpoint).model_dump(), secret=made.secret)


def _delivery(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        event_id=format_event_id(delivery.number),
        number=delivery.number,
        status=DeliveryStatus(delivery.status),
        attempts=delivery.attempts,
        due_since=delivery.due_since,
        last_attempt_at=delivery.last_attempt_at,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        delivered_at=delivery.delivered_at,
    )


@router.post("", status_code=201, dependencies=[ADMINS], summary="Add a webhook endpoint")
async def add_endpoint(body: EndpointBody, uow: UnitOfWorkDep, desk: DeskDep) -> EndpointWithSecret:
    """Adds an address that events are sent to, and makes its secret. Keep the secret: only this answer shows it. It is
    never stored with an Idempotency-Key, so a repeat of this request adds another endpoint."""
    request = EndpointRequest(url=body.url, types=body.events, description=body.description, after=body.after)
    return _with_secret(await webhooks.add_endpoint(uow, desk, request))


@router.get("", dependencies=[ADMINS], summary="List webhook endpoints")
async def list_endpoints(uow: ReadingDep) -> EndpointList:
    """Lists every endpoint that was not removed."""
    return EndpointList(items=[_shown(endpoint) for endpoint in await webhooks.list_endpoints(uow)])


@router.get("/{endpoint_id}", dependencies=[ADMINS], summary="Read a webhook endpoint")
async def get_endpoint(endpoint_id: EndpointPath, uow: ReadingDep) -> EndpointAnswer:
    """Gives the endpoint, how far it is, and whether it answers."""
    return _shown(await webhooks.get_endpoint(uow, endpoint_id))


@router.patch("/{endpoint_id}", dependencies=[ADMINS], summary="Change an endpoint")
async def change_endpoint(
    endpoint_id: EndpointPath, body: EndpointChange, uow: UnitOfWorkDep, desk: DeskDep
) -> EndpointAnswer:
    """Changes the address, the types, the description or the status. What waits is sent at once."""
    changes = EndpointChanges(url=body.url, types=body.events, description=body.description, status=body.status)
    return _shown(await webhooks.change_endpoint(uow, desk, endpoint_id, changes))


@router.delete("/{endpoint_id}", status_code=204, dependencies=[ADMINS], summary="Remove a webhook endpoint")
async def remove_endpoint(endpoint_id: EndpointPath, uow: UnitOfWorkDep) -> None:
    """Removes the endpoint with everything that waits for it."""
    await webhooks.remove_endpoint(uow, endpoint_id)


@router.post("/{endpoint_id}/rotate-secret", dependencies=[ADMINS], summary="Replace the secret of an endpoint")
async def rotate_secret(
    endpoint_id: EndpointPath, uow: UnitOfWorkDep, desk: DeskDep, body: RotationBody | None = None
) -> EndpointWithSecret:
    """Makes another secret, which only this answer shows. Until the overlap ends, everything is signed with both."""
    overlap = timedelta(hours=(body or RotationBody()).overlap_hours)
    return _with_secret(await webhooks.rotate_secret(uow, desk, endpoint_id, overlap=overlap))


@router.get("/{endpoint_id}/deliveries", dependencies=[ADMINS], summary="List deliveries of an endpoint")
async def list_deliveries(
    endpoint_id: EndpointPath,
    uow: ReadingDep,
    status: Annotated[DeliveryStatus | None, Query(description="`dead` lists the dead letters")] = None,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=200, description="The most rows to answer")] = 50,
) -> Page[DeliveryAnswer]:
    """Lists deliveries, the latest event first. Delivered ones are kept for `KIST_KEEP_DAYS`, dead letters for ever."""
    before = read_number(cursor, default=2**62)
    found = await webhooks.list_deliveries(uow, endpoint_id, status=status, before=before, limit=limit)
    return Page(
        items=[_delivery(delivery) for delivery in found],
        next_cursor=str(found[-1].number) if len(found) == limit else None,
    )


@router.post(
    "/{endpoint_id}/deliveries/{event_id}/redeliver",
    dependencies=[ADMINS],
    summary="Send one event again",
)
async def redeliver_event(endpoint_id: EndpointPath, event_id: EventPath, uow: UnitOfWorkDep) -> DeliveryAnswer:
    """Sends a dead letter, or an event that was delivered, once more."""
    return _delivery(await webhooks.redeliver(uow, endpoint_id, event_id))


@router.post("/{endpoint_id}/redeliver", dependencies=[ADMINS], summary="Send events again")
async def redeliver_events(endpoint_id: EndpointPath, body: RedeliveryBody, uow: UnitOfWorkDep) -> EndpointAnswer:
    """Sends every event from a number on once more, in order, whatever became of it before."""
    return _shown(await webhooks.redeliver_from(uow, endpoint_id, body.from_number))
