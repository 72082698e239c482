"""A billing run as a use case, in this process, on a real PostgreSQL."""

import time
from datetime import UTC, datetime, timedelta

from app.domain.access import SYSTEM
from app.services import billing
from app.services.work import Desk
from bench.decisions import BEGAN
from bench.report import Figure

FAR = datetime(2100, 1, 1, tzinfo=UTC)
DUE_ON = BEGAN + timedelta(days=30)


async def measure_billing(desk: Desk, *, count: int) -> list[Figure]:
    """One run over all loans, by one worker: this process."""
    async with desk.open(SYSTEM) as work:
        run_id = await billing.start_run(work)
    began = time.perf_counter()
    assert await billing.run_billing(desk, run_id=run_id, worker="bench", until=FAR), "nobody else holds a range"
    seconds = time.perf_counter() - began
    async with desk.open(SYSTEM) as work:
        run = await billing.get_run(work, run_id)
    assert (run.bills, run.parked) == (count, 0), f"{run.bills} bills and {run.parked} parked of {count}"
    note = f"{count:,} loans, one worker"
    return [
        Figure(name="billing run", value=count / seconds, unit="loans/s", note=note),
        Figure(name="billing run, all of it", value=seconds, unit="s", note=note),
    ]
