"""Makes a failure small: fewer actions, rounder figures and simpler terms that still give the same violation.

First the actions go, in halves, then in quarters, and so on to single ones. Then everything is made simpler, one thing
at a time. Each thing that is kept is simpler than what was there before, so it ends; and it says what it does.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal

from app.domain.payments.payments import TreatAs
from app.domain.products.seeded import SEEDED_PRODUCTS
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.domain_simulation import Failure, repeated_violation

#: After so many seconds the smallest failure that was found is good enough.
MOST_SECONDS = 60.0
#: Between two lines about the progress.
SECONDS_BETWEEN_LINES = 2.0


def shrink(
    failure: Failure, *, say: Callable[[str], None] = lambda line: None, most_seconds: float = MOST_SECONDS
) -> Failure:
    """The smallest failure found when no single simplification keeps the violation any more, or the time is over."""
    attempts = _Attempts(say, until=time.monotonic() + most_seconds)
    smallest = attempts.repeat(failure, failure.contract, failure.actions)
    if smallest is None:
        say("the failure does not come again with the same actions: it is shown as it was found")
        return failure
    while not attempts.is_over and (smaller := _smaller(attempts, smallest)) is not None:
        smallest = smaller
        attempts.kept += 1
    attempts.say_where(smallest, "out of time" if attempts.is_over else "done")
    return smallest


@dataclass(slots=True)
class _Attempts:
    """Tries simpler failures until a moment, and says now and then how far it is."""

    say: Callable[[str], None]
    until: float
    tried: int = 0
    kept: int = 0
    said: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.until

    def repeat(self, failure: Failure, contract: Contract, actions: list[Action]) -> Failure | None:
        """The failure with another contract and other actions, if they give the same violation."""
        self.tried += 1
        if time.monotonic() - self.said > SECONDS_BETWEEN_LINES:
            self.say_where(failure, "shrinking")
        violation = repeated_violation(contract, actions, part=failure.violation.part)
        return None if violation is None else Failure(contract, actions, violation)

    def say_where(self, failure: Failure, what: str) -> None:
        self.said = time.monotonic()
        self.say(f"{what}: {len(failure.actions)} actions left, {self.kept} of {self.tried} attempts kept")


def _smaller(attempts: _Attempts, failure: Failure) -> Failure | None:
    for contract, actions in _candidates(failure.contract, failure.actions):
        # What is not different would be kept for ever.
        if (contract, actions) == (failure.contract, failure.actions):
            continue
        smaller = attempts.repeat(failure, contract, actions)
        if smaller is not None or attempts.is_over:
            return smaller
    return None


def _candidates(contract: Contract, actions: list[Action]) -> Iterator[tuple[Contract, list[Action]]]:
    length = (len(actions) + 1) // 2
    while length:
        for begin in range(0, len(actions), length):
            yield contract, [*actions[:begin], *actions[begin + length :]]
        length //= 2
    yield from ((plainer, actions) for plainer in _plainer(contract))
    for index, action in enumerate(actions):
        for simpler in _simpler(action):
            yield contract, [*actions[:index], simpler, *actions[index + 1 :]]


def _plainer(contract: Contract) -> Iterator[Contract]:
    seeded = {product.code: product.repayment for product in SEEDED_PRODUCTS}[contract.product]
    for one in fields(seeded):
        if one.init and getattr(seeded, one.name) != getattr(contract.terms, one.name):
            plainer = replace(contract.terms, **{one.name: getattr(seeded, one.name)})
            yield replace(contract, terms=plainer)
    if contract.agreement is not None:
        yield replace(contract, agreement=None)
        for plain in ({"holidays": ()}, {"rhythm": None}, {"first_due_on": None}, {"spread_percent": None}):
            yield replace(contract, agreement=replace(contract.agreement, **plain))
    yield from _rounder(contract)


def _rounder(contract: Contract) -> Iterator[Contract]:
    """The same contract with a rounder amount, fewer instalments, a usual rate, or from the first day of a year."""
    for amount in (1_000_00, 10_000_00, 1_00_000_00):
        if contract.amount_paise != amount and (contract.amount_paise > amount or contract.amount_paise % 1_000_00):
            yield replace(contract, amount_paise=amount)
    for fewer in (1, 2, 3, contract.instalments - 1):
        if 1 <= fewer < contract.instalments:
            yield replace(contract, instalments=fewer)
    for rate in (Decimal(0), Decimal(12)):
        if contract.annual_rate_percent not in (rate, Decimal(0)):
            yield replace(contract, annual_rate_percent=rate)
    for day in ("2024-01-01", "2025-01-01"):
        plain = type(contract.disbursed_on).fromisoformat(day)
        if contract.disbursed_on.day != 1 or contract.disbursed_on.month != 1:
            yield replace(contract, disbursed_on=plain)


def _simpler(action: Action) -> Iterator[Action]:
    if action.treat_as is not TreatAs.INSTALMENT:
        yield action._replace(treat_as=TreatAs.INSTALMENT)
    for unit in (1_000_00, 100_00, 1_00):
        rounder = action.first // unit * unit
        if action.kind == "pay" and 0 < rounder < action.first:
            yield action._replace(first=rounder)
    if action.kind == "pay" and action.first > 1:
        yield action._replace(first=1)
