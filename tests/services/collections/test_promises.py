"""Promises on the database: the daily run sees what was kept and what was broken, whatever becomes of the payments."""

from datetime import date, timedelta

import pytest

from app.domain.collections.notes import NoteHoldsIdentityNumber
from app.domain.collections.promises import PromiseDateInvalid, PromiseDecided, PromiseDuplicate
from app.domain.people.access import SYSTEM, Forbidden
from app.domain.public_ids import LoanReference, format_loan_id
from app.services.collections import promises
from app.services.collections.facilities import FacilityEnded
from app.services.lending import loans
from tests.services.collections.conftest import Floor, lend
from tests.services.delinquency.test_day_ends import DUE, EMI

DAY = timedelta(days=1)
#: Ten days late, the borrower promises the instalment within five days.
MADE, BY = DUE + 10 * DAY, DUE + 15 * DAY


@pytest.fixture
async def late(floor: Floor) -> LoanReference:
    """A loan that is ten days late, on the day of the promise."""
    loan = await lend(floor.desk)
    await floor.run(on=MADE)
    return loan


async def test_a_promise_is_kept_and_the_next_run_sees_it(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    case = await floor.case(late)
    assert case is not None
    assert (case.promise, case.promised_paise, case.promised_for) == ("open", EMI, BY)
    await floor.run(on=BY)
    await floor.desk.lending.pay(late, amount=EMI)
    assert await floor.standing(number) == ("open", 0, None)
    await floor.run(on=BY + DAY)
    assert await floor.standing(number) == ("kept", EMI, BY)
    assert [event["type"] for event in await floor.events("promise.%")] == ["promise.made", "promise.kept"]
    assert (await floor.events("promise.kept"))[0] == {
        "type": "promise.kept",
        "promise_id": f"PTP-{number:06d}",
        "loan_id": format_loan_id(year=2026, number=late.number),
        "card_account_id": None,
        "user_id": "BC-USER-1001",
        "amount_paise": EMI,
        "pay_by": BY.isoformat(),
        "made_on": MADE.isoformat(),
        "status": "kept",
        "paid_paise": EMI,
        "kept_on": BY.isoformat(),
    }
    assert [entry.kind for entry in await floor.entries(late)] == ["promise_made", "promise_kept"]


async def test_a_part_payment_does_not_keep_it(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    await floor.desk.lending.pay(late, amount=4_000_00)
    await floor.run(on=BY)
    assert await floor.standing(number) == ("open", 4_000_00, None)
    await floor.run(on=BY + DAY)
    assert await floor.standing(number) == ("broken", 4_000_00, None)
    case = await floor.case(late)
    assert case is not None
    assert (case.promise, case.promised_for) == ("broken", BY)


async def test_a_day_late_is_broken_and_stays_so(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    await floor.run(on=BY + DAY)
    assert await floor.standing(number) == ("broken", 0, None)
    await floor.desk.lending.pay(late, amount=EMI)
    await floor.run(on=BY + 2 * DAY)
    assert await floor.standing(number) == ("broken", 0, None)


async def test_a_backdated_payment_keeps_a_broken_promise(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    await floor.run(on=BY + 3 * DAY)
    assert await floor.standing(number) == ("broken", 0, None)
    await floor.desk.lending.pay(late, amount=EMI, value_date=BY)
    await floor.desk.correct(1001, on=BY + 3 * DAY)
    await floor.run(on=BY + 4 * DAY)
    assert await floor.standing(number) == ("kept", EMI, BY)
    assert [event["type"] for event in await floor.events("promise.%")] == [
        "promise.made", "promise.broken", "promise.kept",
    ]  # fmt: skip


async def test_a_payment_that_bounces_breaks_a_kept_promise(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    paid = await floor.desk.lending.pay(late, amount=EMI)
    await floor.run(on=BY + DAY)
    assert await floor.standing(number) == ("kept", EMI, MADE)
    await floor.run(on=BY + 20 * DAY)
    await floor.desk.lending.reverse(paid.payment_id)
    await floor.desk.correct(1001, on=BY + 20 * DAY)
    await floor.run(on=BY + 21 * DAY)
    assert await floor.standing(number) == ("broken", 0, None)


async def test_a_payment_that_bounces_in_time_opens_it_again(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    paid = await floor.desk.lending.pay(late, amount=EMI)
    await floor.run(on=MADE + DAY)
    assert await floor.standing(number) == ("kept", EMI, MADE)
    await floor.desk.lending.reverse(paid.payment_id)
    await floor.desk.correct(1001, on=MADE + DAY)
    await floor.run(on=MADE + 2 * DAY)
    assert await floor.standing(number) == ("open", 0, None)
    assert [entry.kind for entry in await floor.entries(late)] == ["promise_made", "promise_kept", "promise_reopened"]
    assert (await floor.events("promise.reopened"))[0]["status"] == "open"


async def test_money_that_was_known_does_not_count(floor: Floor, late: LoanReference) -> None:
    await floor.desk.lending.pay(late, amount=EMI)
    number = await floor.promise(late, amount=EMI, by=BY)
    await floor.run(on=BY + DAY)
    assert await floor.standing(number) == ("broken", 0, None)


async def test_a_withdrawn_promise_is_neither_kept_nor_broken(floor: Floor, late: LoanReference) -> None:
    number = await floor.promise(late, amount=EMI, by=BY)
    async with floor.uow_factory.open(floor.officer) as uow:
        await promises.withdraw_promise(uow, number)
    await floor.run(on=BY + DAY)
    assert await floor.standing(number) == ("withdrawn", 0, None)
    case = await floor.case(late)
    assert case is not None
    assert case.promise is None
    with pytest.raises(PromiseDecided):
        async with floor.uow_factory.open(floor.officer) as uow:
            await promises.withdraw_promise(uow, number)
    assert [event["type"] for event in await floor.events("promise.%")] == ["promise.made", "promise.withdrawn"]


async def test_what_is_refused_changes_nothing(floor: Floor, late: LoanReference) -> None:
    await floor.promise(late, amount=EMI, by=BY)
    before = await floor.entries(late)
    for refused, by, note in (
        (PromiseDuplicate, BY, None),
        (PromiseDateInvalid, MADE - DAY, None),
        (PromiseDateInvalid, MADE + 91 * DAY, None),
        (NoteHoldsIdentityNumber, BY + DAY, "Aadhaar 2341 2341 2346"),
    ):
        with pytest.raises(refused):
            async with floor.uow_factory.open(floor.officer) as uow:
                await promises.make_promise(uow, amount_paise=1_00, pay_by=by, loan=late, note=note)
    with pytest.raises(Forbidden):
        async with floor.uow_factory.open(SYSTEM) as uow:
            await promises.make_promise(uow, amount_paise=1_00, pay_by=BY + DAY, loan=late)
    assert await floor.entries(late) == before
    assert len(await floor.events("promise.%")) == 1


async def test_nothing_is_promised_on_a_loan_that_has_ended(floor: Floor, late: LoanReference) -> None:
    async with floor.uow_factory.open(SYSTEM) as uow:
        total = (await loans.view_loan(uow, late)).payoff.total_paise
    await floor.desk.lending.pay(late, amount=total)
    with pytest.raises(FacilityEnded):
        await floor.promise(late, amount=EMI, by=BY)


async def test_promises_of_a_range_that_is_followed_twice(floor: Floor, late: LoanReference) -> None:
    """A run on a day without any change writes nothing and tells nothing."""
    number = await floor.promise(late, amount=EMI, by=BY)
    await floor.run(on=BY + DAY)
    before = await floor.entries(late)
    await floor.run(on=BY + 2 * DAY)
    await floor.run(on=BY + 3 * DAY)
    assert await floor.entries(late) == before
    assert (await floor.see(number)).status_on == date(2027, 1, 6)
