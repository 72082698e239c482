"""A day of collections: what is due, to be done, promised, bounced and paid, by officer and line by line."""

from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.routing import route

from app.api.admin.acts.collections import CONTACT, PROMISE
from app.api.admin.context import context_of, open_uow
from app.api.admin.drawing.page import Page
from app.db.repositories.collections.day_view import DaySection
from app.services.collections import day_view

ROWS: Final = 100
#: The sections, with the names that people read.
SECTIONS: Final = (
    (DaySection.ACTIONS, "To be done"),
    (DaySection.PROMISED, "Promised"),
    (DaySection.DUE, "Falls due"),
    (DaySection.BOUNCED, "Bounced"),
    (DaySection.PAID, "Paid"),
)


class WorkDayPage(Page):
    """A day of collections."""

    def __init__(self) -> None:
        super().__init__(
            menu_label="Day", icon="fa-solid fa-calendar-day", path="/collections/day", route_name="work-day"
        )

    @route("")
    async def index(self, request: Request) -> Response:
        """The page."""
        query = request.query_params
        on, officer_id = _day(query.get("on", "")), _number(query.get("officer_id", ""))
        section = next((each for each, _ in SECTIONS if each.value == query.get("tab")), DaySection.ACTIONS)
        async with open_uow(request) as uow:
            view = await day_view.view_day(uow, on=on)
            lines, names = await day_view.list_day(uow, section, on=view.on, officer_id=officer_id, limit=ROWS)
        return self.show(
            request, "kist/pages/work_day.html", title="Day of collections", view=view, lines=lines, names=names,
            sections=SECTIONS, tab=section, officer_id=officer_id, is_cut=len(lines) == ROWS,
            me=context_of(request).actor.user_account_id, acts={"promise": PROMISE, "contact": CONTACT},
        )  # fmt: skip


def _day(text: str) -> date | None:
    """The day of an address; None (today) for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
