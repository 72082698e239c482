"""What holds after every action, whatever happened: principal is where it was lent, no instalment asks for less than
nothing, and the payoff of the day closes the loan with nothing left."""

from collections.abc import Iterator
from datetime import date

from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import payoff
from tests.lives.forecast_checks import Violation, payoff_violations
from tests.lives.loan_books import Books

_LOSSES = (Account.WAIVERS, Account.WRITE_OFFS)


def step_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """What does not hold on a day."""
    yield from _principal_violations(books)
    position = books.position
    if position.status is not LoanStatus.ACTIVE:
        return
    yield from _plan_violations(position)
    yield from payoff_violations(position, on=on)


def _principal_violations(books: Books) -> Iterator[Violation]:
    """Principal is what was lent and capitalised, less what was paid, given up, or paid by a credit of interest."""
    position, went = books.position, dict.fromkeys(("lent", "capitalised", "paid", "lost", "credited"), 0)
    undone = {one.number: one.kind for one in books.transfers}
    for one in books.transfers:
        side = (one.debit is Account.PRINCIPAL) - (one.credit is Account.PRINCIPAL)
        if side:
            went[_way(one, undone)] += side * one.amount_paise
    if went["lent"] != position.lent_paise:
        yield Violation("principal.lent", f"{went}, lent {position.lent_paise}")
    capitalised = 0 if position.alterations is None else position.alterations.capitalised_paise
    if went["capitalised"] < capitalised or max(went["paid"], went["lost"], went["credited"]) > 0:
        yield Violation("principal.ways", f"{went}, arrears that became principal {capitalised}")
    if sum(went.values()) != position.principal_paise:
        yield Violation("principal.sum", f"{went} is not {position.principal_paise}")


def _way(transfer: Transfer, undone: dict[int, Kind]) -> str:
    """How principal came or went; a reversal goes the way of what it takes back."""
    kind = transfer.kind if transfer.reverses is None else undone[transfer.reverses]
    other = transfer.credit if transfer.debit is Account.PRINCIPAL else transfer.debit
    if kind in (Kind.DISBURSAL, Kind.FEE):
        return "lent"
    if kind is Kind.CAPITALISED:
        return "capitalised"
    if other in _LOSSES:
        return "lost"
    return "paid" if other in (Account.CASH, Account.ADVANCE) else "credited"


def _plan_violations(position: Position) -> Iterator[Violation]:
    """The plan is for the principal that no bill has demanded, and no part of it is negative, except the principal of
    an instalment whose interest becomes principal."""
    plan = position.plan
    for due_on, principal, interest in zip(*plan, strict=True):
        if interest < 0 or (principal < 0 and principal + interest != 0):
            yield Violation("plan.negative", f"{due_on}: principal {principal}, interest {interest}")
    if list(plan.due_on) != sorted(set(plan.due_on)):
        yield Violation("plan.dates", f"{plan.due_on}")
    if plan.due_on and not position.is_daily and sum(plan.principal_paise) != position.undemanded_principal_paise:
        yield Violation("plan.sum", f"{sum(plan.principal_paise)} of {position.undemanded_principal_paise} is planned")
    if position.next_billing_on is not None and plan.due_on and plan.due_on[0] != position.next_billing_on:
        yield Violation("plan.first", f"billed on {position.next_billing_on}, planned {plan.due_on[0]}")
    if any(
        min(bill.unpaid_charges_paise, bill.unpaid_interest_paise, bill.unpaid_principal_paise) < 0
        for bill in position.open_bills
    ):
        yield Violation("bill.negative", f"{position.open_bills}")
    if min(position.principal_paise, position.charges_paise, position.advance_paise) < 0:
        yield Violation("owed.negative", f"{position.principal_paise}, {payoff(position, on=position.last_event_on)}")


def statement_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """What was charged is paid, given up, became principal or is owed, in the statement as in the ledger. The fees of
    the disbursal are paid on its day."""
    statement, position = books.statement(on=on), books.position
    charged = -sum(
        one.amount_paise * ((one.credit is Account.INTEREST) - (one.debit is Account.INTEREST))
        for one in books.transfers
        if Account.INTEREST_INCOME in (one.debit, one.credit)
    )
    shown = {
        "paid": statement.interest_paid_paise,
        "waived": statement.interest_waived_paise,
        "written off": statement.interest_written_off_paise,
        "capitalised": statement.interest_capitalised_paise,
        "owed": position.interest_paise,
    }
    if sum(shown.values()) != charged:
        yield Violation("statement.interest", f"{shown} is not {charged}")
    asked = sum(
        one.amount_paise * ((one.debit is Account.CHARGES) - (one.credit is Account.CHARGES))
        for one in books.transfers
        if {one.debit, one.credit} & {Account.CHARGE_INCOME, Account.GST_PAYABLE}
    )
    asked += sum(one.amount_paise for one in books.transfers if one.kind is Kind.FEE)
    shown = {
        "paid": statement.charges_paid_paise,
        "waived": statement.charges_waived_paise,
        "written off": statement.charges_written_off_paise,
        "owed": position.charges_paise,
    }
    if sum(shown.values()) != asked:
        yield Violation("statement.charges", f"{shown} is not {asked}")
