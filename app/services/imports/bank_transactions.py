"""Bank transactions in files: the meaning of each column, and the checks of a row.

Files come in four layouts and in more spellings. Rows are checked a whole column at a time. A refused row gets the code
of its first fault. No value is guessed, because a guessed amount or identity is worse than a missing one. No reason
repeats a value of the row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl

from app.domain.money import MAX_PAISE
from app.domain.people.aadhaar import AadhaarCheck, AadhaarInvalid, parse_aadhaar
from app.domain.people.customers import is_external_id
from app.domain.public_ids import NotAnId, parse_user_id
from app.services.tables.columns import (
    EXTRA,
    ROW_NUMBER,
    YEARS,
    LayoutUnknown,
    first_fault,
    or_null,
    read_days,
    read_paise,
    too_many_fields,
)
from app.services.tables.headers import DAYS, RUPEES, Aliases, Top, match_header, require

ALIASES: Final[Aliases] = {
    "aadhaar": ("aadhaar", "aadhar", "aadhaar id", "aadhar id", "aadhaar number", "aadhar number", "aadhaar no"),
    "user": ("user", "user id", "customer", "customer id", "unique user id"),
    "date": ("date", "transaction date", "transacted date", "txn date"),
    "amount": ("amount", "transaction amount", "txn amount"),
    "direction": ("transaction type", "type", "txn type"),
    "description": ("description", "narration", "remarks", "particulars"),
}
UNITS: Final[Mapping[str, Sequence[str]]] = {"date": DAYS, "amount": RUPEES}
WANTED: Final = (("user", "aadhaar"), ("date",), ("amount",), ("direction",))
DIRECTIONS: Final = {"CREDIT": "CREDIT", "CR": "CREDIT", "DEBIT": "DEBIT", "DR": "DEBIT"}
LONGEST_DESCRIPTION: Final = 1_000
#: Characters that no text may hold: NUL, and the replacement for bytes that are not UTF-8.
UNUSABLE: Final = ["\0", "\ufffd"]

REASONS: Final[Mapping[str, str]] = {
    "too_many_fields": "the row has more fields than the header",
    "person_missing": "the row does not say whose transaction it is",
    "aadhaar_invalid": "the Aadhaar number does not have 12 digits (a spreadsheet may shorten it), or is not valid",
    "person_unreadable": "the id is neither one of ours, nor an Aadhaar number, nor an id of another system",
    "user_unknown": "there is no such user",
    "date_missing": "the date is missing",
    "date_unreadable": "the date is not in the form YYYY-MM-DD or D/M/YYYY, or there is no such day",
    "amount_missing": "the amount is missing",
    "amount_unreadable": (
        "the amount is not a number of rupees with at most two decimals (a computed cell may hold more than it shows);"
        " only \u20b9, Rs or INR may stand before it, and /- after it"
    ),
    "amount_not_positive": "the amount is not more than 0",
    "amount_too_large": "the amount is more than 1e11 rupees",
    "type_unknown": "the type is neither CREDIT nor DEBIT",
    "description_unusable": "the description is longer than 1,000 characters or holds a character that cannot be read",
}

_OURS = re.compile(r"BC-USER-[0-9]+", re.ASCII | re.IGNORECASE)
# An Aadhaar number that lost digits, or a number as a spreadsheet writes it: 1.11122E+11, 123456789012.0
_DAMAGED = re.compile(r"[0-9]{9,}|[0-9]+[.,][0-9]*(E[+-]?[0-9]+)?|[0-9]+E[+-]?[0-9]+", re.ASCII | re.IGNORECASE)
_TWELVE_DIGITS = re.compile(r"[0-9]{12}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}", re.ASCII)


class PersonKind(StrEnum):
    """The kind of a person's id in a row."""

    OURS = "ours"
    AADHAAR = "aadhaar"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person that a row names: by our number, an Aadhaar number, or an id of another system."""

    kind: PersonKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a file. `people` is AADHAAR if persons are named by Aadhaar numbers only, else EXTERNAL."""

    people: PersonKind
    person: str
    date: str
    amount: str
    direction: str
    description: str | None

    @property
    def columns(self) -> list[str]:
        """The columns that have a meaning."""
        found = [self.person, self.date, self.amount, self.direction, self.description]
        return [column for column in found if column is not None]


def find_layout(header: Sequence[str], *, top: Top = ()) -> Layout:
    """The layout of a header. Unknown columns are left out. Raises `LayoutUnknown`."""
    found = match_header(header, aliases=ALIASES, units=UNITS)
    if {"aadhaar", "user"} <= found.keys():
        raise LayoutUnknown("the header has two columns for the person", field="file")
    require(found, header=header, wanted=WANTED, aliases=ALIASES, units=UNITS, top=top)
    return Layout(
        people=PersonKind.AADHAAR if "aadhaar" in found else PersonKind.EXTERNAL,
        person=found.get("aadhaar") or found["user"],
        date=found["date"],
        amount=found["amount"],
        direction=found["direction"],
        description=found.get("description"),
    )


def identify(text: str, *, people: PersonKind, check: AadhaarCheck) -> Person | str:
    """The person that an id names, or the code of the id's fault."""
    if people is PersonKind.AADHAAR or _TWELVE_DIGITS.fullmatch(text):
        try:
            return Person(kind=PersonKind.AADHAAR, value=parse_aadhaar(text, check=check))
        except AadhaarInvalid as error:
            return error.code
    if _OURS.fullmatch(text):
        try:
            return Person(kind=PersonKind.OURS, value=str(parse_user_id(text.upper())))
        except NotAnId:
            return "user_unknown"
    if _DAMAGED.fullmatch(text):
        return AadhaarInvalid.code
    return Person(kind=PersonKind.EXTERNAL, value=text) if is_external_id(text) else "person_unreadable"


def check_rows(rows: pl.DataFrame, *, layout: Layout) -> pl.DataFrame:
    """A block's rows as `row_number, person, transacted_on, direction, amount_paise, description, code`.

    `code` is that of the first fault of a row, and null if it has none. The person is not identified here.
    """
    description = pl.lit(None, dtype=pl.String) if layout.description is None else or_null(layout.description)
    texts = rows.select(
        ROW_NUMBER,
        EXTRA,
        or_null(layout.person).alias("person"),
        or_null(layout.date).alias("date"),
        or_null(layout.amount).alias("amount"),
        pl.col(layout.direction).str.to_uppercase().replace_strict(DIRECTIONS, default=None).alias("direction"),
        description.alias("description"),
    )
    read = texts.with_columns(transacted_on=read_days(texts["date"]), amount_paise=read_paise(texts["amount"]))
    return read.select(
        ROW_NUMBER, "person", "transacted_on", "direction", "amount_paise", "description", _first_fault().alias("code")
    )


def add_plain_paise(rows: pl.LazyFrame, *, layout: Layout, is_clean: bool = False) -> pl.LazyFrame:
    """Parsed rows with `paise`, the amount that each adds to its person's balance. `paise` is null if the row has a
    fault or an unusual spelling; then `check_rows` must decide. Rows that are certainly `is_clean` have no character of
    `UNUSABLE`.

    Every condition is narrower than that of `check_rows`. So a row that passes here passes there, if it also has a
    plain day (`with_plain_days`) and no more fields than the header.
    """
    description = pl.lit(None, dtype=pl.String) if layout.description is None else pl.col(layout.description)
    amount, direction = pl.col(layout.amount), pl.col(layout.direction)
    is_short = description.str.len_bytes() <= LONGEST_DESCRIPTION
    read = rows.with_columns(
        # Eleven digits and two decimals are below MAX_PAISE; a decimal with scale 2 is stored as an integer of paise.
        paise=amount.cast(pl.Decimal(15, 2), strict=False).to_physical().cast(pl.Int64),
        is_amount=amount.str.contains(r"^[0-9]{1,11}(?:\.[0-9]{1,2})?$"),
        is_usable=is_short if is_clean else is_short & ~description.str.contains_any(UNUSABLE),
        is_credit=direction.is_in(_spellings("CREDIT")),
        is_debit=direction.is_in(_spellings("DEBIT")),
    )
    is_plain = (
        pl.col(layout.person).is_not_null() & pl.col("is_amount") & (pl.col("paise") > 0)
        & pl.col("is_usable").fill_null(value=True) & (pl.col("is_credit") | pl.col("is_debit"))
    )  # fmt: skip
    signed = pl.when("is_credit").then("paise").otherwise(-pl.col("paise"))
    return read.with_columns(paise=pl.when(is_plain).then(signed)).drop(
        "is_amount", "is_usable", "is_credit", "is_debit"
    )


def with_plain_days(rows: pl.DataFrame, *, layout: Layout) -> pl.DataFrame:
    """Sets `paise` to null also if the day is not in the form YYYY-MM-DD.

    Each different day is checked first, because many rows have few different days.
    """
    day = pl.col(layout.date).str.to_date("%Y-%m-%d", strict=False, cache=False)
    is_day = day.dt.year().is_between(*YEARS).fill_null(value=False)
    if rows.select(pl.col(layout.date).unique()).select(is_day.all()).item():
        return rows
    return rows.with_columns(pl.when(is_day).then("paise").alias("paise"))


def is_plainly_external(person: str) -> pl.Expr:
    """Whether an id is certainly one of another system: it is not one of ours and not a number, even a damaged one."""
    text = pl.col(person)
    return (
        text.str.contains(r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
        & text.str.contains(r"[A-DF-Za-df-z]")
        & ~text.str.contains(r"^(?i)BC-USER-")
    )


def _spellings(direction: str) -> list[str]:
    words = [word for word, meaning in DIRECTIONS.items() if meaning == direction]
    return [spelled for word in words for spelled in (word, word.lower(), word.title())]


def _first_fault() -> pl.Expr:
    """The code of the first fault of a row, in the order of the columns."""
    paise, description = pl.col("amount_paise"), pl.col("description")
    unusable = (description.str.len_chars() > LONGEST_DESCRIPTION) | description.str.contains_any(UNUSABLE)
    faults = (
        (too_many_fields(), "too_many_fields"),
        (pl.col("person").is_null(), "person_missing"),
        (pl.col("date").is_null(), "date_missing"),
        (pl.col("transacted_on").is_null(), "date_unreadable"),
        (pl.col("amount").is_null(), "amount_missing"),
        (paise.is_null(), "amount_unreadable"),
        (paise <= 0, "amount_not_positive"),
        (paise > MAX_PAISE, "amount_too_large"),
        (pl.col("direction").is_null(), "type_unknown"),
        (unusable, "description_unusable"),
    )
    return first_fault(faults)
