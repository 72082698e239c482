"""An action of an admin on a page: one use case in one transaction. The page shows a sentence on success and
failure."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette_admin.exceptions import ActionFailed
from starlette_admin.flash import flash

from app.api.admin.context import is_admin, open_uow
from app.domain.errors import DomainError
from app.services.unit_of_work import UnitOfWork


async def act(request: Request, action: Callable[[UnitOfWork], Awaitable[Any]], *, done: str) -> None:
    """Runs an action for the signed-in admin and shows `done`. Raises ActionFailed, whose text the page shows."""
    # Some use cases also allow officers. On the pages only admins may act.
    if not is_admin(request):
        raise ActionFailed("Only an admin can do this.")
    try:
        async with open_uow(request) as uow:
            await action(uow)
    except DomainError as error:
        raise ActionFailed(error.message) from None
    flash(request, done, "success")
