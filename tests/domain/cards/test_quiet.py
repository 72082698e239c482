"""What the statement of a quiet account asks for, and when its next run is."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.cards.engine.accounts import MinimumParts
from app.domain.cards.engine.quiet import Quiet, end_quiet_cycle
from app.domain.products.card_terms import CardBucket, CardDays
from tests.domain.cards.book import terms_of

TERMS = terms_of(minimum_percent=Decimal(5), minimum_floor_paise=200_00, minimum_unit_paise=10_00, due_after_days=20)
QUIET = Quiet(
    number=3,
    on=date(2026, 2, 15),
    began_on=date(2026, 1, 16),
    statement_day=15,
    limit_paise=50_000_00,
    owed_paise=10_000_00,
    opening_paise=7_50,
    shown_posting=11,
    last_posting=15,
)
RUN_ON = date(2026, 2, 16)


@pytest.mark.parametrize(
    "owed, over_limit, share, minimum",
    [
        (1, 0, 1, 1),
        (150_00, 0, 150_00, 150_00),
        (199_99, 0, 199_99, 199_99),
        (4_000_00, 0, 200_00, 200_00),
        # Half a paisa of the share counts as one; the minimum is rounded up to ten rupees.
        (4_000_10, 0, 200_01, 210_00),
        (10_000_00, 0, 500_00, 500_00),
        (50_000_00, 0, 2_500_00, 2_500_00),
        (50_123_45, 123_45, 2_506_17, 2_630_00),
    ],
)
def test_the_minimum_is_the_share_and_what_is_over_the_limit(
    owed: int, over_limit: int, share: int, minimum: int
) -> None:
    end = end_quiet_cycle(QUIET._replace(owed_paise=owed), TERMS, days=CardDays.PLAIN, today=RUN_ON)
    assert end is not None
    total_asked, minimum_asked, parts = end.statement.asked
    assert (total_asked, minimum_asked) == (owed, minimum)
    assert parts == MinimumParts(spent_paise=owed, over_limit_paise=over_limit, share_paise=share)


def test_everything_that_the_statement_says() -> None:
    end = end_quiet_cycle(QUIET, TERMS, days=CardDays.INCLUSIVE, today=RUN_ON)
    assert end is not None
    assert end.statement._asdict() | {"asked": None} == {
        "number": 3,
        "from_on": date(2026, 1, 16),
        "on": date(2026, 2, 15),
        "due_on": date(2026, 3, 7),
        "opening_paise": 7_50,
        "closing_paise": 10_000_00,
        "asked": None,
        "balances": {CardBucket.PURCHASES: 10_000_00},
        "interest": (),
        "plan_paise": 0,
        "disputed_paise": 0,
        "interest_free": True,
        "first_posting": 12,
        "last_posting": 15,
    }
    # The statement is judged on the day after its due date.
    assert end[1:] == (date(2026, 3, 15), date(2026, 3, 8), date(2026, 2, 16))


def test_the_next_statement_may_come_before_the_due_date() -> None:
    terms = replace(TERMS, due_after_days=45)
    end = end_quiet_cycle(QUIET, terms, days=CardDays.PLAIN, today=RUN_ON)
    assert end is not None
    assert (end.statement.due_on, end.next_run_on) == (date(2026, 4, 1), date(2026, 3, 16))
    assert end.counted_until == date(2026, 2, 15)


def test_nothing_owed_is_not_quiet() -> None:
    assert end_quiet_cycle(QUIET._replace(owed_paise=0), TERMS, days=CardDays.PLAIN, today=RUN_ON) is None
