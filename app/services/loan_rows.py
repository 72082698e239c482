"""Loans of other lenders as they come in files: which column is what, and what makes a row a loan.

A row is taken at its word: the instalment, the dates and the number of instalments paid on time are kept as they
stand, however they were computed. It is refused where it contradicts itself or where a figure cannot be read. The loan
id is the other lender's and says which loan only together with the customer: real files give one id to two people.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from app.domain.money import MAX_PAISE
from app.services.columns import (
    EXTRA,
    ROW_NUMBER,
    first_fault,
    match_header,
    or_null,
    read_days,
    read_paise,
    read_percent,
    read_whole,
    require,
    too_many_fields,
)
from app.services.customer_rows import ID_REASON, id_faults

ALIASES: Final[Mapping[str, frozenset[str]]] = {
    "customer_id": frozenset({"customerid", "custid", "customerno", "customernumber", "userid", "customer"}),
    "loan_id": frozenset({"loanid", "loanno", "loannumber", "loan", "externalid"}),
    "amount": frozenset({"loanamount", "amount", "principal", "sanctionedamount"}),
    "tenure": frozenset({"tenure", "tenuremonths", "loanterm", "term", "months"}),
    "rate": frozenset({"interestrate", "rate", "annualrate", "apr", "interest"}),
    "instalment": frozenset(
        {"monthlypayment", "monthlyrepayment", "monthlyinstallment", "monthlyinstalment", "emi", "emiamount",
         "installment", "instalment"}
    ),
    "on_time": frozenset({"emispaidontime", "emipaidontime", "paidontime", "emisontime", "instalmentspaidontime"}),
    "approved_on": frozenset({"dateofapproval", "approvaldate", "approvedon", "startdate", "loanstartdate"}),
    "ends_on": frozenset({"enddate", "loanenddate", "endson", "maturitydate"}),
}  # fmt: skip
COLUMNS: Final = (
    "customer", "external_id", "amount_paise", "tenure", "annual_rate_percent", "instalment_paise", "paid_on_time",
    "approved_on", "ends_on",
)  # fmt: skip
MOST_MONTHS: Final = 600

REASONS: Final[Mapping[str, str]] = {
    "too_many_fields": "the row has more fields than the header",
    "customer_missing": "the customer id is missing",
    "customer_unreadable": ID_REASON,
    "loan_missing": "the loan id is missing",
    "loan_unreadable": ID_REASON,
    "amount_unreadable": "the loan amount is missing, or not a number of rupees above 0 and up to 1e11",
    "tenure_unreadable": f"the tenure is missing, or not a whole number of months from 1 to {MOST_MONTHS}",
    "rate_unreadable": "the interest rate is missing, or not a number of percent a year from 0 to 100",
    "instalment_unreadable": "the monthly payment is missing, or not a number of rupees above 0 and up to 1e11",
    "on_time_unreadable": "the number of instalments paid on time is missing, or not a whole number",
    "on_time_above_tenure": "more instalments were paid on time than there are",
    "approval_unreadable": "the date of approval is missing, not written YYYY-MM-DD or D/M/YYYY, or no such day",
    "end_unreadable": "the end date is missing, not written YYYY-MM-DD or D/M/YYYY, or no such day",
    "end_before_approval": "the loan ends before it was approved",
    "loan_twice": "the file has this loan of this customer in an earlier row",
    "loan_exists": "this loan of this customer is there already; nothing was changed",
}


def find_layout(header: Sequence[str]) -> dict[str, str]:
    """Which column holds what. Raises `LayoutUnknown`."""
    found = match_header(header, aliases=ALIASES)
    require(found, meanings=tuple(ALIASES))
    return found


def check_rows(rows: pl.DataFrame, *, layout: Mapping[str, str]) -> pl.DataFrame:
    """A block's rows as `row_number`, the `COLUMNS` and `code`, the first thing that is wrong with a row."""
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
        code=first_fault(_faults()),
    )


def _faults() -> list[tuple[pl.Expr, str]]:
    rate = pl.col("annual_rate_percent").cast(pl.Float64)
    return [
        (too_many_fields(), "too_many_fields"),
        *id_faults("customer_id", missing="customer_missing", unreadable="customer_unreadable"),
        *id_faults("loan_id", missing="loan_missing", unreadable="loan_unreadable"),
        (_outside("amount_paise", 1, MAX_PAISE), "amount_unreadable"),
        (_outside("tenure", 1, MOST_MONTHS), "tenure_unreadable"),
        ((rate > 100).fill_null(True), "rate_unreadable"),
        (_outside("instalment_paise", 1, MAX_PAISE), "instalment_unreadable"),
        (pl.col("paid_on_time").is_null(), "on_time_unreadable"),
        (pl.col("paid_on_time") > pl.col("tenure"), "on_time_above_tenure"),
        (pl.col("approved_on").is_null(), "approval_unreadable"),
        (pl.col("ends_on").is_null(), "end_unreadable"),
        (pl.col("ends_on") < pl.col("approved_on"), "end_before_approval"),
    ]


def _outside(column: str, least: int, most: int) -> pl.Expr:
    return ~pl.col(column).is_between(least, most).fill_null(False)
