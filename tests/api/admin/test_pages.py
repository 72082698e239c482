"""Every page of the admin opens, for whom it should, and shows what it should."""

import pytest

from tests.api.admin.conftest import ADMIN, OFFICER, Browse

VIEWS = (
    "users", "applications", "loans", "emis", "billings", "payments", "cards", "transfers", "transactions", "scores",
    "audit-events", "billing-runs", "parked-loans", "scheduled-tasks", "jobs", "imports", "rejects", "products",
    "scorecards", "staff",
)  # fmt: skip
#: Nobody but an admin sees these.
FOR_ADMINS = {"staff"}


@pytest.mark.parametrize("who", [ADMIN, OFFICER])
async def test_every_page_opens_on_empty_books(browse: Browse, who: str) -> None:
    client = await browse(who)
    home = await client.get("/admin/")
    assert (home.status_code, "Outstanding" in home.text) == (200, True)
    for view in VIEWS:
        page = await client.get(f"/admin/{view}/list")
        code = 403 if view in FOR_ADMINS and who != ADMIN else 200
        assert (view, page.status_code) == (view, code), page.text
        assert (f"/admin/{view}/list" in home.text) == (code == 200)
