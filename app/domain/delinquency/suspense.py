"""Interest in suspense: what a non-performing loan was billed and has not paid is no income.

On the first day-end as non-performing, the interest that was billed and not received goes from income to suspense; what
is billed later follows. It is income again when it is received, or when the loan is standard again. What the lender
gives up of it never was income, so it lowers the loss. Every movement is a transfer with the day-end as its value date;
a correction of the past is posted today, with the value date of that past.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.domain.lending.ledger import Account, Journal, Kind, Transfer

_LOSSES = (Account.WAIVERS, Account.WRITE_OFFS)


class ClassDay(NamedTuple):
    """A day-end from which on a loan is non-performing, or no longer."""

    on: date
    is_non_performing: bool


class Movement(NamedTuple):
    """What is moved into suspense (negative: out of it) at a day-end, against an account. In paise."""

    on: date
    against: Account
    amount_paise: int


def suspended_paise(transfers: Iterable[Transfer], *, on: date = date.max) -> int:
    """The interest in suspense at a day-end, in paise, as the ledger says it."""
    total = 0
    for transfer in transfers:
        if transfer.value_date <= on:
            total += transfer.amount_paise * _side(transfer, Account.INTEREST_SUSPENSE, credit=1)
    return total


def suspense_postings(
    transfers: Sequence[Transfer], days: Sequence[ClassDay], *, through: date, last_number: int, booked_on: date
) -> list[Transfer]:
    """The transfers after which the suspense of every day-end through `through` is what it must be.

    `transfers` is the whole ledger of the loan, `days` the changes between performing and not, in order. Empty when
    nothing is to be posted, so that a second call posts nothing.
    """
    wanted = _wanted(transfers, days, through=through)
    posted: dict[tuple[date, Account], int] = defaultdict(int)
    for transfer in transfers:
        sign = _side(transfer, Account.INTEREST_SUSPENSE, credit=1)
        if sign:
            against = transfer.debit if sign > 0 else transfer.credit
            posted[transfer.value_date, against] += sign * transfer.amount_paise
    journal = Journal(last_number=last_number, booked_on=booked_on)
    for place in sorted(wanted.keys() | posted.keys()):
        on, against = place
        _post(journal, Movement(on, against, wanted.get(place, 0) - posted.get(place, 0)))
    return journal.transfers


def _post(journal: Journal, movement: Movement) -> None:
    journal.open_group()
    kind = Kind.SUSPENSE if movement.amount_paise > 0 else Kind.RECOGNITION
    accounts = (movement.against, Account.INTEREST_SUSPENSE)
    debit, credit = accounts if movement.amount_paise > 0 else accounts[::-1]
    journal.post(kind, debit, credit, abs(movement.amount_paise), Account.INTEREST_SUSPENSE, movement.on)


def _wanted(
    transfers: Sequence[Transfer], days: Sequence[ClassDay], *, through: date
) -> Mapping[tuple[date, Account], int]:
    """What must have been moved at each day-end, against each account."""
    moved: dict[date, int] = defaultdict(int)
    given_up: dict[tuple[date, Account], int] = defaultdict(int)
    for transfer in transfers:
        sign = _side(transfer, Account.INTEREST, credit=-1)
        if sign:
            moved[transfer.value_date] += sign * transfer.amount_paise
            for loss in _LOSSES:
                # A replay takes a waiver back with the accounts exchanged.
                if loss in (transfer.debit, transfer.credit):
                    given_up[transfer.value_date, loss] -= sign * transfer.amount_paise
    changes = {day.on: day.is_non_performing for day in days}
    wanted: dict[tuple[date, Account], int] = defaultdict(int)
    owed, suspended, is_non_performing = 0, 0, False
    for on in sorted(moved.keys() | changes.keys()):
        if on > through:
            break
        owed += moved.get(on, 0)
        is_non_performing = changes.get(on, is_non_performing)
        target = max(owed, 0) if is_non_performing else 0
        left = target - suspended
        for loss in _LOSSES:
            part = -min(max(-left, 0), max(given_up.get((on, loss), 0), 0))
            if part:
                wanted[on, loss] += part
                left -= part
        if left:
            wanted[on, Account.INTEREST_INCOME] += left
        suspended = target
    return wanted


def _side(transfer: Transfer, account: Account, *, credit: int) -> int:
    """`credit` if the account is credited, the opposite if it is debited, 0 if it is neither."""
    if transfer.credit is account:
        return credit
    return -credit if transfer.debit is account else 0
