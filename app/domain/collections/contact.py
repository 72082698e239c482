"""Attempts to contact a borrower, inside the hours that the rulebook allows.

The hours are those of the lender's time zone on the day of the attempt. The end of the hours is excluded: at the full
hour it is too late. A letter has no hour. Source: the rulebook, `recovery_contact_hours`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.errors import Invalid, Rejected
from app.domain.rulebook.rules import RuleRow


class ContactOutsideHours(Rejected):
    """Borrowers must not be contacted at this hour; the message has the hours, the time zone and the rule's source.
    Try again inside them."""

    code = "contact_outside_hours"


class ContactInFuture(Invalid):
    """The attempt would be later than now. Send the time at which it was made, with its time zone."""

    code = "contact_in_future"


class Channel(StrEnum):
    """How a borrower is contacted."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"
    EMAIL = "email"
    LETTER = "letter"


class Outcome(StrEnum):
    """What came of an attempt."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    LEFT_MESSAGE = "left_message"
    CALL_BACK = "call_back"
    REFUSED_TO_PAY = "refused_to_pay"
    DISPUTED = "disputed"
    WRONG_CONTACT = "wrong_contact"


#: What is delivered at an hour that nobody chooses.
_WITHOUT_HOUR: Final = frozenset({Channel.LETTER})


def check_contact(channel: Channel, at: datetime, *, now: datetime, zone: ZoneInfo, hours: RuleRow | None) -> None:
    """Refuses an attempt outside the hours of the rule's row (None: no rule was in force), or later than now.

    Raises ContactInFuture, ContactOutsideHours.
    """
    if at > now:
        raise ContactInFuture("an attempt is noted after it was made", field="at")
    if hours is None or channel in _WITHOUT_HOUR:
        return
    local = at.astimezone(zone)
    pairs = list(zip(hours.numbers[::2], hours.numbers[1::2], strict=True))
    if any(first <= local.hour < until for first, until in pairs):
        return
    spoken = " and ".join(f"from {first:02d}:00 to {until:02d}:00" for first, until in pairs)
    raise ContactOutsideHours(
        f"it was {local:%H:%M} in {zone.key}: borrowers are contacted {spoken} ({hours.source.reference})",
        field="at",
        local_time=f"{local:%H:%M}",
        time_zone=zone.key,
        hours=[f"{first:02d}:00-{until:02d}:00" for first, until in pairs],
        reference=hours.source.reference,
    )
