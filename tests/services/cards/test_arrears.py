"""A card that is not paid makes its holder's loans non-performing, until it is paid; and again when the payment
bounces."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest_asyncio
from sqlalchemy import text

from app.db.repositories.cards.accounts import AccountKey
from app.domain.delinquency.changes import ChangeReason
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.domain.rulebook.kinds import ProductKind
from app.services.billing import runs
from app.services.cards import movements, opening, views
from app.services.cards.movements import MoneyRequest
from app.services.cards.runs import run_day
from app.services.delinquency import day_ends
from tests.services.delinquency.conftest import FAR, Desk
from tests.services.lending_desk import OFFICER, LendingHelper

#: The statement of 15 December is to be paid by 4 January.
DUE = date(2027, 1, 4)
EMI = 10_661_85


class Holder(Desk):
    """A borrower with a loan that is paid, and a card."""

    customer_id: int
    loan: LoanReference
    card: AccountKey

    async def begin(self) -> None:
        self.customer_id = await self.lending.add_customer()
        self.loan = await self.lending.disburse(
            STANDARD_LOAN, amount=120_000, rate="12", instalments=12, customer_id=self.customer_id
        )
        async with self.uow_factory.open(OFFICER) as uow:
            self.card = await opening.open_with_card(
                uow, customer_id=self.customer_id, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=15
            )
            await movements.clear(
                uow, self.card.account_id, MoneyRequest(paise=20_000_00, reference="P1"), is_cash=False
            )

    async def day(self, on: date) -> None:
        """The run of a date, the day-ends before it, and what the card asked for."""
        await self.lending.set_date(on)
        async with self.uow_factory.open(OFFICER) as uow:
            run_id = await runs.start_run(uow, business_date=on)
        assert await run_day(self.uow_factory, run_id=run_id, worker="test", until=FAR)
        payload = {"through": day_ends.day_before(on).isoformat()}
        assert await day_ends.judge_day_ends(self.uow_factory, payload, until=FAR)
        await self.asked(on)

    async def asked(self, on: date) -> None:
        async with self.uow_factory.open(SYSTEM) as uow:
            waiting = await uow.session.scalar(
                text("SELECT count(*) FROM outbox WHERE job = 'judge_borrower' AND done_at IS NULL")
            )
        if waiting:
            await self.correct(self.customer_id, on=on)

    async def of_loan(self, on: date) -> tuple[str | None, int]:
        view = await self.see(self.loan, on=on)
        return view.state.asset_class, view.days_past_due


@pytest_asyncio.fixture
async def holder(lending: LendingHelper) -> AsyncIterator[Holder]:
    made = Holder(lending)
    await made.begin()
    yield made


async def test_an_unpaid_card_makes_the_loan_non_performing(holder: Holder) -> None:
    for on in (date(2026, 12, 16), date(2026, 12, 21), date(2027, 1, 8), date(2027, 1, 21), date(2027, 2, 21)):
        await holder.day(on)
        if on.day == 21:
            await holder.lending.pay(holder.loan, amount=EMI)
    failed = DUE + timedelta(90)
    assert await holder.of_loan(date(2027, 1, 3)) == ("standard", 0)
    assert await holder.of_loan(DUE) == ("sma_0", 0)
    assert await holder.of_loan(DUE + timedelta(30)) == ("sma_1", 0)
    await holder.day(date(2027, 3, 21))
    await holder.lending.pay(holder.loan, amount=EMI)
    await holder.day(failed + timedelta(1))
    assert await holder.of_loan(failed - timedelta(1)) == ("sma_2", 0)
    assert await holder.of_loan(failed) == ("sub_standard", 0)
    stored = [one for one in await holder.stored(holder.customer_id) if one.known_until is None]
    assert {(one.change.key.kind, one.change.on) for one in stored if one.change.after.non_performing_since} == {
        (ProductKind.LOAN, failed), (ProductKind.CARD, failed),
    }  # fmt: skip
    assert {one.change.reason for one in stored if one.change.key.kind is ProductKind.LOAN} == {
        ChangeReason.OTHER_FACILITY
    }


async def test_paying_the_card_upgrades_and_a_bounce_takes_it_back(holder: Holder) -> None:
    for on in (date(2026, 12, 16), date(2026, 12, 21), date(2027, 1, 10)):
        await holder.day(on)
        if on.day == 21:
            await holder.lending.pay(holder.loan, amount=EMI)
    assert await holder.of_loan(date(2027, 1, 9)) == ("sma_0", 0)
    async with holder.uow_factory.open(OFFICER) as uow:
        owed = (await views.view_account(uow, holder.card.account_id)).working.state.owed_paise
        paid = await movements.take_payment(uow, holder.card.account_id, MoneyRequest(paise=owed, reference="PAY"))
    await holder.asked(date(2027, 1, 10))
    await holder.day(date(2027, 1, 12))
    assert await holder.of_loan(date(2027, 1, 10)) == ("standard", 0)
    async with holder.uow_factory.open(OFFICER) as uow:
        await movements.undo_posting(uow, holder.card.account_id, "PAY", paise=None, reason="returned")
    await holder.asked(date(2027, 1, 12))
    assert paid.paise == owed
    assert await holder.of_loan(date(2027, 1, 10)) == ("sma_0", 0)
    view = await holder.see(holder.loan, on=date(2027, 1, 10), as_known_on=date(2027, 1, 11))
    assert view.state.asset_class == "standard"
