"""A page of a list costs the same in a large book: the plans of its statements on a filled table.

Each statement is executed under EXPLAIN. It may read only a few blocks, wherever its page is and whatever its filters
leave, and never a whole table.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.repositories.cards.payment_lists import CardPaymentFilter, card_payments_statement
from app.db.repositories.collections.cases import cases_statement
from app.db.repositories.collections.promises import PromiseFilter, promises_statement
from app.db.repositories.credit.application_lists import ApplicationFilter, applications_statement
from app.db.repositories.lending.loan_lists import LoanFilter, LoanSort, loans_statement
from app.db.repositories.payments.payment_lists import PaymentFilter, payments_statement
from app.db.repositories.people.customer_lists import CustomerFilter, customers_statement
from app.db.repositories.products.products import add_product
from app.db.session import create_session_factory
from app.domain.collections.promises import PromiseStatus
from app.domain.collections.work_list import CaseFilter, CaseSort
from app.domain.delinquency.classes import AssetClass
from app.domain.products.products import LateCharge
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from tests import clusters, databases

LOANS = 100_000
PAGE = 50
#: A page of 50 looks up a few rows for each loan, in indexes of three levels. A whole table has thousands of blocks.
MOST_BLOCKS = 1_500
FIRST = date(2026, 1, 1)
START = datetime(2026, 1, 1, tzinfo=UTC)

#: Its late charge has 20 days of grace.
LATE_LOAN = replace(
    STANDARD_LOAN,
    code="LATE_LOAN",
    repayment=replace(
        STANDARD_LOAN.repayment,
        late_charge=LateCharge(amount_paise=500_00, gst_percent=Decimal(0), grace_days=20),
    ),
)
#: One loan a customer. One in 50 is closed, and three are of a product that hardly anybody takes. One in 20 is overdue
#: since 17 November and will be charged on 7 December: most of these before their next bill.
FILL = """
INSERT INTO customers (customer_id, state, name, email, phone, registered_on, created_at, actor)
SELECT n, 'customer', 'Asha Rao', n || '@example.com', '+91 ' || 9000000000 + n, '2026-01-01', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO loans (customer_id, id, product_code, product_version, status, disbursed_paise, annual_rate_percent,
    instalments, disbursed_on, closed_on, schedule_version, next_cycle, cycle_began_on, next_billing_on, next_event_on,
    due_event_on, last_event_on, principal_paise, interest_paise, charges_paise, advance_paise, unbilled_interest_paise,
    advance_payment_ids, advance_part_paise, movement_dates, movement_paise, last_transfer, version, created_at, actor)
SELECT n, n, CASE WHEN n % 33334 = 0 THEN 'PERSONAL_LOAN' WHEN n % 20 = 1 THEN 'LATE_LOAN'
    WHEN n % 3 = 0 THEN 'CREDIT_CARD_LOAN' ELSE 'STANDARD_LOAN' END, CASE WHEN n % 33334 = 0 THEN 2 ELSE 1 END,
    CASE WHEN n % 50 = 0 THEN 'closed' ELSE 'active' END, 5000000, 12, 12, DATE '2026-01-01' + n / 300, NULL, 1, 2,
    '2026-11-01', CASE WHEN n % 50 <> 0 THEN DATE '2026-12-01' + n % 30 END,
    CASE WHEN n % 20 = 1 THEN least(DATE '2026-12-01' + n % 30, '2026-12-07')
        WHEN n % 50 <> 0 THEN DATE '2026-12-01' + n % 30 END,
    CASE WHEN n % 20 = 1 AND n % 30 > 6 THEN DATE '2026-12-01' + n % 30 END, '2026-11-01', 4000000, 0, 0, 0, 0,
    '{{}}', '{{}}', '{{}}', '{{}}', 1, 1, now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO loan_origins SELECT customer_id, id, product_code, disbursed_on FROM loans;

INSERT INTO bills (customer_id, loan_id, cycle, from_on, billed_on, due_on, booked_on, opening_principal_paise,
    interest_paise, principal_due_paise, past_due_paise, total_due_paise, minimum_due_paise, schedule_version,
    unpaid_charges_paise, unpaid_interest_paise, unpaid_principal_paise, returned_paise, closed_on, settled_on)
SELECT n, n, 1, '2026-10-01', '2026-11-01', '2026-11-16', '2026-11-01', 5000000, 100, 100, 0, 200, 200, 1, 0, 100, 100,
    0, CASE WHEN n % 20 = 1 THEN DATE '2026-11-17' END, CASE WHEN n % 20 <> 1 THEN DATE '2026-11-10' END
FROM generate_series(1, {loans}) AS n;

INSERT INTO payments (customer_id, id, loan_id, amount_paise, value_date, booked_on, reference, treated_as, received_at,
    actor)
SELECT n, n, n, 100, DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, 'UTR-' || n, 'instalment', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO card_accounts (customer_id, id, product_code, product_version, status, opened_on, opening_limit_paise,
    opening_statement_day, limit_paise, statement_day, next_statement_on, used_paise, cash_used_paise, held_paise,
    cash_held_paise, last_posting, last_statement, last_transfer, version, state, created_at, actor)
SELECT n, n, 'STANDARD_LOAN', 1, 'open', '2026-01-01', 5000000, 15, 5000000, 15, '2026-12-15', 0, 0, 0, 0, 2, 0, 0, 1,
    '{{}}', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO card_postings (customer_id, account_id, number, kind, is_fact, amount_paise, owed_paise, undone_paise,
    value_on, posted_on, reference, posted_at, actor)
SELECT n, n, number, CASE number WHEN 1 THEN 'purchase' ELSE 'payment' END, true, 100, 0, 0,
    DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, 'UTR-' || n + number - 2, now(), 'test'
FROM generate_series(1, {loans}) AS n, generate_series(1, 2) AS number;

INSERT INTO applications (customer_id, id, product_code, product_version, amount_paise, instalments, fingerprint,
    status, reasons, loan_id, applied_on, created_at, actor)
SELECT n, n, 'STANDARD_LOAN', 1, 5000000, 12, '\\x00', CASE WHEN n % 10000 = 0 THEN 'pending' ELSE 'approved' END, '[]',
    n, '2026-01-01', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO collection_cases (customer_id, kind, facility_id, opened_on, closed_on, oldest_due_on, asset_class,
    overdue_paise, officer_id, next_action, next_action_on, promise)
SELECT n, 'loan', n, '2026-11-01', CASE WHEN n % 10 = 0 THEN DATE '2026-11-20' END, DATE '2026-11-30' - n % 100,
    CASE WHEN n % 100 < 30 THEN 'sma_0' WHEN n % 100 < 60 THEN 'sma_1' WHEN n % 100 < 90 THEN 'sma_2'
    ELSE 'sub_standard' END, 100000 + n * 7919 % 1000000, CASE WHEN n % 4 <> 0 THEN n % 200 END,
    CASE WHEN n % 5 = 0 THEN 'call' END, CASE WHEN n % 5 = 0 THEN DATE '2026-12-01' + n % 7 END,
    CASE WHEN n % 3 = 0 THEN 'open' END
FROM generate_series(1, {loans}) AS n;

INSERT INTO collection_promises (customer_id, id, kind, facility_id, amount_paise, pay_by, made_on, made_at, status,
    paid_paise, kept_on, status_on, actor)
SELECT n, n, 'loan', n, 100000, DATE '2026-11-01' + n / 1000, '2026-11-01', now(),
    CASE WHEN n % 20 = 0 THEN 'open' ELSE 'broken' END, 0, NULL, '2026-11-01', 'test'
FROM generate_series(1, {loans}) AS n
"""
TABLES = (
    "customers", "loans", "loan_origins", "bills", "payments", "card_accounts", "card_postings", "applications",
    "collection_cases", "collection_promises",
)  # fmt: skip

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
TODAY = date(2026, 12, 1)
WEEK = LoanFilter(due_from=date(2026, 12, 10), due_to=date(2026, 12, 17))
CASES: dict[str, Select[Any]] = {
    f"loans {name}": loans_statement(wanted, sort=sort, after=after, limit=PAGE)
    for name, wanted, sort, after in (
        ("all", LoanFilter(), LoanSort.LOAN, None),
        ("last page", LoanFilter(), LoanSort.LOAN, (LOANS - PAGE, 0)),
        ("of a customer", LoanFilter(customer_id=777), LoanSort.LOAN, None),
        ("active", LoanFilter(status="active"), LoanSort.LOAN, (50_000, 0)),
        ("closed", LoanFilter(status="closed"), LoanSort.LOAN, (50_000, 0)),
        ("written off: none", LoanFilter(status="written_off"), LoanSort.LOAN, None),
        ("of a product", LoanFilter(product_code="CREDIT_CARD_LOAN"), LoanSort.LOAN, (50_000, 0)),
        ("of a rare product", LoanFilter(product_code="PERSONAL_LOAN"), LoanSort.LOAN, None),
        ("of an unknown product", LoanFilter(product_code="GOLD_LOAN"), LoanSort.LOAN, None),
        ("overdue", LoanFilter(overdue=True), LoanSort.LOAN, (50_000, 0)),
        ("not overdue", LoanFilter(overdue=False), LoanSort.LOAN, (50_000, 0)),
        ("due in a week", WEEK, LoanSort.LOAN, None),
        ("due soon", LoanFilter(due_to=WEEK.due_to), LoanSort.LOAN, (50_000, 50_000)),
        ("by disbursal", LoanFilter(), LoanSort.DISBURSED_ON, (FIRST + timedelta(days=100), 30_000, 30_000)),
        ("by disbursal, latest", LoanFilter(), LoanSort.DISBURSED_ON_DESCENDING, None),
        ("disbursed on a day", LoanFilter(disbursed_from=FIRST, disbursed_to=FIRST), LoanSort.LOAN, None),
    )
}
CASES |= {
    f"loans {name}, {'in grace' if in_grace else 'others'}": loans_statement(
        wanted, sort=sort, after=after, limit=PAGE, in_grace=in_grace
    )
    for in_grace in (False, True)
    for name, wanted, sort, after in (
        ("by what is due", LoanFilter(), LoanSort.DUE_ON, (date(2026, 12, 15), 50_000, 50_000)),
        ("due in a week", WEEK, LoanSort.DUE_ON, None),
        ("due in a week and later", LoanFilter(due_from=WEEK.due_from), LoanSort.DUE_ON, None),
        ("due on a day", LoanFilter(due_from=date(2026, 12, 22), due_to=date(2026, 12, 22)), LoanSort.DUE_ON, None),
        ("of a customer, by what is due", LoanFilter(customer_id=777), LoanSort.DUE_ON, None),
    )
}
CASES |= {
    f"payments {name}": payments_statement(wanted, before=before, limit=PAGE)
    for name, wanted, before in (
        ("all", PaymentFilter(), None),
        ("early", PaymentFilter(), (date(2026, 2, 1), 9_000)),
        ("of a day", PaymentFilter(booked_from=date(2026, 3, 1), booked_to=date(2026, 3, 1)), None),
        ("with a reference", PaymentFilter(reference="UTR-5000"), None),
        ("of a loan", PaymentFilter(customer_id=7, loan_id=7), None),
    )
}
CASES |= {
    f"card payments {name}": card_payments_statement(wanted, before=before, limit=PAGE)
    for name, wanted, before in (
        ("all", CardPaymentFilter(), None),
        ("early", CardPaymentFilter(), (date(2026, 2, 1), 9_000, 9_000, 1)),
        ("of a day", CardPaymentFilter(posted_from=date(2026, 3, 1), posted_to=date(2026, 3, 1)), None),
        ("with a reference", CardPaymentFilter(reference="UTR-5000"), None),
        ("of a customer", CardPaymentFilter(customer_id=7), None),
        ("of an account", CardPaymentFilter(customer_id=7, account_id=7), None),
    )
}
CASES |= {
    f"work list {name}": cases_statement(wanted, sort=sort, judged=TODAY, today=TODAY, after=after, limit=PAGE)
    for name, wanted, sort, after in (
        ("all", CaseFilter(), CaseSort.DAYS, None),
        ("in the middle", CaseFilter(), CaseSort.DAYS, (date(2026, 10, 15), 50_046, "loan", 50_046)),
        ("by amount", CaseFilter(), CaseSort.AMOUNT, None),
        ("by amount, later", CaseFilter(), CaseSort.AMOUNT, (600_000, 50_000, "loan", 50_000)),
        ("by next action", CaseFilter(), CaseSort.ACTION, None),
        ("to be done today", CaseFilter(action_to=TODAY), CaseSort.ACTION, None),
        ("of a class", CaseFilter(asset_class=AssetClass.SMA_1), CaseSort.DAYS, None),
        ("of a class by amount", CaseFilter(asset_class=AssetClass.SUB_STANDARD), CaseSort.AMOUNT, None),
        ("of a class that nobody has", CaseFilter(asset_class=AssetClass.DOUBTFUL_3), CaseSort.DAYS, None),
        ("of an officer", CaseFilter(officer_id=7), CaseSort.DAYS, None),
        ("of an officer by amount", CaseFilter(officer_id=7), CaseSort.AMOUNT, (600_000, 50_000, "loan", 50_000)),
        ("of an officer, to be done", CaseFilter(officer_id=7, action_to=TODAY), CaseSort.ACTION, None),
        ("of a class, of an officer", CaseFilter(officer_id=7, asset_class=AssetClass.SMA_2), CaseSort.AMOUNT, None),
        ("of nobody", CaseFilter(is_unassigned=True), CaseSort.DAYS, (date(2026, 10, 15), 50_048, "loan", 50_048)),
        ("of nobody by amount", CaseFilter(is_unassigned=True), CaseSort.AMOUNT, None),
        ("from 31 to 60 days", CaseFilter(days_from=31, days_to=60), CaseSort.DAYS, None),
        ("above an amount", CaseFilter(overdue_from_paise=1_000_000), CaseSort.AMOUNT, None),
        ("with a promise", CaseFilter(promise=PromiseStatus.OPEN), CaseSort.DAYS, None),
    )
}
CASES |= {
    f"promises {name}": promises_statement(wanted, after=after, limit=PAGE)
    for name, wanted, after in (
        ("all", PromiseFilter(), None),
        ("open", PromiseFilter(status=PromiseStatus.OPEN), (date(2026, 12, 1), 30_000, 30_000)),
        ("for a day", PromiseFilter(pay_from=TODAY, pay_to=TODAY), None),
        ("kept: none", PromiseFilter(status=PromiseStatus.KEPT), None),
    )
}
CASES |= {
    f"applications {name}": applications_statement(wanted, before=before, limit=PAGE)
    for name, wanted, before in (
        ("all", ApplicationFilter(today=TODAY), None),
        ("pending", ApplicationFilter(today=TODAY, status="pending"), None),
        ("expired", ApplicationFilter(today=TODAY, status="expired"), None),
        ("approved", ApplicationFilter(today=TODAY, status="approved"), 50_000),
        ("of a customer", ApplicationFilter(today=TODAY, customer_id=7), None),
    )
}
CASES |= {
    f"customers {name}": customers_statement(wanted, after=after, limit=PAGE)
    for name, wanted, after in (
        ("all", CustomerFilter(), 50_000),
        ("with a phone number", CustomerFilter(phone_key="9000000777"), 0),
        ("with an e-mail address", CustomerFilter(email="777@example.com"), 0),
        ("with a number", CustomerFilter(customer_id=777), 0),
    )
}


@pytest_asyncio.fixture(scope="module")
async def filled(owner_dsn: str, session_engine: AsyncEngine, reset_sql: str) -> AsyncIterator[Any]:
    """A connection of the owner to a book of a hundred thousand loans, which is emptied at the end."""
    await clusters.skip_on_cluster(owner_dsn, because="its plans show what it sends to its servers, not their scans")
    async with databases.connection(owner_dsn) as database:
        await database.execute(reset_sql)
        async with create_session_factory(session_engine)() as session, session.begin():
            for product in (STANDARD_LOAN, CREDIT_CARD_LOAN, PERSONAL_LOAN, LATE_LOAN):
                await add_product(session, product, offered_from=FIRST, now=START, actor="test")
        await database.execute(FILL.format(loans=LOANS))
        for table in TABLES:
            await database.execute(f"VACUUM ANALYZE {table}")
        yield database
        # To delete this many rows one by one takes half a minute.
        await database.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        await database.execute(reset_sql)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
async def test_a_page_reads_few_blocks_and_no_whole_table(filled: Any, name: str) -> None:
    statement = CASES[name].compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    (found,) = json.loads(await filled.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"))
    plan = found["Plan"]
    scans = {node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"}
    assert scans == set(), json.dumps(plan, indent=1)
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= MOST_BLOCKS, json.dumps(plan, indent=1)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
