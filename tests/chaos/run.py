"""One chaos run: everything that comes in, faults, everything once more, and the verification of the database."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.again import do_everything_again, until_quiet
from tests.chaos.faults import Fault, FaultRecord, inject
from tests.chaos.middle import EVERYTHING
from tests.chaos.scene import Scene, set_scene
from tests.chaos.target import API_PROCESSES, WORKER_PROCESSES, Target
from tests.chaos.verification import verify
from tests.patience import eventually

SETTINGS = {
    "KIST_API_PROCESSES": str(API_PROCESSES),
    "KIST_WORKER_PROCESSES": str(WORKER_PROCESSES),
    # The receiver of webhooks is a process of this machine.
    "KIST_WEBHOOK_HTTP": "true",
    "KIST_WEBHOOK_PRIVATE_ADDRESSES": "true",
}


@dataclass(slots=True, kw_only=True)
class ChaosResult:
    """What happened, and what was verified afterwards."""

    records: list[FaultRecord] = field(default_factory=list)
    scene: Scene
    quiet_after_seconds: float = 0.0
    verified: list[str] = field(default_factory=list)


async def run_chaos(
    target: Target,
    *,
    seconds: float,
    loans: int,
    seed: int,
    faults: Sequence[Fault] = EVERYTHING,
    payments: int = 0,
    pace: float = 1.0,
    report: Callable[[FaultRecord], None] = lambda _: None,
) -> ChaosResult:
    """Injects every fault once, and goes on until the time is over and `payments` payments were acknowledged.
    `pace` is how fast things come in.

    Raises AssertionError.
    """
    loop = asyncio.get_running_loop()
    async with set_scene(target, loans=loans, seed=seed) as scene:
        result = ChaosResult(scene=scene)
        async with scene.busy(pace=pace):
            began, waiting = loop.time(), list(faults)
            while waiting or loop.time() - began < seconds:
                # The first fault gives the run something to bill. Later rounds have a random order.
                if not waiting:
                    waiting = scene.random.sample(faults, k=len(faults))
                fault = waiting.pop(0)
                await asyncio.sleep(scene.random.random() * 0.8)
                result.records.append(await inject(fault, scene, began=began))
                report(result.records[-1])
            # A busy machine may need longer for this many payments.
            await eventually(lambda: scene.load.has_acknowledged(payments))
        ended = loop.time()
        scene.hooks.is_failing = False
        await until_quiet(scene)
        result.quiet_after_seconds = loop.time() - ended
        result.verified = await verify(scene)
        result.verified += await do_everything_again(scene)
    return result
