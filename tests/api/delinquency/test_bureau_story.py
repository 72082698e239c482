"""What bureaus were told about a borrower, over months: a payment turns out to have come before a file was made."""

from datetime import date, timedelta
from typing import Any

import httpx

from app.domain.products.seeded import STANDARD_LOAN
from tests.api.stories import Story
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_bureau import make
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
API = "/api/v1"
DAY = timedelta(days=1)


async def said(client: httpx.AsyncClient, officer: Headers, user: int) -> list[tuple[str, ...]]:
    """What was said: as on which day, in which kind of file, known when; and the days past due, the class, what is
    overdue and when the last payment came."""
    records = (await client.get(f"{API}/bureau/records", params={"user_id": user}, headers=officer)).json()
    return [
        (
            one["as_on"], one["kind"], one["known_on"],
            *(one["record"][name] for name in ("days_past_due", "asset_class", "overdue", "last_paid_on")),
        )
        for one in records
    ]  # fmt: skip


async def file(client: httpx.AsyncClient, officer: Headers, as_on: str) -> list[str]:
    answer = await client.get(f"{API}/bureau/files/{as_on}", headers=officer)
    assert answer.status_code == 200, answer.text
    return answer.text.split("\r\n")[1:-1]


async def pay(client: httpx.AsyncClient, officer: Headers, loan: int, amount: str, on: date) -> Any:
    body = {"loan_id": loan, "amount": amount, "reference_id": f"{loan}/{on}/{amount}", "value_date": str(on)}
    paid = await client.post(f"{API}/loans/payments", json=body, headers=officer)
    assert paid.status_code == 201, paid.text
    return paid.json()


async def test_a_payment_that_came_before_a_file_and_one_that_bounced(
    client: httpx.AsyncClient, story: Story, officer: Headers
) -> None:
    desk = Desk(LendingHelper(story.uow_factory))
    loan = await desk.lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    user, number = 1001, loan.number

    async def run(on: date) -> None:
        await desk.run(on=on)
        await make(desk)

    for on in (date(2026, 12, 1), date(2026, 12, 24), date(2027, 1, 1), date(2027, 1, 10)):
        await run(on)
    # Due on 21 December and unpaid. Files: in full as on the month's last day, and what changed as on the 23rd and 9th.
    before = [
        ("2026-11-30", "full", "2026-12-01", "0", "standard", "0.00", ""),
        ("2026-12-23", "incremental", "2026-12-24", "3", "sma_0", "10661.85", ""),
        ("2026-12-31", "full", "2027-01-01", "11", "sma_0", "10661.85", ""),
        ("2027-01-09", "incremental", "2027-01-10", "20", "sma_0", "10661.85", ""),
    ]
    assert await said(client, officer, user) == before
    files = {as_on: await file(client, officer, as_on) for as_on, *_ in before}

    # On 12 January the bank shows that it came on 22 December: after the due date, and before three of the files.
    await desk.run(on=date(2027, 1, 12))
    paid = await pay(client, officer, number, "10661.85", date(2026, 12, 22))
    await desk.correct(user, on=date(2027, 1, 12))
    # No file is changed, and nothing is said until the next one.
    assert await said(client, officer, user) == before
    assert {as_on: await file(client, officer, as_on) for as_on in files} == files
    await run(date(2027, 1, 17))
    corrected = ("2027-01-16", "incremental", "2027-01-17", "0", "standard", "0.00", "2026-12-22")
    assert await said(client, officer, user) == [*before, corrected]
    # As it is known now, the loan was one day past due; what was said of 31 December stays said, and stays known then.
    seen = await client.get(
        f"{API}/loans/{number}/delinquency", params={"on": "2026-12-31", "as_known_on": "2027-01-01"}, headers=officer
    )
    assert (seen.json()["days_past_due"], seen.json()["asset_class"]) == (11, "sma_0")
    now = await client.get(f"{API}/loans/{number}/delinquency", params={"on": "2026-12-31"}, headers=officer)
    assert (now.json()["days_past_due"], now.json()["asset_class"]) == (0, "standard")

    # On 20 January it bounces: the next file says so, with the days since the due date.
    await desk.run(on=date(2027, 1, 20))
    bounced = await client.post(
        f"{API}/payments/{paid['payment_id']}/reverse", json={"reason": "returned"}, headers=officer
    )
    assert bounced.status_code == 200, bounced.text
    await desk.correct(user, on=date(2027, 1, 20))
    await run(date(2027, 1, 24))
    again = ("2027-01-23", "incremental", "2027-01-24", "34", "sma_1", "21323.70", "")
    assert await said(client, officer, user) == [*before, corrected, again]
    # A file that has nothing new of a loan has no line of it; the full one has every open loan.
    assert [len(await file(client, officer, as_on)) for as_on in ("2027-01-16", "2027-01-23")] == [1, 1]
    listed = (await client.get(f"{API}/bureau/files", headers=officer)).json()
    assert [(one["as_on"], one["kind"], one["since"], one["records"]) for one in listed][:3] == [
        ("2027-01-23", "incremental", "2027-01-16", 1),
        ("2027-01-16", "incremental", "2027-01-09", 1),
        ("2027-01-09", "incremental", "2026-12-31", 1),
    ]
