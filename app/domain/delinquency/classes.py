"""The asset classes, from standard to loss, and the limits between them.

A limit is a number of days past due, or of months as non-performing, that the rulebook sets for a day. A loan's class
is that of its borrower: all facilities of a borrower take the worst.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from app.domain.calendar import add_months
from app.domain.delinquency.restructurings import Trial
from app.domain.rulebook.kinds import BorrowerKind, LenderKind, ProductKind
from app.domain.rulebook.rulebook import Rulebook
from app.domain.rulebook.rules import Rule, RuleRow


class AssetClass(StrEnum):
    """The classes, from the best to the worst. From `sub_standard` on, an asset is non-performing."""

    STANDARD = "standard"
    SMA_0 = "sma_0"
    SMA_1 = "sma_1"
    SMA_2 = "sma_2"
    SUB_STANDARD = "sub_standard"
    DOUBTFUL_1 = "doubtful_1"
    DOUBTFUL_2 = "doubtful_2"
    DOUBTFUL_3 = "doubtful_3"
    LOSS = "loss"

    @property
    def is_non_performing(self) -> bool:
        """Whether the asset is non-performing."""
        return self in NON_PERFORMING


NON_PERFORMING: Final = frozenset(
    {
        AssetClass.SUB_STANDARD,
        AssetClass.DOUBTFUL_1,
        AssetClass.DOUBTFUL_2,
        AssetClass.DOUBTFUL_3,
        AssetClass.LOSS,
    }
)

_BY_DAYS: Final = (
    (Rule.SMA_1_AFTER_DAYS, AssetClass.SMA_1),
    (Rule.SMA_2_AFTER_DAYS, AssetClass.SMA_2),
    (Rule.NPA_AFTER_DAYS, AssetClass.SUB_STANDARD),
)
_BY_MONTHS: Final = (
    (Rule.DOUBTFUL_1_AFTER_MONTHS, AssetClass.DOUBTFUL_1),
    (Rule.DOUBTFUL_2_AFTER_MONTHS, AssetClass.DOUBTFUL_2),
    (Rule.DOUBTFUL_3_AFTER_MONTHS, AssetClass.DOUBTFUL_3),
)


class Limits(NamedTuple):
    """The limits of a day for a kind of product: (more days past due than this, class) and (months, class)."""

    days: Sequence[tuple[int, AssetClass]]
    months: Sequence[tuple[int, AssetClass]]

    def class_by_days(self, days_past_due: int) -> AssetClass:
        """The class by days past due alone; `sub_standard` is non-performing of any age."""
        if days_past_due < 1:
            return AssetClass.STANDARD
        found = AssetClass.SMA_0
        for after, asset_class in self.days:
            if days_past_due > after:
                found = asset_class
        return found

    def class_by_time(self, non_performing_since: date, *, on: date) -> AssetClass:
        """The class of a non-performing asset by the months since the day on which it became one."""
        found = AssetClass.SUB_STANDARD
        for months, asset_class in self.months:
            if add_months(non_performing_since, months) <= on:
                found = asset_class
        return found


class ClassRules:
    """The limits of every day for our kind of lender, read from the rulebook once."""

    __slots__ = ("_book", "_changed", "_changes", "_lender", "_limits", "days", "months")

    def __init__(self, rulebook: Rulebook, *, lender: LenderKind) -> None:
        rows = [
            row
            for rule, _ in (*_BY_DAYS, *_BY_MONTHS)
            for kind in ProductKind
            for row in rulebook.rows_of(rule, lender=lender, product=kind)
        ]
        self._book, self._lender = rulebook, lender
        days = {row.from_on for row in rows} | {row.until for row in rows if row.until is not None}
        #: The days on which a limit changes.
        self._changes, self._changed = sorted(days), frozenset(days)
        self._limits = {
            (place, kind): _limits(rulebook, lender=lender, kind=kind, on=on)
            for place, on in enumerate((date.min, *self._changes))
            for kind in ProductKind
        }
        #: Every number of days, and of months, that is a limit on some day.
        self.days = sorted({timedelta(days=after) for limits in self._limits.values() for after, _ in limits.days})
        self.months = sorted({after for limits in self._limits.values() for after, _ in limits.months})

    def limits(self, on: date, *, kind: ProductKind) -> Limits:
        """The limits of a day-end."""
        return self._limits[bisect_right(self._changes, on), kind]

    def trial(self, on: date, *, borrower: BorrowerKind = BorrowerKind.INDIVIDUAL) -> Trial | None:
        """What a loan that was restructured on a day has to show before it is standard again; None: nothing."""

        def row(rule: Rule) -> RuleRow | None:
            return self._book.find_or_none(rule, on=on, lender=self._lender, borrower=borrower)

        def holds(rule: Rule) -> bool:
            found = row(rule)
            return found is not None and found.holds

        percent = row(Rule.RESTRUCTURED_UPGRADE_REPAID_PERCENT)
        months, days = row(Rule.RESTRUCTURED_UPGRADE_AFTER_MONTHS), row(Rule.RESTRUCTURED_DEFAULT_AFTER_DAYS)
        if not holds(Rule.RESTRUCTURED_IS_NPA) or months is None or days is None:
            return None
        return Trial(
            percent=Decimal(0) if percent is None else percent.percent,
            months=months.number,
            default_after_days=days.number,
            at_once=holds(Rule.RESTRUCTURED_MONITORED_AT_ONCE),
            clear_at_end=holds(Rule.RESTRUCTURED_NOTHING_OVERDUE_AT_END),
            anew_after_default=holds(Rule.RESTRUCTURED_ANEW_AFTER_DEFAULT),
        )

    def is_changed_on(self, on: date) -> bool:
        """Whether a limit changes on a day."""
        return on in self._changed

    def changes_between(self, first: date, last: date) -> list[date]:
        """The days on which a limit changes, both ends included."""
        return self._changes[bisect_left(self._changes, first) : bisect_right(self._changes, last)]


def _limits(rulebook: Rulebook, *, lender: LenderKind, kind: ProductKind, on: date) -> Limits:
    def found(rules: Sequence[tuple[Rule, AssetClass]]) -> list[tuple[int, AssetClass]]:
        rows = ((rulebook.find_or_none(rule, on=on, lender=lender, product=kind), after) for rule, after in rules)
        return [(row.number, after) for row, after in rows if row is not None]

    return Limits(found(_BY_DAYS), found(_BY_MONTHS))
