"""Brings events to webhook endpoints: at least once, and in order for each endpoint and loan.

`dispatch` writes a delivery for each event that an endpoint wants, and asks for the job. The job claims lanes (loans)
that are due, sends their deliveries, and notes what became of them. Lanes are sent side by side, the deliveries of one
lane after each other. A delivery that fails stops its lane until it is tried again or given up. Whatever was sent and
not noted, because a worker was killed, is sent again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

import orjson

from app import measures, tracing
from app.db.repositories.events import deliveries as repository
from app.db.repositories.events import endpoints as endpoint_repository
from app.db.repositories.events import log as event_repository
from app.db.repositories.events.deliveries import Attempt, ClaimedLane, Delivery, WorkedLane
from app.db.repositories.events.endpoints import StoredEndpoint, WebhookEndpointNotFound
from app.domain.events.happened import lane_of
from app.domain.events.signatures import sign
from app.domain.events.subscriptions import LONGEST_REST, EndpointStatus, after_failure, pause_after
from app.domain.people.access import SYSTEM
from app.domain.public_ids import format_event_id
from app.services.events import log
from app.services.events.presenting import EventView, document
from app.services.events.sealed_secrets import SecretBox
from app.services.events.sending import Sender, Sent
from app.services.events.webhooks import signing_secrets
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

JOB: Final = "deliver_webhooks"
#: Events that are handed to an endpoint in one transaction, and how many may wait there: the log keeps the rest.
HANDED_AT_ONCE: Final = 1_000
MOST_WAITING: Final = 10_000
#: Lanes that a worker claims at a time, and deliveries of each. What is claimed is noted in one transaction.
LANES: Final = 128
OF_A_LANE: Final = 8
#: Longer than a worker needs for the lanes that it claims.
LEASE: Final = timedelta(seconds=30)
#: Answers of a whole service that is away, and not about one event.
AWAY: Final = frozenset({None, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """What delivering needs from its process: the box of the secrets, how to make a sender, and its limits."""

    box: SecretBox
    make_sender: Callable[[], Sender]
    parallel: int
    worker: str


class Letter(NamedTuple):
    """The text that is sent for an event, and the trace that the event belongs to."""

    body: str
    traceparent: str | None


class Worked(NamedTuple):
    """What became of a claimed lane."""

    attempts: Sequence[Attempt]
    lane: WorkedLane


async def dispatch(uow_factory: UnitOfWorkFactory) -> int:
    """Hands new events to the endpoints that want them, and asks for the jobs that send; returns how many events were
    looked at. It may run in several processes at once."""
    looked_at = 0
    while (handed := await _hand_over(uow_factory)) is not None:
        looked_at += handed
        if not handed:
            break
    async with uow_factory.open(SYSTEM) as uow:
        for endpoint_id in await endpoint_repository.list_due_endpoints(uow.session, now=uow.now):
            await uow.enqueue(JOB, key=str(endpoint_id), payload={"endpoint_id": endpoint_id})
    return looked_at


async def _hand_over(uow_factory: UnitOfWorkFactory) -> int | None:
    """One endpoint's next events. None if no endpoint is behind; 0 if the one that is furthest behind has enough."""
    async with uow_factory.open(SYSTEM) as uow:
        endpoint = await endpoint_repository.lock_behind(uow.session)
        if endpoint is None:
            return None
        if await repository.count_waiting(uow.session, endpoint.id, at_most=MOST_WAITING) >= MOST_WAITING:
            return 0
        end = await event_repository.find_end(uow.session)
        until = min(endpoint.after_number + HANDED_AT_ONCE, end)
        rows = await event_repository.list_after(
            uow.session, after=endpoint.after_number, end=until, types=endpoint.types, limit=HANDED_AT_ONCE
        )
        wanted = [
            (number, lane_of(customer_id=customer_id, loan_id=loan_id))
            for row in rows
            for number, customer_id, loan_id in log.lanes_of(row, after=endpoint.after_number)
            if number <= until
        ]
        await repository.add_deliveries(uow.session, endpoint.id, wanted, now=uow.now)
        await endpoint_repository.update_endpoint(uow.session, endpoint.id, {"after_number": until})
        return until - endpoint.after_number


async def deliver(
    uow_factory: UnitOfWorkFactory, endpoint_id: int, courier: Courier, *, is_time_up: Callable[[], bool]
) -> bool:
    """The job: sends what is due to an endpoint. True when nothing is due now."""
    async with courier.make_sender() as sender:
        while not is_time_up():
            endpoint, lanes = await _claim(uow_factory, endpoint_id, courier)
            if endpoint is None or not lanes:
                return True
            letters = await _letters(uow_factory, lanes)
            sending = Sending(uow_factory, courier, sender, endpoint, letters, is_time_up)
            worked = await sending.send_all(lanes)
            if not await _note(uow_factory, endpoint, worked, courier):
                return True
    return False


async def _claim(
    uow_factory: UnitOfWorkFactory, endpoint_id: int, courier: Courier
) -> tuple[StoredEndpoint | None, list[ClaimedLane]]:
    async with uow_factory.open(SYSTEM) as uow:
        try:
            endpoint = await endpoint_repository.get_endpoint(uow.session, endpoint_id)
        except WebhookEndpointNotFound:
            return None, []
        resting = endpoint.resting_until is not None and uow.now < endpoint.resting_until
        if endpoint.status != EndpointStatus.ACTIVE or resting:
            return None, []
        lanes = await repository.claim_lanes(
            uow.session,
            endpoint_id,
            worker=courier.worker,
            now=uow.now,
            until=uow.now + LEASE,
            lanes=LANES if endpoint.failures == 0 else 1,
            of_each=OF_A_LANE,
        )
        return endpoint, lanes


async def _letters(uow_factory: UnitOfWorkFactory, lanes: Sequence[ClaimedLane]) -> Mapping[int, Letter]:
    """What is sent for each event, by its number."""
    numbers = sorted(delivery.number for lane in lanes for delivery in lane.waiting)
    async with uow_factory.reading(SYSTEM) as uow:
        events = await log.find_events(uow, numbers)
    return {event.number: Letter(body_of(event), event.traceparent) for event in events}


def body_of(event: EventView) -> str:
    """The body of a webhook: the whole event, as the API shows it."""
    return orjson.dumps(document(event)).decode()


@dataclass(frozen=True, slots=True)
class Sending:
    """The lanes that a worker has claimed, on their way."""

    uow_factory: UnitOfWorkFactory
    courier: Courier
    sender: Sender
    endpoint: StoredEndpoint
    letters: Mapping[int, Letter]
    is_time_up: Callable[[], bool]

    async def send_all(self, lanes: Sequence[ClaimedLane]) -> list[Worked]:
        """Sends the lanes side by side, as many at a time as the endpoint may be given."""
        places = asyncio.Semaphore(self.courier.parallel)

        async def send(lane: ClaimedLane) -> Worked:
            async with places:
                return await self._send_lane(lane)

        return await asyncio.gather(*map(send, lanes))

    async def _send_lane(self, lane: ClaimedLane) -> Worked:
        attempts: list[Attempt] = []
        due_at = self.uow_factory.clock()
        for delivery in lane.waiting:
            if self.is_time_up():
                break
            attempt = await self._send(delivery)
            attempts.append(attempt)
            if not attempt.is_delivered:
                # A dead letter does not stop its lane.
                due_at = attempt.next_at or self.uow_factory.clock()
                break
        return Worked(attempts, WorkedLane(lane.lane, lane.revision, due_at))

    async def _send(self, delivery: Delivery) -> Attempt:
        now, (body, parent) = self.uow_factory.clock(), self.letters[delivery.number]
        secrets = signing_secrets(self.endpoint, self.courier.box, now=now)
        headers = sign(secrets, event_id=format_event_id(delivery.number), at=now, body=body)
        with tracing.span("webhook", parent=parent, endpoint=self.endpoint.id, number=delivery.number):
            if (own := tracing.traceparent()) is not None:
                headers[tracing.TRACEPARENT] = own
            sent: Sent = await self.sender.post(self.endpoint.url, headers=headers, body=body)
        next_at = None
        if not sent.is_delivered:
            now, attempts = self.uow_factory.clock(), delivery.attempts + 1
            next_at = after_failure(due_since=delivery.due_since, attempts=attempts, now=now).next_at
        return Attempt(delivery.number, sent.is_delivered, sent.status, sent.error, next_at)


async def _note(
    uow_factory: UnitOfWorkFactory, endpoint: StoredEndpoint, worked: Sequence[Worked], courier: Courier
) -> bool:
    """Stores what became of the lanes. False if the endpoint is to be left alone for a while."""
    attempts = [attempt for each in worked for attempt in each.attempts]
    answered = any(attempt.is_delivered for attempt in attempts)
    silent = bool(attempts) and all(not attempt.is_delivered and attempt.status in AWAY for attempt in attempts)
    async with uow_factory.open(SYSTEM) as uow:
        await repository.note_attempts(
            uow.session, endpoint.id, attempts, [each.lane for each in worked], worker=courier.worker, now=uow.now
        )
        if silent:
            await _rest(uow, endpoint)
        elif answered and endpoint.failures:
            await endpoint_repository.update_endpoint(uow.session, endpoint.id, {"failures": 0, "resting_until": None})
        for attempt in attempts:
            measures.count(measures.WEBHOOKS, result=_result(attempt))
        failed = [attempt for attempt in attempts if not attempt.is_delivered]
        if failed:
            uow.log_after_commit(
                "webhooks failed",
                endpoint_id=endpoint.id,
                failed=len(failed),
                dead=sum(attempt.next_at is None for attempt in failed),
                status=failed[-1].status,
                reason=failed[-1].error,
            )
    return not silent


def _result(attempt: Attempt) -> str:
    if attempt.is_delivered:
        return "delivered"
    return "dead" if attempt.next_at is None else "failed"


async def _rest(uow: UnitOfWork, endpoint: StoredEndpoint) -> None:
    """Leaves an endpoint alone that answered nothing: each of its lanes would find out the same by itself."""
    failures = endpoint.failures + 1
    until = uow.now + pause_after(failures, longest=LONGEST_REST)
    await endpoint_repository.update_endpoint(uow.session, endpoint.id, {"failures": failures, "resting_until": until})
