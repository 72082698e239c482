"""Decides an application: the outcome, the rate, the instalment and every reason.

A decision compares the request and the facts about the customer with the terms of the product. It has one of four
outcomes. *Approve* has the rate (never below the floor of the score's slab) and the instalment. *Refuse* lists every
rule that fails, with a stable code and the compared figures, so that a customer learns all reasons at once. A missing
fact is never taken as zero: the outcome is *refer*, or *wait* when only the score is missing and the product keeps the
application until the score is stored.

A request outside the product's bounds (amount, tenure, rate) is refused at once, because no fact can change that. Any
other refusal needs complete facts. Source: docs/business-rules.md, applications and decisions.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.credit.decision_rules import (
    SCORE_PENDING,
    ApplicantFacts,
    CreditRequest,
    Reason,
    exposure_reasons,
    find_slab,
    history_reasons,
    income_reasons,
    missing_facts,
    plain,
    request_reasons,
    score_reasons,
)
from app.domain.errors import Invalid
from app.domain.lending.contracts import monthly_paise
from app.domain.lending.due_rules import schedule_terms
from app.domain.money import MAX_PAISE
from app.domain.products.charge_terms import FeePaid
from app.domain.products.charges import disbursal_fees
from app.domain.products.products import OfferTerms, Product
from app.domain.schedules.building import build_schedule
from app.domain.schedules.terms import (
    MAX_INSTALMENTS,
    MAX_RATE_PERCENT,
    AmountInvalid,
    InstalmentsInvalid,
    RateOutOfBounds,
)

__all__ = [
    "SCORE_PENDING",
    "AmountRequired",
    "AnnualRateFixed",
    "AnnualRateRequired",
    "ApplicantFacts",
    "CreditRequest",
    "Decision",
    "Outcome",
    "Reason",
    "TenureRequired",
    "credit_request",
    "decide",
    "requested_rate",
]


class Outcome(StrEnum):
    """The outcome of a decision."""

    APPROVE = "approve"
    REFUSE = "refuse"
    REFER = "refer"
    WAIT = "wait"


class AnnualRateRequired(Invalid):
    """The application names no rate, and the product does not fix one. Send `annual_rate`."""

    code = "annual_rate_required"


class AnnualRateFixed(Invalid):
    """The application names another rate than the one that the product fixes. Leave `annual_rate` out."""

    code = "annual_rate_fixed"


class AmountRequired(Invalid):
    """The application names no amount, and the product does not fix one. Send `amount`."""

    code = "amount_required"


class TenureRequired(Invalid):
    """The application names no number of instalments, and the product does not fix one. Send `tenure_months`."""

    code = "tenure_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An outcome with its reasons. There are no reasons if and only if the outcome is approve.

    `annual_rate_percent` is the requested rate in percent a year, raised to the floor of the score's slab. `emi_paise`
    is the instalment at that rate (None when the request is outside the product's bounds).
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    annual_rate_percent: Decimal
    emi_paise: int | None


def credit_request(
    offer: OfferTerms, *, amount_paise: int | None, instalments: int | None, annual_rate_percent: Decimal | None
) -> CreditRequest:
    """The request, with the product's fixed amount and tenure filled in when the application has none.

    Raises AmountRequired and TenureRequired. Raises AmountInvalid, InstalmentsInvalid and RateOutOfBounds for values
    that no product could have: such a request is wrong and is not a refusal.
    """
    least, most = offer.amount_paise
    amount = least if amount_paise is None and least == most else amount_paise
    if amount is None:
        raise AmountRequired("this product needs an amount", field="amount")
    shortest, longest = offer.tenure
    tenure = shortest if instalments is None and shortest == longest else instalments
    if tenure is None:
        raise TenureRequired("this product needs a tenure", field="tenure_months")
    if not 1 <= amount <= MAX_PAISE:
        raise AmountInvalid("an amount must be above zero and at most 1e11 rupees", field="amount")
    if not 1 <= tenure <= MAX_INSTALMENTS:
        raise InstalmentsInvalid(f"a tenure is 1 to {MAX_INSTALMENTS} instalments", field="tenure_months")
    if annual_rate_percent is not None and not 0 <= annual_rate_percent <= MAX_RATE_PERCENT:
        raise RateOutOfBounds(f"an annual rate is 0 to {MAX_RATE_PERCENT} %", field="annual_rate")
    return CreditRequest(amount_paise=amount, instalments=tenure, annual_rate_percent=annual_rate_percent)


def decide(product: Product, *, request: CreditRequest, facts: ApplicantFacts, on: date) -> Decision:
    """Decides an application on the facts of the day `on`.

    The bounds of the product hold for the amount that is asked for. The instalment and the limit are judged on what is
    lent: that amount and the fees that are financed with it.

    Raises AnnualRateRequired and AnnualRateFixed. Within the product's bounds it raises what `build_schedule` raises
    (for example, less than one paisa per instalment). Source: docs/business-rules.md, applications and decisions.
    """
    offer = product.offer
    asked = requested_rate(offer, asked_percent=request.annual_rate_percent)
    slab = None if facts.score is None else find_slab(offer.rate_slabs, score=facts.score)
    rate = max(asked, slab.floor_percent) if slab is not None and slab.floor_percent is not None else asked
    out_of_bounds = request_reasons(offer, request=request, asked_percent=asked)
    lent = replace(request, amount_paise=_lent_paise(product, amount_paise=request.amount_paise, on=on))
    emi_paise = None if out_of_bounds else _emi_paise(product, request=lent, rate_percent=rate, on=on)
    missing = missing_facts(offer, facts=facts)
    failed = (
        *out_of_bounds,
        *score_reasons(offer, facts=facts, slab=slab),
        *income_reasons(offer, facts=facts, new_emi_paise=_monthly_paise(product, emi_paise=emi_paise)),
        *exposure_reasons(offer, request=lent, facts=facts),
        *history_reasons(facts),
    )
    outcome = Outcome.APPROVE
    if out_of_bounds or (failed and not missing):
        outcome, missing = Outcome.REFUSE, ()
    elif missing:
        waits = offer.waits_for_score and any(reason.code == SCORE_PENDING for reason in missing)
        outcome = Outcome.WAIT if waits else Outcome.REFER
    return Decision(outcome=outcome, reasons=(*missing, *failed), annual_rate_percent=rate, emi_paise=emi_paise)


def requested_rate(offer: OfferTerms, *, asked_percent: Decimal | None) -> Decimal:
    """The annual rate before correction, in percent a year. Raises AnnualRateRequired, AnnualRateFixed."""
    fixed = offer.annual_rate_percent
    if fixed is None:
        if asked_percent is None:
            raise AnnualRateRequired("this product takes the annual rate from the request", field="annual_rate")
        return asked_percent
    if asked_percent is not None and asked_percent != fixed:
        raise AnnualRateFixed(
            f"the annual rate of this product is fixed at {plain(fixed)} %",
            field="annual_rate",
            annual_rate_percent=fixed,
        )
    return fixed


def _monthly_paise(product: Product, *, emi_paise: int | None) -> int | None:
    """The new instalment as a monthly amount, for the EMI cap."""
    terms = product.repayment
    return None if emi_paise is None else monthly_paise(emi_paise, frequency=terms.frequency, every=terms.every)


def _lent_paise(product: Product, *, amount_paise: int, on: date) -> int:
    """The principal of a loan of an amount: the amount and the fees that are financed with it."""
    fees = disbursal_fees(product.repayment.charges, amount_paise=amount_paise, on=on)
    return amount_paise + sum(fee.total_paise for fee in fees if fee.paid is FeePaid.FINANCED)


def _emi_paise(product: Product, *, request: CreditRequest, rate_percent: Decimal, on: date) -> int:
    terms = schedule_terms(
        product.repayment,
        amount_paise=request.amount_paise,
        annual_rate_percent=rate_percent,
        instalments=request.instalments,
        disbursed_on=on,
        agreement=request.agreement,
    )
    return build_schedule(terms).emi_paise
