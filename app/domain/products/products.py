"""The terms of a product, as data.

Everything in which two products differ is a field here, so a new product needs an insert and not a release. Terms have
versions. A loan keeps the version under which it was made, and a version never changes.
Source: docs/business-rules.md, applications and decisions.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.domain.calendar import DayCount, Frequency
from app.domain.money import Rounding
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation, OddFirstPeriod


class PaymentPolicy(StrEnum):
    """How a payment of another amount than the due amount is taken. Source: docs/business-rules.md, payments.

    `exact` refuses it. `recalculate` and `allocate` take any amount; a surplus prepays principal.
    """

    EXACT = "exact"
    RECALCULATE = "recalculate"
    ALLOCATE = "allocate"


class Replan(StrEnum):
    """What a prepayment changes: the size of the instalments, or the end of the loan."""

    SMALLER_EMI = "smaller_emi"
    EARLIER_END = "earlier_end"


class Component(StrEnum):
    """The components of a debt, to which a payment is allocated."""

    CHARGES = "charges"
    INTEREST = "interest"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCharge:
    """The charge for an overdue bill: a fixed amount in paise, and GST on it in percent.

    It bears no interest. With its tax it is never more than the overdue amount of the bill.
    """

    amount_paise: int
    gst_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentTerms:
    """How a loan of the product is planned, billed and paid.

    Instalments are `every` days, weeks, months or years (`frequency`) apart, counted from the disbursal. With `due_day`
    they are on that day of the following months. `due_after_days` is the time from the billing date to the due date.
    `minimum_percent` is None when the minimum due is the whole bill. `tolerance_paise`: a smaller rest is not overdue.
    `odd_first_period` says how a first period of another length is charged (None: by its days; on `flat`, as one
    period). `is_daily` says that interest follows the ledger's daily balance and not the plan.
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
    # Computed once for each product, because a billing run reads it for every loan.
    is_daily: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        daily = self.interest_basis is not InterestBasis.PERIOD and self.amortisation is not Amortisation.FLAT
        object.__setattr__(self, "is_daily", daily)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """What may be applied for, and how an application is decided.

    `amount_paise` (paise) and `tenure` (instalments) are inclusive bounds. When the upper amount is None, only the
    customer's limit bounds it. `annual_rate_percent` is None when the applicant asks for a rate. Rates are in percent a
    year. `emi_cap_percent` is the part of the monthly income that instalments may take.
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
    """Scores above `above`, or from it on if `inclusive`, have a rate of at least `floor_percent` (None: any rate)."""

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
