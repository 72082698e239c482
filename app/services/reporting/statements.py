"""Statements as a use case: reads the whole books of one loan in one query.

Nothing is written: cycles that no run has closed yet are closed in memory, and use advances there.
"""

from dataclasses import dataclass

from app.db.repositories.lending.loans import ProductKey
from app.db.repositories.reporting import books as books_repository
from app.domain.billing.issued_bills import bills_up_to_date
from app.domain.lending.positions import Position
from app.domain.public_ids import LoanReference
from app.domain.reporting.statements import Statement, credits_used, make_statement, use_advances
from app.services.lending import loans
from app.services.lending.calculations import calculate, caught_up
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanStatement:
    """A statement, and the loan's position on the statement's day."""

    position: Position
    product: ProductKey
    statement: Statement

    @property
    def public_id(self) -> str:
        """The loan's public id, such as `LN-2025-0456`."""
        return loans.public_loan_id(self.position)


async def get_statement(uow: UnitOfWork, loan: LoanReference) -> LoanStatement:
    """The statement of a loan on the business date, including bills issued today. Raises LoanNotFound."""
    books = await books_repository.find_books(uow.reader, loan.number)
    today = await uow.business_date()
    stored, product = await loans.seen_position(uow, None if books is None else books.loan, loan)
    assert books is not None, "seen_position raises if there is no loan"
    billing = await caught_up(uow, stored, through=today)
    position = billing.decision.position
    bills = bills_up_to_date(books.bills, billing)
    facts = books
    statement = await calculate(
        lambda: make_statement(
            position,
            bills=bills,
            payments=use_advances(facts.payments, billing.decision.transfers),
            on=today,
            moved=[*facts.moved, *credits_used(billing.decision.transfers)],
        ),
        rows=len(bills) + len(position.plan.due_on),
    )
    return LoanStatement(position=position, product=product, statement=statement)
