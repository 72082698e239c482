"""Simulations: the effect of a payment, a prepayment, a payoff or another rate.

The functions are the same as for a real payment, but the decision is not saved. Source: docs/business-rules.md,
payments.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.billing.outlooks import Outlook, outlook
from app.domain.lending.loans import accrued_since_cycle_began, make_plan
from app.domain.lending.positions import PlanReason, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.amounts import PaymentOutcome
from app.domain.payments.payments import PaymentOrder, TreatAs
from app.domain.products.products import Replan
from app.domain.schedules.interest import RateChange

__all__ = ["Outlook", "outlook", "simulate_payment", "simulate_prepayment", "simulate_rate"]

#: The number of a simulated payment. No stored payment has it.
NOT_TAKEN = 0


def simulate_payment(
    position: Position, *, amount_paise: int, on: date, treat_as: TreatAs = TreatAs.INSTALMENT
) -> PaymentOutcome:
    """How a payment (paise) on a day would be allocated. `position` is caught up to that day.

    Raises what `decide_payment` raises.
    """
    order = PaymentOrder(
        payment_id=NOT_TAKEN,
        amount_paise=amount_paise,
        value_date=on,
        booked_on=on,
        treat_as=treat_as,
        reference="simulation",
    )
    return decide_payment(position, order)


def simulate_prepayment(position: Position, *, amount_paise: int, on: date) -> dict[Replan, PaymentOutcome]:
    """The effect of a prepayment (paise) for each choice that the product offers: a smaller EMI, or an earlier end.

    Raises what `decide_payment` raises.
    """
    choices = {Replan.SMALLER_EMI: TreatAs.SMALLER_EMI, Replan.EARLIER_END: TreatAs.EARLIER_END}
    terms = position.terms
    offered = [replan for replan in choices if terms.prepayment_choice or replan is terms.prepayment]
    return {
        replan: simulate_payment(position, amount_paise=amount_paise, on=on, treat_as=choices[replan])
        for replan in offered
    }


def simulate_rate(position: Position, *, annual_rate_percent: Decimal, on: date) -> dict[Replan, Outlook]:
    """The effect of another rate (percent a year) from a day on: a new instalment, or the same one with another end.

    Raises what `lending.loans.make_plan` raises.
    """
    outlooks = {}
    for replan in Replan:
        trial = position.copy()
        accrued = accrued_since_cycle_began(trial, on=on)
        if trial.alterations is None:
            trial.annual_rate_percent = annual_rate_percent
        else:
            later = RateChange(from_on=on, rate_percent=annual_rate_percent)
            trial.alterations = replace(trial.alterations, rates=(*trial.alterations.rates, later))
        if trial.plan.due_on:
            make_plan(
                trial,
                on=on,
                principal_paise=trial.undemanded_principal_paise,
                accrued=accrued,
                reason=PlanReason.PREPAYMENT,
                emi_paise=trial.emi_paise if replan is Replan.EARLIER_END else None,
            )
        outlooks[replan] = outlook(trial, on=on)
    return outlooks
