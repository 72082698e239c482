"""Periods on a page: one person proposes to close the books, an admin who is another person decides."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.flash import flash
from starlette_admin.routing import route

from app.api.admin.books_view import BooksPage, last_month_end
from app.api.admin.context import ADMIN_PATH, context_of, open_uow
from app.api.admin.drawing.formats import advice, sentence
from app.db.repositories.unit_of_work import find_closed_through
from app.domain.accounting.periods import PeriodStatus
from app.domain.errors import DomainError
from app.domain.people.access import Role
from app.services.accounting import periods
from app.services.people import staff
from app.services.unit_of_work import UnitOfWork

#: The periods on the page: ten years of months.
SHOWN: Final = 120
DECISIONS: Final = {"approve": periods.approve, "reject": periods.reject, "withdraw": periods.withdraw}
DONE: Final = {"approve": "The period is closed.", "reject": "The period is rejected.", "withdraw": "Withdrawn."}


class PeriodsView(BooksPage):
    """All periods, the proposal of the next one, and its decision."""

    def __init__(self) -> None:
        super().__init__(menu_label="Periods", icon="fa-solid fa-lock", path="/periods", route_name="periods")

    @route("")
    async def index(self, request: Request) -> Response:
        """The page."""
        context = context_of(request)
        async with open_uow(request) as uow:
            today = await uow.business_date()
            found = await periods.list_periods(uow, before=2**31 - 1, limit=SHOWN)
            names = await staff.list_names(uow)
            closed_through = await find_closed_through(uow.session)
        is_maker = {each.period.number: each.period.maker_id == context.actor.user_account_id for each in found}
        return self.show(
            request, "periods", tab="periods", periods=found, closed_through=closed_through,
            waiting=next((each for each in found if each.period.status is PeriodStatus.PROPOSED), None),
            is_maker=is_maker, is_admin=context.actor.role is Role.ADMIN, proposed_end=last_month_end(today),
            today=today, names=names,
        )  # fmt: skip

    @route("/propose", methods=["POST"])
    async def propose(self, request: Request) -> Response:
        """Proposes a period."""
        form = await request.form()
        text = str(form.get("ends_on", ""))
        try:
            ends_on = date.fromisoformat(text)
        except ValueError:
            flash(request, "The last day is not a date.", "error")
            return _back()
        return await _act(request, partial(periods.propose, ends_on=ends_on), done="The period waits for an admin.")

    @route("/decide", methods=["POST"])
    async def decide(self, request: Request) -> Response:
        """Closes, rejects or withdraws a period."""
        form = await request.form()
        decision, number = str(form.get("decision", "")), str(form.get("period", ""))
        if decision not in DECISIONS or not number.isdecimal():
            flash(request, "This is no decision about a period.", "error")
            return _back()
        note = str(form.get("note", "")).strip() or None
        action = partial(DECISIONS[decision], number=int(number), note=note)
        return await _act(request, action, done=DONE[decision])


async def _act(request: Request, action: Callable[[UnitOfWork], Awaitable[Any]], *, done: str) -> Response:
    try:
        async with open_uow(request) as uow:
            await action(uow)
    except DomainError as error:
        flash(request, f"{sentence(error.message)} {advice(error)}", "error")
    else:
        flash(request, done, "success")
    return _back()


def _back() -> Response:
    return RedirectResponse(f"{ADMIN_PATH}/periods", status_code=303)
