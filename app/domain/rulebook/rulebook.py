"""A rulebook: rows that do not contradict each other, and the look-up of the row of a day.

A period is half-open: a row is in force from `from_on` until the day before `until`. Two rows of one rule may stand
side by side only if no lender, product and borrower would find both on one day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from app.domain.errors import Invalid, NotFound
from app.domain.rulebook.kinds import BorrowerKind, LenderKind, ProductKind
from app.domain.rulebook.rules import Rule, RuleRow, Unit

_HUNDRED = Decimal(100)
_PAIRS = frozenset({Unit.HOURS_OF_DAY, Unit.MINUTES_OF_DAY})


class RuleWithoutReference(Invalid):
    """A row of the rulebook does not say where its rule is written. Add the reference, and the direction that it now
    stands in."""

    code = "rule_without_reference"


class RulesOverlap(Invalid):
    """Two rows of one rule would both be in force on a day for one lender, product and borrower. End the earlier row on
    the day on which the later one begins."""

    code = "rules_overlap"


class RuleInvalid(Invalid):
    """A row of the rulebook contradicts itself: it ends before it begins, binds nobody, or its value does not suit its
    unit. Correct the row."""

    code = "rule_invalid"


class RuleNotInForce(NotFound):
    """On that day no row of the rule binds such a lender, product and borrower. Choose a day on which the rule is in
    force, or add the row."""

    code = "rule_not_in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A rule on the day on which it changes: the row that ends (None: the rule is new), and the row that begins (None:
    the rule ends)."""

    on: date
    before: RuleRow | None
    after: RuleRow | None


class Rulebook:
    """Rows that were checked. Raises RuleWithoutReference, RuleInvalid, RulesOverlap when it is made."""

    __slots__ = ("_of_rule", "rows")

    def __init__(self, rows: Iterable[RuleRow]) -> None:
        self.rows: Sequence[RuleRow] = tuple(sorted(rows, key=lambda row: (list(Rule).index(row.rule), row.from_on)))
        self._of_rule: dict[Rule, list[RuleRow]] = defaultdict(list)
        for row in self.rows:
            _check(row)
            self._of_rule[row.rule].append(row)
        for of_one in self._of_rule.values():
            _check_apart(of_one)

    def find(
        self,
        rule: Rule,
        *,
        on: date,
        lender: LenderKind,
        product: ProductKind = ProductKind.LOAN,
        borrower: BorrowerKind = BorrowerKind.INDIVIDUAL,
    ) -> RuleRow:
        """The row that is in force on a day. Raises RuleNotInForce."""
        found = self.find_or_none(rule, on=on, lender=lender, product=product, borrower=borrower)
        if found is None:
            raise RuleNotInForce(
                f"{rule.value} is not in force on {on} for {lender.value}, {product.value}, {borrower.value}",
                field="on",
                rule=rule.value,
            )
        return found

    def find_or_none(
        self,
        rule: Rule,
        *,
        on: date,
        lender: LenderKind,
        product: ProductKind = ProductKind.LOAN,
        borrower: BorrowerKind = BorrowerKind.INDIVIDUAL,
    ) -> RuleRow | None:
        """The row that is in force on a day, or None."""
        for row in self._of_rule.get(rule, ()):
            if row.is_in_force(on) and row.is_for(lender=lender, product=product, borrower=borrower):
                return row
        return None

    def rows_of(self, rule: Rule, *, lender: LenderKind, product: ProductKind) -> list[RuleRow]:
        """All rows of a rule that bind a lender for a kind of product, whoever borrows, the oldest first."""
        return [row for row in self._of_rule.get(rule, ()) if lender in row.lenders and product in row.products]

    def in_force(self, on: date, *, lender: LenderKind) -> list[RuleRow]:
        """Every row that is in force for a lender on a day, in the order of the rules."""
        return [row for row in self.rows if lender in row.lenders and row.is_in_force(on)]

    def changes_after(self, on: date, *, lender: LenderKind) -> list[Change]:
        """What changes for a lender after a day, the nearest first."""
        ours = [row for row in self.rows if lender in row.lenders]
        begins = [(row.from_on, row) for row in ours if row.from_on > on]
        found = [Change(on=day, before=_ending(ours, row), after=row) for day, row in begins]
        continued = {(change.before, change.on) for change in found}
        found += [
            Change(on=row.until, before=row, after=None)
            for row in ours
            if row.until is not None and row.until > on and (row, row.until) not in continued
        ]
        return sorted(found, key=lambda change: change.on)


def _ending(rows: Iterable[RuleRow], after: RuleRow) -> RuleRow | None:
    """The row that ends where another one begins, for the same products and borrowers."""
    for row in rows:
        is_same = row.rule is after.rule and row.until == after.from_on
        if is_same and row.products & after.products and row.borrowers & after.borrowers:
            return row
    return None


def _check(row: RuleRow) -> None:
    for field in ("reference", "lives_in"):
        if not getattr(row.source, field).strip():
            raise RuleWithoutReference(f"{row.rule.value} from {row.from_on} has no {field}", field=row.rule.value)
    for holds, words in _sense(row):
        if not holds:
            raise RuleInvalid(f"{row.rule.value} from {row.from_on}: {words}", field=row.rule.value)


def _sense(row: RuleRow) -> Iterator[tuple[bool, str]]:
    yield row.until is None or row.until > row.from_on, "it ends after it begins"
    yield bool(row.lenders and row.products and row.borrowers), "it binds somebody"
    yield bool(row.words.strip()), "it says in words what it asks for"
    value, unit = row.value, row.unit
    if unit is Unit.PERCENT:
        yield isinstance(value, Decimal) and 0 <= value <= _HUNDRED, "a percentage is a decimal from 0 to 100"
    elif unit is Unit.DUTY:
        yield type(value) is int and value in (0, 1), "a duty is 1 or 0"
    elif unit in _PAIRS:
        in_order = isinstance(value, tuple) and len(value) % 2 == 0 and list(value) == sorted(set(value))
        yield in_order, "times of a day are pairs in order"
    elif unit is Unit.DAYS_OF_MONTH:
        in_order = isinstance(value, tuple) and bool(value) and list(value) == sorted(set(value))
        yield in_order and all(1 <= day <= 31 for day in value), "days of a month are from 1 to 31, in order"  # type: ignore[union-attr]
    else:
        yield type(value) is int and value >= 0, "it is a whole number, 0 or more"


def _check_apart(rows: Iterable[RuleRow]) -> None:
    for first, second in combinations(rows, 2):
        meet = first.lenders & second.lenders and first.products & second.products
        if not (meet and first.borrowers & second.borrowers):
            continue
        if first.is_before_the_end_of(second) and second.is_before_the_end_of(first):
            raise RulesOverlap(
                f"{first.rule.value}: the rows from {first.from_on} and from {second.from_on} overlap",
                field=first.rule.value,
            )
