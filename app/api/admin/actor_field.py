"""The field of who did something. Rows keep `officer:3`; people read the name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette_admin.types import RequestAction

from app.api.admin.context import open_uow
from app.api.admin.drawing.formats import who
from app.api.admin.fields import TextField
from app.services.people import staff


@dataclass
class ActorField(TextField):
    """A person or a program by name. The page of one row adds what the row keeps, by which lists are searched; an
    export has that alone."""

    list_template: str = "kist/who.html"

    async def serialize_value(self, request: Request, value: Any) -> Any:
        if request.state.action == RequestAction.EXPORT:
            return str(value)
        shown = who(value, await _names(request))
        is_found_by_it = request.state.action == RequestAction.DETAIL and shown != value
        return f"{shown} ({value})" if is_found_by_it else shown


async def _names(request: Request) -> Mapping[int, str]:
    """The names of accounts, read once for all rows of a page."""
    if not hasattr(request.state, "actor_names"):
        async with open_uow(request) as uow:
            request.state.actor_names = await staff.list_names(uow)
    found: Mapping[int, str] = request.state.actor_names
    return found
