"""`make lives`: random lives for as long as you like, in the domain and over HTTP; exit 1 at the first failure.

Both take turns: some seconds of lives in the domain, a generation over HTTP, and again. Every life and every generation
has a number of its own, from which it can be lived again.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import structlog
from rich.console import Console
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.session import create_session_factory
from app.main import make_keyring
from tests import databases
from tests.lives.shrinking import shrink
from tests.lives.standing import town
from tests.lives.telling import tell
from tests.lives.town import Town
from tests.lives.trials import Tally, live
from tests.stories.serving import served

console = Console(highlight=False)
#: Seconds of lives in the domain between two generations over HTTP.
TURN_SECONDS = 5.0
HOMES = 12
SEEDS = 10**9


@dataclass(slots=True)
class Lived:
    """What was lived so far, and the first failure."""

    began: float = field(default_factory=time.monotonic)
    domain: Tally = field(default_factory=Tally)
    generations: int = 0
    failure: str | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def main() -> None:
    parser = argparse.ArgumentParser(prog="make lives", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long it goes on")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(SEEDS))
    parser.add_argument("--life", type=int, help="live this life of the domain again, and no other")
    parser.add_argument("--town", type=int, help="live this generation over HTTP again, and no other")
    parser.add_argument("--on", type=date.fromisoformat, help="the day on which that generation began")
    wanted = parser.parse_args()
    # The runs of the town begin and end in this process, many times a second.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if wanted.life is not None:
        sys.exit(again(wanted.life))
    lived = asyncio.run(go_on(wanted))
    show(lived, seed=wanted.seed)
    sys.exit(lived.failure is not None)


def again(seed: int) -> int:
    """One life of the domain."""
    failure = live(seed, tally=Tally())
    console.print("nothing is wrong with it" if failure is None else tell(shrink(failure), seed=seed), markup=False)
    return int(failure is not None)


async def go_on(wanted: argparse.Namespace) -> Lived:
    """Lives until the time is over or something does not hold."""
    lived, chance = Lived(), random.Random(wanted.seed)
    async with standing() as here:
        if wanted.on is not None:
            await here.move_to(wanted.on)
        if wanted.town is not None:
            await live_in_town(here, lived, seed=wanted.town)
            return lived
        console.print(f"{wanted.seconds:.0f} s of random lives, --seed {wanted.seed}")
        while lived.seconds < wanted.seconds and lived.failure is None:
            until = min(lived.seconds + TURN_SECONDS, wanted.seconds)
            while lived.seconds < until and lived.failure is None:
                live_in_domain(lived, seed=chance.randrange(SEEDS))
            if lived.failure is None:
                await live_in_town(here, lived, seed=chance.randrange(SEEDS))
            console.print(f"[dim]{lived.seconds:6.0f} s  {_counted(lived, here)}", soft_wrap=True)
    return lived


def live_in_domain(lived: Lived, *, seed: int) -> None:
    failure = live(seed, tally=lived.domain)
    if failure is not None:
        lived.failure = tell(shrink(failure), seed=seed)


async def live_in_town(here: Town, lived: Lived, *, seed: int) -> None:
    here.rng = random.Random(seed)
    began = await here.read_date()
    await here.live_a_generation(homes=HOMES)
    lived.generations += 1
    if here.breaches:
        words = f"  again: .venv/bin/python -m tests.lives --town {seed} --on {began}"
        lived.failure = "\n".join([*here.breaches, words])


@asynccontextmanager
async def standing() -> AsyncIterator[Town]:
    """The servers of the tests for once without pytest, two API processes on them, and a town."""
    worker = databases.this_worker()
    with tempfile.TemporaryDirectory(prefix="kist-lives-") as home:
        try:
            with databases.services(worker) as services:
                await databases.make_database(worker, str(services.owner_database_url))
                settings = databases.make_settings(services, home=Path(home))
                engine, keyring = create_async_engine(settings.app_dsn), make_keyring(settings)
                with served(settings) as address:
                    async with town(address, create_session_factory(engine), keyring, seed=0) as here:
                        yield here
                keyring.passwords.close()
                await engine.dispose()
        finally:
            databases.remove_session(worker)


def _counted(lived: Lived, here: Town) -> str:
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(here.statuses.items()))
    return f"{_domain(lived)}; HTTP: {here.lives} lives, {here.deeds} deeds, answers {answers}"


def _domain(lived: Lived) -> str:
    tally = lived.domain
    return f"domain: {tally.lives} lives, {tally.deeds} deeds, {tally.bills} bills, {tally.looks} looks"


def show(lived: Lived, *, seed: int) -> None:
    console.print(
        f"{lived.seconds:.0f} s: {_domain(lived)}; HTTP: {lived.generations} generations; --seed {seed}", soft_wrap=True
    )
    if lived.failure is None:
        console.print("[green]✓[/] what was shown is what happened, to the paisa; the books reconcile")
    else:
        console.print(lived.failure, markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
