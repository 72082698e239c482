"""No N+1: a list and a statement take the same number of SQL statements for two rows as for many."""

from datetime import date

import httpx
import pytest

from app.domain.access import SYSTEM, Role
from app.domain.products import Product
from app.domain.seeded_products import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.services.work import Desk
from tests.api.conftest import HeadersOf
from tests.api.stories import Story
from tests.services.lending import LendingDesk

#: More would be a sign of something read twice: the token's holder, the clock, the loan, its bills, its payments.
MOST = 12


async def statements_of(
    client: httpx.AsyncClient, counted: list[str], path: str, headers: dict[str, str]
) -> tuple[int, str]:
    await client.get(path, headers=headers)  # what a process reads once, it has read now
    counted.clear()
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return len(counted), answer.text


async def lend(client: httpx.AsyncClient, headers: dict[str, str], *, amounts: range) -> None:
    for amount in amounts:
        body = {"customer_id": 1, "loan_amount": amount, "interest_rate": 12, "tenure": 12}
        assert (await client.post("/create-loan", json=body, headers=headers)).status_code == 201


async def test_view_loans(story: Story, counted: list[str], officer: dict[str, str]) -> None:
    client = story.client
    person = {"first_name": "A", "last_name": "B", "age": 40, "monthly_income": 500_000, "phone_number": "9876543210"}
    assert (await client.post("/register", json=person, headers=officer)).status_code == 201
    await lend(client, officer, amounts=range(10_000, 10_002))
    few, text = await statements_of(client, counted, "/view-loans/1", officer)
    await lend(client, officer, amounts=range(10_002, 10_012))

    many, longer = await statements_of(client, counted, "/view-loans/1", officer)

    assert (text.count("loan_id"), longer.count("loan_id")) == (2, 12)
    assert many == few <= MOST


@pytest.mark.parametrize("path", ["/api/get-statement/?loan_id=1", "/api/v1/statements?loan_id=1"])
@pytest.mark.parametrize("product", [CREDIT_CARD_LOAN, STANDARD_LOAN], ids=lambda product: product.code)
async def test_a_statement(
    client: httpx.AsyncClient,
    desk: Desk,
    opened: None,
    counted: list[str],
    headers_of: HeadersOf,
    path: str,
    product: Product,
) -> None:
    lending = LendingDesk(desk)
    loan = await lending.disburse(product, amount=50_000, rate="12", instalments=24)
    officer = await headers_of(Role.OFFICER)
    found: list[tuple[int, str]] = []
    # Two bills and two payments first, then eight of each.
    for months in (2, 6):
        for _ in range(months):
            async with desk.open(SYSTEM) as work:
                today = await work.business_date()
            await lending.run_billing(on=date.fromordinal(today.toordinal() + 31))
            await lending.pay(loan, amount=3_000_00 + len(found))
        found.append(await statements_of(client, counted, path, officer))
    (few, text), (many, longer) = found
    assert (text.count('"amount_paid"'), longer.count('"amount_paid"')) == (2, 8)
    assert many == few <= MOST
