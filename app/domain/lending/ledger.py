"""The ledger: every movement of money is a transfer from one account to another.

A transfer debits one account and credits another by the same amount, so the books balance by construction and a wrong
posting shows as a wrong pair, never as a hole. Transfers are inserted and never changed: what was wrong is posted back
by a transfer that names the one it reverses. Each loan has four accounts of its own; the others belong to the lender.

    principal   receivable: lent and not yet repaid                    (debit balance)
    interest    receivable: billed or adjusted, and not yet paid       (debit balance)
    charges     receivable: late charges with their tax, not yet paid  (debit balance)
    advance     owed to the borrower: paid before it was asked for     (credit balance)
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Account(StrEnum):
    """The chart of accounts."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    CHARGES = "charges"
    ADVANCE = "advance"
    CASH = "cash"
    INTEREST_INCOME = "interest_income"
    CHARGE_INCOME = "charge_income"
    GST_PAYABLE = "gst_payable"
    REFUND_PAYABLE = "refund_payable"
    WAIVERS = "waivers"
    WRITE_OFFS = "write_offs"


class Kind(StrEnum):
    """Why a transfer was posted."""

    DISBURSAL = "disbursal"
    INTEREST = "interest"
    CHARGE = "charge"
    PAYMENT = "payment"
    PREPAYMENT = "prepayment"
    ADVANCE = "advance"
    ADVANCE_USED = "advance_used"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"
    REFUND = "refund"
    WAIVER = "waiver"
    WRITE_OFF = "write_off"


class Transfer(NamedTuple):
    """One row of the ledger. A named tuple, because a billing run copies millions of them to the database.

    `number` counts the loan's transfers from 1; `group_number` is the number of the first transfer of the movement;
    `cycle` is the bill it belongs to; `payment_id` the payment, or the waiver or write-off (numbered together);
    `reverses` the number of the transfer it undoes.
    """

    number: int
    group_number: int
    kind: Kind
    debit: Account
    credit: Account
    amount_paise: int
    component: Account
    value_date: date
    booked_on: date
    cycle: int | None = None
    payment_id: int | None = None
    reverses: int | None = None


class Journal:
    """The transfers of one decision, numbered as they are posted.

    `booked_on` is the business date of the posting; a transfer's value date is the day from which it counts.
    """

    __slots__ = ("booked_on", "group_number", "number", "transfers")

    def __init__(self, *, last_number: int, booked_on: date) -> None:
        self.number = last_number
        self.group_number = last_number + 1
        self.booked_on = booked_on
        self.transfers: list[Transfer] = []

    def open_group(self) -> None:
        """What is posted from here on belongs to one movement."""
        self.group_number = self.number + 1

    def post(
        self,
        kind: Kind,
        debit: Account,
        credit: Account,
        amount_paise: int,
        component: Account,
        value_date: date,
        cycle: int | None = None,
        payment_id: int | None = None,
        reverses: int | None = None,
    ) -> None:
        """Posts one transfer; nothing moves for an amount of zero. Positional, because it is the hottest call."""
        assert amount_paise >= 0, "a transfer has a direction, not a sign"
        if amount_paise == 0:
            return
        self.number += 1
        self.transfers.append(
            Transfer(
                self.number,
                self.group_number,
                kind,
                debit,
                credit,
                amount_paise,
                component,
                value_date,
                self.booked_on,
                cycle,
                payment_id,
                reverses,
            )
        )


def cash_applied(transfers: Iterable[Transfer], *, payment_id: int) -> dict[str, int]:
    """Where the cash of a payment went when it was posted: component to paise."""
    applied: dict[str, int] = defaultdict(int)
    for transfer in transfers:
        if transfer.payment_id == payment_id and transfer.debit is Account.CASH:
            applied[transfer.credit.value] += transfer.amount_paise
    return applied
