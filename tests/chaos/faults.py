"""The faults: how each is injected, and how a test sees that the service has recovered by itself."""

import asyncio
import os
import resource
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.embedded import EmbeddedError
from tests.chaos.scene import Scene
from tests.chaos.target import API_PROCESSES, LOST, WORKER_PROCESSES, Target
from tests.patience import PATIENCE_SECONDS

POLL_SECONDS = 0.05
FULL_DISK_SECONDS = 2.0


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
    inject: Callable[[Scene], Awaitable[str]]
    recovered: Callable[[Target, float], Awaitable[bool]]


class NotRecovered(AssertionError):
    """The service did not recover by itself."""


async def inject(fault: Fault, scene: Scene, *, began: float) -> FaultRecord:
    """Injects a fault. Waits until its part has recovered and a payment that was sent after that is acknowledged."""
    loop = asyncio.get_running_loop()
    moment, instant = loop.time(), time.time()
    note = await fault.inject(scene)
    recovered_at = None
    while recovered_at is None or not scene.load.answered_since(recovered_at):
        if recovered_at is None and await _has_recovered(fault, scene.target, instant):
            recovered_at = loop.time()
        if loop.time() - moment > PATIENCE_SECONDS:
            raise NotRecovered(
                f"{fault.name}: not recovered after {PATIENCE_SECONDS:.0f} s\n{scene.target.up.printed()}"
            )
        await asyncio.sleep(POLL_SECONDS)
    return FaultRecord(name=fault.name, at_seconds=moment - began, note=note, seconds=loop.time() - moment)


async def _has_recovered(fault: Fault, target: Target, instant: float) -> bool:
    # ValueError: a server that is starting may not have written its socket's path yet.
    with suppress(EmbeddedError, OSError, ValueError, RedisError, *LOST):
        return await fault.recovered(target, instant)
    return False


# --- injecting -------------------------------------------------------------------------------------------------------


def _kill(pid: int | None) -> str:
    assert pid is not None, "there is nothing to kill"
    os.kill(pid, signal.SIGKILL)
    return f"kill -9 {pid}"


async def kill_some(scene: Scene, *, word: str) -> str:
    """Kills one or all of the processes of a kind: `serve` or `worker`."""
    processes = scene.target.processes(word)
    chosen = scene.random.choice([processes, scene.random.sample(processes, k=1)])
    return ", ".join(_kill(process.pid) for process in chosen)


async def kill_postgres(scene: Scene) -> str:
    return _kill(scene.target.postgres.pid())


async def lose_valkey(scene: Scene) -> str:
    """Kills Valkey and deletes its files."""
    printed = _kill(scene.target.valkey.pid())
    shutil.rmtree(scene.target.valkey.data / "appendonlydir", ignore_errors=True)
    return f"{printed}, its files deleted"


async def stop_valkey(scene: Scene) -> str:
    pid = scene.target.valkey.pid()
    assert pid is not None, "there is nothing to stop"
    os.kill(pid, signal.SIGTERM)
    return f"kill {pid}"


async def flush_valkey(scene: Scene) -> str:
    client = Redis.from_url(scene.target.valkey.dsn())
    async with client:
        forgotten = await client.dbsize()
        await client.flushall()
    return f"FLUSHALL, {forgotten} keys"


async def fill_log_disk(scene: Scene) -> str:
    """For some seconds no process can write to its files, so every line of a log is refused."""
    processes = [*scene.target.processes("serve"), *scene.target.processes("worker")]
    for process in processes:
        _limit_files(process, 1)
    await asyncio.sleep(FULL_DISK_SECONDS)
    moment = asyncio.get_running_loop().time()
    while not scene.load.answered_since(moment - FULL_DISK_SECONDS):
        await asyncio.sleep(POLL_SECONDS)
        assert asyncio.get_running_loop().time() < moment + PATIENCE_SECONDS, "no payment while the log's disk is full"
    for process in processes:
        _limit_files(process, resource.RLIM_INFINITY)
    return f"{len(processes)} processes cannot write for {FULL_DISK_SECONDS:.0f} s"


def _limit_files(process: psutil.Process, most: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.rlimit(psutil.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


async def jump_clock(scene: Scene) -> str:
    return await scene.jump_clock()


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


#: Those that are not a kill in the middle of something (`middle.py`).
FAULTS: Sequence[Fault] = (
    Fault(name="the business date jumps", inject=jump_clock, recovered=payments_go_on),
    Fault(name="Valkey is flushed", inject=flush_valkey, recovered=workers_work),
    Fault(name="Valkey is stopped", inject=stop_valkey, recovered=workers_work),
    Fault(name="the disk of the logs is full", inject=fill_log_disk, recovered=payments_go_on),
)
