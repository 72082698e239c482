"""Explanations of a loan's interest, and simulations of payments, payoffs and rates."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import (
    Answer,
    Body,
    Day,
    RateOut,
    RatePercent,
    Rupees,
    RupeesOut,
    example,
)
from app.api.v1.lending.loans import LoanPath
from app.api.v1.lending.next_due import NextDue, present_due
from app.api.v1.payments.payments import Applied
from app.domain.errors import Invalid
from app.domain.payments.amounts import PaymentOutcome
from app.domain.payments.payments import TreatAs
from app.domain.reporting.explanations import CycleInterest
from app.domain.reporting.simulations import Outlook, outlook
from app.domain.schedules.interest import InterestSpan
from app.services.lending.calculations import calculate
from app.services.reporting import explanations
from app.services.reporting.explanations import Trial

router = KistRouter(prefix="/loans", tags=["Explanations"])

#: Interest before rounding is shown with eight decimals of a rupee.
EXACT = Decimal("0.00000001")


class SpanAnswer(Answer):
    """A range of days with one balance and one rate. `interest_exact` is in rupees, before rounding."""

    from_: date = Field(serialization_alias="from")
    to: date
    days: int
    balance: RupeesOut
    annual_rate: RateOut
    interest_exact: str


class CycleAnswer(Answer):
    """The interest of a cycle, or of the requested part of it. `billed` is the interest on its bill.

    `overdue_interest` is the interest on principal that was overdue, and `overdue_spans` the days behind it. Where a
    product asks for it, the bill demands it on top of `interest`.
    """

    cycle: int
    from_: date = Field(serialization_alias="from")
    to: date
    spans: list[SpanAnswer]
    interest_exact: str
    interest: RupeesOut
    billed: RupeesOut | None
    overdue_spans: list[SpanAnswer]
    overdue_interest: RupeesOut


class ExplanationAnswer(Answer):
    """The interest of a loan over a range of days: the days, balances and rates, and the rounding."""

    loan_id: LoanIdOut
    from_: date = Field(serialization_alias="from")
    to: date
    interest_basis: str
    day_count: str
    rounding: str
    interest: RupeesOut
    cycles: list[CycleAnswer]


@router.get("/{loan_id}/explain", dependencies=[READERS], summary="Explain the interest of a loan")
async def explain_interest(
    loan_id: LoanPath,
    uow: ReadingDep,
    from_on: Annotated[
        Day | None, Query(alias="from", description="The first day; the default is the disbursal")
    ] = None,
    to_on: Annotated[
        Day | None, Query(alias="to", description="The day after the last one; the default is the business date")
    ] = None,
) -> ExplanationAnswer:
    """Shows how the interest was computed, from the day `from` up to the day `to`, which is not included. The default
    is the time from the disbursal to the business date."""
    found = await explanations.explain(uow, loan_id, from_on=from_on, to_on=to_on)
    terms = found.position.terms
    return ExplanationAnswer(
        loan_id=found.public_id,
        from_=found.from_on,
        to=found.to_on,
        interest_basis="flat" if terms.amortisation.value == "flat" else terms.interest_basis.value,
        day_count=terms.day_count.value,
        rounding=f"{terms.interest_rounding.mode.value} to {terms.interest_rounding.unit_paise} paise, once a cycle",
        interest=sum(cycle.rounded_paise + cycle.overdue_paise for cycle in found.cycles),
        cycles=[_present_cycle(cycle) for cycle in found.cycles],
    )


def _present_cycle(cycle: CycleInterest) -> CycleAnswer:
    return CycleAnswer(
        cycle=cycle.cycle,
        from_=cycle.from_on,
        to=cycle.to_on,
        spans=[_present_span(span) for span in cycle.spans],
        interest_exact=_exact(cycle.numerator, cycle.denominator),
        interest=cycle.rounded_paise,
        billed=cycle.billed_paise,
        overdue_spans=[_present_span(span) for span in cycle.overdue_spans],
        overdue_interest=cycle.overdue_paise,
    )


def _present_span(span: InterestSpan) -> SpanAnswer:
    return SpanAnswer(
        from_=span.from_on,
        to=span.to_on,
        days=span.days,
        balance=span.balance_paise,
        annual_rate=span.rate_percent,
        interest_exact=_exact(span.numerator, span.denominator),
    )


def _exact(numerator: int, denominator: int) -> str:
    return str((Decimal(numerator) / (Decimal(denominator) * 100)).quantize(EXACT))


class SimulationKind(StrEnum):
    """The kind of a simulation."""

    PAYMENT = "payment"
    PREPAYMENT = "prepayment"
    PAYOFF = "payoff"
    RATE = "rate"


class SimulationBody(Body):
    """A simulation, on the business date or on a later day. Send `amount` for a payment or a prepayment, and
    `annual_rate` for a rate."""

    model_config = example({"kind": "prepayment", "amount": 10000})

    kind: SimulationKind
    amount: Rupees | None = None
    annual_rate: RatePercent | None = None
    on: Day | None = None
    treat_as: TreatAs = Field(default=TreatAs.INSTALMENT, alias="as")


class OutlookAnswer(Answer):
    """The coming instalments of a plan: the EMI, the number of instalments, the last day, and their totals in
    rupees."""

    emi: RupeesOut
    instalments: int
    ends_on: date | None
    interest: RupeesOut
    amount: RupeesOut


class Alternative(Answer):
    """The result of one choice."""

    choice: str
    applied: Applied | None
    next_due: NextDue | None
    loan_closed: bool
    outlook: OutlookAnswer


class PayoffPart(Answer):
    """The payoff amount and its parts, in rupees."""

    total: RupeesOut
    principal: RupeesOut
    interest: RupeesOut
    charges: RupeesOut
    prepayment_charge: RupeesOut
    advance: RupeesOut


class SimulationAnswer(Answer):
    """The result of a simulation. Nothing has changed."""

    loan_id: LoanIdOut
    on: date
    before: OutlookAnswer
    alternatives: list[Alternative]
    payoff: PayoffPart | None


class SimulationIncomplete(Invalid):
    """The simulation needs a figure that was not sent. Send `amount` for a payment, `annual_rate` for a rate."""

    code = "simulation_incomplete"


@router.post("/{loan_id}/simulate", dependencies=[READERS], summary="Simulate a payment, a payoff or a rate")
async def simulate_change(loan_id: LoanPath, body: SimulationBody, uow: ReadingDep) -> SimulationAnswer:
    """Computes what a payment, a prepayment, a payoff or a rate would do. Nothing is stored. For a prepayment the
    answer has one alternative for each way of re-planning that the product offers."""
    trial = await explanations.open_trial(uow, loan_id, on=body.on)
    return await calculate(lambda: _simulate(trial, body), rows=trial.rows)


def _simulate(trial: Trial, body: SimulationBody) -> SimulationAnswer:
    quote = explanations.try_payoff(trial) if body.kind is SimulationKind.PAYOFF else None
    return SimulationAnswer(
        loan_id=trial.public_id,
        on=trial.on,
        before=_present_outlook(trial.before),
        alternatives=_alternatives(trial, body),
        payoff=None
        if quote is None
        else PayoffPart(
            total=quote.total_paise,
            principal=quote.principal_paise,
            interest=quote.interest_billed_paise + quote.interest_accrued_paise,
            charges=quote.charges_paise,
            prepayment_charge=quote.prepayment_charge_paise,
            advance=quote.advance_paise,
        ),
    )


def _alternatives(trial: Trial, body: SimulationBody) -> list[Alternative]:
    match body.kind:
        case SimulationKind.PAYMENT:
            outcome = explanations.try_payment(trial, amount_paise=_amount(body), treat_as=body.treat_as)
            return [_present_outcome(body.treat_as.value, outcome, on=trial.on)]
        case SimulationKind.PREPAYMENT:
            outcomes = explanations.try_prepayment(trial, amount_paise=_amount(body))
            return [_present_outcome(replan.value, outcome, on=trial.on) for replan, outcome in outcomes.items()]
        case SimulationKind.RATE:
            if body.annual_rate is None:
                raise SimulationIncomplete("a simulation of a rate needs an annual_rate", field="annual_rate")
            tried = explanations.try_rate(trial, annual_rate_percent=body.annual_rate)
            return [
                Alternative(
                    choice=replan.value,
                    applied=None,
                    next_due=None,
                    loan_closed=False,
                    outlook=_present_outlook(ahead),
                )
                for replan, ahead in tried.items()
            ]
        case SimulationKind.PAYOFF:
            return []


def _amount(body: SimulationBody) -> int:
    if body.amount is None:
        raise SimulationIncomplete("a simulation of a payment needs an amount", field="amount")
    return body.amount


def _present_outcome(choice: str, outcome: PaymentOutcome, *, on: date) -> Alternative:
    return Alternative(
        choice=choice,
        applied=Applied(
            charges=outcome.charges_paise,
            interest=outcome.interest_paise,
            principal=outcome.principal_paise,
            advance=outcome.advance_paise,
        ),
        next_due=present_due(outcome.next_due),
        loan_closed=outcome.closed,
        outlook=_present_outlook(outlook(outcome.decision.position, on=on)),
    )


def _present_outlook(ahead: Outlook) -> OutlookAnswer:
    return OutlookAnswer(
        emi=ahead.emi_paise,
        instalments=ahead.instalments,
        ends_on=ahead.ends_on,
        interest=ahead.interest_paise,
        amount=ahead.amount_paise,
    )
