"""Customers in files: the meaning of each column, and the checks of a row.

A row is a person with an id of another system, a name, a monthly salary and an approved limit. The limit is stored as
given and never computed again. The id is text: `007` and `7` are two people. A long number that a spreadsheet shortened
(`1.11122E+11`) is refused. No reason repeats a value of the row.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from app.domain.money import MAX_PAISE
from app.domain.people.aadhaar import is_aadhaar
from app.domain.people.customers import AGES, NAME_LENGTH
from app.services.tables.columns import EXTRA, ROW_NUMBER, first_fault, or_null, read_paise, read_whole, too_many_fields
from app.services.tables.headers import RUPEES, YEARS_OLD, Aliases, Top, match_header, require

ALIASES: Final[Aliases] = {
    "customer_id": ("customer id", "cust id", "customer no", "customer number", "user id", "external id"),
    "first_name": ("first name", "given name"),
    "last_name": ("last name", "surname", "family name"),
    "age": ("age", "age years"),
    "phone": ("phone number", "phone", "phone no", "mobile", "mobile number", "contact number"),
    "salary": ("monthly salary", "monthly income", "salary"),
    "limit": ("approved limit", "credit limit", "limit"),
}
UNITS: Final[Mapping[str, Sequence[str]]] = {"age": YEARS_OLD, "salary": RUPEES, "limit": RUPEES}
WANTED: Final = (("customer_id",), ("first_name",), ("last_name",), ("salary",), ("limit",))
COLUMNS: Final = ("external_id", "first_name", "last_name", "age", "phone", "salary_paise", "limit_paise")

#: An id may be what `is_external_id` accepts (which no Aadhaar number is), unless a spreadsheet may have changed it:
#: a spreadsheet cannot hold sixteen digits exactly, and writes numbers with a point or an exponent.
ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
LONGEST_ID: Final = 64
DAMAGED_ID: Final = r"^[0-9]{16,}$|^[0-9]+\.[0-9]*([eE][+-]?[0-9]+)?$|^[0-9]+[eE][+-]?[0-9]+$"
TWELVE_DIGITS: Final = r"^[0-9]{4}-?[0-9]{4}-?[0-9]{4}$"
PHONE_PATTERN: Final = r"^\+?[0-9][0-9 ()-]{4,18}[0-9]$"
UNREADABLE: Final = r"[\x00-\x1f\x7f\x{fffd}]"

#: The end of the reason for every amount that cannot be read.
DECIMALS: Final = (
    "with at most two decimals (a computed cell may hold more than it shows); only \u20b9, Rs or INR may stand before"
    " it, and /- after it"
)
ID_REASON: Final = (
    "the id is not up to 64 letters, digits and . _ : -, has the check digit of an Aadhaar number, or a spreadsheet"
    " has shortened it"
)
REASONS: Final[Mapping[str, str]] = {
    "too_many_fields": "the row has more fields than the header",
    "customer_missing": "the customer id is missing",
    "customer_unreadable": ID_REASON,
    "name_missing": "the first name is missing",
    "name_unusable": "a name is longer than 100 characters or holds a character that cannot be read",
    "age_unreadable": f"the age is not a whole number from {AGES[0]} to {AGES[1]}",
    "phone_unreadable": "the phone number does not have 6 to 20 digits, or a spreadsheet has shortened it",
    "salary_missing": "the monthly salary is missing",
    "salary_unreadable": f"the monthly salary is not a number of rupees from 0 to a twelfth of 1e11, {DECIMALS}",
    "limit_missing": "the approved limit is missing",
    "limit_unreadable": f"the approved limit is not a number of rupees from 0 to 1e11, {DECIMALS}",
    "customer_twice": "the file has this customer in an earlier row",
    "customer_exists": "this customer is registered already; nothing was changed",
}


def find_layout(header: Sequence[str], *, top: Top = ()) -> dict[str, str]:
    """The column of each meaning. Raises `LayoutUnknown`."""
    found = match_header(header, aliases=ALIASES, units=UNITS)
    require(found, header=header, wanted=WANTED, aliases=ALIASES, units=UNITS, top=top)
    return found


def check_rows(rows: pl.DataFrame, *, layout: Mapping[str, str]) -> pl.DataFrame:
    """A block's rows as `row_number`, the `COLUMNS` and `code`, the code of the first fault of a row or null."""
    given = {
        meaning: or_null(layout[meaning]) if meaning in layout else pl.lit(None, dtype=pl.String) for meaning in ALIASES
    }
    texts = rows.select(ROW_NUMBER, EXTRA, **given)
    read = texts.with_columns(
        salary_paise=read_paise(texts["salary"]),
        limit_paise=read_paise(texts["limit"]),
        age_years=read_whole("age"),
    )
    return read.select(
        ROW_NUMBER,
        pl.col("customer_id").alias("external_id"),
        "first_name",
        "last_name",
        pl.col("age_years").alias("age"),
        "phone",
        "salary_paise",
        "limit_paise",
        code=first_fault(_faults()),
    )


def person_faults(column: str, *, missing: str, unreadable: str) -> list[tuple[pl.Expr, str]]:
    """The possible faults of a person's id of another system."""
    faults = id_faults(column, missing=missing, unreadable=unreadable, pattern=ID_PATTERN)
    numbers = pl.when(pl.col(column).str.contains(TWELVE_DIGITS)).then(pl.col(column))
    return [*faults, (numbers.map_elements(is_aadhaar, return_dtype=pl.Boolean), unreadable)]


def id_faults(column: str, *, missing: str, unreadable: str, pattern: str) -> list[tuple[pl.Expr, str]]:
    """The possible faults of an id of another system."""
    value = pl.col(column)
    is_id = value.str.contains(pattern) & (value.str.len_bytes() <= LONGEST_ID)
    return [(value.is_null(), missing), (~is_id | value.str.contains(DAMAGED_ID), unreadable)]


def _faults() -> list[tuple[pl.Expr, str]]:
    first, last, age = pl.col("first_name"), pl.col("last_name"), pl.col("age_years")
    unusable = pl.any_horizontal(
        first.str.len_chars() > NAME_LENGTH // 2,
        last.str.len_chars() > NAME_LENGTH // 2,
        first.str.contains(UNREADABLE),
        last.str.contains(UNREADABLE),
    )
    salary, limit = pl.col("salary_paise"), pl.col("limit_paise")
    return [
        (too_many_fields(), "too_many_fields"),
        *person_faults("customer_id", missing="customer_missing", unreadable="customer_unreadable"),
        (first.is_null(), "name_missing"),
        (unusable, "name_unusable"),
        (pl.col("age").is_not_null() & ~age.is_between(*AGES).fill_null(False), "age_unreadable"),
        (~pl.col("phone").str.contains(PHONE_PATTERN), "phone_unreadable"),
        (pl.col("salary").is_null(), "salary_missing"),
        (~salary.is_between(0, MAX_PAISE // 12).fill_null(False), "salary_unreadable"),
        (pl.col("limit").is_null(), "limit_missing"),
        (~limit.is_between(0, MAX_PAISE).fill_null(False), "limit_unreadable"),
    ]
