"""Simulation: what a payment, a prepayment, a payoff or another rate would do, with nothing done.

The same functions decide as for real; only nobody saves what they decided. Source: issue of the money engine, point 8;
domain.md, section 8.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.lending.loans import accrued_since_cycle_began, make_plan
from app.domain.lending.positions import PlanReason, Position
from app.domain.payments.allocation import PaymentOutcome, decide_payment
from app.domain.payments.payments import PaymentOrder, TreatAs
from app.domain.products.products import Replan

#: No payment of the books has this number.
NOT_TAKEN = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is ahead of a loan: the planned instalments from the next cycle on. Money in paise."""

    emi_paise: int
    instalments: int
    ends_on: date | None
    interest_paise: int
    amount_paise: int


def outlook(position: Position, *, on: date | None = None) -> Outlook:
    """What is ahead of a loan on a day (default: that of its latest event), if what is open is paid on it and
    everything after that when it is billed."""
    ahead = list(bills_to_come(position, on=on or position.last_event_on))
    return Outlook(
        emi_paise=position.emi_paise if ahead else 0,
        instalments=len(ahead),
        ends_on=ahead[-1].billed_on if ahead else None,
        interest_paise=sum(bill.interest_paise for bill in ahead),
        amount_paise=sum(bill.amount_paise for bill in ahead),
    )


def simulate_payment(
    position: Position, *, amount_paise: int, on: date, treat_as: TreatAs = TreatAs.INSTALMENT
) -> PaymentOutcome:
    """Where a payment on a day would go. `position` is caught up to that day. Raises what `decide_payment` raises."""
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
    """What a prepayment would do under each re-plan that the product offers, side by side.

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
    """What another rate from a day on would do: a new instalment to the same end, or the same one to another end.

    Raises what re-planning raises, where the instalment would not even pay the interest.
    """
    outlooks = {}
    for replan in Replan:
        trial = position.copy()
        accrued = accrued_since_cycle_began(trial, on=on)
        trial.annual_rate_percent = annual_rate_percent
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
