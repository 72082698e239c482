"""The rows about assets: when a facility is overdue and non-performing, income, reports to bureaus.

The day-end process of 2021-11-12 counts the due date as the first day past due: due on 31 March and unpaid, a loan is
overdue on 31 March, in SMA-1 on 30 April, in SMA-2 on 30 May, and non-performing on 29 June.
"""

from datetime import date
from typing import Final

from app.domain.rulebook.kinds import ALL_LENDERS, BANKS, LOANS, NBFCS, LenderKind
from app.domain.rulebook.rules import Counted, Rule, RuleRow, Source, Sureness, Unit

_IRACP = "Income Recognition, Asset Classification and Provisioning Directions, 2025, of the kind of lender"
_DAY_END = Source("DOR.STR.REC.68/21.04.048/2021-22", _IRACP)
_NBFC_UPGRADE = Source("DOR.STR.REC.85/21.04.048/2021-22", _IRACP)
_EARLIER = Source("RBI framework on distressed assets of 2014-01-30", _IRACP)
_NINETY = Source("RBI norm of 90 days from 2004-03-31", _IRACP)
_GLIDE = Source("RBI Scale Based Regulation of 2021-10-22, glide path", _IRACP)
_GLIDE_PAST = Source("RBI Scale Based Regulation of 2021-10-22, glide path", _IRACP, Sureness.MEDIUM)
_PRUDENTIAL = Source("Prudential norms on income recognition and asset classification", _IRACP)
_BUREAU_NBFC = Source("RBI/DOR/2025-26/117", "Credit Information Reporting Directions, 2025, of NBFCs")
_BUREAU = Source("RBI/DOR/2025-26/111, /112, /113, /116", "Credit Information Reporting Directions, 2025, of banks")
_FORTNIGHT = Source("RBI/2024-25/60", "replaced on 2026-07-01")

#: The first day of the ninety days for banks, and of a class by time.
_NORMS = date(2004, 3, 31)
_BASE = frozenset({LenderKind.NBFC_BASE})
_AT_DAY_END = Counted.DAY_END

_UPGRADE = "a borrower is standard again only when all arrears of interest and principal of all facilities are paid"

_CLASSES: Final = (
    RuleRow(
        Rule.SMA_1_AFTER_DAYS, 30, Unit.DAYS, "more days past due than this are SMA-1",
        _EARLIER, date(2014, 4, 1), date(2021, 11, 12), _AT_DAY_END,
    ),
    RuleRow(
        Rule.SMA_1_AFTER_DAYS, 30, Unit.DAYS, "more days past due than this are SMA-1",
        _DAY_END, date(2021, 11, 12), counted=_AT_DAY_END,
    ),
    RuleRow(
        Rule.SMA_2_AFTER_DAYS, 60, Unit.DAYS, "more days past due than this are SMA-2",
        _EARLIER, date(2014, 4, 1), date(2021, 11, 12), _AT_DAY_END,
    ),
    RuleRow(
        Rule.SMA_2_AFTER_DAYS, 60, Unit.DAYS, "more days past due than this are SMA-2",
        _DAY_END, date(2021, 11, 12), counted=_AT_DAY_END,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 90, Unit.DAYS, "more days past due than this are non-performing",
        _NINETY, _NORMS, date(2021, 11, 12), _AT_DAY_END, ALL_LENDERS - _BASE, LOANS,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 90, Unit.DAYS, "more days past due than this are non-performing",
        _DAY_END, date(2021, 11, 12), None, _AT_DAY_END, ALL_LENDERS - _BASE, LOANS,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 180, Unit.DAYS, "more days past due than this are non-performing (base layer)",
        _GLIDE_PAST, _NORMS, date(2024, 3, 31), _AT_DAY_END, _BASE, LOANS,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 150, Unit.DAYS, "more days past due than this are non-performing (base layer)",
        _GLIDE_PAST, date(2024, 3, 31), date(2025, 3, 31), _AT_DAY_END, _BASE, LOANS,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 120, Unit.DAYS, "more days past due than this are non-performing (base layer)",
        _GLIDE_PAST, date(2025, 3, 31), date(2026, 3, 31), _AT_DAY_END, _BASE, LOANS,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 90, Unit.DAYS, "more days past due than this are non-performing (base layer)",
        _GLIDE, date(2026, 3, 31), None, _AT_DAY_END, _BASE, LOANS,
    ),
    RuleRow(
        Rule.NPA_IS_OF_BORROWER, 1, Unit.DUTY, "all facilities of a borrower take the worst class of any of them",
        _DAY_END, _NORMS, counted=_AT_DAY_END,
    ),
    RuleRow(
        Rule.UPGRADE_WHEN_ALL_IS_PAID, 1, Unit.DUTY, _UPGRADE,
        _DAY_END, _NORMS, None, _AT_DAY_END, BANKS,
    ),
    RuleRow(
        Rule.UPGRADE_WHEN_ALL_IS_PAID, 1, Unit.DUTY, _UPGRADE + " (earlier days are judged alike)",
        _NBFC_UPGRADE, date(2022, 10, 1), None, _AT_DAY_END, NBFCS,
    ),
    RuleRow(
        Rule.DOUBTFUL_1_AFTER_MONTHS, 12, Unit.MONTHS, "so long non-performing, and an asset is doubtful",
        _PRUDENTIAL, _NORMS, counted=_AT_DAY_END,
    ),
    RuleRow(
        Rule.DOUBTFUL_2_AFTER_MONTHS, 24, Unit.MONTHS, "so long non-performing (a year doubtful), and it is doubtful 2",
        _PRUDENTIAL, _NORMS, counted=_AT_DAY_END,
    ),
    RuleRow(
        Rule.DOUBTFUL_3_AFTER_MONTHS, 48, Unit.MONTHS, "so long non-performing (three years doubtful): doubtful 3",
        _PRUDENTIAL, _NORMS, counted=_AT_DAY_END,
    ),
    RuleRow(
        Rule.INCOME_OF_NPA_WHEN_RECEIVED, 1, Unit.DUTY,
        "interest of a non-performing asset that was not received is taken out of income, and is income when received",
        _PRUDENTIAL, _NORMS, counted=_AT_DAY_END,
    ),
)  # fmt: skip

_NEW_DATES = date(2026, 7, 1)
_REPORTING: Final = (
    RuleRow(
        Rule.BUREAU_AS_ON_DAYS, (15, 31), Unit.DAYS_OF_MONTH, "credit bureaus get the books as on these days",
        _FORTNIGHT, date(2025, 1, 1), _NEW_DATES, _AT_DAY_END,
    ),
    RuleRow(
        Rule.BUREAU_FILE_WITHIN_DAYS, 7, Unit.DAYS, "a file is given within so many calendar days",
        _FORTNIGHT, date(2025, 1, 1), _NEW_DATES, _AT_DAY_END,
    ),
    *(
        row
        for source, lenders in ((_BUREAU_NBFC, NBFCS), (_BUREAU, BANKS))
        for row in (
            RuleRow(
                Rule.BUREAU_AS_ON_DAYS, (9, 16, 23, 31), Unit.DAYS_OF_MONTH,
                "credit bureaus get the books as on these days; the last day of a month in full",
                source, _NEW_DATES, None, _AT_DAY_END, lenders,
            ),
            RuleRow(
                Rule.BUREAU_FULL_FILE_BY_DAY, 5, Unit.DAYS, "the full file of a month is given by this day of the next",
                source, _NEW_DATES, None, _AT_DAY_END, lenders,
            ),
            RuleRow(
                Rule.BUREAU_FILE_WITHIN_DAYS, 4, Unit.DAYS, "a file of changes is given within so many calendar days",
                source, _NEW_DATES, None, _AT_DAY_END, lenders,
            ),
        )
    ),
)  # fmt: skip

ROWS: Final = (*_CLASSES, *_REPORTING)
