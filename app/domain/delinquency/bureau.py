"""What a lender tells credit bureaus: one record a loan, as on the days that the rulebook names.

The last day of a month has a full file: every loan that is open, and every one that changed. The other days have what
changed since the last record of each loan, also where only the days past due did. A record says where the loan stood at
the end of the day, as it is known when the file is made. A correction of the past is therefore in the next file.
Personal data is not in a file: it names customers and loans by their ids. The layout is in docs/bureau-file.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.domain.delinquency.classes import AssetClass
from app.domain.money import paise_to_rupees
from app.domain.rulebook.kinds import LenderKind, ProductKind
from app.domain.rulebook.rulebook import Rulebook
from app.domain.rulebook.rules import Rule, RuleRow


class FileKind(StrEnum):
    """Everything, or what changed."""

    FULL = "full"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauRecord:
    """A loan as it is reported. The fields are the columns of the file, in order; money in paise."""

    user_id: str
    loan_id: str
    product: str
    status: str
    opened_on: date
    closed_on: date | None
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    principal_paise: int
    interest_paise: int
    charges_paise: int
    advance_paise: int
    overdue_paise: int
    days_past_due: int
    asset_class: AssetClass
    non_performing_since: date | None
    written_off_paise: int
    last_paid_on: date | None


_PAISE: Final = "_paise"
#: The columns of a file: the day, and the fields of a record, with money in rupees.
COLUMNS: Final = ("as_on", *(field.name.removesuffix(_PAISE) for field in fields(BureauRecord)))


def bureau_line(record: BureauRecord) -> str:
    """The record as a line of the file, without its first column. Equal records give equal lines."""
    return ",".join(_cell(field.name, getattr(record, field.name)) for field in fields(BureauRecord))


def read_line(line: str) -> dict[str, str]:
    """A line as it was given, by column."""
    return dict(zip(COLUMNS[1:], line.split(","), strict=True))


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and name.endswith(_PAISE):
        return str(paise_to_rupees(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = value.value if isinstance(value, StrEnum) else str(value)
    assert "," not in text, "a cell of the file holds no comma"
    return text


def as_on_days(rulebook: Rulebook, *, lender: LenderKind, after: date | None, through: date) -> Iterator[date]:
    """The days after a day-end, through another one, as on which bureaus are told. Without `after`: the last only."""
    day = through if after is None else after + timedelta(days=1)
    while day <= through:
        row = rulebook.find_or_none(Rule.BUREAU_AS_ON_DAYS, on=day, lender=lender)
        if row is not None and _is_named(row, day):
            yield day
        day += timedelta(days=1)


def file_kind(as_on: date) -> FileKind:
    """The file of a month's last day is full."""
    return FileKind.FULL if is_month_end(as_on) else FileKind.INCREMENTAL


def is_month_end(day: date) -> bool:
    """Whether the next day is in another month."""
    return (day + timedelta(days=1)).day == 1


def _is_named(row: RuleRow, day: date) -> bool:
    """Whether a rule names a day of the month; its largest possible day stands for the last one of every month."""
    return day.day in row.numbers or (is_month_end(day) and max(row.numbers) >= day.day)


def reported_days(days_past_due: int, *, kind: ProductKind, rulebook: Rulebook, on: date, lender: LenderKind) -> int:
    """The days past due that are reported: of a card none until it is past due for more days than the rule allows."""
    row = rulebook.find_or_none(Rule.CARD_LATE_AFTER_DAYS, on=on, lender=lender, product=kind)
    return 0 if row is not None and days_past_due <= row.number else days_past_due
