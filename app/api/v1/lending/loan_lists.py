"""Lists of loans: of a customer, or for staff of all customers, filtered and sorted."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import LoanIdOut, UserId, UserIdOut
from app.api.schemas import Answer, Code, CursorText, Day, Page, PageLimit, RateOut, RupeesOut
from app.db.repositories.lending.loan_lists import LoanFilter, LoanSort, LoanSummary
from app.domain.cursors import read_cursor, write_cursor
from app.domain.lending.positions import LoanStatus
from app.domain.public_ids import format_loan_id
from app.services.lending import loan_lists

router = KistRouter(prefix="/loans", tags=["Loans"])


class LoanLine(Answer):
    """A loan in a list, as the last run left it."""

    loan_id: LoanIdOut
    user_id: UserIdOut
    product: str
    status: LoanStatus
    amount: RupeesOut
    annual_rate: RateOut = Field(description="The agreed rate; a loan asked for by its id has the rate in force")
    disbursed_on: date
    principal_outstanding: RupeesOut
    next_billing_on: date | None
    due_on: date | None = Field(
        description="The due date of the open bill that is not overdue; without one, the day of the next bill"
    )
    overdue: bool = Field(description="Whether a bill is unpaid after its due date")


def _present(row: LoanSummary) -> LoanLine:
    return LoanLine(
        loan_id=format_loan_id(year=row.disbursed_on.year, number=row.loan_id),
        user_id=row.customer_id,
        product=row.product_code,
        status=LoanStatus(row.status),
        amount=row.disbursed_paise,
        annual_rate=row.annual_rate_percent,
        disbursed_on=row.disbursed_on,
        principal_outstanding=row.principal_paise,
        next_billing_on=row.next_billing_on,
        due_on=row.due_on,
        overdue=row.is_overdue,
    )


@router.get("", dependencies=[READERS], summary="List loans")
async def list_loans(
    uow: ReadingDep,
    user_id: Annotated[UserId | None, Query(description="Only the loans of this customer")] = None,
    status: Annotated[LoanStatus | None, Query(description="Only loans of this status")] = None,
    product: Annotated[Code | None, Query(description="Only loans of this product")] = None,
    overdue: Annotated[bool | None, Query(description="Only loans with, or without, an overdue bill")] = None,
    disbursed_from: Annotated[Day | None, Query(description="Disbursed on this day or later")] = None,
    disbursed_to: Annotated[Day | None, Query(description="Disbursed on this day or earlier")] = None,
    due_from: Annotated[Day | None, Query(description="Due on this day or later")] = None,
    due_to: Annotated[Day | None, Query(description="Due on this day or earlier")] = None,
    sort: Annotated[LoanSort, Query(description="`due_on` lists active loans only")] = LoanSort.LOAN,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[LoanLine]:
    """Lists loans as the last billing run left them: a customer's own, or for staff those of all customers. All filters
    apply together. Send `next_cursor` as `cursor`, with the same filters and sort, to get the next page."""
    wanted = LoanFilter(
        customer_id=user_id,
        status=None if status is None else status.value,
        product_code=product,
        overdue=overdue,
        disbursed_from=disbursed_from,
        disbursed_to=disbursed_to,
        due_from=due_from,
        due_to=due_to,
    )
    kinds = (int, int) if sort is LoanSort.LOAN else (date, int, int)
    after = read_cursor(cursor, *kinds)
    rows = await loan_lists.list_loans(uow, wanted, sort=sort, after=after, limit=limit)
    next_cursor = write_cursor(*rows[-1].place(sort)) if len(rows) == limit else None
    return Page(items=[_present(row) for row in rows], next_cursor=next_cursor)
