"""The work list on the database: cases come, change and go with the day-ends; officers, actions, diary, day view."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.db.repositories.collections.cases import CaseNotFound, CaseSummary
from app.db.repositories.collections.day_view import DaySection
from app.db.repositories.collections.saved_views import ViewNotFound
from app.domain.collections.cases import ActionDateInvalid, NextAction
from app.domain.collections.contact import Channel, ContactOutsideHours, Outcome
from app.domain.collections.work_list import CaseFilter, CaseSort, SavedView
from app.domain.delinquency.classes import AssetClass
from app.domain.people.access import SYSTEM
from app.domain.public_ids import LoanReference
from app.services.collections import assigning, day_view, diary, following, saved_views, work_list
from app.services.collections.diary import Attempt, Subject
from app.services.collections.facilities import FacilityAmbiguous, OfficerUnknown
from app.services.people import staff
from tests.services.collections.conftest import Floor, add_officer, lend
from tests.services.delinquency.conftest import FAR
from tests.services.delinquency.test_day_ends import DUE, EMI

DAY = timedelta(days=1)
ADMIN = SYSTEM


async def test_a_case_comes_and_goes_with_its_arrears(floor: Floor) -> None:
    loan = await lend(floor.desk)
    await floor.run(on=DUE)
    assert await floor.case(loan) is None
    await floor.run(on=DUE + DAY)
    case = await floor.case(loan)
    assert case is not None
    assert (case.opened_on, case.oldest_due_on, case.asset_class, case.overdue_paise) == (DUE, DUE, "sma_0", EMI)
    assert (case.customer_name, case.overdue_now_paise, case.closed_on) == ("Asha Rao", EMI, None)
    async with floor.uow_factory.open(floor.officer) as uow:
        found = await work_list.list_cases(uow, CaseFilter(), limit=10)
    assert [found.days_past_due(one) for one in found.cases] == [1]
    # The second instalment falls due on 21 January, and by its day-end the first one is 32 days late.
    await floor.run(on=date(2027, 1, 22))
    case = await floor.case(loan)
    assert case is not None
    assert (case.asset_class, case.oldest_due_on, case.opened_on) == (AssetClass.SMA_1, DUE, DUE)
    assert case.overdue_paise == 2 * EMI
    await floor.desk.lending.pay(loan, amount=EMI)
    case = await floor.case(loan)
    assert case is not None
    # What a day-end wrote stays until the next one; what is overdue now is known at once.
    assert (case.overdue_paise, case.overdue_now_paise) == (2 * EMI, EMI)
    await floor.desk.lending.pay(loan, amount=EMI)
    await floor.run(on=date(2027, 1, 23))
    case = await floor.case(loan)
    assert case is not None
    assert (case.closed_on, await floor.cases()) == (date(2027, 1, 22), [])


async def test_an_officer_stays_with_a_case_that_comes_back(floor: Floor) -> None:
    loan = await lend(floor.desk)
    await floor.run(on=DUE + DAY)
    officer = floor.officer.user_account_id
    async with floor.uow_factory.open(floor.officer) as uow:
        await assigning.assign(uow, officer_id=officer, loan=loan)
        await assigning.plan_action(uow, action=NextAction.CALL, on=DUE + 2 * DAY, loan=loan)
    await floor.desk.lending.pay(loan, amount=EMI)
    await floor.run(on=DUE + 2 * DAY)
    closed = await floor.case(loan)
    await floor.run(on=date(2027, 1, 22))
    again = await floor.case(loan)
    assert closed is not None
    assert again is not None
    assert (closed.closed_on, closed.officer_id, closed.next_action) == (DUE + DAY, officer, None)
    assert (again.closed_on, again.officer_id, again.opened_on) == (None, officer, date(2027, 1, 21))


async def three_cases(floor: Floor) -> list[LoanReference]:
    """Three loans, of 120,000, 60,000 and 180,000, that are 42 days late."""
    loans = [await lend(floor.desk), await lend(floor.desk, amount=60_000), await lend(floor.desk, amount=180_000)]
    await floor.run(on=DUE + DAY)
    await floor.run(on=date(2027, 2, 1))
    return loans


async def test_filters_and_orders(floor: Floor) -> None:
    first, small, large = await three_cases(floor)
    await floor.desk.lending.pay(small, amount=5_400_00)
    await floor.run(on=date(2027, 2, 2))
    numbers = {first.number: "first", small.number: "small", large.number: "large"}

    async def listed(wanted: CaseFilter | None = None, *, sort: CaseSort = CaseSort.DAYS) -> list[str]:
        return [numbers[case.facility_id] for case in await floor.cases(wanted, sort=sort)]

    assert await listed() == ["first", "large", "small"]
    assert await listed(sort=CaseSort.AMOUNT) == ["large", "first", "small"]
    assert await listed(CaseFilter(days_from=43, days_to=43)) == ["first", "large"]
    assert await listed(CaseFilter(days_to=42)) == ["small"]
    assert await listed(CaseFilter(asset_class=AssetClass.SMA_0)) == ["small"]
    assert await listed(CaseFilter(overdue_from_paise=20_000_00, overdue_to_paise=25_000_00)) == ["first"]
    assert await listed(CaseFilter(is_unassigned=True)) == ["first", "large", "small"]
    assert await listed(sort=CaseSort.ACTION) == []
    async with floor.uow_factory.open(floor.officer) as uow:
        await assigning.plan_action(uow, action=NextAction.VISIT, on=date(2027, 2, 5), loan=large)
        await assigning.plan_action(uow, action=NextAction.CALL, on=date(2027, 2, 3), loan=small)
    assert await listed(sort=CaseSort.ACTION) == ["small", "large"]
    assert await listed(CaseFilter(action_to=date(2027, 2, 3)), sort=CaseSort.ACTION) == ["small"]


@pytest.mark.parametrize("sort", [CaseSort.DAYS, CaseSort.AMOUNT])
async def test_pages_begin_after_the_row_before(floor: Floor, sort: CaseSort) -> None:
    await three_cases(floor)
    everything = await floor.cases(sort=sort)
    after: tuple[Any, ...] | None = None
    found: list[CaseSummary] = []
    for _ in range(4):
        async with floor.uow_factory.open(floor.officer) as uow:
            page = await work_list.list_cases(uow, CaseFilter(), sort=sort, after=after, limit=1)
        found += page.cases
        after = work_list.cursor_values(page.cases[-1], sort) if page.cases else after
    assert (len(found), found) == (3, everything)


async def test_cases_are_dealt_to_officers_by_a_filter(floor: Floor) -> None:
    first, small, large = await three_cases(floor)
    other = (await add_officer(floor.uow_factory, "Ravi Iyer")).user_account_id
    mine = floor.officer.user_account_id
    assert mine is not None
    assert other is not None
    async with floor.uow_factory.open(floor.officer) as uow:
        done = await assigning.assign_many(
            uow, CaseFilter(is_unassigned=True), officer_ids=[mine, other], sort=CaseSort.AMOUNT, limit=2
        )
    assert (done.found, done.changed) == (2, 2)
    found = {case.facility_id: case.officer_id for case in await floor.cases()}
    assert found == {large.number: mine, first.number: other, small.number: None}
    async with floor.uow_factory.open(floor.officer) as uow:
        again = await assigning.assign_many(
            uow, CaseFilter(officer_id=mine), officer_ids=[mine], sort=CaseSort.DAYS, limit=10
        )
    assert (again.found, again.changed) == (1, 0)
    assert [entry.details for entry in await floor.entries(large)] == [{"officer": mine, "in_bulk": True}]


async def test_only_staff_who_work_here_are_put_in_charge(floor: Floor) -> None:
    loan = await lend(floor.desk)
    await floor.run(on=DUE + DAY)
    gone = (await add_officer(floor.uow_factory, "Gone")).user_account_id
    assert gone is not None
    async with floor.uow_factory.open(ADMIN) as uow:
        await staff.disable_staff(uow, gone)
    for officer_id in (gone, 999_999):
        with pytest.raises(OfficerUnknown):
            async with floor.uow_factory.open(floor.officer) as uow:
                await assigning.assign(uow, officer_id=officer_id, loan=loan)
    assert await floor.entries(loan) == []


async def test_a_loan_that_is_not_late_has_no_case(floor: Floor) -> None:
    loan = await lend(floor.desk)
    await floor.run(on=DUE)
    with pytest.raises(CaseNotFound):
        async with floor.uow_factory.open(floor.officer) as uow:
            await assigning.assign(uow, officer_id=floor.officer.user_account_id, loan=loan)
    with pytest.raises(CaseNotFound):
        async with floor.uow_factory.open(floor.officer) as uow:
            await assigning.plan_action(uow, action=NextAction.CALL, on=DUE + DAY, loan=loan)
    with pytest.raises(ActionDateInvalid):
        async with floor.uow_factory.open(floor.officer) as uow:
            await assigning.plan_action(uow, action=NextAction.CALL, on=DUE - DAY, loan=loan)
    with pytest.raises(FacilityAmbiguous):
        async with floor.uow_factory.open(floor.officer) as uow:
            await assigning.assign(uow, officer_id=None)
    assert await floor.entries(loan) == []


async def test_the_diary_of_a_loan_and_of_its_borrower(floor: Floor) -> None:
    loan = await lend(floor.desk)
    other = await lend(floor.desk)
    await floor.run(on=DUE + DAY)
    at = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    async with floor.uow_factory.open(floor.officer) as uow:
        await diary.add_note(uow, Subject(customer_id=1001), "  moved to Pune ")
        await diary.add_note(uow, Subject(loan=other), "another borrower")
        call = Attempt(channel=Channel.CALL, outcome=Outcome.CALL_BACK, at=at, text="after six")
        await diary.note_attempt(uow, Subject(loan=loan), call)
    found = await floor.entries(loan)
    assert [(entry.kind, entry.text, entry.facility is None) for entry in found] == [
        ("note", "moved to Pune", True), ("attempt", "after six", False),
    ]  # fmt: skip
    assert (found[1].happened_at, found[1].details) == (at, {"channel": "call", "outcome": "call_back"})
    assert (found[1].actor, found[1].written_on) == (floor.officer.label, DUE + DAY)
    case = await floor.case(loan)
    assert case is not None
    assert case.contacted_at == at
    async with floor.uow_factory.open(SYSTEM) as uow:
        said = await uow.session.scalar(
            text("SELECT string_agg(details::text, '') FROM audit_events WHERE action IN ('note', 'attempt')")
        )
    assert "Pune" not in said
    assert "six" not in said


async def test_outside_the_hours_nothing_is_noted(floor: Floor) -> None:
    loan = await lend(floor.desk)
    await floor.run(on=DUE + DAY)
    late = Attempt(channel=Channel.CALL, outcome=Outcome.REACHED, at=datetime(2026, 11, 20, 14, 0, tzinfo=UTC))
    with pytest.raises(ContactOutsideHours, match="it was 19:30 in Asia/Kolkata"):
        async with floor.uow_factory.open(floor.officer) as uow:
            await diary.note_attempt(uow, Subject(loan=loan), late)
    case = await floor.case(loan)
    assert case is not None
    assert (await floor.entries(loan), case.contacted_at) == ([], None)


async def test_saved_views(floor: Floor) -> None:
    other = await add_officer(floor.uow_factory, "Ravi Iyer")
    mine = SavedView(name="Mine", wanted=CaseFilter(days_from=31), sort=CaseSort.AMOUNT, is_shared=False)
    shared = SavedView(
        name="All SMA-1", wanted=CaseFilter(asset_class=AssetClass.SMA_1), sort=CaseSort.DAYS, is_shared=True
    )
    async with floor.uow_factory.open(floor.officer) as uow:
        kept = await saved_views.save_view(uow, mine)
        await saved_views.save_view(uow, shared)
        again = await saved_views.save_view(
            uow, SavedView(name=" Mine ", wanted=CaseFilter(), sort=CaseSort.DAYS, is_shared=False)
        )
        assert again.id == kept.id
        assert [(one.view, one.is_mine) for one in await saved_views.list_views(uow)] == [
            (shared, True), (SavedView(name="Mine", wanted=CaseFilter(), sort=CaseSort.DAYS, is_shared=False), True),
        ]  # fmt: skip
    async with floor.uow_factory.open(other) as uow:
        assert [(one.view.name, one.is_mine) for one in await saved_views.list_views(uow)] == [("All SMA-1", False)]
    for number in (kept.id, kept.id + 1):
        with pytest.raises(ViewNotFound):
            async with floor.uow_factory.open(other) as uow:
                await saved_views.remove_view(uow, number)
    with pytest.raises(ViewNotFound):
        async with floor.uow_factory.open(other) as uow:
            await saved_views.find_view(uow, kept.id)
    async with floor.uow_factory.open(floor.officer) as uow:
        await saved_views.remove_view(uow, kept.id)
        assert [one.view.name for one in await saved_views.list_views(uow)] == ["All SMA-1"]


async def test_a_day_by_officer(floor: Floor) -> None:
    first, small, large = await three_cases(floor)
    mine = floor.officer.user_account_id
    today = date(2027, 2, 1)
    async with floor.uow_factory.open(floor.officer) as uow:
        await assigning.assign(uow, officer_id=mine, loan=large)
        await assigning.plan_action(uow, action=NextAction.CALL, on=today, loan=large)
    await floor.promise(large, amount=7_000_00, by=today)
    await floor.promise(first, amount=1_000_00, by=today)
    paid = await floor.desk.lending.pay(large, amount=2_000_00)
    await floor.desk.lending.pay(small, amount=500_00)
    await floor.desk.lending.reverse(paid.payment_id)
    async with floor.uow_factory.open(floor.officer) as uow:
        view = await day_view.view_day(uow)
        lines, names = await day_view.list_day(uow, DaySection.PROMISED, officer_id=mine, limit=10)
        due, _ = await day_view.list_day(uow, DaySection.DUE, on=DUE, limit=2)
    sums = {
        one.officer: {section.value: (each.number, each.amount_paise) for section, each in one.sums.items()}
        for one in view.officers
    }
    assert view.on == today
    owed = next(case.overdue_paise for case in await floor.cases() if case.facility_id == large.number)
    assert sums == {
        "Meera Nair": {"promised": (1, 7_000_00), "actions": (1, owed), "bounced": (1, 2_000_00)},
        None: {"promised": (1, 1_000_00), "paid": (1, 500_00)},
    }
    assert [(line.facility.number, line.amount_paise, line.state, line.asset_class) for line in lines] == [
        (large.number, 7_000_00, "open", "sma_1")
    ]
    assert names[mine or 0] == "Meera Nair"
    # The instalments of that day: what is still unpaid of each, two at a time.
    assert [(line.facility.number, line.number) for line in due] == [(first.number, 1), (small.number, 1)]


async def test_many_customers_are_followed_range_by_range(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RANGE_SIZE", 1)
    await three_cases(floor)
    assert len(await floor.cases()) == 3
    async with floor.uow_factory.open(SYSTEM) as uow:
        days = (
            await uow.session.execute(
                text("SELECT day, cases, verdicts, finished_at IS NOT NULL AS done FROM collection_days ORDER BY day")
            )
        ).all()
    assert [tuple(row) for row in days] == [(DUE, 3, 0, True), (date(2027, 1, 31), 3, 0, True)]


async def test_a_worker_that_dies_leaves_its_customers_to_the_next(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "RANGE_SIZE", 1)
    loan = await lend(floor.desk)
    await lend(floor.desk)
    await floor.desk.run(on=DUE + DAY)
    async with floor.uow_factory.open(SYSTEM) as uow:
        assert await following.follow_step(uow, through=DUE) is None
    async with floor.uow_factory.open(SYSTEM) as uow:
        assert await following.follow_step(uow, through=DUE) is None
        # Another worker meanwhile takes the other customer, and leaves the day open.
        async with floor.uow_factory.open(SYSTEM) as another:
            assert await following.follow_step(another, through=DUE) is None
        async with floor.uow_factory.open(SYSTEM) as another:
            assert await following.follow_step(another, through=DUE) is False
        await uow.session.rollback()
    assert await floor.case(loan) is None
    assert await following.follow_day_ends(floor.uow_factory, {"through": DUE.isoformat()}, until=FAR)
    assert len(await floor.cases()) == 2
