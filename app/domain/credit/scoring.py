"""Computes scores from facts, with reasons.

A scorecard is data: a code, a version and parameters. `bank_balance` (300 to 900) uses the balance of the customer's
bank transactions. `loan_history` (0 to 100) uses how earlier loans were taken and repaid. Their scores are never
compared. A score is stored with its facts, so that it can be replayed, and with reason codes, so that it can be
explained. Without facts there is no score: a missing fact is never taken as zero.

The computation is exact: paise are integers and shares are fractions. `money.round_ratio` rounds the result once, to
two decimals. Source: docs/business-rules.md, scoring.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.domain.credit.scoring_factors import Factors, find_factors
from app.domain.credit.scoring_facts import BankFacts, Facts, FactsDocument, LoanFacts, read_facts, write_facts
from app.domain.errors import Invalid, NotFound
from app.domain.money import RoundingMode, round_ratio

BANK_BALANCE = "bank_balance"
LOAN_HISTORY = "loan_history"


class ScorecardUnknown(Invalid):
    """There is no scorecard of that name and version. Name one that `/admin` lists."""

    code = "scorecard_unknown"


class ScoreNotFound(NotFound):
    """There is no such score, or the caller may not see it. Check the id."""

    code = "score_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One version of a scorecard. `code` selects the computation, `parameters` holds its figures."""

    code: str
    version: int
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason for a score: a stable code and the figures behind it."""

    code: str
    figures: Mapping[str, int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score with everything that is needed to explain and replay it."""

    scorecard: str
    version: int
    score: Decimal
    factors: Factors
    reasons: tuple[Reason, ...]
    facts: FactsDocument
    as_of: date


def score(card: Scorecard, *, facts: Facts, as_of: date) -> Scored | None:
    """The score of the facts by the scorecard, as of a date; None when there are no facts (no bank transactions).

    Raises ScorecardUnknown. Source: docs/business-rules.md, scoring.
    """
    if card.code == BANK_BALANCE:
        if facts.bank.transactions == 0:
            return None
        points, reasons = bank_balance(facts.bank, parameters=card.parameters)
    elif card.code == LOAN_HISTORY:
        points, reasons = loan_history(facts.loans, parameters=card.parameters)
    else:
        raise ScorecardUnknown("there is no such scorecard", field="scorecard")
    return Scored(
        scorecard=card.code,
        version=card.version,
        score=points,
        factors=find_factors(facts, bands=card.parameters["bands"], as_of=as_of),
        reasons=reasons,
        facts=write_facts(facts),
        as_of=as_of,
    )


def replay(card: Scorecard, *, facts: FactsDocument, as_of: date) -> Scored | None:
    """The score of stored facts. The same scorecard and facts always give the same score. Raises ScorecardUnknown."""
    return score(card, facts=read_facts(facts), as_of=as_of)


def bank_balance(facts: BankFacts, *, parameters: Mapping[str, Any]) -> tuple[Decimal, tuple[Reason, ...]]:
    """300, plus 10 for every whole 15,000 rupees of balance above 1,00,000, at least 300 and at most 900.

    The figures are parameters of the scorecard. Source: source system 1 of docs/sources.md.
    """
    balance = facts.credits_paise - facts.debits_paise
    steps = (balance - parameters["base_paise"]) // parameters["step_paise"]
    raw = parameters["minimum"] + parameters["points_per_step"] * steps
    points = min(max(raw, parameters["minimum"]), parameters["maximum"])
    if raw < parameters["minimum"]:
        code = "balance_below_base"
    elif raw > parameters["maximum"]:
        code = "balance_above_top"
    else:
        code = "balance_in_steps"
    figures: dict[str, int | str] = {"balance_paise": balance, "steps": steps, "transactions": facts.transactions}
    return Decimal(points), (Reason(code=code, figures=figures),)


def loan_history(facts: LoanFacts, *, parameters: Mapping[str, Any]) -> tuple[Decimal, tuple[Reason, ...]]:
    """The sum of the points for on-time share, loans taken, loans of the year and volume, to two decimals.

    It is 0 when the active loans exceed the limit, and the thin-file score when there was no loan. When no instalment
    was due yet, the on-time share is thin-file score / 100. Source: source system 4 of docs/sources.md.
    """
    thin: int = parameters["thin_file"]
    if facts.loans_taken == 0:
        return Decimal(thin), (Reason(code="thin_file", figures={"score": thin}),)
    if facts.limit_paise is not None and facts.active_paise > facts.limit_paise:
        over: dict[str, int | str] = {"active_paise": facts.active_paise, "limit_paise": facts.limit_paise}
        return Decimal(0), (Reason(code="active_loans_above_limit", figures=over),)
    weight: int = parameters["on_time_weight"]
    share = Fraction(facts.paid_on_time, facts.instalments) if facts.instalments else Fraction(thin, 100)
    taken = _band(facts.loans_taken, parameters["loans_taken"])
    recent = _band(facts.loans_this_year, parameters["loans_this_year"])
    volume = _band(facts.volume_paise, parameters["volume_paise"])
    counted: dict[str, int | str] = {"paid_on_time": facts.paid_on_time, "of": facts.instalments}
    reasons = (
        Reason(code="on_time" if facts.instalments else "nothing_due_yet", figures=counted),
        Reason(code="loans_taken", figures={"loans": facts.loans_taken, "points": taken}),
        Reason(code="loans_this_year", figures={"loans": facts.loans_this_year, "points": recent}),
        Reason(code="loan_volume", figures={"volume_paise": facts.volume_paise, "points": volume}),
    )
    return _two_decimals(weight * share + taken + recent + volume), reasons


def _band(value: int, bands: list[list[int | None]]) -> int:
    """The points of the first band with an upper end (inclusive) at or above the value. The last band has no end."""
    for upto, points in bands:
        if upto is None or value <= upto:
            assert points is not None, "every band has points"
            return points
    raise AssertionError("the last band has no end")


def _two_decimals(value: Fraction) -> Decimal:
    hundredths = round_ratio(value.numerator * 100, value.denominator, mode=RoundingMode.HALF_UP)
    return Decimal(hundredths).scaleb(-2)


#: The bands of the factors, the same in both scorecards: [lower end, word]. Shares in percent, ages in months.
_BANDS: dict[str, Any] = {
    "payment_history": [[95, "EXCELLENT"], [85, "GOOD"], [70, "FAIR"], [0, "POOR"]],
    "credit_utilization": [[75, "HIGH_RISK"], [30, "MEDIUM_RISK"], [0, "LOW_RISK"]],
    "credit_age": [[60, "EXCELLENT"], [24, "GOOD"], [6, "FAIR"], [0, "NEW"]],
    "unknown": "NO_HISTORY",
}
_LAKH_PAISE = 100_000 * 100

SEEDED_SCORECARDS: tuple[Scorecard, ...] = (
    Scorecard(
        code=BANK_BALANCE,
        version=1,
        parameters={
            "base_paise": _LAKH_PAISE,
            "step_paise": 15_000 * 100,
            "points_per_step": 10,
            "minimum": 300,
            "maximum": 900,
            "bands": _BANDS,
        },
    ),
    Scorecard(
        code=LOAN_HISTORY,
        version=1,
        parameters={
            "on_time_weight": 35,
            "thin_file": 50,
            "loans_taken": [[1, 10], [2, 15], [3, 20], [None, 25]],
            "loans_this_year": [[0, 0], [1, 15], [2, 20], [None, 25]],
            "volume_paise": [[10 * _LAKH_PAISE, 5], [25 * _LAKH_PAISE, 10], [None, 15]],
            "bands": _BANDS,
        },
    ),
)
