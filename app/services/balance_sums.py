"""Balances added up by person, a column at a time: first the rows of some blocks, then the sums of many.

What is kept grows with the people of a file and not with its rows.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from app.services.columns import ROW_NUMBER

SUMS: Final = {"person": pl.String, "first_row": pl.Int64, "transactions": pl.UInt32, "balance_paise": pl.Int128}
#: Sums that are kept before they are added up.
MOST_SUMS: Final = 500_000


@dataclass(slots=True, kw_only=True)
class RunningSums:
    """Sums as they come; now and then, those of the same person become one."""

    most: int = MOST_SUMS
    _parts: list[pl.DataFrame] = field(default_factory=lambda: [pl.DataFrame(schema=SUMS)])

    def add(self, part: pl.DataFrame) -> None:
        self._parts.append(part)
        if sum(part.height for part in self._parts) > self.most:
            merged = add_sums(self.all())
            self._parts = [merged]
            # Where nearly everybody comes once, nothing is gained by trying again soon.
            self.most = max(self.most, 2 * merged.height)

    def all(self) -> pl.DataFrame:
        """All of them, in which a person may still come more than once."""
        return pl.concat(self._parts)


def add_sums(sums: pl.DataFrame) -> pl.DataFrame:
    """One row for each person."""
    return sums.group_by("person").agg(
        pl.col("first_row").min(), pl.col("transactions").sum(), pl.col("balance_paise").sum()
    )


def add_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums under the persons' hashes, which takes half the time of their texts. A second hash tells of two persons
    under one hash; then it is done by the texts."""
    sums = [
        pl.col(ROW_NUMBER).min().alias("first_row"),
        pl.len().alias("transactions"),
        pl.col("paise").sum().cast(pl.Int128).alias("balance_paise"),
    ]
    person = pl.col("person")
    hashed = rows.with_columns(first=person.hash(secrets.randbits(63)), second=person.hash(secrets.randbits(63)))
    summed = hashed.group_by("first").agg(
        person.first(), *sums, is_one=pl.col("second").min() == pl.col("second").max()
    )
    if not summed["is_one"].all():
        return rows.group_by("person").agg(*sums)
    return summed.drop("first", "is_one")
