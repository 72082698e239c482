"""A card account on one page: what makes it current, its balance over time, and what happened to it.

Nothing is computed a second time: what is due are the open statements of the state, the balance is the sum of the
postings, and what happened is told by the audit trail, the money that moved, the statements and the classes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from app.domain.cards.engine.accounts import OpenStatement, State
from app.domain.delinquency.changes import Change, ChangeReason
from app.domain.delinquency.classes import AssetClass
from app.domain.money import format_inr


class Level(NamedTuple):
    """An amount (paise) that holds from a day on."""

    on: date
    paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLines:
    """What was owed over time, less the credit balance, and the limit."""

    owed: tuple[Level, ...]
    limit: tuple[Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHappening:
    """Something that happened to an account, in words. `by` is the label of who did it; empty for what followed by
    itself."""

    on: date
    what: str
    details: str = ""
    by: str = ""


class Done(NamedTuple):
    """An event of the audit trail about an account or one of its cards."""

    on: date
    action: str
    details: Mapping[str, Any]
    by: str


class MoneyMoved(NamedTuple):
    """A posting that moved money. `by` is the label of who posted it."""

    on: date
    kind: str
    paise: int
    reference: str | None
    by: str


class Asking(NamedTuple):
    """What a statement asked for when it was issued, in paise."""

    number: int
    on: date
    due_on: date
    total_paise: int
    minimum_paise: int


def present_due(state: State) -> OpenStatement | None:
    """The latest statement of which something is unpaid; None: nothing that was billed is due."""
    return next((one for one in reversed(state.statements) if one.total_unpaid_paise > 0), None)


def to_be_current_paise(state: State, *, on: date) -> int:
    """The amount (paise) that makes an account current: the most that is unpaid of a minimum whose due date has come.
    A payment lowers the minimums of all statements before it, so the largest covers the others."""
    return max((one.minimum_unpaid_paise for one in state.statements if one.due_on <= on), default=0)


def account_lines(
    state: State, moved: Iterable[Level], limits: Iterable[Level], *, opening_limit_paise: int, on: date
) -> AccountLines:
    """The lines of an account that is caught up to `on`. `moved` is by how much more is owed since each day, `limits`
    the later limits, both in order."""
    owed, balance = [Level(state.opened_on, 0)], 0
    for day, paise in moved:
        balance += paise
        owed.append(Level(day, balance))
    limit = [Level(state.opened_on, opening_limit_paise), *limits]
    return AccountLines(
        owed=(*owed, Level(on, state.owed_paise - state.credit_paise)), limit=(*limit, Level(on, state.limit_paise))
    )


#: What an event of the audit trail says: a sentence and its details, with the event's own values.
_TOLD: Final[Mapping[str, tuple[str, str]]] = {
    "card_account_opened": ("The account is opened", "limit {limit_paise}, statement day {statement_day}"),
    "card_purchase_converted": ("A purchase became a plan", "posting {purchase}"),
    "card_plan_foreclosed": ("A plan is due at once", "plan {plan}"),
    "card_dispute_opened": ("A posting is disputed", "posting {posting}: {reason}"),
    "card_dispute_decided": ("A dispute is decided for the {for}", "dispute {dispute}: {reason}"),
    "card_limit_changed": ("The limit is {limit_paise}", ""),
    "card_account_blocked": ("The account is blocked", ""),
    "card_account_unblocked": ("The account is unblocked", ""),
    "card_statement_day_moved": ("The statement day is moved", "day {statement_day}"),
    "card_terms_told": ("The holder is told of new terms", "version {version} of the product"),
    "card_account_closed": ("The account is closed", ""),
    "card_posting_undone": ("A posting is undone", "posting {posting}: {reason}"),
    "card_credit_given": ("A credit is given", "decided by two people"),
    "card_credit_refunded": ("A credit balance is refunded", "decided by two people"),
    "card_account_charged_off": ("The account is charged off", "decided by two people"),
    "card_issued": ("A card is issued", ""),
    "card_blocked": ("A card is blocked", ""),
    "card_unblocked": ("A card is unblocked", ""),
    "card_replaced": ("A lost card is replaced", ""),
    "card_controls_set": ("What a card may do is set", ""),
}
#: What an event says that is one of two, by the value that tells which.
_EITHER: Final[Mapping[str, tuple[str, str, str]]] = {
    "card_over_limit_consent": (
        "consents", "The holder consents to go over the limit", "The holder no longer consents to go over the limit",
    ),
    "card_statements_wanted": (
        "always", "A statement comes every month", "A statement comes only if something is owed or moved",
    ),
}  # fmt: skip
#: The postings that are told as happenings. Purchases are left out: there are too many.
MONEY: Final[Mapping[str, str]] = {
    "payment": "{amount} received",
    "returned_payment": "{amount} returned unpaid",
    "refund": "{amount} refunded by a merchant",
    "credit": "{amount} given as a credit",
    "payout": "{amount} paid out to the holder",
    "reversal": "{amount} of a purchase reversed",
    "late_fee": "A late fee of {amount}",
}


_REASONS: Final[Mapping[ChangeReason, str]] = {
    **{reason: reason.value.replace("_", " ") for reason in ChangeReason},
    ChangeReason.FELL_DUE: "a minimum due fell due",
    ChangeReason.PAID: "the minimums due are paid",
    ChangeReason.OTHER_FACILITY: "another loan or card of the holder",
}


class _Said(dict[str, str]):
    """The values of an event. One that it does not have is a dash."""

    def __missing__(self, name: str) -> str:
        return "–"


def account_happenings(
    done: Iterable[Done], moved: Iterable[MoneyMoved], asked: Iterable[Asking], changes: Sequence[Change]
) -> list[AccountHappening]:
    """What happened to an account, the latest first. `changes` are those of its class."""
    found = [_told(each) for each in done]
    found += [
        AccountHappening(
            on=each.on,
            what=MONEY[each.kind].format(amount=format_inr(each.paise)),
            details=each.reference or "",
            by=each.by,
        )
        for each in moved
        if each.kind in MONEY
    ]
    found += [AccountHappening(on=each.on, what=f"Statement {each.number}", details=_asks(each)) for each in asked]
    found += [
        AccountHappening(on=each.on, what=_class(each.after.asset_class), details=_REASONS[each.reason])
        for each in changes
        if each.before.asset_class != each.after.asset_class
    ]
    return sorted(found, key=lambda each: each.on, reverse=True)


def _told(each: Done) -> AccountHappening:
    if either := _EITHER.get(each.action):
        name, yes, no = either
        return AccountHappening(on=each.on, what=yes if each.details.get(name) else no, by=each.by)
    said = _Said(
        (name, format_inr(value) if name.endswith("_paise") else str(value)) for name, value in each.details.items()
    )
    what, details = _TOLD.get(each.action, (each.action.replace("_", " "), ""))
    return AccountHappening(on=each.on, what=what.format_map(said), details=details.format_map(said), by=each.by)


def _asks(each: Asking) -> str:
    if each.total_paise <= 0:
        return "nothing is due"
    return f"{format_inr(each.total_paise)}, at least {format_inr(each.minimum_paise)}, by {each.due_on:%d %b %Y}"


def _class(asset_class: AssetClass | None) -> str:
    if asset_class is None:
        return "No longer on the books"
    words = asset_class.value.replace("_", "-")
    return f"Class {words.upper() if words.startswith('sma') else words}"
