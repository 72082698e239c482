"""Items: the debts that a payment can settle. A purchase, a fee, the interest of a statement.

An item remembers from which day it was lower, because the interest of a day may be charged two statements later. A
payment lowers an item from its value date, or from the next day when days count inclusively (`State.shift`). Purchases
to which nothing has happened are kept as rows of numbers (`Bought`): most of what a run reads and writes are they, and
a statement only sums them. Source: docs/cards.md, interest.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple

from app.domain.products.card_terms import CardBucket


class Step(NamedTuple):
    """From a day on, an item is lower by an amount."""

    from_on: date
    paise: int


class Span(NamedTuple):
    """The days `[from_on, to_on)` on which so much of an item was outstanding."""

    from_on: date
    to_on: date
    balance_paise: int


@dataclass(slots=True)
class Item:
    """A debt. `from_on` is the day from which it counts for interest.

    The days before `accounted_until` were charged, or are in `held`: days of a purchase on which the account was not
    revolving, which are charged only if the statement that billed it is not paid in full. `bears_all` says that this
    was judged.
    """

    number: int
    bucket: CardBucket
    from_on: date
    posted_on: date
    left_paise: int
    accounted_until: date
    billed_by: int | None = None
    bears_all: bool = False
    steps: list[Step] = field(default_factory=list)
    held: list[Span] = field(default_factory=list)

    def lower(self, paise: int, *, from_on: date) -> None:
        """Takes an amount off, from a day on."""
        self.left_paise -= paise
        self.steps.append(Step(from_on, paise))

    def copy(self) -> "Item":
        return replace(self, steps=self.steps[:], held=self.held[:])


#: The numbers of a purchase in `Bought.rows`.
WIDTH: Final = 4


@dataclass(slots=True)
class Bought:
    """Purchases that one statement has billed (None: no statement yet), as they were posted: nothing was paid of them,
    and none of their days was counted. `rows` has four numbers for each: the number of its posting, the days from which
    it counts and on which it was posted (ordinal numbers), and what is left, in paise."""

    billed_by: int | None
    rows: list[int]

    @property
    def paise(self) -> int:
        """What is left of all of them."""
        return sum(self.rows[3::WIDTH])

    @property
    def from_on(self) -> date:
        """The first day from which one of them counts."""
        return date.fromordinal(min(self.rows[1::WIDTH]))

    def items(self) -> list[Item]:
        """The same as items."""
        found, rows = [], self.rows
        for at in range(0, len(rows), WIDTH):
            number, begins, posted, left = rows[at : at + WIDTH]
            from_on = date.fromordinal(begins)
            posted_on = from_on if posted == begins else date.fromordinal(posted)
            found.append(Item(number, CardBucket.PURCHASES, from_on, posted_on, left, from_on, self.billed_by))
        return found

    def copy(self) -> "Bought":
        return replace(self, rows=self.rows[:])


def is_untouched(item: Item) -> bool:
    """Whether an item is a purchase to which nothing has happened."""
    return (
        item.bucket is CardBucket.PURCHASES
        and not (item.steps or item.held or item.bears_all)
        and item.accounted_until == item.from_on
    )


def row_of(item: Item) -> tuple[int, int, int, int]:
    """An untouched item as numbers of `Bought.rows`."""
    begins = item.from_on.toordinal()
    posted = begins if item.posted_on == item.from_on else item.posted_on.toordinal()
    return item.number, begins, posted, item.left_paise
