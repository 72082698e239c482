"""The first page: figures and charts of the portfolio, and the progress of the billing runs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette_admin import CustomView
from starlette_admin.flash import flash
from starlette_admin.routing import route

from app.api.admin.charts import NARROW, Series, bar_chart, short_rupees
from app.api.admin.context import ADMIN_PATH, open_uow
from app.api.admin.drawing.formats import advice, grouped, sentence
from app.api.admin.views.billing import percent_done
from app.domain.money import format_inr
from app.services.operations import browsing
from app.services.operations.browsing import ListingQuery
from app.services.reporting import portfolio
from app.services.reporting.portfolio import Portfolio, PortfolioCache, PortfolioTooLarge
from app.services.unit_of_work import INDIA

LATEST_RUNS = 25
CARDS = {"bank_balance": "Balance score", "loan_history": "Loan history score"}


class PortfolioView(CustomView):
    """The portfolio on one page."""

    def __init__(self) -> None:
        super().__init__(menu_label="Portfolio", icon="fa-solid fa-chart-column", path="/", route_name="index")
        self._cache = PortfolioCache()

    @route("")
    async def index(self, request: Request) -> Response:
        """The page. Where the book is too large for it, the desk opens with the loans."""
        try:
            async with open_uow(request) as uow:
                figures = await portfolio.view_portfolio(uow, cache=self._cache)
        except PortfolioTooLarge as error:
            flash(request, f"{sentence(error.message)} {advice(error)}", "error")
            return RedirectResponse(f"{ADMIN_PATH}/loans/list", status_code=303)
        assert self._admin is not None, "the view belongs to an admin"
        context = {"title": "Portfolio", "portfolio": figures, "inr": format_inr, "grouped": grouped, "india": INDIA}
        return self._admin._template_response(  # noqa: SLF001 - only this method also shows flash messages
            request, "kist/portfolio.html", context | charts(figures) | {"percent_done": _percent}
        )

    @route("/runs/progress")
    async def progress(self, request: Request) -> Response:
        """The progress of the latest runs, for the script that updates their bars."""
        async with open_uow(request) as uow:
            runs = await browsing.page(
                uow, "billing_runs", ListingQuery(sorts=(("id", True),)), skip=0, limit=LATEST_RUNS
            )
        return JSONResponse([{"id": run.id, "percent": percent_done(run), "status": run.status} for run in runs])


def _percent(run: Any) -> int:
    return percent_done(run)


def charts(figures: Portfolio) -> dict[str, Any]:
    """The charts of the page."""
    months = [f"{month.month:%b %y}" for month in figures.months]
    by_month = (
        Series(name="disbursed", colour="lent", values=[month.disbursed_paise for month in figures.months]),
        Series(name="collected", colour="received", values=[month.collected_paise for month in figures.months]),
    )
    late = Series(name="outstanding", colour="late", values=[age.principal_paise for age in figures.ages[1:]])
    return {
        "months_chart": bar_chart(
            months, by_month, title="Disbursed and collected by month", full=format_inr, short=short_rupees
        ),
        "ages_chart": bar_chart(
            [f"{age.name} days" for age in figures.ages[1:]],
            [late],
            title="Outstanding on late loans by age",
            full=format_inr,
            short=short_rupees,
            width=NARROW,
        ),
        "score_charts": [
            (
                CARDS.get(card, card),
                sum(band.customers for band in bands),
                bar_chart(
                    [str(band.low) for band in bands],
                    [Series(name="customers", colour="score", values=[band.customers for band in bands])],
                    title=f"{CARDS.get(card, card)}: customers by score",
                    full=grouped,
                    short=grouped,
                    width=NARROW,
                ),
            )
            for card, bands in sorted(figures.scores.items())
        ],
    }
