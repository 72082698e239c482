"""One day of chaos: the service is started, paid into and struck, again and again, and judged at the end."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.faults import FAULTS, Fault, Struck, strike
from tests.chaos.load import Load
from tests.chaos.stand import API_PROCESSES, WORKER_PROCESSES, Stand, lend
from tests.chaos.verdict import bill_everything, judge
from tests.patience import eventually

SETTINGS = {"KIST_API_PROCESSES": str(API_PROCESSES), "KIST_WORKER_PROCESSES": str(WORKER_PROCESSES)}


@dataclass(slots=True, kw_only=True)
class Day:
    """What happened, and what holds in spite of it."""

    struck: list[Struck] = field(default_factory=list)
    load: Load
    billed_after_seconds: float = 0.0
    verdict: list[str] = field(default_factory=list)


async def live(
    stand: Stand,
    *,
    seconds: float,
    loans: int,
    seed: int,
    faults: Sequence[Fault] = FAULTS,
    payments: int = 0,
    tell: Callable[[Struck], None] = lambda _: None,
) -> Day:
    """Strikes with every fault once, then goes on for as long as there is time, and until so many payments were
    promised. Raises AssertionError."""
    chance = random.Random(seed)
    load = Load(stand=stand, loans=await lend(stand, loans=loans), random=random.Random(seed + 1))
    day, loop = Day(load=load), asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.pay())
        began, waiting = loop.time(), list(faults)
        while waiting or loop.time() - began < seconds:
            # The first one makes work for the run; the others come in any order.
            if not waiting:
                waiting = chance.sample(faults, k=len(faults))
            fault = waiting.pop(0)
            await asyncio.sleep(chance.random() * 0.8)
            day.struck.append(await strike(fault, stand, load, chance, began=began))
            tell(day.struck[-1])
        # A busy machine needs longer for as many.
        await eventually(lambda: load.has_promised(payments))
        load.end()
    day.billed_after_seconds = await bill_everything(stand, load)
    day.verdict = await judge(stand, load)
    return day
