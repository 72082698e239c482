"""What the charges of a product come to, with their tax.

Each figure is rounded half up to the paisa. The tax is computed as two equal halves (central and state tax), each
rounded, so that it is the same within a state and across states. Source: docs/business-rules.md, charges of a loan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.domain.errors import Invalid, Rejected
from app.domain.money import RoundingMode, percent_ratio, round_ratio, share_paise
from app.domain.products.charge_terms import (
    BounceCharge,
    ChargeTerms,
    DisbursalFee,
    Fee,
    FeePaid,
    PrepaymentCharge,
    ServiceCharge,
)
from app.domain.products.products import RepaymentTerms
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rules import Rule

#: A day is the 365th part of a year, in leap years too.
_PENAL_YEAR = 365
#: The rule of the tax binds every kind of lender alike.
_ANY_LENDER = LenderKind.BANK


class FeesInvalid(Invalid):
    """A fee is not a positive amount, or the fees leave nothing to disburse. Correct the fees."""

    code = "fees_invalid"


class ChargeNotNamed(Rejected):
    """The terms of the loan's product name no such charge. Book one that its schedule of charges names, by its code."""

    code = "charge_not_named"


class Charged(NamedTuple):
    """A charge and its tax, in paise."""

    amount_paise: int
    tax_paise: int

    @property
    def total_paise(self) -> int:
        """What the borrower owes."""
        return self.amount_paise + self.tax_paise


class TaxSplit(NamedTuple):
    """A tax by the three heads of GST, in paise. A supply has either the first two or the third."""

    central_paise: int
    state_paise: int
    integrated_paise: int


NOTHING = Charged(0, 0)


@lru_cache(maxsize=1024)
def fee_tax_percent(on: date) -> Decimal:
    """The rate of GST on a fee of a loan on a day, both halves together; 0 before there was GST."""
    row = RULEBOOK.find_or_none(Rule.LOAN_FEE_GST_PERCENT, on=on, lender=_ANY_LENDER)
    return Decimal(0) if row is None else row.percent


def fee_tax_paise(paise: int, *, on: date) -> int:
    """The GST on a fee of a loan: twice the half of the rate, each half rounded half up."""
    return 2 * share_paise(paise, fee_tax_percent(on) / 2)


def split_tax(tax_paise: int, *, is_same_state: bool) -> TaxSplit:
    """The tax on a fee by head: two equal halves within a state, the whole as integrated tax across states."""
    if is_same_state:
        # The tax of a late charge may be an odd number of paise.
        return TaxSplit(tax_paise // 2, tax_paise - tax_paise // 2, 0)
    return TaxSplit(0, 0, tax_paise)


class ChargePer(StrEnum):
    """What a charge is for, or what its share is a share of."""

    DISBURSAL = "disbursal"
    RETURNED_PAYMENT = "returned_payment"
    PART_PREPAYMENT = "part_prepayment"
    FORECLOSURE = "foreclosure"
    OVERDUE_BILL = "overdue_bill"
    OVERDUE_YEAR = "overdue_year"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCharge:
    """A line of the schedule of charges: an amount (paise), a share, or both, and the rate of GST on top.

    The share of `disbursal` is of the amount lent, those of prepayments of the principal that is repaid, and that of
    `overdue_year` of what is overdue for a year. A charge of `service` is booked by its `code`.
    """

    name: str
    per: ChargePer
    amount_paise: int = 0
    percent: Decimal = Decimal(0)
    minimum_paise: int = 0
    maximum_paise: int | None = None
    tax_percent: Decimal = Decimal(0)
    sac: str | None = None
    grace_days: int = 0
    code: str | None = None


def named_charges(terms: RepaymentTerms, *, on: date) -> list[NamedCharge]:
    """The schedule of charges of a product: every charge that its terms name, with the tax of a day."""
    charges = terms.charges or ChargeTerms()
    tax = fee_tax_percent(on)
    named = [
        NamedCharge(
            name=fee.name,
            per=ChargePer.DISBURSAL,
            amount_paise=fee.amount_paise,
            percent=fee.percent,
            minimum_paise=fee.minimum_paise,
            maximum_paise=fee.maximum_paise,
            tax_percent=tax if fee.is_taxed else Decimal(0),
            sac=fee.sac,
        )
        for fee in charges.disbursal
    ]
    if (bounce := charges.bounce) is not None:
        rate = tax if bounce.is_taxed else Decimal(0)
        named.append(
            NamedCharge(
                name="Returned payment",
                per=ChargePer.RETURNED_PAYMENT,
                amount_paise=bounce.amount_paise,
                tax_percent=rate,
                sac=bounce.sac,
            )
        )
    if (prepayment := charges.prepayment) is not None:
        rate = tax if prepayment.is_taxed else Decimal(0)
        for name, per, percent in (
            ("Part prepayment", ChargePer.PART_PREPAYMENT, prepayment.part_percent),
            ("Foreclosure", ChargePer.FORECLOSURE, prepayment.foreclosure_percent),
        ):
            named.append(NamedCharge(name=name, per=per, percent=percent, tax_percent=rate, sac=prepayment.sac))
    return [*named, *_named_services(charges, tax), *_named_penal(terms, charges)]


def _named_services(charges: ChargeTerms, tax: Decimal) -> Iterator[NamedCharge]:
    for service in charges.services:
        yield NamedCharge(
            name=service.name,
            per=ChargePer.SERVICE,
            amount_paise=service.amount_paise,
            tax_percent=tax if service.is_taxed else Decimal(0),
            sac=service.sac,
            code=service.code,
        )


def _named_penal(terms: RepaymentTerms, charges: ChargeTerms) -> Iterator[NamedCharge]:
    if (late := terms.late_charge) is not None:
        yield NamedCharge(
            name="Late charge",
            per=ChargePer.OVERDUE_BILL,
            amount_paise=late.amount_paise,
            tax_percent=late.gst_percent,
            grace_days=late.grace_days,
        )
    if (penal := charges.penal_rate) is not None:
        yield NamedCharge(
            name="Penal charge",
            per=ChargePer.OVERDUE_YEAR,
            percent=penal.annual_percent,
            grace_days=penal.grace_days,
        )


def taxed_charges(terms: RepaymentTerms) -> list[str]:
    """The places of the charges on which GST is due."""
    charges = terms.charges or ChargeTerms()
    places = [(f"disbursal.{number}", fee.is_taxed) for number, fee in enumerate(charges.disbursal)]
    places += [("bounce", charges.bounce is not None and charges.bounce.is_taxed)]
    places += [("prepayment", charges.prepayment is not None and charges.prepayment.is_taxed)]
    places += [(f"services.{number}", service.is_taxed) for number, service in enumerate(charges.services)]
    return [f"repayment.charges.{place}" for place, is_taxed in places if is_taxed]


def disbursal_fees(charges: ChargeTerms | None, *, amount_paise: int, on: date) -> tuple[Fee, ...]:
    """The fees of a loan of an amount (paise, without financed fees) on the day of disbursal."""
    if charges is None:
        return ()
    fees = (_disbursal_fee(terms, amount_paise=amount_paise, on=on) for terms in charges.disbursal)
    return tuple(fee for fee in fees if fee.amount_paise)


def _disbursal_fee(terms: DisbursalFee, *, amount_paise: int, on: date) -> Fee:
    paise = max(share_paise(amount_paise, terms.percent) + terms.amount_paise, terms.minimum_paise)
    if terms.maximum_paise is not None:
        paise = min(paise, terms.maximum_paise)
    return Fee(
        name=terms.name,
        amount_paise=paise,
        paid=terms.paid,
        tax_paise=fee_tax_paise(paise, on=on) if terms.is_taxed else 0,
        sac=terms.sac,
        for_third_party=terms.for_third_party,
    )


def check_fees(fees: Iterable[Fee], *, received_paise: int) -> None:
    """Refuses fees that are negative, or that leave nothing of what the borrower receives. Raises FeesInvalid."""
    at_once = 0
    for fee in fees:
        if fee.amount_paise < 0 or fee.tax_paise < 0:
            raise FeesInvalid("a fee must not be negative", field="fees", fee=fee.name)
        at_once += 0 if fee.paid is FeePaid.FINANCED else fee.total_paise
    if at_once and at_once >= received_paise:
        raise FeesInvalid("the fees must be less than the disbursed amount", field="fees")


def bounce_charge(terms: BounceCharge | None, *, on: date) -> Charged:
    """What a returned payment costs on a day."""
    return NOTHING if terms is None else _taxed(terms.amount_paise, is_taxed=terms.is_taxed, on=on)


def find_service(terms: ChargeTerms | None, code: str) -> ServiceCharge:
    """The charge that the terms name by a code. Raises ChargeNotNamed."""
    services = () if terms is None else terms.services
    for service in services:
        if service.code == code:
            return service
    known = ", ".join(service.code for service in services) or "none"
    raise ChargeNotNamed(f"the product names no such charge: {known}", field="charge", known=known)


def service_charge(terms: ServiceCharge, *, on: date) -> Charged:
    """What a charge that an officer books comes to on a day. Example: 200.00 is 236.00 with its tax."""
    return _taxed(terms.amount_paise, is_taxed=terms.is_taxed, on=on)


def prepayment_charge(
    terms: PrepaymentCharge | None, *, prepaid_paise: int, undemanded_paise: int, on: date
) -> Charged:
    """What it costs to repay principal ahead of the plan; `undemanded_paise` is the principal that no bill demanded.

    Who repays all of it forecloses. Example: 2 % of 1,00,000.00 is 2,000.00, and its tax 360.00.
    """
    if terms is None or prepaid_paise <= 0:
        return NOTHING
    percent = terms.foreclosure_percent if prepaid_paise >= undemanded_paise else terms.part_percent
    return _taxed(share_paise(prepaid_paise, percent), is_taxed=terms.is_taxed, on=on)


def penal_charge_paise(paise_days: int, *, annual_percent: Decimal) -> int:
    """The penal charge (paise) for overdue amounts, each multiplied by its days, half up.

    Example: 36,500.00 overdue for 20 days at 12 % a year is 240.00. It bears no GST.
    """
    numerator, denominator = percent_ratio(annual_percent)
    return round_ratio(paise_days * numerator, denominator * _PENAL_YEAR, mode=RoundingMode.HALF_UP)


def _taxed(paise: int, *, is_taxed: bool, on: date) -> Charged:
    return Charged(paise, fee_tax_paise(paise, on=on) if is_taxed else 0)
