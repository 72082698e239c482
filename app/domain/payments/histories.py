"""The history of a loan: its stored rows, and what people did to it, in order.

Payments, concessions, refunds, changes and charges for events share one numbering, so those of one day have an order. A
replay repeats them in their place, and compares what it posts with what stands in the ledger, group by group.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from app.domain.billing.cycles import Bill
from app.domain.lending.charges import BookedCharge
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.payments.changes import LoanChange
from app.domain.payments.concessions import Concession
from app.domain.payments.payments import PaymentOrder
from app.domain.payments.refunds import Refund


class Replanned(NamedTuple):
    """A day on which a replay made a new plan, and the number of the last payment or concession known then."""

    on: date
    after_payment_id: int


class History(NamedTuple):
    """The stored rows of a loan, each oldest first.

    `payments` are those that are not reversed. `replanned` are the days on which a replay made a new plan.
    `concessions` are the waivers, the write-off and the small balance that were granted. `refunds` are those that were
    paid out, `changes` those of the living loan that are not undone, `charges` those that were booked for events and
    stand.
    """

    bills: Sequence[Bill]
    payments: Sequence[PaymentOrder]
    transfers: Sequence[Transfer]
    replanned: Sequence[Replanned]
    concessions: Sequence[Concession] = ()
    refunds: Sequence[Refund] = ()
    changes: Sequence[LoanChange] = ()
    charges: Sequence[BookedCharge] = ()

    @property
    def actions(self) -> list["Action"]:
        """What people did to the loan, in order."""
        every: list[Action] = [*self.payments, *self.concessions, *self.refunds, *self.changes, *self.charges]
        return sorted(every, key=action_order)

    def before(self, place: tuple[date, int]) -> "History":
        """What had been done before an action, with the bills and plans of its day."""
        day = place[0]
        return self._replace(
            bills=[bill for bill in self.bills if bill.billed_on <= day],
            replanned=[replanned for replanned in self.replanned if replanned.on <= day],
            payments=[order for order in self.payments if action_order(order) < place],
            concessions=[granted for granted in self.concessions if action_order(granted) < place],
            refunds=[refund for refund in self.refunds if action_order(refund) < place],
            changes=[change for change in self.changes if action_order(change) < place],
            charges=[charge for charge in self.charges if action_order(charge) < place],
        )

    def known_on(self, day: date) -> "History":
        """What was known at the end of a business date: what was booked by then.

        `payments` are the payments that stood at that time; the caller knows when each was reversed.
        """
        return self._replace(
            bills=[bill for bill in self.bills if bill.booked_on <= day],
            payments=[order for order in self.payments if order.booked_on <= day],
            replanned=[replanned for replanned in self.replanned if replanned.on <= day],
            concessions=[granted for granted in self.concessions if granted.granted_on <= day],
            refunds=[refund for refund in self.refunds if refund.paid_on <= day],
            changes=[change for change in self.changes if change.booked_on <= day],
            charges=[charge for charge in self.charges if charge.booked_on <= day],
        )


#: What a person did to a loan after its disbursal. A replay repeats it in its place.
Action = PaymentOrder | Concession | Refund | LoanChange | BookedCharge
#: The key of transfers that are reversed and posted together: those of one action, the late charge of one bill, or
#: what a credit of interest paid or gave back without a payment.
GroupKey = tuple[str, int]


def action_order(action: Action) -> tuple[date, int]:
    """The sort key of an action: its value date, then its number."""
    if isinstance(action, PaymentOrder):
        return action.value_date, action.payment_id
    if isinstance(action, Refund):
        return action.paid_on, action.number
    if isinstance(action, LoanChange):
        return action.made_on, action.number
    if isinstance(action, BookedCharge):
        return action.booked_on, action.number
    return action.granted_on, action.number


def group_key(transfer: Transfer) -> GroupKey | None:
    """The group of a transfer; None for the interest of cycles, for suspense and for the disbursal with its fees."""
    if transfer.kind is Kind.CREDIT_NOTE:
        # It names the charge whose tax it gives back, and stands and falls by itself.
        if transfer.payment_id is not None:
            return ("credit_note", transfer.payment_id)
        return ("credit_note_of_bill", transfer.cycle or 0)
    if transfer.payment_id is not None:
        return ("payment", transfer.payment_id)
    if transfer.kind is Kind.FEE:
        return None
    if transfer.component is Account.INTEREST_SUSPENSE:
        # What is in suspense follows from the classes, which are judged after a replay.
        return None
    if transfer.component is Account.CHARGES:
        assert transfer.cycle is not None, "a charge belongs to a bill"
        return ("charge", transfer.cycle)
    if transfer.component is not Account.INTEREST and transfer.kind is not Kind.DISBURSAL:
        return ("credit", transfer.cycle or 0)
    return None


def posted_interest_paise(transfers: Sequence[Transfer]) -> int:
    """The posted interest of all cycles with adjustments, in paise, without the interest that payoffs posted."""
    total = 0
    for transfer in transfers:
        if transfer.payment_id is None and transfer.component is Account.INTEREST:
            total += transfer.amount_paise if transfer.debit is Account.INTEREST else -transfer.amount_paise
    return total
