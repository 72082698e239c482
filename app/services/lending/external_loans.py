"""Loans of other lenders: found by our number, or listed for a customer.

An imported loan has a number from our sequence (`LN-2021-0456`; the year is that of its approval) and is found beside
our own loans. It has no ledger, so its balance is not known, and a payment for its number is answered "not found".
"""

from app.db.repositories.lending import external_loans as repository
from app.domain.lending.external_loans import ExternalLoan
from app.services.unit_of_work import UnitOfWork


async def find_external_loan(uow: UnitOfWork, number: int) -> ExternalLoan | None:
    """The external loan with a loan number; None if there is none or the caller may not see it."""
    found = await repository.find_external_loan(uow.session, number)
    return found if found is not None and uow.actor.may_see(found.customer_id) else None


async def list_external_loans(uow: UnitOfWork, customer_id: int) -> list[ExternalLoan]:
    """A customer's external loans by number, ended ones included; empty if the caller may not see them."""
    if not uow.actor.may_see(customer_id):
        return []
    return await repository.list_for_customer(uow.session, customer_id)
