"""When a task of the schedule comes next: the seconds and minutes of the hour at which it runs, as cron counts them.

An empty set of minutes means every minute. Times are counted in UTC, as the workers count them.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTES_OF_AN_HOUR = 60
SECONDS_OF_A_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """At which seconds of a minute, and at which minutes of an hour, a task runs."""

    seconds: Set[int]
    minutes: Set[int] = frozenset()

    def next_after(self, now: datetime) -> datetime:
        """The first time strictly after `now` at which the task runs."""
        minute = now.replace(second=0, microsecond=0)
        for _ in range(MINUTES_OF_AN_HOUR + 2):
            if not self.minutes or minute.minute in self.minutes:
                for second in sorted(self.seconds):
                    moment = minute.replace(second=second)
                    if moment > now:
                        return moment
            minute += timedelta(minutes=1)
        raise AssertionError("a timetable has a second, and minutes below sixty")

    def describe(self) -> str:
        """How often, in words: `every 10 seconds`, `every minute`, `every hour`, `2 times an hour`."""
        if self.minutes:
            return "every hour" if len(self.minutes) == 1 else f"{len(self.minutes)} times an hour"
        if len(self.seconds) > 1:
            return f"every {SECONDS_OF_A_MINUTE // len(self.seconds)} seconds"
        return "every minute"
