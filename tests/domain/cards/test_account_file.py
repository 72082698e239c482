"""A card account on one page: what is due, what makes it current, its lines over time, and what happened, in words."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.cards.account_file import (
    AccountHappening,
    Asking,
    Done,
    Level,
    MoneyMoved,
    account_happenings,
    account_lines,
    present_due,
    to_be_current_paise,
)
from app.domain.cards.engine.accounts import Asked, Credit, MinimumParts, OpenStatement, State, TermsFrom
from app.domain.products.card_terms import CardTerms

OPENED = date(2026, 1, 16)


def asked(total: int, minimum: int) -> Asked:
    return Asked(total_paise=total, minimum_paise=minimum, parts=MinimumParts())


def statement(number: int, due_on: date, total: int, minimum: int, *, credited: int = 0) -> OpenStatement:
    return OpenStatement(
        number=number, on=date(due_on.year, due_on.month, 1), due_on=due_on, first_posting_on=OPENED,
        shown=asked(total, minimum), known=asked(total, minimum), credited_paise=credited,
    )  # fmt: skip


def state(*statements: OpenStatement, **more: Any) -> State:
    terms = CardTerms(monthly_rate_percent=Decimal(3))
    return State(
        opened_on=OPENED, terms=[TermsFrom(OPENED, terms)], limit_paise=50_000_00, statement_day=15,
        cycle_began_on=OPENED, would_end_on=date(2026, 2, 15), next_statement_on=date(2026, 2, 15),
        last_event_on=OPENED, statements=list(statements), **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "on, expected",
    [
        (date(2026, 3, 6), 0),
        (date(2026, 3, 7), 1_000_00),  # the day's end of the first due date, as days past due are counted
        (date(2026, 4, 3), 1_000_00),
        (date(2026, 4, 4), 2_500_00),  # the second minimum asks for what was unpaid of the first
    ],
)
def test_what_makes_an_account_current(on: date, expected: int) -> None:
    first = statement(1, date(2026, 3, 7), 30_000_00, 1_500_00, credited=500_00)
    second = statement(2, date(2026, 4, 4), 41_000_00, 2_500_00)
    assert to_be_current_paise(state(first, second), on=on) == expected


def test_the_latest_statement_of_which_something_is_unpaid_is_due() -> None:
    paid = statement(2, date(2026, 4, 4), 500_00, 500_00, credited=500_00)
    unpaid = statement(1, date(2026, 3, 7), 1_000_00, 200_00, credited=300_00)
    assert present_due(state(unpaid, paid)) is unpaid
    assert present_due(state(paid)) is None


def test_the_lines_end_with_what_is_so_today() -> None:
    lines = account_lines(
        state(credits=[Credit(1, OPENED, 200_00)]),
        [Level(date(2026, 1, 20), 1_000_00), Level(date(2026, 1, 22), -1_200_00)],
        [Level(date(2026, 1, 21), 50_000_00)],
        opening_limit_paise=40_000_00,
        on=date(2026, 1, 25),
    )
    assert lines.owed == (
        (OPENED, 0), (date(2026, 1, 20), 1_000_00), (date(2026, 1, 22), -200_00), (date(2026, 1, 25), -200_00),
    )  # fmt: skip
    assert lines.limit == ((OPENED, 40_000_00), (date(2026, 1, 21), 50_000_00), (date(2026, 1, 25), 50_000_00))


def test_what_happened_is_told_the_latest_first() -> None:
    done = [
        Done(OPENED, "card_account_opened", {"limit_paise": 50_000_00, "statement_day": 15}, "officer:1"),
        Done(date(2026, 1, 18), "card_over_limit_consent", {"consents": True}, "customer:9"),
        Done(date(2026, 1, 19), "card_over_limit_consent", {"consents": False}, "customer:9"),
        Done(date(2026, 1, 21), "card_dispute_decided", {"dispute": 4, "for": "holder"}, "officer:1"),
        Done(date(2026, 1, 22), "card_of_another_time", {}, "system"),
    ]
    moved = [
        MoneyMoved(date(2026, 1, 20), "payment", 500_00, "UTR-1", "customer:9"),
        MoneyMoved(date(2026, 1, 20), "purchase", 700_00, "RRN-1", "service:2"),
    ]
    told = account_happenings(done, moved, [Asking(1, date(2026, 2, 15), date(2026, 3, 7), 700_00, 200_00)], [])
    assert told == [
        AccountHappening(on=date(2026, 2, 15), what="Statement 1", details="₹700.00, at least ₹200.00, by 07 Mar 2026"),
        AccountHappening(on=date(2026, 1, 22), what="card of another time", by="system"),
        AccountHappening(
            on=date(2026, 1, 21), what="A dispute is decided for the holder", details="dispute 4: –", by="officer:1"
        ),
        AccountHappening(on=date(2026, 1, 20), what="₹500.00 received", details="UTR-1", by="customer:9"),
        AccountHappening(
            on=date(2026, 1, 19), what="The holder no longer consents to go over the limit", by="customer:9"
        ),
        AccountHappening(on=date(2026, 1, 18), what="The holder consents to go over the limit", by="customer:9"),
        AccountHappening(
            on=OPENED, what="The account is opened", details="limit ₹50,000.00, statement day 15", by="officer:1"
        ),
    ]
