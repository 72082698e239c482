"""A program that is told by webhooks, under faults: it answers, fails or hangs up by chance.

At the end it has got every event of the log, those of each loan in their order, and nothing else. What was sent and not
noted, because a worker was killed, came twice, with the same id and the same text.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.target import Target
from tests.receiver import DROP, Received, Receiver

#: Each failure puts a lane off for seconds, so there are only a few.
FAILING_SHARE = 0.01

DELIVERIES = "SELECT number, lane, status FROM webhook_deliveries WHERE endpoint_id = $1"
WAITING = """
SELECT (SELECT count(*) FROM events WHERE number IS NULL)
     + (SELECT count(*) FROM webhook_deliveries WHERE status <> 'delivered')
     + (SELECT count(*) FROM webhook_lanes)
     + (SELECT count(*) FROM webhook_endpoints WHERE after_number < (SELECT last_number FROM event_log))
"""


@dataclass(slots=True, kw_only=True)
class Hooks:
    """The receiver and its endpoint, which gets every event since its beginning."""

    receiver: Receiver
    random: random.Random
    endpoint_id: int = 0
    after: int = 0
    bodies: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    is_failing: bool = True

    def __post_init__(self) -> None:
        self.receiver.behave = self._behave

    def _behave(self, received: Received) -> int | str:
        event = received.headers["webhook-id"]
        if self.bodies.setdefault(event, received.body) != received.body:
            self.changed.append(event)
        if self.is_failing and self.random.random() < FAILING_SHARE:
            failures: Sequence[int | str] = (500, 503, DROP)
            return self.random.choice(failures)
        return 200

    def add(self, answer: dict[str, Any]) -> None:
        """The endpoint as it was made."""
        self.endpoint_id, self.after = answer["endpoint_id"], answer["after"]


async def verify_hooks(target: Target, hooks: Hooks) -> list[str]:
    """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
    last: int = await target.value("SELECT last_number FROM event_log")
    assert hooks.changed == [], "the same event came with two texts"
    arrived = hooks.receiver.numbers()
    assert {*arrived} == {*range(hooks.after + 1, last + 1)}, f"of {last} events {len({*arrived})} have arrived"
    deliveries = await target.rows(DELIVERIES, hooks.endpoint_id)
    assert {row["number"]: row["status"] for row in deliveries} == dict.fromkeys(arrived, "delivered")
    lanes = {row["number"]: row["lane"] for row in deliveries}
    first: dict[int, list[int]] = defaultdict(list)
    for number in dict.fromkeys(arrived):
        first[lanes[number]].append(number)
    assert [lane for lane, numbers in first.items() if numbers != sorted(numbers)] == [], "out of order"
    again = len(arrived) - len(lanes)
    return [f"{len(lanes):,} events brought by webhooks, {len(first):,} loans' in order; {again:,} came again"]
