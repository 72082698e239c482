"""The books on the admin pages: journal, transfers, balances, exports; and a period that two people close."""

import re
from datetime import UTC, date, datetime

import httpx
import pytest_asyncio

from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, Browse, csrf_token
from tests.api.conftest import Time
from tests.services.lending_desk import LendingHelper


@pytest_asyncio.fixture
async def month(lending: LendingHelper, uow_factory: UnitOfWorkFactory, time: Time) -> None:
    """A loan of November 2026 that was billed and paid on 21 December. Today is 4 January 2027."""
    loan = await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.pay(loan, amount=10_661_85)
    await lending.set_date(date(2027, 1, 4))
    time.now = datetime(2027, 1, 4, 6, 0, tzinfo=UTC)


def words(page: httpx.Response) -> str:
    """What a reader sees of a page, without its tags."""
    assert page.status_code == 200, page.text
    return " ".join(re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", page.text, flags=re.DOTALL).split())


async def test_the_books_are_read(month: None, browse: Browse) -> None:
    page = await browse(OFFICER)
    journal = await page.get("/admin/books?from=2026-12-01&to=2026-12-31")
    assert "1010 Loans: bank STANDARD_LOAN ₹10,661.85 2" in words(journal)
    assert "Sum ₹11,861.85 ₹11,861.85" in words(journal)
    link = next(each for each in re.findall(r'href="([^"]*transfers[^"]*)"', journal.text) if "account=cash" in each)
    transfers = words(await page.get(link.replace("&amp;", "&")))
    assert "LN-2026-0001 3 payment Loans: bank Loans: interest billed ₹1,200.00 21 Dec 2026" in transfers
    balances = words(await page.get("/admin/books/balances?on=2026-12-31"))
    assert "1110 Loans: principal STANDARD_LOAN ₹1,10,538.15" in balances
    assert "Sum ₹1,10,538.15 ₹1,10,538.15" in balances
    assert "Result so far ₹1,200.00" in balances
    result = words(await page.get("/admin/books/result?from=2026-12-01&to=2026-12-31"))
    assert "Income ₹1,200.00 Expenses ₹0.00 Result ₹1,200.00" in result
    assert "5110 Loans: waivers expense loans waivers" in words(await page.get("/admin/books/chart"))


async def test_the_books_are_exported(month: None, browse: Browse) -> None:
    page = await browse(OFFICER)
    days = "from=2026-12-01&to=2026-12-31"
    journal = await page.get(f"/admin/books/export?of=journal&format=csv&{days}")
    assert journal.headers["content-disposition"] == 'attachment; filename="journal-2026-12-01-2026-12-31.csv"'
    assert journal.text.splitlines()[1] == (
        "2026-12-21,1010,Loans: bank,asset,loans,STANDARD_LOAN,10661.85,0.00,1066185,0,2"
    )
    workbook = await page.get(f"/admin/books/export?of=transfers&format=xlsx&{days}")
    assert workbook.content.startswith(b"PK")
    tally = await page.get(f"/admin/books/export?of=journal&format=tally&{days}")
    assert tally.text.count("<VOUCHER ") == 1


async def test_two_people_close_a_period(month: None, browse: Browse) -> None:
    officer, admin = await browse(OFFICER), await browse(ADMIN)
    page = await officer.get("/admin/periods")
    assert "No period is closed yet." in words(page)
    assert 'value="2026-12-31"' in page.text
    form = {"csrftoken": csrf_token(page), "ends_on": "2027-01-04"}
    assert "The business date is 04 Jan 2027" in words(await officer.post("/admin/periods/propose", data=form))
    proposed = await officer.post("/admin/periods/propose", data=form | {"ends_on": "2026-12-31"})
    assert "21 Nov 2026 to 31 Dec 2026 waits for a decision" in words(proposed)
    # The maker may withdraw, and has no button to close; the page does not believe the form either.
    assert "Withdraw" in words(proposed)
    assert "Close the period" not in words(proposed)
    decision = {"csrftoken": csrf_token(proposed), "period": "1", "decision": "approve", "note": ""}
    assert "Only an admin may close a period" in words(await officer.post("/admin/periods/decide", data=decision))
    page = await admin.get("/admin/periods")
    assert "Close the period" in words(page)
    decision |= {"csrftoken": csrf_token(page), "note": "agreed with the bank"}
    closed = words(await admin.post("/admin/periods/decide", data=decision))
    assert "The books are closed through 31 Dec 2026." in closed
    assert "1 21 Nov 2026 31 Dec 2026 closed Ravi Menon Meera Nair agreed with the bank" in closed


async def test_an_admin_gives_accounts_the_lender_s_codes(month: None, browse: Browse) -> None:
    admin, officer = await browse(ADMIN), await browse(OFFICER)
    page = await admin.get("/admin/books/chart")
    fields = dict(re.findall(r'name="((?:code|name):[a-z:_]+)" value="([^"]*)"', page.text))
    assert (fields["code:loans:cash"], fields["name:cards:cash"]) == ("1010", "Cards: bank")
    form = fields | {"csrftoken": csrf_token(page)}
    banks = {
        f"{field}:{book}:cash": value
        for book in ("loans", "cards")
        for field, value in (("code", "B1"), ("name", "Bank"))
    }
    told = words(await admin.post("/admin/books/chart", data=form | banks))
    assert "2 accounts have other codes or names." in told
    page = await officer.get("/admin/books/balances?on=2026-12-31")
    assert "B1 Bank STANDARD_LOAN" in words(page)
    # One of two accounts of a code cannot be renamed alone, and an officer changes nothing.
    refused = words(await admin.post("/admin/books/chart", data=form | banks | {"name:cards:cash": "Till"}))
    assert "The code B1 would be" in refused
    form["csrftoken"] = csrf_token(await officer.get("/admin/periods"))
    assert "Only an admin can do this." in words(await officer.post("/admin/books/chart", data=form))
    assert "B1 Bank asset loans cash" in words(await officer.get("/admin/books/chart"))


async def test_a_wrong_address_is_told(month: None, browse: Browse) -> None:
    page = await browse(OFFICER)
    for path in ("books?from=x", "books/export?of=gold", "books?from=2027-02-01", "books/transfers?after=x&book=loans"):
        assert (await page.get(f"/admin/{path}")).status_code == 422, path
    for path in ("books/transfers?book=gold", "books/transfers?book=loans&account=gold"):
        assert (await page.get(f"/admin/{path}")).status_code == 404, path
    form = {"csrftoken": csrf_token(await page.get("/admin/periods"))}
    assert "is not a date" in words(await page.post("/admin/periods/propose", data=form | {"ends_on": "soon"}))
    told = await page.post("/admin/periods/decide", data=form | {"decision": "forget", "period": "1"})
    assert "no decision about a period" in words(told)
    assert (await page.post("/admin/periods/propose", data={"ends_on": "2026-12-31"})).status_code == 403
