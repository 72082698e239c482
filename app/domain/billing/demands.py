"""The principal and the minimum that a bill demands, and the late charge."""

from decimal import Decimal

from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.products.products import LateCharge

# Reading a member from its enum class is slow, and a run uses it for every bill.
_UP = RoundingMode.UP


def minimum_due_paise(
    principal_paise: int, *, interest_paise: int, demand_paise: int, minimum_percent: Decimal | None
) -> int:
    """The smallest payment, in paise, that keeps a bill's own demand from being overdue.

    It is a percentage of the principal at billing, rounded up to the paisa, plus the whole interest, so that a minimum
    payment never lets the debt grow. It is never more than the demand. Without a percentage it is the whole demand.
    Example: 5,000 at 14 % for a month with 3 %: 150.00 + 58.33 = 208.33. Source: docs/business-rules.md, billing.
    """
    if minimum_percent is None:
        return demand_paise
    numerator, denominator = percent_ratio(minimum_percent)
    part = round_ratio(principal_paise * numerator, denominator, mode=_UP)
    return min(demand_paise, part + interest_paise)


def principal_due_paise(
    planned_paise: int, *, planned_interest_paise: int, interest_paise: int, left_paise: int, is_daily: bool
) -> int:
    """The principal, in paise, that a bill within the plan demands, of what is left undemanded.

    Where interest follows the days, the instalment stays: more interest than planned means less principal.
    """
    if is_daily:
        planned_paise = max(planned_paise + planned_interest_paise - interest_paise, 0)
    return min(planned_paise, left_paise)


def late_charge_paise(charge: LateCharge, *, overdue_paise: int) -> tuple[int, int]:
    """The late charge and its tax, in paise. Together they are never more than the overdue amount of the bill.

    When the overdue amount is the limit, it is split into charge and tax in the proportion of the tax rate.
    Source: docs/business-rules.md, billing.
    """
    numerator, denominator = percent_ratio(charge.gst_percent)
    tax = round_ratio(charge.amount_paise * numerator, denominator, mode=RoundingMode.HALF_UP)
    if charge.amount_paise + tax <= overdue_paise:
        return charge.amount_paise, tax
    tax = round_ratio(overdue_paise * numerator, denominator + numerator, mode=RoundingMode.HALF_UP)
    return overdue_paise - tax, tax
