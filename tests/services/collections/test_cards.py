"""A card account in the work list: what is overdue is its minimum due, and its payments keep promises."""

from datetime import date, timedelta

from app.db.repositories.collections.day_view import DaySection
from app.domain.collections.work_list import CaseFilter
from app.domain.people.access import Actor
from app.domain.rulebook.kinds import ProductKind
from app.services.cards import movements
from app.services.cards.movements import MoneyRequest
from app.services.collections import day_view, following, promises, work_list
from tests.services.cards.test_arrears import DUE, EMI, Holder
from tests.services.collections.conftest import Clock, add_officer
from tests.services.delinquency.conftest import FAR
from tests.services.lending_desk import OFFICER, LendingHelper

DAY = timedelta(days=1)


async def run(holder: Holder, on: date) -> None:
    """The daily run of a date, with the work list."""
    await holder.day(on)
    payload = {"through": (on - DAY).isoformat()}
    for _ in range(2):
        assert await following.follow_day_ends(holder.uow_factory, payload, until=FAR)


async def standing(holder: Holder, officer: Actor, number: int) -> tuple[str, int, date | None]:
    async with holder.uow_factory.open(officer) as uow:
        verdict = (await promises.view_promise(uow, number)).verdict
    return verdict.status.value, verdict.paid_paise, verdict.kept_on


async def due_of_cards(holder: Holder, officer: Actor) -> list[tuple[int, int, str, int | None]]:
    """The lines of cards that fall due on the date by which the first statement is to be paid."""
    async with holder.uow_factory.open(officer) as uow:
        lines, _ = await day_view.list_day(uow, DaySection.DUE, on=DUE, officer_id=None, limit=10)
        officers = (await day_view.view_day(uow, on=DUE)).officers
    found = [(line.number, line.amount_paise, line.state, line.officer_id) for line in lines]
    assert sum(one.sums[DaySection.DUE].amount_paise for one in officers) == sum(paise for _, paise, _, _ in found)
    return found


async def test_a_minimum_due_falls_due_until_it_is_paid(lending: LendingHelper) -> None:
    holder = Holder(lending)
    await holder.begin()
    officer = await add_officer(holder.uow_factory, "Meera Nair")
    await run(holder, date(2026, 12, 16))
    assert await due_of_cards(holder, officer) == [(1, 1_000_00, "minimum_due", None)]
    for paid, left in ((400_00, [(1, 600_00, "minimum_due", None)]), (600_00, [])):
        async with holder.uow_factory.open(OFFICER) as uow:
            await movements.take_payment(uow, holder.card.account_id, MoneyRequest(paise=paid, reference=f"P-{paid}"))
        assert await due_of_cards(holder, officer) == left
    async with holder.uow_factory.open(OFFICER) as uow:
        await movements.clear(uow, holder.card.account_id, MoneyRequest(paise=50_00, reference="P2"), is_cash=False)
        posting = await movements.take_payment(uow, holder.card.account_id, MoneyRequest(paise=100_00, reference="R"))
        await movements.undo_posting(uow, holder.card.account_id, posting.number, paise=None, reason="returned")
    assert await due_of_cards(holder, officer) == []


async def test_a_card_that_is_not_paid(lending: LendingHelper) -> None:
    object.__setattr__(lending.uow_factory, "clock", Clock())
    holder = Holder(lending)
    await holder.begin()
    officer = await add_officer(holder.uow_factory, "Meera Nair")
    for on in (date(2026, 12, 16), date(2026, 12, 21)):
        await run(holder, on)
    await holder.lending.pay(holder.loan, amount=EMI)
    await run(holder, date(2027, 1, 9))
    async with holder.uow_factory.open(officer) as uow:
        (case,) = (await work_list.list_cases(uow, CaseFilter(kind=ProductKind.CARD), limit=10)).cases
    # The statement of 15 December asked for a twentieth of 20,000 by 4 January.
    assert (case.facility_id, case.overdue_paise, case.oldest_due_on, case.asset_class) == (
        holder.card.account_id, 1_000_00, DUE, "sma_0",
    )  # fmt: skip
    assert (case.product_code, case.loan_year, case.customer_name) == ("REVOLVING_CARD", None, "Asha Rao")
    assert case.overdue_now_paise == 1_000_00
    async with holder.uow_factory.open(officer) as uow:
        made = await promises.make_promise(
            uow, amount_paise=1_000_00, pay_by=date(2027, 1, 12), account_id=holder.card.account_id
        )
    number = made.promise.id
    async with holder.uow_factory.open(OFFICER) as uow:
        paid = await movements.take_payment(uow, holder.card.account_id, MoneyRequest(paise=1_500_00, reference="C1"))
    async with holder.uow_factory.open(officer) as uow:
        (case,) = (await work_list.list_cases(uow, CaseFilter(kind=ProductKind.CARD), limit=10)).cases
    # The day-end wrote 1,000; the money came since.
    assert (case.overdue_paise, case.overdue_now_paise) == (1_000_00, 0)
    await run(holder, date(2027, 1, 10))
    assert await standing(holder, officer, number) == ("kept", 1_000_00, date(2027, 1, 9))
    async with holder.uow_factory.open(officer) as uow:
        view = await work_list.view_case(uow, account_id=holder.card.account_id)
    assert view.case is not None
    assert (view.case.closed_on, view.case.promise) == (date(2027, 1, 9), "kept")
    async with holder.uow_factory.open(OFFICER) as uow:
        await movements.undo_posting(uow, holder.card.account_id, paid.number, paise=None, reason="returned")
    await run(holder, date(2027, 1, 14))
    assert await standing(holder, officer, number) == ("broken", 0, None)
    async with holder.uow_factory.open(officer) as uow:
        view = await work_list.view_case(uow, account_id=holder.card.account_id)
    assert view.case is not None
    assert (view.case.closed_on, view.case.promise) == (None, "broken")
