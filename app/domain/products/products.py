"""The terms of a product, as data.

A product is a row: everything in which two products differ stands here, so that a new product is an insert and not a
release. Terms are versioned; a loan is tied for ever to the version it was made under, which nobody may change.

The comment above a term says what it means, and after "Source:" where it comes from. docs/reference/product-terms.md is
written from these comments by `kist reference`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.domain.calendar import DayCount, Frequency, HolidayRule
from app.domain.money import Rounding
from app.domain.products.card_terms import CardTerms
from app.domain.products.charge_terms import ChargeTerms
from app.domain.rulebook.kinds import BorrowerKind
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation, OddFirstPeriod


class PaymentPolicy(StrEnum):
    """How a payment is taken that differs from what is due."""

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
    """What a bill costs once it is overdue. Never part of an interest base, and with its tax never more than what is
    overdue of the bill."""

    #: The charge on one overdue bill, once. Source: RBI/2023-24/53.
    amount_paise: int
    #: GST on the charge. Source: CBIC circular 245/02/2025 (none on penal charges of loans).
    gst_percent: Decimal
    #: Days after the due date within which a bill can be paid without the charge. The day after them, it is posted.
    grace_days: int = 0
    #: A bill of which less than this is overdue bears no charge. The tolerance of the product holds too.
    tolerance_paise: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The distance between two instalments."""

    #: Instalments are this many units of `frequency` apart.
    every: int
    #: The unit of `every`.
    frequency: Frequency


@dataclass(frozen=True, slots=True, kw_only=True)
class CoLending:
    """Another lender that funds a part of every loan. Source: RBI Co-Lending Arrangements Directions, 2025."""

    #: The name of the partner, as the key facts statement says it.
    partner: str
    #: The share of each loan that the partner funds; each lender keeps at least the share of the rulebook.
    partner_share_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentTerms:
    """How a loan of the product is planned, billed and paid: all that a decision about a living loan needs."""

    #: How principal is spread over the instalments. Source: source systems 0 to 4 (equal instalments), 2 (flat).
    amortisation: Amortisation
    #: How the interest of a period is counted. Source: source system 1 (`daily_rounded`).
    interest_basis: InterestBasis
    #: How days become a fraction of a year. Source: ISDA 2006 Definitions, section 4.16.
    day_count: DayCount
    #: Instalments are this many units of `frequency` apart. Source: source system 1 (30 days).
    every: int
    #: The unit of `every`. Source: source system 1 (30 days).
    frequency: Frequency
    #: The day of the month on which instalments are due; null: they are counted from the day of disbursal. Source:
    #: source system 2 (the 5th).
    due_day: int | None
    #: How the equal instalment is rounded. Source: source system 2 (whole rupees).
    emi_rounding: Rounding
    #: How the interest of a period is rounded.
    interest_rounding: Rounding
    #: Days from the billing date to the due date of a bill. Source: source system 1 (15 days).
    due_after_days: int
    #: The minimum due is this share of the principal, plus the interest; null: the whole bill. Source: source system 1
    #: (3 %).
    minimum_percent: Decimal | None
    #: How a payment is taken that differs from what is due. Source: source systems 0 (`exact`), 1 (`recalculate`).
    payment_policy: PaymentPolicy
    #: The order in which a payment settles the parts of a bill.
    payment_order: tuple[Component, ...]
    #: What a prepayment changes. Source: source system 1 (the EMI).
    prepayment: Replan
    #: Whether the payer may choose what a prepayment changes.
    prepayment_choice: bool
    #: Whether every payment needs a reference. Source: source system 2.
    reference_required: bool
    #: What an overdue bill costs; null: nothing. Source: RBI/2023-24/53.
    late_charge: LateCharge | None
    #: A rest below this is not overdue, bears no late charge, and may be written off to close the loan.
    tolerance_paise: int = 0
    #: What a first period costs that a due day made longer or shorter; null: by its days, and on `flat` a whole period.
    #: Source: RBI/2024-25/30 (no interest for days before the money left).
    odd_first_period: OddFirstPeriod | None = None
    #: Whether more than the payoff is taken. The rest is owed to the borrower until two people refund it.
    takes_overpayment: bool = False
    #: Whether a payment that leaves less than `tolerance_paise` closes the loan, and the rest is written off.
    closes_small_rest: bool = False
    #: Cash is taken in multiples of this (100 is whole rupees). A due amount rounded half up to it pays the due amount.
    cash_unit_paise: int = 1
    #: Where an instalment is due that falls on a holiday or a weekly day off.
    holiday_rule: HolidayRule = HolidayRule.UNCHANGED
    #: The calendar whose holidays move due dates; null: none.
    holiday_calendar: str | None = None
    #: The weekdays on which nothing is due: 0 is Monday, 6 is Sunday.
    days_off: tuple[int, ...] = ()
    #: The benchmark that a floating rate follows, with the spread of the day of the disbursal; null: the rate is fixed.
    #: Source: RBI/2023-24/55.
    benchmark: str | None = None
    #: The charges of a loan beside the late charge; null: none. Source: RBI/2024-25/18 (each is named before).
    charges: ChargeTerms | None = None
    #: Days after the disbursal in which the loan can be left without a charge; null: as long as the rules ask at least.
    #: Source: Digital Lending Directions, 2025.
    cooling_off_days: int | None = None
    # Whether interest follows the ledger day by day, and not the plan. Derived once a product and not once a loan: a
    # billing run asks a million times.
    is_daily: bool = field(init=False, repr=False, compare=False)
    # Whether the days on which something is overdue are counted, for interest or for a penal charge.
    counts_late_days: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        daily = self.interest_basis is not InterestBasis.PERIOD and self.amortisation is not Amortisation.FLAT
        object.__setattr__(self, "is_daily", daily)
        charges = self.charges
        counted = charges is not None and (charges.overdue_interest or charges.penal_rate is not None)
        object.__setattr__(self, "counts_late_days", counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """What may be applied for, and how it is decided."""

    #: The smallest and the largest amount; null for the largest: the customer's limit. Source: source systems 0 to 2.
    amount_paise: tuple[int, int | None]
    #: The smallest and the largest number of instalments. Source: source systems 0 to 4.
    tenure: tuple[int, int]
    #: The annual rate; null: the applicant names one. Source: source systems 2 (fixed), 1, 3 and 4 (named).
    annual_rate_percent: Decimal | None
    #: The lowest and the highest annual rate.
    rate_bounds_percent: tuple[Decimal, Decimal]
    #: How many loans of the product a customer may have at a time; null: any number.
    active_loans_at_most: int | None
    #: Whether the amount and the active loans must stay within the approved limit. Source: source systems 3, 4.
    bound_to_limit: bool
    #: The scorecard whose score decides. Source: source systems 1 (`bank_balance`), 4 (`loan_history`).
    scorecard: str
    #: The lowest score that is approved; null: any. Source: source systems 0, 1.
    minimum_score: int | None
    #: The lowest annual income that is approved; null: any. Source: source systems 0, 1.
    minimum_income_paise: int | None
    #: The lowest rate by score, from the highest score down; no slab that fits: refused. Empty: any score, any rate.
    #: Source: source systems 3, 4.
    rate_slabs: tuple["RateSlab", ...]
    #: The share of a month's income that instalments may take; null: any. Source: source system 4.
    emi_cap_percent: Decimal | None
    #: Whether the new instalment counts too, and not the existing ones alone. Source: source system 4 (existing ones).
    emi_cap_counts_new: bool
    #: Whether an application that has no score yet waits for it. Source: source system 0.
    waits_for_score: bool
    #: Whether a virtual card is issued with the loan. Source: source system 0.
    issues_card: bool
    #: Whether a security covers the whole loan, which lowers the provision on it.
    is_secured: bool = False
    #: Whom the product is for: some rules depend on it. Source: RBI/2025-26/64 (prepayment charges).
    borrower: BorrowerKind = BorrowerKind.INDIVIDUAL
    #: The first due date may be named: so many days after the disbursal, from and up to; null: the terms set it.
    first_due_days: tuple[int, int] | None = None
    #: Other rhythms that an applicant may choose, beside that of the repayment terms.
    rhythms: tuple["Rhythm", ...] = ()
    #: Whether a loan is made only when the borrower has accepted its key facts statement. Source: RBI/2024-25/18.
    needs_acceptance: bool = False
    #: Who lends together with us; null: nobody. The rate of a loan is then the blended rate of both. Source: RBI
    #: Co-Lending Arrangements Directions, 2025.
    co_lending: CoLending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSlab:
    """Scores above a bound, and the lowest rate for them."""

    #: The bound of the score. Source: source systems 3, 4.
    above: Decimal
    #: Whether a score of exactly the bound belongs to the slab.
    inclusive: bool
    #: The lowest annual rate in the slab; null: any. Source: source systems 3, 4.
    floor_percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One version of a product."""

    code: str
    version: int
    name: str
    offer: OfferTerms
    #: How a loan of the product is repaid; of a card account: how a purchase is paid in instalments.
    repayment: RepaymentTerms
    #: The terms of a card account; null: the product is a loan.
    card: CardTerms | None = None
