"""The rows about restructured loans: non-performing at once, and what they have to show before they are standard again.

Two sets of norms stand side by side. Under the framework of 2019-06-07 a loan is monitored from its restructuring until
a part of it is repaid, and any default within that time counts. Lenders outside the framework, and small enterprises
with every lender, have a specified period of one year from the first payment, in which some lateness is allowed.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.rulebook.kinds import ALL_BORROWERS, ALL_LENDERS, LOANS, SMALL_BUSINESS, BorrowerKind, LenderKind
from app.domain.rulebook.rules import Rule, RuleRow, Source, Sureness, Unit, Value

_STRESSED = "Resolution of Stressed Assets Directions, 2025, of the kind of lender"
_FRAMEWORK_SURE = Source("RBI/2018-19/203", _STRESSED)
#: The same year stands in the norms beside it; the other figures of the annex were not found in a second place.
_FRAMEWORK_YEAR = Source("RBI/2018-19/203, annex 1", _STRESSED, Sureness.MEDIUM)
_FRAMEWORK_READ = Source("RBI/2018-19/203, annex 1", _STRESSED, Sureness.LOW)
_NORMS_SURE = Source("RBI/2013-14/459 and the norms for banks of 2013-05-30", _STRESSED)
_NORMS = Source("RBI/2013-14/459 and the norms for banks of 2013-05-30", _STRESSED, Sureness.MEDIUM)
_NORMS_INFERRED = Source("RBI/2013-14/459 and the norms for banks of 2013-05-30", _STRESSED, Sureness.LOW)
_SMALL = Source("RBI/2018-19/100", _STRESSED)
_SMALL_INFERRED = Source("RBI/2018-19/100", _STRESSED, Sureness.LOW)

#: Since when a restructured standard loan is non-performing, since when the framework holds, and the norms for MSMEs.
_NO_BENEFIT, _FROM, _SMALL_FROM = date(2015, 4, 1), date(2019, 6, 7), date(2019, 1, 1)
#: The framework is for scheduled commercial banks, small finance banks, institutions, and larger NBFCs.
_UNDER = frozenset(
    {
        LenderKind.BANK,
        LenderKind.SMALL_FINANCE_BANK,
        LenderKind.ALL_INDIA_INSTITUTION,
        LenderKind.NBFC_UPPER,
        LenderKind.NBFC_MIDDLE,
    }
)
_OTHERS = ALL_LENDERS - _UNDER
_NOT_SMALL = ALL_BORROWERS - SMALL_BUSINESS

_YEAR = "standard again not before so long after the first interest or principal fell due, whichever is later"
_LATE = "more days past due than this within the monitoring period are a default"
_AT_END = "an instalment that is overdue when the specified period ends is a default"
_ANEW = "after a default within the monitoring period a loan is standard again only by another restructuring"
_ANEW_STRICTER = (
    "after a default within the specified period the norms look at the plan before the restructuring; here only another"
    " restructuring makes the loan standard, which is stricter"
)


def _row(
    rule: Rule,
    value: Value,
    unit: Unit,
    words: str,
    source: Source,
    *,
    from_on: date,
    until: date | None = None,
    lenders: frozenset[LenderKind] = ALL_LENDERS,
    borrowers: frozenset[BorrowerKind] = ALL_BORROWERS,
) -> RuleRow:
    return RuleRow(
        rule, value, unit, words, source, from_on, until, lenders=lenders, products=LOANS, borrowers=borrowers
    )


def _specified_period(
    *,
    days: tuple[int, Source],
    at_end: bool,
    source: Source,
    inferred: Source,
    from_on: date,
    until: date | None,
    lenders: frozenset[LenderKind],
    borrowers: frozenset[BorrowerKind],
) -> tuple[RuleRow, ...]:
    """The rows of a specified period of one year from the first payment, in which some days of lateness are allowed."""
    rows: list[tuple[Rule, Value, Unit, str, Source]] = [
        (Rule.RESTRUCTURED_UPGRADE_AFTER_MONTHS, 12, Unit.MONTHS, _YEAR, source),
        (Rule.RESTRUCTURED_DEFAULT_AFTER_DAYS, days[0], Unit.DAYS, _LATE, days[1]),
        (Rule.RESTRUCTURED_ANEW_AFTER_DEFAULT, 1, Unit.DUTY, _ANEW_STRICTER, inferred),
    ]
    if at_end:
        rows.append((Rule.RESTRUCTURED_NOTHING_OVERDUE_AT_END, 1, Unit.DUTY, _AT_END, source))
    return tuple(_row(*values, from_on=from_on, until=until, lenders=lenders, borrowers=borrowers) for values in rows)


_OLDER: Final = tuple(
    row
    for lenders, borrowers, until in (
        (_UNDER, _NOT_SMALL, _FROM),
        (_OTHERS, _NOT_SMALL, None),
        (ALL_LENDERS, SMALL_BUSINESS, _SMALL_FROM),
    )
    for row in _specified_period(
        days=(90, _NORMS),
        at_end=True,
        source=_NORMS,
        inferred=_NORMS_INFERRED,
        from_on=_NO_BENEFIT,
        until=until,
        lenders=lenders,
        borrowers=borrowers,
    )
)
_SMALL_ENTERPRISES: Final = _specified_period(
    days=(30, _SMALL),
    at_end=False,
    source=_SMALL,
    inferred=_SMALL_INFERRED,
    from_on=_SMALL_FROM,
    until=None,
    lenders=ALL_LENDERS,
    borrowers=SMALL_BUSINESS,
)
_MONITORED: Final = tuple(
    _row(*values, from_on=_FROM, lenders=_UNDER, borrowers=_NOT_SMALL)
    for values in (
        (
            Rule.RESTRUCTURED_UPGRADE_REPAID_PERCENT,
            Decimal(10),
            Unit.PERCENT,
            "standard again only after so much of the restructured principal, with capitalised interest, is repaid",
            _FRAMEWORK_READ,
        ),
        (Rule.RESTRUCTURED_UPGRADE_AFTER_MONTHS, 12, Unit.MONTHS, _YEAR, _FRAMEWORK_YEAR),
        (
            Rule.RESTRUCTURED_MONITORED_AT_ONCE,
            1,
            Unit.DUTY,
            "the monitoring period begins with the restructuring, and not with the first payment",
            _FRAMEWORK_READ,
        ),
        (Rule.RESTRUCTURED_DEFAULT_AFTER_DAYS, 0, Unit.DAYS, _LATE, _FRAMEWORK_READ),
        (Rule.RESTRUCTURED_ANEW_AFTER_DEFAULT, 1, Unit.DUTY, _ANEW, _FRAMEWORK_READ),
    )
)
_AT_ONCE: Final = tuple(
    _row(
        Rule.RESTRUCTURED_IS_NPA,
        1,
        Unit.DUTY,
        "a loan that is restructured for the borrower's financial difficulty is non-performing at once; one that was so"
        " before keeps its class",
        source,
        from_on=from_on,
        until=until,
        lenders=lenders,
    )
    for source, from_on, until, lenders in (
        (_NORMS_SURE, _NO_BENEFIT, _FROM, _UNDER),
        (_NORMS_SURE, _NO_BENEFIT, None, _OTHERS),
        (_FRAMEWORK_SURE, _FROM, None, _UNDER),
    )
)

ROWS: Final = (*_AT_ONCE, *_MONITORED, *_OLDER, *_SMALL_ENTERPRISES)
