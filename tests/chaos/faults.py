"""The faults: what strikes, and how an onlooker knows that the service has come back by itself."""

import asyncio
import os
import random
import re
import resource
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg
import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.embedded import EmbeddedError
from tests.chaos.load import Load
from tests.chaos.stand import API_PROCESSES, WORKER_PROCESSES, Stand
from tests.patience import PATIENCE_SECONDS

LOOK_SECONDS = 0.05
FULL_DISK_SECONDS = 2.0
CATCHING_SECONDS = 1.0

IN_HAND = "SELECT claimed_by FROM billing_ranges WHERE status = 'claimed' AND leased_until > now()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A fault that happened: when, to what, and after how long all was well again."""

    name: str
    at_seconds: float
    note: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`strike` does it and says what it hit; `recovered` says whether that part is whole again since."""

    name: str
    strike: Callable[[Stand, Load, random.Random], Awaitable[str]]
    recovered: Callable[[Stand, float], Awaitable[bool]]


class NotRecovered(AssertionError):
    """The service did not come back by itself."""


async def strike(fault: Fault, stand: Stand, load: Load, chance: random.Random, *, began: float) -> Struck:
    """Lets a fault happen and waits until its part is whole and a payment sent after that is promised."""
    loop = asyncio.get_running_loop()
    moment, instant = loop.time(), time.time()
    note = await fault.strike(stand, load, chance)
    whole_at = None
    while whole_at is None or not load.answered_since(whole_at):
        if whole_at is None and await _looks_whole(fault, stand, instant):
            whole_at = loop.time()
        if loop.time() - moment > PATIENCE_SECONDS:
            raise NotRecovered(f"{fault.name}: not whole after {PATIENCE_SECONDS:.0f} s\n{stand.up.said()}")
        await asyncio.sleep(LOOK_SECONDS)
    return Struck(name=fault.name, at_seconds=moment - began, note=note, seconds=loop.time() - moment)


async def _looks_whole(fault: Fault, stand: Stand, instant: float) -> bool:
    # A ValueError: a server that is starting has not written down yet where its socket is.
    with suppress(EmbeddedError, OSError, ValueError, RedisError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return await fault.recovered(stand, instant)
    return False


# --- striking --------------------------------------------------------------------------------------------------------


def _kill(pid: int | None) -> str:
    assert pid is not None, "there is nothing to kill"
    os.kill(pid, signal.SIGKILL)
    return f"kill -9 {pid}"


async def kill_api(stand: Stand, load: Load, chance: random.Random) -> str:
    return _kill(chance.choice(stand.processes("serve")).pid)


async def kill_worker(stand: Stand, load: Load, chance: random.Random) -> str:
    """The worker that has a range of a billing run in hand, if it can be caught at it."""
    jumped = await jump_clock(stand, load, chance)
    until = asyncio.get_running_loop().time() + CATCHING_SECONDS
    while asyncio.get_running_loop().time() < until:
        # `host:pid/lane`: a worker has two ranges in hand.
        holders = {int(re.split("[:/]", row["claimed_by"])[-2]) for row in await stand.rows(IN_HAND)}
        # The lease of one that was killed before may not have ended yet.
        for worker in stand.processes("worker"):
            if worker.pid in holders:
                return f"{_kill(worker.pid)} with a range in hand; {jumped}"
    return f"{_kill(chance.choice(stand.processes('worker')).pid)}; {jumped}"


async def kill_postgres(stand: Stand, load: Load, chance: random.Random) -> str:
    return _kill(stand.postgres.pid())


async def lose_valkey(stand: Stand, load: Load, chance: random.Random) -> str:
    """Killed in the middle of everything, and its files with it."""
    said = _kill(stand.valkey.pid())
    shutil.rmtree(stand.valkey.data / "appendonlydir", ignore_errors=True)
    return f"{said}, its files deleted"


async def stop_valkey(stand: Stand, load: Load, chance: random.Random) -> str:
    pid = stand.valkey.pid()
    assert pid is not None, "there is nothing to stop"
    os.kill(pid, signal.SIGTERM)
    return f"kill {pid}"


async def flush_valkey(stand: Stand, load: Load, chance: random.Random) -> str:
    client = Redis.from_url(stand.valkey.dsn())
    async with client:
        forgotten = await client.dbsize()
        await client.flushall()
    return f"FLUSHALL, {forgotten} keys"


async def fill_log_disk(stand: Stand, load: Load, chance: random.Random) -> str:
    """No process can make a file any longer for some seconds: every line of a log is refused."""
    processes = [*stand.processes("serve"), *stand.processes("worker")]
    for process in processes:
        _limit_files(process, 1)
    await asyncio.sleep(FULL_DISK_SECONDS)
    moment = asyncio.get_running_loop().time()
    while not load.answered_since(moment - FULL_DISK_SECONDS):
        await asyncio.sleep(LOOK_SECONDS)
        assert asyncio.get_running_loop().time() < moment + PATIENCE_SECONDS, "no payment while the log's disk is full"
    for process in processes:
        _limit_files(process, resource.RLIM_INFINITY)
    return f"{len(processes)} processes cannot write for {FULL_DISK_SECONDS:.0f} s"


def _limit_files(process: psutil.Process, most: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.rlimit(psutil.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


async def jump_clock(stand: Stand, load: Load, chance: random.Random) -> str:
    """Half a month to a month and a half pass at once, and a run bills what that brought."""
    today = date.fromisoformat((await load.call("GET", "/api/v1/clock"))["business_date"])
    to = today + timedelta(days=chance.randrange(15, 45))
    await load.call("PUT", "/api/v1/clock", business_date=to.isoformat())
    run = await load.call("POST", "/api/v1/billing/runs", business_date=to.isoformat())
    return f"{today} to {to}, run {run['run_id']}"


# --- being whole -----------------------------------------------------------------------------------------------------


async def payments_go_on(stand: Stand, since: float) -> bool:
    return True


async def api_is_whole(stand: Stand, since: float) -> bool:
    return len(stand.processes("serve")) == API_PROCESSES


async def postgres_is_whole(stand: Stand, since: float) -> bool:
    return float(await stand.value("SELECT extract(epoch FROM pg_postmaster_start_time())")) > since


async def workers_are_whole(stand: Stand, since: float) -> bool:
    return len(stand.processes("worker")) == WORKER_PROCESSES and await workers_work(stand, since)


async def workers_work(stand: Stand, since: float) -> bool:
    """Whether a tick of the schedule, which comes every ten seconds over Valkey, was done since."""
    done = await stand.value("SELECT extract(epoch FROM max(last_finished_at)) FROM scheduled_tasks")
    return done is not None and float(done) > since


FAULTS: Sequence[Fault] = (
    Fault(name="the business date jumps", strike=jump_clock, recovered=payments_go_on),
    Fault(name="a worker is killed in a run", strike=kill_worker, recovered=workers_are_whole),
    Fault(name="PostgreSQL is killed", strike=kill_postgres, recovered=postgres_is_whole),
    Fault(name="an API process is killed", strike=kill_api, recovered=api_is_whole),
    Fault(name="Valkey is killed, its data lost", strike=lose_valkey, recovered=workers_work),
    Fault(name="Valkey is flushed", strike=flush_valkey, recovered=workers_work),
    Fault(name="Valkey is stopped", strike=stop_valkey, recovered=workers_work),
    Fault(name="the disk of the logs is full", strike=fill_log_disk, recovered=payments_go_on),
)
