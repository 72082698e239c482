"""Day-ends on the database: judged day by day, after a gap, corrected, and read as they were known."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Bill, Delinquency, DelinquencyChange, OutboxRow
from app.db.repositories.delinquency import day_ends as repository
from app.db.repositories.delinquency import late_facilities
from app.db.repositories.delinquency.day_ends import JudgedDay
from app.db.repositories.products.products import add_product
from app.domain.delinquency.changes import ChangeReason
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.people.access import SYSTEM
from app.domain.products.charge_terms import ChargeTerms, PenalRate
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency import corrections, day_ends, facilities, ranges
from app.services.delinquency.views import DayEndNotKnown
from app.services.unit_of_work import UnitOfWork
from tests.services.delinquency.conftest import FAR, Desk

#: The loans are made on 21 November 2026, so the first instalment is due on 21 December.
MADE, DUE = date(2026, 11, 21), date(2026, 12, 21)
EMI = 10_661_85
CARD_RULE = "a card whose minimum due is not paid so long is non-performing"
CUSTOMER = 1001


async def lend(desk: Desk, *, customer_id: int | None = None) -> LoanReference:
    return await desk.lending.disburse(
        STANDARD_LOAN, amount=120_000, rate="12", instalments=12, customer_id=customer_id
    )


async def test_a_loan_that_nobody_pays(desk: Desk) -> None:
    loan = await lend(desk)
    # Runs on the day, on the next day, and then after a month and more without any.
    for day in (DUE, DUE + timedelta(1), date(2027, 3, 1), date(2027, 4, 15)):
        await desk.run(on=day)
    assert await desk.believed(CUSTOMER) == [
        (date(2026, 12, 21), "sma_0", date(2026, 12, 21)),
        (date(2027, 1, 20), "sma_1", date(2027, 2, 28)),
        (date(2027, 2, 19), "sma_2", date(2027, 2, 28)),
        (date(2027, 3, 21), "sub_standard", date(2027, 4, 14)),
    ]
    view = await desk.see(loan, on=date(2027, 3, 21))
    assert (view.days_past_due, view.state.asset_class, view.state.non_performing_since) == (
        91, "sub_standard", date(2027, 3, 21),
    )  # fmt: skip


async def test_a_day_is_judged_when_it_is_over(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=DUE)
    assert await desk.believed(CUSTOMER) == []
    view = await desk.see(loan, on=DUE)
    assert (view.days_past_due, view.is_final) == (1, False)
    await desk.lending.pay(loan, amount=EMI)
    await desk.run(on=DUE + timedelta(1))
    assert await desk.believed(CUSTOMER) == []
    view = await desk.see(loan, on=DUE)
    assert (view.days_past_due, view.is_final) == (0, True)


async def test_a_payment_of_the_next_morning_does_not_change_the_day_end(desk: Desk) -> None:
    """The run of a date may come after the date's first payments."""
    loan = await lend(desk)
    await desk.run(on=DUE)
    await desk.lending.run_billing(on=DUE + timedelta(1))
    await desk.lending.pay(loan, amount=EMI)
    await desk.run(on=DUE + timedelta(1))
    assert await desk.believed(CUSTOMER) == [(DUE, "sma_0", DUE)]
    await desk.run(on=DUE + timedelta(2))
    assert await desk.believed(CUSTOMER) == [
        (DUE, "sma_0", DUE),
        (DUE + timedelta(1), "standard", DUE + timedelta(1)),
    ]
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await uow.session.scalar(select(func.count()).select_from(Delinquency)) == 0


async def test_a_backdated_payment_corrects_what_is_believed_and_not_what_was(desk: Desk) -> None:
    loan = await lend(desk)
    entered = DUE + timedelta(3)
    await desk.run(on=entered)
    await desk.lending.pay(loan, amount=EMI, value_date=DUE)
    await desk.correct(CUSTOMER, on=entered)

    assert await desk.believed(CUSTOMER) == []
    assert [(one.change.on, one.known_from, one.known_until) for one in await desk.stored(CUSTOMER)] == [
        (DUE, DUE + timedelta(2), entered)
    ]
    now = await desk.see(loan, on=DUE)
    before = await desk.see(loan, on=DUE, as_known_on=DUE + timedelta(2))
    assert (now.days_past_due, before.days_past_due) == (0, 1)


async def test_a_payment_bounces_after_an_upgrade(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 25))
    paid = await desk.lending.pay(loan, amount=4 * EMI)
    await desk.run(on=date(2027, 3, 26))
    assert (await desk.believed(CUSTOMER))[-1] == (date(2027, 3, 25), "standard", date(2027, 3, 25))

    await desk.run(on=date(2027, 3, 31))
    await desk.lending.reverse(paid.payment_id)
    await desk.correct(CUSTOMER, on=date(2027, 3, 31))

    assert (await desk.believed(CUSTOMER))[-1] == (date(2027, 3, 21), "sub_standard", date(2027, 3, 24))
    upgraded = [one for one in await desk.stored(CUSTOMER) if one.change.reason is ChangeReason.PAID]
    assert [(one.change.on, one.known_from, one.known_until) for one in upgraded] == [
        (date(2027, 3, 25), date(2027, 3, 25), date(2027, 3, 31))
    ]
    # As it was known on the day before the payment bounced, and as it is known now.
    good = await desk.see(loan, on=date(2027, 3, 30), as_known_on=date(2027, 3, 30))
    bad = await desk.see(loan, on=date(2027, 3, 30))
    assert (good.days_past_due, good.state.asset_class) == (0, "standard")
    assert (bad.days_past_due, bad.state.asset_class) == (100, "sub_standard")
    # The next day-ends go on from what is believed now.
    await desk.run(on=date(2027, 4, 2))
    assert (await desk.believed(CUSTOMER))[-1] == (date(2027, 3, 21), "sub_standard", date(2027, 3, 24))


async def test_two_loans_of_one_borrower(desk: Desk) -> None:
    first = await lend(desk)
    second = await lend(desk, customer_id=CUSTOMER)
    await desk.lending.run_billing(on=DUE)
    await desk.lending.pay(second, amount=EMI)
    await desk.run(on=date(2027, 1, 5))
    late = await desk.see(first, on=date(2027, 1, 4))
    taken = await desk.see(second, on=date(2027, 1, 4))
    assert (late.days_past_due, late.state.asset_class) == (15, "sma_0")
    assert (taken.days_past_due, taken.state.asset_class, taken.state.by) == (0, "sma_0", late.key)
    believed = await desk.stored(CUSTOMER)
    assert [(one.change.key.number, one.change.reason) for one in believed] == [
        (late.key.number, ChangeReason.FELL_DUE),
        (taken.key.number, ChangeReason.OTHER_FACILITY),
    ]


@pytest.mark.parametrize("is_one_range", [True, False], ids=["in one range", "day by day"])
@pytest.mark.parametrize("is_turned", [True, False], ids=["the newer read first", "the older read first"])
async def test_two_loans_that_fall_due_on_one_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, is_one_range: bool, is_turned: bool
) -> None:
    """The older one gives the class, in whatever order PostgreSQL finds them. The reconciliation after the test lives
    both again."""
    list_loans = late_facilities.list_loans

    async def list_in_turn(
        session: AsyncSession, customer_ids: Sequence[int], *, after: date | None
    ) -> Sequence[tuple[object, ...]]:
        found = await list_loans(session, customer_ids, after=after)
        return sorted(map(tuple, found), key=lambda row: row[1], reverse=is_turned)

    monkeypatch.setattr(late_facilities, "list_loans", list_in_turn)
    first = await lend(desk)
    second = await lend(desk, customer_id=CUSTOMER)
    paid_on, due, passed_on = date(2027, 1, 15), date(2027, 1, 21), date(2027, 2, 20)
    await desk.run(on=paid_on)
    for loan in (second, first):
        await desk.lending.pay(loan, amount=EMI)
    last = date(2027, 3, 1)
    for on in [last] if is_one_range else [due, passed_on, passed_on + timedelta(1), last]:
        await desk.run(on=on)
    found = [(one.change.on, one.change.key.number, one.change.reason) for one in await desk.stored(CUSTOMER)]
    reasons = {first.number: ChangeReason.DAYS_PASSED, second.number: ChangeReason.OTHER_FACILITY}
    assert found == [
        (on, number, reason)
        for number, passed in reasons.items()
        for on, reason in (
            (DUE, ChangeReason.FELL_DUE),
            (paid_on, ChangeReason.PAID),
            (due, ChangeReason.FELL_DUE),
            (passed_on, passed),
        )
    ]


async def test_a_correction_names_another_loan_that_makes_the_borrower_non_performing(desk: Desk) -> None:
    """Two loans fail on one day, and the first turns out to have been paid on the day before."""
    first = await lend(desk)
    second = await lend(desk, customer_id=CUSTOMER)
    await desk.run(on=date(2027, 3, 10))
    third = await lend(desk, customer_id=CUSTOMER)
    failed_on, entered = date(2027, 3, 21), date(2027, 3, 23)
    await desk.run(on=entered)

    async def who_gives_it() -> list[tuple[int, ChangeReason, int]]:
        return [
            (one.change.key.number, one.change.reason, one.change.after.by.number)
            for one in await desk.stored(CUSTOMER)
            if one.known_until is None and one.change.on == failed_on and one.change.after.by is not None
        ]

    assert await who_gives_it() == [
        (first.number, ChangeReason.DAYS_PASSED, first.number),
        (second.number, ChangeReason.OTHER_FACILITY, first.number),
        (third.number, ChangeReason.OTHER_FACILITY, first.number),
    ]
    await desk.lending.pay(first, amount=4 * EMI, value_date=failed_on - timedelta(1))
    await desk.correct(CUSTOMER, on=entered)
    assert await who_gives_it() == [
        (first.number, ChangeReason.OTHER_FACILITY, second.number),
        (second.number, ChangeReason.DAYS_PASSED, second.number),
        (third.number, ChangeReason.OTHER_FACILITY, second.number),
    ]


async def test_a_card_makes_the_loans_of_its_holder_non_performing(desk: Desk) -> None:
    loan = await lend(desk)
    card = Facility(
        key=FacilityKey(ProductKind.CARD, 7),
        opened_on=date(2026, 6, 1),
        closed_on=None,
        lost_on=None,
        arrears=(Arrear(3, date(2026, 9, 1), None),),
    )
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await facilities.report_facility(uow, CUSTOMER, card)
        assert not await facilities.report_facility(uow, CUSTOMER, card)
    await desk.run(on=date(2026, 12, 1))
    view = await desk.see(loan, on=date(2026, 11, 30))
    assert (view.days_past_due, view.state.asset_class, view.state.by) == (0, "sub_standard", card.key)
    assert view.reasons.sentences == (
        "no instalment that is due is unpaid",
        "the class is the borrower's: CA-000007 gives it, and all facilities take it",
        "non-performing since 2026-11-30, until all arrears of interest and principal of all facilities are paid",
        f"{CARD_RULE}: 90 days (RBI circular of 2015-07-16 on card accounts)",
    )
    assert {(one.change.key.kind, one.change.on) for one in await desk.stored(CUSTOMER)} >= {
        (ProductKind.LOAN, date(2026, 11, 30)),
        (ProductKind.CARD, date(2026, 11, 30)),
    }
    paid = Facility(
        key=card.key, opened_on=card.opened_on, closed_on=None, lost_on=None,
        arrears=(Arrear(3, date(2026, 9, 1), date(2026, 12, 1)),),
    )  # fmt: skip
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await facilities.report_facility(uow, CUSTOMER, paid)
    await desk.correct(CUSTOMER, on=date(2026, 12, 1))
    await desk.run(on=date(2026, 12, 2))
    view = await desk.see(loan, on=date(2026, 12, 1))
    assert view.state.asset_class == "standard"


async def test_the_first_report_of_a_card_asks_for_the_classes_since_it_was_opened(desk: Desk) -> None:
    """The loan was late before the card ever was: the card took its class all along."""
    loan = await lend(desk)
    await desk.run(on=date(2027, 1, 5))
    late = await desk.see(loan, on=date(2027, 1, 4))
    # What falls due later says nothing about the day-ends that are judged.
    card = Facility(
        key=FacilityKey(ProductKind.CARD, 7), opened_on=date(2026, 12, 1), closed_on=None, lost_on=None,
        arrears=(Arrear(1, date(2027, 1, 5), None),),
    )  # fmt: skip
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await facilities.report_facility(uow, CUSTOMER, card)
        asked = select(func.count()).select_from(OutboxRow).where(OutboxRow.job == "judge_borrower")
        assert (await uow.session.execute(asked)).scalar_one() == 1
    await desk.correct(CUSTOMER, on=date(2027, 1, 5))
    believed = await desk.stored(CUSTOMER)
    assert {(one.change.key.kind, one.change.on, one.change.after.asset_class) for one in believed} == {
        (ProductKind.LOAN, DUE, late.state.asset_class),
        (ProductKind.CARD, DUE, late.state.asset_class),
    }


async def test_a_job_that_runs_twice_judges_once(desk: Desk) -> None:
    await lend(desk)
    await desk.run(on=date(2027, 2, 1))
    before = await desk.stored(CUSTOMER)
    await desk.run(on=date(2027, 2, 1))
    await desk.correct(CUSTOMER, on=date(2027, 2, 1))
    assert await desk.stored(CUSTOMER) == before


async def test_a_correction_waits_while_a_day_end_is_judged(desk: Desk) -> None:
    await lend(desk)
    await desk.lending.run_billing(on=date(2027, 2, 1))
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await day_ends.take_step(uow, through=date(2027, 1, 31)) is not None
    payload = {"customer_id": CUSTOMER, "known_on": "2027-02-01"}
    assert not await corrections.judge_borrower(desk.uow_factory, payload)
    assert await day_ends.judge_day_ends(desk.uow_factory, {"through": "2027-01-31"}, until=FAR)
    assert await corrections.judge_borrower(desk.uow_factory, payload)


async def test_a_correction_that_waited_over_a_day_end_is_believed_from_then_on(desk: Desk) -> None:
    """The money of the due date is entered a day later. Before anybody is judged again, two months are."""
    loan = await lend(desk)
    entered = DUE + timedelta(1)
    await desk.run(on=entered)
    await desk.lending.pay(loan, amount=EMI, value_date=DUE)
    await desk.run(on=date(2027, 2, 20))
    judged = date(2027, 2, 19)
    assert await desk.believed(CUSTOMER) == [
        (DUE, "sma_0", DUE), (entered, "standard", judged), (date(2027, 1, 21), "sma_0", judged),
    ]  # fmt: skip
    await desk.correct(CUSTOMER, on=entered)
    # It was never late with the first instalment, which is believed since the day-end that did not know it.
    assert await desk.believed(CUSTOMER) == [(date(2027, 1, 21), "sma_0", judged)]
    assert {row.known_until for row in (await desk.stored(CUSTOMER))[:3]} == {judged}


async def test_many_ranges_are_judged_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_ends, "RANGE_SIZE", 1)
    customers = [CUSTOMER + place for place in range(7)]
    for _ in customers:
        await lend(desk)
    await desk.run(on=date(2027, 1, 21))
    for customer_id in customers:
        assert await desk.believed(customer_id) == [
            (DUE, "sma_0", date(2027, 1, 20)),
            (date(2027, 1, 20), "sma_1", date(2027, 1, 20)),
        ]
    async with desk.uow_factory.open(SYSTEM) as uow:
        judged = await repository.find_latest(uow.session)
        assert judged is not None
        assert (judged.day, judged.facilities, judged.changes) == (date(2027, 1, 20), 7, 14)


async def test_a_range_that_fails_is_judged_by_the_next_try(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_ends, "RANGE_SIZE", 1)
    await lend(desk)
    await lend(desk)
    await desk.lending.run_billing(on=date(2026, 12, 22))
    judge_range = ranges.judge_range

    async def fail_at_the_end(uow: UnitOfWork, day_end: JudgedDay, number: int) -> None:
        await judge_range(uow, day_end, number)
        if number == 1:
            raise RuntimeError("killed")

    payload = {"through": "2026-12-21"}
    with monkeypatch.context() as patched:
        patched.setattr(ranges, "judge_range", fail_at_the_end)
        with pytest.raises(RuntimeError, match="killed"):
            await day_ends.judge_day_ends(desk.uow_factory, payload, until=FAR)
    # The other lane has done its range.
    assert (await desk.believed(CUSTOMER), len(await desk.believed(CUSTOMER + 1))) == ([], 1)
    assert await day_ends.judge_day_ends(desk.uow_factory, payload, until=FAR)
    assert [len(await desk.believed(customer_id)) for customer_id in (CUSTOMER, CUSTOMER + 1)] == [1, 1]


async def test_two_workers_judge_each_range_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_ends, "RANGE_SIZE", 1)
    for _ in range(4):
        await lend(desk)
    await desk.lending.run_billing(on=date(2026, 12, 22))
    payload = {"through": "2026-12-21"}
    works = [day_ends.judge_day_ends(desk.uow_factory, payload, until=FAR) for _ in range(2)]
    assert await asyncio.gather(*works) == [True, True]
    assert [len(await desk.stored(CUSTOMER + place)) for place in range(4)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "on, as_known_on",
    [(date(2026, 11, 20), None), (date(2026, 12, 2), None), (date(2026, 12, 1), date(2026, 11, 30))],
)
async def test_a_day_that_is_not_known(desk: Desk, on: date, as_known_on: date | None) -> None:
    loan = await lend(desk)
    await desk.lending.set_date(date(2026, 12, 1))
    with pytest.raises(DayEndNotKnown):
        await desk.see(loan, on=on, as_known_on=as_known_on)


async def test_paying_the_minimum_of_a_card_loan(desk: Desk) -> None:
    """The instalment counts on its due date; on the next day its rest is planned anew and is not due any more."""
    loan = await desk.lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    due = MADE + timedelta(45)
    await desk.run(on=due - timedelta(15))
    await desk.lending.set_date(due)
    await desk.lending.pay(loan, amount=1_935_00)
    await desk.run(on=due + timedelta(1))
    await desk.run(on=due + timedelta(2))
    assert await desk.believed(CUSTOMER) == [
        (due, "sma_0", due),
        (due + timedelta(1), "standard", due + timedelta(1)),
    ]
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await uow.session.scalar(select(func.count()).select_from(DelinquencyChange)) == 2


async def test_what_a_bill_asks_for_being_overdue_makes_nothing_past_due(desk: Desk) -> None:
    """The only instalment is paid ten days late. The next bill asks for the penal charge alone, which nobody pays:
    1,01,000.00 x 12 % x 7 / 365 = 232.44 after three days of grace."""
    charges = ChargeTerms(penal_rate=PenalRate(annual_percent=Decimal(12), grace_days=3))
    product = replace(STANDARD_LOAN, code="PENAL", repayment=replace(STANDARD_LOAN.repayment, charges=charges))
    async with desk.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
    loan, paid = await desk.lending.disburse(product, amount=1_00_000, rate="12", instalments=1), DUE + timedelta(10)
    await desk.run(on=DUE)
    await desk.run(on=DUE + timedelta(1))
    await desk.lending.set_date(paid)
    await desk.lending.pay(loan, amount=1_01_000_00, reference="LATE")
    for day in (paid + timedelta(1), date(2027, 1, 21), date(2027, 1, 22), date(2027, 3, 1)):
        await desk.run(on=day)
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert (await uow.session.get_one(Bill, (CUSTOMER, loan.number, 2))).unpaid_charges_paise == 232_44
    assert await desk.believed(CUSTOMER) == [(DUE, "sma_0", DUE), (paid, "standard", paid)]
