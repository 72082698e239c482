"""Sample data: people, their loans elsewhere and their bank transactions, the same for the same seed for ever.

Every figure is drawn from its place: row 4,711 of the transactions is computed from the seed, the column and the number
4,711, and from nothing before it. So ten million rows are made in blocks, in seconds, and come out the same in one
block or in twenty. The mixing is SplitMix64, in the wrapping arithmetic of 64-bit columns.

The data have the shape of the real files and their traps: limits that no rule gives, loan ids that two customers share,
monthly payments that are no EMI, people without loans; and in the transactions amounts with thousands separators, days
as D/M/YYYY, and a few rows that must be refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from app.domain.calendar import add_months
from app.domain.money import PAISE_PER_RUPEE
from app.domain.schedules import legacy_annual_instalment

FIRST_NAMES: Final = (
    "Aarav", "Aditi", "Akash", "Ananya", "Arjun", "Asha", "Bhavna", "Chetan", "Deepa", "Divya", "Farhan", "Gauri",
    "Harish", "Imran", "Isha", "Jaya", "Karan", "Kavya", "Lakshmi", "Manoj", "Meera", "Nikhil", "Nisha", "Omkar",
    "Pooja", "Prakash", "Priya", "Rahul", "Ravi", "Riya", "Sameer", "Sana", "Sunita", "Tanvi", "Uma", "Varun",
    "Vijay", "Yash", "Zara",
)  # fmt: skip
LAST_NAMES: Final = (
    "Agarwal", "Ahmed", "Banerjee", "Bhat", "Chatterjee", "Das", "Desai", "Fernandes", "Ghosh", "Gupta", "Iyer", "Jain",
    "Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Mehta", "Menon", "Mishra", "Nair", "Patel", "Pillai", "Rao",
    "Reddy", "Shah", "Sharma", "Singh", "Thomas", "Verma",
)  # fmt: skip
CUSTOMER_HEADER: Final = (
    "Customer ID", "First Name", "Last Name", "Age", "Phone Number", "Monthly Salary", "Approved Limit",
)  # fmt: skip
LOAN_HEADER: Final = (
    "Customer ID", "Loan ID", "Loan Amount", "Tenure", "Interest Rate", "Monthly payment", "EMIs paid on Time",
    "Date of Approval", "End Date",
)  # fmt: skip
NARRATIONS: Final = ("SALARY", "UPI/GROCERIES", "NEFT/RENT", "ATM WITHDRAWAL", "UPI/TRANSFER", "CARD PURCHASE")
DAMAGED_IDS: Final = ("1.11122E+11", "98765432109", "")

#: The real file has 17 people of 300 without a loan, and 29 loan ids of 782 twice.
EVERY_WITHOUT_LOANS: Final = 18
EVERY_SHARED_ID: Final = 27
#: One row of so many is to be refused; more of them are only hard to read.
EVERY_REFUSED: Final = 500
EVERY_HARD: Final = 40
TRANSACTION_DAYS: Final = 730
LOAN_YEARS: Final = 13

_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIX: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_WORD: Final = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What to make. Days count back from `as_of`, so that the same seed is the same data on every day."""

    customers: int
    loans_per_customer: int
    transactions: int
    seed: int
    as_of: date = date(2026, 11, 21)

    @property
    def loans(self) -> int:
        """How many loans that makes: some people have none."""
        return (self.customers - self.customers // EVERY_WITHOUT_LOANS) * self.loans_per_customer


def draw(index: pl.Expr, *, seed: int, stream: int, below: int) -> pl.Expr:
    """A number from 0 to `below` - 1 for every index: column `stream` of the data of `seed`."""
    start = (seed * 0xD1342543DE82EF95 + stream * 0xA0761D6478BD642F) % _WORD
    mixed = index.cast(pl.UInt64) * pl.lit(_GOLDEN, dtype=pl.UInt64) + pl.lit(start, dtype=pl.UInt64)
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed // pl.lit(2**shift, dtype=pl.UInt64))) * pl.lit(factor, dtype=pl.UInt64)
    mixed = mixed ^ (mixed // pl.lit(2**31, dtype=pl.UInt64))
    # The upper bits are the better ones.
    return (mixed // pl.lit(2**11, dtype=pl.UInt64) % pl.lit(below, dtype=pl.UInt64)).cast(pl.Int64)


def make_customers(sample: Sample) -> pl.DataFrame:
    """The people, in the columns of `CUSTOMER_HEADER`: amounts in rupees, a limit in lakhs that only the file knows."""
    index = pl.col("index")
    frame = pl.DataFrame({"index": pl.int_range(1, sample.customers + 1, eager=True)})

    def drawn(stream: int, below: int) -> pl.Expr:
        return draw(index, seed=sample.seed, stream=stream, below=below)

    salary = 12_000 + 1_000 * (drawn(5, 110) + drawn(6, 110))
    limit = (salary * 36 * (40 + drawn(7, 60)) // 100 // 100_000).clip(lower_bound=1) * 100_000
    return frame.select(
        index,
        _pick(FIRST_NAMES, drawn(1, len(FIRST_NAMES))),
        _pick(LAST_NAMES, drawn(2, len(LAST_NAMES))),
        20 + drawn(3, 46),
        9_000_000_000 + drawn(4, 1_000_000_000),
        salary,
        limit.alias("limit"),
    ).rename(dict(zip(["index", *_literal_names()], CUSTOMER_HEADER, strict=True)))


def _literal_names() -> list[str]:
    raise NotImplementedError
