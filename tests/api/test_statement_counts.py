"""No N+1 queries: every read takes the same number of SQL statements for two rows as for many."""

import re
from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from app.db.models import Import, ImportReject, ParkedLoan
from app.domain.operations.proposals import LimitOverride
from app.domain.people.access import SYSTEM, Role
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.events import log
from app.services.operations import proposals
from app.services.operations.proposals import ProposalRequest
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.api.stories import Story
from tests.services.lending_desk import OFFICER, LendingHelper

#: More statements mean that something is read twice: the account, the clock, the loan, its bills, its payments.
MOST = 12


async def statements_of(
    client: httpx.AsyncClient, counted: list[str], path: str, headers: dict[str, str]
) -> tuple[int, str]:
    await client.get(path, headers=headers)  # fills the caches of the process
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
    uow_factory: UnitOfWorkFactory,
    opened: None,
    counted: list[str],
    headers_of: HeadersOf,
    path: str,
    product: Product,
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lending.disburse(product, amount=50_000, rate="12", instalments=24)
    officer = await headers_of(Role.OFFICER)
    found: list[tuple[int, str]] = []
    # Two bills and two payments first, then eight of each.
    for months in (2, 6):
        for _ in range(months):
            async with uow_factory.open(SYSTEM) as uow:
                today = await uow.business_date()
            await lending.run_billing(on=date.fromordinal(today.toordinal() + 31))
            await lending.pay(loan, amount=3_000_00 + len(found))
        found.append(await statements_of(client, counted, path, officer))
    (few, text), (many, longer) = found
    assert (text.count('"amount_paid"'), longer.count('"amount_paid"')) == (2, 8)
    assert many == few <= MOST


# --- everything else that can be read --------------------------------------------------------------------------------

#: The values of path and query parameters: the customer and the loan of this test.
NAMED = {
    "customer_id": "1",
    "user_id": "1",
    "loan_id": "1",
    "run_id": "1",
    "import_id": "1",
    "application_id": "1",
    "proposal_id": "1",
    "event_id": "1",
    "payment_id": "1",
    "account_id": "1",
    "endpoint_id": "1",
    "number": "1",
    "statement_day": "5",
    "calendar": "MUMBAI",
    "promise_id": "1",
    "section": "promised",
}
#: Left out: cards and plans (there are none), streams, a letter of a repaid loan, a tax document (none has a number), a
#: profile that nobody added, periods (none
#: is proposed), and reports that read a day or a week at a time, which have their own test (`tests/api/accounting`).
OTHER = {
    "/api/v1/cards/{token}",
    "/api/v1/loans/{loan_id}/card",
    "/api/v1/billing/runs/{run_id}/events",
    "/api/v1/imports/{import_id}/events",
    "/api/v1/bureau/files/{as_on}",
    "/api/v1/events/stream",
    "/api/v1/loans/{loan_id}/no-dues-letter",
    "/api/v1/loans/{loan_id}/tax-documents/{number}",
    "/api/v1/card-accounts/{account_id}/tax-documents/{number}",
    "/api/v1/card-accounts/{account_id}/plans/{plan}/foreclosure-quote",
    "/api/v1/lender",
    "/api/v1/accounting/journal",
    "/api/v1/accounting/journal/transfers",
    "/api/v1/accounting/trial-balance",
    "/api/v1/accounting/profit-and-loss",
    "/api/v1/accounting/balance-sheet",
    "/api/v1/accounting/exports/{of}",
    "/api/v1/accounting/accrued-interest",
    "/api/v1/accounting/periods/{period}",
    "/api/v1/collections/cases/export",
    "/api/v1/collections/diary",
}
#: A GET that starts a run.
ACTIONS = {"/api/trigger-billing-cron", "/api/trigger-billing-cron/"}


def readable(app: FastAPI) -> dict[str, str]:
    """Every address that GET reads, with its parameters filled in."""
    found = {}
    for path, item in app.openapi()["paths"].items():
        if "get" not in item or path in OTHER | ACTIONS:
            continue
        wanted = [each["name"] for each in item["get"].get("parameters", []) if each["in"] == "query"]
        query = "&".join(f"{name}={NAMED[name]}" for name in wanted if name in NAMED)
        found[path] = re.sub(r"\{(\w+)\}", lambda name: NAMED[name[1]], path) + (f"?{query}" if query else "")
    return found


async def add_months(uow_factory: UnitOfWorkFactory, *, months: int, today: date) -> date:
    """Adds months of bills, payments, runs, proposals, and imports with rejects. Returns the last day."""
    lending = LendingHelper(uow_factory)
    for _ in range(months):
        today += timedelta(days=31)
        await lending.run_billing(on=today)
        await lending.pay(LoanReference(number=1, year=None), amount=2_000_00 + today.toordinal() % 100)
        async with uow_factory.open(OFFICER) as uow:
            limit = LimitOverride(approved_limit_paise=today.toordinal() * 100)
            await proposals.propose(uow, ProposalRequest(proposed=limit, reason="a letter", customer_id=1))
        async with uow_factory.open(SYSTEM) as uow:
            made = insert(Import).values(
                kind="loans", content_hash=str(today).encode(), file_name="loans.xlsx", status="finished", rows_read=9,
                rows_loaded=8, rows_rejected=1, started_at=START, finished_at=START, actor="system",
            ).returning(Import.id)  # fmt: skip
            await uow.session.scalar(made)
            await uow.session.execute(
                insert(ImportReject).values(import_id=1, row_number=today.toordinal(), code="x", reason="y")
            )
    await log.number_events(uow_factory)
    return today


async def park(uow_factory: UnitOfWorkFactory, *, loans: range) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        rows = [
            {"run_id": 1, "customer_id": 1, "loan_id": loan, "code": "x", "message": "y", "parked_at": START}
            for loan in loans
        ]
        await uow.session.execute(insert(ParkedLoan), rows)


async def spend(client: httpx.AsyncClient, admin: dict[str, str], *, times: int) -> None:
    """Purchases on a card account, which the first call opens."""
    key = {**admin, "Idempotency-Key": "the-account"}
    body = {"user_id": 1, "limit": 50_000, "statement_day": 5}
    answer = await client.post("/api/v1/card-accounts", json=body, headers=key)
    assert answer.status_code == 201, answer.text
    for number in range(times):
        posted = {"reference": f"{times}-{number}", "amount": 100}
        address = "/api/v1/card-accounts/1/postings"
        assert (await client.post(address, json=posted, headers=admin)).status_code == 201


async def test_whatever_can_be_read(
    app: FastAPI, story: Story, counted: list[str], headers_of: HeadersOf, admin: dict[str, str]
) -> None:
    client, uow_factory = story.client, story.uow_factory
    person = {"first_name": "A", "last_name": "B", "age": 40, "monthly_income": 500_000, "phone_number": "9876543210"}
    assert (await client.post("/register", json=person, headers=admin)).status_code == 201
    await lend(client, admin, amounts=range(30_000, 30_002))
    await spend(client, admin, times=2)
    promise = {"loan_id": 1, "amount": 100, "pay_by": "2026-11-22"}
    assert (await client.post("/api/v1/collections/promises", json=promise, headers=admin)).status_code == 201
    endpoint = {"url": "https://example.com/kist", "after": 0}
    assert (await client.post("/api/v1/webhooks/endpoints", json=endpoint, headers=admin)).status_code == 201
    today = await add_months(uow_factory, months=2, today=START.date())
    await park(uow_factory, loans=range(2, 3))
    # A posting also stores the statements that were issued meanwhile.
    await spend(client, admin, times=1)
    few = {path: await statements_of(client, counted, address, admin) for path, address in readable(app).items()}
    await lend(client, admin, amounts=range(30_002, 30_010))
    await spend(client, admin, times=6)
    await add_months(uow_factory, months=6, today=today)
    await park(uow_factory, loans=range(3, 10))

    many = {path: await statements_of(client, counted, address, admin) for path, address in readable(app).items()}

    assert {path: count for path, (count, _) in many.items() if count > few[path][0]} == {}
    assert max(count for count, _ in many.values()) <= MOST
    grown = {path for path, (_, text) in many.items() if len(text) > len(few[path][1])}
    assert grown >= {
        "/api/v1/loans", "/api/v1/loans/{loan_id}/ledger", "/api/v1/loans/{loan_id}/bills", "/api/v1/statements",
        "/api/v1/loans/{loan_id}/explain", "/api/v1/billing/runs", "/api/v1/billing/runs/{run_id}/parked",
        "/api/v1/imports", "/api/v1/imports/{import_id}/rejects", "/api/v1/proposals",
        "/api/v1/payments", "/api/v1/applications", "/api/v1/audit/events", "/view-loans/{customer_id}",
    }  # fmt: skip
