"""What a bill may ask for: the minimum that keeps it from being overdue, and the charge for being late."""

from decimal import Decimal

from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.products.products import LateCharge

# A member is looked up in its class each time, and a run asks a million times.
_UP = RoundingMode.UP


def minimum_due_paise(
    principal_paise: int, *, interest_paise: int, demand_paise: int, minimum_percent: Decimal | None
) -> int:
    """The smallest part of a bill's own demand that keeps it from being overdue.

    A percentage of the principal at billing, rounded up to the paisa, and the whole interest, so that the principal
    can never grow; never more than the demand, and all of it where the product has no percentage. Source: domain.md,
    section 7 (5,000 at 14 % for a month: 150.00 + 58.33 = 208.33).
    """
    if minimum_percent is None:
        return demand_paise
    numerator, denominator = percent_ratio(minimum_percent)
    part = round_ratio(principal_paise * numerator, denominator, mode=_UP)
    return min(demand_paise, part + interest_paise)


def late_charge_paise(charge: LateCharge, *, overdue_paise: int) -> tuple[int, int]:
    """The charge for a late bill and the tax on it, in paise; together never more than what is overdue of the bill.

    Where the sum is cut, the tax is cut out of it, so that the total is the overdue sum to the paisa.
    """
    numerator, denominator = percent_ratio(charge.gst_percent)
    tax = round_ratio(charge.amount_paise * numerator, denominator, mode=RoundingMode.HALF_UP)
    if charge.amount_paise + tax <= overdue_paise:
        return charge.amount_paise, tax
    tax = round_ratio(overdue_paise * numerator, denominator + numerator, mode=RoundingMode.HALF_UP)
    return overdue_paise - tax, tax
