"""What an admin does from a page: one use case in one transaction, its refusals told in a sentence, its success too."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette_admin.exceptions import ActionFailed
from starlette_admin.flash import flash

from app.api.admin.context import is_admin, open_uow
from app.domain.errors import DomainError
from app.services.unit_of_work import UnitOfWork


async def act(request: Request, action: Callable[[UnitOfWork], Awaitable[Any]], *, done: str) -> None:
    """Does something on behalf of whoever signed in. Raises ActionFailed, which the page shows."""
    # Each use case has its own rule. A page's rule comes first: officers read.
    if not is_admin(request):
        raise ActionFailed("This is for admins.")
    try:
        async with open_uow(request) as uow:
            await action(uow)
    except DomainError as error:
        raise ActionFailed(error.message) from None
    flash(request, done, "success")
