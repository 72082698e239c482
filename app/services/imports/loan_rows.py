"""Loans of other lenders in files: the meaning of each column, and the checks of a row.

The instalment, the dates and the number of instalments paid on time are stored as given, however they were computed. A
row is refused if it contradicts itself or a figure cannot be read. The loan id is the other lender's, and identifies a
loan only together with the customer: real files give one id to two people.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from app.domain.money import MAX_PAISE
from app.services.imports.customer_rows import DECIMALS, ID_REASON, id_faults, person_faults
from app.services.tables.columns import (
    EXTRA,
    ROW_NUMBER,
    column_position,
    first_fault,
    or_null,
    read_days,
    read_paise,
    read_percent,
    read_whole,
    too_many_fields,
)
from app.services.tables.headers import DAYS, MONTHS, PERCENT, RUPEES, Aliases, Top, match_header, require, says_percent

ALIASES: Final[Aliases] = {
    "customer_id": ("customer id", "cust id", "customer no", "customer number", "user id", "customer"),
    "loan_id": ("loan id", "loan no", "loan number", "loan", "external id"),
    "amount": ("loan amount", "amount", "principal", "sanctioned amount"),
    "tenure": ("tenure", "loan term", "term", "months"),
    "rate": ("interest rate", "rate", "annual rate", "apr", "interest", "rate of interest", "roi"),
    "instalment": (
        "monthly payment", "monthly repayment", "monthly installment", "monthly instalment", "emi", "emi amount",
        "installment", "instalment",
    ),
    "on_time": ("emis paid on time", "emi paid on time", "paid on time", "emis on time", "instalments paid on time"),
    "approved_on": ("date of approval", "approval date", "approved on", "start date", "loan start date"),
    "ends_on": ("end date", "loan end date", "ends on", "maturity date"),
}  # fmt: skip
UNITS: Final[Mapping[str, Sequence[str]]] = {
    "amount": RUPEES, "tenure": MONTHS, "rate": PERCENT, "instalment": RUPEES, "approved_on": DAYS, "ends_on": DAYS,
}  # fmt: skip
WANTED: Final = tuple((meaning,) for meaning in ALIASES)
COLUMNS: Final = (
    "customer", "external_id", "amount_paise", "tenure", "annual_rate_percent", "instalment_paise", "paid_on_time",
    "approved_on", "ends_on",
)  # fmt: skip
MOST_MONTHS: Final = 600
#: The ids that banks give to loans.
LOAN_ID_PATTERN: Final = r"^[._:*@#/-]{0,63}[A-Za-z0-9][A-Za-z0-9._:*@#/-]{0,63}$"

REASONS: Final[Mapping[str, str]] = {
    "too_many_fields": "the row has more fields than the header",
    "customer_missing": "the customer id is missing",
    "customer_unreadable": ID_REASON,
    "loan_missing": "the loan id is missing",
    "loan_unreadable": (
        "the loan id is not up to 64 letters, digits and . _ : - * @ # /, or a spreadsheet has shortened it"
    ),
    "amount_unreadable": f"the loan amount is missing, or not a number of rupees above 0 and up to 1e11, {DECIMALS}",
    "tenure_unreadable": f"the tenure is missing, or not a whole number of months from 1 to {MOST_MONTHS}",
    "rate_unreadable": (
        "the interest rate is missing, or not a number of percent a year from 0 to 100, with at most eight decimals;"
        " only % may stand after it"
    ),
    "rate_ambiguous": "the interest rate is below 1: write 0.105% or 10.5%, or put (%) into the header",
    "instalment_unreadable": (
        f"the monthly payment is missing, or not a number of rupees above 0 and up to 1e11, {DECIMALS}"
    ),
    "on_time_unreadable": "the number of instalments paid on time is missing, or not a whole number",
    "on_time_above_tenure": "more instalments were paid on time than there are",
    "approval_unreadable": (
        "the date of approval is missing, is not in the form YYYY-MM-DD or D/M/YYYY, or there is no such day"
    ),
    "end_unreadable": "the end date is missing, is not in the form YYYY-MM-DD or D/M/YYYY, or there is no such day",
    "end_before_approval": "the loan ends before it was approved",
    "loan_twice": "the file has this loan of this customer in an earlier row",
    "loan_exists": "this loan of this customer is stored already; nothing was changed",
}


def find_layout(header: Sequence[str], *, top: Top = ()) -> dict[str, str]:
    """The column of each meaning, and `percent` if the header says that rates are in percent. Raises
    `LayoutUnknown`."""
    found = match_header(header, aliases=ALIASES, units=UNITS)
    require(found, header=header, wanted=WANTED, aliases=ALIASES, units=UNITS, top=top)
    if says_percent(header[column_position(found["rate"])]):
        found["percent"] = found["rate"]
    return found


def check_rows(rows: pl.DataFrame, *, layout: Mapping[str, str]) -> pl.DataFrame:
    """A block's rows as `row_number`, the `COLUMNS` and `code`, the code of the first fault of a row or null."""
    texts = rows.select(ROW_NUMBER, EXTRA, **{meaning: or_null(layout[meaning]) for meaning in ALIASES})
    read = texts.with_columns(
        amount_paise=read_paise(texts["amount"]),
        instalment_paise=read_paise(texts["instalment"]),
        tenure=read_whole("tenure"),
        paid_on_time=read_whole("on_time"),
        annual_rate_percent=read_percent("rate"),
        approved_on=read_days(texts["approved_on"]),
        ends_on=read_days(texts["ends_on"]),
    )
    return read.select(
        ROW_NUMBER,
        pl.col("customer_id").alias("customer"),
        pl.col("loan_id").alias("external_id"),
        *COLUMNS[2:],
        code=first_fault(_faults(is_percent="percent" in layout)),
    )


def _faults(*, is_percent: bool) -> list[tuple[pl.Expr, str]]:
    rate = pl.col("annual_rate_percent").cast(pl.Float64)
    return [
        (too_many_fields(), "too_many_fields"),
        *person_faults("customer_id", missing="customer_missing", unreadable="customer_unreadable"),
        *id_faults("loan_id", missing="loan_missing", unreadable="loan_unreadable", pattern=LOAN_ID_PATTERN),
        (_outside("amount_paise", 1, MAX_PAISE), "amount_unreadable"),
        (_outside("tenure", 1, MOST_MONTHS), "tenure_unreadable"),
        ((rate > 100).fill_null(True), "rate_unreadable"),
        # 0.105 may mean 0.105 %, or 10.5 % written as a fraction.
        ((rate > 0) & (rate < 1) & ~pl.col("rate").str.ends_with("%") & (not is_percent), "rate_ambiguous"),
        (_outside("instalment_paise", 1, MAX_PAISE), "instalment_unreadable"),
        (pl.col("paid_on_time").is_null(), "on_time_unreadable"),
        (pl.col("paid_on_time") > pl.col("tenure"), "on_time_above_tenure"),
        (pl.col("approved_on").is_null(), "approval_unreadable"),
        (pl.col("ends_on").is_null(), "end_unreadable"),
        (pl.col("ends_on") < pl.col("approved_on"), "end_before_approval"),
    ]


def _outside(column: str, least: int, most: int) -> pl.Expr:
    return ~pl.col(column).is_between(least, most).fill_null(False)
