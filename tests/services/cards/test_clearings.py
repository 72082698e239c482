"""Clearing files: every row is posted once, bad rows are listed, and the same file again changes nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

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


async def test_a_file_is_loaded_once(lending: LendingHelper) -> None:
    customer_id = await lending.add_customer()
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
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        (card,) = await cards.list_account_cards(uow, key)
        await authorisations.authorise(uow, key.account_id, ask, token=card.card.token)
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
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
    rows = [f"CA-{key.account_id:06d},purchase,R{place},100,2026-11-21,{currency}\n"
            for place, currency in enumerate(("", "INR", "usd", "US", "RS."))]  # fmt: skip
    loaded = await load_clearings(
        lending.uow_factory, SYSTEM, ["account_id,kind,reference,amount,transacted_on,currency\n", *rows]
    )
    assert (loaded.loaded, [(one.row, one.code) for one in loaded.rejects]) == (
        3, [(4, "clearing_row_invalid"), (5, "clearing_row_invalid")],
    )  # fmt: skip


async def test_a_file_with_other_columns_is_refused(lending: LendingHelper) -> None:
    for text_of_file in ("a,b\n1,2\n", "", "account_id,kind,reference,amount,transacted_on,colour\n"):
        with pytest.raises(ClearingFileInvalid):
            await load_clearings(lending.uow_factory, SYSTEM, text_of_file.splitlines(keepends=True))
