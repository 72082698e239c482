"""The actions of admins on the pages, that officers only read, exports, filters, and the policy of every page."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from sqlalchemy import insert, select
from starlette_admin import BaseModelView
from starlette_admin.filters.base import FilterDataType

from app.api.admin import menus
from app.api.admin.charts import nice_top, short_rupees
from app.api.admin.drawing.formats import grouped
from app.api.admin.listing_view import row_count
from app.api.admin.pages.balance_chart import StepLine, step_chart
from app.db.models import AuditEvent, BillingRun, Customer, ScheduledTask
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, Browse, csrf_token
from tests.api.admin.forms import do
from tests.api.admin.test_pages import VIEWS
from tests.services.lending_desk import LendingHelper

STANDARD = next(product for product in SEEDED_PRODUCTS if product.code == "STANDARD_LOAN")
CREDIT_CARD = next(product for product in SEEDED_PRODUCTS if product.code == "CREDIT_CARD")
NONCE = re.compile(r"'nonce-([^']+)'")


async def press(client: httpx.AsyncClient, view: str, name: str, *, pk: str | None = None) -> httpx.Response:
    """Presses a button of a row, or of the whole list."""
    token = csrf_token(await client.get("/admin/"))
    where = "action" if pk is None else "row-action"
    params = {"name": name} | ({} if pk is None else {"pk": pk})
    return await client.post(f"/admin/_api/{view}/{where}", params=params, headers={"X-CSRFToken": token})


async def all_of(uow_factory: UnitOfWorkFactory, model: type) -> list[object]:
    async with uow_factory.open(SYSTEM) as uow:
        return list((await uow.session.execute(select(model))).scalars())


async def test_an_admin_pauses_asks_and_starts(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    client = await browse(ADMIN)
    assert (await press(client, "scheduled-tasks", "pause", pk="sweep")).status_code == 200
    assert (await press(client, "scheduled-tasks", "run_now", pk="sweep")).status_code == 200
    await do(client, "start-run", "today")
    (task,) = await all_of(uow_factory, ScheduledTask)
    assert isinstance(task, ScheduledTask)
    assert (task.name, task.paused, task.requested_at is not None) == ("sweep", True, True)
    (run,) = await all_of(uow_factory, BillingRun)
    assert isinstance(run, BillingRun)
    assert (run.status, run.actor.partition(":")[0]) == ("running", "admin")
    page = await client.get("/admin/billing-runs/list")
    assert f'data-kist-run="{run.id}" data-kist-status="running"' in page.text
    progress = await client.get("/admin/runs/progress")
    assert progress.json() == [{"id": run.id, "percent": 0, "status": "running"}]


@pytest.mark.parametrize(
    "view, name, pk",
    [
        ("scheduled-tasks", "pause", "sweep"),
        ("scheduled-tasks", "resume", "sweep"),
        ("scheduled-tasks", "run_now", "sweep"),
        ("proposals", "approve", "1.1"),
        ("jobs", "try_now", "1"),
        ("loans", "delete", "1.1"),
        ("loans", "delete", None),
    ],
)
async def test_an_officer_only_reads(
    browse: Browse, uow_factory: UnitOfWorkFactory, view: str, name: str, pk: str | None
) -> None:
    client = await browse(OFFICER)
    assert (await press(client, view, name, pk=pk)).status_code == 400
    assert await all_of(uow_factory, ScheduledTask) == await all_of(uow_factory, BillingRun) == []
    assert f'data-sa-name="{name}"' not in (await client.get(f"/admin/{view}/list")).text


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in {"staff", "lender"}])
@pytest.mark.parametrize("page", ["create", "edit?pk=1"])
async def test_no_table_can_be_written_by_a_form(browse: Browse, view: str, page: str) -> None:
    client = await browse(ADMIN)
    assert (await client.get(f"/admin/{view}/{page}")).status_code == 403


# --- exports ---


async def export(client: httpx.AsyncClient, view: str, **fields: str) -> httpx.Response:
    token = csrf_token(await client.get("/admin/"))
    return await client.post(
        f"/admin/_api/{view}/action",
        params={"name": "export", "all": "1"},
        data={"scope": "all", "format": "csv", "csrftoken": token} | fields,
    )


async def test_an_export_is_safe_for_spreadsheets_and_noted(browse: Browse, uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(Customer).values(
                customer_id=9, state="customer", name='=HYPERLINK("http://x")', email="+1@example.in",
                annual_income_paise=12_345_678_90, aadhaar_last_four="9012", aadhaar_ciphertext=b"never shown",
                address="\t@evil", created_at=uow.now, actor="system",
            )
        )  # fmt: skip
    client = await browse(OFFICER)
    answer = await export(client, "users")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["Name"], row["E-mail"], row["Address"]) == (
        '\'=HYPERLINK("http://x")', "'+1@example.in", "'\t@evil",
    )  # fmt: skip
    assert (row["Customer"], row["Annual income"], row["Aadhaar"]) == ("BC-USER-009", "12345678.90", "XXXX XXXX 9012")
    assert "never shown" not in answer.text
    events = [event for event in await all_of(uow_factory, AuditEvent) if isinstance(event, AuditEvent)]
    assert [(event.object_id, event.details["rows"]) for event in events if event.action == "exported"] == [
        ("customers", 1)
    ]


async def test_a_page_escapes_markup_in_values(browse: Browse, uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(Customer).values(
                customer_id=9, state="customer", name="<script>alert(1)</script>", email='"><img src=x>',
                created_at=uow.now, actor="system",
            )
        )  # fmt: skip
    client = await browse(OFFICER)
    for path in ("list", "list?q=%3Cscript%3E", "detail?pk=9"):
        page = await client.get(f"/admin/users/{path}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


# --- every page ---


async def test_the_policy_blocks_other_servers(browse: Browse, lending: LendingHelper) -> None:
    await lending.disburse(STANDARD, amount=100_000, rate="12", instalments=12)
    client = await browse(ADMIN)
    pages = [
        "/admin/", "/admin/new-version?base=PERSONAL_LOAN.2", "/admin/loans/detail?pk=1001.1",
        "/admin/find?text=asha%20r",
        "/admin/acts/take-payment?of=LN-2026-0001", "/admin/acts/propose-write-off?of=LN-2026-0001",
        "/admin/customer/BC-USER-1001?tab=looks", *(f"/admin/{v}/list" for v in VIEWS),
    ]  # fmt: skip
    for path in pages:
        page = await client.get(path)
        assert (path, page.status_code) == (path, 200)
        policy = page.headers["content-security-policy"]
        nonce = NONCE.search(policy)
        assert nonce is not None
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert page.headers["cache-control"] == "no-store"
        assert re.search(r"\son[a-z]+\s*=\s*\"", page.text) is None, f"{path} has a handler in an attribute"
        inline = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", page.text)
        assert all(nonce[1] in tag or "application/json" in tag for tag in inline), path
        loaded = re.findall(r"(?:src|href)=\"([^\"#]+)\"", page.text)
        assert [url for url in loaded if not url.startswith(("/", "http://kist.example/", "?", "data:"))] == [], path


async def test_static_files_may_be_cached(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin/static/kist/admin.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, max-age=3600")


def filters_of(view: BaseModelView) -> Iterator[str]:
    """Every filter that a view offers, with a valid value."""
    samples = {"number": "1", "date": "2026-11-21", "enum": "active", "array": "1"}
    registry = view.get_filter_registry()
    for field in view.fields:
        for kind in registry.filters_for(field) if field.searchable and not field.exclude_from_list else ():
            value = samples.get(kind.data_type.value, "1")
            tail = (
                ""
                if kind.data_type == FilterDataType.NONE
                else f"={value}..{value}"
                if kind.has_value2
                else f"={value}"
            )
            yield f"{field.name}__{kind.name}{tail}"


@pytest.mark.parametrize("view", VIEWS)
async def test_every_filter_that_is_offered_works(browse: Browse, lending: LendingHelper, view: str) -> None:
    client = await browse(ADMIN)
    found = next(each for menu in menus() for each in menu.views if getattr(each, "key", "") == view)
    assert isinstance(found, BaseModelView)
    offered = [*filters_of(found)]
    assert (offered == []) == (view in {"scheduled-tasks", "staff", "lender"})
    for text in offered:
        answer = await client.get(f"/admin/{view}/list", params={"filter": text, "sort": "no_such_column__asc"})
        assert (text, answer.status_code) == (text, 200)


@pytest.mark.parametrize("column, status", [("next_billing_on", 200), ("disbursed_on", 400), ("customer_id", 400)])
async def test_is_empty_is_offered_where_a_column_can_be(browse: Browse, column: str, status: int) -> None:
    client = await browse(OFFICER)
    answer = await client.get("/admin/loans/list", params={"filter": f"{column}__is_null"})
    assert answer.status_code == status


@pytest.mark.parametrize("text", ["disbursed_paise__gte=1.234", "nothing__eq=1", "id__eq=banana"])
async def test_a_filter_that_cannot_be_read_is_refused(browse: Browse, text: str) -> None:
    client = await browse(OFFICER)
    answer = await client.get("/admin/loans/list", params={"filter": text})
    assert answer.status_code == 400


# --- small parts ---


@pytest.mark.parametrize(
    "last, labels",
    [
        (date(2027, 5, 20), ["Jan 26", "Apr 26", "Jul 26", "Oct 26", "Feb 27", "May 27"]),
        (date(2026, 5, 20), ["01 Jan", "28 Jan", "25 Feb", "25 Mar", "22 Apr", "20 May"]),
        (date(2026, 1, 3), ["01 Jan", "02 Jan", "03 Jan"]),
    ],
)
def test_no_two_days_of_a_chart_have_one_label(last: date, labels: list[str]) -> None:
    line = StepLine("real", "as it was", [(date(2026, 1, 1), 100_00), (last, 50_00)])
    picture = step_chart([line], title="Balance", what="what was owed", on=last, now_paise=50_00)
    assert re.findall('class="tick"[^>]*>([^<]*)<', picture) == labels


@pytest.mark.parametrize(
    "highest, top", [(0, 4), (4, 4), (5, 8), (9, 12), (14, 16), (17, 20), (21, 40), (41, 80), (81, 100), (101, 120)]
)
def test_the_top_of_a_chart_is_round(highest: int, top: int) -> None:
    assert nice_top(highest) == top


@pytest.mark.parametrize(
    "paise, message",
    [
        (0, "₹0"), (99, "₹0"), (50_000, "₹500"), (1_500_00, "₹1.5 k"), (1_20_000_00, "₹1.2 L"),
        (2_50_00_000_00, "₹2.5 Cr"), (99_99_999_00, "₹99.9 L"),
    ],
)  # fmt: skip
def test_rupees_for_an_axis(paise: int, message: str) -> None:
    assert short_rupees(paise) == message


def test_the_footer_of_a_list() -> None:
    assert row_count(7, about=None) == "7"
    assert row_count(10_000, about=None) == "10,000"
    assert row_count(10_001, about=12_345_678).startswith("about 1,23,45,678; the first 10,000")
    assert row_count(10_001, about=5).startswith("more than 10,000; ")
    assert [grouped(number) for number in (0, 999, 1000, 100_000)] == ["0", "999", "1,000", "1,00,000"]
