"""Every admin page opens for the right roles, with a fixed number of SQL statements."""

from datetime import date, timedelta
from typing import NoReturn

import pytest

from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.operations import browsing
from app.services.operations.browsing import ListTooWide
from app.services.reporting import portfolio
from app.services.reporting.portfolio import PortfolioTooLarge
from tests.api.admin.conftest import ADMIN, OFFICER, Browse
from tests.services.lending_desk import LendingHelper

VIEWS = (
    "users", "applications", "loans", "emis", "billings", "payments", "cards", "proposals", "transfers",
    "loan-charges", "gst-documents", "card-accounts", "card-statements", "card-postings",
    "card-holds", "card-transfers", "card-gst-documents",
    "transactions", "scores", "audit-events", "billing-runs", "parked-loans", "scheduled-tasks", "jobs", "imports",
    "rejects", "products", "scorecards", "lender", "staff",
)  # fmt: skip
#: Only admins see these.
FOR_ADMINS = {"staff"}


#: The session's account, the rows, and the number of rows; and before each of these two how long it may take.
MOST = 6


@pytest.mark.parametrize("who", [ADMIN, OFFICER])
async def test_every_page_opens_on_empty_books(browse: Browse, who: str) -> None:
    client = await browse(who)
    home = await client.get("/admin/")
    assert (home.status_code, "Outstanding" in home.text) == (200, True)
    risk = await client.get("/admin/risk")
    assert (risk.status_code, "No day-end is judged yet" in risk.text, "/admin/risk" in home.text) == (200, True, True)
    for view in VIEWS:
        page = await client.get(f"/admin/{view}/list")
        code = 403 if view in FOR_ADMINS and who != ADMIN else 200
        assert (view, page.status_code) == (view, code), page.text
        assert (f"/admin/{view}/list" in home.text) == (code == 200)


async def test_a_page_takes_as_many_statements_for_many_rows_as_for_few(
    browse: Browse, lending: LendingHelper, counted: list[str]
) -> None:
    client = await browse(ADMIN)
    today, counts = date(2026, 11, 21), []
    for loans in (2, 8):
        made = [
            await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12) for _ in range(loans)
        ]
        today += timedelta(days=31)
        await lending.run_billing(on=today)
        await lending.pay(made[0], amount=4_406_04)
        found = {}
        for view in VIEWS:
            path = f"/admin/{view}/list"
            await client.get(path)  # fills the caches of the process
            counted.clear()
            page = await client.get(path)
            found[view] = (len(counted), page.text.count("<tr"))
        counts.append(found)
    few, many = counts
    assert {view: count for view, (count, _) in many.items() if count > few[view][0]} == {}
    assert max(count for count, _ in many.values()) <= MOST
    assert {view for view in VIEWS if many[view][1] > few[view][1]} >= {
        "users", "loans", "emis", "billings", "payments", "transfers",
    }  # fmt: skip


async def test_what_takes_too_long_is_said_and_the_desk_stays_usable(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await browse(OFFICER)

    async def is_too_wide(*_: object, **__: object) -> NoReturn:
        raise ListTooWide("the list would look at too many rows")

    async def is_too_large(*_: object, **__: object) -> NoReturn:
        raise PortfolioTooLarge("the figures of the whole book take longer than a statement may")

    monkeypatch.setattr(browsing, "count", is_too_wide)
    listed = await client.get("/admin/payments/list")
    assert (listed.status_code, "not counted: too many rows to look at" in listed.text) == (200, True)
    monkeypatch.setattr(portfolio, "view_portfolio", is_too_large)
    home = await client.get("/admin/")
    assert (home.status_code, home.url.path) == (200, "/admin/loans/list")
    assert "The figures of the whole book take longer than a statement may." in home.text
    monkeypatch.setattr(browsing, "page", is_too_wide)
    refused = await client.get("/admin/payments/list")
    assert (refused.status_code, "Search by an id" in refused.text) == (422, True)
