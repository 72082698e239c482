"""How money of the holder is laid on debts.

Billed before unbilled; inside that by kind, in the product's order; inside a kind the oldest first. What is more than
everything is a credit balance, which the next posting uses, from the later of both dates. A refund of a purchase that
no statement has billed lowers only what is unbilled; otherwise buying and returning would settle a bill. Source:
docs/cards.md, payments.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from app.domain.cards.engine.accounts import Credit, State
from app.domain.cards.engine.interest import bears
from app.domain.cards.engine.items import Item
from app.domain.products.card_terms import CardBucket

#: Called for each part that moves: the credit's or payment's number, the bucket (None: to the credit balance), paise.
Laid = Callable[[int, CardBucket | None, int], None]


@dataclass(slots=True)
class Laying:
    """Where an amount went: by bucket, and what became a credit balance."""

    paise: dict[CardBucket, int] = field(default_factory=dict)
    credit_paise: int = 0

    def add(self, bucket: CardBucket, paise: int) -> None:
        self.paise[bucket] = self.paise.get(bucket, 0) + paise


def in_order(state: State, items: Iterable[Item]) -> list[Item]:
    """Items in the order in which money settles them."""
    rank = {bucket: place for place, bucket in enumerate(state.terms_now.payment_order)}
    owed = [item for item in items if item.left_paise > 0]
    return sorted(owed, key=lambda item: (item.billed_by is None, rank[item.bucket], item.from_on, item.number))


def lay(state: State, paise: int, *, number: int, value_on: date, unbilled_only: bool = False) -> Laying:
    """Lays an amount on what is owed, from its value date; the rest becomes a credit balance."""
    laying, left = Laying(), paise
    items = [item for item in state.items if item.billed_by is None] if unbilled_only else state.items
    for item in in_order(state, items):
        part = min(left, item.left_paise)
        item.lower(part, from_on=max(state.from_day(value_on), item.from_on))
        laying.add(item.bucket, part)
        left -= part
        if left == 0:
            break
    if left:
        state.credits.append(Credit(number, value_on, left, is_unbilled_only=unbilled_only))
        laying.credit_paise = left
    note_cleared(state, on=value_on)
    drop_settled(state)
    return laying


def lower_purchase(state: State, item: Item, paise: int, *, value_on: date) -> int:
    """Takes an amount off one item, as far as it is left, and returns how much that was."""
    part = min(paise, item.left_paise)
    item.lower(part, from_on=max(state.from_day(value_on), item.from_on))
    note_cleared(state, on=value_on)
    return part


def use_credit(state: State, *, on: date, items: Iterable[Item] | None = None) -> Laying:
    """Pays items (default: all) from the credit balance, from the later of both dates."""
    laying = Laying()
    if not state.credits:
        return laying
    for item in in_order(state, state.items if items is None else items):
        for credit in state.credits:
            if credit.is_unbilled_only and item.billed_by is not None:
                continue
            part = min(credit.paise, item.left_paise)
            if part:
                item.lower(part, from_on=max(state.from_day(credit.value_on), item.from_on))
                credit.paise -= part
                laying.add(item.bucket, part)
                laying.credit_paise -= part
    state.credits = [credit for credit in state.credits if credit.paise]
    note_cleared(state, on=on)
    drop_settled(state)
    return laying


def note_cleared(state: State, *, on: date) -> None:
    """Notes the day on which nothing was left of what a statement and earlier ones billed. Then nothing of their
    minimums is unpaid either, whatever settled them."""
    statements = state.statements
    if not statements:
        return
    # The oldest statement of which something is left: it and later ones are not cleared. Mostly the last one tells.
    owing = min(
        (item.billed_by for item in state.items if item.billed_by is not None and item.left_paise), default=None
    )
    for statement in statements:
        if owing is not None and statement.number >= owing:
            return
        if statement.cleared_on is None:
            statement.cleared_on = max(on, statement.on)
        least = max(statement.shown.minimum_paise, statement.known.minimum_paise)
        statement.credited_paise = max(statement.credited_paise, least)


def drop_settled(state: State) -> None:
    """Forgets items that are settled and have no day left that may be charged."""
    state.items = [item for item in state.items if item.left_paise or item.held or (item.steps and bears(state, item))]
