"""A listing with something to do: its buttons are for admins, shown to nobody else and honoured for nobody else."""

from starlette.requests import Request

from app.api.admin.context import is_admin
from app.api.admin.listing_view import ListingView


class ActingView(ListingView):
    """A view with something to do; the buttons are for admins."""

    async def is_action_allowed(self, request: Request, name: str) -> bool:
        return await super().is_action_allowed(request, name) and (name == "export" or is_admin(request))

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        return await super().is_row_action_allowed(request, name) and (name == "view" or is_admin(request))
