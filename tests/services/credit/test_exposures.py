"""What a borrower owes on cards counts in a decision: what is used of the limit, and the minimum due every month."""

from datetime import date
from typing import Any

from app.db.repositories.credit.exposures import Exposure, Exposures, get_exposures
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD, STANDARD_LOAN
from app.services.billing import runs
from app.services.cards import changes, movements, opening
from app.services.cards.movements import MoneyRequest
from app.services.cards.runs import run_day
from tests.services.lending_desk import FAR, OFFICER, LendingHelper


async def owed(lending: LendingHelper, customer_id: int) -> list[tuple[Any, int, int]]:
    """The product, the debt and the monthly instalment of everything that counts."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        found = await get_exposures(uow.session, customer_id, on=await uow.business_date())
    assert found.written_off == 0
    return sorted((each.product_code, each.principal_paise, each.monthly_paise) for each in found.active)


async def test_the_debt_of_a_card_and_its_minimum_due(lending: LendingHelper) -> None:
    customer_id = await lending.add_customer()
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12, customer_id=customer_id)
    loan = ("STANDARD_LOAN", 120_000_00, 10_661_85)
    async with lending.uow_factory.open(OFFICER) as uow:
        card = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=15
        )
    assert await owed(lending, customer_id) == [("REVOLVING_CARD", 0, 0), loan]
    async with lending.uow_factory.open(OFFICER) as uow:
        bought = MoneyRequest(paise=20_000_00, reference="P1")
        await movements.clear(uow, card.account_id, bought, is_cash=False)
    assert await owed(lending, customer_id) == [("REVOLVING_CARD", 20_000_00, 0), loan]
    await lending.set_date(date(2026, 12, 16))
    async with lending.uow_factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow, business_date=date(2026, 12, 16))
    assert await run_day(lending.uow_factory, run_id=run_id, worker="test", until=FAR)
    # The statement of 15 December asks for a twentieth of the purchase.
    assert await owed(lending, customer_id) == [("REVOLVING_CARD", 20_000_00, 1_000_00), loan]
    async with lending.uow_factory.open(OFFICER) as uow:
        await movements.take_payment(uow, card.account_id, MoneyRequest(paise=25_000_00, reference="C1"))
    assert await owed(lending, customer_id) == [("REVOLVING_CARD", 0, 1_000_00), loan]


async def test_a_card_account_that_was_charged_off_counts_as_written_off(lending: LendingHelper) -> None:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        card = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=15
        )
        await movements.clear(uow, card.account_id, MoneyRequest(paise=20_000_00, reference="P1"), is_cash=False)
        assert await changes.carry_out(uow, card.account_id, changes.ByTwo()) == {"charged_off_paise": 20_000_00}
    async with lending.uow_factory.open(SYSTEM) as uow:
        today = await uow.business_date()
        assert await get_exposures(uow.session, customer_id, on=today) == Exposures(active=[], written_off=1)
    # It stays one when the loss is recovered, and is none when it turns out that it was paid before.
    async with lending.uow_factory.open(OFFICER) as uow:
        paid = await movements.take_payment(uow, card.account_id, MoneyRequest(paise=20_000_00, reference="C1"))
        assert (paid.charged_off_paise, paid.recovered_paise) == (20_000_00, 20_000_00)
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert await get_exposures(uow.session, customer_id, on=today) == Exposures(active=[], written_off=1)
    async with lending.uow_factory.open(OFFICER) as uow:
        await movements.undo_posting(uow, card.account_id, "P1", paise=None, reason="never bought")
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert await get_exposures(uow.session, customer_id, on=today) == Exposures(active=[], written_off=0)


def test_an_exposure_of_a_month_is_its_instalment() -> None:
    assert Exposure(product_code="REVOLVING_CARD", principal_paise=1, emi_paise=1_000_00).monthly_paise == 1_000_00
