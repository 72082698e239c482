"""Settlement: how a loan ends that is paid, and what becomes of interest that was billed and taken back.

When a payment turns out to have come earlier, bills stay as they were issued, and what they asked for too much of is a
*credit of interest*: a negative `unbilled_interest_paise`. It pays what open bills still ask for, and where none is
open it waits for the next bill, which asks for that much less. What is left of it at the end is owed back to the
borrower. Source: domain.md, section 8.
"""

from datetime import date

from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.loans import accrued_paise
from app.domain.lending.positions import BillState, Position


def settle(
    position: Position, journal: Journal, states: dict[int, BillState], *, on: date, number: int | None = None
) -> None:
    """What follows from a bill, a payment or a waiver: a credit of interest is used, and a loan on which nothing is
    owed is closed. What is left then of an advance and of the credit is owed back to the borrower.

    `number` is that of the payment or waiver it follows from; bills that change are added to `states`.
    """
    if position.unbilled_interest_paise < 0:
        use_interest_credit(position, journal, states, on=on, number=number)
        if position.owed_paise <= 0 and accrued_paise(position, on=on) == 0:
            pay_principal_by_credit(position, journal, on=on, number=number)
    owed = position.principal_paise or position.charges_paise or position.open_bills
    if owed or position.interest_paise > 0 or accrued_paise(position, on=on):
        return
    journal.open_group()
    advance, owed_back = Account.ADVANCE, Account.REFUND_PAYABLE
    for payment_id, part in position.advances:
        journal.post(Kind.REFUND, advance, owed_back, part, advance, on, None, payment_id)
    journal.post(Kind.REFUND, Account.INTEREST, owed_back, -position.interest_paise, advance, on, None, number)
    position.advances, position.advance_paise = [], 0
    position.interest_paise = position.unbilled_interest_paise = 0
    position.close(on)


def use_interest_credit(
    position: Position, journal: Journal, states: dict[int, BillState], *, on: date, number: int | None
) -> None:
    """Pays what open bills ask for from a credit of interest: interest first, then charges, then principal."""
    journal.open_group()
    for bill in position.open_bills:
        if take_interest_back(position, bill):
            states[bill.cycle] = bill
    for account in (Account.CHARGES, Account.PRINCIPAL):
        for bill in position.open_bills:
            _pay_bill_by_credit(position, journal, states, account, bill, on=on, number=number)
    for bill in position.open_bills[:]:
        if bill.unpaid_paise == 0:
            position.settle(bill, on)


def take_interest_back(position: Position, bill: BillState) -> int:
    """Takes what a credit covers off the interest that a bill asks for, and answers how much; nothing moves in the
    ledger, where both are interest."""
    part = min(max(-position.unbilled_interest_paise, 0), bill.unpaid_interest_paise)
    bill.unpaid_interest_paise -= part
    position.unbilled_interest_paise += part
    return part


def _pay_bill_by_credit(
    position: Position,
    journal: Journal,
    states: dict[int, BillState],
    account: Account,
    bill: BillState,
    *,
    on: date,
    number: int | None,
) -> None:
    credit = max(-position.unbilled_interest_paise, 0)
    is_charges = account is Account.CHARGES
    part = min(credit, bill.unpaid_charges_paise if is_charges else bill.unpaid_principal_paise)
    if part == 0:
        return
    if is_charges:
        bill.unpaid_charges_paise -= part
    else:
        bill.unpaid_principal_paise -= part
    states[bill.cycle] = bill
    _post_credit(position, journal, account, part, on=on, cycle=bill.cycle, number=number)
    if not is_charges and position.is_daily:
        position.move(on, -part)


def pay_principal_by_credit(position: Position, journal: Journal, *, on: date, number: int | None) -> None:
    """At the end of a loan: pays principal that no bill has asked for from a credit of interest."""
    part = min(max(-position.unbilled_interest_paise, 0), position.undemanded_principal_paise)
    _post_credit(position, journal, Account.PRINCIPAL, part, on=on, cycle=None, number=number)


def _post_credit(
    position: Position,
    journal: Journal,
    account: Account,
    part: int,
    *,
    on: date,
    cycle: int | None,
    number: int | None,
) -> None:
    journal.post(Kind.ADJUSTMENT, Account.INTEREST, account, part, account, on, cycle, number)
    position.interest_paise += part
    position.unbilled_interest_paise += part
    if account is Account.CHARGES:
        position.charges_paise -= part
    else:
        position.principal_paise -= part
