"""What happens to a new bill at once: the advances pay it, or, in a moratorium, its interest becomes principal."""

from datetime import date

from app.domain.billing.bills import Bill
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.positions import BillState, Position


def pay_from_advances(position: Position, journal: Journal, bill: BillState, *, on: date) -> None:
    """Pays a new bill from the advances, the oldest payment first: interest, then principal, then charges."""
    journal.open_group()
    remaining: list[tuple[int, int]] = []
    for payment_id, left in position.advances:
        interest = min(left, bill.unpaid_interest_paise)
        principal = min(left - interest, bill.unpaid_principal_paise)
        charges = min(left - interest - principal, bill.unpaid_charges_paise)
        parts = (Account.INTEREST, interest), (Account.PRINCIPAL, principal), (Account.CHARGES, charges)
        for account, part in parts:
            journal.post(Kind.ADVANCE_USED, Account.ADVANCE, account, part, account, on, bill.cycle, payment_id)
        bill.unpaid_interest_paise -= interest
        bill.unpaid_principal_paise -= principal
        bill.unpaid_charges_paise -= charges
        position.interest_paise -= interest
        position.principal_paise -= principal
        position.charges_paise -= charges
        used = interest + principal + charges
        position.advance_paise -= used
        if left > used:
            remaining.append((payment_id, left - used))
    position.advances = remaining


def capitalise(position: Position, journal: Journal, bill: Bill) -> BillState:
    """Turns the interest of a bill into principal. Nothing of such a bill is left to pay."""
    on, amount, principal = bill.billed_on, -bill.principal_due_paise, Account.PRINCIPAL
    journal.open_group()
    journal.post(Kind.CAPITALISED, principal, Account.INTEREST, amount, principal, on, bill.cycle)
    position.principal_paise += amount
    position.interest_paise -= amount
    return BillState(bill.cycle, bill.due_on, 0, 0, 0, 0, 0, settled_on=on)
