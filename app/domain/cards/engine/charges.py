"""Charges of the lender (interest, fees and late fees, each with its tax), and what a changed past makes of them.

A charge has a cause (the interest of statement 3, the late fee of statement 2). What was posted for a cause are its
tranches: the first on the day of the cause, later ones when a replay found that more is owed. When the account is
lived again, the cause has an amount as it now is. What is less than was posted counts as never posted, the latest
tranche first. What is more counts from the day on which it is found. So a payment that is returned and put back changes
nothing. Source: docs/cards.md, replay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from app.domain.money import RoundingMode, percent_ratio, round_ratio


class Cause(StrEnum):
    """Why something is charged."""

    INTEREST = "interest"
    CASH_INTEREST = "cash_interest"
    PLAN_INTEREST = "plan_interest"
    LATE_FEE = "late_fee"
    FEE = "fee"


class ChargeKey(NamedTuple):
    """One cause: of a statement, a plan or a fee. `of` is the plan in a statement's interest of plans, otherwise 0."""

    cause: Cause
    number: int
    of: int = 0


class Tranche(NamedTuple):
    """A part of a charge: posted on a day under a number, with its tax. `is_found`: a replay found it."""

    posted_on: date
    number: int
    paise: int
    tax_paise: int
    is_found: bool


class ChargeChange(NamedTuple):
    """How much a tranche changed. Rows of it are only ever added; their sums are the tranches."""

    key: ChargeKey
    posted_on: date
    number: int
    is_found: bool
    paise: int
    tax_paise: int


Charges = Mapping[ChargeKey, Sequence[Tranche]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The fact that made the account live again: its day and its number."""

    on: date
    number: int


def tax_paise(paise: int, *, percent: Decimal) -> int:
    """The tax on a charge, half up. That of a give-back is its mirror."""
    numerator, denominator = percent_ratio(percent)
    return round_ratio(paise * numerator, denominator, mode=RoundingMode.HALF_UP)


def tax_of_part(before_paise: int, paise: int, *, percent: Decimal) -> int:
    """The tax on a part that comes on top of earlier ones: the tax of all of it less the tax of the earlier ones."""
    return tax_paise(before_paise + paise, percent=percent) - tax_paise(before_paise, percent=percent)


def amounts_now(posted: Sequence[Tranche], paise: int) -> tuple[list[int], int]:
    """How much of each posted tranche stays when a cause comes to `paise`, and what is to be found on top."""
    kept, left = [], paise
    for tranche in posted:
        part = min(left, tranche.paise)
        kept.append(part)
        left -= part
    return kept, left


def changes(before: Charges, after: Charges) -> list[ChargeChange]:
    """The rows that lead from the tranches before a replay to those after it."""
    rows = []
    for key in sorted({*before, *after}):
        known = {(one.posted_on, one.number): one for one in before.get(key, ())}
        now = {(one.posted_on, one.number): one for one in after.get(key, ())}
        for place in sorted({*known, *now}):
            old, new = known.get(place), now.get(place)
            some = new or old
            assert some is not None, "a place comes from one of the two"
            paise = (new.paise if new else 0) - (old.paise if old else 0)
            tax = (new.tax_paise if new else 0) - (old.tax_paise if old else 0)
            if paise or tax:
                rows.append(ChargeChange(key, some.posted_on, some.number, some.is_found, paise, tax))
    return rows


def posted_changes(charges: Charges) -> list[ChargeChange]:
    """The rows of tranches of which nothing was posted before."""
    return [ChargeChange(key, *tranche) for key in charges for tranche in map(_row_of, charges[key])]


def _row_of(one: Tranche) -> tuple[date, int, bool, int, int]:
    return one.posted_on, one.number, one.is_found, one.paise, one.tax_paise


def tranches(rows: Iterable[ChargeChange]) -> dict[ChargeKey, list[Tranche]]:
    """The tranches that rows of changes sum to, in the order in which they were posted. None are empty."""
    summed: dict[tuple[ChargeKey, date, int, bool], list[int]] = {}
    for row in rows:
        sums = summed.setdefault((row.key, row.posted_on, row.number, row.is_found), [0, 0])
        sums[0] += row.paise
        sums[1] += row.tax_paise
    found: dict[ChargeKey, list[Tranche]] = {}
    for (key, posted_on, number, is_found), (paise, tax) in sorted(summed.items()):
        if paise or tax:
            found.setdefault(key, []).append(Tranche(posted_on, number, paise, tax, is_found))
    return found
