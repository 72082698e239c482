"""Lists of loans: those of one customer, or for staff those of all."""

from dataclasses import replace
from typing import Any

from app.db.repositories.lending import loan_lists as repository
from app.db.repositories.lending.loan_lists import LoanFilter, LoanSort, LoanSummary
from app.services.unit_of_work import UnitOfWork


async def list_loans(
    uow: UnitOfWork,
    wanted: LoanFilter,
    *,
    limit: int,
    sort: LoanSort = LoanSort.LOAN,
    after: tuple[Any, ...] | None = None,
) -> list[LoanSummary]:
    """A page of loans. A customer sees their own only; for another customer's the page is empty."""
    customer_id = uow.actor.customer_id if wanted.customer_id is None else wanted.customer_id
    if customer_id is not None and not uow.actor.may_see(customer_id):
        return []
    wanted = replace(wanted, customer_id=customer_id)
    listed = repository.list_loans if customer_id is None else repository.list_loans_of
    return await listed(uow.session, wanted, sort=sort, after=after, limit=limit)
