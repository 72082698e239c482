"""Changes of a living loan as actions of two figures: drawn at random, and read again."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.domain.lending.positions import Position
from app.domain.payments.changes import Adjusts, ChangeKind, LoanChange, reset_rate
from app.domain.schedules.terms import Moratorium, MoratoriumInterest, MoratoriumOf
from tests.lives.actions import Action

_PRINCIPAL, _BOTH, _ARREARS, _DIFFICULTY, _LENGTH = 1, 2, 4, 8, 16
#: For so many days a top-up can be given back without a charge.
_RETURNABLE_DAYS = (0, 3, 30)


def draw_change(rng: Random, position: Position, *, day: int) -> Action:
    """A change with figures near those of the loan."""
    kind = rng.choice(["rate", "rate", "restructure", "due_day", "top_up"])
    back = min(rng.choice([0, 0, 0, 1, 15, 31, rng.randrange(1, 100)]), day)
    return _draw(rng, kind, position, day=day)._replace(back=back)


def _draw(rng: Random, kind: str, position: Position, *, day: int) -> Action:
    match kind:
        case "rate":
            return Action(day, kind, rng.choice([0, 100, 875, 1050, 1400, 3600, 4800]), rng.randrange(3))
        case "restructure":
            left = max(len(position.plan.due_on), 1)
            return Action(day, kind, rng.choice([0, left, left + 3, max(left - 1, 1), 2 * left]), rng.randrange(64))
        case "due_day":
            return Action(day, kind, rng.choice([1, 5, 15, 28, 31]))
    return Action(day, kind, max(position.disbursed_paise // rng.choice([2, 5, 20]), 1), rng.randrange(9))


def change_of_action(action: Action, position: Position, *, number: int, on: date, made_on: date) -> LoanChange:
    """The change that an action asks for on a loan on a day, counted from `made_on`."""
    adjusts = list(Adjusts)[action.second % 3]
    emi = position.emi_paise * 11 // 10 if adjusts is Adjusts.BOTH else None
    same: dict[str, Any] = {"number": number, "made_on": made_on, "booked_on": on}
    match action.kind:
        case "rate":
            rate = Decimal(action.first) / 100
            if position.terms.benchmark is not None:
                # What is drawn is the benchmark then.
                rate = reset_rate(position, asked_percent=None, benchmark_percent=rate)
            return LoanChange(
                kind=ChangeKind.RATE_RESET, annual_rate_percent=rate, adjusts=adjusts, emi_paise=emi,
                most_instalments=40, **same,
            )  # fmt: skip
        case "restructure":
            return LoanChange(
                kind=ChangeKind.RESTRUCTURE, instalments=action.first or None, moratorium=_moratorium(action.second),
                capitalises_arrears=bool(action.second & _ARREARS),
                for_difficulty=bool(action.second & _DIFFICULTY), **same,
            )  # fmt: skip
        case "due_day":
            return LoanChange(kind=ChangeKind.DUE_DAY, due_day=action.first, **same)
    days = _RETURNABLE_DAYS[action.second // 3]
    return LoanChange(
        kind=ChangeKind.TOP_UP, amount_paise=action.first, adjusts=adjusts, emi_paise=emi, most_instalments=40,
        returnable_until=made_on + timedelta(days=days) if days else None, **same,
    )  # fmt: skip


def _moratorium(bits: int) -> Moratorium | None:
    instalments = 1 + bits // _LENGTH
    if bits & _BOTH:
        interest = MoratoriumInterest.SIMPLE if bits & _PRINCIPAL else MoratoriumInterest.CAPITALISED
        return Moratorium(instalments=instalments, of=MoratoriumOf.BOTH, interest=interest)
    return Moratorium(instalments=instalments, of=MoratoriumOf.PRINCIPAL) if bits & _PRINCIPAL else None
