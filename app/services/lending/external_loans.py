"""Loans of other lenders, for whoever shows loans: found by our number, or listed for a customer.

An imported loan wears a number of ours (`LN-2021-0456`, the year being that of its approval) and is found beside our
own loans. What it owes is not known: it has no ledger, and a payment for its number is answered as for a loan that is
not there.
"""

from app.db.repositories.lending import external_loans as repository
from app.domain.lending.external_loans import ExternalLoan
from app.services.unit_of_work import UnitOfWork


async def find_external_loan(uow: UnitOfWork, number: int) -> ExternalLoan | None:
    """The external loan under a loan number; None where there is none, or it is not this caller's to see.

    For `/view-loan/{id}`, after our own loans were asked: `amount_paise`, `annual_rate_percent`, `instalment_paise`,
    `tenure` and `customer_id` are what that answer needs.
    """
    found = await repository.find_external_loan(uow.session, number)
    return found if found is not None and uow.actor.may_see(found.customer_id) else None


async def list_external_loans(uow: UnitOfWork, customer_id: int) -> list[ExternalLoan]:
    """A customer's external loans in order of their numbers, ended ones too; none for a caller who may not see them.

    For `/view-loans/{customer_id}`: `loan.repayments_left(await work.business_date())` is what is left of each.
    """
    if not uow.actor.may_see(customer_id):
        return []
    return await repository.list_for_customer(uow.session, customer_id)
