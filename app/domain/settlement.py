"""Settlement: how a loan ends that is paid, and what becomes of interest that was billed and taken back.

When a payment turns out to have come earlier, bills stay as they were issued, and what they asked for too much of is a
*credit of interest*: a negative `unbilled_interest_paise`. The next bill asks for that much less. Where no bill is to
come that could show it, the credit pays what open bills still ask for, and what is left of it at the end is owed back
to the borrower. Source: domain.md, section 8.
"""

from datetime import date

from app.domain.ledger import Account, Journal, Kind
from app.domain.loans import accrued_paise
from app.domain.positions import BillState, Position


def settle(
    position: Position, journal: Journal, states: dict[int, BillState], *, on: date, number: int | None = None
) -> None:
    """What follows from a bill, a payment or a waiver: a credit of interest that no bill is to come for is used, and a
    loan on which nothing is owed is closed.

    What was paid in advance and is not needed, and what is left of a credit, is owed back to the borrower. `number` is
    that of the payment or waiver it follows from; bills that change are added to `states`.
    """
    if position.unbilled_interest_paise < 0 and not _is_a_bill_to_come(position, on=on):
        use_interest_credit(position, journal, states, on=on, number=number)
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


def _is_a_bill_to_come(position: Position, *, on: date) -> bool:
    """Whether a later bill can show what an adjustment took back of interest: not where nothing more accrues, and not
    where that is all the debt there is."""
    if accrued_paise(position, on=on) > 0:
        return True
    goes_on = position.plan.due_on or (position.is_daily and position.principal_paise)
    return bool(goes_on) and position.owed_paise > 0


def use_interest_credit(
    position: Position, journal: Journal, states: dict[int, BillState], *, on: date, number: int | None
) -> None:
    """Interest that an adjustment took back, and that no bill has shown yet, lowers what open bills still ask for:
    interest first, then charges, then principal, and then the principal that no bill has asked for."""
    credit = max(-position.unbilled_interest_paise, 0)
    journal.open_group()
    for bill in position.open_bills:
        part = min(credit, bill.unpaid_interest_paise)
        credit -= part
        bill.unpaid_interest_paise -= part
        position.unbilled_interest_paise += part
        states[bill.cycle] = bill
    for account in (Account.CHARGES, Account.PRINCIPAL):
        for bill in position.open_bills:
            owed = bill.unpaid_charges_paise if account is Account.CHARGES else bill.unpaid_principal_paise
            credit -= _credit_to(position, journal, account, min(credit, owed), bill=bill, on=on, number=number)
    for bill in position.open_bills[:]:
        if bill.unpaid_paise == 0:
            position.settle(bill, on)
    part = min(credit, position.undemanded_principal_paise)
    _credit_to(position, journal, Account.PRINCIPAL, part, bill=None, on=on, number=number)


def _credit_to(
    position: Position,
    journal: Journal,
    account: Account,
    part: int,
    *,
    bill: BillState | None,
    on: date,
    number: int | None,
) -> int:
    """Pays a part of charges or principal from a credit of interest, and answers how much."""
    cycle = None if bill is None else bill.cycle
    journal.post(Kind.ADJUSTMENT, Account.INTEREST, account, part, account, on, cycle, number)
    position.interest_paise += part
    position.unbilled_interest_paise += part
    if account is Account.CHARGES:
        position.charges_paise -= part
    else:
        position.principal_paise -= part
        if position.is_daily or bill is None:
            position.move(on, -part)
    if bill is not None and account is Account.CHARGES:
        bill.unpaid_charges_paise -= part
    elif bill is not None:
        bill.unpaid_principal_paise -= part
    return part
