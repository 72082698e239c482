"""The ledger: every movement of money is a transfer from one account to another.

A transfer debits one account and credits another by the same amount, so the books always balance. Transfers are
inserted and never changed. To undo a transfer, the code posts a reversal, which names the number of the transfer that
it reverses. Each loan has four accounts of its own; the other accounts belong to the lender.

    principal   receivable: lent and not yet repaid                    (debit balance)
    interest    receivable: billed or adjusted, and not yet paid       (debit balance)
    charges     receivable: charges with their tax, not yet paid       (debit balance)
    advance     owed to the borrower: paid before it was billed        (credit balance)
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
    INTEREST_SUSPENSE = "interest_suspense"
    CHARGE_INCOME = "charge_income"
    GST_PAYABLE = "gst_payable"
    THIRD_PARTY_PAYABLE = "third_party_payable"
    REFUND_PAYABLE = "refund_payable"
    WAIVERS = "waivers"
    WRITE_OFFS = "write_offs"
    RECOVERY_INCOME = "recovery_income"
    CASH_ROUNDING = "cash_rounding"


class Kind(StrEnum):
    """Why a transfer was posted."""

    DISBURSAL = "disbursal"
    FEE = "fee"
    INTEREST = "interest"
    OVERDUE_INTEREST = "overdue_interest"
    CHARGE = "charge"
    PENAL_CHARGE = "penal_charge"
    BOUNCE_CHARGE = "bounce_charge"
    SERVICE_CHARGE = "service_charge"
    PREPAYMENT_CHARGE = "prepayment_charge"
    PAYMENT = "payment"
    PREPAYMENT = "prepayment"
    ADVANCE = "advance"
    ADVANCE_USED = "advance_used"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"
    REFUND = "refund"
    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    CREDIT_NOTE = "credit_note"
    SUSPENSE = "suspense"
    RECOGNITION = "recognition"
    OVERPAYMENT = "overpayment"
    RECOVERY = "recovery"
    ROUNDING = "rounding"
    REFUND_PAID = "refund_paid"
    CAPITALISED = "capitalised"


class Transfer(NamedTuple):
    """One row of the ledger. `amount_paise` is above 0. A named tuple, because a run writes millions of them.

    `number` counts the loan's transfers from 1. `group_number` is the number of the first transfer of the movement.
    `component` is the part of the debt it concerns. The transfer counts from `value_date` on; it was posted on the
    business date `booked_on`. `cycle` is the number of the bill it belongs to. `payment_id` is the number of the
    payment, waiver, write-off, refund or change (they share one numbering). `reverses` is the number of the transfer
    it undoes.
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
    """Collects the transfers of one decision and numbers them. `booked_on` is the business date of the posting."""

    __slots__ = ("booked_on", "group_number", "number", "transfers")

    def __init__(self, *, last_number: int, booked_on: date) -> None:
        self.number = last_number
        self.group_number = last_number + 1
        self.booked_on = booked_on
        self.transfers: list[Transfer] = []

    def open_group(self) -> None:
        """Starts a new movement: the transfers posted after this call form one group."""
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
        """Posts one transfer; posts none when the amount is 0.

        The arguments are positional, because a billing run calls this most often.
        """
        assert amount_paise >= 0, "the amount of a transfer is not negative"
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
    """How the cash of a payment was allocated when it was posted: component -> paise."""
    applied: dict[str, int] = defaultdict(int)
    for transfer in transfers:
        if transfer.payment_id == payment_id and transfer.debit is Account.CASH:
            applied[transfer.credit.value] += transfer.amount_paise
    return applied
