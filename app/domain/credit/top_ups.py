"""Top-ups: more is lent on a living loan, decided by the rules of an application, with key facts of its own.

The loan is there already, so some rules read differently. The largest amount of the product bounds what is owed then.
The loan counts once among the active ones, and its instalment counts with the difference. Its rate stays; where the
score of the day asks for a higher one, the top-up is refused.

The statement describes the loan from the top-up on: what is left of it and the new money are its amount, and the new
plan repays both. The annual percentage rate is that of this debt, with the interest that has accrued on it.
Source: RBI/2024-25/18 of 15 April 2024; docs/decisions/0052.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.credit.decision_rules import (
    ApplicantFacts,
    CreditRequest,
    Reason,
    exposure_reasons,
    find_slab,
    history_reasons,
    income_reasons,
    missing_facts,
    plain,
    score_reasons,
)
from app.domain.credit.decisions import Decision, Outcome
from app.domain.credit.key_facts import OfferKeyFacts
from app.domain.lending.contracts import monthly_paise
from app.domain.lending.cooling_off import last_day_to_leave
from app.domain.lending.loans import accrued_paise
from app.domain.lending.positions import Position
from app.domain.money import format_inr
from app.domain.offers.apr import AprConvention, CashFlow, apr
from app.domain.offers.key_facts import KeyFacts, two_decimals
from app.domain.offers.quotes import Quote, shown_rate
from app.domain.products.charges import ChargePer, named_charges
from app.domain.products.products import OfferTerms, RateSlab, RepaymentTerms
from app.domain.schedules.terms import Disbursal, Instalment, Schedule, ScheduleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpRequest:
    """A top-up as it would be made. Money in paise, the rate in percent a year.

    `principal_paise` is what is left of the loan before it, `instalments` are those that are left after it. The
    instalments before and after it are those of the loan's rhythm.
    """

    amount_paise: int
    principal_paise: int
    instalments: int
    emi_before_paise: int
    emi_after_paise: int
    annual_rate_percent: Decimal


def decide_top_up(
    offer: OfferTerms, terms: RepaymentTerms, *, request: TopUpRequest, facts: ApplicantFacts
) -> Decision:
    """Decides a top-up on the facts of a day. `offer` is that of the day, `terms` are those of the loan.

    Without a fact that a rule needs the outcome is *refer*: a top-up does not wait. Source: docs/business-rules.md,
    changes of a living loan.
    """
    slab = None if facts.score is None else find_slab(offer.rate_slabs, score=facts.score)
    added = _monthly(terms, request.emi_after_paise) - _monthly(terms, request.emi_before_paise)
    asked = CreditRequest(amount_paise=request.amount_paise, instalments=request.instalments)
    others = replace(facts, active_loans_of_product=max(facts.active_loans_of_product - 1, 0))
    out_of_bounds = _size_reasons(offer, request)
    failed = (
        *out_of_bounds,
        *score_reasons(offer, facts=facts, slab=slab),
        *_floor_reasons(slab, rate_percent=request.annual_rate_percent),
        *income_reasons(offer, facts=facts, new_emi_paise=added),
        *exposure_reasons(offer, request=asked, facts=others),
        *history_reasons(facts),
    )
    missing = missing_facts(offer, facts=facts)
    outcome = Outcome.APPROVE
    if out_of_bounds or (failed and not missing):
        outcome, missing = Outcome.REFUSE, ()
    elif missing:
        outcome = Outcome.REFER
    return Decision(
        outcome=outcome,
        reasons=(*missing, *failed),
        annual_rate_percent=request.annual_rate_percent,
        emi_paise=request.emi_after_paise,
    )


def _monthly(terms: RepaymentTerms, instalment_paise: int) -> int:
    return monthly_paise(instalment_paise, frequency=terms.frequency, every=terms.every)


def _size_reasons(offer: OfferTerms, request: TopUpRequest) -> tuple[Reason, ...]:
    """The largest amount of the product bounds what is owed after the top-up."""
    most, owed = offer.amount_paise[1], request.principal_paise + request.amount_paise
    if most is None or owed <= most:
        return ()
    return (
        Reason(
            code="amount_too_large",
            message=f"{format_inr(owed)} would be owed, above the largest amount offered, {format_inr(most)}.",
            figures={
                "amount_paise": request.amount_paise,
                "principal_paise": request.principal_paise,
                "maximum_amount_paise": most,
            },
        ),
    )


def _floor_reasons(slab: RateSlab | None, *, rate_percent: Decimal) -> tuple[Reason, ...]:
    """The floor of the score's slab: the rate of a living loan cannot be raised to it."""
    floor = None if slab is None else slab.floor_percent
    if floor is None or rate_percent >= floor:
        return ()
    return (
        Reason(
            code="rate_too_low",
            message=f"{plain(rate_percent)} % a year is below the {plain(floor)} % that the credit score asks for.",
            figures={"annual_rate_percent": rate_percent, "minimum_rate_percent": floor},
        ),
    )


# --- the key facts ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ToppedUp:
    """A loan as a top-up leaves it: all that its key facts are drawn from. Money in paise.

    The new plan repays its principal, the `lent_paise` of the top-up included. `accrued_paise` is the interest of the
    current cycle before the day. The top-up can be given back without a charge until `leave_until`.
    """

    on: date
    lent_paise: int
    accrued_paise: int
    annual_rate_percent: Decimal
    emi_paise: int
    first_number: int
    due_on: tuple[date, ...]
    principal_paise: tuple[int, ...]
    interest_paise: tuple[int, ...]
    leave_until: date


def topped_up(position: Position, *, lent_paise: int, on: date) -> ToppedUp:
    """The loan after a top-up that was made, or simulated, on a day."""
    bills = list(bills_to_come(position, on=on))
    return ToppedUp(
        on=on,
        lent_paise=lent_paise,
        accrued_paise=accrued_paise(position, on=on),
        annual_rate_percent=position.rate_percent,
        emi_paise=position.emi_paise,
        first_number=bills[0].cycle,
        due_on=tuple(bill.billed_on for bill in bills),
        principal_paise=tuple(bill.principal_paise for bill in bills),
        interest_paise=tuple(bill.interest_paise for bill in bills),
        leave_until=last_day_to_leave(position.terms, disbursed_on=on),
    )


def topped_up_document(found: ToppedUp) -> dict[str, Any]:
    """What a statement is drawn from, as its row keeps it."""
    return {
        "on": found.on.isoformat(),
        "lent_paise": found.lent_paise,
        "accrued_paise": found.accrued_paise,
        "annual_rate_percent": format(found.annual_rate_percent, "f"),
        "emi_paise": found.emi_paise,
        "first_number": found.first_number,
        "due_on": [day.isoformat() for day in found.due_on],
        "principal_paise": list(found.principal_paise),
        "interest_paise": list(found.interest_paise),
        "leave_until": found.leave_until.isoformat(),
    }


def topped_up_of(document: Mapping[str, Any]) -> ToppedUp:
    """What a statement is drawn from, of its row."""
    return ToppedUp(
        **{
            **document,
            "on": date.fromisoformat(document["on"]),
            "annual_rate_percent": Decimal(document["annual_rate_percent"]),
            "due_on": tuple(map(date.fromisoformat, document["due_on"])),
            "principal_paise": tuple(document["principal_paise"]),
            "interest_paise": tuple(document["interest_paise"]),
            "leave_until": date.fromisoformat(document["leave_until"]),
        }
    )


def key_facts_of_top_up(found: ToppedUp, *, repayment: RepaymentTerms) -> OfferKeyFacts:
    """The key facts of a loan from its top-up on. `repayment` are the terms of the loan. Raises what `apr` raises."""
    schedule = _schedule(found)
    nominal, effective = _rates(found, repayment)
    principal = sum(found.principal_paise)
    facts = KeyFacts(
        sanctioned_paise=principal,
        net_disbursed_paise=found.lent_paise,
        instalments=len(found.due_on),
        every=repayment.every,
        frequency=repayment.frequency,
        instalment_paise=found.emi_paise,
        first_due_on=found.due_on[0],
        last_due_on=found.due_on[-1],
        annual_rate_percent=found.annual_rate_percent,
        rate_type="fixed",
        fees=(),
        fees_paise=0,
        interest_paise=schedule.interest_paise,
        total_payable_paise=schedule.amount_paise,
        apr_percent=two_decimals(nominal),
        apr_effective_percent=two_decimals(effective),
    )
    named = named_charges(repayment, on=found.on)
    return OfferKeyFacts(
        terms=_terms(found, repayment, principal_paise=principal),
        quote=Quote(
            schedule=schedule,
            facts=facts,
            nominal_percent=shown_rate(nominal),
            effective_percent=shown_rate(effective),
        ),
        # A top-up bears no fee of a disbursal.
        contingent=tuple(charge for charge in named if charge.per is not ChargePer.DISBURSAL),
        leave_until=found.leave_until,
        leave_for_paise=found.lent_paise,
        benchmark=repayment.benchmark,
        lent_before_paise=principal - found.lent_paise,
    )


def _schedule(found: ToppedUp) -> Schedule:
    rows, began, balance = [], found.on, sum(found.principal_paise)
    columns = zip(found.due_on, found.principal_paise, found.interest_paise, strict=True)
    for number, (due_on, principal, interest) in enumerate(columns, start=found.first_number):
        balance -= principal
        rows.append(
            Instalment(
                number=number,
                from_on=began,
                due_on=due_on,
                principal_paise=principal,
                interest_paise=interest,
                balance_paise=balance,
            )
        )
        began = due_on
    return Schedule(emi_paise=found.emi_paise, emi_unrounded=Decimal(found.emi_paise), instalments=tuple(rows))


def _terms(found: ToppedUp, repayment: RepaymentTerms, *, principal_paise: int) -> ScheduleTerms:
    """The terms as a statement words them."""
    return ScheduleTerms(
        amount_paise=principal_paise,
        annual_rate_percent=found.annual_rate_percent,
        instalments=len(found.due_on),
        disbursed_on=found.on,
        every=repayment.every,
        frequency=repayment.frequency,
        amortisation=repayment.amortisation,
        disbursals=(Disbursal(on=found.on, amount_paise=found.lent_paise),),
    )


def _rates(found: ToppedUp, repayment: RepaymentTerms) -> tuple[Decimal, Decimal]:
    """The nominal and the effective rate at which the new plan repays what is owed on the day of the top-up."""
    owed = sum(found.principal_paise) + found.accrued_paise
    flows = [CashFlow(on=found.on, amount_paise=owed)]
    columns = zip(found.due_on, found.principal_paise, found.interest_paise, strict=True)
    flows += [CashFlow(on=due_on, amount_paise=-principal - interest) for due_on, principal, interest in columns]
    nominal, effective = (
        apr(flows, convention=convention, frequency=repayment.frequency, every=repayment.every)
        for convention in (AprConvention.NOMINAL, AprConvention.EFFECTIVE)
    )
    return nominal, effective
