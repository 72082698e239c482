"""Kills in the middle of something: the test holds a table, and kills when somebody waits to write to it.

A lock on a table lets nobody write to it. Whoever waits for it has begun and has not ended, so it is in the middle of
what it does, at a place that was drawn. Then the API, the workers, PostgreSQL or Valkey are killed, and the table is
let go. Sometimes no table is held, and the kill comes after a random time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg

from tests.chaos import faults
from tests.chaos.faults import Fault
from tests.chaos.scene import Scene
from tests.chaos.target import Target

CATCHING_SECONDS = 6.0
LOOK_SECONDS = 0.01
UNHELD_SHARE = 0.2
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = $1::text::regclass AND NOT granted)"


async def nothing(scene: Scene) -> str:
    """It goes on all the time."""
    return ""


async def close_books(scene: Scene) -> str:
    return f"{await scene.jump_clock()}, {await scene.books.close()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something that goes on: how it is begun, and the tables that it writes."""

    name: str
    begin: Callable[[Scene], Coroutine[Any, Any, str]] = nothing
    tables: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """What is killed."""

    name: str
    kill: Callable[[Scene], Awaitable[str]]
    recovered: Callable[[Target, float], Awaitable[bool]]


WORKS: Sequence[Work] = (
    Work(
        name="a billing run",
        begin=Scene.jump_clock,
        tables=("bills", "billing_ranges", "card_statements", "card_charges", "events"),
    ),
    Work(
        name="a day-end",
        begin=Scene.jump_clock,
        tables=(
            "day_ends",
            "day_end_ranges",
            "delinquencies",
            "delinquency_changes",
            "collection_days",
            "collection_day_ranges",
            "collection_cases",
            "bureau_files",
            "bureau_records",
        ),
    ),
    Work(name="a closing of the books", begin=close_books, tables=("business_clock", "book_periods", "book_balances")),
    Work(
        name="a card transaction",
        tables=("card_accounts", "card_holds", "card_postings", "card_transfers", "audit_events"),
    ),
    Work(
        name="an application",
        tables=("idempotency_keys", "applications", "loans", "schedules", "transfers", "cards", "credit_scores"),
    ),
    Work(
        name="an import",
        tables=(
            "imports",
            "import_chunks",
            "import_turns",
            "import_rejects",
            "bank_transactions",
            "bank_statements",
            "known_transactions",
        ),
    ),
    Work(name="a webhook", tables=("webhook_endpoints", "webhook_deliveries", "webhook_lanes", "event_log")),
)
VICTIMS: Sequence[Victim] = (
    Victim(name="API", kill=partial(faults.kill_some, word="serve"), recovered=faults.api_recovered),
    Victim(name="workers", kill=partial(faults.kill_some, word="worker"), recovered=faults.workers_recovered),
    Victim(name="PostgreSQL", kill=faults.kill_postgres, recovered=faults.postgres_recovered),
    Victim(name="Valkey", kill=faults.lose_valkey, recovered=faults.workers_work),
)


async def kill_in_the_middle(scene: Scene, *, work: Work, victim: Victim) -> str:
    """Begins a work, kills in the middle of it, and waits until what was begun is acknowledged."""
    table = None if scene.random.random() < UNHELD_SHARE else scene.random.choice(work.tables)
    async with asyncio.TaskGroup() as group:
        if table is None:
            begun = group.create_task(work.begin(scene))
            await asyncio.sleep(scene.random.random())
            killed = f"{await victim.kill(scene)} at any time"
        else:
            async with held(scene.target, table) as connection:
                begun = group.create_task(work.begin(scene))
                caught = await _somebody_waits(connection, table)
                killed = f"{await victim.kill(scene)} while {table} {'was written' if caught else 'was held'}"
    return f"{killed}; {begun.result()}".removesuffix("; ")


@asynccontextmanager
async def held(target: Target, table: str) -> AsyncIterator[asyncpg.Connection]:
    """While the block lasts, nobody else writes to a table."""
    async with target.connection() as connection:
        await connection.execute(f"BEGIN; LOCK TABLE {table} IN SHARE MODE")
        yield connection


async def _somebody_waits(connection: asyncpg.Connection, table: str) -> bool:
    """Whether somebody comes to write to the table in time."""
    loop = asyncio.get_running_loop()
    until = loop.time() + CATCHING_SECONDS
    while loop.time() < until:
        if await connection.fetchval(WAITS, table):
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False


def fault_of(work: Work, victim: Victim) -> Fault:
    """The fault that kills a part in the middle of a work."""
    kill = partial(kill_in_the_middle, work=work, victim=victim)
    return Fault(name=f"{victim.name} killed in {work.name}", inject=kill, recovered=victim.recovered)


KILLS: Sequence[Fault] = tuple(fault_of(work, victim) for work in WORKS for victim in VICTIMS)
EVERYTHING: Sequence[Fault] = (*faults.FAULTS, *KILLS)
