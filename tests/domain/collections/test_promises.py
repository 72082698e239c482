"""Promises to pay: which payments keep them, as tables of exact values."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.collections.promises import (
    Promise,
    PromiseDateInvalid,
    PromiseDecided,
    PromiseDuplicate,
    PromiseStatus,
    Receipt,
    Verdict,
    check_promise,
    check_withdrawal,
    judge_promises,
)

MADE, BY = date(2027, 1, 5), date(2027, 1, 10)
NOON = datetime(2027, 1, 5, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def promise(amount: int = 5_000_00, *, number: int = 1, by: date = BY, at: datetime = NOON) -> Promise:
    return Promise(id=number, amount_paise=amount, pay_by=by, made_on=MADE, made_at=at)


def receipt(amount: int, value_on: date, *, number: int = 1, entered: datetime | None = None) -> Receipt:
    return Receipt(number, amount, value_on, entered or NOON + (value_on - MADE))


@pytest.mark.parametrize(
    "receipts, through, expected",
    [
        pytest.param([], BY - DAY, ("open", 0, None), id="nothing yet"),
        pytest.param([], BY, ("broken", 0, None), id="nothing, and the day is over"),
        pytest.param([], None, ("open", 0, None), id="no day-end was judged yet"),
        pytest.param([receipt(5_000_00, BY)], BY, ("kept", 5_000_00, BY), id="on the last day"),
        pytest.param([receipt(5_000_00, MADE)], MADE - DAY, ("kept", 5_000_00, MADE), id="at once"),
        pytest.param([receipt(4_999_99, BY)], BY - DAY, ("open", 4_999_99, None), id="a paisa is missing, still time"),
        pytest.param([receipt(4_999_99, BY)], BY, ("broken", 4_999_99, None), id="a paisa is missing"),
        pytest.param([receipt(5_000_00, BY + DAY)], BY + DAY, ("broken", 0, None), id="a day late"),
        pytest.param(
            [receipt(3_000_00, BY - DAY), receipt(2_000_00, BY + DAY, number=2)],
            BY + DAY,
            ("broken", 3_000_00, None),
            id="a part in time, the rest a day late",
        ),
        pytest.param(
            [receipt(3_000_00, BY - DAY), receipt(2_500_00, BY, number=2)],
            BY,
            ("kept", 5_000_00, BY),
            id="in two parts, and more than promised",
        ),
        pytest.param(
            [receipt(5_000_00, BY, entered=NOON + 30 * DAY)],
            BY + 30 * DAY,
            ("kept", 5_000_00, BY),
            id="entered a month later with its value date: a broken promise is kept after all",
        ),
        pytest.param(
            [receipt(5_000_00, MADE - DAY, entered=NOON + DAY)],
            BY,
            ("kept", 5_000_00, MADE - DAY),
            id="came before the promise and nobody knew it",
        ),
        pytest.param(
            [receipt(5_000_00, MADE, entered=NOON - timedelta(seconds=1))],
            BY,
            ("broken", 0, None),
            id="known when the promise was made",
        ),
    ],
)  # fmt: skip
def test_a_promise(receipts: list[Receipt], through: date | None, expected: tuple[str, int, date | None]) -> None:
    assert judge_promises([promise()], receipts, through=through) == [
        Verdict(1, PromiseStatus(expected[0]), expected[1], expected[2])
    ]


def test_a_payment_that_bounced_never_came() -> None:
    """The caller hands over the payments that stand: a reversal leaves the promise without its money."""
    kept = judge_promises([promise()], [receipt(5_000_00, BY)], through=BY)
    bounced = judge_promises([promise()], [], through=BY)
    bounced_in_time = judge_promises([promise()], [], through=BY - DAY)
    assert [one[0].status for one in (kept, bounced, bounced_in_time)] == ["kept", "broken", "open"]


FIRST, SECOND = promise(3_000_00), promise(2_000_00, number=2, by=BY + 10 * DAY)


@pytest.mark.parametrize(
    "receipts, expected",
    [
        pytest.param([receipt(5_000_00, BY)], [("kept", 3_000_00), ("kept", 2_000_00)], id="one payment for both"),
        pytest.param([receipt(3_000_00, BY)], [("kept", 3_000_00), ("broken", 0)], id="the earliest first"),
        pytest.param([receipt(4_000_00, BY)], [("kept", 3_000_00), ("broken", 1_000_00)], id="the surplus to the next"),
        pytest.param([receipt(2_000_00, BY + DAY)], [("broken", 0), ("kept", 2_000_00)], id="too late for the first"),
        pytest.param(
            [receipt(2_000_00, BY), receipt(1_000_00, BY + DAY, number=2)],
            [("broken", 2_000_00), ("broken", 1_000_00)],
            id="a broken promise keeps the part that was paid towards it",
        ),
    ],
)
def test_two_promises(receipts: list[Receipt], expected: list[tuple[str, int]]) -> None:
    for given in ([FIRST, SECOND], [SECOND, FIRST]):
        verdicts = judge_promises(given, receipts[::-1], through=SECOND.pay_by)
        assert [(one.status, one.paid_paise) for one in verdicts] == expected


def test_a_withdrawn_promise_takes_no_money() -> None:
    withdrawn = Promise(
        id=1, amount_paise=3_000_00, pay_by=BY, made_on=MADE, made_at=NOON, status=PromiseStatus.WITHDRAWN
    )
    assert judge_promises([withdrawn, SECOND], [receipt(2_000_00, BY)], through=BY) == [
        Verdict(2, PromiseStatus.KEPT, 2_000_00, BY)
    ]


@pytest.mark.parametrize("days", [0, 1, 90])
def test_the_days_that_may_be_promised(days: int) -> None:
    check_promise(pay_by=MADE + days * DAY, today=MADE)


@pytest.mark.parametrize("days", [-1, 91])
def test_a_day_that_may_not_be_promised(days: int) -> None:
    with pytest.raises(PromiseDateInvalid, match="from 2027-01-05 to 2027-04-05"):
        check_promise(pay_by=MADE + days * DAY, today=MADE)


def test_two_promises_for_one_day() -> None:
    with pytest.raises(PromiseDuplicate):
        check_promise(pay_by=BY, today=MADE, open_days=[BY])


@pytest.mark.parametrize("status", ["kept", "broken", "withdrawn"])
def test_only_an_open_promise_is_withdrawn(status: str) -> None:
    check_withdrawal(promise())
    decided = Promise(id=1, amount_paise=1, pay_by=BY, made_on=MADE, made_at=NOON, status=PromiseStatus(status))
    with pytest.raises(PromiseDecided, match=status):
        check_withdrawal(decided)
