"""The terms of a card account, as data of a product version.

A card account is a revolving line: purchases and cash draw on it, a statement bills it once a cycle, and a minimum of
each statement is due. Everything in which two issuers differ is a term here. What the law fixes (the tax rate, the days
before a late fee) is not: see `app/domain/cards/rules.py`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class CardBucket(StrEnum):
    """What a balance consists of. The first three never bear interest, except interest where the product says so."""

    TAX = "tax"
    FEES = "fees"
    INTEREST = "interest"
    INSTALMENTS = "instalments"
    CASH = "cash"
    PURCHASES = "purchases"


class CardDays(StrEnum):
    """Which days count. `plain`: from the transaction to the day before the payment; the day of a statement belongs to
    the next one. `inclusive`: the days of the transaction, of the payment and of the statement all count."""

    PLAIN = "plain"
    INCLUSIVE = "inclusive"


class InterestRounded(StrEnum):
    """What is rounded to the paisa, half up: the interest of each bucket of a statement, or each line of it."""

    PER_BUCKET = "per_bucket"
    PER_LINE = "per_line"


class FeeKind(StrEnum):
    """The kinds of fee of a card account."""

    CASH = "cash"
    LATE = "late"
    CONVERSION = "conversion"
    FORECLOSURE = "foreclosure"
    RETURNED_PAYMENT = "returned_payment"
    FOREIGN = "foreign"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFeeBand:
    """The late fee for a range of unpaid amounts."""

    #: The largest unpaid part of a statement's total that this fee is for; null: no bound.
    up_to_paise: int | None
    #: The late fee, without its tax.
    fee_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTerms:
    """How a card account of the product bears interest, is billed and is paid."""

    #: Interest a month, in percent. A year is twelve times that, a day the 365th part of the year, in leap years too.
    monthly_rate_percent: Decimal
    #: Interest a month on cash advances; null: as on purchases.
    cash_monthly_rate_percent: Decimal | None = None
    #: Which days bear interest.
    days: CardDays = CardDays.PLAIN
    #: What is rounded: the interest of a bucket and statement, or each line of it.
    interest_rounded: InterestRounded = InterestRounded.PER_BUCKET
    #: Whether unpaid interest bears interest as a purchase of its day does.
    interest_bears_interest: bool = False
    #: Days from the statement to its due date. Source: Credit and Debit Card Directions 2022 (14 or more).
    due_after_days: int = 20
    #: The share of purchases and cash in the minimum due, in percent.
    minimum_percent: Decimal = Decimal(5)
    #: The least that this share is, while so much is owed.
    minimum_floor_paise: int = 200_00
    #: The minimum due is rounded up to a multiple of this.
    minimum_unit_paise: int = 10_00
    #: Whether the share is taken of interest too, and the interest is not due beside it. Where it would be less than
    #: the interest, the interest is due whole, and the share of purchases and cash beside it.
    minimum_shares_interest: bool = False
    #: Whether it is the share that is rounded up, and the minimum keeps its paise.
    minimum_rounds_share: bool = False
    #: Whether the minimum also covers the interest and tax that the next statement would bill if nothing were paid.
    minimum_covers_next: bool = False
    #: In which order a payment settles the kinds of a debt, what was billed before what was not.
    payment_order: tuple[CardBucket, ...] = tuple(CardBucket)
    #: The late fee by the unpaid part of a statement's total, from the smallest.
    late_fees: tuple[LateFeeBand, ...] = ()
    #: The fee for a cash advance, in percent of it.
    cash_fee_percent: Decimal = Decimal(0)
    #: The least fee for a cash advance.
    cash_fee_minimum_paise: int = 0
    #: The mark-up for what was paid or taken in a foreign currency, in percent of its amount in rupees.
    foreign_fee_percent: Decimal = Decimal(0)
    #: The part of the limit that may be taken as cash, in percent.
    cash_limit_percent: Decimal = Decimal(100)
    #: The fee for a payment that is returned unpaid.
    returned_payment_fee_paise: int = 0
    #: The kinds of fee that bear no GST.
    untaxed_fees: tuple[FeeKind, ...] = ()
    #: The service accounting code of the interest and the fees, for their invoices.
    sac: str | None = None
    #: Days after which a hold that was not captured expires.
    hold_days: int = 7
    #: How much more than a hold may be captured, in percent of it.
    capture_above_percent: Decimal = Decimal(0)
    #: How far above the limit the holder may go who has consented to it, in percent of the limit. Source: Credit and
    #: Debit Card Directions 2022 (only with consent).
    over_limit_percent: Decimal = Decimal(0)
    #: The annual rate of an instalment plan.
    plan_annual_rate_percent: Decimal = Decimal(0)
    #: The smallest and the largest number of instalments of a plan.
    plan_instalments: tuple[int, int] = (3, 24)
    #: The least amount that is converted to instalments.
    plan_minimum_paise: int = 0
    #: The fee for a conversion to instalments, in percent of the amount.
    conversion_fee_percent: Decimal = Decimal(0)
    #: The fee for paying a plan off early, in percent of the principal that is left.
    foreclosure_fee_percent: Decimal = Decimal(0)
    #: How often the holder may move the statement day; null: any number of times. Source: Credit and Debit Card
    #: Directions 2022 (at least once).
    statement_day_moves: int | None = None
    #: Whether a dispute of a purchase that is paid for is credited until it is decided.
    provisional_credit: bool = False

    @property
    def annual_rate_percent(self) -> Decimal:
        """The annual rate on purchases and instalments."""
        return 12 * self.monthly_rate_percent

    @property
    def cash_annual_rate_percent(self) -> Decimal:
        """The annual rate on cash advances."""
        monthly = self.cash_monthly_rate_percent
        return self.annual_rate_percent if monthly is None else 12 * monthly
