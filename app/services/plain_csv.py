"""Reads a CSV file of one of our own layouts: a header that names the columns, then rows. Nothing is guessed.

A row is used only if it has as many fields as the header. An amount that is written `1,00,000.00` without quotes is
three fields, and the first of them would be one rupee; a file that was cut off ends in a row with too few. Days and
amounts have one spelling each, because a spreadsheet that writes `1.23457E+05` has lost digits.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.money import NotAnAmount, rupees_to_paise

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")
#: What a reader puts in the place of bytes that are not UTF-8.
_NOT_UTF8: Final = "\ufffd"


class HeaderUnknown(Exception):
    """The header lacks a required column, has an unknown one, or names one twice."""


class NotCsv(Exception):
    """A row cannot be read, and neither can what is after it: a quote is not closed, or a field is too long."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """A row. The first one below the header is number 1. `fault` says in words why it cannot be used."""

    number: int
    fields: Mapping[str, str]
    fault: str | None


def read_rows(lines: Iterable[str], *, columns: Sequence[str], required: Sequence[str]) -> Iterator[CsvRow]:
    """The rows that are not blank, with the fields by their columns, which may stand in any order.

    Raises HeaderUnknown, NotCsv.
    """
    reader = csv.reader(lines, strict=True)
    number = 0
    try:
        names = [name.strip().lower() for name in next(reader, ())]
        if len(set(names)) < len(names) or not set(required) <= set(names) <= set(columns):
            raise HeaderUnknown
        for number, fields in enumerate(filter(None, reader), start=1):
            found = dict(zip(names, map(str.strip, fields), strict=False))
            yield CsvRow(number=number, fields=found, fault=_fault(fields, width=len(names)))
    except (csv.Error, UnicodeDecodeError):
        raise NotCsv(number + 1) from None


def _fault(fields: Sequence[str], *, width: int) -> str | None:
    if len(fields) != width:
        return f"has {len(fields)} fields and the header {width}: write amounts without commas"
    if any(_NOT_UTF8 in field or not field.strip().isprintable() for field in fields):
        return "holds a character that cannot be read: save the file as CSV in UTF-8"
    return None


def read_day(text: str) -> date:
    """The day of a text such as 2026-12-21. Raises ValueError for any other text, and if there is no such day."""
    if not _DAY.fullmatch(text):
        raise ValueError("a day is written as 2026-12-21")
    return date.fromisoformat(text)


def read_paise(text: str) -> int:
    """The paise of a text such as 1234.50. Raises NotAnAmount."""
    if not _AMOUNT.fullmatch(text):
        raise NotAnAmount("an amount is a number of rupees, such as 1234.50", field="amount")
    return rupees_to_paise(text)
