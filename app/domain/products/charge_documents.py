"""What the charges of a loan must keep to make sense."""

import re
from collections.abc import Iterator
from decimal import Decimal

from app.domain.calendar import DayCount
from app.domain.money import MAX_PAISE
from app.domain.products.charge_terms import ChargeTerms, DisbursalFee, FeePaid
from app.domain.products.products import RepaymentTerms

_HUNDRED = Decimal(100)
#: A name that a statement can show on one line.
_LONGEST_NAME = 60
#: Fees that one product may have.
_MOST_FEES = 10
#: Charges for services that one product may have, and the form of their codes.
_MOST_SERVICES = 30
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
#: The day counts of which every day has the same weight, so that late days can be added up.
_EVEN_DAYS = frozenset({DayCount.ACTUAL_365F, DayCount.ACTUAL_360, DayCount.ACTUAL_364})
#: The length of a service accounting code, and what the codes of services begin with.
_SAC_LENGTH, _SAC_BEGINS = 6, "99"
_PLACE = "repayment.charges"
#: No penal charge of a day is more than the day's share of this.
_MAX_PENAL_PERCENT = Decimal(36)
#: Days of grace after a due date, at most.
MAX_GRACE_DAYS = 31

#: The form of a service accounting code, in words.
SERVICE_CODE = f"{_SAC_LENGTH} digits that begin with {_SAC_BEGINS}"

Rule = tuple[bool, str, str]


def is_service_code(sac: str) -> bool:
    """Whether a text is a service accounting code."""
    return len(sac) == _SAC_LENGTH and sac.isdecimal() and sac.startswith(_SAC_BEGINS)


def charge_rules(terms: RepaymentTerms) -> Iterator[Rule]:
    """Every rule: whether it holds, the place of the term, and the rule in words."""
    charges = terms.charges or ChargeTerms()
    yield len(charges.disbursal) <= _MOST_FEES, f"{_PLACE}.disbursal", f"at most {_MOST_FEES} fees"
    names = [fee.name for fee in charges.disbursal]
    yield len(names) == len(set(names)), f"{_PLACE}.disbursal", "each name once"
    for number, fee in enumerate(charges.disbursal):
        yield from _fee_rules(fee, f"{_PLACE}.disbursal.{number}")
    # Of all that the borrower may have to pay at once, some of the loan is left.
    at_once = sum(fee.percent for fee in charges.disbursal if fee.paid is not FeePaid.FINANCED)
    yield at_once < _HUNDRED / 2, f"{_PLACE}.disbursal", "together below half of the amount"
    bounce = charges.bounce
    if bounce is not None:
        yield 1 <= bounce.amount_paise <= MAX_PAISE, f"{_PLACE}.bounce.amount_paise", "from 1 to 10^13"
        yield from _tax_rules(bounce.is_taxed, bounce.sac, f"{_PLACE}.bounce")
    prepayment = charges.prepayment
    if prepayment is not None:
        for name in ("part_percent", "foreclosure_percent"):
            yield 0 <= getattr(prepayment, name) <= _HUNDRED, f"{_PLACE}.prepayment.{name}", "from 0 to 100"
        yield from _tax_rules(prepayment.is_taxed, prepayment.sac, f"{_PLACE}.prepayment")
    yield from _service_rules(charges)
    yield from _late_rules(terms, charges)


def _fee_rules(fee: DisbursalFee, place: str) -> Iterator[Rule]:
    yield len(fee.name) <= _LONGEST_NAME, f"{place}.name", f"at most {_LONGEST_NAME} characters"
    yield 0 <= fee.percent <= _HUNDRED, f"{place}.percent", "from 0 to 100"
    yield 0 <= fee.amount_paise <= MAX_PAISE, f"{place}.amount_paise", "from 0 to 10^13"
    most = MAX_PAISE if fee.maximum_paise is None else fee.maximum_paise
    yield 0 <= fee.minimum_paise <= most <= MAX_PAISE, f"{place}.minimum_paise", "from 0 to maximum_paise"
    charged = fee.percent > 0 or fee.amount_paise > 0 or fee.minimum_paise > 0
    yield charged, f"{place}.percent", "a fee has a share or an amount"
    own = not (fee.for_third_party and fee.is_taxed)
    yield own, f"{place}.is_taxed", "false for a third party, which has its own invoice"
    yield from _tax_rules(fee.is_taxed, fee.sac, place)


def _service_rules(charges: ChargeTerms) -> Iterator[Rule]:
    place, services = f"{_PLACE}.services", charges.services
    yield len(services) <= _MOST_SERVICES, place, f"at most {_MOST_SERVICES} charges"
    for attribute in ("code", "name"):
        found = [getattr(service, attribute) for service in services]
        yield len(found) == len(set(found)), place, f"each {attribute} once"
    for number, service in enumerate(services):
        inner = f"{place}.{number}"
        yield _CODE.fullmatch(service.code) is not None, f"{inner}.code", "small letters, digits and underscores"
        yield len(service.name) <= _LONGEST_NAME, f"{inner}.name", f"at most {_LONGEST_NAME} characters"
        yield 1 <= service.amount_paise <= MAX_PAISE, f"{inner}.amount_paise", "from 1 to 10^13"
        yield from _tax_rules(service.is_taxed, service.sac, inner)


def _tax_rules(is_taxed: bool, sac: str | None, place: str) -> Iterator[Rule]:
    """A taxed charge can be invoiced: it has a service accounting code."""
    yield sac is not None or not is_taxed, f"{place}.sac", "a taxed charge names its service accounting code"
    yield sac is None or is_service_code(sac), f"{place}.sac", SERVICE_CODE


def _late_rules(terms: RepaymentTerms, charges: ChargeTerms) -> Iterator[Rule]:
    planned = not (charges.overdue_interest and terms.is_daily)
    yield planned, f"{_PLACE}.overdue_interest", "false on the daily bases, where overdue principal bears interest"
    even = not charges.overdue_interest or terms.day_count in _EVEN_DAYS
    words = ", ".join(sorted(count.value for count in _EVEN_DAYS))
    yield even, "repayment.day_count", f"one of {words} where overdue principal bears interest"
    penal = charges.penal_rate
    if penal is not None:
        in_bounds = 0 < penal.annual_percent <= _MAX_PENAL_PERCENT
        yield in_bounds, f"{_PLACE}.penal_rate.annual_percent", f"above 0, at most {_MAX_PENAL_PERCENT}"
        yield (
            0 <= penal.grace_days <= MAX_GRACE_DAYS,
            f"{_PLACE}.penal_rate.grace_days",
            f"from 0 to {MAX_GRACE_DAYS}",
        )
        once = terms.late_charge is None
        yield once, f"{_PLACE}.penal_rate", "a late charge or a penal rate, not both for one default"
