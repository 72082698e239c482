"""Clearing files: every row is posted once, bad rows are listed, and the same file again changes nothing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from app.db.repositories.cards.accounts import AccountKey
from app.domain.cards.authorisations import Ask, SpendKind
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD
from app.services.cards import authorisations, cards, opening, views
from app.services.cards.reconciliation import reconcile_all
from app.services.imports.clearings import ClearingFileInvalid, load_clearings
from tests.services.lending_desk import OFFICER, LendingHelper

FILE = """\
account_id,kind,reference,amount,transacted_on,merchant,authorisation,card_token,purchase
{account},purchase,R1,1500.00,2026-11-21,BIG BAZAAR,,,
{account},purchase,R2,700,2026-11-21,TAJ,A1,,
{account},refund,R3,500.00,2026-11-21,BIG BAZAAR,,,R1
{account},payment,R4,100.50,2026-11-21,,,,
{account},purchase,R5,12.345,2026-11-21,,,,
{account},gift,R6,1,2026-11-21,,,,
CA-999999,purchase,R7,1,2026-11-21,,,,
{account},purchase,R1,9,2026-11-21,,,,
{account},purchase,R8,1,21/11/2026,,,,
{account},refund,R9,1,2026-11-21,,,,NONE
"""
REFUSED = [
    (5, "not_an_amount"),
    (6, "clearing_row_invalid"),
    (7, "card_account_not_found"),
    (8, "card_reference_reused"),
    (9, "clearing_row_invalid"),
    (10, "refund_without_purchase"),
]


async def open_account(lending: LendingHelper) -> AccountKey:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        return await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )


async def hold(lending: LendingHelper, key: AccountKey) -> None:
    """An authorisation of 700 rupees with the reference A1."""
    ask = Ask(
        reference="A1",
        amount_paise=700_00,
        kind=SpendKind.PURCHASE,
        transacted_at=datetime(2026, 11, 21, tzinfo=UTC),
        merchant_name="TAJ",
        category_code="5812",
        country="IN",
    )
    async with lending.uow_factory.open(OFFICER) as uow:
        (card,) = await cards.list_account_cards(uow, key)
        await authorisations.authorise(uow, key.account_id, ask, token=card.card.token)


async def posted(lending: LendingHelper) -> list[tuple[str, int, str]]:
    async with lending.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT kind, amount_paise, reference FROM card_postings ORDER BY number")
        )
        return [tuple(row) for row in rows.all()]


async def test_a_file_is_loaded_once(lending: LendingHelper) -> None:
    key = await open_account(lending)
    await hold(lending, key)
    lines = FILE.format(account=f"CA-{key.account_id:06d}").splitlines(keepends=True)
    first = await load_clearings(lending.uow_factory, SYSTEM, lines)
    assert (first.read, first.loaded, first.known, first.rejected) == (10, 4, 0, 6)
    assert [(one.row, one.code) for one in first.rejects] == REFUSED
    async with lending.uow_factory.open(SYSTEM) as uow:
        before = await views.view_account(uow, key.account_id)
        assert before.working.state.owed_paise == 1500_00 + 700_00 - 500_00 - 100_50
        assert before.working.row.held_paise == 0
    again = await load_clearings(lending.uow_factory, SYSTEM, lines)
    assert (again.read, again.loaded, again.known, again.rejected) == (10, 0, 4, 6)
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert (await views.view_account(uow, key.account_id)).working.row.version == before.working.row.version
        count = await uow.session.execute(text("SELECT count(*) FROM card_postings"))
        assert count.scalar_one() == 4
    async for page in reconcile_all(lending.uow_factory):
        assert page.differences == ()


async def test_the_currency_of_a_row(lending: LendingHelper) -> None:
    """The amount is in rupees. This product has no mark-up."""
    key = await open_account(lending)
    rows = [f"CA-{key.account_id:06d},purchase,R{place},100,2026-11-21,{currency}\n"
            for place, currency in enumerate(("", "INR", "usd", "US", "RS."))]  # fmt: skip
    loaded = await load_clearings(
        lending.uow_factory, SYSTEM, ["account_id,kind,reference,amount,transacted_on,currency\n", *rows]
    )
    assert (loaded.loaded, [(one.row, one.code) for one in loaded.rejects]) == (
        3, [(4, "clearing_row_invalid"), (5, "clearing_row_invalid")],
    )  # fmt: skip


#: Rows under the header `account_id,kind,reference,transacted_on,amount`, and the code that each is refused with.
ROWS_NOT_USED = [
    # Without quotes these are three fields, and the first of them would be one rupee.
    ("{account},purchase,R,2026-11-21,1,00,000.00", "clearing_row_invalid"),
    ('{account},purchase,R,2026-11-21,"1,00,000.00"', "not_an_amount"),
    # A spreadsheet that writes an exponent has lost digits.
    ("{account},purchase,R,2026-11-21,1.23457E+05", "not_an_amount"),
    ("{account},purchase,R,2026-11-21,1e3", "not_an_amount"),
    ("{account},purchase,R,2026-11-21,NaN", "not_an_amount"),
    ("{account},purchase,R,2026-11-21,+5", "not_an_amount"),
    ("{account},purchase,R,2026-11-21,-5", "card_amount_not_positive"),
    ("{account},purchase,R,2026-11-21,0", "card_amount_not_positive"),
    ("{account},purchase,R,20261121,5", "clearing_row_invalid"),
    ("{account},purchase,R,2026-W47-6,5", "clearing_row_invalid"),
    ("{account},purchase,R,2026-11-31,5", "clearing_row_invalid"),
    ("{account},purchase,R\0,2026-11-21,5", "clearing_row_invalid"),
    ("{account},purchase,R\ufffd,2026-11-21,5", "clearing_row_invalid"),
    ("{account},purchase," + "R" * 101 + ",2026-11-21,5", "clearing_row_invalid"),
    # Cut off: what is missing is not guessed.
    ("{account},purchase,R,2026-11-21", "clearing_row_invalid"),
]


async def test_a_row_that_could_be_read_wrongly_is_refused(lending: LendingHelper) -> None:
    account = f"CA-{(await open_account(lending)).account_id:06d}"
    lines = ["account_id,kind,reference,transacted_on,amount\n", f"{account},purchase,first,2026-11-21,2\n"]
    lines += [row.format(account=account) + "\n" for row, _ in ROWS_NOT_USED]
    lines += [f"{account},purchase,last,2026-11-21,3\n"]
    found = await load_clearings(lending.uow_factory, SYSTEM, lines)
    codes = [code for _, code in ROWS_NOT_USED]
    assert [(one.row, one.code) for one in found.rejects] == list(enumerate(codes, start=2))
    assert (found.loaded, await posted(lending)) == (2, [("purchase", 2_00, "first"), ("purchase", 3_00, "last")])


async def test_a_refund_that_names_an_authorisation_is_not_a_purchase(lending: LendingHelper) -> None:
    key = await open_account(lending)
    await hold(lending, key)
    lines = ["account_id,kind,reference,amount,transacted_on,authorisation\n"]
    lines += [f"CA-{key.account_id:06d},{kind},R-{kind},700,2026-11-21,A1\n" for kind in ("refund", "payment")]
    found = await load_clearings(lending.uow_factory, SYSTEM, lines)
    assert [(one.row, one.code) for one in found.rejects] == [(1, "clearing_row_invalid"), (2, "clearing_row_invalid")]
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert (await views.view_account(uow, key.account_id)).working.row.held_paise == 700_00
    assert await posted(lending) == []


async def test_an_open_quote_ends_the_file_at_its_row(lending: LendingHelper) -> None:
    """What is after it may be a part of the field, so no row of it is used; the file can be loaded again."""
    account = f"CA-{(await open_account(lending)).account_id:06d}"
    lines = ["account_id,kind,reference,amount,transacted_on,merchant\n"]
    lines += [
        f"{account},purchase,R{number},1,2026-11-21,{merchant}\n" for number, merchant in enumerate(("A", '"B', "C"))
    ]
    with pytest.raises(ClearingFileInvalid) as refused:
        await load_clearings(lending.uow_factory, SYSTEM, lines)
    assert (
        refused.value.message == "row 2 cannot be read as CSV (is a quote not closed?); the rows before it were loaded"
    )
    assert await posted(lending) == [("purchase", 1_00, "R0")]
    found = await load_clearings(lending.uow_factory, SYSTEM, [line.replace('"', "") for line in lines])
    assert (found.read, found.known, found.loaded) == (3, 1, 2)


async def test_a_payment_counts_from_the_day_that_its_row_names(lending: LendingHelper) -> None:
    """Files come on a later day than the money."""
    key = await open_account(lending)
    await lending.run_billing(on=date(2026, 11, 24))
    header, account = "account_id,kind,reference,amount,transacted_on\n", f"CA-{key.account_id:06d}"
    lines = [header, f"{account},purchase,R1,1000,2026-11-21\n", f"{account},payment,R2,400.50,2026-11-22\n",
             f"{account},payment,R3,1,2026-11-20\n", f"{account},payment,R4,1,2026-11-25\n"]  # fmt: skip
    found = await load_clearings(lending.uow_factory, SYSTEM, lines)
    invalid = "card_value_date_invalid"
    assert (found.loaded, [(one.row, one.code) for one in found.rejects]) == (2, [(3, invalid), (4, invalid)])
    async with lending.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT kind, amount_paise, value_on, posted_on FROM card_postings ORDER BY number")
        )
        assert [tuple(row) for row in rows] == [
            ("purchase", 1000_00, date(2026, 11, 21), date(2026, 11, 24)),
            ("payment", 400_50, date(2026, 11, 22), date(2026, 11, 24)),
        ]
        assert (await views.view_account(uow, key.account_id)).working.state.owed_paise == 599_50
    again = await load_clearings(lending.uow_factory, SYSTEM, lines)
    assert (again.loaded, again.known, again.rejected) == (0, 2, 2)
    async for page in reconcile_all(lending.uow_factory):
        assert page.differences == ()


@pytest.mark.parametrize(
    "header",
    [
        "a,b",
        "",
        "account_id,kind,reference,amount,transacted_on,colour",
        "account_id,kind,reference,amount,transacted_on,amount",
        "account_id,kind,reference,amount",
    ],
)
async def test_a_file_with_other_columns_is_refused(lending: LendingHelper, header: str) -> None:
    with pytest.raises(ClearingFileInvalid, match=r"^the columns are account_id, kind, "):
        await load_clearings(lending.uow_factory, SYSTEM, [header + "\n", "1,purchase,R,1,2026-11-21,2\n"])
