"""The pages of those who collect: the work list, its files and views, assignment, the day, notes and promises."""

import io
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import pytest

from app.domain.products.seeded import STANDARD_LOAN
from app.services.collections import following
from app.services.delinquency import day_ends
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import OFFICER, Browse, csrf_token
from tests.api.admin.forms import do, open_form, send, words_of
from tests.api.conftest import Time
from tests.services.lending_desk import FAR, LendingHelper

LOAN, LARGE = "LN-2026-0001", "LN-2026-0002"
EMI, LARGE_EMI = "₹10,661.85", "₹17,769.76"


@pytest.fixture
async def late(lending: LendingHelper, uow_factory: UnitOfWorkFactory, time: Time) -> LendingHelper:
    """Two loans whose first instalment of 21 December is a day late."""
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.disburse(STANDARD_LOAN, amount=200_000, rate="12", instalments=12)
    time.now = datetime(2026, 12, 22, 6, 0, tzinfo=UTC)
    await lending.run_billing(on=date(2026, 12, 22))
    payload = {"through": "2026-12-21"}
    assert await day_ends.judge_day_ends(uow_factory, payload, until=FAR)
    assert await following.follow_day_ends(uow_factory, payload, until=FAR)
    return lending


async def test_the_work_list_with_its_filters(browse: Browse, late: LendingHelper) -> None:
    client = await browse(OFFICER)
    page = words_of(await client.get("/admin/collections"))
    assert f"{LOAN} STANDARD_LOAN Asha Rao no phone 1 SMA-0 {EMI}" in page
    assert page.index(LOAN) < page.index(LARGE)
    largest = words_of(await client.get("/admin/collections", params={"sort": "-overdue"}))
    assert largest.index(LARGE) < largest.index(LOAN)
    some = words_of(await client.get("/admin/collections", params={"overdue_from": "₹ 15,000", "asset_class": "sma_0"}))
    assert (LARGE in some, f"{LOAN} STANDARD" in some) == (True, False)
    none = words_of(await client.get("/admin/collections", params={"days_from": "31"}))
    assert "Nothing is past due here." in none
    for wrong in ({"days_from": "many"}, {"days_from": "40", "days_to": "30"}, {"asset_class": "bad"}):
        assert (await client.get("/admin/collections", params=wrong)).status_code == 422


async def test_files_hold_all_rows_and_not_the_page(browse: Browse, late: LendingHelper) -> None:
    client = await browse(OFFICER)
    answer = await client.get("/admin/collections/export", params={"format": "csv", "sort": "-overdue"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    lines = answer.text.split("\r\n")
    assert lines[0].startswith("facility,user_id,name,phone,product,days_past_due,asset_class,overdue,overdue_now,")
    assert [line.split(",")[:9] for line in lines[1:3]] == [
        [LARGE, "BC-USER-1002", "Asha Rao", "", "STANDARD_LOAN", "1", "sma_0", "17769.76", "17769.76"],
        [LOAN, "BC-USER-1001", "Asha Rao", "", "STANDARD_LOAN", "1", "sma_0", "10661.85", "10661.85"],
    ]
    workbook = await client.get("/admin/collections/export", params={"format": "xlsx"})
    sheet = ZipFile(io.BytesIO(workbook.content)).read("xl/worksheets/sheet1.xml").decode()
    assert (sheet.count("<row "), "<v>10661.85</v>" in sheet, "<v>17769.76</v>" in sheet) == (3, True, True)


async def test_a_view_is_saved_shown_and_removed(browse: Browse, late: LendingHelper) -> None:
    client = await browse(OFFICER)
    token = csrf_token(await client.get("/admin/collections", params={"days_from": "1"}))
    sent = {"csrftoken": token, "days_from": "1", "overdue_from": "15000", "name": "Large ones", "sort": "-overdue"}
    page = await client.post("/admin/collections/views", data=sent)
    assert "The view is saved." in words_of(page)
    address = page.text.split(">Large ones")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert address == "/admin/collections?days_from=1&overdue_from=15000.00&sort=-overdue"
    assert f"{LOAN} STANDARD" not in words_of(await client.get(address))
    number = page.text.split('name="remove" value="')[1].split('"')[0]
    gone = await client.post("/admin/collections/views", data={"csrftoken": token, "remove": number})
    assert "The view is removed." in words_of(gone)
    assert "Large ones" not in gone.text


async def test_cases_are_assigned_by_filter_and_by_hand(browse: Browse, late: LendingHelper) -> None:
    client = await browse(OFFICER)
    form = await client.get("/admin/collections/assign", params={"overdue_from": "15000"})
    assert f"{LARGE} , {LARGE_EMI}" in words_of(form)
    officer = form.text.split('name="officer" value="')[1].split('"')[0]
    sent = {"csrftoken": csrf_token(form), "overdue_from": "15000", "officer": officer, "limit": "10"}
    assert "1 of 1 cases changed hands." in words_of(await client.post("/admin/collections/assign", data=sent))
    mine = words_of(await client.get("/admin/collections", params={"officer_id": officer}))
    assert (LARGE in mine, f"{LOAN} STANDARD" in mine) == (True, False)
    form = await client.get("/admin/collections/assign", params={"loan": LOAN})
    sent = {"csrftoken": csrf_token(form), "loan": LOAN, "officer": officer}
    assert f"{LOAN} is in the charge of Meera Nair." in words_of(
        await client.post("/admin/collections/assign", data=sent)
    )
    unknown = await client.post("/admin/collections/assign", data={**sent, "officer": "9999"})
    assert "there is no such officer." in words_of(unknown)


async def test_a_promise_a_contact_and_a_note_on_the_loan(
    browse: Browse, late: LendingHelper, time: Time, uow_factory: UnitOfWorkFactory
) -> None:
    client = await browse(OFFICER)
    await do(client, "promise-to-pay", LOAN, amount="₹ 10,661.85", pay_by="2026-12-24", note="after salary")
    await do(client, "note-contact", LOAN, channel="call", outcome="call_back", at="", text="busy")
    await do(client, "note-on-customer", "BC-USER-1001", text="works in Pune")
    await do(client, "plan-action", LOAN, action="visit", on="2026-12-23")
    page = words_of(await client.get(f"/admin/loan/{LOAN}", params={"tab": "notes"}))
    assert f"PTP-000002 {EMI} 24 Dec 2026 ₹0.00 open Withdraw" in page
    assert "visit on 23 Dec 2026" in page
    for note in ("after salary", "busy", "works in Pune"):
        assert note in page
        assert note in words_of(await client.get("/admin/customer/BC-USER-1001", params={"tab": "notes"}))
    day = words_of(await client.get("/admin/collections/day", params={"on": "2026-12-24", "tab": "promised"}))
    assert f"{LOAN} Asha Rao – {EMI} open SMA-0" in day
    await do(client, "withdraw-promise", "PTP-000002")
    assert "withdrawn" in words_of(await client.get(f"/admin/loan/{LOAN}", params={"tab": "notes"}))


async def test_what_the_api_refuses_is_refused_in_words(browse: Browse, late: LendingHelper, time: Time) -> None:
    time.now += timedelta(hours=8)
    client = await browse(OFFICER)
    form = await open_form(client, "note-contact", LOAN)
    typed = {"channel": "call", "outcome": "reached", "at": "", "text": ""}
    refused = await send(client, "note-contact", form, step="do", **typed)
    assert (refused.status_code, "It was 19:30 in Asia/Kolkata" in words_of(refused)) == (422, True)
    form = await open_form(client, "note-on-loan", LOAN)
    refused = await send(client, "note-on-loan", form, step="preview", text="Aadhaar 2341 2341 2346")
    assert (refused.status_code, "looks like a full Aadhaar number" in words_of(refused)) == (422, True)
    assert "Nothing has been noted yet." in words_of(await client.get(f"/admin/loan/{LOAN}", params={"tab": "notes"}))
