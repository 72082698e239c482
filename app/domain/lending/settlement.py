"""Settlement: closing a loan on which nothing is owed, and using a credit of interest.

Issued bills never change. When a payment turns out to have come earlier, the bills demanded too much interest. The
difference is a *credit of interest*: a negative `unbilled_interest_paise`. The credit pays the open bills. When no bill
is open, it lowers the next bill. When the loan ends, the rest of the credit is owed back to the borrower.
Source: docs/business-rules.md, payments.
"""

from datetime import date

from app.domain.lending.late_days import penal_paise
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.loans import accrued_paise
from app.domain.lending.positions import BillState, Position


def settle(
    position: Position, journal: Journal, states: dict[int, BillState], *, on: date, number: int | None = None
) -> None:
    """Uses a credit of interest, and closes the loan when nothing is owed. Called after a bill, payment or waiver.

    When the loan closes, the rest of the advances and of the credit is posted as owed back to the borrower. `number` is
    the number of the payment or waiver. Bills that change are added to `states`.
    """
    if position.unbilled_interest_paise < 0:
        use_interest_credit(position, journal, states, on=on, number=number)
        if position.owed_paise <= 0 and accrued_paise(position, on=on) == penal_paise(position, on=on) == 0:
            pay_rest_by_credit(position, journal, on=on, number=number)
    owed = position.principal_paise or position.charges_paise or position.open_bills
    if owed or position.interest_paise > 0 or accrued_paise(position, on=on) or penal_paise(position, on=on):
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
    """Pays the open bills from the credit of interest: interest first, then charges, then principal."""
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
    # The credit may have paid any open bill. A biller that maintains running totals computes them again.
    position.open_totals = None


def take_interest_back(position: Position, bill: BillState) -> int:
    """Lowers the unpaid interest of a bill by what the credit covers, and returns that amount in paise.

    It posts nothing: both sides are the interest account.
    """
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


def pay_rest_by_credit(position: Position, journal: Journal, *, on: date, number: int | None) -> None:
    """At the end of a loan: pays charges and principal that no bill demanded from the credit of interest."""
    part = min(max(-position.unbilled_interest_paise, 0), position.unbilled_charges_paise)
    _post_credit(position, journal, Account.CHARGES, part, on=on, cycle=None, number=number)
    position.unbilled_charges_paise -= part
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


def use_advances(
    position: Position,
    journal: Journal,
    account: Account,
    *,
    owed: int,
    on: date,
    kind: Kind = Kind.ADVANCE_USED,
) -> int:
    """Pays up to `owed` paise of an account from the advances, oldest first, and returns the amount paid."""
    left = owed
    for index, (payment_id, part) in enumerate(position.advances):
        used = min(part, left)
        journal.post(kind, Account.ADVANCE, account, used, account, on, None, payment_id)
        position.advances[index] = (payment_id, part - used)
        position.advance_paise -= used
        left -= used
    return owed - left
