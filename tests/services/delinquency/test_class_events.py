"""Another class is an event: of a day-end, and of a correction of the past; what stays the same tells nothing."""

from datetime import date
from typing import Any

from sqlalchemy import text

from app.domain.people.access import SYSTEM
from app.domain.public_ids import format_loan_id
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_day_ends import CUSTOMER, DUE, EMI, lend


async def told(desk: Desk) -> list[dict[str, Any]]:
    async with desk.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(text("SELECT data FROM events WHERE type = 'loan.class_changed' ORDER BY id"))
        return [row.data for row in rows]


def moves(events: list[dict[str, Any]]) -> list[tuple[str, str, str, int, str]]:
    return [(one["on"], one["from"], one["to"], one["days_past_due"], one["reason"]) for one in events]


async def test_the_classes_of_a_loan_that_nobody_pays(desk: Desk) -> None:
    loan = await lend(desk)
    for day in (DUE, date(2026, 12, 22), date(2027, 1, 20), date(2027, 1, 21), date(2027, 3, 22)):
        await desk.run(on=day)
        await desk.run(on=day)
    events = await told(desk)
    assert moves(events) == [
        ("2026-12-21", "standard", "sma_0", 1, "instalment_fell_due"),
        ("2027-01-20", "sma_0", "sma_1", 31, "days_passed"),
        ("2027-02-19", "sma_1", "sma_2", 61, "days_passed"),
        ("2027-03-21", "sma_2", "sub_standard", 91, "days_passed"),
    ]
    assert events[-1] == {
        "loan_id": format_loan_id(year=2026, number=loan.number),
        "user_id": f"BC-USER-{CUSTOMER}",
        "on": "2027-03-21",
        "from": "sma_2",
        "to": "sub_standard",
        "days_past_due": 91,
        "oldest_due_on": "2026-12-21",
        "oldest_instalment": 1,
        "non_performing_since": "2027-03-21",
        "reason": "days_passed",
    }


async def test_another_oldest_instalment_of_the_same_class_tells_nothing(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 1, 22))
    before = await told(desk)
    await desk.lending.pay(loan, amount=EMI)
    await desk.run(on=date(2027, 1, 23))
    assert moves(before)[-1][2] == "sma_1"
    # The first instalment is paid and the second one is a day late: another class.
    assert moves(await told(desk))[len(before) :] == [("2027-01-22", "sma_1", "sma_0", 2, "arrears_paid")]


async def test_a_correction_tells_what_the_class_is_now(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 1, 21))
    before = await told(desk)
    paid = await desk.lending.pay(loan, amount=EMI, value_date=DUE)
    await desk.correct(CUSTOMER, on=date(2027, 1, 21))
    assert moves(await told(desk))[len(before) :] == [("2027-01-20", "sma_1", "standard", 0, "corrected")]
    await desk.lending.reverse(paid.payment_id)
    await desk.correct(CUSTOMER, on=date(2027, 1, 21))
    await desk.correct(CUSTOMER, on=date(2027, 1, 21))
    assert moves(await told(desk))[len(before) + 1 :] == [("2027-01-20", "standard", "sma_1", 31, "corrected")]


async def test_two_loans_of_a_borrower(desk: Desk) -> None:
    await lend(desk)
    other = await lend(desk, customer_id=CUSTOMER)
    await desk.run(on=DUE)
    await desk.lending.pay(other, amount=EMI)
    await desk.run(on=date(2026, 12, 22))
    assert moves(await told(desk)) == [
        ("2026-12-21", "standard", "sma_0", 1, "instalment_fell_due"),
        ("2026-12-21", "standard", "sma_0", 0, "other_facility"),
    ]
