"""`python -m bench.billing_worker`: one worker of a measured run, in a process of its own as in production.

It prints `ready`, reads the number of a run, works on the run until nothing is left, and prints its peak memory in
kilobytes.
"""

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.observability import configure_logging
from app.services.cards.runs import run_day
from app.settings import load_settings
from app.workers.context import open_context

FAR = datetime(9999, 1, 1, tzinfo=UTC)


async def _work() -> None:
    async with open_context(load_settings()) as context:
        async with context.uow_factory.sessions() as session:
            await session.connection()
        print("ready", flush=True)
        run_id = int(sys.stdin.readline())
        await run_day(context.uow_factory, run_id=run_id, worker=str(os.getpid()), until=FAR)
        print(peak_kilobytes(), flush=True)


def peak_kilobytes() -> int:
    """The peak memory of this program. `getrusage` would count the process that started it too."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None, "Linux shows the peak memory of every process"
    return int(found[1])


if __name__ == "__main__":
    # Standard output is read by the benchmark, so the log goes to standard error.
    configure_logging("WARNING")
    asyncio.run(_work())
