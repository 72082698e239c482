"""Lets an admin make a waiting job of the outbox due now."""

from app.db.repositories import unit_of_work as repository
from app.domain.errors import NotFound
from app.domain.people.access import Forbidden, Role
from app.services.unit_of_work import UnitOfWork


class JobNotFound(NotFound):
    """There is no such job, it is done, or it is being done now. Reload the page."""

    code = "job_not_found"


async def make_due(uow: UnitOfWork, outbox_id: int) -> None:
    """Makes a waiting job due now, so that the next sweep enqueues it. Raises Forbidden, JobNotFound."""
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may make a job due")
    row = await repository.lock_outbox(uow.session, outbox_id)
    if row is None:
        raise JobNotFound("there is no such waiting job: it is done or running")
    row.due_at = uow.now
    await uow.session.flush()
    details = {"job": row.job, "key": row.key}
    await uow.record("made_due", object_kind="job", object_id=str(outbox_id), details=details)
