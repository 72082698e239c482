"""Checks that what is done and taken back on the same day leaves the debt as it was: a payment that was entered by
mistake, and a change that is undone."""

from collections.abc import Iterator
from datetime import timedelta

from app.domain.billing.cycles import catch_up
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import payoff
from tests.lives.actions import Action
from tests.lives.forecast_checks import Violation
from tests.lives.simulated_loan import SimulatedLoan

_MISTAKE = 1
_DAYS_AHEAD = (0, 17, 45)


def taken_back_violations(loan: SimulatedLoan) -> Iterator[Violation]:
    """What differs after a payment or a change of today was taken back."""
    before, day = loan.books.position, loan.day
    if before.status is not LoanStatus.ACTIVE:
        return
    whole = payoff(before, on=loan.today).total_paise
    tried = [Action(day, "pay", amount) for amount in (1, whole // 3, whole) if amount]
    tried += [Action(day, "rate", 100), Action(day, "top_up", 100_00), Action(day, "due_day", 7)]
    for action in tried:
        trial = loan.copy()
        trial.apply(action)
        if trial.books.payments == loan.books.payments and trial.books.changes == loan.books.changes:
            continue
        trial.apply(Action(day, "reverse" if action.kind == "pay" else "undo", trial.number, _MISTAKE))
        shown = [_debt(one.books.position, loan) for one in (loan, trial)]
        if shown[0] != shown[1]:
            yield Violation(f"taken_back.{action.kind}", f"{action}: {shown[0]} became {shown[1]}")


def _debt(position: Position, loan: SimulatedLoan) -> tuple[object, ...]:
    """What is owed today, and what closes the loan today and later if nothing is paid until then.

    On the daily bases a replay makes a new plan, so only the payoff of today is the same (docs/decisions/0006).
    """
    ahead = []
    for days in (0,) if position.is_daily else _DAYS_AHEAD:
        on = loan.today + timedelta(days=days)
        later = catch_up(position, through=on).decision.position
        ahead.append((later.status, payoff(later, on=on).total_paise if later.status is LoanStatus.ACTIVE else 0))
    owed = position.principal_paise, position.interest_paise, position.charges_paise, position.advance_paise
    return owed, [(bill.cycle, bill.unpaid_paise) for bill in position.open_bills], ahead
