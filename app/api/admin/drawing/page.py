"""A page of our own within the admin pages."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import CustomView


class Page(CustomView):
    """A page that draws one of our templates, with the menu and the messages of all pages."""

    def show(self, request: Request, template: str, *, title: str, status_code: int = 200, **context: Any) -> Response:
        """The page. `context` is what the template names."""
        assert self._admin is not None, "the view belongs to an admin"
        return self._admin._template_response(  # noqa: SLF001 - only this method also shows flash messages
            request, template, {"title": title, **context}, status_code=status_code
        )
