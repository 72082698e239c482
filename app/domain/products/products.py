"""The terms of a kind of credit, as data.

A product is a row: everything in which two products differ stands here, so that a new product is an insert and not a
release. Terms are versioned; a loan is tied for ever to the version it was made under, which nobody may change.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.domain.calendar import DayCount, Frequency
from app.domain.money import Rounding
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation, OddFirstPeriod


class PaymentPolicy(StrEnum):
    """How a payment that differs from what is asked is taken (domain.md, section 8)."""

    EXACT = "exact"
    RECALCULATE = "recalculate"
    ALLOCATE = "allocate"


class Replan(StrEnum):
    """What a prepayment changes: the size of the instalments, or the end of the loan."""

    SMALLER_EMI = "smaller_emi"
    EARLIER_END = "earlier_end"


class Component(StrEnum):
    """The parts of a debt, in which a payment is allocated."""

    CHARGES = "charges"
    INTEREST = "interest"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCharge:
    """What a bill costs once it is overdue: a fixed sum, and GST on it in percent. Never part of an interest base, and
    with its tax never more than what is overdue of the bill."""

    amount_paise: int
    gst_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentTerms:
    """How a loan of the product is planned, billed and paid. All that a decision about a living loan needs.

    `minimum_percent` is None where the minimum due is the whole bill; `due_after_days` is the time from billing to due
    date; `due_day` is the fixed day of the following months where there is one, otherwise instalments follow every
    `every` `frequency` from the day of disbursal. `odd_first_period` is what a first period costs that a due day made
    longer or shorter than the others (None: by its days, and on `flat` a whole one). `is_daily` says whether interest
    follows the ledger day by day, and not the plan.
    """

    amortisation: Amortisation
    interest_basis: InterestBasis
    day_count: DayCount
    every: int
    frequency: Frequency
    due_day: int | None
    emi_rounding: Rounding
    interest_rounding: Rounding
    due_after_days: int
    minimum_percent: Decimal | None
    payment_policy: PaymentPolicy
    payment_order: tuple[Component, ...]
    prepayment: Replan
    prepayment_choice: bool
    reference_required: bool
    late_charge: LateCharge | None
    tolerance_paise: int = 0
    odd_first_period: OddFirstPeriod | None = None
    # Derived once a product and not once a loan: a billing run asks a million times.
    is_daily: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        daily = self.interest_basis is not InterestBasis.PERIOD and self.amortisation is not Amortisation.FLAT
        object.__setattr__(self, "is_daily", daily)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """What may be applied for and how it is decided.

    `annual_rate_percent` is None where the applicant asks for a rate. `tenure` and `amount_paise` are inclusive bounds;
    a None upper amount means that only the customer's limit bounds it. `decision_table` names the rules.
    """

    amount_paise: tuple[int, int | None]
    tenure: tuple[int, int]
    annual_rate_percent: Decimal | None
    rate_bounds_percent: tuple[Decimal, Decimal]
    active_loans_at_most: int | None
    bound_to_limit: bool
    scorecard: str
    minimum_score: int | None
    minimum_income_paise: int | None
    rate_slabs: tuple["RateSlab", ...]
    emi_cap_percent: Decimal | None
    emi_cap_counts_new: bool
    waits_for_score: bool
    issues_card: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSlab:
    """Scores above `above` (or from it on, where `inclusive`) must pay at least `floor_percent`; None: any rate."""

    above: Decimal
    inclusive: bool
    floor_percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One version of a product."""

    code: str
    version: int
    name: str
    offer: OfferTerms
    repayment: RepaymentTerms
