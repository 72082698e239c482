"""Periods that two people close under faults, and what the reports say of them.

One proposes and another approves, each with a key until it is acknowledged. What a trial balance says of a closed day
is kept, and it must say the same at the end.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.chaos.caller import Caller
from tests.chaos.target import Target

PERIODS = "SELECT number, ends_on, status FROM book_periods"
#: Reports of a day that is over: what is in the books, accrued, provided for and past due, and how it came about.
REPORTS = (
    "accounting/trial-balance?on={on}",
    "accounting/balance-sheet?on={on}",
    "accounting/accrued-interest?on={on}",
    "accounting/profit-and-loss?from={first}&to={on}",
    "risk/provisions?on={on}",
    "risk/portfolio-at-risk?on={on}",
    "risk/roll-rates?until={on}",
    "bureau/files",
    "collections/cases?limit=200",
)


@dataclass(slots=True, kw_only=True)
class Books:
    """The two people, and the periods that were acknowledged as closed, each with what its trial balance said."""

    maker: Caller
    checker: Caller
    closed: dict[int, date] = field(default_factory=dict)
    said: dict[date, Any] = field(default_factory=dict)
    _asked: int = 0

    async def today(self) -> date:
        """The business date."""
        return date.fromisoformat((await self.checker.call("GET", "/api/v1/clock"))["business_date"])

    async def close(self) -> str:
        """Closes the books through the day before the business date, unless they are."""
        ends_on = await self.today() - timedelta(days=1)
        if ends_on in self.said:
            return f"closed through {ends_on} before"
        self._asked += 1
        key = f"period-{self._asked}"
        proposed = await self.maker.call("POST", "/api/v1/accounting/periods", key=key, ends_on=f"{ends_on}")
        path = f"/api/v1/accounting/periods/{proposed['period']}/approve"
        answer = await self.checker.call("POST", path, key=key, note="agreed")
        assert (answer["status"], answer["ends_on"]) == ("closed", f"{ends_on}"), answer
        self.closed[answer["period"]] = ends_on
        self.said[ends_on] = await self._trial_balance(ends_on)
        return f"closed through {ends_on}"

    async def _trial_balance(self, on: date) -> Any:
        return await self.checker.call("GET", f"/api/v1/accounting/trial-balance?on={on}")

    async def read_reports(self, on: date) -> dict[str, Any]:
        """What each report says of a day."""
        paths = [path.format(on=on, first=on - timedelta(days=30)) for path in REPORTS]
        return {path: await self.checker.call("GET", f"/api/v1/{path}") for path in paths}

    async def verify(self, target: Target) -> list[str]:
        """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
        found = {row["number"]: (row["ends_on"], row["status"]) for row in await target.rows(PERIODS)}
        assert found == {number: (ends_on, "closed") for number, ends_on in self.closed.items()}, found
        for on, before in self.said.items():
            now = await self._trial_balance(on)
            assert now == before, f"the trial balance of {on} said {before} and says {now}"
        return [f"{len(found)} periods closed once each, and their trial balances unchanged"]
