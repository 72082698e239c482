"""Refunds: what is owed to the borrower is paid out.

Money is owed to the borrower when more than the payoff came, or when a loan closes with an advance or a credit of
interest left. It stands in the account `refund_payable` until two people refund it. If a payment bounces after it was
refunded, the account has a debit balance: the borrower has had more than was owed, and owes it to the lender.
Source: docs/decisions/0041.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.errors import Invalid, Rejected
from app.domain.lending.ledger import Account, Journal, Kind, Transfer
from app.domain.lending.positions import Decision, Position
from app.domain.money import format_inr


class RefundOfNothing(Invalid):
    """The refund is zero or negative. Name an amount above zero."""

    code = "refund_of_nothing"


class RefundBeyondOwed(Rejected):
    """The refund is more than is owed to the borrower. Refund at most `figures.owed`."""

    code = "refund_beyond_owed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund that was paid out. `number` is from the numbering of the payments. Money in paise."""

    number: int
    paid_on: date
    amount_paise: int


def owed_to_borrower_paise(transfers: Iterable[Transfer]) -> int:
    """What the ledger of a loan owes to the borrower, in paise; below 0 when more was refunded than is owed."""
    owed = 0
    for transfer in transfers:
        if transfer.credit is Account.REFUND_PAYABLE:
            owed += transfer.amount_paise
        elif transfer.debit is Account.REFUND_PAYABLE:
            owed -= transfer.amount_paise
    return owed


def decide_refund(position: Position, refund: Refund, *, owed_paise: int) -> Decision:
    """Pays out a part or all of what is owed to the borrower. Raises RefundOfNothing, RefundBeyondOwed."""
    if refund.amount_paise <= 0:
        raise RefundOfNothing("a refund must be above zero", field="amount")
    if refund.amount_paise > owed_paise:
        raise RefundBeyondOwed(
            f"{format_inr(max(owed_paise, 0))} is owed to the borrower",
            field="amount",
            owed_paise=max(owed_paise, 0),
            asked_paise=refund.amount_paise,
        )
    return pay_out(position.copy(), refund)


def pay_out(position: Position, refund: Refund) -> Decision:
    """Posts a refund on the position. A replay posts it whatever is owed then: the money has left."""
    journal, payable = Journal(last_number=position.last_transfer, booked_on=refund.paid_on), Account.REFUND_PAYABLE
    journal.post(
        Kind.REFUND_PAID, payable, Account.CASH, refund.amount_paise, payable, refund.paid_on, None, refund.number
    )
    position.last_transfer = journal.number
    return Decision(position, journal.transfers, {}, ())
