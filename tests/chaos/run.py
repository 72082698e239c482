"""One chaos run: payments and card traffic for the service, faults, and the verification of the database at the end."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.cards import CardTraffic
from tests.chaos.faults import FAULTS, Fault, FaultRecord, inject
from tests.chaos.load import Load
from tests.chaos.target import API_PROCESSES, WORKER_PROCESSES, Target, lend
from tests.chaos.verification import bill_everything, verify
from tests.patience import eventually

SETTINGS = {"KIST_API_PROCESSES": str(API_PROCESSES), "KIST_WORKER_PROCESSES": str(WORKER_PROCESSES)}


@dataclass(slots=True, kw_only=True)
class ChaosResult:
    """What happened, and what was verified afterwards."""

    records: list[FaultRecord] = field(default_factory=list)
    load: Load
    traffic: CardTraffic
    billed_after_seconds: float = 0.0
    verified: list[str] = field(default_factory=list)


async def run_chaos(
    target: Target,
    *,
    seconds: float,
    loans: int,
    seed: int,
    faults: Sequence[Fault] = FAULTS,
    payments: int = 0,
    report: Callable[[FaultRecord], None] = lambda _: None,
) -> ChaosResult:
    """Injects every fault once, and goes on until the time is over and `payments` payments were acknowledged.

    Raises AssertionError.
    """
    rng = random.Random(seed)
    numbers, accounts = await lend(target, loans=loans, accounts=max(loans // 5, 5))
    load = Load(target=target, loans=numbers, random=random.Random(seed + 1))
    traffic = CardTraffic(load=load, accounts=accounts, random=random.Random(seed + 2))
    result, loop = ChaosResult(load=load, traffic=traffic), asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.pay())
        group.create_task(traffic.spend())
        began, waiting = loop.time(), list(faults)
        while waiting or loop.time() - began < seconds:
            # The first fault gives the run something to bill. Later rounds have a random order.
            if not waiting:
                waiting = rng.sample(faults, k=len(faults))
            fault = waiting.pop(0)
            await asyncio.sleep(rng.random() * 0.8)
            result.records.append(await inject(fault, target, load, rng, began=began))
            report(result.records[-1])
        # A busy machine may need longer for this many payments.
        await eventually(lambda: load.has_acknowledged(payments))
        load.end()
        traffic.end()
    result.billed_after_seconds = await bill_everything(target, load)
    result.verified = await verify(target, load, traffic)
    return result
