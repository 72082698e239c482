"""Items: the debts that a payment can settle. A purchase, a fee, the interest of a statement.

An item remembers from which day it was lower, because the interest of a day may be charged two statements later. A
payment lowers an item from its value date, or from the next day when days count inclusively (`State.shift`). Purchases
to which nothing has happened are kept as rows of numbers (`Bought`): most of what a run reads and writes are they, and
a statement only sums them. Source: docs/cards.md, interest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from struct import Struct
from typing import Final, NamedTuple

from app.domain.products.card_terms import CardBucket

_PURCHASES: Final = CardBucket.PURCHASES


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


#: A purchase in `Bought.rows`: the number of its posting, the days from which it counts and on which it was posted
#: (ordinal numbers), and what is left, in paise.
ROW: Final = Struct(">iiiq")


@dataclass(slots=True)
class Bought:
    """Purchases that one statement has billed (None: no statement yet), as they were posted: nothing was paid of them,
    and none of their days was counted. `rows` has one `ROW` for each; a run reads and writes them as they are.
    `paise` is what is left of all of them, and `from_on` the first day from which one of them counts."""

    billed_by: int | None
    paise: int
    from_on: date
    rows: bytes

    def items(self) -> list[Item]:
        """The same as items."""
        found = []
        for number, begins, posted, left in ROW.iter_unpack(self.rows):
            from_on = date.fromordinal(begins)
            posted_on = from_on if posted == begins else date.fromordinal(posted)
            found.append(Item(number, _PURCHASES, from_on, posted_on, left, from_on, self.billed_by))
        return found

    def copy(self) -> "Bought":
        return Bought(self.billed_by, self.paise, self.from_on, self.rows)


def is_untouched(item: Item) -> bool:
    """Whether an item is a purchase to which nothing has happened."""
    return (
        not item.steps
        and item.bucket is _PURCHASES
        and not (item.held or item.bears_all)
        and item.accounted_until == item.from_on
    )


def fold(bought: Iterable[Bought], items: Iterable[Item]) -> tuple[list[Bought], list[Item]]:
    """Purchases that are kept as rows, with those of the items that are untouched, and the other items. What is given
    is left as it is."""
    untouched: list[Item] = []
    touched: list[Item] = []
    for item in items:
        (untouched if is_untouched(item) else touched).append(item)
    found = [one.copy() for one in bought] if untouched else list(bought)
    for item in untouched:
        row = ROW.pack(item.number, item.from_on.toordinal(), item.posted_on.toordinal(), item.left_paise)
        known = next((one for one in found if one.billed_by == item.billed_by), None)
        if known is None:
            found.append(Bought(item.billed_by, item.left_paise, item.from_on, row))
        else:
            known.rows += row
            known.paise += item.left_paise
            known.from_on = min(known.from_on, item.from_on)
    return found, touched
