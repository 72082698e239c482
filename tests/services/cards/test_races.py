"""Card accounts under concurrent use: nothing is approved twice, lost, or posted over a run."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.domain.cards.authorisations import Ask, CaptureAboveHold, HoldNotOpen, SpendKind
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD
from app.services.billing import runs
from app.services.cards import accounts, authorisations, cards, movements, opening, views
from app.services.cards import runs as card_runs
from app.services.cards.authorisations import CaptureRequest
from app.services.cards.movements import MoneyRequest
from app.services.cards.reconciliation import reconcile_all
from app.services.unit_of_work import DayHasEnded
from tests import databases
from tests.services.lending_desk import FAR, OFFICER, LendingHelper

CONNECTIONS = 32


class Account:
    """One account of a customer, and its card."""

    def __init__(self, lending: LendingHelper, account_id: int, token: str) -> None:
        self.uow_factory, self.lending = lending.uow_factory, lending
        self.account_id, self.token = account_id, token

    async def authorise(self, reference: str, paise: int) -> bool:
        ask = Ask(
            reference=reference,
            amount_paise=paise,
            kind=SpendKind.PURCHASE,
            transacted_at=datetime(2026, 11, 21, tzinfo=UTC),
            merchant_name="BIG BAZAAR",
            category_code="5411",
            country="IN",
        )
        async with self.uow_factory.open(OFFICER) as uow:
            view = await authorisations.authorise(uow, self.account_id, ask, token=self.token)
        return view.decline_code is None

    async def capture(self, hold: str, paise: int) -> bool:
        request = CaptureRequest(
            authorisation=hold, reference=f"C{hold}", paise=paise, is_final=True, transacted_on=None, merchant=None
        )
        try:
            async with self.uow_factory.open(OFFICER) as uow:
                await authorisations.capture_hold(uow, self.account_id, request)
        except (HoldNotOpen, CaptureAboveHold):
            return False
        return True

    async def reverse(self, hold: str) -> bool:
        try:
            async with self.uow_factory.open(OFFICER) as uow:
                return not (await authorisations.reverse_hold(uow, self.account_id, hold)).replayed
        except HoldNotOpen:
            return False

    async def pay(self, reference: str, paise: int) -> None:
        async with self.uow_factory.open(OFFICER) as uow:
            await movements.take_payment(uow, self.account_id, MoneyRequest(paise=paise, reference=reference))

    async def view(self) -> views.AccountView:
        async with self.uow_factory.open(SYSTEM) as uow:
            return await views.view_account(uow, self.account_id)


@pytest_asyncio.fixture
async def account(lending: LendingHelper) -> Account:
    """An account with a limit of 10,000 rupees."""
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        (card,) = await cards.list_account_cards(uow, key)
    return Account(lending, key.account_id, card.card.token)


async def prove(lending: LendingHelper) -> None:
    async for page in reconcile_all(lending.uow_factory):
        assert page.differences == ()


async def test_authorisations_from_many_connections_never_exceed_the_limit(
    account: Account, lending: LendingHelper
) -> None:
    answers = await asyncio.gather(*(account.authorise(f"A{number}", 700_00) for number in range(CONNECTIONS)))
    assert sum(answers) == 14
    view = await account.view()
    assert (view.working.row.held_paise, view.available_paise) == (14 * 700_00, 10_000_00 - 14 * 700_00)
    async with lending.uow_factory.open(SYSTEM) as uow:
        held = await uow.session.execute(text("SELECT sum(amount_paise) FROM card_holds WHERE status = 'open'"))
        assert held.scalar_one() == view.working.row.held_paise


async def test_the_same_authorisation_many_times_holds_once(account: Account) -> None:
    assert all(await asyncio.gather(*(account.authorise("A", 700_00) for _ in range(CONNECTIONS))))
    assert (await account.view()).working.row.held_paise == 700_00


async def test_capture_against_reversal_against_expiry(account: Account, lending: LendingHelper) -> None:
    """A capture or a reversal wins, also of a hold that expires meanwhile. Whatever wins, the hold holds nothing
    afterwards, and what was captured is owed once."""
    over = lending.uow_factory.clock() + timedelta(days=8)
    later = replace(lending.uow_factory, clock=lambda: over)

    async def expire() -> int:
        async with later.open(SYSTEM) as uow:
            return await authorisations.expire_holds(uow)

    owed = 0
    for place, hold in enumerate(("A", "B", "C", "D", "E", "F")):
        assert await account.authorise(hold, 100_00)
        racing = {"captured": account.capture(hold, 100_00), "reversed": account.reverse(hold), "expired": expire()}
        # Who comes first differs from hold to hold.
        names = [*racing][place % 3 :] + [*racing][: place % 3]
        outcomes = dict(zip(names, await asyncio.gather(*(racing[name] for name in names)), strict=True))
        captured, reversed_ = outcomes["captured"], outcomes["reversed"]
        assert captured is not reversed_
        owed += 100_00 * captured
        view = await account.view()
        assert view.working.state.owed_paise == owed
        assert view.working.row.held_paise == 0
    await prove(lending)


async def test_a_payment_that_waited_over_midnight_is_not_booked_on_the_day_before(
    account: Account, lending: LendingHelper
) -> None:
    """A statement was issued meanwhile, and must not be issued again. Sent again, the payment counts."""
    await account.pay("A", 100_00)
    await lending.set_date(date(2026, 12, 15))
    async with lending.uow_factory.open(OFFICER) as late:
        assert await late.business_date() == date(2026, 12, 15)
        await lending.set_date(date(2026, 12, 17))
        await account.pay("B", 100_00)
        with pytest.raises(DayHasEnded):
            await movements.take_payment(late, account.account_id, MoneyRequest(paise=50_00, reference="C"))
    assert (await account.view()).available_paise == 10_200_00
    await account.pay("C", 50_00)
    await lending.set_date(date(2027, 1, 20))
    await account.pay("D", 1)
    async with lending.uow_factory.open(SYSTEM) as uow:
        issued = await uow.session.execute(text("SELECT issued_on FROM card_statements ORDER BY number"))
        assert list(issued.scalars()) == [date(2026, 12, 15), date(2027, 1, 15)]
    await prove(lending)


async def test_payments_against_the_run(account: Account, lending: LendingHelper) -> None:
    """Each payment counts once, each statement is issued once, and the books agree."""
    async with lending.uow_factory.open(OFFICER) as uow:
        request = MoneyRequest(paise=9_000_00, reference="P", value_on=None)
        await movements.clear(uow, account.account_id, request, is_cash=True)
    await lending.set_date(date(2027, 3, 20))
    async with lending.uow_factory.open(SYSTEM) as uow:
        run_id = await runs.start_run(uow)
    paying = [account.pay(f"R{number}", 100_00) for number in range(8)]
    running = [
        card_runs.run_day(lending.uow_factory, run_id=run_id, worker=f"w{number}", until=FAR) for number in range(2)
    ]
    await asyncio.gather(*paying, *running)
    async with lending.uow_factory.open(SYSTEM) as uow:
        listed = await views.list_statements(uow, account.account_id, before=1000, limit=50)
        kinds = await uow.session.execute(text("SELECT count(*) FROM card_postings WHERE kind = 'payment'"))
        assert kinds.scalar_one() == 8
    days = [one["issued_on"] for one in listed]
    assert days == [date(2027, 3, 15), date(2027, 2, 15), date(2027, 1, 15), date(2026, 12, 15)]
    await prove(lending)
    assert (await account.view()).working.decided.is_nothing


async def test_a_broken_account_is_parked_and_the_others_go_on(account: Account, lending: LendingHelper) -> None:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        other = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        await movements.clear(uow, other.account_id, MoneyRequest(paise=100_00, reference="P"), is_cash=False)
        await uow.session.execute(
            text("UPDATE card_accounts SET untouched = '\\x00' WHERE customer_id = :customer AND id = :account"),
            {"customer": (await accounts.find_key(uow, account.account_id)).customer_id, "account": account.account_id},
        )
    await lending.set_date(date(2026, 12, 16))
    async with lending.uow_factory.open(SYSTEM) as uow:
        run_id = await runs.start_run(uow)
    assert await card_runs.run_day(lending.uow_factory, run_id=run_id, worker="w", until=FAR)
    async with lending.uow_factory.open(SYSTEM) as uow:
        run = await runs.get_run(uow, run_id)
        parked = await uow.session.execute(text("SELECT account_id, code FROM parked_card_accounts"))
        assert [tuple(row) for row in parked] == [(account.account_id, "card_account_broken")]
    assert (run.accounts_due, run.accounts, run.statements, run.parked) == (2, 1, 1, 1)


async def test_an_account_whose_own_row_is_refused_is_parked_and_the_others_go_on(
    account: Account, lending: LendingHelper, owner_dsn: str
) -> None:
    """The rows of accounts are updated by a statement of the driver; its refusal is known like that of a COPY."""
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        other = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        for account_id in (account.account_id, other.account_id):
            await movements.clear(uow, account_id, MoneyRequest(paise=1_000_00, reference="C"), is_cash=False)
    await lending.set_date(date(2026, 12, 16))
    async with databases.connection(owner_dsn) as owner:
        refused = f"last_statement = 0 OR id <> {account.account_id}"
        await owner.execute(f"ALTER TABLE card_accounts ADD CONSTRAINT refused CHECK ({refused})")
        try:
            async with lending.uow_factory.open(SYSTEM) as uow:
                run_id = await runs.start_run(uow)
            assert await card_runs.run_day(lending.uow_factory, run_id=run_id, worker="w", until=FAR)
        finally:
            await owner.execute("ALTER TABLE card_accounts DROP CONSTRAINT refused")
    async with lending.uow_factory.open(SYSTEM) as uow:
        run = await runs.get_run(uow, run_id)
        parked = await uow.session.execute(text("SELECT account_id, code FROM parked_card_accounts"))
        assert [tuple(row) for row in parked] == [(account.account_id, "refused_by_database")]
    assert (run.accounts_due, run.accounts, run.statements, run.parked) == (2, 1, 1, 1)


async def test_an_account_that_the_database_refuses_is_parked_and_the_others_go_on(
    account: Account, lending: LendingHelper
) -> None:
    """Its row names a posting number that is taken, so that the interest of its statement cannot be written."""
    move = text("UPDATE card_accounts SET last_posting = last_posting + :by WHERE customer_id = :customer AND id = :id")
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        other = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        for account_id in (account.account_id, other.account_id):
            await movements.clear(uow, account_id, MoneyRequest(paise=1_000_00, reference="C"), is_cash=True)
        key = await accounts.find_key(uow, account.account_id)
        broken = {"customer": key.customer_id, "id": key.account_id}
        await uow.session.execute(move, {**broken, "by": -1})
    await lending.set_date(date(2026, 12, 16))
    for expected, parked in (((2, 1, 1, 1), [(key.account_id, "refused_by_database")]), ((1, 1, 1, 0), [])):
        async with lending.uow_factory.open(SYSTEM) as uow:
            run_id = await runs.start_run(uow)
        assert await card_runs.run_day(lending.uow_factory, run_id=run_id, worker="w", until=FAR)
        async with lending.uow_factory.open(SYSTEM) as uow:
            run = await runs.get_run(uow, run_id)
            found = await uow.session.execute(text("SELECT account_id, code FROM parked_card_accounts"))
            assert [tuple(row) for row in found] == parked
            # What was wrong is put right before the next run, which issues the statement.
            await uow.session.execute(move, {**broken, "by": 1 if parked else 0})
        assert (run.accounts_due, run.accounts, run.statements, run.parked) == expected
    await prove(lending)
