"""What the statements of a block of code read: each is heard, and explained once more with the values that it bound.

So a list is tested by calling its function, whatever statements it makes of its filters.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.statements import LISTENERS, NAME


@dataclass(slots=True)
class Read:
    """The plans of some statements."""

    plans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def blocks(self) -> int:
        """Blocks of 8 kB, in memory or not; one that is read twice counts twice."""
        return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in self.plans)

    def scans(self) -> set[str]:
        """The tables that were read as a whole."""
        return {node["Relation Name"] for node in self.nodes() if node["Node Type"] == "Seq Scan"}

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every node of the plans."""
        for plan in self.plans:
            yield from _nodes(plan)


@asynccontextmanager
async def reading(session: AsyncSession) -> AsyncIterator[Read]:
    """Explains what the session's statements have read, when the block ends. They are executed again for it, in the
    session's transaction; only those that begin as queries are."""
    heard: list[tuple[str, tuple[Any, ...]]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        heard.append((statement, tuple(values)))

    def hear_driver(statement: str, values: Mapping[str, Any]) -> None:
        names = list(dict.fromkeys(NAME.findall(statement)))
        numbered = NAME.sub(lambda match: f"${names.index(match[1]) + 1}", statement)
        heard.append((numbered, tuple(values[name] for name in names)))

    read = Read()
    event.listen(Engine, "before_cursor_execute", hear)
    LISTENERS.append(hear_driver)
    try:
        yield read
    finally:
        LISTENERS.remove(hear_driver)
        event.remove(Engine, "before_cursor_execute", hear)
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    assert connection is not None, "a session's connection is open"
    for statement, values in heard:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            found = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", *values)
            read.plans.append((found if isinstance(found, list) else json.loads(found))[0]["Plan"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
