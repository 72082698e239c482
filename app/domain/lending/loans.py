"""Loans: disbursal, accrued interest, and new plans."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.calendar import periods_per_year
from app.domain.lending.agreements import Agreement
from app.domain.lending.due_rules import contract_terms, period_weight, schedule_terms
from app.domain.lending.fees import post_fees
from app.domain.lending.late_days import late_interest_paise
from app.domain.lending.ledger import Journal
from app.domain.lending.positions import Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position
from app.domain.money import round_ratio
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.products.charges import check_fees
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.building import build_schedule, replan
from app.domain.schedules.interest import Movement, accrued_ratio, daily_interest_ratio, paise_days
from app.domain.schedules.terms import Amortisation, Instalment, ScheduleTerms

#: Reading a member from its enum class is slow, and a run compares it for every loan.
_ACTIVE = LoanStatus.ACTIVE


def disburse(
    terms: RepaymentTerms,
    *,
    customer_id: int,
    loan_id: int,
    amount_paise: int,
    annual_rate_percent: Decimal,
    instalments: int,
    disbursed_on: date,
    fees: Sequence[Fee] = (),
    agreement: Agreement | None = None,
) -> Decision:
    """Makes a loan: its first plan (version 1) and the transfers of the disbursal with its fees.

    The principal is the amount and the financed fees. Raises FeesInvalid, and what `build_schedule` raises.
    """
    check_fees(fees, received_paise=amount_paise)
    contract = schedule_terms(
        terms,
        amount_paise=amount_paise + sum(fee.total_paise for fee in fees if fee.paid is FeePaid.FINANCED),
        annual_rate_percent=annual_rate_percent,
        instalments=instalments,
        disbursed_on=disbursed_on,
        agreement=agreement,
    )
    schedule = build_schedule(contract)
    first = PlanVersion(1, disbursed_on, PlanReason.DISBURSAL, 1, schedule.emi_paise, plan_of(schedule.instalments))
    journal = Journal(last_number=0, booked_on=disbursed_on)
    post_fees(journal, fees, amount_paise=amount_paise, on=disbursed_on)
    position = _first_position(terms, contract, first, customer_id=customer_id, loan_id=loan_id)
    position.last_transfer = journal.number
    position.agreement = agreement
    return Decision(position, journal.transfers, {}, (first,))


def _first_position(
    terms: RepaymentTerms, contract: ScheduleTerms, first: PlanVersion, *, customer_id: int, loan_id: int
) -> Position:
    """The position of a loan on the date of disbursal."""
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
    """The interest (paise) of the current instalment when a flat loan gets a new plan.

    The part that has accrued stays. The rest changes in proportion to the principal. It is never rounded to more than
    it was before.
    """
    numerator, denominator = accrued
    before = max(sum(position.plan.principal_paise), principal_paise, 1)
    rest = position.plan.interest_paise[0] * denominator - numerator
    rounding = position.terms.interest_rounding
    exact = numerator * before + rest * principal_paise
    rounded = round_ratio(exact, denominator * before, mode=rounding.mode, unit=rounding.unit_paise)
    return min(rounded, position.plan.interest_paise[0])


def plan_of(instalments: Sequence[Instalment]) -> Plan:
    """The instalments as a plan in columns, which is the stored form.

    An instalment whose interest is capitalised asks for nothing: its principal is below zero by its interest.
    """
    return Plan(
        [row.due_on for row in instalments],
        [row.principal_paise - row.capitalised_paise for row in instalments],
        [row.interest_paise + row.capitalised_paise for row in instalments],
    )


def remaining_instalments(position: Position) -> tuple[Instalment, ...]:
    """The planned instalments from the next cycle on, as rows for the schedule engine."""
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
    """The exact interest (numerator, denominator; paise) from the start of the cycle up to `on`, that day excluded.

    On `flat` it is the planned interest of the cycle in proportion to its days. It is 0 when the loan is not active,
    and, where the plan sets the interest (`flat`, `period`), after the last instalment and for an extra instalment
    without interest (`has_only_extra_instalment`). Source: docs/business-rules.md, schedules and interest.
    """
    terms, plan, began = position.terms, position.plan, position.cycle_began_on
    if position.status is not _ACTIVE:
        return 0, 1
    if terms.is_daily:
        return _accrued_daily(position, on=on)
    if on <= began or not bears_planned_interest(position):
        return 0, 1
    if terms.amortisation is Amortisation.FLAT:
        return _accrued_flat(position, on=on)
    return accrued_ratio(
        position.undemanded_principal_paise - sum(movement.delta_paise for movement in position.movements),
        from_on=began,
        to_on=on,
        rate_percent=position.rates,
        basis=terms.interest_basis,
        movements=position.movements,
        period_begin=began,
        period_end=plan.due_on[0],
        periods=period_weight(position, cycle=position.next_cycle),
        periods_per_year=periods_per_year(terms.frequency, every=terms.every),
    )


def has_only_extra_instalment(position: Position) -> bool:
    """Whether the plan is only an extra instalment without interest.

    A replay adds one (`replay_plans`) for principal that returns after the last bill, where the plan sets the
    interest. It bears no interest until it is billed. Source: docs/decisions/0008.
    """
    return not position.is_daily and position.plan.interest_paise == [0]


def has_plan_ended(position: Position) -> bool:
    """Whether every planned instalment is billed. What an extra instalment asks for again was planned before."""
    return not position.plan.due_on or (position.rate_percent > 0 and has_only_extra_instalment(position))


def bears_planned_interest(position: Position) -> bool:
    """Whether the undemanded principal bears interest, where the plan sets it: not after the end of the plan."""
    return bool(position.plan.due_on) and not has_only_extra_instalment(position)


def _accrued_flat(position: Position, *, on: date) -> tuple[int, int]:
    """A flat loan's planned interest of the cycle, spread over the days in proportion to the undemanded principal."""
    began, due_on, movements = position.cycle_began_on, position.plan.due_on[0], position.movements
    opening = position.undemanded_principal_paise - sum(movement.delta_paise for movement in movements)
    whole = paise_days(opening, movements, from_on=began, to_on=due_on)
    if whole == 0:
        return 0, 1
    part = paise_days(opening, movements, from_on=began, to_on=min(on, due_on))
    return position.plan.interest_paise[0] * part, whole


def _accrued_daily(position: Position, *, on: date) -> tuple[int, int]:
    """On the daily bases interest follows the ledger's balance, not the plan. The most frequent case of a run."""
    terms, began, movements = position.terms, position.cycle_began_on, position.movements
    opening = position.principal_paise - position.advance_paise
    for movement in movements:
        opening -= movement.delta_paise
    if position.alterations is not None:
        return accrued_between(position, opening, began, on, movements=movements)
    per_day, denominator = daily_interest_ratio(position.annual_rate_percent, terms.interest_basis, terms.day_count)
    if denominator:
        return per_day * paise_days(opening, movements, from_on=began, to_on=on), denominator
    return accrued_between(position, opening, began, on, movements=movements)


def accrued_between(
    position: Position, opening_paise: int, began: date, on: date, *, movements: Sequence[Movement]
) -> tuple[int, int]:
    """The exact interest (numerator, denominator; paise) of a balance on a daily basis over `[began, on)`.

    A cycle begins on `began`. The maturity is passed on, because 30E/360 ISDA treats the end of February differently
    on that date.
    """
    return accrued_ratio(
        opening_paise,
        from_on=began,
        to_on=on,
        rate_percent=position.rates,
        basis=position.terms.interest_basis,
        day_count=position.terms.day_count,
        movements=movements,
        maturity=position.maturity,
    )


def accrued_paise(position: Position, *, on: date) -> int:
    """The interest of the cycle before `on`, in paise, rounded as a bill rounds it; with that on overdue principal.

    On `flat` the whole term is rounded, and not each row. So a part of a cycle is never rounded to more than its row.
    """
    numerator, denominator = accrued_since_cycle_began(position, on=on)
    rounding = position.terms.interest_rounding
    accrued = round_ratio(numerator, denominator, mode=rounding.mode, unit=rounding.unit_paise)
    if position.terms.amortisation is Amortisation.FLAT and position.plan.due_on:
        accrued = min(accrued, position.plan.interest_paise[0])
    return accrued + late_interest_paise(position, on=on) if position.terms.counts_late_days else accrued


def make_plan(
    position: Position,
    *,
    on: date,
    principal_paise: int,
    accrued: tuple[int, int],
    reason: PlanReason,
    emi_paise: int | None,
    remaining: Sequence[Instalment] | None = None,
) -> PlanVersion:
    """Makes a new plan for the instalments that are not billed yet, and puts it into force on the position.

    `principal_paise` is the undemanded principal after the change. `accrued` is the exact interest of the current cycle
    before `on` (numerator, denominator; paise). With `emi_paise` the instalment stays and the last date may change;
    without it the last date stays. `remaining` are the instalments to plan, if they are others than those that are
    left. The position's `emi_paise` becomes the instalment, which is not always the amount of the first row
    (`schedules.terms.Schedule`). Raises what `schedules.building.replan` raises.
    """
    schedule = replan(
        contract_terms(position),
        on=on,
        principal_paise=principal_paise,
        remaining=remaining_instalments(position) if remaining is None else remaining,
        accrued=accrued,
        emi_paise=emi_paise,
        weights=None if position.alterations is None else position.alterations.weight_of,
    )
    plan = plan_of(schedule.instalments)
    if position.terms.amortisation is Amortisation.FLAT and position.plan.due_on:
        first = _flat_first_interest(position, principal_paise=principal_paise, accrued=accrued)
        plan = plan._replace(interest_paise=[first, *plan.interest_paise[1:]])
        if len(plan.due_on) == 1 and emi_paise is None:
            schedule = replace(schedule, emi_paise=plan.principal_paise[0] + first)
    elif remaining is None and has_only_extra_instalment(position):
        plan = plan._replace(interest_paise=[0])
        if emi_paise is None:
            schedule = replace(schedule, emi_paise=principal_paise)
    position.plan = plan
    position.schedule_version += 1
    position.emi_paise = schedule.emi_paise
    position.next_billing_on = plan.due_on[0]
    return PlanVersion(position.schedule_version, on, reason, position.next_cycle, position.emi_paise, position.plan)
