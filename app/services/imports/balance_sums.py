"""Balances added up by person, a column at a time: first the rows of some blocks, then the sums of many.

What is kept grows with the people of a file and not with its rows. Persons are told apart by a hash, which takes a
third of the time that their texts take, and a second one proves it.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from app.services.tables.columns import ROW_NUMBER

SUMS: Final = {
    "key": pl.UInt64,
    "proof": pl.UInt64,
    "person": pl.String,
    "first_row": pl.Int64,
    "transactions": pl.UInt32,
    "balance_paise": pl.Int128,
}
#: Sums that are kept before they are added up.
MOST_SUMS: Final = 500_000
#: Nobody who writes a file knows them.
SEEDS: Final = secrets.randbits(63), secrets.randbits(63)


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


def keys() -> list[pl.Expr]:
    """What rows have to carry besides `person`: `key` and `proof`."""
    return [pl.col("person").hash(seed).alias(name) for name, seed in zip(("key", "proof"), SEEDS, strict=True)]


def add_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The sums of rows: key, proof, person, row_number, paise."""
    return _add(
        rows,
        pl.col(ROW_NUMBER).min().alias("first_row"),
        pl.len().alias("transactions"),
        pl.col("paise").sum().cast(pl.Int128).alias("balance_paise"),
    )


def add_sums(sums: pl.DataFrame) -> pl.DataFrame:
    """One row for each person."""
    return _add(sums, pl.col("first_row").min(), pl.col("transactions").sum(), pl.col("balance_paise").sum())


def _add(rows: pl.DataFrame, *added: pl.Expr) -> pl.DataFrame:
    proof = pl.col("proof")
    summed = rows.group_by("key").agg(proof.min(), pl.col("person").first(), *added, other=proof.max())
    if (summed["proof"] != summed["other"]).any():
        # Two persons under one hash: by their texts, then.
        return rows.group_by("person").agg(pl.col("key", "proof").first(), *added).select(SUMS.keys())
    return summed.drop("other")
