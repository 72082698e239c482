"""When a task of the schedule comes next."""

from datetime import UTC, datetime

import pytest

from app.domain.operations.timetable import Timetable

SWEEP = Timetable(seconds=frozenset(range(0, 60, 10)))
EACH_MINUTE = Timetable(seconds=frozenset({5}))
HOURLY = Timetable(seconds=frozenset({15}), minutes=frozenset({7}))
TWICE = Timetable(seconds=frozenset({0, 30}), minutes=frozenset({0, 59}))


@pytest.mark.parametrize(
    "timetable, now, expected",
    [
        (SWEEP, "10:00:00", "10:00:10"),
        (SWEEP, "10:00:09", "10:00:10"),
        (SWEEP, "10:00:50", "10:01:00"),
        (SWEEP, "23:59:59", "next 00:00:00"),
        (EACH_MINUTE, "10:00:04", "10:00:05"),
        (EACH_MINUTE, "10:00:05", "10:01:05"),
        (HOURLY, "10:07:14", "10:07:15"),
        (HOURLY, "10:07:15", "11:07:15"),
        (HOURLY, "23:30:00", "next 00:07:15"),
        (TWICE, "10:00:15", "10:00:30"),
        (TWICE, "10:00:30", "10:59:00"),
        (TWICE, "10:59:30", "11:00:00"),
    ],
)
def test_the_next_time_is_strictly_later(timetable: Timetable, now: str, expected: str) -> None:
    day = 22 if expected.startswith("next") else 21
    at = datetime.fromisoformat(f"2026-11-21T{now}.000001+00:00")
    assert timetable.next_after(at) == datetime.fromisoformat(f"2026-11-{day}T{expected.removeprefix('next ')}+00:00")


def test_a_time_that_is_due_this_instant_is_not_next() -> None:
    assert EACH_MINUTE.next_after(datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC)).minute == 1


@pytest.mark.parametrize(
    "timetable, words",
    [
        (SWEEP, "every 10 seconds"),
        (EACH_MINUTE, "every minute"),
        (HOURLY, "every hour"),
        (TWICE, "2 times an hour"),
    ],
)
def test_it_says_how_often(timetable: Timetable, words: str) -> None:
    assert timetable.describe() == words
