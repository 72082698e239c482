"""Scores, with exact figures (docs/business-rules.md, scoring)."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.credit.scoring import (
    BANK_BALANCE,
    LOAN_HISTORY,
    SEEDED_SCORECARDS,
    Scorecard,
    ScorecardUnknown,
    replay,
    score,
)
from app.domain.credit.scoring_factors import whole_months
from app.domain.credit.scoring_facts import BankFacts, Facts, LoanFacts, add_external, read_facts, write_facts

ON = date(2026, 11, 21)
LAKH = 100_000 * 100
BALANCE, HISTORY = SEEDED_SCORECARDS
assert (BALANCE.code, HISTORY.code) == (BANK_BALANCE, LOAN_HISTORY)


def of_balance(rupees: int) -> Facts:
    credits_paise = max(rupees, 0) * 100
    return Facts(bank=BankFacts(transactions=1, credits_paise=credits_paise, debits_paise=credits_paise - rupees * 100))


def of_loans(**facts: int) -> Facts:
    return Facts(loans=LoanFacts(**facts))  # type: ignore[arg-type]


def points(card: Scorecard, facts: Facts) -> Decimal:
    scored = score(card, facts=facts, as_of=ON)
    assert scored is not None
    return scored.score


@pytest.mark.parametrize(
    "balance, expected",
    [
        (100_000, 300), (114_999, 300), (115_000, 310), (324_999, 440), (325_000, 450), (999_999, 890),
        (1_000_000, 900), (5_000_000, 900), (0, 300), (-1, 300), (-10_000_000, 300), (988_229, 890), (943_824, 860),
        (846_032, 790),
    ],
)  # fmt: skip
def test_a_balance_becomes_a_score(balance: int, expected: int) -> None:
    assert points(BALANCE, of_balance(balance)) == expected


def test_a_paisa_below_a_step_does_not_reach_it() -> None:
    short = Facts(bank=BankFacts(transactions=2, credits_paise=11_500_000, debits_paise=1))
    assert points(BALANCE, short) == 300


def test_without_transactions_there_is_no_score() -> None:
    assert score(BALANCE, facts=Facts(), as_of=ON) is None


@pytest.mark.parametrize(
    "balance, code",
    [(-1, "balance_below_base"), (325_000, "balance_in_steps"), (1_000_000, "balance_in_steps"),
     (1_015_000, "balance_above_top")],
)  # fmt: skip
def test_the_reason_follows_from_the_balance(balance: int, code: str) -> None:
    scored = score(BALANCE, facts=of_balance(balance), as_of=ON)
    assert scored is not None
    assert [reason.code for reason in scored.reasons] == [code]
    assert scored.reasons[0].figures["balance_paise"] == balance * 100


@pytest.mark.parametrize(
    "facts, expected",
    [
        ({}, "50"),
        # 35 x 10/12 = 29.1666...
        ({"loans_taken": 1, "volume_paise": LAKH, "instalments": 12, "paid_on_time": 10}, "44.17"),
        ({"loans_taken": 1, "volume_paise": LAKH, "instalments": 12, "paid_on_time": 12}, "50.00"),
        # No instalment was due yet, so the on-time points are half of 35.
        ({"loans_taken": 1, "loans_this_year": 1, "volume_paise": LAKH}, "47.50"),
        ({"loans_taken": 2, "loans_this_year": 2, "volume_paise": 10 * LAKH, "instalments": 1}, "40.00"),
        ({"loans_taken": 3, "loans_this_year": 3, "volume_paise": 10 * LAKH + 1, "instalments": 1}, "55.00"),
        ({"loans_taken": 4, "loans_this_year": 9, "volume_paise": 25 * LAKH, "instalments": 1}, "60.00"),
        ({"loans_taken": 9, "volume_paise": 25 * LAKH + 1, "instalments": 8, "paid_on_time": 1}, "44.38"),
        (
            {"loans_taken": 5, "loans_this_year": 3, "volume_paise": 26 * LAKH, "instalments": 7, "paid_on_time": 7},
            "100.00",
        ),
    ],
)
def test_a_loan_history_becomes_a_score(facts: dict[str, int], expected: str) -> None:
    assert points(HISTORY, of_loans(**facts)) == Decimal(expected)


def test_active_loans_above_the_limit_are_worth_nothing_and_at_the_limit_they_are_not() -> None:
    perfect = LoanFacts(loans_taken=5, volume_paise=LAKH, instalments=5, paid_on_time=5, limit_paise=LAKH)
    assert points(HISTORY, Facts(loans=replace(perfect, active_paise=LAKH + 1))) == 0
    assert points(HISTORY, Facts(loans=replace(perfect, active_paise=LAKH))) == 65
    assert points(HISTORY, Facts(loans=replace(perfect, active_paise=9 * LAKH, limit_paise=None))) == 65


def test_a_score_is_replayed_from_its_stored_facts() -> None:
    facts = Facts(
        bank=BankFacts(transactions=3, credits_paise=40_000_000, debits_paise=5, first_on=date(2024, 1, 31)),
        loans=LoanFacts(loans_taken=1, active_paise=LAKH, limit_paise=4 * LAKH, first_on=date(2025, 2, 1)),
    )
    assert read_facts(write_facts(facts)) == facts
    first = score(BALANCE, facts=facts, as_of=ON)
    assert first is not None
    assert replay(BALANCE, facts=first.facts, as_of=ON) == first


def test_missing_facts_of_an_older_score_have_defaults() -> None:
    assert read_facts({"bank": {"transactions": 2}, "loans": {}}) == Facts(bank=BankFacts(transactions=2))


@pytest.mark.parametrize(
    "loans, first_on, expected",
    [
        (LoanFacts(), None, ("NO_HISTORY", "LOW_RISK", "NO_HISTORY")),
        (LoanFacts(instalments=20, paid_on_time=19), date(2021, 11, 21), ("EXCELLENT", "LOW_RISK", "EXCELLENT")),
        (LoanFacts(instalments=20, paid_on_time=17), date(2021, 11, 22), ("GOOD", "LOW_RISK", "GOOD")),
        (LoanFacts(instalments=10, paid_on_time=7), date(2026, 5, 21), ("FAIR", "LOW_RISK", "FAIR")),
        (LoanFacts(instalments=10, paid_on_time=6), date(2026, 5, 22), ("POOR", "LOW_RISK", "NEW")),
        (LoanFacts(active_paise=29, limit_paise=100), ON, ("NO_HISTORY", "LOW_RISK", "NEW")),
        (LoanFacts(active_paise=30, limit_paise=100), ON, ("NO_HISTORY", "MEDIUM_RISK", "NEW")),
        (LoanFacts(active_paise=75, limit_paise=100), ON, ("NO_HISTORY", "HIGH_RISK", "NEW")),
        (LoanFacts(active_paise=1, limit_paise=0), ON, ("NO_HISTORY", "HIGH_RISK", "NEW")),
        (LoanFacts(active_paise=1), ON, ("NO_HISTORY", "NO_HISTORY", "NEW")),
    ],
)
def test_factors_are_bands(loans: LoanFacts, first_on: date | None, expected: tuple[str, str, str]) -> None:
    facts = Facts(bank=BankFacts(transactions=1, first_on=first_on), loans=loans)
    scored = score(BALANCE, facts=facts, as_of=ON)
    assert scored is not None
    factors = scored.factors
    assert (factors.payment_history, factors.credit_utilization, factors.credit_age) == expected


@pytest.mark.parametrize(
    "start, end, months",
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2026, 1, 15), date(2026, 2, 14), 0),
        (date(2026, 1, 15), date(2026, 2, 15), 1),
        (date(2027, 1, 15), date(2026, 2, 15), 0),
    ],
)
def test_months_are_whole(start: date, end: date, months: int) -> None:
    assert whole_months(start, end) == months


def test_an_unknown_scorecard_is_refused() -> None:
    with pytest.raises(ScorecardUnknown):
        score(Scorecard(code="guess", version=1, parameters={}), facts=Facts(), as_of=ON)


def test_the_facts_of_own_and_external_loans_are_added_up_each() -> None:
    counted = {item.name: 1 for item in fields(LoanFacts) if item.default == 0}
    both = add_external(LoanFacts(**counted), external=LoanFacts(**counted))  # type: ignore[arg-type]
    assert {name: getattr(both, name) for name in counted} == dict.fromkeys(counted, 2)
