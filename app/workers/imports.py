"""The job of imports: load an uploaded file, a few seconds at a time."""

from datetime import timedelta
from typing import Any

from app.services import outbox
from app.services.imports import uploads
from app.services.people.customers import make_identity_service
from app.services.unit_of_work import UnitOfWorkFactory
from app.workers.context import Context

#: As long as a step of billing. The two share a process, and a worker stops soon after it is asked to.
BUDGET = timedelta(seconds=5)


async def load_import(context: Context, outbox_id: int) -> bool:
    """Loads blocks of a file until the time is up. Returns True when the file is loaded, or when its import failed."""
    identity = make_identity_service(context.settings)

    async def some_blocks(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        return await uploads.load_import(uow_factory, payload["import_id"], identity=identity, budget=BUDGET)

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_blocks)
