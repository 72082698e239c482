"""Cases as a day-end follows them, filters, saved views, and dealing cases to officers."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.collections.cases import ActionDateInvalid, Case, Figures, check_action, follow
from app.domain.collections.promises import PromiseStatus
from app.domain.collections.work_list import (
    CaseFilter,
    FilterInvalid,
    ViewInvalid,
    check_filter,
    check_view_name,
    deal,
    filter_document,
    filter_of,
)
from app.domain.delinquency.classes import AssetClass
from app.domain.rulebook.kinds import ProductKind

DAY, EARLIER = date(2027, 1, 20), date(2027, 1, 10)
LATE = Figures(date(2026, 12, 21), AssetClass.SMA_0, 10_661_85)
WORSE = LATE._replace(asset_class=AssetClass.SMA_1)
OPEN = Case(figures=LATE, opened_on=EARLIER)
CLOSED = replace(OPEN, closed_on=EARLIER)


@pytest.mark.parametrize(
    "before, figures, after",
    [
        pytest.param(None, None, None, id="was never late"),
        pytest.param(None, LATE, Case(figures=LATE, opened_on=DAY), id="is late for the first time"),
        pytest.param(OPEN, LATE, None, id="is as it was"),
        pytest.param(OPEN, WORSE, replace(OPEN, figures=WORSE), id="is worse"),
        pytest.param(OPEN, None, replace(OPEN, closed_on=DAY), id="is current again"),
        pytest.param(CLOSED, None, None, id="stays current"),
        pytest.param(CLOSED, LATE, Case(figures=LATE, opened_on=DAY), id="is late again"),
    ],
)
def test_a_case_follows_a_day_end(before: Case | None, figures: Figures | None, after: Case | None) -> None:
    assert follow(before, figures, on=DAY) == after


def test_an_action_is_planned_for_today_or_later() -> None:
    check_action(action_on=DAY, today=DAY)
    with pytest.raises(ActionDateInvalid):
        check_action(action_on=EARLIER, today=DAY)


@pytest.mark.parametrize(
    "first, last, due",
    [
        (None, None, (None, None)),
        (1, 1, (DAY, DAY)),
        (1, 30, (date(2026, 12, 22), DAY)),
        (31, None, (None, date(2026, 12, 21))),
        (None, 60, (date(2026, 11, 22), None)),
        (10**6, None, (None, date.min)),
    ],
)
def test_days_past_due_as_due_dates(first: int | None, last: int | None, due: tuple[date | None, date | None]) -> None:
    assert CaseFilter(days_from=first, days_to=last).oldest_due(judged=DAY) == due


@pytest.mark.parametrize(
    "wanted",
    [
        CaseFilter(officer_id=1, is_unassigned=True),
        CaseFilter(days_from=31, days_to=30),
        CaseFilter(overdue_from_paise=2, overdue_to_paise=1),
    ],
)
def test_filters_that_contradict_each_other(wanted: CaseFilter) -> None:
    with pytest.raises(FilterInvalid):
        check_filter(wanted)


def test_a_filter_is_stored_as_it_was_given() -> None:
    wanted = CaseFilter(
        kind=ProductKind.LOAN, asset_class=AssetClass.SMA_1, is_unassigned=True, days_from=31, overdue_to_paise=50_000,
        promise=PromiseStatus.BROKEN, action_to=DAY,
    )  # fmt: skip
    document = filter_document(wanted)
    assert document == {
        "kind": "loan", "asset_class": "sma_1", "is_unassigned": True, "days_from": 31, "overdue_to_paise": 50_000,
        "promise": "broken", "action_to": "2027-01-20",
    }  # fmt: skip
    assert filter_of(document) == wanted
    assert filter_of({}) == CaseFilter()


@pytest.mark.parametrize("document", [{"colour": "red"}, {"asset_class": "sma_9"}, {"action_to": "soon"}])
def test_a_view_of_another_version_is_refused(document: dict[str, str]) -> None:
    with pytest.raises(ViewInvalid):
        filter_of(document)


def test_the_name_of_a_view() -> None:
    assert check_view_name(" My SMA-1 ") == "My SMA-1"
    for name in ("", "  ", "x" * 61):
        with pytest.raises(ViewInvalid):
            check_view_name(name)


def test_cases_are_dealt_in_turn() -> None:
    assert deal(["a", "b", "c", "d", "e"], [7, 9]) == {"a": 7, "b": 9, "c": 7, "d": 9, "e": 7}
    assert deal([], [7]) == {}
