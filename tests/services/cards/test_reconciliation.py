"""The nightly reconciliation of card accounts: it reports a difference, once, and repairs nothing."""

from sqlalchemy import select, text

from app.db.models import AuditEvent
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD
from app.services.cards import movements, opening
from app.services.cards.movements import MoneyRequest
from app.services.cards.reconciliation import reconcile_step, start_nightly
from tests.services.lending_desk import OFFICER, LendingHelper


async def differences(lending: LendingHelper) -> list[str]:
    """Runs the pages of a reconciliation, the first of them twice, and answers the figures that were reported."""
    payload = {"date": "2026-11-21", "after": [0, 0], "accounts": 0, "differences": 0}
    last = {**payload, "after": [10**9, 0]}
    for step in (payload, payload, last):
        async with lending.uow_factory.open(SYSTEM) as uow:
            await start_nightly(uow)
            await reconcile_step(uow, dict(step))
    async with lending.uow_factory.open(SYSTEM) as uow:
        found = select(AuditEvent.details).where(AuditEvent.action == "difference_found").order_by(AuditEvent.id)
        return [row.details["figure"] for row in await uow.session.execute(found)]


async def test_a_difference_is_reported(lending: LendingHelper) -> None:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        await movements.clear(uow, key.account_id, MoneyRequest(paise=100_00, reference="P"), is_cash=False)
    assert await differences(lending) == []
    corruptions = (
        # What is left of the purchase, the sum of such purchases, and both.
        ("untouched = set_byte(untouched, 19, 99)", {"items"}),
        ("kept = jsonb_set(kept::jsonb, '{rows,0,1}', '9999')", {"items", "purchases", "postings"}),
    )
    for corruption, expected in corruptions:
        async with lending.uow_factory.open(SYSTEM) as uow:
            state = f"UPDATE card_accounts SET {corruption} WHERE customer_id = :customer"
            await uow.session.execute(text(state), {"customer": customer_id})
        assert set(await differences(lending)) == expected
