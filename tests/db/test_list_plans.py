"""A page of a list costs the same in a large book: the plans of its statements on a filled table.

Each statement is executed under EXPLAIN. It may read only a few blocks, wherever its page is and whatever its filters
leave, and never a whole table.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.api.admin.listing_view import ListingView
from app.db.repositories import audit
from app.db.repositories.accounting import journal, periods
from app.db.repositories.audit import EventFilter
from app.db.repositories.billing import runs
from app.db.repositories.cards import accounts, holds, postings
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.payment_lists import CardPaymentFilter, card_payments_statement
from app.db.repositories.collections import entries
from app.db.repositories.collections.cases import cases_statement
from app.db.repositories.collections.day_view import DaySection, list_day
from app.db.repositories.collections.promises import PromiseFilter, promises_statement
from app.db.repositories.credit.application_lists import ApplicationFilter, applications_statement, list_applications
from app.db.repositories.events import deliveries
from app.db.repositories.events import log as event_log
from app.db.repositories.imports import ingestion
from app.db.repositories.lending import changes, ledger
from app.db.repositories.lending.loan_lists import LoanFilter, LoanSort, list_loans, loans_statement
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.operations import proposals
from app.db.repositories.operations.browsing import ListingQuery, count_rows, list_rows
from app.db.repositories.operations.listings import LISTINGS
from app.db.repositories.payments.payment_lists import PaymentFilter, list_payments_of_all, payments_statement
from app.db.repositories.people.customer_lists import CustomerFilter, customers_statement
from app.db.repositories.products.products import add_product
from app.db.repositories.reporting import card_gst, gst
from app.db.session import create_session_factory
from app.domain.accounting.chart import Book, LedgerAccount
from app.domain.collections.promises import PromiseStatus
from app.domain.collections.work_list import CaseFilter, CaseSort
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.operations.proposals import ProposalStatus
from app.domain.products.products import LateCharge
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.rulebook.kinds import ProductKind
from app.services.events import log as event_service
from app.services.operations import audit as audit_service
from app.services.operations.browsing import MOST_SEEN
from tests import clusters, databases
from tests.db import long_book
from tests.db.reading import Read, reading

LOANS = long_book.CUSTOMERS
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
        await long_book.fill(database)
        yield database
        await long_book.empty(database)
        await database.execute(reset_sql)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
async def test_a_page_reads_few_blocks_and_no_whole_table(filled: Any, name: str) -> None:
    statement = CASES[name].compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    (found,) = json.loads(await filled.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"))
    read = Read([found["Plan"]])
    assert read.scans() == set(), json.dumps(read.plans, indent=1)
    assert read.blocks <= MOST_BLOCKS, json.dumps(read.plans, indent=1)


# --- lists that are called, and explained afterwards ------------------------------------------------------------------

List: TypeAlias = Callable[[AsyncSession], Awaitable[Any]]
NEWEST = 2**62
#: A page of the desk may be the last of the rows that can be paged through: for each of them a few rows are looked up.
MOST_BLOCKS_PAGED = 40_000
#: A day's transfers: their blocks are found by the first and the last day in each range of blocks.
A_DAY = date(2026, 6, 1)


def trail(before: int = NEWEST, **wanted: Any) -> List:
    """A page of the audit trail, as the service asks for it."""

    async def read(session: AsyncSession) -> None:
        looked = EventFilter(**wanted)
        top = min(before, 2 * LOANS + 1)
        down_to = 0 if looked.has_index() else top - audit_service.MOST_LOOKED_AT
        await audit.list_events(session, looked, before=top, down_to=down_to, limit=PAGE)

    return read


def events_of(*types: str, after: int = 0) -> List:
    """A page of events, as the service asks for it."""
    end = min(LOANS, after + event_service.MOST_PASSED_OVER) if types else LOANS
    return lambda session: event_log.list_after(session, after=after, end=end, types=types, limit=PAGE)


def deliveries_of(endpoint_id: int, status: str | None = None, before: int = NEWEST) -> List:
    return lambda session: deliveries.list_deliveries(session, endpoint_id, status=status, before=before, limit=PAGE)


def proposals_with(status: ProposalStatus | None = None, before: int = NEWEST) -> List:
    return lambda session: proposals.list_proposals(session, status=status, on=TODAY, before=before, limit=PAGE)


def booked_in(book: Book, account: str, product: str = "STANDARD_LOAN") -> List:
    return lambda session: journal.list_of_account(
        session, LedgerAccount(book, account), on=A_DAY, product=product, after=journal.BEGIN, limit=PAGE
    )


def entries_of(facility: FacilityKey | None, before: int = NEWEST) -> List:
    return lambda session: entries.list_entries(session, 1, facility=facility, before=before, limit=PAGE)


def payments_with(wanted: PaymentFilter) -> List:
    return lambda session: list_payments_of_all(session, wanted, before=None, limit=PAGE)


def applications_with(wanted: ApplicationFilter) -> List:
    return lambda session: list_applications(session, wanted, before=None, limit=PAGE)


def loans_due(wanted: LoanFilter) -> List:
    return lambda session: list_loans(session, wanted, sort=LoanSort.DUE_ON, after=None, limit=PAGE)


def day_of(section: DaySection, officer_id: int | None = None) -> List:
    return lambda session: list_day(session, section, on=TODAY, officer_id=officer_id, limit=PAGE)


LOAN, ACCOUNT = LoanKey(1, 1), AccountKey(7, 7)
LISTS: dict[str, List] = {
    "trail": trail(),
    "trail, deep": trail(before=50_000),
    "trail of an actor": trail(actor="service:loader"),
    "trail of an actor: nothing": trail(actor="nobody"),
    "trail of an actor, deep": trail(actor="nobody", before=150_000),
    "trail of an action: nothing": trail(action="nothing"),
    "trail of a kind": trail(object_kind="payment"),
    "trail of a kind: nothing": trail(object_kind="nothing"),
    "trail of a kind, of an actor: nothing": trail(object_kind="payment", actor="nobody"),
    "trail of a customer": trail(customer_id=77),
    "trail of a customer: nothing": trail(customer_id=99_999),
    "trail of an object": trail(object_id="777"),
    "trail of an object: nothing": trail(object_id="x"),
    "trail of an object by its public id": trail(object_id="PM-000777", named=("payment", 777)),
    "trail of an object, of a kind": trail(object_id="777", object_kind="payment"),
    "events": events_of(),
    "events, deep": events_of(after=90_000),
    "events of a rare type": events_of("loan.closed"),
    "events of a type: none": events_of("card.blocked"),
    "events of a type: none, deep": events_of("card.blocked", after=40_000),
    "events without a number": lambda session: event_log.number_events(session, limit=1000),
    **{
        f"deliveries of endpoint {endpoint}, {status or 'all'}{', deep' if before < NEWEST else ''}": deliveries_of(
            endpoint, status, before
        )
        for endpoint in (1, 2, 3)
        for status in (None, "waiting", "delivered", "dead")
        for before in (NEWEST, 50_000)
    },
    **{
        f"proposals, {status or 'all'}{', deep' if before < NEWEST else ''}": proposals_with(status, before)
        for status in (None, *ProposalStatus)
        for before in (NEWEST, 20_000)
    },
    "imports": lambda session: ingestion.list_imports(session, before=10_000, limit=PAGE),
    "rejected rows": lambda session: ingestion.list_rejects(session, 1, after=50_000, limit=PAGE),
    "billing runs": lambda session: runs.list_runs(session, before=NEWEST, limit=PAGE),
    "loans that a run parked": lambda session: runs.list_parked_loans(session, 1, limit=PAGE),
    "periods": lambda session: periods.list_periods(session, before=10_000, limit=PAGE),
    "the first day of the books": journal.find_first_day,
    "transfers of an account on a day": booked_in(Book.LOANS, "principal"),
    "transfers of an account on a day: none": booked_in(Book.LOANS, "interest_income"),
    "transfers of a product on a day: none": booked_in(Book.LOANS, "principal", product="GOLD_LOAN"),
    "card transfers of an account on a day": booked_in(Book.CARDS, "cash"),
    "a loan's ledger": lambda session: ledger.list_transfers(session, LOAN, after=0, limit=PAGE),
    "a loan's ledger, deep": lambda session: ledger.list_transfers(session, LOAN, after=15_000, limit=PAGE),
    "an account's statements": lambda session: postings.list_statements(session, ACCOUNT, before=9, limit=PAGE),
    "an account's postings": lambda session: postings.list_postings(session, ACCOUNT, after=0, limit=PAGE),
    "an account's transfers": lambda session: postings.list_transfers(session, ACCOUNT, after=0, limit=PAGE),
    "an account's authorisations": lambda session: holds.list_holds(session, ACCOUNT, limit=PAGE),
    "an account's authorisations, of many": lambda session: holds.list_holds(session, AccountKey(1, 1), limit=PAGE),
    "authorisations that expire": lambda session: holds.list_expired(session, now=START, limit=PAGE),
    "a customer's card accounts": lambda session: accounts.list_accounts(session, 7, after=0, limit=PAGE),
    "a customer's entries": entries_of(None),
    "a customer's entries on a loan": entries_of(FacilityKey(ProductKind.LOAN, 1), before=10_000),
    "a customer's entries on a loan: none": entries_of(FacilityKey(ProductKind.LOAN, 2)),
    "notices that are due": lambda session: changes.list_due_notices(session, on=TODAY, limit=PAGE),
    "tax that has no document": lambda session: gst.list_undocumented(session, before=TODAY, most=1000),
    "tax of cards that has no document": lambda session: card_gst.list_undocumented(session, before=TODAY, most=1000),
    "tax documents of a month": lambda session: gst.sum_documents(session, since=date(2026, 11, 1), before=TODAY),
    "tax in the ledger of a month": lambda session: gst.sum_ledger_tax(session, since=date(2026, 11, 1), before=TODAY),
    **{f"the day, {section}": day_of(section) for section in (DaySection.ACTIONS, DaySection.BOUNCED, DaySection.PAID)},
    "the day, promised, of an officer: none": day_of(DaySection.PROMISED, officer_id=9_999),
    **{
        f"payments {name}": payments_with(wanted)
        for name, wanted in (
            ("reversed: none", PaymentFilter(reversed=True)),
            ("not reversed", PaymentFilter(reversed=False)),
            ("reversed from a day on: none", PaymentFilter(reversed=True, booked_from=A_DAY)),
            ("with a reference: none", PaymentFilter(reference="none")),
            ("with a reference, from a day on: none", PaymentFilter(reference="UTR-5000", booked_from=TODAY)),
            ("of a customer", PaymentFilter(customer_id=7)),
            ("of a customer: none", PaymentFilter(customer_id=10 * LOANS)),
            ("of days: none", PaymentFilter(booked_from=date(2030, 1, 1))),
        )
    },
    **{
        f"applications {name}": applications_with(wanted)
        for name, wanted in (
            ("of a product", ApplicationFilter(today=TODAY, product_code="STANDARD_LOAN")),
            ("of a product: none", ApplicationFilter(today=TODAY, product_code="GOLD_LOAN")),
            ("of a product, approved: none", ApplicationFilter(today=TODAY, product_code="GOLD", status="approved")),
            ("of a product, rejected: none", ApplicationFilter(today=TODAY, product_code="GOLD", status="rejected")),
        )
    },
    **{
        f"loans due {name}": loans_due(wanted)
        for name, wanted in (
            ("of a rare product", LoanFilter(product_code="PERSONAL_LOAN")),
            ("of an unknown product", LoanFilter(product_code="GOLD_LOAN")),
            ("of a rare product in a week", replace(WEEK, product_code="PERSONAL_LOAN")),
            ("closed", LoanFilter(status="closed")),
            ("in a far year, of a product", LoanFilter(due_from=date(2030, 1, 1), product_code="CREDIT_CARD_LOAN")),
        )
    },
}


def views() -> Iterator[type[ListingView]]:
    """Every list of the desk."""
    waiting: list[type[Any]] = [ListingView]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if getattr(kind, "listing", ""):
            yield kind


def default_order(view: type[ListingView]) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (each, False) if isinstance(each, str) else (each[0], each[1]) for each in view.fields_default_sort or ()
    )


DESK = {view.listing: default_order(view) for view in views()}
#: Tables of some rows each.
SHORT = {"products", "scorecards"}


async def explained(engine: AsyncEngine, read_list: List) -> Read:
    async with create_session_factory(engine)() as session, reading(session) as read:
        await read_list(session)
    return read


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
async def test_a_list_reads_few_blocks_and_no_whole_table(filled: Any, session_engine: AsyncEngine, name: str) -> None:
    read = await explained(session_engine, LISTS[name])
    assert read.plans, "the list sends a statement"
    assert read.scans() == set(), json.dumps(read.plans, indent=1)
    assert read.blocks <= MOST_BLOCKS, json.dumps(read.plans, indent=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DESK.keys() - SHORT))
async def test_a_list_of_the_desk_opens_by_an_index(filled: Any, session_engine: AsyncEngine, name: str) -> None:
    listing, query = LISTINGS[name], ListingQuery(sorts=DESK[name])
    first = await explained(session_engine, lambda session: list_rows(session, listing, query, skip=0, limit=25))
    assert first.scans() == set(), json.dumps(first.plans, indent=1)
    assert first.blocks <= MOST_BLOCKS, json.dumps(first.plans, indent=1)
    last = await explained(
        session_engine, lambda session: list_rows(session, listing, query, skip=MOST_SEEN - 25, limit=25)
    )
    # A run of billing is one a day, and the sums of its ranges are made for every row that is passed over.
    assert last.blocks <= MOST_BLOCKS_PAGED or name == "billing_runs", json.dumps(last.plans, indent=1)
    counted = await explained(
        session_engine, lambda session: count_rows(session, listing, query, at_most=MOST_SEEN + 1)
    )
    assert counted.blocks <= MOST_BLOCKS


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, search",
    [
        *((name, "CA-000007") for name in LISTINGS if name.startswith("card_")),
        *((name, "BC-USER-007") for name in ("loans", "payments", "bills", "transfers", "cards", "card_holds")),
        ("payments", "PM-000007"),
        ("import_rejects", "#2"),
    ],
)
async def test_a_list_of_the_desk_finds_an_id_by_an_index(
    filled: Any, session_engine: AsyncEngine, name: str, search: str
) -> None:
    query = ListingQuery(search=search, sorts=DESK[name])
    read = await explained(session_engine, lambda session: list_rows(session, LISTINGS[name], query, skip=0, limit=25))
    assert read.scans() == set(), json.dumps(read.plans, indent=1)
    assert read.blocks <= 100, json.dumps(read.plans, indent=1)
