"""Posts the charges of bills: the late charge of an overdue bill, and what a new bill demands of charges."""

from datetime import date

from app.domain.billing.demands import late_charge_paise
from app.domain.billing.open_bills import waits_with_later
from app.domain.lending.late_days import take_penal
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.positions import BillState, Position
from app.domain.products.products import LateCharge, PaymentPolicy


def post_charges(position: Position, journal: Journal, *, on: date, is_capitalised: bool) -> int:
    """Posts the penal charge of the cycle that ends on `on`, and returns the charges of its bill in paise: that one and
    those that were posted since the last bill. A bill whose interest is capitalised demands nothing, so they wait."""
    if is_capitalised:
        return 0
    penal = take_penal(position, on=on) if position.terms.counts_late_days else 0
    if penal:
        journal.open_group()
        charges, income = Account.CHARGES, Account.CHARGE_INCOME
        journal.post(Kind.PENAL_CHARGE, charges, income, penal, charges, on, position.next_cycle)
        position.charges_paise += penal
    demanded = penal + position.unbilled_charges_paise
    position.unbilled_charges_paise = 0
    return demanded


def late_paise(position: Position, bill: BillState, charge: LateCharge) -> int:
    """What is overdue of a bill for its late charge, in paise: 0 below the tolerances, and 0 for what a moratorium
    deferred, if a later bill fell due on the same day."""
    if position.alterations is not None and waits_with_later(bill, position.open_bills):
        return 0
    overdue = bill.minimum_unpaid_paise
    if position.terms.payment_policy is PaymentPolicy.EXACT:
        overdue = bill.unpaid_interest_paise + bill.unpaid_principal_paise
    return overdue if overdue >= max(position.terms.tolerance_paise, charge.tolerance_paise) else 0


def post_late_charge(
    position: Position, journal: Journal, bill: BillState, charge: LateCharge, *, overdue_paise: int, on: date
) -> None:
    """Posts the late charge of a bill and its tax. Together they never exceed the overdue amount of the bill."""
    amount, tax = late_charge_paise(charge, overdue_paise=overdue_paise)
    journal.open_group()
    for credit, part in ((Account.CHARGE_INCOME, amount), (Account.GST_PAYABLE, tax)):
        journal.post(Kind.CHARGE, Account.CHARGES, credit, part, Account.CHARGES, on, bill.cycle)
    bill.unpaid_charges_paise += amount + tax
    position.add_to_totals(amount + tax)
    position.charges_paise += amount + tax
