"""Webhooks by real workers: one is killed while the receiver hangs, and nothing is lost or comes out of order."""

import signal
import subprocess
from collections import Counter
from collections.abc import Callable

import pytest

from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.people.access import SYSTEM
from app.services.events import webhooks
from app.services.events.publishing import publish
from app.services.events.sealed_secrets import create_secret_box
from app.services.events.webhooks import EndpointRequest, WebhookDesk
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.patience import eventually
from tests.receiver import HANG, Received, receiver

LOANS, OF_EACH = 20, 10


async def happen(uow_factory: UnitOfWorkFactory) -> None:
    """Ten events of each of twenty loans, in turns."""
    for place in range(OF_EACH):
        async with uow_factory.open(SYSTEM) as uow:
            for loan in range(LOANS):
                data = {"loan": loan, "place": place}
                await publish(uow, Happened(type=EventType.CARD_BLOCKED, customer_id=7, loan_id=loan + 1, data=data))


@pytest.mark.slow
async def test_a_worker_killed_while_it_sends_loses_and_reorders_nothing(
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    worker_process: Callable[..., "subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver() as there:
        # The receiver hangs in the middle, so the worker is killed while its requests are under way.
        there.behave = lambda _: 200 if len(there.accepted) < 60 else HANG
        desk = WebhookDesk(box=create_secret_box(settings), http_allowed=True)
        async with uow_factory.open(SYSTEM) as uow:
            made = await webhooks.add_endpoint(
                uow, desk, EndpointRequest(url=there.url, types=[EventType.CARD_BLOCKED], after=0)
            )
        await happen(uow_factory)
        private = {"KIST_WEBHOOK_PRIVATE_ADDRESSES": "true", "KIST_WEBHOOK_HTTP": "true"}
        first = worker_process(**private)

        async def is_hanging() -> bool:
            return len(there.received) > len(there.accepted) >= 60

        await eventually(is_hanging)
        first.send_signal(signal.SIGKILL)
        first.wait()
        there.behave = lambda _: 200
        for _ in range(2):
            worker_process(**private)

        async def is_done() -> bool:
            async with uow_factory.open(SYSTEM) as uow:
                found = await webhooks.list_deliveries(uow, made.endpoint.id, status=None, before=2**62, limit=1000)
            return len(found) == LOANS * OF_EACH and {each.status for each in found} == {"delivered"}

        await eventually(is_done)
        # An event may arrive more than once; its first arrival counts.
        arrived = dict.fromkeys((each.event["data"]["loan"], each.event["data"]["place"]) for each in there.accepted)
        for loan in range(LOANS):
            assert [place for of_loan, place in arrived if of_loan == loan] == list(range(OF_EACH))
        assert most_often(there.received) <= 3, "only what the killed worker had not noted came again"


def most_often(received: list[Received]) -> int:
    return max(Counter(each.headers["webhook-id"] for each in received).values())
