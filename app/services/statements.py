"""Statements as a use case: read the books of one loan, in a number of queries that does not depend on its length.

Nothing is written: cycles that no run has closed yet are closed in memory, and with them their use of advances.
"""

from collections import defaultdict
from dataclasses import dataclass

from app.db.repositories import billing as bill_repository
from app.db.repositories import concessions as concession_repository
from app.db.repositories import payments as payment_repository
from app.db.repositories.loans import LoanKey, ProductKey
from app.db.session import Record
from app.domain.issued_bills import bills_up_to_date
from app.domain.positions import Position
from app.domain.public_ids import LoanReference
from app.domain.statements import PaymentFacts, Statement, make_statement, use_advances
from app.services import loans
from app.services.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanStatement:
    """A statement, and the loan it is about as it stands on the statement's day."""

    position: Position
    product: ProductKey
    statement: Statement

    @property
    def public_id(self) -> str:
        """The id by which the world knows the loan."""
        return loans.public_loan_id(self.position)


async def get_statement(work: Work, loan: LoanReference) -> LoanStatement:
    """The statement of a loan on the business date, bills of today included. Raises LoanNotFound."""
    billing, product = await loans.find_current(work, loan)
    position = billing.decision.position
    key = LoanKey(position.customer_id, position.loan_id)
    stored = await bill_repository.list_bills(work.reader, customer_id=key.customer_id, loan_id=key.loan_id)
    statement = make_statement(
        position,
        bills=bills_up_to_date(stored, billing),
        payments=use_advances(await list_payments(work, key), billing.decision.transfers),
        on=await work.business_date(),
        given_up=await concession_repository.list_given_up(
            work.reader, customer_id=key.customer_id, loan_id=key.loan_id
        ),
    )
    return LoanStatement(position=position, product=product, statement=statement)


async def list_payments(work: Work, key: LoanKey) -> list[PaymentFacts]:
    """The payments of a loan with where each went, from its transfers."""
    place = {"customer_id": key.customer_id, "loan_id": key.loan_id}
    payments = await payment_repository.list_payments(work.reader, **place)
    parts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for allocation in await payment_repository.list_allocations(work.reader, **place):
        parts[allocation.payment_id][allocation.component] += allocation.amount_paise
    return [_facts(payment, parts[payment.id]) for payment in payments]


def _facts(payment: Record, parts: dict[str, int]) -> PaymentFacts:
    return PaymentFacts(
        payment_id=payment.id,
        value_date=payment.value_date,
        amount_paise=payment.amount_paise,
        charges_paise=parts.get("charges", 0),
        interest_paise=parts.get("interest", 0),
        principal_paise=parts.get("principal", 0),
        advance_paise=parts.get("advance", 0),
        method=payment.method,
        reference=payment.reference,
        reversed_on=payment.reversed_on,
    )
