"""Shrinking ends, says what it does, and keeps what the failure needs."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.lending.agreements import Agreement
from app.domain.products.seeded import STANDARD_LOAN
from tests.lives import shrinking
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.domain_simulation import Failure
from tests.lives.forecast_checks import Violation
from tests.lives.shrinking import shrink

CONTRACT = Contract(
    product="STANDARD_LOAN",
    terms=STANDARD_LOAN.repayment,
    amount_paise=1_97_000_00,
    annual_rate_percent=Decimal(24),
    instalments=8,
    disbursed_on=date(2024, 6, 10),
    # A plainer agreement without holidays is this one again: it was taken for simpler, for ever.
    agreement=Agreement(first_due_on=date(2024, 6, 11)),
)
FOUND = Violation("books", "as found")


def test_what_the_failure_needs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure needs the payment of day 20 and the agreement; the other 31 actions go."""

    def repeat(contract: Contract, actions: list[Action], *, part: str) -> Violation | None:
        needed = contract.agreement == CONTRACT.agreement and any(action.day == 20 for action in actions)
        return Violation(part, f"{len(actions)} actions") if needed else None

    monkeypatch.setattr(shrinking, "repeated_violation", repeat)
    lines: list[str] = []
    actions = [Action(day, "pay", 1_234_56) for day in range(32)]
    smallest = shrink(Failure(CONTRACT, actions, FOUND), say=lines.append)
    assert smallest.actions == [Action(20, "pay", 1)]
    assert (smallest.contract.agreement, smallest.contract.amount_paise) == (CONTRACT.agreement, 1_000_00)
    assert smallest.violation == Violation("books", "1 actions")
    assert lines[-1].startswith("done: 1 actions left")


def test_when_the_time_is_over_the_smallest_so_far_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinking, "repeated_violation", lambda *_, part: Violation(part, "always"))
    lines: list[str] = []
    actions = [Action(day, "wait") for day in range(4)]
    shown = shrink(Failure(CONTRACT, actions, FOUND), say=lines.append, most_seconds=0)
    assert (shown.contract, shown.actions) == (CONTRACT, actions)
    assert lines == ["out of time: 4 actions left, 0 of 1 attempts kept"]


def test_what_does_not_come_again_is_shown_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinking, "repeated_violation", lambda *_, part: None)
    failure, lines = Failure(CONTRACT, [Action(1, "wait")], FOUND), list[str]()
    assert shrink(failure, say=lines.append) is failure
    assert lines == ["the failure does not come again with the same actions: it is shown as it was found"]
