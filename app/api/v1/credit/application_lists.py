"""Lists of applications: of a customer, or for staff of all customers."""

from datetime import date
from typing import Annotated

from fastapi import Query

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import ApplicationIdOut, LoanIdOut, UserId, UserIdOut
from app.api.schemas import Answer, Code, CursorText, Page, PageLimit, RateOut, RupeesOut
from app.db.repositories.credit.application_lists import ApplicationSummary
from app.domain.cursors import read_number, write_cursor
from app.domain.public_ids import format_loan_id
from app.services.credit import application_lists
from app.services.credit.applications import ApplicationStatus

router = KistRouter(prefix="/applications", tags=["Applications"])


class ApplicationLine(Answer):
    """An application in a list. Read it alone to see its reasons and the plan of its loan."""

    application_id: ApplicationIdOut
    user_id: UserIdOut
    product: str
    status: ApplicationStatus
    amount: RupeesOut
    tenure_months: int
    annual_rate: RateOut | None
    purpose: str | None
    applied_on: date
    decided_on: date | None
    loan_id: LoanIdOut | None


def _present(row: ApplicationSummary, status: ApplicationStatus) -> ApplicationLine:
    loan_id = None
    if row.loan_id is not None and row.disbursed_on is not None:
        loan_id = format_loan_id(year=row.disbursed_on.year, number=row.loan_id)
    return ApplicationLine(
        application_id=row.application_id,
        user_id=row.customer_id,
        product=row.product_code,
        status=status,
        amount=row.amount_paise,
        tenure_months=row.instalments,
        annual_rate=row.annual_rate_percent,
        purpose=row.purpose,
        applied_on=row.applied_on,
        decided_on=row.decided_on,
        loan_id=loan_id,
    )


@router.get("", dependencies=[READERS], summary="List applications")
async def list_applications(
    uow: ReadingDep,
    user_id: Annotated[UserId | None, Query(description="Only the applications of this customer")] = None,
    status: Annotated[ApplicationStatus | None, Query(description="Only applications of this status")] = None,
    product: Annotated[Code | None, Query(description="Only applications for this product")] = None,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[ApplicationLine]:
    """Lists applications, the newest first: a customer's own, or for staff those of all customers. All filters apply
    together. Send `next_cursor` as `cursor`, with the same filters, to get the next page."""
    rows = await application_lists.list_applications(
        uow,
        customer_id=user_id,
        status=status,
        product_code=product,
        before=read_number(cursor, default=2**62),
        limit=limit,
    )
    next_cursor = write_cursor(rows[-1][0].application_id) if len(rows) == limit else None
    return Page(items=[_present(row, status) for row, status in rows], next_cursor=next_cursor)
