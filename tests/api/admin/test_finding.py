"""One search over people, loans, payments and applications; the pages of a customer and of a loan; who looked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text

from app.db.models import AuditEvent, Customer, Identity
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.operations import finding
from app.services.unit_of_work import UnitOfWorkFactory
from tests import clusters
from tests.api.admin.conftest import ADMIN, OFFICER, Browse
from tests.api.admin.forms import words_of
from tests.api.conftest import Time
from tests.services.lending_desk import LendingHelper

STAFF = Actor(role=Role.OFFICER, user_account_id=1)
#: Name, phone, e-mail.
PEOPLE = (
    ("Ravi Kumar", "+91 98765 43210", "ravi@example.in"),
    ("Kumari Ravindran", "9876500001", "kr@example.in"),
    ("Joseph D'Souza", "9876500002", "joseph@example.in"),
    ("रवि कुमार", "9876500003", None),
    ("RAVISHANKAR", "9876543210", None),
)


@pytest.fixture
async def people(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        rows = [
            {
                "customer_id": 101 + place, "state": "customer", "name": name, "phone": phone, "email": email,
                "created_at": uow.now, "actor": "system",
            }
            for place, (name, phone, email) in enumerate(PEOPLE)
        ]  # fmt: skip
        await uow.session.execute(insert(Customer), rows)
        await uow.session.execute(insert(Identity).values(kind="external", value=b"EXT-9", customer_id=103))


@pytest.mark.parametrize(
    "sought, found",
    [
        ("ravi", {"Ravi Kumar", "Kumari Ravindran", "RAVISHANKAR"}),
        ("Ravi Kum", {"Ravi Kumar", "Kumari Ravindran"}),
        ("kumar ravi", {"Ravi Kumar", "Kumari Ravindran"}),
        ("ravi kumar sharma", set()),
        ("d'souza", {"Joseph D'Souza"}),
        ("souza", {"Joseph D'Souza"}),
        ("रवि", {"रवि कुमार"}),
        ("98765 43210", {"Ravi Kumar", "RAVISHANKAR"}),
        ("+91-9876500001", {"Kumari Ravindran"}),
        (" RAVI@Example.in ", {"Ravi Kumar"}),
        ("BC-USER-103", {"Joseph D'Souza"}),
        ("bc-user-103", {"Joseph D'Souza"}),
        ("103", {"Joseph D'Souza"}),
        ("EXT-9", {"Joseph D'Souza"}),
        ("ravi & ! | (", {"Ravi Kumar", "Kumari Ravindran", "RAVISHANKAR"}),
        ("'; DROP TABLE customers", set()),
        ("%", set()),
        (":*", set()),
        ("", set()),
    ],
)
async def test_people_are_found_in_every_way(
    uow_factory: UnitOfWorkFactory, people: None, sought: str, found: set[str]
) -> None:
    async with uow_factory.open(STAFF) as uow:
        result = await finding.find(uow, sought)
    assert {person.name for person in result.people} == found


async def test_loans_payments_and_applications_are_found(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    other = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 22))
    for each in (loan, other):
        await lending.pay(each, amount=100_00, reference="UTR-77")
    await lending.pay(loan, amount=200_00, reference="UTR-78")
    client = await browse(OFFICER)
    for sought, address in (
        ("ln-2026-0001", "/admin/loan/LN-2026-0001"),
        ("UTR-78", "/admin/loan/LN-2026-0001?tab=payments"),
        ("BC-USER-1002", "/admin/customer/BC-USER-1002"),
    ):
        answer = await client.get("/admin/find", params={"text": sought})
        assert str(answer.url).removeprefix("http://kist.example") == address
    both = await client.get("/admin/find", params={"text": "UTR-77"})
    assert both.url.path == "/admin/find"
    assert ("LN-2026-0001" in both.text, "LN-2026-0002" in both.text) == (True, True)
    everybody = words_of(await client.get("/admin/find", params={"text": "asha"}))
    assert everybody.count("Asha Rao") == 2
    assert "LN-2026-0001 active" in everybody
    assert "Nothing was found for" in words_of(await client.get("/admin/find", params={"text": "nobody"}))


async def test_an_identity_number_is_neither_searched_nor_shown_nor_written_down(
    browse: Browse, uow_factory: UnitOfWorkFactory, people: None
) -> None:
    client = await browse(OFFICER)
    for number in ("234567890124", "2345 6789 0124", "2345-6789-0124"):
        page = await client.get("/admin/find", params={"text": number})
        assert "could be an Aadhaar number" in words_of(page)
        assert number not in page.text
    await client.get("/admin/find", params={"text": "ravi"})
    async with uow_factory.open(SYSTEM) as uow:
        events = (
            await uow.session.execute(select(AuditEvent).where(AuditEvent.action == "customers_searched"))
        ).scalars()
        said = [event.details for event in events]
    assert said == [{"sought_by": ["name"], "found": 3}]


async def test_only_staff_search(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(Actor(role=Role.CUSTOMER, user_account_id=1, customer_id=1)) as uow:
        with pytest.raises(Forbidden):
            await finding.find(uow, "ravi")


async def test_a_page_shows_twenty_people_and_says_that_there_are_more(
    browse: Browse, uow_factory: UnitOfWorkFactory
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        rows = [
            {"customer_id": n, "state": "customer", "name": f"Kumar {n}", "created_at": uow.now, "actor": "system"}
            for n in range(1, 23)
        ]
        await uow.session.execute(insert(Customer), rows)
    client = await browse(OFFICER)
    page = await client.get("/admin/find", params={"text": "kumar"})
    assert (page.text.count("/admin/customer/"), "There are more." in page.text) == (20, True)


async def test_a_search_for_a_word_uses_the_index(uow_factory: UnitOfWorkFactory, people: None, owner_dsn: str) -> None:
    await clusters.skip_on_cluster(owner_dsn, because="its plan shows what it sends to its servers, not their scans")
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await uow.session.execute(
            text(
                "EXPLAIN SELECT customer_id FROM customers WHERE to_tsvector('simple'::regconfig, coalesce(name, '')) "
                "@@ (to_tsquery('simple', 'ravi:*') && plainto_tsquery('simple', ''))"
            )
        )
        assert "ix_customers_words" in " ".join(row[0] for row in plan)


# --- the pages ---

LOAN_TABS = ("schedule", "payments", "charges", "ledger", "events", "explanation")
CUSTOMER_TABS = ("loans", "cards", "applications", "scores", "payments", "documents", "looks")


async def test_the_head_of_a_loan_says_what_an_officer_asks_first(browse: Browse, lending: LendingHelper) -> None:
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 22))
    await lending.run_billing(on=date(2027, 1, 22))
    client = await browse(OFFICER)
    shown = words_of(await client.get("/admin/loan/LN-2026-0001"))
    for words in ("Outstanding ₹50,000.00", "Days past due", "Class SMA-0", "To be current ₹"):
        assert words in shown
    explained = words_of(await client.get("/admin/loan/LN-2026-0001?tab=explanation"))
    assert "of it is unpaid" in explained
    assert (await client.get("/admin/loan/LN-2026-0009")).status_code == 404
    assert (await client.get("/admin/loan/banana")).status_code == 422


async def test_a_page_takes_as_many_statements_for_much_as_for_little(
    browse: Browse, lending: LendingHelper, counted: list[str]
) -> None:
    client = await browse(OFFICER)
    today = date(2026, 11, 21)
    addresses = [
        *(f"/admin/loan/LN-2026-0001?tab={tab}" for tab in LOAN_TABS),
        *(f"/admin/customer/BC-USER-1001?tab={tab}" for tab in CUSTOMER_TABS),
        "/admin/find?text=rao", "/admin/acts/take-payment?of=LN-2026-0001",
    ]  # fmt: skip
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    found = []
    for months in (1, 4):
        for _ in range(months):
            today += timedelta(days=31)
            await lending.run_billing(on=today)
            await lending.pay(loan, amount=1_000_00)
            await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
        counts = {}
        for address in addresses:
            await client.get(address)  # fills the caches, and records the look
            counted.clear()
            page = await client.get(address)
            assert (address, page.status_code) == (address, 200)
            counts[address] = len(counted)
        found.append(counts)
    few, many = found
    assert {address: count for address, count in many.items() if count > few[address]} == {}
    assert many.pop("/admin/loan/LN-2026-0001?tab=explanation") <= 28
    assert max(many.values()) <= 26


async def test_who_looked_is_recorded_once_in_an_hour(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper, time: Time
) -> None:
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    client, other = await browse(OFFICER), await browse(ADMIN)
    for who, address in (
        (client, "/admin/customer/BC-USER-1001"),
        (client, "/admin/loan/LN-2026-0001?tab=ledger"),
        (other, "/admin/loan/LN-2026-0001/statement.pdf"),
    ):
        assert (await who.get(address)).status_code == 200
    time.advance(minutes=25)
    await client.get("/admin/customer/BC-USER-1001")
    time.advance(minutes=25)
    await client.get("/admin/customer/BC-USER-1001")
    time.advance(minutes=11)
    shown = words_of(await client.get("/admin/customer/BC-USER-1001?tab=looks"))
    looked = shown.partition("When Who ")[2]
    assert (looked.count("Ravi Menon"), looked.count("Meera Nair")) == (2, 1)
    async with uow_factory.open(SYSTEM) as uow:
        statement = select(AuditEvent).where(AuditEvent.action == "customer_viewed").order_by(AuditEvent.id)
        looks = (await uow.session.execute(statement)).scalars()
        assert [(look.object_id, look.actor.partition(":")[0]) for look in looks] == [
            ("1001", "officer"), ("1001", "admin"), ("1001", "officer"),
        ]  # fmt: skip


async def test_an_old_address_of_a_row_leads_to_its_page(browse: Browse, lending: LendingHelper) -> None:
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    client = await browse(OFFICER)
    for old, new in (
        ("loans/detail?pk=1001.1", "/admin/loan/LN-2026-0001"),
        ("users/detail?pk=1001", "/admin/customer/BC-USER-1001"),
    ):
        assert (await client.get(f"/admin/{old}")).url.path == new
