"""Days past due and classes, in tables of exact values."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.delinquency.changes import (
    STANDARD_STATE,
    BorrowerStates,
    Change,
    ChangeReason,
    derive_changes,
    judge_day,
    latest_states,
)
from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.restructurings import Restructuring
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind
from tests.domain.delinquency.oracle import day_ends

RULES = ClassRules(RULEBOOK, lender=LenderKind.NBFC_MIDDLE)
BASE = ClassRules(RULEBOOK, lender=LenderKind.NBFC_BASE)
STANDARD, SMA_0, SMA_1, SMA_2 = AssetClass.STANDARD, AssetClass.SMA_0, AssetClass.SMA_1, AssetClass.SMA_2
SUB, D1, D2, D3 = AssetClass.SUB_STANDARD, AssetClass.DOUBTFUL_1, AssetClass.DOUBTFUL_2, AssetClass.DOUBTFUL_3


def loan(
    *arrears: tuple[date, date | None],
    number: int = 1,
    opened: date = date(2020, 1, 1),
    closed: date | None = None,
    lost: date | None = None,
    kind: ProductKind = ProductKind.LOAN,
) -> Facility:
    rows = [Arrear(cycle, due, cleared) for cycle, (due, cleared) in enumerate(arrears, start=1)]
    return Facility(
        key=FacilityKey(kind, number), opened_on=opened, closed_on=closed or lost, lost_on=lost, arrears=rows
    )


def seen(facilities: list[Facility], on: date, *, number: int = 1, rules: ClassRules = RULES) -> tuple[object, int]:
    """The class and the days past due of a facility at a day-end."""
    changes = derive_changes(facilities, rules, through=on)
    states = {key.number: state for key, state in latest_states(changes, on=on).items()}
    state = states.get(number, STANDARD_STATE)
    return state.asset_class, state.days_past_due(on)


@pytest.mark.parametrize(
    "due, on, asset_class, days",
    [
        # The circular's own example.
        (date(2021, 3, 31), date(2021, 3, 30), STANDARD, 0),
        (date(2021, 3, 31), date(2021, 3, 31), SMA_0, 1),
        (date(2021, 3, 31), date(2021, 4, 29), SMA_0, 30),
        (date(2021, 3, 31), date(2021, 4, 30), SMA_1, 31),
        (date(2021, 3, 31), date(2021, 5, 29), SMA_1, 60),
        (date(2021, 3, 31), date(2021, 5, 30), SMA_2, 61),
        (date(2021, 3, 31), date(2021, 6, 28), SMA_2, 90),
        (date(2021, 3, 31), date(2021, 6, 29), SUB, 91),
        (date(2026, 3, 31), date(2026, 6, 29), SUB, 91),
        # Examples that lenders publish: due on 5 January 2022, on 4 July 2021, on 31 March 2023.
        (date(2022, 1, 5), date(2022, 1, 5), SMA_0, 1),
        (date(2022, 1, 5), date(2022, 2, 3), SMA_0, 30),
        (date(2022, 1, 5), date(2022, 2, 4), SMA_1, 31),
        (date(2022, 1, 5), date(2022, 3, 5), SMA_1, 60),
        (date(2022, 1, 5), date(2022, 3, 6), SMA_2, 61),
        (date(2022, 1, 5), date(2022, 4, 4), SMA_2, 90),
        (date(2022, 1, 5), date(2022, 4, 5), SUB, 91),
        (date(2021, 7, 4), date(2021, 8, 2), SMA_0, 30),
        (date(2021, 7, 4), date(2021, 8, 3), SMA_1, 31),
        (date(2021, 7, 4), date(2021, 9, 2), SMA_2, 61),
        (date(2021, 7, 4), date(2021, 10, 2), SUB, 91),
        (date(2023, 3, 31), date(2023, 4, 30), SMA_1, 31),
        (date(2023, 3, 31), date(2023, 5, 30), SMA_2, 61),
        (date(2023, 3, 31), date(2023, 6, 29), SUB, 91),
        # One of them is a day late: due on 5 October 2021 it calls 4 November SMA-0, and 3 January SMA-2.
        (date(2021, 10, 5), date(2021, 11, 3), SMA_0, 30),
        (date(2021, 10, 5), date(2021, 11, 4), SMA_1, 31),
        (date(2021, 10, 5), date(2022, 1, 2), SMA_2, 90),
        (date(2021, 10, 5), date(2022, 1, 3), SUB, 91),
        # A leap year: 29 February is a day like any other.
        (date(2024, 1, 31), date(2024, 2, 29), SMA_0, 30),
        (date(2024, 1, 31), date(2024, 3, 1), SMA_1, 31),
        (date(2023, 1, 31), date(2023, 3, 1), SMA_0, 30),
        (date(2023, 1, 31), date(2023, 3, 2), SMA_1, 31),
        (date(2024, 2, 29), date(2024, 5, 28), SMA_2, 90),
        (date(2024, 2, 29), date(2024, 5, 29), SUB, 91),
        # By time: twelve months sub-standard, a year doubtful 1, two years doubtful 2.
        (date(2021, 3, 31), date(2022, 6, 28), SUB, 455),
        (date(2021, 3, 31), date(2022, 6, 29), D1, 456),
        (date(2021, 3, 31), date(2023, 6, 28), D1, 820),
        (date(2021, 3, 31), date(2023, 6, 29), D2, 821),
        (date(2021, 3, 31), date(2025, 6, 28), D2, 1551),
        (date(2021, 3, 31), date(2025, 6, 29), D3, 1552),
    ],
)
def test_the_class_of_an_unpaid_instalment(due: date, on: date, asset_class: AssetClass, days: int) -> None:
    assert seen([loan((due, None))], on) == (asset_class, days)


MARCH, APRIL, MAY, JUNE = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)


def test_the_oldest_of_several_is_paid() -> None:
    """The count falls back to the next instalment, and so does the class, below non-performing."""
    facility = [loan((MARCH, date(2026, 6, 10)), (APRIL, None), (MAY, None))]
    assert seen(facility, date(2026, 6, 9)) == (SMA_2, 71)
    assert seen(facility, date(2026, 6, 10)) == (SMA_1, 42)
    assert seen(facility, date(2026, 6, 28)) == (SMA_1, 60)
    assert seen(facility, date(2026, 6, 29)) == (SMA_2, 61)


def test_non_performing_ends_only_when_all_is_paid() -> None:
    """Paying the oldest lowers the days past due, and not the class."""
    facility = [loan((MARCH, date(2026, 7, 5)), (APRIL, date(2026, 7, 5)), (MAY, date(2026, 7, 20)), (JUNE, None))]
    assert seen(facility, date(2026, 7, 4)) == (SUB, 96)
    assert seen(facility, date(2026, 7, 5)) == (SUB, 36)
    assert seen(facility, date(2026, 7, 20)) == (SUB, 21)
    paid = [
        loan((MARCH, date(2026, 7, 5)), (APRIL, date(2026, 7, 5)), (MAY, date(2026, 7, 20)), (JUNE, date(2026, 7, 21)))
    ]
    assert seen(paid, date(2026, 7, 20)) == (SUB, 21)
    assert seen(paid, date(2026, 7, 21)) == (STANDARD, 0)


def test_two_loans_of_one_borrower() -> None:
    late = loan((MARCH, date(2026, 7, 10)))
    good = loan((MARCH, MARCH), (APRIL, APRIL), (date(2026, 7, 9), date(2026, 7, 12)), number=2)
    both = [late, good]
    # The other loan takes the worst class, with no day past due of its own.
    assert seen(both, date(2026, 5, 1), number=2) == (SMA_1, 0)
    assert seen(both, date(2026, 6, 28), number=2) == (SMA_2, 0)
    assert seen(both, date(2026, 6, 29), number=2) == (SUB, 0)
    # The arrears of the first are paid on 10 July; those of the second, due since 9 July, keep both non-performing.
    assert seen(both, date(2026, 7, 11)) == (SUB, 0)
    assert seen(both, date(2026, 7, 11), number=2) == (SUB, 3)
    assert seen(both, date(2026, 7, 12)) == (STANDARD, 0)
    assert seen(both, date(2026, 7, 12), number=2) == (STANDARD, 0)


def test_the_worst_facility_gives_the_class() -> None:
    both = [loan((APRIL, None)), loan((MARCH, None), number=2, kind=ProductKind.CARD)]
    assert seen(both, date(2026, 5, 15)) == (SMA_1, 16)
    assert seen(both, date(2026, 5, 15), number=2) == (SMA_1, 46)


def test_a_loan_that_is_made_later_takes_the_borrowers_class() -> None:
    both = [loan((MARCH, None)), loan(number=2, opened=date(2026, 7, 1))]
    assert seen(both, date(2026, 6, 30), number=2) == (STANDARD, 0)
    assert seen(both, date(2026, 7, 1), number=2) == (SUB, 0)


def test_what_is_written_off_is_never_paid() -> None:
    both = [loan((MARCH, date(2026, 5, 20)), lost=date(2026, 5, 20)), loan(number=2)]
    assert seen(both, date(2026, 5, 19)) == (SMA_1, 50)
    assert seen(both, date(2026, 5, 20)) == (AssetClass.LOSS, 0)
    assert seen(both, date(2026, 5, 20), number=2) == (SUB, 0)
    assert seen(both, date(2027, 5, 20), number=2) == (D1, 0)


@pytest.mark.parametrize(
    "on, middle, base",
    [
        # 100 days past due at the end of 30 March 2026: the base layer's limit falls from 120 to 90 on the 31st.
        (date(2026, 3, 30), SUB, SMA_2),
        (date(2026, 3, 31), SUB, SUB),
    ],
)
def test_the_base_layer_comes_to_ninety_days(on: date, middle: AssetClass, base: AssetClass) -> None:
    facility = [loan((date(2025, 12, 21), None))]
    assert seen(facility, on)[0] is middle
    assert seen(facility, on, rules=BASE)[0] is base


def test_the_history_has_a_row_for_each_change() -> None:
    facility = loan((MARCH, date(2026, 6, 10)), (APRIL, date(2026, 8, 3)), (MAY, date(2026, 8, 3)))
    changes = derive_changes([facility], RULES, through=date(2026, 12, 31))
    assert [(one.on, one.before.asset_class, one.after.asset_class, one.reason, one.cycle) for one in changes] == [
        (MARCH, STANDARD, SMA_0, ChangeReason.FELL_DUE, 1),
        (APRIL, SMA_0, SMA_1, ChangeReason.DAYS_PASSED, 1),
        (date(2026, 5, 30), SMA_1, SMA_2, ChangeReason.DAYS_PASSED, 1),
        (date(2026, 6, 10), SMA_2, SMA_1, ChangeReason.PAID, 2),
        (date(2026, 6, 29), SMA_1, SMA_2, ChangeReason.DAYS_PASSED, 2),
        (date(2026, 7, 29), SMA_2, SUB, ChangeReason.DAYS_PASSED, 2),
        (date(2026, 8, 3), SUB, STANDARD, ChangeReason.PAID, 2),
    ]
    assert changes[5].after.non_performing_since == date(2026, 7, 29)


def test_the_history_of_a_borrower_names_the_other_loan() -> None:
    both = [loan((MARCH, APRIL)), loan(number=2, closed=APRIL)]
    changes = [one for one in derive_changes(both, RULES, through=date(2026, 12, 31)) if one.key.number == 2]
    assert [(one.on, one.after.asset_class, one.reason, one.after.by) for one in changes] == [
        (MARCH, SMA_0, ChangeReason.OTHER_FACILITY, FacilityKey(ProductKind.LOAN, 1)),
        (APRIL, None, ChangeReason.CLOSED, None),
    ]


@pytest.mark.parametrize("is_turned", [False, True], ids=["the older loan first", "the newer loan first"])
def test_of_two_that_are_past_due_as_long_the_older_loan_gives_the_class(is_turned: bool) -> None:
    """In whatever order they are read, and with a payment on an earlier day in between."""
    paid_on = date(2026, 4, 10)
    older = loan((MARCH, paid_on), (APRIL, None), number=8)
    newer = loan((MARCH, paid_on), (APRIL, None), number=9)
    card = loan((MARCH, paid_on), (APRIL, None), number=7, kind=ProductKind.CARD)
    three = [newer, card, older] if is_turned else [older, newer, card]
    states, found, after = BorrowerStates(), [], None
    for through in (date(2026, 4, 9), paid_on, date(2026, 5, 31), date(2026, 7, 31)):
        found += derive_changes(three, RULES, through=through, since=states, after=after)
        after = through
    fell, passed, other = ChangeReason.FELL_DUE, ChangeReason.DAYS_PASSED, ChangeReason.OTHER_FACILITY
    due = [(MARCH, SMA_0, fell), (paid_on, STANDARD, ChangeReason.PAID), (APRIL, SMA_0, fell)]
    later = [(date(2026, 5, 30), SMA_1), (date(2026, 6, 29), SMA_2), (date(2026, 7, 29), SUB)]
    for one, reason in ((older, passed), (newer, other), (card, other)):
        of_one = [(each.on, each.after.asset_class, each.reason) for each in found if each.key == one.key]
        assert of_one == [*due, *((on, asset_class, reason) for on, asset_class in later)]
    assert {each.after.by for each in found} == {older.key, None}
    assert found == derive_changes(three[::-1], RULES, through=date(2026, 7, 31))


# --- step by step and at once ---

DAYS = st.integers(0, 700)


@st.composite
def restructurings(draw: st.DrawFn, *, opened: date, until: date) -> list[Restructuring]:
    """Up to two restructurings for financial difficulty. The first payment is never on a day that few years have."""
    made: list[Restructuring] = []
    on = opened
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        on += timedelta(draw(st.integers(1, 400)))
        wait = draw(st.one_of(st.none(), st.integers(1, 90)))
        first = None if wait is None else on + timedelta(wait)
        if first is not None and (first.month, first.day) == (2, 29):
            first += timedelta(1)
        paid = [
            (first + timedelta(30 * month), draw(st.integers(0, 3_000_00)))
            for month in range(draw(st.integers(0, 16)))
            if first is not None
        ]
        if on < until:
            made.append(Restructuring(on, draw(st.integers(1, 100_000_00)), first, paid))
    return made


@st.composite
def facilities(draw: st.DrawFn) -> list[Facility]:
    """Up to three facilities of a borrower, each with instalments that are paid late, early or never."""
    made = []
    start = date(2022, 11, 1)
    for number in range(1, draw(st.integers(1, 3)) + 1):
        opened = draw(st.integers(0, 100))
        arrears = []
        due = opened
        for _ in range(draw(st.integers(0, 8))):
            due += draw(st.integers(1, 45))
            late = draw(st.one_of(st.none(), st.integers(0, 200)))
            arrears.append((start + timedelta(due), None if late is None else start + timedelta(due + late)))
        end = draw(st.one_of(st.none(), DAYS))
        ended = None if end is None else start + timedelta(opened + end)
        lost = ended is not None and draw(st.booleans())
        if ended is not None and not lost:
            # A loan closes when everything is paid.
            arrears = [(at, min(paid or ended, ended)) for at, paid in arrears if at <= ended]
        one = loan(
            *arrears,
            number=number,
            opened=start + timedelta(opened),
            closed=None if lost else ended,
            lost=ended if lost else None,
            kind=draw(st.sampled_from(ProductKind)),
        )
        changed = draw(restructurings(opened=one.opened_on, until=ended or date.max))
        made.append(one._replace(restructurings=changed))
    return made


@settings(max_examples=150, deadline=None)
@given(facilities())
def test_at_once_is_day_by_day(borrower: list[Facility]) -> None:
    first, last = date(2022, 11, 1), date(2025, 6, 1)
    at_once = derive_changes(borrower, RULES, through=last)
    stepwise: list[Change] = []
    states = BorrowerStates()
    for day, expected in day_ends(borrower, first, last):
        stepwise += judge_day(borrower, states, RULES, on=day)
        found = {
            key.number: (state.asset_class, state.days_past_due(day), state.oldest_due_on)
            for key, state in latest_states(stepwise, on=day).items()
            if state.asset_class is not None
        }
        usual = (STANDARD, 0, None)
        assert {number: found.get(number, usual) for number in expected} == expected
    assert stepwise == at_once


@settings(max_examples=80, deadline=None)
@given(facilities())
def test_the_order_of_the_facilities_says_nothing(borrower: list[Facility]) -> None:
    last = date(2025, 6, 1)
    twins = [one._replace(key=FacilityKey(one.key.kind, one.key.number + 10)) for one in borrower]
    both = [*borrower, *twins]
    assert derive_changes(both[::-1], RULES, through=last) == derive_changes(both, RULES, through=last)


@settings(max_examples=80, deadline=None)
@given(facilities(), st.lists(DAYS, max_size=4))
def test_a_history_that_is_continued_is_the_history_at_once(borrower: list[Facility], stops: list[int]) -> None:
    """Runs may close a day or a month at a time."""
    last = date(2025, 6, 1)
    states, found, after = BorrowerStates(), [], None
    for stop in [*sorted(stops), None]:
        through = last if stop is None else date(2022, 11, 1) + timedelta(stop)
        found += derive_changes(borrower, RULES, through=through, since=states, after=after)
        after = through
    assert found == derive_changes(borrower, RULES, through=last)
