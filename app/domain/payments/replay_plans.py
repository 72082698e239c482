"""The plans that a replay makes for principal that the plan of its day does not have.

`replayed_loan.py` replays the loan day by day, and `replay.py` puts what is left into force.
"""

from datetime import date

from app.domain.lending.due_rules import skip_cycles
from app.domain.lending.loans import accrued_since_cycle_began, make_plan
from app.domain.lending.positions import LoanStatus, Plan, PlanReason, PlanVersion, Position


def make_replay_plan(position: Position, *, on: date, after_payment_id: int) -> list[PlanVersion]:
    """Plans the undemanded principal over the instalments that are left, or as one extra instalment.

    Returns no plan when the loan is not active, or when no instalment is left and none is needed.
    """
    undemanded = position.undemanded_principal_paise
    if position.status is not LoanStatus.ACTIVE:
        return []
    if not position.plan.due_on:
        if position.is_daily or not (undemanded or position.unbilled_interest_paise > 0):
            return []
        return [_add_extra_instalment(position, on=on, after_payment_id=after_payment_id)]
    plan = make_plan(
        position,
        on=on,
        principal_paise=undemanded,
        accrued=accrued_since_cycle_began(position, on=on),
        reason=PlanReason.REPLAY,
        emi_paise=None,
    )
    return [plan._replace(after_payment_id=after_payment_id)]


def _add_extra_instalment(position: Position, *, on: date, after_payment_id: int) -> PlanVersion:
    """Plans one extra instalment, on the next date of the due rule, for principal that returned after the last bill.

    It is used only where the plan sets the interest: on the daily bases, billing goes on after the plan.
    Source: docs/decisions/0008.
    """
    due_on = skip_cycles(position, after=on)
    position.plan = Plan([due_on], [position.undemanded_principal_paise], [0])
    position.schedule_version += 1
    position.next_billing_on = due_on
    version, cycle, emi = position.schedule_version, position.next_cycle, position.emi_paise
    return PlanVersion(version, on, PlanReason.REPLAY, cycle, emi, position.plan, after_payment_id)


def fit_plan(position: Position, *, on: date) -> None:
    """Makes a new plan when the issued bill demanded another principal than the replayed plan has.

    Without it, the planned principal would not be the undemanded principal, on which interest is computed.
    """
    if position.is_daily or position.status is not LoanStatus.ACTIVE or not position.plan.due_on:
        return
    if sum(position.plan.principal_paise) != position.undemanded_principal_paise:
        make_plan(
            position,
            on=on,
            principal_paise=position.undemanded_principal_paise,
            accrued=(0, 1),
            reason=PlanReason.REPLAY,
            emi_paise=None,
        )
