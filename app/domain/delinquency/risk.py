"""Portfolio at risk, vintages and roll rates.

Portfolio at risk is the share of principal that is past due for more than some days. A vintage is the loans of a month:
how many of them had failed by each later month. Roll rates say how loans moved between classes in a month.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.calendar import add_months
from app.domain.delinquency.provisions import BookLine
from app.domain.money import RoundingMode, round_ratio

#: Shares are shown in hundredths of a percent.
_PARTS = 100 * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLine:
    """The loans that are past due for more than `after_days`. The share is percent of all principal."""

    after_days: int
    loans: int
    principal_paise: int
    share_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VintageCount:
    """How many loans of a month of disbursal, and which disbursed amount, failed in a month (None: all loans of the
    month). Months are named by their first days."""

    month: date
    failed_in: date | None
    loans: int
    disbursed_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """The loans of a month. `failed_percent` is the share of the disbursed amount that had failed by each age."""

    month: date
    loans: int
    disbursed_paise: int
    failed_percent: Sequence[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Loans that moved from a class at one month-end to a class at the next. The share is percent of those that were in
    the first class, by principal at the first month-end."""

    before: str
    after: str
    loans: int
    principal_paise: int
    share_percent: Decimal = Decimal(0)


def percent_of(part: int, whole: int) -> Decimal:
    """A share in percent with two decimals, half up; 0 of nothing."""
    if whole == 0:
        return Decimal("0.00")
    return Decimal(round_ratio(part * _PARTS, whole, mode=RoundingMode.HALF_UP)).scaleb(-2)


def portfolio_at_risk(book: Sequence[BookLine], *, bounds: Sequence[int]) -> list[RiskLine]:
    """What is past due for more than 0 days, and for more than each bound. `BookLine.age` counts the bounds passed."""
    whole = sum(line.principal_paise for line in book)
    found = []
    for age, after_days in enumerate((0, *bounds), start=1):
        late = [line for line in book if line.age >= age]
        principal = sum(line.principal_paise for line in late)
        found.append(
            RiskLine(
                after_days=after_days,
                loans=sum(line.loans for line in late),
                principal_paise=principal,
                share_percent=percent_of(principal, whole),
            )
        )
    return found


def vintages(counts: Iterable[VintageCount], *, on: date) -> list[Vintage]:
    """The vintages through a day, the oldest first, each with its failed share by the age in months."""
    failed: dict[tuple[date, date], int] = defaultdict(int)
    whole: dict[date, VintageCount] = {}
    for count in counts:
        if count.failed_in is None:
            whole[count.month] = count
        else:
            failed[count.month, count.failed_in] += count.disbursed_paise
    found = []
    for month in sorted(whole):
        total = whole[month]
        shares, sum_paise, age = [], 0, 0
        while (reached := add_months(month, age)) <= on:
            sum_paise += failed[month, reached]
            shares.append(percent_of(sum_paise, total.disbursed_paise))
            age += 1
        found.append(
            Vintage(month=month, loans=total.loans, disbursed_paise=total.disbursed_paise, failed_percent=tuple(shares))
        )
    return found


def roll_rates(rolls: Sequence[Roll]) -> list[Roll]:
    """The rolls with their shares, in the order in which they came."""
    whole: dict[str, int] = defaultdict(int)
    for roll in rolls:
        whole[roll.before] += roll.principal_paise
    return [
        Roll(
            before=roll.before,
            after=roll.after,
            loans=roll.loans,
            principal_paise=roll.principal_paise,
            share_percent=percent_of(roll.principal_paise, whole[roll.before]),
        )
        for roll in rolls
    ]
