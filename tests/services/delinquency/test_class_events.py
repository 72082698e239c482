"""Another class is an event: of a day-end, and of a correction of the past; what stays the same tells nothing."""

from datetime import date
from typing import Any

from sqlalchemy import text

from app.domain.delinquency.facilities import Facility, FacilityKey
from app.domain.events.catalog import EventType
from app.domain.people.access import SYSTEM
from app.domain.public_ids import format_loan_id
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency import facilities
from app.services.events import log
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_day_ends import CUSTOMER, DUE, EMI, lend


async def told(desk: Desk) -> list[dict[str, Any]]:
    await log.number_events(desk.uow_factory)
    async with desk.uow_factory.reading(SYSTEM) as uow:
        page = await log.read_events(uow, after=0, types=[EventType.LOAN_CLASS_CHANGED], limit=100)
    return [dict(event.data) for event in page.events]


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


async def test_the_events_of_a_range_are_one_row_that_names_the_changes(desk: Desk) -> None:
    loans = [await lend(desk), await lend(desk, customer_id=CUSTOMER)]
    async with desk.uow_factory.open(SYSTEM) as uow:
        card = Facility(
            key=FacilityKey(ProductKind.CARD, 7),
            opened_on=date(2026, 11, 22),
            closed_on=None,
            lost_on=None,
            arrears=(),
        )
        assert await facilities.report_facility(uow, CUSTOMER, card)
    # Two day-ends with changes are judged in one run.
    await desk.run(on=date(2027, 1, 21))
    async with desk.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT type, size, data FROM events WHERE type LIKE '%class_changed' ORDER BY id")
        )
        first, second = loans[0].number, loans[1].number
        assert [tuple(row) for row in rows] == [
            ("loan.class_changed", 4, {
                "customers": [CUSTOMER] * 4, "facilities": [first, second, first, second], "numbers": [1, 1, 2, 2],
            }),
            ("card.account_class_changed", 2, {
                "customers": [CUSTOMER] * 2, "facilities": [7, 7], "numbers": [1, 2],
            }),
        ]  # fmt: skip
    assert moves(await told(desk)) == [
        ("2026-12-21", "standard", "sma_0", 1, "instalment_fell_due"),
        ("2026-12-21", "standard", "sma_0", 1, "instalment_fell_due"),
        ("2027-01-20", "sma_0", "sma_1", 31, "days_passed"),
        ("2027-01-20", "sma_0", "sma_1", 31, "other_facility"),
    ]
    async with desk.uow_factory.reading(SYSTEM) as uow:
        page = await log.read_events(uow, after=0, types=[EventType.CARD_ACCOUNT_CLASS_CHANGED], limit=100)
        again = await log.find_events(uow, [page.events[1].number])
        assert again == [page.events[1]]
        assert await log.get_event(uow, page.events[1].number) == page.events[1]
    assert [(event.customer_id, event.loan_id) for event in page.events] == [(CUSTOMER, None)] * 2
    assert page.events[1].data == {
        "card_account_id": "CA-000007",
        "user_id": f"BC-USER-{CUSTOMER}",
        "on": "2027-01-20",
        "from": "sma_0",
        "to": "sma_1",
        "days_past_due": 0,
        "oldest_due_on": None,
        "oldest_instalment": None,
        "non_performing_since": None,
        "reason": "other_facility",
    }
