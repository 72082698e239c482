"""The books for finance staff: journal with its transfers, trial balance, profit and loss, and their exports."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette_admin import CustomView
from starlette_admin.flash import flash
from starlette_admin.routing import route

from app.api.admin.context import ADMIN_PATH, context_of, is_admin, open_uow
from app.api.admin.drawing.formats import advice, grouped, sentence
from app.api.v1.accounting.exports import MEDIA_TYPES, from_first
from app.db.repositories.accounting.journal import BEGIN, Place
from app.domain.accounting.chart import AccountUnknown, Book, Chart, ChartChange, LedgerAccount
from app.domain.cursors import read_cursor, write_cursor
from app.domain.errors import DomainError
from app.domain.money import format_inr
from app.services.accounting import accruals, exports, reports
from app.services.accounting.chart import change_codes, read_chart
from app.services.accounting.exports import Export, ExportForm, ExportNotOffered, ExportOf
from app.services.accounting.reports import DaysInvalid
from app.services.unit_of_work import UnitOfWork

#: The transfers on a page.
ROWS: Final = 100
TABS: Final = (
    ("books", "Journal"), ("books/balances", "Trial balance"), ("books/result", "Profit and loss"),
    ("periods", "Periods"), ("books/chart", "Chart of accounts"),
)  # fmt: skip
TITLES: Final = dict(TABS)


def day_of(request: Request, name: str, default: date) -> date:
    """A day of the address. Raises DaysInvalid."""
    text = request.query_params.get(name)
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DaysInvalid("this is not a date", field=name) from None


def book_of(text: str) -> Book:
    """The ledger of an address. Raises AccountUnknown."""
    try:
        return Book(text)
    except ValueError:
        raise AccountUnknown("there is no such ledger", field="book") from None


def export_of(asked: Mapping[str, str], *, from_on: date, to_on: date) -> Export:
    """The export that an address asks for. Raises ExportNotOffered."""
    try:
        of, form = ExportOf(asked.get("of", "journal")), ExportForm(asked.get("format", "csv"))
    except ValueError:
        raise ExportNotOffered("there is no such export") from None
    return Export(of=of, form=form, from_on=from_on, to_on=to_on)


class BooksPage(CustomView):
    """A page of the books, with its tabs."""

    def show(self, request: Request, template: str, *, tab: str, **context: Any) -> Response:
        """The page."""
        assert self._admin is not None, "the view belongs to an admin"
        shared = {"title": TITLES[tab], "tabs": TABS, "tab": tab, "inr": format_inr, "grouped": grouped}
        return self._admin._template_response(  # noqa: SLF001 - only this method also shows flash messages
            request, f"kist/books/{template}.html", {**shared, **context}
        )


class BooksView(BooksPage):
    """Journal, transfers, trial balance, profit and loss, chart of accounts."""

    def __init__(self) -> None:
        super().__init__(menu_label="Journal", icon="fa-solid fa-book-open", path="/books", route_name="books")

    @route("")
    async def journal(self, request: Request) -> Response:
        """What was booked on some days, by default this month."""
        async with open_uow(request) as uow:
            from_on, to_on = await _days(request, uow)
            found = await reports.view_journal(uow, from_on=from_on, to_on=to_on)
        days = [(day, sum(line.debit_paise for line in day.lines), _in_order(day.lines, found.chart))
                for day in reversed(found.days)]  # fmt: skip
        return self.show(
            request, "journal", tab="books", days=days, chart=found.chart, from_on=from_on, to_on=to_on,
            address=_address,
        )  # fmt: skip

    @route("/transfers")
    async def transfers(self, request: Request) -> Response:
        """The transfers behind a line of the journal."""
        asked = request.query_params
        account = LedgerAccount(book_of(asked.get("book", "")), asked.get("account", ""))
        product, after = asked.get("product", ""), read_cursor(asked.get("after"), int, int, int)
        async with open_uow(request) as uow:
            on = day_of(request, "on", await uow.business_date())
            chart = await read_chart(uow)
            rows = await reports.list_transfers(
                uow, account, on=on, product=product, after=Place(*after) if after else BEGIN, limit=ROWS
            )
        further = {**asked, "after": write_cursor(*rows[-1].place)} if len(rows) == ROWS else None
        return self.show(
            request, "transfers", tab="books", rows=rows, chart=chart, entry=chart[account], on=on, product=product,
            owner_id=exports.owner_id, further=None if further is None else _address("books/transfers", further),
            account_of=LedgerAccount, from_on=on, to_on=on,
        )  # fmt: skip

    @route("/balances")
    async def balances(self, request: Request) -> Response:
        """The trial balance of a day, the balance of the book, and interest that is not billed yet."""
        async with open_uow(request) as uow:
            on = day_of(request, "on", await uow.business_date())
            trial = await reports.view_trial_balance(uow, on=on)
            sheet = await reports.view_balance_sheet(uow, on=on)
        context = context_of(request)
        accrued = await accruals.sum_accrued(partial(context.uow_factory.open, context.actor), on=on)
        return self.show(request, "balances", tab="books/balances", trial=trial, sheet=sheet, on=on, accrued=accrued)

    @route("/result")
    async def result(self, request: Request) -> Response:
        """Profit and loss of some days, by default this month."""
        async with open_uow(request) as uow:
            from_on, to_on = await _days(request, uow)
            found = await reports.view_profit_and_loss(uow, from_on=from_on, to_on=to_on)
        return self.show(request, "result", tab="books/result", found=found, from_on=from_on, to_on=to_on)

    @route("/chart")
    async def chart(self, request: Request) -> Response:
        """The chart of accounts: a form for an admin, a table for everybody else."""
        async with open_uow(request) as uow:
            found = await read_chart(uow)
        return self.show(request, "chart", tab="books/chart", chart=found, may_change=is_admin(request))

    @route("/chart", methods=["POST"], name="change_chart")
    async def change_chart(self, request: Request) -> Response:
        """Changes the codes and names that differ from the present ones. They are checked together."""
        if not is_admin(request):
            flash(request, "Only an admin can do this.", "error")
            return RedirectResponse(f"{ADMIN_PATH}/books/chart", status_code=303)
        form = await request.form()
        try:
            async with open_uow(request) as uow:
                changes = changes_of({name: str(value) for name, value in form.items()}, await read_chart(uow))
                if changes:
                    await change_codes(uow, changes)
        except DomainError as error:
            flash(request, f"{sentence(error.message)} {advice(error)}", "error")
        else:
            flash(request, f"{len(changes)} accounts have other codes or names." if changes else "Nothing changed.")
        return RedirectResponse(f"{ADMIN_PATH}/books/chart", status_code=303)

    @route("/export")
    async def export(self, request: Request) -> Response:
        """The journal, the transfers or the accounts as a file."""
        context, asked = context_of(request), request.query_params
        async with open_uow(request) as uow:
            from_on, to_on = await _days(request, uow)
        wanted = export_of(asked, from_on=from_on, to_on=to_on)
        parts = exports.export(partial(context.uow_factory.open, context.actor), wanted)
        first = await anext(parts)
        headers = {"Content-Disposition": f'attachment; filename="{wanted.file_name}"'}
        return StreamingResponse(from_first(first, parts), media_type=MEDIA_TYPES[wanted.form], headers=headers)


async def _days(request: Request, uow: UnitOfWork) -> tuple[date, date]:
    """The days of the address, by default this month until today."""
    today = await uow.business_date()
    to_on = day_of(request, "to", today)
    return day_of(request, "from", to_on.replace(day=1)), to_on


def changes_of(form: Mapping[str, str], chart: Chart) -> list[ChartChange]:
    """What a form of the whole chart changes. Its fields are `code:loans:cash` and `name:loans:cash`."""
    changes = []
    for key, entry in chart.items():
        place = f"{key.book}:{key.account}"
        code, name = (form.get(f"{field}:{place}", "").strip() for field in ("code", "name"))
        if (code, name) != (entry.code, entry.name) and f"code:{place}" in form:
            changes.append(ChartChange(key, code, name))
    return changes


def _in_order(lines: list[Any], chart: Mapping[LedgerAccount, Any]) -> list[Any]:
    return sorted(lines, key=lambda line: (chart[line.key].code, line.book, line.product))


def _address(page: str, values: Mapping[str, Any]) -> str:
    return f"/admin/{page}?{urlencode(values)}"


def last_month_end(today: date) -> date:
    """The last day of the month before a day."""
    return today.replace(day=1) - timedelta(days=1)
