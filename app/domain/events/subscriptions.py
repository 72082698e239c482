"""Webhook endpoints: which addresses may be named, and when a delivery is tried again.

A delivery that fails is tried again after a pause, and each pause is longer than the one before. Three days after it
was first due it is given up: it is a dead letter, which somebody may send again. Until then, later events of the same
loan wait for it.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.errors import Invalid

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=4)
#: Each pause is so many times the one before.
FACTOR: Final = 3
GIVEN_UP_AFTER: Final = timedelta(days=3)
#: A whole endpoint that does not answer is left alone for at most this long.
LONGEST_REST: Final = timedelta(minutes=5)
#: After a rotation the old secret signs beside the new one for this long, unless somebody says otherwise.
OVERLAP: Final = timedelta(hours=24)
LONGEST_URL: Final = 2_000
LARGEST_PORT: Final = 65_535
#: A scheme, a host without a user before it, a port, and a path and a query without a fragment.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?::(?P<port>[0-9]{1,5}))?(?:[/?][!\"$-~]*)?"
)


class EndpointStatus(StrEnum):
    """Whether events are sent to an endpoint. While it is paused, they wait in the log."""

    ACTIVE = "active"
    PAUSED = "paused"


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class WebhookUrlInvalid(Invalid):
    """The address is no https address that a webhook can be sent to. Name one that begins
    with https, with a host name, and without a user or a fragment."""

    code = "webhook_url_invalid"


def check_url(url: str, *, http_allowed: bool) -> str:
    """The address of an endpoint. Raises WebhookUrlInvalid, whose message never repeats it."""
    match = _URL.fullmatch(url)
    if match is None or len(url) > LONGEST_URL or not 0 < int(match["port"] or 443) <= LARGEST_PORT:
        raise _refused("it must be https://, a host and a path, in ASCII, without a user, a password and a fragment")
    if match["scheme"] == "http" and not http_allowed:
        raise _refused("it must begin with https://")
    return url


def pause_after(attempts: int, *, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """The pause after so many failed attempts, at least one: 5, 15 and 45 seconds, and so on."""
    assert attempts > 0, "there is no pause before the first attempt"
    times: int = FACTOR ** min(attempts - 1, 12)
    return min(FIRST_PAUSE * times, longest)


@dataclass(frozen=True, slots=True)
class Failed:
    """What follows from a failed attempt: the time of the next one, or None for a dead letter."""

    next_at: datetime | None


def after_failure(*, due_since: datetime, attempts: int, now: datetime) -> Failed:
    """`attempts` counts the one that failed. The last attempt is made when the three days are over."""
    end = due_since + GIVEN_UP_AFTER
    return Failed(None if now >= end else min(now + pause_after(attempts), end))


def _refused(reason: str) -> WebhookUrlInvalid:
    return WebhookUrlInvalid(f"a webhook cannot be sent there: {reason}", field="url")
