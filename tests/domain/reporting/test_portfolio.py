"""Months and bands of scores."""

from datetime import date

import pytest

from app.domain.reporting.portfolio import last_months, score_bands


@pytest.mark.parametrize(
    "on, first, last",
    [
        (date(2026, 11, 21), date(2025, 12, 1), date(2026, 11, 1)),
        (date(2026, 1, 1), date(2025, 2, 1), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 1)),
    ],
)
def test_twelve_months_end_with_this_one(on: date, first: date, last: date) -> None:
    months = last_months(on)
    assert (len(months), months[0], months[-1]) == (12, first, last)
    assert months == tuple(sorted(set(months)))


def test_bands_cover_the_whole_range_of_a_scorecard() -> None:
    bands = score_bands("bank_balance", [(300, 2), (340, 1), (450, 4), (890, 1), (900, 3)])
    assert (len(bands), bands[0].low, bands[-1].low, bands[-1].high) == (12, 300, 850, 900)
    assert {band.low: band.customers for band in bands if band.customers} == {300: 3, 450: 4, 850: 4}
    assert [band.high for band in bands[:2]] == [349, 399]


def test_a_score_of_a_hundred_is_in_the_last_band() -> None:
    bands = score_bands("loan_history", [(0, 9), (60, 2), (100, 1)])
    assert [band.low for band in bands] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert (bands[0].customers, bands[6].customers, bands[-1].customers) == (9, 2, 1)


def test_nobody_is_lost_from_a_scorecard_without_a_known_range() -> None:
    bands = score_bands("gold", [(120, 1), (480, 2)])
    assert (bands[0].low, bands[-1].high, sum(band.customers for band in bands)) == (100, 500, 3)


def test_without_scores_there_are_no_bands() -> None:
    assert score_bands("bank_balance", []) == ()
