"""Sample data: people, their loans from other lenders, and their bank transactions. The same seed gives the same data.

Every figure is computed from its place: row 4,711 of the transactions depends on the seed, the column and the number
4,711, and on no earlier row. So ten million rows are made in blocks, in seconds, and are the same in one block or in
twenty. The mixing function is SplitMix64, with 64-bit columns that wrap around.

The data have the form of the real files and their difficulties: limits that follow no rule, loan ids that two customers
share, monthly payments that are not the EMI, people without loans; and in the transactions, amounts with thousands
separators, days as D/M/YYYY, and a few rows that an import must refuse.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from app.domain.calendar import add_months
from app.domain.money import PAISE_PER_RUPEE
from app.domain.schedules.building import legacy_annual_instalment

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

#: In the real file 17 of 300 people have no loan, and 29 of 782 loan ids occur twice.
EVERY_WITHOUT_LOANS: Final = 18
EVERY_SHARED_ID: Final = 27
#: One row in 500 must be refused; in every 40 rows, one date and one amount are written in an unusual way.
EVERY_REFUSED: Final = 500
EVERY_HARD: Final = 40
TRANSACTION_DAYS: Final = 730
LOAN_YEARS: Final = 13

_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIX: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_WORD: Final = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What to make. Days count back from `as_of`, so that the same seed is the same data on every day.

    Customers have the ids 1, 2, 3 ...; a `prefix` stands before each, so that no other file has the same ids.
    """

    customers: int
    loans_per_customer: int
    transactions: int
    seed: int
    prefix: str = ""
    as_of: date = date(2026, 11, 21)

    @property
    def loans(self) -> int:
        """The number of loans. Some people have none."""
        return (self.customers - self.customers // EVERY_WITHOUT_LOANS) * self.loans_per_customer


def draw(index: pl.Expr, *, seed: int, stream: int, below: int) -> pl.Expr:
    """A number from 0 to `below` - 1 for every index, drawn from the sequence `stream` of `seed`."""
    start = (seed * 0xD1342543DE82EF95 + stream * 0xA0761D6478BD642F) % _WORD
    mixed = index.cast(pl.UInt64) * pl.lit(_GOLDEN, dtype=pl.UInt64) + pl.lit(start, dtype=pl.UInt64)
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed // pl.lit(2**shift, dtype=pl.UInt64))) * pl.lit(factor, dtype=pl.UInt64)
    mixed = mixed ^ (mixed // pl.lit(2**31, dtype=pl.UInt64))
    # The upper bits are more random.
    return (mixed // pl.lit(2**11, dtype=pl.UInt64) % pl.lit(below, dtype=pl.UInt64)).cast(pl.Int64)


def make_customers(sample: Sample) -> pl.DataFrame:
    """The people, in the columns of `CUSTOMER_HEADER`. Amounts are rupees; limits are whole lakhs and follow no rule of
    ours."""
    index = pl.col("index")
    frame = pl.DataFrame({"index": pl.int_range(1, sample.customers + 1, eager=True)})

    def drawn(stream: int, below: int) -> pl.Expr:
        return draw(index, seed=sample.seed, stream=stream, below=below)

    salary = 12_000 + 1_000 * (drawn(5, 110) + drawn(6, 110))
    limit = (salary * 36 * (40 + drawn(7, 60)) // 100 // 100_000).clip(lower_bound=1) * 100_000
    columns = (
        _id(sample, index),
        _pick(FIRST_NAMES, drawn(1, len(FIRST_NAMES))),
        _pick(LAST_NAMES, drawn(2, len(LAST_NAMES))),
        20 + drawn(3, 46),
        9_000_000_000 + drawn(4, 1_000_000_000),
        salary,
        limit,
    )
    return frame.select(**dict(zip(CUSTOMER_HEADER, columns, strict=True)))


def make_loans(sample: Sample, *, first: int = 0, count: int | None = None) -> list[list[Any]]:
    """`count` rows of the loans from row `first` on, in the columns of `LOAN_HEADER`, with dates as `date`."""
    count = sample.loans - first if count is None else min(count, sample.loans - first)
    index = pl.col("index")
    frame = pl.DataFrame({"index": pl.int_range(first, first + count, eager=True)})

    def drawn(stream: int, below: int) -> pl.Expr:
        return draw(index, seed=sample.seed, stream=stream, below=below)

    # One person in every `EVERY_WITHOUT_LOANS` has no loan and is skipped.
    holder = index // max(sample.loans_per_customer, 1)
    drawn_loans = frame.select(
        customer=_id(sample, 1 + holder + holder // (EVERY_WITHOUT_LOANS - 1)),
        loan=1_000
        + index
        - pl.when(index % EVERY_SHARED_ID == EVERY_SHARED_ID - 1).then(sample.loans_per_customer).otherwise(0),
        amount=100_000 * (1 + drawn(21, 9)),
        tenure=3 * (1 + drawn(22, 60)),
        rate_hundredths=800 + drawn(23, 1_200),
        unpaid_percent=drawn(24, 60),
        days_ago=drawn(25, LOAN_YEARS * 365),
    )
    return [_loan(row, as_of=sample.as_of) for row in drawn_loans.iter_rows(named=True)]


def _loan(row: dict[str, Any], *, as_of: date) -> list[Any]:
    rate = Decimal(row["rate_hundredths"]) / 100
    approved_on = as_of - timedelta(days=row["days_ago"])
    instalment = legacy_annual_instalment(
        row["amount"] * PAISE_PER_RUPEE, annual_rate_percent=rate, instalments=row["tenure"]
    )
    elapsed = sum(add_months(approved_on, number) <= as_of for number in range(1, row["tenure"] + 1))
    on_time = elapsed * (100 - row["unpaid_percent"]) // 100
    return [
        row["customer"], row["loan"], row["amount"], row["tenure"], rate, instalment // PAISE_PER_RUPEE, on_time,
        approved_on, add_months(approved_on, row["tenure"]),
    ]  # fmt: skip


def make_transactions(sample: Sample, *, rows_at_once: int = 500_000) -> Iterator[pl.DataFrame]:
    """The bank transactions as texts, block by block, in the columns of source system 2."""
    for first in range(0, sample.transactions, rows_at_once):
        count = min(rows_at_once, sample.transactions - first)
        yield _transactions(sample, pl.DataFrame({"index": pl.int_range(first, first + count, eager=True)}))


def _transactions(sample: Sample, frame: pl.DataFrame) -> pl.DataFrame:
    index = pl.col("index")

    def drawn(stream: int, below: int) -> pl.Expr:
        return draw(index, seed=sample.seed, stream=stream, below=below)

    # The share of credits differs by person, so that some people earn more than they spend.
    person = 1 + drawn(41, max(sample.customers, 1))
    thrift = 40 + draw(pl.col("person"), seed=sample.seed, stream=42, below=30)
    values = frame.select(
        index,
        person=person,
        days=drawn(43, TRANSACTION_DAYS),
        amount=100 * (1 + drawn(44, 900)),
        chance=drawn(45, 100),
        narration=_pick(NARRATIONS, drawn(46, len(NARRATIONS))),
        hard=drawn(47, EVERY_HARD),
        refused=drawn(48, EVERY_REFUSED),
        damaged=_pick(DAMAGED_IDS, drawn(49, len(DAMAGED_IDS))),
    )
    day = pl.lit(sample.as_of) - pl.duration(days=pl.col("days"))
    amount = pl.col("amount").cast(pl.String)
    grouped = amount.str.replace(r"^([0-9]+)([0-9]{3})$", "$1,$2")
    return values.select(
        user_id=pl.when(pl.col("refused") == 0)
        .then(pl.col("damaged"))
        .otherwise(pl.lit(sample.prefix) + pl.col("person").cast(pl.String)),
        transaction_date=pl.when(pl.col("hard") == 1)
        .then(day.dt.strftime("%d/%m/%Y"))
        .otherwise(day.dt.strftime("%Y-%m-%d")),
        amount=pl.when(pl.col("hard") == 2).then(grouped).otherwise(amount),
        type=pl.when(pl.col("chance") < thrift).then(pl.lit("CREDIT")).otherwise(pl.lit("DEBIT")),
        description="narration",
    )


def _id(sample: Sample, number: pl.Expr) -> pl.Expr:
    """A customer's id: a number, as in the real files, unless it has a prefix."""
    return pl.lit(sample.prefix) + number.cast(pl.String) if sample.prefix else number


def _pick(words: tuple[str, ...], place: pl.Expr) -> pl.Expr:
    return place.replace_strict(list(range(len(words))), list(words), return_dtype=pl.String)
