"""Lists across customers: filters, orders and pages of loans, payments and applications."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest_asyncio

from app.domain.people.access import Role, Scope
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
LOANS, PAYMENTS = "/api/v1/loans", "/api/v1/payments"


@pytest_asyncio.fixture
async def book(uow_factory: UnitOfWorkFactory, opened: None) -> list[LoanReference]:
    """Six loans of customers 1001 to 1006: two of each product, disbursed ten days apart."""
    lending = LendingHelper(uow_factory)
    today, loans = START.date(), []
    for number, product in enumerate([STANDARD_LOAN, CREDIT_CARD_LOAN, PERSONAL_LOAN] * 2):
        await lending.set_date(today + timedelta(days=10 * number))
        loans.append(await lending.disburse(product, amount=20_000 + number, rate="12", instalments=12))
    return loans


async def ids(client: httpx.AsyncClient, headers: Headers, path: str, **query: Any) -> list[str]:
    """The ids of all rows, read page by page, two at a time."""
    found, cursor = [], None
    while True:
        asked = query | {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        answer = await client.get(path, params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [row.get("payment_id") or row.get("application_id") or row["loan_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_loans_by_filters_and_orders(
    client: httpx.AsyncClient, officer: Headers, book: list[LoanReference]
) -> None:
    names = [f"LN-{year}-{number:04}" for number, year in zip(range(1, 7), [2026] * 5 + [2027], strict=True)]
    assert await ids(client, officer, LOANS) == names
    assert await ids(client, officer, LOANS, sort="disbursed_on") == names
    assert await ids(client, officer, LOANS, sort="-disbursed_on") == names[::-1]
    assert await ids(client, officer, LOANS, product="PERSONAL_LOAN") == [names[2], names[5]]
    assert await ids(client, officer, LOANS, product="PERSONAL_LOAN", sort="-disbursed_on") == [names[5], names[2]]
    assert await ids(client, officer, LOANS, user_id="BC-USER-1003") == [names[2]]
    assert await ids(client, officer, LOANS, disbursed_from="2026-12-01", disbursed_to="2026-12-21") == names[1:4]
    assert await ids(client, officer, LOANS, status="closed") == []
    assert await ids(client, officer, LOANS, status="active", product="GOLD_LOAN") == []


async def test_loans_by_what_is_due_and_overdue(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: Headers, book: list[LoanReference]
) -> None:
    rows = (await client.get(LOANS, params={"sort": "due_on"}, headers=officer)).json()["items"]
    due = [row["due_on"] for row in rows]
    assert due == sorted(due)
    assert len(due) == 6
    first = date.fromisoformat(due[0])
    window = {"due_from": due[0], "due_to": due[1], "sort": "due_on"}
    assert await ids(client, officer, LOANS, **window) == [row["loan_id"] for row in rows if row["due_on"] <= due[1]]
    assert await ids(client, officer, LOANS, due_to=str(first - timedelta(days=1))) == []

    lending = LendingHelper(uow_factory)
    assert await ids(client, officer, LOANS, overdue="true") == []
    for days in (40, 80):
        await lending.run_billing(on=START.date() + timedelta(days=50 + days))
    late = await ids(client, officer, LOANS, overdue="true")
    assert len(late) == 6
    assert await ids(client, officer, LOANS, overdue="false") == []
    one = (await client.get(f"{LOANS}/{late[0]}", headers=officer)).json()
    assert one["overdue"] > 0
    paid = await lending.pay(LoanReference(number=1, year=None), amount=round(one["overdue"] * 100))
    assert paid.payment_id
    assert await ids(client, officer, LOANS, overdue="true") == late[1:]
    assert await ids(client, officer, LOANS, overdue="false") == late[:1]


async def test_a_customer_lists_their_own_and_nothing_else(
    client: httpx.AsyncClient, headers_of: HeadersOf, uow_factory: UnitOfWorkFactory, book: list[LoanReference]
) -> None:
    lending = LendingHelper(uow_factory)
    for loan in book[:2]:
        await lending.pay(loan, amount=500_00)
    own = await headers_of(Role.CUSTOMER, customer_id=1002)
    assert await ids(client, own, LOANS) == ["LN-2026-0002"]
    assert await ids(client, own, LOANS, user_id=1001) == []
    assert await ids(client, own, PAYMENTS) == ["PM-000002"]
    assert await ids(client, own, PAYMENTS, user_id=1001) == []
    assert (await client.get(PAYMENTS, params={"loan_id": 1}, headers=own)).json()["code"] == "loan_not_found"
    assert (await client.get(f"{PAYMENTS}/PM-000001", headers=own)).status_code == 404
    assert (await client.get("/api/v1/users", headers=own)).status_code == 403
    program = await headers_of(Role.SERVICE, scopes=frozenset({Scope.LENDING_READ.value}))
    assert await ids(client, program, PAYMENTS) == ["PM-000002", "PM-000001"]


async def test_payments_by_filters_and_one_alone(
    client: httpx.AsyncClient, officer: Headers, uow_factory: UnitOfWorkFactory, book: list[LoanReference]
) -> None:
    lending = LendingHelper(uow_factory)
    for number in range(4):
        await lending.pay(book[number % 2], amount=(100 + number) * 100, reference=f"UTR-{number}")
    assert await ids(client, officer, PAYMENTS) == ["PM-000004", "PM-000003", "PM-000002", "PM-000001"]
    assert await ids(client, officer, PAYMENTS, loan_id="LN-2026-0001") == ["PM-000003", "PM-000001"]
    assert await ids(client, officer, PAYMENTS, loan_id="LN-2026-0001", user_id=1002) == []
    assert await ids(client, officer, PAYMENTS, reference_id="UTR-2") == ["PM-000003"]
    assert await ids(client, officer, PAYMENTS, booked_to="2026-11-20") == []
    reversed_ = await client.post(f"{PAYMENTS}/PM-000002/reverse", json={"reason": "bounced"}, headers=officer)
    assert reversed_.status_code == 200
    assert await ids(client, officer, PAYMENTS, reversed="true") == ["PM-000002"]
    assert await ids(client, officer, PAYMENTS, reversed="false") == ["PM-000004", "PM-000003", "PM-000001"]
    found = (await client.get(f"{PAYMENTS}/PM-000001", headers=officer)).json()
    assert found | {"received_at": ""} == {
        "payment_id": "PM-000001", "loan_id": "LN-2026-0001", "user_id": "BC-USER-1001", "amount": 100,
        "value_date": "2027-01-10", "booked_on": "2027-01-10", "method": None, "reference_id": "UTR-0",
        "instalment": None, "treated_as": "instalment", "reversed_on": None, "reversal_reason": None,
        "received_at": "", "applied": found["applied"],
    }  # fmt: skip
    assert sum(found["applied"].values()) == 100
    gone = (await client.get(f"{PAYMENTS}/2", headers=officer)).json()
    assert (gone["reversal_reason"], set(gone["applied"].values())) == ("bounced", {0})


async def test_applications_by_status(client: httpx.AsyncClient, officer: Headers, opened: None) -> None:
    person = {"first_name": "A", "last_name": "B", "age": 40, "monthly_income": 50_000, "phone_number": "9876543210"}
    assert (await client.post("/register", json=person, headers=officer)).status_code == 201
    body = {"user_id": 1, "product": "STANDARD_LOAN", "amount": 60_000, "tenure_months": 12, "annual_rate": 14}
    sent = [body, body | {"amount": 90_000_000_00}, body | {"amount": 50_000}]
    statuses = [(await client.post("/api/v1/loans/apply", json=each, headers=officer)).status_code for each in sent]
    assert statuses == [201, 422, 201]
    url = "/api/v1/applications"
    assert await ids(client, officer, url) == ["AP-000003", "AP-000002", "AP-000001"]
    assert await ids(client, officer, url, status="refused") == ["AP-000002"]
    assert await ids(client, officer, url, status="expired") == []
    assert await ids(client, officer, url, status="approved", product="STANDARD_LOAN", user_id=1) == [
        "AP-000003", "AP-000001",
    ]  # fmt: skip
    rows = (await client.get(url, headers=officer)).json()["items"]
    assert [row["loan_id"] for row in rows] == ["LN-2026-0002", None, "LN-2026-0001"]


async def test_a_cursor_from_nowhere_is_refused(client: httpx.AsyncClient, officer: Headers) -> None:
    for path, cursor in (
        (LOANS, "5"), (LOANS, "2026-11-21_1_1"), (f"{LOANS}?sort=due_on", "1_1"), (PAYMENTS, "2026-13-01_1"),
        ("/api/v1/applications", "1_1"), ("/api/v1/users", "_"),
    ):  # fmt: skip
        answer = await client.get(path, params={**dict(httpx.URL(path).params), "cursor": cursor}, headers=officer)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "cursor_unknown", "cursor")
        assert answer.json()["what_to_do"].startswith("Send the `next_cursor` of the page before")
