"""Listings: which rows they show, how a row is found, and that no column is secret."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Text, func, insert, text

from app.db.models import Base, CardAccount, Customer, PublicId
from app.db.repositories.operations.listings import LISTINGS
from app.db.repositories.unit_of_work import stop_after
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.operations import browsing
from app.services.operations.browsing import AllOrAny, Condition, ListingQuery, ListTooWide, can_be_empty
from tests.services.lending_desk import OFFICER, LendingHelper

STANDARD = next(product for product in SEEDED_PRODUCTS if product.code == "STANDARD_LOAN")
PERSON = {"state": "customer", "name": "Asha", "actor": "system"}
NUMBER = {"kind": "card_account"}
ACCOUNT = {
    "product_code": STANDARD.code, "product_version": STANDARD.version, "status": "open",
    "opened_on": date(2026, 11, 21), "opening_limit_paise": 1, "opening_statement_day": 1, "limit_paise": 1,
    "statement_day": 1, "next_statement_on": date(2026, 12, 1), "used_paise": 0, "cash_used_paise": 0, "held_paise": 0,
    "cash_held_paise": 0, "last_posting": 0, "last_statement": 0, "last_transfer": 0, "version": 1, "state": {},
    "actor": "system",
}  # fmt: skip
SECRETS = ("cipher", "hash", "password", "key_version", "secret", "value", "answer", "payload", "data")


async def numbers(
    lending: LendingHelper, reading: ListingQuery, *, listing: str = "loans", column: str = "id"
) -> list[object]:
    async with lending.uow_factory.open(OFFICER) as uow:
        rows = await browsing.page(uow, listing, reading, skip=0, limit=100)
        assert await browsing.count(uow, listing, reading, at_most=1000) == len(rows)
    return [getattr(row, column) for row in rows]


async def three_loans(lending: LendingHelper) -> None:
    for amount, rate in ((120_000, "12"), (50_000, "10.5"), (80_000, "14")):
        await lending.disburse(STANDARD, amount=amount, rate=rate, instalments=12)


@pytest.mark.parametrize("listing", LISTINGS)
def test_no_secret_is_a_column_of_a_listing(listing: str) -> None:
    shown = set(LISTINGS[listing].columns)
    # A value date is not secret, and the payload of a proposal is for the person who decides on it.
    allowed = {"value_date", "value_on"} | ({"payload"} if listing == "proposals" else set())
    assert [name for name in shown - allowed for secret in SECRETS if secret in name] == []
    assert LISTINGS[listing].table in {*Base.metadata.tables, "instalments"}
    assert set(LISTINGS[listing].key) <= shown
    assert {name for _, name in LISTINGS[listing].ids} | set(LISTINGS[listing].texts) <= shown


def test_no_listing_reads_a_table_of_secrets() -> None:
    assert {listing.table for listing in LISTINGS.values()}.isdisjoint(
        {"user_accounts", "refresh_tokens", "identities", "idempotency_keys", "import_chunks"}
    )


@pytest.mark.parametrize("listing", LISTINGS)
async def test_every_listing_can_be_read(lending: LendingHelper, listing: str) -> None:
    await three_loans(lending)
    await lending.run_billing(on=date(2026, 12, 21))
    columns = LISTINGS[listing].columns
    async with lending.uow_factory.open(OFFICER) as uow:
        for descends in (False, True):
            reading = ListingQuery(sorts=tuple((name, descends) for name in columns))
            rows = await browsing.page(uow, listing, reading, skip=0, limit=10)
            if rows:
                (again,) = await browsing.get(uow, listing, [rows[0].pk])
                assert again == rows[0]
                assert set(vars(again)) == {*columns, "pk"}
        assert await browsing.get(uow, listing, ["", "x", "1.2.3.4", "9" * 40]) == []
        for search in ("LN-2026-0001", "BC-USER-1001", "PM-000001", "AP-000001", "#1", "1", "Asha", "50%_\\"):
            await browsing.page(uow, listing, ListingQuery(search=search), skip=0, limit=10)


@pytest.mark.parametrize(
    "search, expected",
    [
        ("LN-2026-0002", [2]),
        ("ln-2026-0002", [2]),
        ("2", [2]),
        ("BC-USER-1003", [3]),
        ("LN-2026-9999", []),
        ("asha", [1, 2, 3]),
        ("STANDARD", [1, 2, 3]),
        ("%", []),
        ("nobody", []),
    ],
)
async def test_a_loan_is_found(lending: LendingHelper, search: str, expected: list[int]) -> None:
    await three_loans(lending)
    assert await numbers(lending, ListingQuery(search=search, sorts=(("id", False),))) == expected


@pytest.mark.parametrize(
    "condition, expected",
    [
        (Condition(column="disbursed_paise", operator="gte", value=8_000_000), [1, 3]),
        (Condition(column="disbursed_paise", operator="between", value=5_000_000, value2=8_000_000), [2, 3]),
        (Condition(column="annual_rate_percent", operator="eq", value=10.5), [2]),
        (Condition(column="annual_rate_percent", operator="lte", value=12), [1, 2]),
        (Condition(column="status", operator="in", value=["active"]), [1, 2, 3]),
        (Condition(column="status", operator="not_in", value=["active"]), []),
        (Condition(column="closed_on", operator="is_null"), [1, 2, 3]),
        (Condition(column="disbursed_on", operator="eq", value=date(2026, 11, 21)), [1, 2, 3]),
        (Condition(column="product_code", operator="startswith", value="standard"), [1, 2, 3]),
        (Condition(column="product_code", operator="contains", value="%"), []),
        (Condition(column="id", operator="gte", value=10**30), []),
    ],
)
async def test_filters(lending: LendingHelper, condition: Condition, expected: list[int]) -> None:
    await three_loans(lending)
    reading = ListingQuery(conditions=AllOrAny(logic="and", parts=(condition,)), sorts=(("id", False),))
    assert await numbers(lending, reading) == expected


async def test_filters_combine(lending: LendingHelper) -> None:
    await three_loans(lending)
    small = Condition(column="disbursed_paise", operator="lt", value=6_000_000)
    dear = Condition(column="annual_rate_percent", operator="gt", value=13)
    either = AllOrAny(logic="or", parts=(small, dear))
    sorts = (("annual_rate_percent", True),)
    assert await numbers(lending, ListingQuery(conditions=either, sorts=sorts)) == [3, 2]
    assert await numbers(
        lending, ListingQuery(conditions=AllOrAny(logic="and", parts=(either, small)), sorts=sorts)
    ) == [2]
    assert await numbers(lending, ListingQuery(conditions=AllOrAny(logic="and", parts=()), sorts=sorts)) == [3, 1, 2]


async def test_no_row_is_on_two_pages(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(SYSTEM) as uow:
        rows = [
            {"customer_id": number, "state": "customer", "name": "Same", "created_at": uow.now, "actor": "system"}
            for number in range(1, 31)
        ]
        await uow.session.execute(insert(Customer), rows)
        reading = ListingQuery(sorts=(("name", True),))
    async with lending.uow_factory.open(OFFICER) as uow:
        pages = [await browsing.page(uow, "customers", reading, skip=skip, limit=10) for skip in (0, 10, 20)]
        assert sorted(row.customer_id for page in pages for row in page) == list(range(1, 31))
        assert await browsing.count(uow, "customers", reading, at_most=7) == 7


async def test_reading_is_for_staff(lending: LendingHelper) -> None:
    customer = Actor(role=Role.CUSTOMER, user_account_id=2, customer_id=1001)
    async with lending.uow_factory.open(customer) as uow:
        for reading in (
            browsing.page(uow, "loans", ListingQuery(), skip=0, limit=1),
            browsing.count(uow, "loans", ListingQuery(), at_most=1),
            browsing.get(uow, "loans", ["1.1"]),
            browsing.estimate(uow, "loans"),
        ):
            with pytest.raises(Forbidden):
                await reading


async def test_what_takes_too_long_is_refused_by_name(lending: LendingHelper, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {**LISTINGS["products"].columns, "slow": func.pg_sleep(20).cast(Text)}
    monkeypatch.setitem(LISTINGS, "products", replace(LISTINGS["products"], columns=columns))
    monkeypatch.setattr(browsing, "MOST_MILLISECONDS", 50)
    filtered = AllOrAny(logic="and", parts=(Condition(column="slow", operator="eq", value="x"),))
    for reading in (
        lambda uow: browsing.page(uow, "products", ListingQuery(), skip=0, limit=1),
        lambda uow: browsing.count(uow, "products", ListingQuery(conditions=filtered), at_most=1),
    ):
        with pytest.raises(ListTooWide):
            async with lending.uow_factory.open(OFFICER) as uow:
                await reading(uow)
    # Only the statements of lists are limited, and only in their transactions; never to more than before.
    limit = text("SELECT current_setting('statement_timeout')")
    async with lending.uow_factory.open(OFFICER) as uow:
        assert await uow.session.scalar(limit) == "15s"
        found = []
        for milliseconds in (20_000, 3_000, 500, 3_000, 0):
            await stop_after(uow.session, milliseconds=milliseconds)
            found.append(await uow.session.scalar(limit))
        assert found == ["15s", "3s", "500ms", "500ms", "0"]


async def test_card_lists_are_searched_by_the_id_of_an_account(lending: LendingHelper) -> None:
    """A plain number is that of an account too: pages link with it."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        for customer_id in (1, 2):
            await uow.session.execute(insert(Customer), {"customer_id": customer_id, **PERSON, "created_at": uow.now})
            await uow.session.execute(
                insert(PublicId), {**NUMBER, "number": 3 - customer_id, "customer_id": customer_id}
            )
            account = ACCOUNT | {"customer_id": customer_id, "id": 3 - customer_id, "created_at": uow.now}
            await uow.session.execute(insert(CardAccount), account)
    for search, expected in (("CA-000001", [2]), ("1", [2]), ("ca-000002", [1]), ("BC-USER-001", [1]), ("3", [])):
        found = await numbers(lending, ListingQuery(search=search), listing="card_accounts", column="customer_id")
        assert found == expected, search


async def test_an_order_may_be_that_of_an_index(lending: LendingHelper) -> None:
    await three_loans(lending)
    for listing in ("payments", "loan_charges", "card_accounts"):
        for descends in (False, True):
            await numbers(lending, ListingQuery(sorts=(("id", descends),)), listing=listing)
    assert {name: listing.orders for name, listing in LISTINGS.items() if listing.orders} == {
        "payments": {"id": ("booked_on", "id"), "booked_on": ("booked_on", "id")},
        "loan_charges": {"id": ("booked_on", "id"), "booked_on": ("booked_on", "id")},
        "card_accounts": {"id": ("opened_on", "id")},
    }


def test_what_can_be_empty() -> None:
    found = {name: can_be_empty("payments", name) for name in ("customer_id", "amount_paise", "method", "loan_year")}
    assert found == {"customer_id": False, "amount_paise": False, "method": True, "loan_year": True}
    assert can_be_empty("customers", "name")
    assert not can_be_empty("loans", "disbursed_on")
    assert can_be_empty("loans", "customer_name"), "joined"
    assert can_be_empty("instalments", "paid_on")
