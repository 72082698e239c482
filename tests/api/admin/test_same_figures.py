"""What two pages show of one thing is the same; a page that fails says what happened and what to do."""

from datetime import date

import pytest

from app.api.admin.drawing.formats import due
from app.domain.payments.payments import Due
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from tests.api.admin.conftest import ADMIN, OFFICER, Browse
from tests.services.lending_desk import LendingHelper


async def test_the_head_of_a_loan_shows_the_rate_in_force_and_since_when_it_is_due(
    browse: Browse, client: object, officer: dict[str, str], lending: LendingHelper
) -> None:
    desk = await browse(OFFICER)
    await lending.disburse(STANDARD_LOAN, amount=200_000, rate="12", instalments=24)
    reset = await client.post(  # type: ignore[attr-defined]
        "/api/v1/loans/LN-2026-0001/rate-resets", json={"annual_rate": 11}, headers={**officer, "Idempotency-Key": "r"}
    )
    assert reset.status_code == 201, reset.text
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.set_date(date(2026, 12, 24))
    page = (await desk.get("/admin/loan/LN-2026-0001")).text
    assert "<dd>11 %</dd>" in " ".join(page.split()).replace("> ", ">").replace(" <", "<")
    assert ", due since 21 Dec 2026" in page


def test_what_is_due_is_named_by_its_day_or_since_it() -> None:
    on = date(2026, 12, 28)
    what = Due(instalment=1, amount_paise=9_073_09, minimum_paise=0, planned_on=on, due_on=on, billed=True)
    assert due(what, date(2026, 12, 28)) == "₹9,073.09 by 28 Dec 2026"
    assert due(what, date(2026, 12, 29)) == "₹9,073.09, due since 28 Dec 2026"
    assert due(None, date(2026, 12, 29)) == "nothing"


@pytest.mark.parametrize(
    "path, status, said",
    [
        ("books/transfers?on=2026-11-21", 404, ["There is no such ledger.", "Read the chart of accounts"]),
        ("books/balances?on=2026-02-30", 422, ["This is not a date.", "Name"]),
        ("loans/detail?pk=9.9", 404, ["There is nothing here", "with the field at the top", 'action="/admin/find"']),
        ("nowhere", 404, ["There is nothing here", "Work list"]),
    ],
)
async def test_a_page_that_fails_says_what_to_do(browse: Browse, path: str, status: int, said: list[str]) -> None:
    desk = await browse(ADMIN)
    answer = await desk.get(f"/admin/{path}")
    assert (answer.status_code, [words for words in said if words not in answer.text]) == (status, []), answer.text


async def test_a_code_of_a_product_may_break_in_a_list_and_an_id_does_not(
    browse: Browse, lending: LendingHelper
) -> None:
    desk = await browse(OFFICER)
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    page = (await desk.get("/admin/loans/list")).text
    assert "CREDIT_<wbr>CARD_<wbr>LOAN" in page
    assert '<a class="text-nowrap" href="/admin/loan/LN-2026-0001">LN-2026-0001</a>' in page
