"""Loans: how one is made, what interest it has accrued, and how its plan is made anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.calendar import due_date_number, periods_per_year
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.positions import Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position
from app.domain.money import round_ratio
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.building import build_schedule, replan
from app.domain.schedules.interest import Movement, accrued_ratio, interest_of_a_day, paise_days
from app.domain.schedules.periods import first_period_weight
from app.domain.schedules.terms import Amortisation, Instalment, ScheduleTerms

#: Asked for every loan of a run, and a member is looked up in its class each time.
_ACTIVE = LoanStatus.ACTIVE


def schedule_terms(
    terms: RepaymentTerms, *, amount_paise: int, annual_rate_percent: Decimal, instalments: int, disbursed_on: date
) -> ScheduleTerms:
    """The terms of a contract as the schedule engine wants them."""
    return ScheduleTerms(
        amount_paise=amount_paise,
        annual_rate_percent=annual_rate_percent,
        instalments=instalments,
        disbursed_on=disbursed_on,
        every=terms.every,
        frequency=terms.frequency,
        amortisation=terms.amortisation,
        interest_basis=terms.interest_basis,
        day_count=terms.day_count,
        due_day=terms.due_day,
        odd_first_period=terms.odd_first_period,
        emi_rounding=terms.emi_rounding,
        interest_rounding=terms.interest_rounding,
    )


def contract_terms(position: Position) -> ScheduleTerms:
    """The schedule terms under which a loan was made."""
    return schedule_terms(
        position.terms,
        amount_paise=position.disbursed_paise,
        annual_rate_percent=position.annual_rate_percent,
        instalments=position.instalments,
        disbursed_on=position.disbursed_on,
    )


def disburse(
    terms: RepaymentTerms,
    *,
    customer_id: int,
    loan_id: int,
    amount_paise: int,
    annual_rate_percent: Decimal,
    instalments: int,
    disbursed_on: date,
) -> Decision:
    """Makes a loan: the first plan, and the transfer that hands out the money. Raises what `build_schedule` raises."""
    contract = schedule_terms(
        terms,
        amount_paise=amount_paise,
        annual_rate_percent=annual_rate_percent,
        instalments=instalments,
        disbursed_on=disbursed_on,
    )
    schedule = build_schedule(contract)
    first = PlanVersion(1, disbursed_on, PlanReason.DISBURSAL, 1, schedule.emi_paise, plan_of(schedule.instalments))
    journal = Journal(last_number=0, booked_on=disbursed_on)
    journal.post(Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, amount_paise, Account.PRINCIPAL, disbursed_on)
    position = _first_position(terms, contract, first, customer_id=customer_id, loan_id=loan_id)
    return Decision(position, journal.transfers, {}, (first,))


def _first_position(
    terms: RepaymentTerms, contract: ScheduleTerms, first: PlanVersion, *, customer_id: int, loan_id: int
) -> Position:
    """Where a loan stands on the day it was made."""
    return Position(
        customer_id=customer_id,
        loan_id=loan_id,
        version=1,
        status=LoanStatus.ACTIVE,
        terms=terms,
        annual_rate_percent=contract.annual_rate_percent,
        instalments=contract.instalments,
        disbursed_paise=contract.amount_paise,
        disbursed_on=contract.disbursed_on,
        closed_on=None,
        schedule_version=first.version,
        emi_paise=first.emi_paise,
        next_cycle=1,
        cycle_began_on=contract.disbursed_on,
        next_billing_on=first.plan.due_on[0],
        last_event_on=contract.disbursed_on,
        principal_paise=contract.amount_paise,
        interest_paise=0,
        charges_paise=0,
        advance_paise=0,
        unbilled_interest_paise=0,
        last_transfer=1,
        plan=first.plan,
    )


def _flat_first_interest(position: Position, *, principal_paise: int, accrued: tuple[int, int]) -> int:
    """The current instalment's interest of a flat loan that is planned anew: what has accrued of it stands, and only
    the rest follows the principal."""
    numerator, denominator = accrued
    before = max(sum(position.plan.principal_paise), principal_paise, 1)
    rest = position.plan.interest_paise[0] * denominator - numerator
    rounding = position.terms.interest_rounding
    exact = numerator * before + rest * principal_paise
    return round_ratio(exact, denominator * before, mode=rounding.mode, unit=rounding.unit_paise)


def plan_of(instalments: Sequence[Instalment]) -> Plan:
    """A plan in columns, as it is stored."""
    return Plan(
        [row.due_on for row in instalments],
        [row.principal_paise for row in instalments],
        [row.interest_paise for row in instalments],
    )


def remaining_instalments(position: Position) -> tuple[Instalment, ...]:
    """The planned instalments from the next cycle on, as the schedule engine wants them."""
    rows: list[Instalment] = []
    began, balance = position.cycle_began_on, position.undemanded_principal_paise
    plan = position.plan
    for offset, due_on in enumerate(plan.due_on):
        balance -= plan.principal_paise[offset]
        rows.append(
            Instalment(
                number=position.next_cycle + offset,
                from_on=began,
                due_on=due_on,
                principal_paise=plan.principal_paise[offset],
                interest_paise=plan.interest_paise[offset],
                balance_paise=max(balance, 0),
            )
        )
        began = due_on
    return tuple(rows)


def accrued_since_cycle_began(position: Position, *, on: date) -> tuple[int, int]:
    """The exact interest (numerator, denominator; paise) from the beginning of the cycle up to `on`, that day excluded.

    On `flat` it is the planned interest of the cycle in proportion to its days; when everything is billed it is 0 there
    and on `period`, whose plans end with their last instalment. What came back later and is asked for once more bears
    none either. A closed loan accrues nothing.
    """
    terms, plan, began = position.terms, position.plan, position.cycle_began_on
    if position.status is not _ACTIVE:
        return 0, 1
    if terms.is_daily:
        return _accrued_daily(position, on=on)
    if not plan.due_on or on <= began or is_asked_once_more(position):
        return 0, 1
    if terms.amortisation is Amortisation.FLAT:
        return _accrued_flat(position, on=on)
    return accrued_ratio(
        position.undemanded_principal_paise - sum(movement.delta_paise for movement in position.movements),
        from_on=began,
        to_on=on,
        rate_percent=position.annual_rate_percent,
        basis=terms.interest_basis,
        movements=position.movements,
        period_begin=began,
        period_end=plan.due_on[0],
        periods=period_weight(position, cycle=position.next_cycle),
        periods_per_year=periods_per_year(terms.frequency, every=terms.every),
    )


def is_asked_once_more(position: Position) -> bool:
    """Whether what is planned is no more than a last row without interest: principal that came back after the last
    bill of a plan that sets the interest (`life`). Until it is billed it bears none, as decision 0008 says."""
    return not position.is_daily and position.plan.interest_paise == [0]


def _accrued_flat(position: Position, *, on: date) -> tuple[int, int]:
    """A flat loan's planned interest of the cycle, spread over its days by the principal not yet demanded on each."""
    began, due_on, movements = position.cycle_began_on, position.plan.due_on[0], position.movements
    opening = position.undemanded_principal_paise - sum(movement.delta_paise for movement in movements)
    whole = paise_days(opening, movements, from_on=began, to_on=due_on)
    if whole == 0:
        return 0, 1
    part = paise_days(opening, movements, from_on=began, to_on=min(on, due_on))
    return position.plan.interest_paise[0] * part, whole


def _accrued_daily(position: Position, *, on: date) -> tuple[int, int]:
    """The daily bases count what the ledger says, whatever the plan has: the billing run's most frequent case."""
    terms, began, movements = position.terms, position.cycle_began_on, position.movements
    opening = position.principal_paise - position.advance_paise
    for movement in movements:
        opening -= movement.delta_paise
    of_a_day, denominator = interest_of_a_day(position.annual_rate_percent, terms.interest_basis, terms.day_count)
    if denominator:
        return of_a_day * paise_days(opening, movements, from_on=began, to_on=on), denominator
    return accrued_between(position, opening, began, on, movements=movements)


def accrued_between(
    position: Position, opening_paise: int, began: date, on: date, *, movements: Sequence[Movement]
) -> tuple[int, int]:
    """The exact interest (numerator, denominator; paise) of a balance on a daily basis over `[began, on)`, where a
    cycle begins on `began`. 30E/360 (ISDA) tells the last date of the plan from other ends of February."""
    return accrued_ratio(
        opening_paise,
        from_on=began,
        to_on=on,
        rate_percent=position.annual_rate_percent,
        basis=position.terms.interest_basis,
        day_count=position.terms.day_count,
        movements=movements,
        maturity=position.maturity,
    )


def period_weight(position: Position, *, cycle: int) -> tuple[int, int]:
    """How many regular periods a cycle stands for: only a first one with a due day is anything but one."""
    if cycle == 1 and position.terms.due_day is not None:
        return first_period_weight(contract_terms(position))
    return 1, 1


def accrued_paise(position: Position, *, on: date) -> int:
    """The interest of the cycle so far, rounded as a bill would round it."""
    numerator, denominator = accrued_since_cycle_began(position, on=on)
    rounding = position.terms.interest_rounding
    return round_ratio(numerator, denominator, mode=rounding.mode, unit=rounding.unit_paise)


def planned_date(position: Position, cycle: int) -> date:
    """The date of any cycle by the due rule, also beyond the end of the plan."""
    terms = position.terms
    return due_date_number(
        position.disbursed_on, cycle, frequency=terms.frequency, every=terms.every, due_day=terms.due_day
    )


def make_plan(
    position: Position,
    *,
    on: date,
    principal_paise: int,
    accrued: tuple[int, int],
    reason: PlanReason,
    emi_paise: int | None,
) -> PlanVersion:
    """Re-plans the instalments that are not billed yet, and puts the new plan into force on the position.

    `principal_paise` is the principal not yet demanded after the change; `accrued` the exact interest of the current
    cycle before `on`. With `emi_paise` the instalment stays and the end moves, without it the end stays. What the loan
    then calls its EMI is the instalment, and not the first row (`schedules.terms.Schedule`).
    """
    schedule = replan(
        contract_terms(position),
        on=on,
        principal_paise=principal_paise,
        remaining=remaining_instalments(position),
        accrued=accrued,
        emi_paise=emi_paise,
    )
    plan = plan_of(schedule.instalments)
    if position.terms.amortisation is Amortisation.FLAT and position.plan.due_on:
        first = _flat_first_interest(position, principal_paise=principal_paise, accrued=accrued)
        plan = plan._replace(interest_paise=[first, *plan.interest_paise[1:]])
        if len(plan.due_on) == 1 and emi_paise is None:
            schedule = replace(schedule, emi_paise=plan.principal_paise[0] + first)
    elif is_asked_once_more(position):
        plan = plan._replace(interest_paise=[0])
        if emi_paise is None:
            schedule = replace(schedule, emi_paise=principal_paise)
    position.plan = plan
    position.schedule_version += 1
    position.emi_paise = schedule.emi_paise
    position.next_billing_on = plan.due_on[0]
    return PlanVersion(position.schedule_version, on, reason, position.next_cycle, position.emi_paise, position.plan)
