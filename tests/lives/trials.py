"""Trying lives out: a life from its seed, up to the first thing that does not hold; and the same deeds once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from app.domain.errors import DomainError
from tests.lives.contracts import Contract, draw_contract
from tests.lives.dice import draw_deed
from tests.lives.law import Breach, breaches
from tests.lives.life import Deed, Life, crashed

#: On so many days of a life, everything that is shown is held to the law.
LOOKS = 0.3


@dataclass(slots=True)
class Failure:
    """A life in which something does not hold, and what."""

    contract: Contract
    deeds: list[Deed]
    breach: Breach


@dataclass(slots=True)
class Tally:
    """How much was lived."""

    lives: int = 0
    deeds: int = 0
    looks: int = 0
    bills: int = 0


def live(seed: int, *, tally: Tally, parts: frozenset[str] = frozenset()) -> Failure | None:
    """One life from its seed. The first fault ends it; with `parts`, only a fault of those."""
    rng = Random(seed)
    contract = draw_contract(rng)
    life = Life.begin(contract)
    tally.lives += 1
    if rng.random() < LOOKS and (breach := first_fault(life, look=True, parts=parts)) is not None:
        return Failure(contract, life.deeds, breach)
    for _ in range(rng.randrange(1, 14)):
        breach = _step(rng, life, parts)
        tally.deeds += 1
        if breach is not None:
            return Failure(contract, life.deeds, breach)
    tally.looks += 1
    tally.bills += len(life.books.bills)
    breach = first_fault(life, look=True, parts=parts)
    return None if breach is None else Failure(contract, life.deeds, breach)


def _step(rng: Random, life: Life, parts: frozenset[str]) -> Breach | None:
    try:
        life.do(draw_deed(rng, life))
    except Exception:
        return crashed("deed")
    return first_fault(life, look=rng.random() < LOOKS, parts=parts)


def first_fault(life: Life, *, look: bool, parts: frozenset[str]) -> Breach | None:
    """The first fault of the books, or, if asked for, of what is shown today."""
    try:
        for breach in life.faults(thoroughly=look):
            if not parts or breach.part in parts:
                return breach
        if look:
            for breach in breaches(life.books, on=life.today):
                if not parts or breach.part in parts:
                    return breach
    except Exception:
        return crashed("look")
    return None


def relived_fault(contract: Contract, deeds: Sequence[Deed], *, part: str) -> Breach | None:
    """Whether the same part is broken at the end of these deeds."""
    try:
        life = Life.begin(contract)
        for deed in deeds:
            life.do(deed)
    except DomainError:
        return None
    except Exception:
        breach = crashed("deed")
        return breach if breach.part == part else None
    return first_fault(life, look=True, parts=frozenset({part}))
