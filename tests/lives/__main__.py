"""`make lives`: random loans, in the domain and over HTTP, and random card accounts, until the time is over. The exit
code is 1 after a failure.

Each loan gets random actions. Whatever a view forecasts is then compared with what happens; and papers, interest in
suspense, taxes and closed books with the ledger. Loans and card accounts in the domain and generations over HTTP
alternate. Every loan and every card account in the domain and every generation has its own seed, with which it can be
repeated.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
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
from tests.lives.card_lives import CardCounts, simulate_card
from tests.lives.domain_simulation import Counts, simulate
from tests.lives.failure_report import describe_failure
from tests.lives.http_setup import http_simulation
from tests.lives.http_simulation import HttpSimulation
from tests.lives.shrinking import shrink
from tests.stories.serving import served

console = Console(highlight=False)
#: Seconds of loans, and of card accounts, in the domain between two generations over HTTP.
TURN_SECONDS = 5.0
LOANS_IN_A_GENERATION = 12
SEEDS = 10**9


@dataclass(slots=True)
class Progress:
    """What was simulated so far, and the first failure."""

    began: float = field(default_factory=time.monotonic)
    domain: Counts = field(default_factory=Counts)
    cards: CardCounts = field(default_factory=CardCounts)
    generations: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    failure: str | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def main() -> None:
    parser = argparse.ArgumentParser(prog="make lives", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long to simulate")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(SEEDS))
    parser.add_argument("--loan", type=int, help="repeat only the loan in the domain with this seed")
    parser.add_argument("--card", type=int, help="repeat only the card account with this seed")
    parser.add_argument("--cards", action="store_true", help="simulate card accounts only: nothing is served")
    parser.add_argument("--generation", type=int, help="repeat only the generation over HTTP with this seed")
    parser.add_argument("--on", type=date.fromisoformat, help="the business date on which that generation began")
    options = parser.parse_args()
    # The billing runs start and end in this process, many times a second: log only warnings.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if options.loan is not None:
        sys.exit(repeat_loan(options.loan))
    if options.card is not None:
        sys.exit(repeat_card(options.card))
    progress = simulate_cards(options) if options.cards else asyncio.run(simulate_all(options))
    show(progress, seed=options.seed)
    sys.exit(progress.failure is not None)


def say(line: str) -> None:
    """Prints what the shrinking of a failure does: it may take a minute."""
    console.print(f"[dim]  {line}[/]")


def repeat_loan(seed: int) -> int:
    """Repeats one loan in the domain, and returns the exit code."""
    failure = simulate(seed, counts=Counts())
    text = "this loan has no failure" if failure is None else describe_failure(shrink(failure, say=say), seed=seed)
    console.print(text, markup=False)
    return int(failure is not None)


def repeat_card(seed: int) -> int:
    """Repeats one card account, and returns the exit code."""
    failure = simulate_card(seed, counts=CardCounts())
    console.print(failure or "this card account has no failure", markup=False)
    return int(failure is not None)


def simulate_cards(options: argparse.Namespace) -> Progress:
    """Simulates card accounts until the time is over or one fails."""
    progress, rng = Progress(), random.Random(options.seed)
    while progress.seconds < options.seconds and progress.failure is None:
        progress.failure = simulate_card(rng.randrange(SEEDS), counts=progress.cards)
    return progress


async def simulate_all(options: argparse.Namespace) -> Progress:
    """Simulates until the time is over or a check fails."""
    progress, rng = Progress(), random.Random(options.seed)
    async with running_service() as simulation:
        if options.on is not None:
            await simulation.move_to(options.on)
        if options.generation is not None:
            await run_generation(simulation, progress, seed=options.generation)
            return progress
        console.print(f"{options.seconds:.0f} s of random loans, --seed {options.seed}")
        while progress.seconds < options.seconds and progress.failure is None:
            until = min(progress.seconds + TURN_SECONDS, options.seconds)
            while progress.seconds < until and progress.failure is None:
                run_loan(progress, seed=rng.randrange(SEEDS))
            until = min(progress.seconds + TURN_SECONDS, options.seconds)
            while progress.seconds < until and progress.failure is None:
                progress.failure = simulate_card(rng.randrange(SEEDS), counts=progress.cards)
            if progress.failure is None:
                await run_generation(simulation, progress, seed=rng.randrange(SEEDS))
            console.print(f"[dim]{progress.seconds:6.0f} s  {_counted(progress, simulation)}", soft_wrap=True)
    return progress


def run_loan(progress: Progress, *, seed: int) -> None:
    """Simulates one loan in the domain."""
    failure = simulate(seed, counts=progress.domain)
    if failure is not None:
        progress.failure = describe_failure(shrink(failure, say=say), seed=seed)


async def run_generation(simulation: HttpSimulation, progress: Progress, *, seed: int) -> None:
    """Simulates one generation of loans over HTTP."""
    await simulation.renew_tokens()
    simulation.rng = random.Random(seed)
    began = await simulation.read_date()
    try:
        await simulation.run_generation(count=LOANS_IN_A_GENERATION)
    except Exception:
        # Mostly an answer that is in the failures already has not what was read next.
        simulation.failures.append(traceback.format_exc())
    progress.generations += 1
    progress.acts = simulation.acts
    if simulation.failures:
        command = f"  repeat: .venv/bin/python -m tests.lives --generation {seed} --on {began}"
        progress.failure = "\n".join([*simulation.failures, command])


@asynccontextmanager
async def running_service() -> AsyncIterator[HttpSimulation]:
    """The servers of the tests (without pytest), two API processes on them, and a simulation that calls them."""
    worker = databases.this_worker()
    with tempfile.TemporaryDirectory(prefix="kist-lives-") as home:
        try:
            with databases.services(worker) as services:
                await databases.make_database(worker, str(services.owner_database_url))
                settings = databases.make_settings(services, home=Path(home))
                engine, keyring = create_async_engine(settings.app_dsn), make_keyring(settings)
                with served(settings) as address:
                    async with http_simulation(address, create_session_factory(engine), keyring, seed=0) as simulation:
                        yield simulation
                keyring.passwords.close()
                await engine.dispose()
        finally:
            databases.remove_session(worker)


def _counted(progress: Progress, simulation: HttpSimulation) -> str:
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(simulation.statuses.items()))
    http = f"HTTP: {simulation.loans} loans, {simulation.writes} writes, statuses {statuses}"
    return f"{_domain(progress)}; {http}"


def _domain(progress: Progress) -> str:
    counts, cards = progress.domain, progress.cards
    loans = f"domain: {counts.loans} loans, {counts.actions} actions, {counts.bills} bills, {counts.checks} checks"
    return f"{loans}; {cards.accounts} card accounts, {cards.actions} actions, {cards.statements} statements"


def _listed(kinds: Counter[str]) -> str:
    return ", ".join(f"{count} x {kind}" for kind, count in kinds.most_common()) or "nothing"


def show(progress: Progress, *, seed: int) -> None:
    """Prints the counts and the failure."""
    console.print(
        f"{progress.seconds:.0f} s: {_domain(progress)}; HTTP: {progress.generations} generations; --seed {seed}",
        soft_wrap=True,
    )
    console.print(f"drawn in the domain: {_listed(progress.domain.kinds)}", soft_wrap=True)
    console.print(f"drawn over HTTP: {_listed(progress.acts)}", soft_wrap=True)
    if progress.failure is None:
        console.print("[green]✓[/] every forecast came true to the paisa, and the books reconcile")
    else:
        console.print(progress.failure, markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
