"""The account of a borrower over a period: every line, and what was owed before and after.

The account is the sum of what is owed (principal, interest, charges) less what is paid in advance. A transfer between
these four changes nothing of it and is no line.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from app.domain.errors import Invalid
from app.domain.lending.ledger import Account, Kind, Transfer

#: The accounts that make up what the borrower owes.
OWED: Final = frozenset({Account.PRINCIPAL, Account.INTEREST, Account.CHARGES, Account.ADVANCE})


class PeriodInvalid(Invalid):
    """The period of the statement ends before it begins, or after the business date. Name another period."""

    code = "statement_period_invalid"


class Movement(StrEnum):
    """What a line of the account is."""

    DISBURSED = "disbursed"
    DISBURSAL_WITHDRAWN = "disbursal_withdrawn"
    PAYMENT = "payment"
    PAYMENT_RETURNED = "payment_returned"
    INTEREST = "interest"
    INTEREST_CORRECTED = "interest_corrected"
    CHARGE = "charge"
    CHARGE_CANCELLED = "charge_cancelled"
    TO_REFUND = "to_refund"
    REFUND_WITHDRAWN = "refund_withdrawn"
    GIVEN_UP = "given_up"
    GIVING_UP_WITHDRAWN = "giving_up_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """A line of the account: what was booked on a day and counts from another one, and what is owed after it (paise;
    below 0: the lender owes the borrower)."""

    booked_on: date
    value_date: date
    movement: Movement
    payment_id: int | None
    cycle: int | None
    debit_paise: int
    credit_paise: int
    owed_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPeriod:
    """The account from one day to another, both included. Money in paise."""

    from_on: date
    to_on: date
    opening_paise: int
    lines: tuple[AccountLine, ...]

    @property
    def debits_paise(self) -> int:
        """All that was added to what is owed."""
        return sum(line.debit_paise for line in self.lines)

    @property
    def credits_paise(self) -> int:
        """All that was taken off what is owed."""
        return sum(line.credit_paise for line in self.lines)

    @property
    def closing_paise(self) -> int:
        """What is owed at the end of the period."""
        return self.opening_paise + self.debits_paise - self.credits_paise


def account_of_period(transfers: Sequence[Transfer], *, from_on: date, to_on: date) -> AccountPeriod:
    """The account of a period by the day of booking, so that a period that is over never changes."""
    opening = sum(_owed_change(transfer) for transfer in transfers if transfer.booked_on < from_on)
    inside = [transfer for transfer in transfers if from_on <= transfer.booked_on <= to_on]
    seen_before = {transfer.payment_id for transfer in transfers if transfer.booked_on < from_on}
    # A top-up that is undone is no payment, although its money comes back.
    lent = {transfer.number for transfer in transfers if transfer.kind is Kind.DISBURSAL}
    lines: list[AccountLine] = []
    for _, found in groupby(inside, key=lambda transfer: transfer.booked_on):
        of_day = list(found)
        owed = lines[-1].owed_paise if lines else opening
        lines += _lines(of_day, seen_before=seen_before, lent=lent, opening_paise=owed)
        seen_before |= {transfer.payment_id for transfer in of_day}
    return AccountPeriod(from_on=from_on, to_on=to_on, opening_paise=opening, lines=tuple(lines))


def check_period(*, from_on: date, to_on: date, today: date) -> None:
    """Refuses a period that is empty or not over. Raises PeriodInvalid."""
    if from_on > to_on:
        raise PeriodInvalid("the period ends before it begins", field="from")
    if to_on > today:
        raise PeriodInvalid(f"the period may end on {today} at the latest", field="to")


def _owed_change(transfer: Transfer) -> int:
    """By how much a transfer changes what is owed."""
    return transfer.amount_paise * ((transfer.debit in OWED) - (transfer.credit in OWED))


class _Key(NamedTuple):
    """What belongs on one line: one day of booking, one value date, one cause."""

    booked_on: date
    value_date: date
    cause: str
    payment_id: int | None
    cycle: int | None


def _lines(
    transfers: Iterable[Transfer], *, seen_before: Collection[int | None], lent: Collection[int], opening_paise: int
) -> list[AccountLine]:
    """The lines of transfers. What was reversed and posted again on one day is shown by its difference, and not at all
    where there is none: the borrower's account did not change. A payment that was taken and returned on one day is
    shown as both."""
    keyed: dict[_Key, list[int]] = defaultdict(list)
    for transfer in transfers:
        if change := _owed_change(transfer):
            keyed[_key_of(transfer, lent=lent)].append(change)
    lines, owed = [], opening_paise
    for key, changes in keyed.items():
        net = [sum(changes)]
        if net == [0] and key.cause == _CASH and key.payment_id not in seen_before:
            net = [sum(change for change in changes if change < 0), sum(change for change in changes if change > 0)]
        for change in filter(None, net):
            owed += change
            lines.append(_line(key, change, owed=owed))
    return lines


def _line(key: _Key, change: int, *, owed: int) -> AccountLine:
    risen, fallen = _MOVEMENTS[key.cause]
    return AccountLine(
        booked_on=key.booked_on,
        value_date=key.value_date,
        movement=risen if change > 0 else fallen,
        payment_id=key.payment_id,
        cycle=key.cycle,
        debit_paise=max(change, 0),
        credit_paise=max(-change, 0),
        owed_paise=owed,
    )


_CASH, _OTHER = Account.CASH.value, Account.CHARGE_INCOME.value
#: What it is called when what is owed rises and when it falls, by the account of the lender on the other side.
_MOVEMENTS: Final = {
    Kind.DISBURSAL.value: (Movement.DISBURSED, Movement.DISBURSAL_WITHDRAWN),
    _CASH: (Movement.PAYMENT_RETURNED, Movement.PAYMENT),
    Account.INTEREST_INCOME.value: (Movement.INTEREST, Movement.INTEREST_CORRECTED),
    Account.REFUND_PAYABLE.value: (Movement.TO_REFUND, Movement.REFUND_WITHDRAWN),
    Account.WAIVERS.value: (Movement.GIVING_UP_WITHDRAWN, Movement.GIVEN_UP),
    _OTHER: (Movement.CHARGE, Movement.CHARGE_CANCELLED),
}
_CAUSES: Final = {
    Account.INTEREST_SUSPENSE: Account.INTEREST_INCOME.value,
    Account.WRITE_OFFS: Account.WAIVERS.value,
}


def _key_of(transfer: Transfer, *, lent: Collection[int]) -> _Key:
    """The line of a transfer: its cause follows from the account of the lender on its other side. `lent` are the
    numbers of the transfers that lent money."""
    other = transfer.credit if transfer.debit in OWED else transfer.debit
    cause = _CAUSES.get(other, other.value if other.value in _MOVEMENTS else _OTHER)
    if cause == _CASH and (transfer.number in lent or transfer.reverses in lent):
        cause = Kind.DISBURSAL.value
    is_paid = cause == _CASH
    return _Key(
        transfer.booked_on,
        transfer.value_date,
        cause,
        transfer.payment_id if is_paid else None,
        None if is_paid else transfer.cycle,
    )
