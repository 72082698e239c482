"""The timetable of a scheduled task: the seconds and minutes at which it runs, as in cron.

An empty set of minutes means every minute. Times are in UTC, as in the workers.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTES_OF_AN_HOUR = 60
SECONDS_OF_A_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The seconds of a minute and the minutes of an hour at which a task runs."""

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
        """The frequency in words: `every second`, `every 10 seconds`, `every minute`, `2 times an hour`."""
        if self.minutes:
            return "every hour" if len(self.minutes) == 1 else f"{len(self.minutes)} times an hour"
        if len(self.seconds) == SECONDS_OF_A_MINUTE:
            return "every second"
        if len(self.seconds) > 1:
            return f"every {SECONDS_OF_A_MINUTE // len(self.seconds)} seconds"
        return "every minute"
