"""Webhooks against a real receiver that fails, hangs and comes back: everything arrives, in the order of each loan."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.db.repositories.events.deliveries import Delivery, DeliveryNotFound
from app.db.session import SessionFactory
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.events.subscriptions import DeliveryStatus, EndpointStatus, WebhookUrlInvalid
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import PERSONAL_LOAN
from app.services.events import delivery, log, webhooks
from app.services.events.delivery import Courier
from app.services.events.log import EventCursorUnknown
from app.services.events.publishing import publish
from app.services.events.sealed_secrets import SecretBox
from app.services.events.sending import Sender
from app.services.events.webhooks import EndpointChanges, EndpointRequest, WebhookDesk, WithSecret
from app.services.people.vault import SealBroken
from app.services.unit_of_work import UnitOfWorkFactory
from tests.receiver import DROP, HANG, Receiver, receiver
from tests.services.conftest import SilentJobQueue
from tests.services.lending_desk import LendingHelper

JAVASCRIPT = Path(__file__).parents[2] / "javascript"
BOX = SecretBox(keys={1: b"K" * 32}, version=1)
DESK = WebhookDesk(box=BOX, http_allowed=True)


@dataclass(slots=True)
class Clock:
    """The system's time, moved."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def uow_factory(session_factory: SessionFactory, clock: Clock) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(sessions=session_factory, job_queue=SilentJobQueue(), clock=clock)


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@dataclass(slots=True)
class Post:
    """Writes events, and brings them to endpoints, in steps."""

    uow_factory: UnitOfWorkFactory
    seconds: float = 0.3
    private_allowed: bool = True
    parallel: int = 4

    async def happen(self, *loans: int | None, words: str = "") -> None:
        """An event for each of these loans; None is a customer's."""
        async with self.uow_factory.open(SYSTEM) as uow:
            for loan in loans:
                data = {"loan_id": f"LN-2026-{loan or 0:04d}", "words": words}
                await publish(uow, Happened(type=EventType.CARD_BLOCKED, customer_id=7, loan_id=loan, data=data))
        await log.number_events(self.uow_factory)

    async def add(self, request: EndpointRequest) -> WithSecret:
        async with self.uow_factory.open(SYSTEM) as uow:
            return await webhooks.add_endpoint(uow, DESK, request)

    async def bring(self, endpoint_id: int, *, worker: str = "one") -> None:
        """Hands over what is new, and sends what is due."""
        await delivery.dispatch(self.uow_factory)
        courier = Courier(box=BOX, make_sender=self._sender, parallel=self.parallel, worker=worker)
        assert await delivery.deliver(self.uow_factory, endpoint_id, courier, is_time_up=lambda: False)

    def _sender(self) -> Sender:
        return Sender(private_allowed=self.private_allowed, seconds=self.seconds, connections=self.parallel)

    async def deliveries(self, endpoint_id: int, status: DeliveryStatus | None = None) -> list[Delivery]:
        async with self.uow_factory.open(SYSTEM) as uow:
            found = await webhooks.list_deliveries(uow, endpoint_id, status=status, before=2**62, limit=200)
        return found[::-1]


@pytest.fixture
def post(uow_factory: UnitOfWorkFactory) -> Post:
    return Post(uow_factory)


def everything_at(there: Receiver) -> EndpointRequest:
    return EndpointRequest(url=there.url, after=0)


async def test_events_arrive_signed_and_whole(
    post: Post, there: Receiver, unreconciled: LendingHelper, uow_factory: UnitOfWorkFactory
) -> None:
    await unreconciled.disburse(PERSONAL_LOAN, amount=30_000, rate="12", instalments=12)
    await post.happen(1, words="₹ तीन हज़ार")
    made = await post.add(everything_at(there))
    await post.bring(made.endpoint.id)
    assert there.numbers() == [1, 2, 3]
    async with uow_factory.reading(SYSTEM) as uow:
        events = (await log.read_events(uow, after=0, limit=10)).events
    for event, received in zip(events, there.accepted, strict=True):
        assert received.body == delivery.body_of(event)
        assert received.headers["content-type"] == "application/json"
        assert received.headers["webhook-id"] == event.id
        assert Webhook(made.secret).verify(received.body, received.headers) == received.event
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(there.accepted[0].body.replace("30000", "40000"), there.accepted[0].headers)
    found = await post.deliveries(made.endpoint.id)
    assert [(each.number, each.status, each.attempts, each.last_status) for each in found] == [
        (number, "delivered", 1, 200) for number in (1, 2, 3)
    ]


@pytest.fixture(scope="session")
def npm_packages() -> Path:
    """The packages of tests/javascript, installed once from their lock."""
    if not (JAVASCRIPT / "node_modules" / "standardwebhooks").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=JAVASCRIPT, check=True)
    return JAVASCRIPT


@pytest.mark.javascript
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed, which CI installs")
async def test_javascript_verifies_what_is_sent(post: Post, there: Receiver, npm_packages: Path) -> None:
    made = await post.add(everything_at(there))
    await post.happen(1, words="₹ तीन हज़ार")
    await post.bring(made.endpoint.id)
    async with post.uow_factory.open(SYSTEM) as uow:
        newer = await webhooks.rotate_secret(uow, DESK, made.endpoint.id)
    await post.happen(2, words="two signatures")
    await post.bring(made.endpoint.id)
    first, second = there.accepted
    asked = [(made.secret, first), (made.secret, second), (newer.secret, second), (newer.secret, first)]
    lines = [
        json.dumps({"secret": secret, "headers": received.headers, "body": received.body}) for secret, received in asked
    ]
    found = await asyncio.to_thread(
        subprocess.run,
        ["node", "verify.mjs"],
        cwd=npm_packages,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines() == ["ok", "ok", "ok", "No matching signature found"]


async def test_both_secrets_sign_until_the_overlap_ends(post: Post, there: Receiver, clock: Clock) -> None:
    made = await post.add(everything_at(there))
    async with post.uow_factory.open(SYSTEM) as uow:
        newer = await webhooks.rotate_secret(uow, DESK, made.endpoint.id, overlap=timedelta(hours=2))
    await post.happen(1)
    await post.bring(made.endpoint.id)
    for secret in (made.secret, newer.secret):
        assert Webhook(secret).verify(there.accepted[0].body, there.accepted[0].headers)
    clock.ahead += timedelta(hours=2)
    await post.happen(2)
    await post.bring(made.endpoint.id)
    assert len(there.accepted[1].headers["webhook-signature"].split()) == 1


async def test_only_the_types_that_are_wanted(post: Post, there: Receiver, unreconciled: LendingHelper) -> None:
    made = await post.add(EndpointRequest(url=there.url, types=[EventType.LOAN_DISBURSED], after=0))
    await unreconciled.disburse(PERSONAL_LOAN, amount=30_000, rate="12", instalments=12)
    await post.happen(1, 2)
    await post.bring(made.endpoint.id)
    assert there.numbers() == [2]


async def test_a_new_endpoint_begins_with_the_next_event(post: Post, there: Receiver) -> None:
    await post.happen(1, 2)
    made = await post.add(EndpointRequest(url=there.url))
    await post.happen(3)
    await post.bring(made.endpoint.id)
    assert there.numbers() == [3]


async def test_a_failing_event_holds_its_own_loan_and_no_other(post: Post, there: Receiver, clock: Clock) -> None:
    made = await post.add(everything_at(there))
    there.behave = lambda request: 500 if request.event["number"] == 2 else 200
    await post.happen(1, 1, 2, 1, None)
    await post.bring(made.endpoint.id)
    assert sorted(there.numbers()) == [1, 3, 5]
    there.behave = lambda _: 200
    await post.bring(made.endpoint.id)
    assert 2 not in there.numbers(), "its pause is not over"
    clock.ahead += timedelta(seconds=6)
    await post.happen(1)
    await post.bring(made.endpoint.id)
    assert [number for number in there.numbers() if number in (1, 2, 4, 6)] == [1, 2, 4, 6]
    found = {each.number: each.attempts for each in await post.deliveries(made.endpoint.id)}
    assert found == {1: 1, 2: 2, 3: 1, 4: 1, 5: 1, 6: 1}


@pytest.mark.parametrize(
    "fault, status, error",
    [
        (500, 500, None),
        (302, 302, None),
        (HANG, None, "timeout"),
        (DROP, None, "RemoteProtocolError"),
    ],
)
async def test_each_fault_is_noted_and_tried_again(
    post: Post, there: Receiver, clock: Clock, fault: int | str, status: int | None, error: str | None
) -> None:
    made = await post.add(everything_at(there))
    await post.happen(1)
    there.behave = lambda _: fault
    await post.bring(made.endpoint.id)
    (found,) = await post.deliveries(made.endpoint.id)
    assert (found.status, found.attempts, found.last_status, found.last_error) == ("waiting", 1, status, error)
    there.behave = lambda _: 200
    clock.ahead += timedelta(seconds=6)
    await post.bring(made.endpoint.id)
    (found,) = await post.deliveries(made.endpoint.id)
    assert (found.status, found.attempts, found.last_status, found.last_error) == ("delivered", 2, 200, None)
    assert [each.headers["webhook-id"] for each in there.received] == ["EV-000001"] * 2, "no redirect was followed"


async def test_an_endpoint_that_is_away_is_left_alone_and_gets_everything_later(
    post: Post, there: Receiver, clock: Clock
) -> None:
    made = await post.add(everything_at(there))
    there.behave = lambda _: 503
    await post.happen(*range(1, 101))
    await post.bring(made.endpoint.id)
    tried = len(there.received)
    assert tried <= delivery.LANES
    await post.bring(made.endpoint.id)
    assert len(there.received) == tried, "it is left alone"
    for _ in range(3):
        clock.ahead += timedelta(minutes=5)
        await post.bring(made.endpoint.id)
    assert len(there.received) == tried + 3, "one event finds out whether it is back"
    there.behave = lambda _: 200
    clock.ahead += timedelta(minutes=10)
    for _ in range(3):
        await post.bring(made.endpoint.id)
    assert sorted(there.numbers()) == list(range(1, 101))


async def test_after_three_days_an_event_is_a_dead_letter_and_may_be_sent_again(
    post: Post, there: Receiver, clock: Clock
) -> None:
    made = await post.add(everything_at(there))
    there.behave = lambda request: 500 if request.event["number"] == 1 else 200
    await post.happen(1, 1)
    began = clock.ahead
    while clock.ahead < began + timedelta(days=4):
        await post.bring(made.endpoint.id)
        clock.ahead += timedelta(minutes=30)
    dead, delivered = await post.deliveries(made.endpoint.id)
    assert (dead.status, dead.last_status) == ("dead", 500)
    assert 20 < dead.attempts < 40
    assert (delivered.number, delivered.status, delivered.attempts) == (2, "delivered", 1)
    assert await post.deliveries(made.endpoint.id, DeliveryStatus.DEAD) == [dead]
    there.behave = lambda _: 200
    async with post.uow_factory.open(SYSTEM) as uow:
        again = await webhooks.redeliver(uow, made.endpoint.id, 1)
        assert (again.status, again.attempts) == ("waiting", 0)
        with pytest.raises(DeliveryNotFound):
            await webhooks.redeliver(uow, made.endpoint.id, 99)
    await post.bring(made.endpoint.id)
    assert there.numbers() == [2, 1]
    assert await post.deliveries(made.endpoint.id, DeliveryStatus.DEAD) == []


async def test_everything_from_a_number_on_again(post: Post, there: Receiver) -> None:
    made = await post.add(everything_at(there))
    await post.happen(1, 1, 1, 1)
    await post.bring(made.endpoint.id)
    async with post.uow_factory.open(SYSTEM) as uow:
        assert (await webhooks.redeliver_from(uow, made.endpoint.id, 3)).after_number == 2
        with pytest.raises(EventCursorUnknown):
            await webhooks.redeliver_from(uow, made.endpoint.id, 6)
    await post.bring(made.endpoint.id)
    assert there.numbers() == [1, 2, 3, 4, 3, 4]


async def test_a_paused_endpoint_gets_what_it_missed(post: Post, there: Receiver) -> None:
    made = await post.add(everything_at(there))
    for status, expected in ((EndpointStatus.PAUSED, []), (EndpointStatus.ACTIVE, [1, 2])):
        async with post.uow_factory.open(SYSTEM) as uow:
            await webhooks.change_endpoint(uow, DESK, made.endpoint.id, EndpointChanges(status=status))
        await post.happen(1)
        await post.bring(made.endpoint.id)
        assert there.numbers() == expected


async def test_a_removed_endpoint_gets_nothing(post: Post, there: Receiver) -> None:
    made = await post.add(everything_at(there))
    await post.happen(1)
    await delivery.dispatch(post.uow_factory)
    async with post.uow_factory.open(SYSTEM) as uow:
        await webhooks.remove_endpoint(uow, made.endpoint.id)
        assert await webhooks.list_endpoints(uow) == []
    await post.bring(made.endpoint.id)
    assert there.received == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]"]
)
async def test_an_address_of_our_own_network_is_not_called(post: Post, there: Receiver, host: str) -> None:
    made = await post.add(EndpointRequest(url=f"http://{host}:{there.port}/hook", after=0))
    await post.happen(1)
    post.private_allowed = False
    await post.bring(made.endpoint.id)
    (found,) = await post.deliveries(made.endpoint.id)
    assert (found.last_error, found.last_status, there.received) == ("address_refused", None, [])


async def test_only_so_many_requests_at_a_time(post: Post, there: Receiver) -> None:
    made = await post.add(everything_at(there))
    await post.happen(*range(1, 41))
    await post.bring(made.endpoint.id)
    assert len(there.accepted) == 40
    assert there.most_at_once <= post.parallel


async def test_two_workers_share_an_endpoint_and_keep_its_order(post: Post, there: Receiver) -> None:
    made = await post.add(everything_at(there))
    await post.happen(*(loan for _ in range(20) for loan in range(1, 21)))
    await asyncio.gather(*(post.bring(made.endpoint.id, worker=worker) for worker in ("one", "two", "three")))
    await post.bring(made.endpoint.id)
    assert sorted(there.numbers()) == list(range(1, 401))
    for loan in range(1, 21):
        assert [number for number in there.numbers() if number % 20 == loan % 20] == list(range(loan, 401, 20))


async def test_the_secret_is_not_stored_as_it_is(post: Post, there: Receiver) -> None:
    made = await post.add(everything_at(there))
    async with post.uow_factory.open(SYSTEM) as uow:
        endpoint = await webhooks.get_endpoint(uow, made.endpoint.id)
    assert BOX.open(endpoint.secret, key_version=1, endpoint_id=endpoint.id) not in endpoint.secret
    with pytest.raises(SealBroken):
        BOX.open(endpoint.secret, key_version=1, endpoint_id=endpoint.id + 1)
    newer = SecretBox(keys={1: b"K" * 32, 2: b"L" * 32}, version=2)
    assert await webhooks.reseal_secrets(post.uow_factory, box=newer) == 1
    assert await webhooks.reseal_secrets(post.uow_factory, box=newer) == 0
    async with post.uow_factory.open(SYSTEM) as uow:
        resealed = await webhooks.get_endpoint(uow, made.endpoint.id)
    assert resealed.key_version == 2
    opened = newer.open(resealed.secret, key_version=2, endpoint_id=endpoint.id)
    assert opened == BOX.open(endpoint.secret, key_version=1, endpoint_id=endpoint.id)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "https://", "https:///path", "https://user:secret@example.com/", "https://example.com/#a",
        "https://exam ple.com/", "https://example.com:0/", "https://example.com:99999/", "example.com", "https://ex₹.com",
    ],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused(post: Post, url: str) -> None:
    with pytest.raises(WebhookUrlInvalid) as refused:
        await post.add(EndpointRequest(url=url))
    assert "secret" not in refused.value.message


async def test_http_is_refused_unless_it_is_allowed(post: Post) -> None:
    strict = WebhookDesk(box=BOX, http_allowed=False)
    async with post.uow_factory.open(SYSTEM) as uow:
        with pytest.raises(WebhookUrlInvalid, match="it must begin with https://"):
            await webhooks.add_endpoint(uow, strict, EndpointRequest(url="http://example.com/"))
        assert await webhooks.list_endpoints(uow) == []
