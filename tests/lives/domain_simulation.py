"""Simulates one loan in the domain from a seed, up to the first violation, and repeats given actions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from app.domain.errors import DomainError
from tests.lives.actions import Action
from tests.lives.arrears_checks import arrears_violations
from tests.lives.contracts import Contract, draw_contract
from tests.lives.forecast_checks import Violation, violations
from tests.lives.interest_checks import interest_violations
from tests.lives.paper_checks import paper_violations
from tests.lives.random_actions import draw_action
from tests.lives.simulated_loan import SimulatedLoan, crash_violation
from tests.lives.step_checks import statement_violations, step_violations
from tests.lives.taken_back_checks import taken_back_violations

#: The share of the days on which all forecasts are checked.
CHECKED_SHARE = 0.25


@dataclass(slots=True)
class Failure:
    """A contract and actions that lead to a violation."""

    contract: Contract
    actions: list[Action]
    violation: Violation


@dataclass(slots=True)
class Counts:
    """How much was simulated."""

    loans: int = 0
    actions: int = 0
    checks: int = 0
    bills: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


def simulate(seed: int, *, counts: Counts, parts: frozenset[str] = frozenset()) -> Failure | None:
    """Simulates one loan from its seed. The first violation ends it; with `parts`, only a violation of these parts."""
    rng = Random(seed)
    contract = draw_contract(rng)
    loan = SimulatedLoan.begin(contract)
    counts.loans += 1
    if (
        rng.random() < CHECKED_SHARE
        and (violation := first_violation(loan, check_forecasts=True, parts=parts)) is not None
    ):
        return Failure(contract, loan.actions, violation)
    for _ in range(rng.randrange(1, 14)):
        violation = _act(rng, loan, parts)
        counts.actions += 1
        if violation is not None:
            return Failure(contract, loan.actions, violation)
    counts.checks += 1
    counts.bills += len(loan.books.bills)
    counts.kinds.update(action.kind for action in loan.actions if action.kind != "wait")
    violation = first_violation(loan, check_forecasts=True, check_classes=True, parts=parts)
    return None if violation is None else Failure(contract, loan.actions, violation)


def _act(rng: Random, loan: SimulatedLoan, parts: frozenset[str]) -> Violation | None:
    try:
        loan.apply(draw_action(rng, loan))
    except Exception:
        return crash_violation("action")
    return first_violation(loan, check_forecasts=rng.random() < CHECKED_SHARE, parts=parts)


def first_violation(
    loan: SimulatedLoan, *, check_forecasts: bool, check_classes: bool = False, parts: frozenset[str]
) -> Violation | None:
    """The first violation of the books or, with `check_forecasts`, of what the views of today forecast.

    With `check_classes`, also of the arrears, the classes and the interest of the whole life.
    """
    try:
        for violation in loan.violations(thorough=check_forecasts):
            if not parts or violation.part in parts:
                return violation
        books, today = loan.books, loan.today
        found = [step_violations(books, on=today)]
        if check_forecasts:
            found += [violations(books, on=today), paper_violations(books, on=today)]
            found += [statement_violations(books, on=today)]
        if check_classes:
            found += [arrears_violations(books, on=today), interest_violations(books, on=today)]
            found += [taken_back_violations(loan)]
        for violation in chain.from_iterable(found):
            if not parts or violation.part in parts:
                return violation
    except Exception:
        return crash_violation("check")
    return None


def repeated_violation(contract: Contract, actions: Sequence[Action], *, part: str) -> Violation | None:
    """The violation of the same part after these actions; None when there is none."""
    try:
        loan = SimulatedLoan.begin(contract)
        for action in actions:
            loan.apply(action)
    except DomainError:
        return None
    except Exception:
        violation = crash_violation("action")
        return violation if violation.part == part else None
    return first_violation(loan, check_forecasts=True, check_classes=True, parts=frozenset({part}))
