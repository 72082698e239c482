"""Statements as a use case: read the books of one loan, in a number of queries that does not depend on its length."""

from collections import defaultdict
from dataclasses import dataclass

from app.db.repositories import billing as bill_repository
from app.db.repositories import concessions as concession_repository
from app.db.repositories import payments as payment_repository
from app.db.repositories.loans import LoanKey
from app.db.session import Record
from app.domain.public_ids import LoanReference
from app.domain.statements import BillFacts, PaymentFacts, Statement, make_statement
from app.services import loans
from app.services.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanStatement:
    """A statement, and the id of the loan it is about."""

    public_id: str
    statement: Statement


async def get_statement(work: Work, loan: LoanReference) -> LoanStatement:
    """The statement of a loan on the business date, bills of today included. Raises LoanNotFound."""
    key = await loans.find_key(work, loan)
    today = await work.business_date()
    position = await loans.close_missed(work, key)
    bills = await bill_repository.list_bills(work.session, customer_id=key.customer_id, loan_id=key.loan_id)
    facts = [
        BillFacts(
            cycle=bill.cycle,
            billed_on=bill.billed_on,
            due_on=bill.due_on,
            interest_paise=bill.interest_paise,
            principal_due_paise=bill.principal_due_paise,
            returned_paise=bill.returned_paise,
            unpaid_charges_paise=bill.unpaid_charges_paise,
            unpaid_interest_paise=bill.unpaid_interest_paise,
            unpaid_principal_paise=bill.unpaid_principal_paise,
        )
        for bill in bills
    ]
    payments = await list_payments(work, key)
    given_up = await concession_repository.list_given_up(work.session, customer_id=key.customer_id, loan_id=key.loan_id)
    statement = make_statement(position, bills=facts, payments=payments, on=today, given_up=given_up)
    return LoanStatement(public_id=loans.public_loan_id(position), statement=statement)


async def list_payments(work: Work, key: LoanKey) -> list[PaymentFacts]:
    """The payments of a loan with where each went, from its transfers."""
    place = {"customer_id": key.customer_id, "loan_id": key.loan_id}
    payments = await payment_repository.list_payments(work.session, **place)
    parts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for allocation in await payment_repository.list_allocations(work.session, **place):
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
