"""The risk page: classes, provisions, portfolio at risk, vintages and roll rates, at the latest judged day-end."""

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import CustomView
from starlette_admin.routing import route

from app.api.admin.charts import NARROW, Series, bar_chart, short_rupees
from app.api.admin.context import open_uow
from app.api.admin.drawing.formats import grouped, words
from app.domain.delinquency.risk import Vintage
from app.domain.money import format_inr
from app.services.delinquency import risk
from app.services.delinquency.risk import RiskReport

#: The latest months of disbursal that the chart shows.
MONTHS = 12


class RiskView(CustomView):
    """The risk of the book on one page."""

    def __init__(self) -> None:
        super().__init__(menu_label="Risk", icon="fa-solid fa-scale-unbalanced", path="/risk", route_name="risk")

    @route("")
    async def index(self, request: Request) -> Response:
        """The page."""
        async with open_uow(request) as uow:
            book = await risk.view_book(uow)
            cohorts = await risk.view_vintages(uow, on=book.on)
            rolls = await risk.view_rolls(uow, until=book.on)
        context = {"title": "Risk", "book": book, "vintages": cohorts[-MONTHS:], "rolls": rolls}
        assert self._admin is not None, "the view belongs to an admin"
        return self._admin._template_response(  # noqa: SLF001 - only this method also shows flash messages
            request,
            "kist/risk.html",
            context | {"inr": format_inr, "grouped": grouped} | charts(book, cohorts[-MONTHS:]),
        )


def charts(book: RiskReport, cohorts: list[Vintage]) -> dict[str, Any]:
    """The charts of the page."""
    classes: dict[str, list[int]] = {}
    for line in book.provisions:
        sums = classes.setdefault(line.asset_class.value, [0, 0])
        sums[0] += line.principal_paise
        sums[1] += line.provision_paise
    by_class = (
        Series(name="principal", colour="lent", values=[principal for principal, _ in classes.values()]),
        Series(name="provision", colour="late", values=[provision for _, provision in classes.values()]),
    )
    return {
        "classes_chart": bar_chart(
            [words(name) for name in classes],
            by_class,
            title="Principal and provision by class",
            full=format_inr,
            short=short_rupees,
        ),
        "at_risk_chart": bar_chart(
            [f"over {line.after_days}" for line in book.at_risk],
            [Series(name="principal", colour="late", values=[line.principal_paise for line in book.at_risk])],
            title="Principal past due for more than so many days",
            full=format_inr,
            short=short_rupees,
            width=NARROW,
        ),
        "vintages_chart": bar_chart(
            [f"{each.month:%b %y}" for each in cohorts],
            [Series(name="failed", colour="late", values=[_hundredths(each) for each in cohorts])],
            title="Share of each month's loans that became non-performing",
            full=_percent,
            short=_percent,
        ),
    }


def _hundredths(vintage: Vintage) -> int:
    """The share that had failed by now, in hundredths of a percent."""
    return int(vintage.failed_percent[-1].scaleb(2)) if vintage.failed_percent else 0


def _percent(hundredths: int) -> str:
    return f"{Decimal(hundredths).scaleb(-2)} %"
