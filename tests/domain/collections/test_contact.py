"""Attempts inside and outside the hours of the rulebook, and what a note may hold."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.collections.contact import Channel, ContactInFuture, ContactOutsideHours, check_contact
from app.domain.collections.notes import NoteHoldsIdentityNumber, NoteInvalid, check_note
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rules import Rule

INDIA = ZoneInfo("Asia/Kolkata")
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def attempt(local: str, *, channel: Channel = Channel.CALL, day: str = "2026-11-21") -> None:
    at = datetime.fromisoformat(f"{day}T{local}").replace(tzinfo=INDIA)
    hours = RULEBOOK.find_or_none(Rule.RECOVERY_CONTACT_HOURS, on=at.date(), lender=LenderKind.NBFC_MIDDLE)
    check_contact(channel, at, now=LATER, zone=INDIA, hours=hours)


@pytest.mark.parametrize("local", ["08:00:00", "12:00:00", "18:59:59"])
def test_inside_the_hours(local: str) -> None:
    attempt(local)


@pytest.mark.parametrize("channel", [Channel.CALL, Channel.VISIT, Channel.MESSAGE, Channel.EMAIL])
@pytest.mark.parametrize("local", ["00:00:00", "07:59:59", "19:00:00", "23:59:59"])
def test_outside_the_hours(local: str, channel: Channel) -> None:
    with pytest.raises(ContactOutsideHours, match=f"it was {local[:5]} in Asia/Kolkata") as refused:
        attempt(local, channel=channel)
    assert refused.value.details == {
        "local_time": local[:5],
        "time_zone": "Asia/Kolkata",
        "hours": ["08:00-19:00"],
        "reference": "RBI draft of 2026-05-20 on recovery",
    }


def test_the_hour_is_that_of_the_lender_wherever_the_clock_is() -> None:
    hours = RULEBOOK.find(Rule.RECOVERY_CONTACT_HOURS, on=LATER.date(), lender=LenderKind.BANK)
    for utc, is_allowed in (("02:29", False), ("02:30", True), ("13:29", True), ("13:30", False)):
        at = datetime.fromisoformat(f"2026-11-21T{utc}:00+00:00")
        if is_allowed:
            check_contact(Channel.CALL, at, now=LATER, zone=INDIA, hours=hours)
        else:
            with pytest.raises(ContactOutsideHours):
                check_contact(Channel.CALL, at, now=LATER, zone=INDIA, hours=hours)


def test_a_letter_has_no_hour_and_no_rule_binds_before_its_day() -> None:
    attempt("22:00:00", channel=Channel.LETTER)
    attempt("22:00:00", day="2026-09-30")
    with pytest.raises(ContactOutsideHours):
        attempt("22:00:00", day="2026-10-01")


def test_an_attempt_is_not_later_than_now() -> None:
    with pytest.raises(ContactInFuture):
        check_contact(Channel.CALL, LATER + timedelta(seconds=1), now=LATER, zone=INDIA, hours=None)


@pytest.mark.parametrize(
    "text",
    [
        "234123412346",
        "his number is 2341 2341 2346.",
        "2341-2341-2346",
        "2341-2341 2346",
        "2341.2341.2346",
        "2341\u20132341\u20132346",
        "2341 - 2341 - 2346",
        "२३४१ २३४१ २३४६",
        "aadhaar:000000000000",
        "2341\n2341\n2346",
    ],
)
def test_what_looks_like_an_aadhaar_number_is_refused(text: str) -> None:
    with pytest.raises(NoteHoldsIdentityNumber) as refused:
        check_note(text)
    assert "2341" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "XXXX XXXX 2346",
        "will pay 5000, 4000, 3000",
        "call +919876543210 or 9876543210",
        "UTR 5123456789012345",
        "on 2026-11-28 at 10:30, LN-2026-0001",
        "गाँव गए हैं, २५ तारीख़ को देंगे",
    ],
)
def test_what_a_note_may_hold(text: str) -> None:
    assert check_note(f"  {text}\n") == text


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2_001])
def test_a_note_has_a_length(text: str) -> None:
    with pytest.raises(NoteInvalid):
        check_note(text)
