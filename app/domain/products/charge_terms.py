"""The terms of a loan's charges, as data of a product version, and a fee as it is charged.

A charge is money beside interest: fees on the day of disbursal, a charge for a payment that the bank returned, a charge
for paying ahead of the plan, and a penal charge for each day on what is overdue. A charge is posted on the day of its
cause and demanded by the next bill. It never bears interest. Tax rates are not terms: the law sets them, so they come
from the rulebook (`charges.py`).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class FeePaid(StrEnum):
    """How a fee is paid: deducted from the disbursal, upfront by the borrower, or financed with the instalments."""

    DEDUCTED = "deducted"
    UPFRONT = "upfront"
    FINANCED = "financed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee on the day of disbursal, in paise. `tax_paise` comes on top of `amount_paise`; `sac` is the service
    accounting code of a taxed fee. A fee for a third party is passed on and is no income of the lender."""

    name: str
    amount_paise: int
    paid: FeePaid
    tax_paise: int = 0
    sac: str | None = None
    for_third_party: bool = False

    @property
    def total_paise(self) -> int:
        """What the borrower pays: the fee and its tax."""
        return self.amount_paise + self.tax_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class DisbursalFee:
    """A fee on the day of disbursal: a fixed amount, a share of the amount lent, or both."""

    #: What the key facts statement and the statement call it.
    name: str
    #: How it is paid.
    paid: FeePaid
    #: The share of the amount lent. Source: RBI/2024-25/18 (named in the key facts).
    percent: Decimal = Decimal(0)
    #: The fixed part.
    amount_paise: int = 0
    #: The least that the fee comes to.
    minimum_paise: int = 0
    #: The most that the fee comes to; null: no bound.
    maximum_paise: int | None = None
    #: Whether GST is due on it. The rate is that of the rulebook on the day.
    is_taxed: bool = True
    #: The service accounting code for the invoice. A taxed charge has one.
    sac: str | None = None
    #: Whether a third party gets it through the lender (stamp duty, insurance). Then it is no income of the lender.
    for_third_party: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceCharge:
    """The charge for a payment that the bank returned unpaid."""

    #: The charge for each returned payment, without its tax.
    amount_paise: int
    #: Whether GST is due on it. The rate is that of the rulebook on the day.
    is_taxed: bool = True
    #: The service accounting code for the invoice. A taxed charge has one.
    sac: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCharge:
    """A charge that an officer books when its cause happens, such as a duplicate statement, a returned cheque or a
    visit to collect."""

    #: The code by which it is booked, such as `duplicate_statement`.
    code: str
    #: What the schedule of charges and the statement call it.
    name: str
    #: The charge each time, without its tax.
    amount_paise: int
    #: Whether GST is due on it. The rate is that of the rulebook on the day.
    is_taxed: bool = True
    #: The service accounting code for the invoice. A taxed charge has one.
    sac: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaymentCharge:
    """The charge for principal that is repaid ahead of the plan."""

    #: The share of the principal that a part prepayment repays. Source: RBI/2025-26/64.
    part_percent: Decimal
    #: The share of the principal that is not yet demanded when all of it is repaid. Source: RBI/2025-26/64.
    foreclosure_percent: Decimal
    #: Whether GST is due on it. The rate is that of the rulebook on the day.
    is_taxed: bool = True
    #: The service accounting code for the invoice. A taxed charge has one.
    sac: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PenalRate:
    """A penal charge for each day on what is overdue. It bears no interest, and no GST."""

    #: Percent a year of the overdue principal and interest, a day being the 365th part. Source: RBI/2023-24/53.
    annual_percent: Decimal
    #: Days after the due date for which nothing is charged. The days after them are charged, and not these.
    grace_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTerms:
    """The charges of a loan of the product, beside the late charge of a bill."""

    #: Fees on the day of disbursal.
    disbursal: tuple[DisbursalFee, ...] = ()
    #: What a returned payment costs; null: nothing.
    bounce: BounceCharge | None = None
    #: What it costs to repay ahead of the plan; null: nothing.
    prepayment: PrepaymentCharge | None = None
    #: What each day of being overdue costs; null: nothing.
    penal_rate: PenalRate | None = None
    #: Whether overdue principal bears the interest of the contract, day by day, where the plan sets the interest. On
    #: the daily bases it always does.
    overdue_interest: bool = False
    #: Charges that an officer books when their cause happens.
    services: tuple[ServiceCharge, ...] = ()
