"""The rules for an application, one function for each kind of fact.

A rule compares a figure of the request or of the customer with a figure of the product. When it fails, it returns a
reason: a stable code, a sentence, and both figures. The rules are independent; `app.domain.credit.decisions` decides
from their reasons. Source: docs/business-rules.md, applications and decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.lending.agreements import Agreement
from app.domain.money import RoundingMode, format_inr, round_ratio
from app.domain.products.products import OfferTerms, RateSlab

Figure = int | Decimal | str | bool | None

SCORE_PENDING = "score_pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason: a stable code, a sentence for people, and the compared figures (their names end with the unit)."""

    code: str
    message: str
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """The requested loan. Money in paise, the rate in percent a year (None when the product sets it).

    `agreement` is what the applicant chose beside the terms of the product.
    """

    amount_paise: int
    instalments: int
    annual_rate_percent: Decimal | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantFacts:
    """The facts about the customer on the day. Money in paise. None means unknown, which is never taken as zero.

    `active_principal_paise` and `active_emi_paise` are sums over the active loans of every product, including loans of
    other lenders, and over open card accounts: what is used of their limits, and the minimum due of each latest
    statement. An instalment that is not monthly counts with its monthly amount
    (`lending.contracts.monthly_paise`). `active_loans_of_product` counts the active loans of the requested product.
    `loans_written_off` counts our loans and card accounts of any product.
    """

    score: Decimal | None
    annual_income_paise: int | None
    income_estimated: bool = False
    approved_limit_paise: int | None = None
    active_principal_paise: int = 0
    active_emi_paise: int = 0
    active_loans_of_product: int = 0
    loans_written_off: int = 0


def find_slab(slabs: tuple[RateSlab, ...], *, score: Decimal) -> RateSlab | None:
    """The highest slab that a score reaches; None when it reaches none."""
    for slab in slabs:
        if score > slab.above or (slab.inclusive and score == slab.above):
            return slab
    return None


# --- missing facts ---


def missing_facts(offer: OfferTerms, *, facts: ApplicantFacts) -> tuple[Reason, ...]:
    """A reason for every unknown fact that a rule of the product needs."""
    missing: list[Reason] = []
    needs_score = offer.minimum_score is not None or bool(offer.rate_slabs)
    if needs_score and facts.score is None:
        missing.append(
            Reason(
                code=SCORE_PENDING,
                message="The credit score is not available yet.",
                figures={"scorecard": offer.scorecard},
            )
        )
    needs_income = offer.minimum_income_paise is not None or offer.emi_cap_percent is not None
    if needs_income and facts.annual_income_paise is None:
        missing.append(Reason(code="income_unknown", message="No income is known."))
    if offer.bound_to_limit and facts.approved_limit_paise is None:
        missing.append(Reason(code="limit_unknown", message="No credit limit is known."))
    return tuple(missing)


# --- rules that fail ---


def request_reasons(offer: OfferTerms, *, request: CreditRequest, asked_percent: Decimal) -> tuple[Reason, ...]:
    """The reasons that no fact can change: amount, tenure or rate are outside the product's bounds."""
    return (
        *_amount_reasons(offer, amount_paise=request.amount_paise),
        *_tenure_reasons(offer, instalments=request.instalments),
        *_rate_reasons(offer, asked_percent=asked_percent),
    )


def _amount_reasons(offer: OfferTerms, *, amount_paise: int) -> tuple[Reason, ...]:
    least, most = offer.amount_paise
    asked = format_inr(amount_paise)
    if amount_paise < least:
        return (
            Reason(
                code="amount_too_small",
                message=f"The amount of {asked} is below the smallest offered, {format_inr(least)}.",
                figures={"amount_paise": amount_paise, "minimum_amount_paise": least},
            ),
        )
    if most is not None and amount_paise > most:
        return (
            Reason(
                code="amount_too_large",
                message=f"The amount of {asked} is above the largest offered, {format_inr(most)}.",
                figures={"amount_paise": amount_paise, "maximum_amount_paise": most},
            ),
        )
    return ()


def _tenure_reasons(offer: OfferTerms, *, instalments: int) -> tuple[Reason, ...]:
    shortest, longest = offer.tenure
    if shortest <= instalments <= longest:
        return ()
    figures = {"instalments": instalments, "minimum_instalments": shortest, "maximum_instalments": longest}
    return (
        Reason(
            code="tenure_too_short" if instalments < shortest else "tenure_too_long",
            message=f"{instalments} instalments are outside the offered {shortest} to {longest}.",
            figures=figures,
        ),
    )


def _rate_reasons(offer: OfferTerms, *, asked_percent: Decimal) -> tuple[Reason, ...]:
    lowest, highest = offer.rate_bounds_percent
    if lowest <= asked_percent <= highest:
        return ()
    figures = {"annual_rate_percent": asked_percent, "minimum_rate_percent": lowest, "maximum_rate_percent": highest}
    return (
        Reason(
            code="rate_too_low" if asked_percent < lowest else "rate_too_high",
            message=f"{plain(asked_percent)} % a year is outside the offered {plain(lowest)} to {plain(highest)} %.",
            figures=figures,
        ),
    )


def score_reasons(offer: OfferTerms, *, facts: ApplicantFacts, slab: RateSlab | None) -> tuple[Reason, ...]:
    if facts.score is None:
        return ()
    needed: list[Decimal] = []
    if offer.minimum_score is not None and facts.score < offer.minimum_score:
        needed.append(Decimal(offer.minimum_score))
    if offer.rate_slabs and slab is None:
        needed.append(offer.rate_slabs[-1].above)
    return tuple(
        Reason(
            code="score_too_low",
            message=f"The credit score of {plain(facts.score)} is below the required {plain(minimum)}.",
            figures={"score": facts.score, "minimum_score": minimum, "scorecard": offer.scorecard},
        )
        for minimum in needed[-1:]
    )


def income_reasons(offer: OfferTerms, *, facts: ApplicantFacts, new_emi_paise: int | None) -> tuple[Reason, ...]:
    income = facts.annual_income_paise
    if income is None:
        return ()
    reasons: list[Reason] = []
    least = offer.minimum_income_paise
    if least is not None and income < least:
        reasons.append(
            Reason(
                code="income_too_low",
                message=f"The annual income of {format_inr(income)} is below the required {format_inr(least)}.",
                figures={
                    "annual_income_paise": income,
                    "minimum_income_paise": least,
                    "income_estimated": facts.income_estimated,
                },
            )
        )
    if offer.emi_cap_percent is not None:
        counted = new_emi_paise if offer.emi_cap_counts_new and new_emi_paise is not None else 0
        reasons += _emi_cap_reasons(offer.emi_cap_percent, facts=facts, income_paise=income, new_emi_paise=counted)
    return tuple(reasons)


def _emi_cap_reasons(
    cap_percent: Decimal, *, facts: ApplicantFacts, income_paise: int, new_emi_paise: int
) -> list[Reason]:
    """The monthly instalments may be at most `cap_percent` of the monthly income; exactly that share passes."""
    numerator, denominator = cap_percent.as_integer_ratio()
    # A whole number of paise is above the exact cap if and only if it is above the cap rounded down.
    allowed = round_ratio(income_paise * numerator, 12 * 100 * denominator, mode=RoundingMode.DOWN)
    total = facts.active_emi_paise + new_emi_paise
    if total <= allowed:
        return []
    return [
        Reason(
            code="emi_cap_exceeded",
            message=(
                f"Instalments of {format_inr(total)} a month exceed {plain(cap_percent)} % of the monthly income,"
                f" {format_inr(allowed)}."
            ),
            figures={
                "active_emi_paise": facts.active_emi_paise,
                "new_emi_paise": new_emi_paise,
                "allowed_emi_paise": allowed,
                "cap_percent": cap_percent,
                "annual_income_paise": income_paise,
                "income_estimated": facts.income_estimated,
            },
        )
    ]


def exposure_reasons(offer: OfferTerms, *, request: CreditRequest, facts: ApplicantFacts) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    most = offer.active_loans_at_most
    if most is not None and facts.active_loans_of_product >= most:
        reasons.append(
            Reason(
                code="too_many_active_loans",
                message=f"{facts.active_loans_of_product} loans of this product are active; at most {most} may be.",
                figures={"active_loans": facts.active_loans_of_product, "maximum_active_loans": most},
            )
        )
    limit = facts.approved_limit_paise
    total = facts.active_principal_paise + request.amount_paise
    if offer.bound_to_limit and limit is not None and total > limit:
        reasons.append(
            Reason(
                code="limit_exceeded",
                message=(
                    f"The amount and the active loans, {format_inr(total)}, exceed the approved limit of"
                    f" {format_inr(limit)}."
                ),
                figures={
                    "amount_paise": request.amount_paise,
                    "active_principal_paise": facts.active_principal_paise,
                    "approved_limit_paise": limit,
                },
            )
        )
    return tuple(reasons)


def history_reasons(facts: ApplicantFacts) -> tuple[Reason, ...]:
    """A customer of whom a loan or a card account was written off gets no other. No other rule counts what was written
    off."""
    if facts.loans_written_off == 0:
        return ()
    return (
        Reason(
            code="written_off_before",
            message=f"A loan or a card of this customer was written off ({facts.loans_written_off} in all).",
            figures={"loans_written_off": facts.loans_written_off},
        ),
    )


def plain(value: Decimal) -> str:
    """A decimal without trailing zeros: 12, 8.8, 67.96."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
