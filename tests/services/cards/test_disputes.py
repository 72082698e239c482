"""Disputes of purchases that are paid for, where the product gives a provisional credit; and a closing that did not
hold, told to other programs."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from app.db.repositories.products.products import add_product
from app.domain.cards.changes import NothingToDispute
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD
from app.services.cards import changes, movements, opening, views
from app.services.cards.movements import MoneyRequest
from app.services.cards.reconciliation import reconcile_all
from tests.services.lending_desk import OFFICER, LendingHelper

assert REVOLVING_CARD.card is not None
GENEROUS = replace(
    REVOLVING_CARD, code="GENEROUS_CARD", card=replace(REVOLVING_CARD.card, provisional_credit=True)
)  # fmt: skip


async def opened(lending: LendingHelper) -> int:
    """An account on which 4,000 were bought and paid."""
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        await add_product(
            uow.session, GENEROUS, offered_from=date(2026, 1, 1), now=uow.now, actor="system"
        )  # fmt: skip
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=GENEROUS, limit_paise=10_000_00, statement_day=15
        )
        await movements.clear(uow, key.account_id, MoneyRequest(paise=4_000_00, reference="P"), is_cash=False)
        await movements.take_payment(uow, key.account_id, MoneyRequest(paise=4_000_00, reference="R"))
    return key.account_id


async def balances(lending: LendingHelper, account_id: int) -> tuple[int, int, int]:
    """What is owed, the credit balance, and how many disputes are open."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        state = (await views.view_account(uow, account_id)).working.state
    async for page in reconcile_all(lending.uow_factory):
        assert page.differences == ()
    return state.owed_paise, state.credit_paise, len(state.disputes)


@pytest.mark.parametrize("for_holder, credit", [(False, 0), (True, 4_000_00)])
async def test_a_provisional_credit(lending: LendingHelper, for_holder: bool, credit: int) -> None:
    account_id = await opened(lending)
    async with lending.uow_factory.open(OFFICER) as uow:
        working = await changes.dispute(uow, account_id, posting="P", paise=None, reason="never came")
        (dispute,) = working.state.disputes
    assert await balances(lending, account_id) == (0, 4_000_00, 1)
    with pytest.raises(NothingToDispute):
        async with lending.uow_factory.open(OFFICER) as uow:
            await changes.dispute(uow, account_id, posting="P", paise=None, reason="again")
    await lending.set_date(date(2026, 12, 20))
    async with lending.uow_factory.open(OFFICER) as uow:
        await changes.decide_dispute(uow, account_id, dispute.number, for_holder=for_holder, reason="decided")
    assert await balances(lending, account_id) == (0, credit, 0)


async def test_a_provisional_credit_that_was_paid_out_is_owed_again(lending: LendingHelper) -> None:
    """The merchant wins after the holder has taken the money: it is owed from that day, without interest before."""
    account_id = await opened(lending)
    async with lending.uow_factory.open(OFFICER) as uow:
        working = await changes.dispute(uow, account_id, posting="P", paise=None, reason="never came")
    async with lending.uow_factory.open(replace(OFFICER, user_account_id=2)) as uow:
        await movements.pay_out_credit(uow, account_id, paise=None)
        number = working.state.disputes[0].number
    await lending.set_date(date(2026, 12, 14))
    async with lending.uow_factory.open(OFFICER) as uow:
        await changes.decide_dispute(uow, account_id, number, for_holder=False, reason="delivered")
    assert await balances(lending, account_id) == (4_000_00, 0, 0)


async def test_a_closed_account_that_is_open_again_is_told(lending: LendingHelper) -> None:
    account_id = await opened(lending)
    async with lending.uow_factory.open(OFFICER) as uow:
        await changes.close(uow, account_id)
    async with lending.uow_factory.open(OFFICER) as uow:
        await movements.undo_posting(uow, account_id, "R", paise=None, reason="returned unpaid")
    assert await balances(lending, account_id) == (4_000_00, 0, 0)
    async with lending.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(text("SELECT type FROM events WHERE type LIKE 'card.account%' ORDER BY id"))
        told = list(rows.scalars())
    assert told == ["card.account_opened", "card.account_closed", "card.account_reopened"]
