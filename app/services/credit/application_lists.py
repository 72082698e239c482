"""Lists of applications: those of one customer, or for staff those of all."""

from app.db.repositories.credit import application_lists as repository
from app.db.repositories.credit.application_lists import ApplicationFilter, ApplicationSummary
from app.services.credit.applications import ApplicationStatus
from app.services.unit_of_work import UnitOfWork


async def list_applications(
    uow: UnitOfWork,
    *,
    limit: int,
    customer_id: int | None = None,
    status: ApplicationStatus | None = None,
    product_code: str | None = None,
    before: int | None = None,
) -> list[tuple[ApplicationSummary, ApplicationStatus]]:
    """A page of applications with their statuses today, the newest first. A customer sees their own only; for another
    customer's the page is empty."""
    customer_id = uow.actor.customer_id if customer_id is None else customer_id
    if customer_id is not None and not uow.actor.may_see(customer_id):
        return []
    today = await uow.business_date()
    wanted = ApplicationFilter(today=today, customer_id=customer_id, status=status, product_code=product_code)
    listed = repository.list_applications if customer_id is None else repository.list_applications_of
    rows = await listed(uow.session, wanted, before=before, limit=limit)
    return [(row, ApplicationStatus.EXPIRED if is_late(row, wanted) else ApplicationStatus(row.status)) for row in rows]


def is_late(row: ApplicationSummary, wanted: ApplicationFilter) -> bool:
    """Whether an application has expired, although the nightly job has not marked it yet."""
    waits = row.status in (ApplicationStatus.PENDING, ApplicationStatus.OFFERED)
    return waits and row.expires_on is not None and row.expires_on <= wanted.today
