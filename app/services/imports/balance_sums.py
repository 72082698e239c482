"""Sums balances by person in one table, which is looked up by a hash of the person.

A person gets a number, from 0 on, when the first rows that name them are added. The last bits of the person's first
hash choose a slot, which has the number; if somebody else has that slot, the next free one is taken. So the sums of a
row are found by a few look-ups in arrays. Grouping the rows of every piece and merging the groups takes several times
as long (docs/performance.md). Memory grows with the number of people in a file and not with its rows.

Rows are of one person if two hashes of 64 bits are the same.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.domain.money import MAX_PAISE
from app.services.tables.columns import ROW_NUMBER

#: Seeds of the hashes. They are random, so that nobody can write a file with collisions.
SEEDS: Final = secrets.randbits(63), secrets.randbits(63)
#: A slot that nobody has.
FREE: Final = -1
#: Slots for each place in the table. Most are free, so that few people are far from the slot that they would choose.
SLOTS_OF_PLACE: Final = 2
#: Rows whose amounts are added at once: so few that their sum is below 2^62 paise.
MOST_ADDED: Final = 2**62 // MAX_PAISE
PEOPLE: Final = {"person": pl.String, "first_row": pl.Int64}

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]


def keys() -> list[pl.Expr]:
    """The two hashes of `person` that rows need: `key` and `proof`."""
    return [pl.col("person").hash(seed).alias(name) for name, seed in zip(("key", "proof"), SEEDS, strict=True)]


@dataclass(slots=True)
class BalanceSums:
    """The sums of each person. The arrays of the table have places for more people than there are."""

    _people: list[pl.DataFrame] = field(default_factory=lambda: [pl.DataFrame(schema=PEOPLE)])
    _count: int = 0
    _slots: Numbers = field(default_factory=lambda: np.full(SLOTS_OF_PLACE, FREE))
    _key: Hashes = field(default_factory=lambda: np.zeros(1, np.uint64))
    _proof: Hashes = field(default_factory=lambda: np.zeros(1, np.uint64))
    _transactions: Numbers = field(default_factory=lambda: np.zeros(1, np.int64))
    #: A balance is `high` times 2^32 and `low`.
    _high: Numbers = field(default_factory=lambda: np.zeros(1, np.int64))
    _low: Numbers = field(default_factory=lambda: np.zeros(1, np.int64))
    #: No `low` is further from 0.
    _most: int = 0

    def add(self, rows: pl.DataFrame) -> tuple[Numbers, pl.DataFrame]:
        """Adds the next rows of a file, which have key, proof, person, row_number, paise. The number of each row's
        person, and the people that are new, in the order of their numbers: person, first_row."""
        key, proof, paise = (rows[name].to_numpy() for name in ("key", "proof", "paise"))
        numbers, people = self._find(key, proof), self._people[0]
        if (is_new := numbers == FREE).any():
            people = self._add_people(rows.filter(pl.Series(is_new)))
            numbers[is_new] = self._find(key[is_new], proof[is_new])
        np.add.at(self._transactions, numbers, np.int64(1))
        for begin in range(0, len(paise), MOST_ADDED):
            self._add_paise(numbers[begin : begin + MOST_ADDED], paise[begin : begin + MOST_ADDED])
        return numbers, people

    def all(self) -> pl.DataFrame:
        """The sums of everybody, in the order of their numbers: person, first_row, transactions, balance_paise."""
        table = pl.DataFrame({"transactions": self._transactions, "high": self._high, "low": self._low})
        return pl.concat([pl.concat(self._people), table.head(self._count)], how="horizontal").select(
            *PEOPLE,
            pl.col("transactions").cast(pl.UInt32),
            balance_paise=pl.col("high").cast(pl.Int128) * 2**32 + pl.col("low").cast(pl.Int128),
        )

    def _add_paise(self, numbers: Numbers, paise: Numbers) -> None:
        most = len(paise) * int(np.abs(paise).max())
        if self._most + most >= 2**63:
            self._high += self._low >> 32
            self._low &= 2**32 - 1
            self._most = 2**32
        self._most += most
        np.add.at(self._low, numbers, paise)

    def _find(self, key: Hashes, proof: Hashes) -> Numbers:
        """The number of each row's person; `FREE` if the person is new."""
        last = len(self._slots) - 1
        slot = (key & np.uint64(last)).view(np.int64)
        numbers: Numbers = self._slots[slot]
        rest = np.flatnonzero((self._key[numbers] != key) | (self._proof[numbers] != proof))
        # Somebody else has the slot. The person has one of the next, or is new if a free one comes before.
        while len(rest := rest[numbers[rest] != FREE]):
            slot[rest] = (slot[rest] + 1) & last
            numbers[rest] = found = self._slots[slot[rest]]
            rest = rest[(self._key[found] != key[rest]) | (self._proof[found] != proof[rest])]
        return numbers

    def _add_people(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Gives numbers to the people of rows that have none."""
        people = rows.group_by("key", "proof").agg(pl.col("person").first(), first_row=pl.col(ROW_NUMBER).min())
        first, self._count = self._count, self._count + people.height
        if self._count > len(self._key):
            self._make_places()
            self._take_slots(np.arange(first))
        self._key[first : self._count] = people["key"].to_numpy()
        self._proof[first : self._count] = people["proof"].to_numpy()
        self._take_slots(np.arange(first, self._count))
        # Texts are written anew: one that is taken from a piece keeps the texts of the whole piece in memory.
        self._people.append(people.select(pl.format("{}", "person").alias("person"), "first_row"))
        return self._people[-1]

    def _make_places(self) -> None:
        """Makes the table twice as large, or larger. Nobody has a slot then."""
        places = 1 << (self._count - 1).bit_length()
        for name in ("_key", "_proof", "_transactions", "_high", "_low"):
            column = getattr(self, name)
            setattr(self, name, np.concatenate([column, np.zeros(places - len(column), column.dtype)]))
        self._slots = np.full(SLOTS_OF_PLACE * places, FREE)

    def _take_slots(self, numbers: Numbers) -> None:
        """Gives people their slots."""
        last = len(self._slots) - 1
        slot = (self._key[numbers] & np.uint64(last)).view(np.int64)
        while len(numbers):
            is_free = self._slots[slot] == FREE
            # If several take one slot, the last of them has it, and the others try the next one.
            self._slots[slot[is_free]] = numbers[is_free]
            is_left = self._slots[slot] != numbers
            numbers, slot = numbers[is_left], (slot[is_left] + 1) & last
