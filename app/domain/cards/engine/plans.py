"""Instalment plans: what is unpaid of a purchase is paid in instalments, of which each statement bills one.

The schedule engine makes the plan, from the day of the conversion, with the repayment terms of the product. A refund of
the purchase lowers the plan from its end: the instalment stays and the plan becomes shorter.
Source: docs/cards.md, instalments.
"""

from datetime import date
from decimal import Decimal

from app.domain.cards.engine.accounts import Plan
from app.domain.errors import Rejected
from app.domain.money import RoundingMode, round_ratio
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.building import build_schedule, replan
from app.domain.schedules.terms import Instalment, ScheduleTerms


class NothingToConvert(Rejected):
    """Nothing is unpaid of that purchase, or less than the product converts. Choose another purchase."""

    code = "nothing_to_convert"


class PlanNotOffered(Rejected):
    """The product does not offer a plan with so many instalments. Choose a number between those in `figures`."""

    code = "plan_not_offered"


class PlanNotFound(Rejected):
    """The account has no such plan, or all of it is billed. Look at the plans of the account."""

    code = "plan_not_found"


def plan_terms(
    repayment: RepaymentTerms,
    *,
    paise: int,
    annual_rate_percent: Decimal,
    instalments: int,
    on: date,
    first_on: date,
    day: int,
) -> ScheduleTerms:
    """The input of the schedule engine: instalments on the statement days after `on`, of which `first_on` is the
    first."""
    return ScheduleTerms(
        amount_paise=paise,
        annual_rate_percent=annual_rate_percent,
        instalments=instalments,
        disbursed_on=on,
        first_due_on=first_on,
        due_day=day,
        every=repayment.every,
        frequency=repayment.frequency,
        amortisation=repayment.amortisation,
        interest_basis=repayment.interest_basis,
        day_count=repayment.day_count,
        odd_first_period=repayment.odd_first_period,
        emi_rounding=repayment.emi_rounding,
        interest_rounding=repayment.interest_rounding,
    )


def make_plan(terms: ScheduleTerms, *, number: int, purchase: int) -> Plan:
    """The plan of a conversion. Raises what `build_schedule` raises."""
    schedule = build_schedule(terms)
    return Plan(number, purchase, terms.annual_rate_percent, schedule.emi_paise, list(schedule.instalments))


def accrued_paise(plan: Plan, *, on: date) -> int:
    """The interest of the instalment under way up to a day, half up."""
    return round_ratio(*_accrued(plan, on=on), mode=RoundingMode.HALF_UP)


def _accrued(plan: Plan, *, on: date) -> tuple[int, int]:
    row = plan.rows[0]
    days = min(max((on - row.from_on).days, 0), row.days)
    return row.interest_paise * days, max(row.days, 1)


def lower_plan(plan: Plan, terms: ScheduleTerms, *, paise: int, on: date) -> None:
    """Takes an amount off a plan from its end: the instalment stays, and fewer follow. `terms` are those it has."""
    left = plan.principal_paise - paise
    assert left >= 0, "a plan is lowered by no more than it has"
    if left == 0:
        plan.rows = []
        return
    first = plan.rows[0]
    day = min(max(on, first.from_on), first.due_on)
    schedule = replan(
        terms,
        on=day,
        principal_paise=left,
        remaining=plan.rows,
        accrued=_accrued(plan, on=day),
        emi_paise=plan.emi_paise,
    )
    plan.rows = list(schedule.instalments)


def row_document(row: Instalment) -> list[object]:
    """A row as JSON keeps it."""
    return [
        row.number, row.from_on.isoformat(), row.due_on.isoformat(), row.principal_paise, row.interest_paise,
        row.balance_paise,
    ]  # fmt: skip
