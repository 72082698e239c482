"""A promise to pay: so much, by a day. Whether it is kept follows from the payments of the loan or card.

Money counts towards a promise if it came by the promised day (its value date, whenever it was entered) and was not
known when the promise was made. A payment that bounced never came. Money serves one promise only: the earliest first,
and a promise that was broken keeps the part that was paid towards it. So the verdict on every promise is derived from
all payments, and a backdated payment or a reversal changes it. Source: docs/collections.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from app.domain.errors import Conflict, Invalid

#: A promise further ahead than this is a plan, not a promise.
LONGEST: Final = timedelta(days=90)


class PromiseDateInvalid(Invalid):
    """The promised day has passed, or is more than 90 days ahead. Name the business date or a day soon after it."""

    code = "promise_date_invalid"


class PromiseDecided(Conflict):
    """The promise is kept, broken or withdrawn, so it can no longer be withdrawn. Note a new promise."""

    code = "promise_decided"


class PromiseDuplicate(Conflict):
    """A promise for the same day is open on this loan or card. Withdraw it first, or name another day."""

    code = "promise_duplicate"


class PromiseStatus(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise: an amount in paise, the last day on which it may come, and when it was made."""

    id: int
    amount_paise: int
    pay_by: date
    made_on: date
    made_at: datetime
    status: PromiseStatus = PromiseStatus.OPEN


class Receipt(NamedTuple):
    """Money that came: its number, how much of it still counts, its value date, and when it was entered."""

    number: int
    amount_paise: int
    value_on: date
    entered_at: datetime


class Verdict(NamedTuple):
    """How a promise stands: its status, how much came towards it by its day, and the day on which that was enough."""

    promise_id: int
    status: PromiseStatus
    paid_paise: int
    kept_on: date | None


def check_promise(*, pay_by: date, today: date, open_days: Iterable[date] = ()) -> None:
    """Refuses a promise for a day that has passed, is too far ahead, or has a promise already.

    Raises PromiseDateInvalid, PromiseDuplicate.
    """
    if not today <= pay_by <= today + LONGEST:
        raise PromiseDateInvalid(
            f"a promise is for a day from {today} to {today + LONGEST}", field="pay_by", latest=today + LONGEST
        )
    if pay_by in set(open_days):
        raise PromiseDuplicate(f"a promise for {pay_by} is open", field="pay_by")


def check_withdrawal(promise: Promise) -> None:
    """Only an open promise is withdrawn. Raises PromiseDecided."""
    if promise.status is not PromiseStatus.OPEN:
        raise PromiseDecided(f"the promise is {promise.status.value}", field="promise_id")


@dataclass(slots=True)
class _Money:
    """A receipt, and how much of it no promise has used."""

    receipt: Receipt
    left_paise: int


def judge_promises(promises: Iterable[Promise], receipts: Iterable[Receipt], *, through: date | None) -> list[Verdict]:
    """The verdict on every promise of one loan or card that was not withdrawn, by the day on which it ends.

    `through` is the latest day-end that is over: a promise for that day, or an earlier one, that is not fulfilled is
    broken. A promise is kept as soon as enough has come.
    """
    in_order = sorted(receipts, key=lambda receipt: (receipt.value_on, receipt.number))
    money = [_Money(receipt, receipt.amount_paise) for receipt in in_order]
    found = []
    for promise in sorted(promises, key=lambda promise: (promise.pay_by, promise.id)):
        if promise.status is PromiseStatus.WITHDRAWN:
            continue
        paid, last = _take(promise, money)
        if paid == promise.amount_paise:
            found.append(Verdict(promise.id, PromiseStatus.KEPT, paid, last))
            continue
        is_over = through is not None and promise.pay_by <= through
        found.append(Verdict(promise.id, PromiseStatus.BROKEN if is_over else PromiseStatus.OPEN, paid, None))
    return found


def _take(promise: Promise, money: Iterable[_Money]) -> tuple[int, date | None]:
    """Takes what a promise may use of the money that is left. Returns how much, and the value date of the last part."""
    paid, last = 0, None
    for part in money:
        receipt = part.receipt
        is_known_later = receipt.entered_at >= promise.made_at
        if not part.left_paise or receipt.value_on > promise.pay_by or not is_known_later:
            continue
        used = min(part.left_paise, promise.amount_paise - paid)
        if used:
            part.left_paise -= used
            paid, last = paid + used, receipt.value_on
    return paid, last


def prevailing(promises: Iterable[Promise]) -> Promise | None:
    """The promise that a list shows of a loan or card: the open one that ends first; without one, the one that was
    made last. What was withdrawn is left out."""
    found = [promise for promise in promises if promise.status is not PromiseStatus.WITHDRAWN]
    waiting = [promise for promise in found if promise.status is PromiseStatus.OPEN]
    if waiting:
        return min(waiting, key=lambda promise: (promise.pay_by, promise.id))
    return max(found, key=lambda promise: promise.id, default=None)
