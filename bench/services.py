"""A billing run and payments as use cases, in this process, on a real PostgreSQL."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from app.domain.access import SYSTEM
from app.domain.public_ids import LoanReference
from app.services import billing
from app.services.payments import PaymentWish, take_payment
from app.services.work import Desk
from bench.decisions import BEGAN
from bench.report import Figure, payment_figures

FAR = datetime(2100, 1, 1, tzinfo=UTC)
DUE_ON = BEGAN + timedelta(days=30)
#: Part of any first bill: interest, and some principal.
AMOUNT = 3_000_00


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


async def measure_payments(desk: Desk, *, loan_ids: Iterable[int], abreast: int) -> list[Figure]:
    """Each loan's first bill paid in part: lock, read, decide, save, commit."""
    waiting, taken = list(loan_ids), []
    count = len(waiting)

    async def pay_some() -> None:
        while waiting:
            loan = LoanReference(number=waiting.pop(), year=None)
            began = time.perf_counter()
            async with desk.open(SYSTEM) as work:
                await take_payment(work, PaymentWish(loan=loan, amount_paise=AMOUNT, reference=f"B{loan.number}"))
            taken.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(pay_some() for _ in range(abreast)))
    seconds = time.perf_counter() - began
    return payment_figures(f"service, {abreast} abreast", taken, seconds=seconds, note=f"{count:,} payments")
