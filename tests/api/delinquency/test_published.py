"""Published examples and what the circulars say in words, lived over HTTP with the clock moved, with exact values."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.domain.calendar import Frequency, add_months
from app.domain.people.access import SYSTEM, Role
from app.domain.products.products import Product
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.delinquency.corrections import reconcile_borrower
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.cards.desk import CardDesk
from tests.api.conftest import START, HeadersOf, Time
from tests.services.delinquency.conftest import Desk
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
API = "/api/v1"
DAY = timedelta(days=1)
WEEKLY = replace(STANDARD_LOAN, code="WEEKLY", repayment=replace(STANDARD_LOAN.repayment, frequency=Frequency.WEEK))


@pytest_asyncio.fixture
async def desk(uow_factory: UnitOfWorkFactory, opened: None) -> AsyncIterator[Desk]:
    """Lends, bills and judges. After the test every loan and every history of classes is derived again."""
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, WEEKLY, offered_from=date(2000, 1, 1), now=START, actor="system")
    made = Desk(LendingHelper(uow_factory))
    yield made
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


async def lend(desk: Desk, on: date, *, product: Product = STANDARD_LOAN, customer_id: int | None = None) -> str:
    await desk.lending.set_date(on)
    made: LoanReference = await desk.lending.disburse(
        product, amount=120_000, rate="12", instalments=12, customer_id=customer_id
    )
    return str(made.number)


async def seen(client: httpx.AsyncClient, officer: Headers, loan: str, on: date) -> tuple[str | None, int]:
    body = await asked(client, officer, loan, on)
    return body["asset_class"], body["days_past_due"]


async def asked(client: httpx.AsyncClient, officer: Headers, loan: str, on: date) -> Any:
    answer = await client.get(f"{API}/loans/{loan}/delinquency", params={"on": on.isoformat()}, headers=officer)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pay(client: httpx.AsyncClient, officer: Headers, loan: str, amount: str, on: date) -> str:
    body = {"loan_id": int(loan), "amount": amount, "reference_id": f"{loan}/{on}/{amount}", "value_date": str(on)}
    paid = await client.post(f"{API}/loans/payments", json=body, headers=officer)
    assert paid.status_code == 201, paid.text
    return str(paid.json()["payment_id"])


async def test_due_on_31_march_and_unpaid(client: httpx.AsyncClient, desk: Desk, officer: Headers) -> None:
    """The circular's own days, a year in which February has 28 days: of three instalments the last is not paid. Then
    some of the arrears are paid, and then all of them; and what was taken out of income comes back."""
    loan = await lend(desk, date(2026, 12, 31))
    for due in (date(2027, 1, 31), date(2027, 2, 28)):
        await desk.run(on=due)
        await pay(client, officer, loan, "10661.85", due)
    await desk.run(on=date(2027, 7, 1))
    days = {
        (2027, 3, 30): ("standard", 0), (2027, 3, 31): ("sma_0", 1), (2027, 4, 29): ("sma_0", 30),
        (2027, 4, 30): ("sma_1", 31), (2027, 5, 29): ("sma_1", 60), (2027, 5, 30): ("sma_2", 61),
        (2027, 6, 28): ("sma_2", 90), (2027, 6, 29): ("sub_standard", 91),
    }  # fmt: skip
    for on, expected in days.items():
        assert await seen(client, officer, loan, date(*on)) == expected, on

    # The interest of the four unpaid instalments is no income: 1,018.11 + 921.68 + 824.27 + 725.89, as billed.
    ledger = await client.get(f"{API}/loans/{loan}/ledger", params={"limit": 200}, headers=officer)
    moved = [
        (line["kind"], line["value_date"], line["debit"], line["credit"], line["amount"])
        for line in ledger.json()["items"] if line["kind"] in ("suspense", "recognition")
    ]  # fmt: skip
    billed = [one["interest"] for one in (await asked(client, officer, loan, date(2027, 6, 30)))["unpaid"]]
    assert [line[:4] for line in moved] == [
        ("suspense", "2027-06-29", "interest_income", "interest_suspense"),
        ("suspense", "2027-06-30", "interest_income", "interest_suspense"),
    ]
    assert [line[4] for line in moved] == [round(sum(billed[:3]), 2), billed[3]]

    # The oldest three of four instalments: 1 day past due, and still non-performing, because not all arrears are paid.
    await desk.run(on=date(2027, 7, 2))
    await pay(client, officer, loan, "31985.55", date(2027, 7, 1))
    assert await seen(client, officer, loan, date(2027, 7, 1)) == ("sub_standard", 2)
    await pay(client, officer, loan, "10661.85", date(2027, 7, 2))
    assert await seen(client, officer, loan, date(2027, 7, 2)) == ("standard", 0)


async def test_over_the_end_of_february_in_a_leap_year(client: httpx.AsyncClient, desk: Desk, officer: Headers) -> None:
    loan = await lend(desk, date(2027, 12, 31))
    await desk.run(on=date(2028, 5, 2))
    days = {
        (2028, 1, 31): ("sma_0", 1), (2028, 2, 29): ("sma_0", 30), (2028, 3, 1): ("sma_1", 31),
        (2028, 3, 31): ("sma_2", 61), (2028, 4, 29): ("sma_2", 90), (2028, 4, 30): ("sub_standard", 91),
    }  # fmt: skip
    for on, expected in days.items():
        assert await seen(client, officer, loan, date(*on)) == expected, on


async def test_due_on_5_january_and_unpaid(client: httpx.AsyncClient, desk: Desk, officer: Headers) -> None:
    """An example that a lender publishes: SMA-1 on 4 February, SMA-2 on 6 March, non-performing on 5 April. The next
    instalment is paid, which changes nothing: money pays the oldest first."""
    loan = await lend(desk, date(2026, 12, 5))
    await desk.run(on=date(2027, 2, 5))
    assert await seen(client, officer, loan, date(2027, 2, 3)) == ("sma_0", 30)
    assert await seen(client, officer, loan, date(2027, 2, 4)) == ("sma_1", 31)
    await desk.run(on=date(2027, 4, 6))
    days = {
        (2027, 1, 4): ("standard", 0), (2027, 1, 5): ("sma_0", 1), (2027, 3, 5): ("sma_1", 60),
        (2027, 3, 6): ("sma_2", 61), (2027, 4, 4): ("sma_2", 90), (2027, 4, 5): ("sub_standard", 91),
    }  # fmt: skip
    for on, expected in days.items():
        assert await seen(client, officer, loan, date(*on)) == expected, on
    body = await asked(client, officer, loan, date(2027, 4, 5))
    assert (body["oldest_due_on"], body["non_performing_since"], len(body["unpaid"])) == ("2027-01-05", "2027-04-05", 4)


async def test_weekly_instalments(client: httpx.AsyncClient, desk: Desk, officer: Headers) -> None:
    """Due every Monday from 4 January 2027, and none is paid until the thirteenth is due."""
    loan = await lend(desk, date(2026, 12, 28), product=WEEKLY)
    await desk.run(on=date(2027, 4, 5))
    for on, expected in {
        (2027, 1, 4): ("sma_0", 1), (2027, 2, 2): ("sma_0", 30), (2027, 2, 3): ("sma_1", 31),
        (2027, 3, 5): ("sma_2", 61), (2027, 4, 3): ("sma_2", 90), (2027, 4, 4): ("sub_standard", 91),
    }.items():  # fmt: skip
        assert await seen(client, officer, loan, date(*on)) == expected, on
    body = await asked(client, officer, loan, date(2027, 4, 4))
    assert (len(body["unpaid"]), body["oldest_due_on"]) == (12, "2027-01-04")
    first = body["unpaid"][0]
    await pay(client, officer, loan, f"{first['interest'] + first['principal']:.2f}", date(2027, 4, 5))
    # The next oldest was due a week later; the borrower stays non-performing.
    assert await seen(client, officer, loan, date(2027, 4, 5)) == ("sub_standard", 85)


async def test_a_due_date_that_moved(client: httpx.AsyncClient, desk: Desk, officer: Headers) -> None:
    """Due on the 21st; from January on the 5th. The instalment that was due before keeps its date."""
    loan = await lend(desk, date(2026, 11, 21))
    await desk.run(on=date(2026, 12, 22))
    changed = await client.post(
        f"{API}/loans/{loan}/due-day", json={"due_day": 5}, headers={**officer, "Idempotency-Key": "moved"}
    )
    assert changed.status_code == 201, changed.text
    await desk.run(on=date(2027, 5, 8))
    assert await seen(client, officer, loan, date(2026, 12, 21)) == ("sma_0", 1)
    assert await seen(client, officer, loan, date(2027, 3, 20)) == ("sma_2", 90)
    assert await seen(client, officer, loan, date(2027, 3, 21)) == ("sub_standard", 91)
    body = await asked(client, officer, loan, date(2027, 3, 21))
    assert [one["due_on"] for one in body["unpaid"]] == ["2026-12-21", "2027-02-05", "2027-03-05"]
    await pay(client, officer, loan, "10661.85", date(2027, 5, 7))
    # From 5 February, the new date, to 7 May are 92 days.
    assert await seen(client, officer, loan, date(2027, 5, 7)) == ("sub_standard", 92)


async def test_a_restructured_loan(client: httpx.AsyncClient, desk: Desk, officer: Headers, admin: Headers) -> None:
    """24 instalments of 5,648.82 from 21 December 2026. The third is a day late; another restructuring begins anew."""
    loan = await lend(desk, date(2026, 11, 21))
    asking = {"kind": "restructure", "loan_id": loan, "reason": "lost the job"}
    await desk.run(on=date(2026, 12, 1))
    await approve(client, {**asking, "instalments": 24}, officer=officer, admin=admin)
    made = await asked(client, officer, loan, date(2026, 12, 1))
    assert (made["asset_class"], made["days_past_due"], made["non_performing_since"]) == (
        "sub_standard", 0, "2026-12-01",
    )  # fmt: skip
    assert made["monitoring"] == {
        "restructured_on": "2026-12-01", "is_open": True, "begins_on": "2026-12-01", "not_before": None,
        "to_repay": 12000.0, "repaid": 0.0, "default": None,
    }  # fmt: skip
    dues = [add_months(date(2026, 12, 21), month) for month in range(14)]
    for number, due in enumerate(dues[:4], start=1):
        await desk.run(on=due + DAY)
        await pay(client, officer, loan, "5648.82", due + DAY * (number == 3))
    late = await asked(client, officer, loan, dues[3])
    assert (late["asset_class"], late["days_past_due"], late["monitoring"]["not_before"]) == (
        "sub_standard", 0, "2027-12-21",
    )  # fmt: skip
    assert late["monitoring"]["repaid"] == round(4448.82 + 4493.31 + 4538.24 + 4583.62, 2)
    assert late["monitoring"]["default"] == {
        "of": {"kind": "loan", "number": int(loan)}, "instalment": 3, "due_on": "2027-02-21", "on": "2027-02-21",
    }  # fmt: skip
    assert "after that default it is standard again only by another restructuring" in late["explanation"]

    await desk.run(on=date(2027, 4, 1))
    await approve(client, {**asking, "instalments": 30}, officer=officer, admin=admin)
    body = await asked(client, officer, loan, date(2027, 4, 1))
    assert (body["monitoring"]["restructured_on"], body["monitoring"]["default"], body["asset_class"]) == (
        "2027-04-01", None, "sub_standard",
    )  # fmt: skip
    # 1,20,000.00 - 18,063.99 are 1,01,936.01, and a tenth of that counts a part of a paisa as one.
    assert body["monitoring"]["to_repay"] == 10193.61
    for month in range(13):
        due = add_months(date(2027, 4, 21), month)
        await desk.run(on=due + DAY)
        unpaid = (await asked(client, officer, loan, due))["unpaid"]
        if unpaid:
            total = sum(one["interest"] + one["principal"] for one in unpaid)
            await pay(client, officer, loan, f"{total:.2f}", due)
    # Standard a year after the first payment of the second restructuring; it was non-performing since the first one.
    days = {
        (2027, 11, 30): "sub_standard", (2027, 12, 1): "doubtful_1", (2028, 4, 20): "doubtful_1",
        (2028, 4, 21): "standard",
    }  # fmt: skip
    for on, expected in days.items():
        assert await seen(client, officer, loan, date(*on)) == (expected, 0), on
    last = await asked(client, officer, loan, date(2028, 4, 21))
    assert (last["monitoring"]["is_open"], last["changes"][-1]["reason"]) == (False, "performed_after_restructuring")


async def approve(client: httpx.AsyncClient, body: dict[str, Any], *, officer: Headers, admin: Headers) -> None:
    """Proposes something, and another person approves it."""
    key = "/".join(map(str, body.values())).replace(" ", "-")
    proposed = await client.post(f"{API}/proposals", json=body, headers={**officer, "Idempotency-Key": key})
    assert proposed.status_code == 201, proposed.text
    number = proposed.json()["proposal_id"]
    approved = await client.post(f"{API}/proposals/{number}/approve", json={}, headers=admin)
    assert approved.status_code == 200, approved.text


@pytest.mark.parametrize("ends", ["paid", "charged_off"])
async def test_one_loan_and_one_card(
    client: httpx.AsyncClient,
    desk: Desk,
    headers_of: HeadersOf,
    uow_factory: UnitOfWorkFactory,
    time: Time,
    ends: str,
) -> None:
    """The loan is paid in time; the card's minimum due of 4 January 2027 is not."""
    cards = CardDesk(client, headers_of, uow_factory, time)
    await cards.open("2026-12-01")
    await cards.purchase("10000", "2026-12-05")
    loan = await lend(desk, date(2026, 12, 5), customer_id=cards.customer_id)

    async def run(day: date) -> None:
        await cards.run(day.isoformat())
        await desk.run(on=day)
        await desk.correct(cards.customer_id, on=day)

    for month in range(5):
        statement_on = add_months(date(2026, 12, 15), month)
        await run(statement_on + DAY)
        await run(add_months(date(2027, 1, 5), month))
        await pay(client, cards.headers, loan, "10661.85", add_months(date(2027, 1, 5), month))
        await run(add_months(date(2027, 1, 9), month))
    officer = cards.headers
    days = {
        (2027, 1, 3): "standard", (2027, 1, 4): "sma_0", (2027, 2, 2): "sma_0", (2027, 2, 3): "sma_1",
        (2027, 3, 5): "sma_2", (2027, 4, 3): "sma_2", (2027, 4, 4): "sub_standard",
    }  # fmt: skip
    for on, expected in days.items():
        assert await seen(client, officer, loan, date(*on)) == (expected, 0), on
    body = await asked(client, officer, loan, date(2027, 4, 4))
    assert (body["by"]["kind"], body["non_performing_since"]) == ("card", "2027-04-04")
    said = "a card whose minimum due is not paid so long is non-performing: 90 days"
    assert body["explanation"][-1] == f"{said} (RBI circular of 2015-07-16 on card accounts)"
    last = date(2027, 5, 9)
    if ends == "paid":
        await cards.pay("20000", last.isoformat())
    else:
        await charge_off(client, headers_of, cards)
    await run(last + DAY)
    # What was charged off is never paid, so its borrower stays non-performing.
    expected = "standard" if ends == "paid" else "sub_standard"
    assert await seen(client, cards.headers, loan, last) == (expected, 0)
    assert await reconciled(uow_factory, cards.customer_id) == []


async def charge_off(client: httpx.AsyncClient, headers_of: HeadersOf, cards: CardDesk) -> None:
    await approve(
        client,
        {"kind": "card_charge_off", "card_account_id": cards.account_id, "reason": "unpaid for months"},
        officer=cards.headers,
        admin=await headers_of(Role.ADMIN),
    )


async def reconciled(uow_factory: UnitOfWorkFactory, customer_id: int) -> list[Any]:
    async with uow_factory.open(SYSTEM) as uow:
        return list(await reconcile_borrower(uow, customer_id))
