"""The jobs of events: number them, hand them to webhook endpoints, send them."""

from datetime import timedelta
from functools import partial
from typing import Any

from app.services import outbox
from app.services.events import delivery, log
from app.services.events.delivery import Courier
from app.services.events.sealed_secrets import create_secret_box
from app.services.events.sending import Sender
from app.services.unit_of_work import UnitOfWorkFactory
from app.workers.context import Context

#: A step of sending. It ends when the requests that are under way then have ended.
BUDGET = timedelta(seconds=5)


async def number_events(context: Context) -> None:
    """Numbers what was committed since the last time."""
    await log.number_events(context.uow_factory)


async def dispatch_webhooks(context: Context) -> None:
    """Hands new events to the endpoints that want them."""
    await delivery.dispatch(context.uow_factory)


async def deliver_webhooks(context: Context, outbox_id: int) -> bool:
    """Sends what is due to one endpoint until the time is up. Returns True when nothing is due."""
    settings = context.settings
    sender = partial(
        Sender,
        private_allowed=settings.webhook_private_addresses,
        seconds=settings.webhook_timeout_seconds,
        connections=settings.webhook_parallel,
    )
    # Two jobs of one process may work on one endpoint: each holds its own lanes.
    courier = Courier(
        box=create_secret_box(settings),
        make_sender=sender,
        parallel=settings.webhook_parallel,
        worker=f"{context.worker}/{outbox_id}/{id(sender)}",
    )

    async def some_deliveries(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        until = uow_factory.clock() + BUDGET
        return await delivery.deliver(
            uow_factory, payload["endpoint_id"], courier, is_time_up=lambda: uow_factory.clock() >= until
        )

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_deliveries)
