"""The risk page on a book with a loan that failed."""

from datetime import date

from tests.api.admin.conftest import OFFICER, Browse
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_risk import book
from tests.services.lending_desk import LendingHelper


async def test_the_risk_of_a_book(browse: Browse, lending: LendingHelper) -> None:
    client = await browse(OFFICER)
    await book(Desk(lending))
    page = await client.get("/admin/risk")
    assert page.status_code == 200, page.text
    assert f"Classes are judged through {date(2027, 3, 21):%d %b %Y}." in page.text
    assert "<title>sub-standard, principal: ₹1,20,000.00</title>" in page.text
    assert "<title>sub-standard, provision: ₹12,000.00</title>" in page.text
    assert "<title>over 90, principal: ₹1,20,000.00</title>" in page.text
    assert "<title>Nov 26, failed: 50.00 %</title>" in page.text
    assert "<td>sub standard unsecured</td>" in page.text
