"""A loan for staff on one page. Each part of the page is one call, and nothing is written.

The head says what an officer asks first: how much is overdue and for how many days, and what makes the loan current.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.products import products as product_repository
from app.db.repositories.reporting import loan_file as repository
from app.domain.delinquency.changes import Change
from app.domain.lending.positions import Position
from app.domain.payments.payments import Due, next_due
from app.domain.public_ids import LoanReference
from app.domain.reporting.loan_file import (
    BalanceLines,
    FileLine,
    Happening,
    balance_lines,
    file_lines,
    happenings,
    to_be_current_paise,
)
from app.domain.reporting.simulations import Outlook, outlook
from app.domain.reporting.statements import Statement
from app.services.delinquency import views as delinquency
from app.services.delinquency.views import DelinquencyView
from app.services.lending import loans
from app.services.lending.calculations import calculate
from app.services.people import customers
from app.services.people.customers import CustomerView
from app.services.reporting import statements
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanHead:
    """A loan on the business date, as its head shows it. Money in paise."""

    public_id: str
    product_name: str
    position: Position
    borrower: CustomerView
    on: date
    next_due: Due | None
    overdue_paise: int
    to_be_current_paise: int
    ahead: Outlook
    delinquency: DelinquencyView


async def view_head(uow: UnitOfWork, loan: LoanReference) -> LoanHead:
    """The head of a loan's page. Raises LoanNotFound."""
    stored, product = await loans.find_position(uow, loan)
    customer_id, today = stored.customer_id, await uow.business_date()
    position = await loans.position_on(uow, stored, on=today)
    return LoanHead(
        public_id=loans.public_loan_id(position),
        product_name=(await product_repository.get_product(uow.reader, *product)).name,
        position=position,
        borrower=await customers.view_customer(uow, customer_id),
        on=today,
        next_due=next_due(position),
        overdue_paise=position.overdue_paise(today),
        to_be_current_paise=to_be_current_paise(position, on=today),
        ahead=outlook(position, on=today),
        delinquency=await delinquency.view_delinquency(uow, loan, on=None, as_known_on=None),
    )


async def view_lines(uow: UnitOfWork, loan: LoanReference) -> tuple[list[FileLine], Statement]:
    """The instalments, each with its bill and its payments on one line, and the statement. Raises LoanNotFound."""
    found = await statements.get_statement(uow, loan)
    key = LoanKey(found.position.customer_id, found.position.loan_id)
    bills = await loans.list_bills(uow, loan)
    settled = {issued.bill.cycle: issued.left.settled_on for issued in bills}
    charges = {issued.bill.cycle: issued.bill.charges_paise for issued in bills}
    paid = await repository.list_paid_parts(uow.session, key)
    return file_lines(found.statement.lines, settled=settled, charges=charges, paid=paid), found.statement


async def view_balance(uow: UnitOfWork, loan: LoanReference) -> BalanceLines:
    """The balance over time, planned and real. Raises LoanNotFound."""
    billing, _ = await loans.find_current(uow, loan)
    position, today = billing.decision.position, await uow.business_date()
    key = LoanKey(position.customer_id, position.loan_id)
    first = await repository.get_first_plan(uow.session, key)
    transfers = [*await ledger_repository.list_all_transfers(uow.session, key), *billing.decision.transfers]
    return await calculate(
        lambda: balance_lines(
            position, transfers, due_on=first.due_on, principal_paise=first.principal_paise, on=today
        ),
        rows=len(transfers) + len(first.due_on),
    )


async def view_happenings(uow: UnitOfWork, loan: LoanReference, *, changes: Sequence[Change]) -> list[Happening]:
    """What happened to the loan, the latest first. `changes` are those of its class. Raises LoanNotFound."""
    found = await statements.get_statement(uow, loan)
    key = LoanKey(found.position.customer_id, found.position.loan_id)
    plans = await repository.list_versions(uow.session, key)
    transfers = await ledger_repository.list_all_transfers(uow.session, key)
    return happenings(plans, found.statement.payments, transfers, changes)
