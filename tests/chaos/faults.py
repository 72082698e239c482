"""The faults: how each is injected, and how a test sees that the service has recovered by itself."""

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
from tests.chaos.target import API_PROCESSES, WORKER_PROCESSES, Target
from tests.patience import PATIENCE_SECONDS

POLL_SECONDS = 0.05
FULL_DISK_SECONDS = 2.0
CATCHING_SECONDS = 1.0

IN_HAND = "SELECT claimed_by FROM billing_ranges WHERE status = 'claimed' AND leased_until > now()"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRecord:
    """A fault that was injected: when, into which part, and after how long the service had recovered."""

    name: str
    at_seconds: float
    note: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`inject` makes the fault and returns a note. `recovered` says whether that part has recovered since a time."""

    name: str
    inject: Callable[[Target, Load, random.Random], Awaitable[str]]
    recovered: Callable[[Target, float], Awaitable[bool]]


class NotRecovered(AssertionError):
    """The service did not recover by itself."""


async def inject(fault: Fault, target: Target, load: Load, rng: random.Random, *, began: float) -> FaultRecord:
    """Injects a fault. Waits until its part has recovered and a payment that was sent after that is acknowledged."""
    loop = asyncio.get_running_loop()
    moment, instant = loop.time(), time.time()
    note = await fault.inject(target, load, rng)
    recovered_at = None
    while recovered_at is None or not load.answered_since(recovered_at):
        if recovered_at is None and await _has_recovered(fault, target, instant):
            recovered_at = loop.time()
        if loop.time() - moment > PATIENCE_SECONDS:
            raise NotRecovered(f"{fault.name}: not recovered after {PATIENCE_SECONDS:.0f} s\n{target.up.printed()}")
        await asyncio.sleep(POLL_SECONDS)
    return FaultRecord(name=fault.name, at_seconds=moment - began, note=note, seconds=loop.time() - moment)


async def _has_recovered(fault: Fault, target: Target, instant: float) -> bool:
    # ValueError: a server that is starting may not have written its socket's path yet.
    with suppress(EmbeddedError, OSError, ValueError, RedisError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return await fault.recovered(target, instant)
    return False


# --- injecting -------------------------------------------------------------------------------------------------------


def _kill(pid: int | None) -> str:
    assert pid is not None, "there is nothing to kill"
    os.kill(pid, signal.SIGKILL)
    return f"kill -9 {pid}"


async def kill_api(target: Target, load: Load, rng: random.Random) -> str:
    return _kill(rng.choice(target.processes("serve")).pid)


async def kill_worker(target: Target, load: Load, rng: random.Random) -> str:
    """Kills the worker that holds a range of a billing run, if one is found in time."""
    jumped = await jump_clock(target, load, rng)
    until = asyncio.get_running_loop().time() + CATCHING_SECONDS
    while asyncio.get_running_loop().time() < until:
        # A worker claims two ranges at a time, as `host:pid/lane`.
        holders = {int(re.split("[:/]", row["claimed_by"])[-2]) for row in await target.rows(IN_HAND)}
        # A worker that was killed before may still have a lease.
        for worker in target.processes("worker"):
            if worker.pid in holders:
                return f"{_kill(worker.pid)} while it held a range; {jumped}"
    return f"{_kill(rng.choice(target.processes('worker')).pid)}; {jumped}"


async def kill_postgres(target: Target, load: Load, rng: random.Random) -> str:
    return _kill(target.postgres.pid())


async def lose_valkey(target: Target, load: Load, rng: random.Random) -> str:
    """Kills Valkey and deletes its files."""
    printed = _kill(target.valkey.pid())
    shutil.rmtree(target.valkey.data / "appendonlydir", ignore_errors=True)
    return f"{printed}, its files deleted"


async def stop_valkey(target: Target, load: Load, rng: random.Random) -> str:
    pid = target.valkey.pid()
    assert pid is not None, "there is nothing to stop"
    os.kill(pid, signal.SIGTERM)
    return f"kill {pid}"


async def flush_valkey(target: Target, load: Load, rng: random.Random) -> str:
    client = Redis.from_url(target.valkey.dsn())
    async with client:
        forgotten = await client.dbsize()
        await client.flushall()
    return f"FLUSHALL, {forgotten} keys"


async def fill_log_disk(target: Target, load: Load, rng: random.Random) -> str:
    """For some seconds no process can write to its files, so every line of a log is refused."""
    processes = [*target.processes("serve"), *target.processes("worker")]
    for process in processes:
        _limit_files(process, 1)
    await asyncio.sleep(FULL_DISK_SECONDS)
    moment = asyncio.get_running_loop().time()
    while not load.answered_since(moment - FULL_DISK_SECONDS):
        await asyncio.sleep(POLL_SECONDS)
        assert asyncio.get_running_loop().time() < moment + PATIENCE_SECONDS, "no payment while the log's disk is full"
    for process in processes:
        _limit_files(process, resource.RLIM_INFINITY)
    return f"{len(processes)} processes cannot write for {FULL_DISK_SECONDS:.0f} s"


def _limit_files(process: psutil.Process, most: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.rlimit(psutil.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


async def jump_clock(target: Target, load: Load, rng: random.Random) -> str:
    """Moves the business date by half a month to a month and a half, and starts a billing run."""
    today = date.fromisoformat((await load.call("GET", "/api/v1/clock"))["business_date"])
    to = today + timedelta(days=rng.randrange(15, 45))
    await load.call("PUT", "/api/v1/clock", business_date=to.isoformat())
    run = await load.call("POST", "/api/v1/billing/runs", business_date=to.isoformat())
    return f"{today} to {to}, run {run['run_id']}"


# --- recovering ------------------------------------------------------------------------------------------------------


async def payments_go_on(target: Target, since: float) -> bool:
    return True


async def api_recovered(target: Target, since: float) -> bool:
    return len(target.processes("serve")) == API_PROCESSES


async def postgres_recovered(target: Target, since: float) -> bool:
    return float(await target.value("SELECT extract(epoch FROM pg_postmaster_start_time())")) > since


async def workers_recovered(target: Target, since: float) -> bool:
    return len(target.processes("worker")) == WORKER_PROCESSES and await workers_work(target, since)


async def workers_work(target: Target, since: float) -> bool:
    """Whether a scheduled task, which workers receive over Valkey every ten seconds, was done since then."""
    done = await target.value("SELECT extract(epoch FROM max(last_finished_at)) FROM scheduled_tasks")
    return done is not None and float(done) > since


FAULTS: Sequence[Fault] = (
    Fault(name="the business date jumps", inject=jump_clock, recovered=payments_go_on),
    Fault(name="a worker is killed in a run", inject=kill_worker, recovered=workers_recovered),
    Fault(name="PostgreSQL is killed", inject=kill_postgres, recovered=postgres_recovered),
    Fault(name="an API process is killed", inject=kill_api, recovered=api_recovered),
    Fault(name="Valkey is killed, its data lost", inject=lose_valkey, recovered=workers_work),
    Fault(name="Valkey is flushed", inject=flush_valkey, recovered=workers_work),
    Fault(name="Valkey is stopped", inject=stop_valkey, recovered=workers_work),
    Fault(name="the disk of the logs is full", inject=fill_log_disk, recovered=payments_go_on),
)
