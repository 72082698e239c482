"""`python -m bench.billing_worker`: one worker of a measured run, in a process of its own as in production.

It prints `ready`, reads the number of a run, works on the run until nothing is left, and prints its peak memory in
kilobytes.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

from app.observability import configure_logging
from app.services.cards.runs import run_day
from app.settings import load_settings
from app.workers.context import open_context
from bench.bare_query import peak_kilobytes

FAR = datetime(9999, 1, 1, tzinfo=UTC)


async def _work() -> None:
    async with open_context(load_settings()) as context:
        async with context.uow_factory.sessions() as session:
            await session.connection()
        print("ready", flush=True)
        run_id = int(sys.stdin.readline())
        await run_day(context.uow_factory, run_id=run_id, worker=str(os.getpid()), until=FAR)
        print(peak_kilobytes(), flush=True)


if __name__ == "__main__":
    # Standard output is read by the benchmark, so the log goes to standard error.
    configure_logging("WARNING")
    asyncio.run(_work())
