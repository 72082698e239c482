"""`python -m bench.billing_worker`: one worker of a measured run, a process of its own as in real life.

It says that it is ready, is told the number of a run, works on it until nothing is left, and answers how many kilobytes
of memory it came to at its peak.
"""

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.observability import configure_logging
from app.services.billing import runs
from app.settings import load_settings
from app.workers.context import open_context

FAR = datetime(9999, 1, 1, tzinfo=UTC)


async def _work() -> None:
    async with open_context(load_settings()) as context:
        async with context.uow_factory.sessions() as session:
            await session.connection()
        print("ready", flush=True)
        run_id = int(sys.stdin.readline())
        await runs.run_billing(context.uow_factory, run_id=run_id, worker=str(os.getpid()), until=FAR)
        print(peak_kilobytes(), flush=True)


def peak_kilobytes() -> int:
    """Of this program alone: what `getrusage` tells counts the process that started it as well."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None, "Linux tells every process its peak"
    return int(found[1])


if __name__ == "__main__":
    # What is printed is its answer: the log says warnings, on standard error.
    configure_logging("WARNING")
    asyncio.run(_work())
