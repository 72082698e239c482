"""Simulates one card account from a seed, up to the first violation, and makes a failure small.

A life is drawn from a few kinds of actions only, so that what is rare comes often in some lives. Whatever happens, a
second implementation that asks each day of each debt whether it bears interest must say the same, the ledger must equal
the buckets, and each statement must follow from the one before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import islice
from random import Random
from traceback import format_exc

from app.domain.products.card_terms import CardBucket, CardTerms
from tests.domain.cards.book import SEEDED
from tests.domain.cards.random_lives import ACTIONS, DAYS_OPENED, TERMS, Player, Step
from tests.domain.cards.test_random_lives import agree, check_days

#: What every life has besides the kinds that it draws.
ALWAYS = ("spend", "pay", "close", "bounce")
SMALLER_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class CardLife:
    """A card account, and what happens to it."""

    terms: CardTerms
    day: int
    opened: date
    limit: int
    steps: list[Step]


@dataclass(slots=True)
class CardCounts:
    """How much was simulated."""

    accounts: int = 0
    actions: int = 0
    statements: int = 0


def draw_life(rng: Random) -> CardLife:
    """A life from its seed."""
    terms = {name: rng.choice(values) for name, values in TERMS.items() if rng.random() < 0.5}
    if rng.random() < 0.3:
        terms["payment_order"] = tuple(rng.sample(list(CardBucket), len(CardBucket)))
    kinds = [*rng.sample(ACTIONS, rng.randint(2, 9)), *rng.sample(ALWAYS, rng.randint(1, len(ALWAYS)))]
    steps = [
        Step(rng.choice(kinds), rng.randint(0, 25), rng.randint(1, 20_000_00), rng.randint(0, 5), rng.randint(0, 50))
        for _ in range(rng.randint(1, 24))
    ]
    return CardLife(
        terms=replace(SEEDED, **terms),
        day=rng.choice((1, 15, 28, 31)),
        opened=rng.choice(DAYS_OPENED),
        limit=rng.choice((10_000_00, 50_000_00, 5_00_000_00)),
        steps=steps,
    )


def simulate_card(seed: int, *, counts: CardCounts) -> str | None:
    """Simulates one account; answers what is wrong, made small, with the command that repeats it."""
    life = draw_life(Random(seed))
    counts.accounts += 1
    counts.actions += len(life.steps)
    wrong = violation(life, counts)
    return None if wrong is None else _described(*_shrunk(life, wrong), seed=seed)


def violation(life: CardLife, counts: CardCounts | None = None) -> str | None:
    """What is wrong about a life: the last lines of what was raised."""
    try:
        player = Player(life.terms, day=life.day, opened=life.opened, limit=life.limit, naive=True)
        player.play(life.steps).finish()
        player.book.check()
        agree(player)
        check_days(player)
    except Exception:
        return format_exc(limit=-2)
    if counts is not None:
        counts.statements += len(player.book.statements)
    return None


def _shrunk(life: CardLife, wrong: str) -> tuple[CardLife, str]:
    """A smaller life with the same violation: one that is raised at the same place."""
    place = wrong.splitlines()[-2:]
    for smaller in islice(_smaller(life), SMALLER_AT_MOST):
        found = violation(smaller)
        if found is not None and found.splitlines()[-2:] == place:
            return _shrunk(smaller, found)
    return life, wrong


def _smaller(life: CardLife) -> Iterator[CardLife]:
    steps = life.steps
    for place, step in enumerate(steps):
        yield replace(life, steps=[*steps[:place], *steps[place + 1 :]])
        for simpler in (replace(step, days=0), replace(step, paise=1_000_00)):
            if simpler != step:
                yield replace(life, steps=[*steps[:place], simpler, *steps[place + 1 :]])
    for one in fields(life.terms):
        if getattr(life.terms, one.name) != getattr(SEEDED, one.name):
            yield replace(life, terms=replace(life.terms, **{one.name: getattr(SEEDED, one.name)}))


def _described(life: CardLife, wrong: str, *, seed: int) -> str:
    changed = {
        one.name: getattr(life.terms, one.name)
        for one in fields(life.terms)
        if getattr(life.terms, one.name) != getattr(SEEDED, one.name)
    }
    return "\n".join(
        [
            wrong,
            f"  opened {life.opened}, statement day {life.day}, limit {life.limit}, terms {changed}",
            *(f"    {step}" for step in life.steps),
            f"  repeat: .venv/bin/python -m tests.lives --card {seed}",
        ]
    )
