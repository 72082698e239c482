"""Every page of the admin opens, for whom it should, and shows what it should."""

import pytest

from tests.api.admin.conftest import ADMIN, OFFICER, Browse

VIEWS = (
    "users", "applications", "loans", "emis", "billings", "payments", "cards", "proposals", "transfers",
    "transactions", "scores", "audit-events", "billing-runs", "parked-loans", "scheduled-tasks", "jobs", "imports",
    "rejects", "products", "scorecards",
)  # fmt: skip


@pytest.mark.parametrize("who", [ADMIN, OFFICER])
async def test_every_page_opens_on_empty_books(browse: Browse, who: str) -> None:
    client = await browse(who)
    home = await client.get("/admin/")
    assert (home.status_code, "Outstanding" in home.text) == (200, True)
    for view in VIEWS:
        page = await client.get(f"/admin/{view}/list")
        assert (view, page.status_code) == (view, 200), page.text
