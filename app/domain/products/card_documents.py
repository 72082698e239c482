"""What the terms of a card account must keep to make sense."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from app.domain.money import MAX_PAISE
from app.domain.products.card_terms import CardBucket, CardTerms
from app.domain.products.charge_documents import SERVICE_CODE, is_service_code

_HUNDRED = Decimal(100)
#: No month of a card costs more than this.
_MAX_MONTHLY_PERCENT = Decimal(10)
#: With the days until it is judged late, a statement must end within a cycle, of which the shortest has 28 days.
_MOST_DAYS_TO_PAY = 24


def card_rules(card: CardTerms) -> Iterator[tuple[bool, str, str]]:
    """Every rule: whether it holds, the place of the term, and the rule in words."""
    yield from _rate_rules(card)
    yield from _minimum_rules(card)
    yield from _fee_rules(card)
    yield sorted(card.payment_order) == sorted(CardBucket), "card.payment_order", "each kind of debt once"
    yield 1 <= card.hold_days <= 60, "card.hold_days", "from 1 to 60"
    above = card.capture_above_percent
    yield 0 <= above <= _HUNDRED, "card.capture_above_percent", "from 0 to 100"
    least, most = card.plan_instalments
    yield 1 <= least <= most <= 60, "card.plan_instalments", "from 1 to 60, the smaller one first"
    yield card.sac is None or is_service_code(card.sac), "card.sac", SERVICE_CODE
    moves = card.statement_day_moves
    # The holder may move the statement day at least once.
    yield moves is None or moves >= 1, "card.statement_day_moves", "1 or more"


def _rate_rules(card: CardTerms) -> Iterator[tuple[bool, str, str]]:
    for place, rate in (
        ("card.monthly_rate_percent", card.monthly_rate_percent),
        ("card.cash_monthly_rate_percent", card.cash_monthly_rate_percent),
    ):
        yield rate is None or 0 <= rate <= _MAX_MONTHLY_PERCENT, place, f"from 0 to {_MAX_MONTHLY_PERCENT}"
    plan = card.plan_annual_rate_percent
    yield 0 <= plan <= 12 * _MAX_MONTHLY_PERCENT, "card.plan_annual_rate_percent", "from 0 to 120"
    # Every statement is judged, and its late fee charged, no later than the day of the next one. The least is a rule.
    days = card.due_after_days
    yield 1 <= days <= _MOST_DAYS_TO_PAY, "card.due_after_days", f"from 1 to {_MOST_DAYS_TO_PAY}"


def _minimum_rules(card: CardTerms) -> Iterator[tuple[bool, str, str]]:
    yield 0 < card.minimum_percent <= _HUNDRED, "card.minimum_percent", "above 0, at most 100"
    yield 0 <= card.minimum_floor_paise <= MAX_PAISE, "card.minimum_floor_paise", "from 0 to 10^13"
    yield 1 <= card.minimum_unit_paise <= 1_000_00, "card.minimum_unit_paise", "from 1 paisa to 1,000 rupees"


def _fee_rules(card: CardTerms) -> Iterator[tuple[bool, str, str]]:
    for name in (
        "cash_fee_percent",
        "cash_limit_percent",
        "over_limit_percent",
        "conversion_fee_percent",
        "foreclosure_fee_percent",
    ):
        yield 0 <= getattr(card, name) <= _HUNDRED, f"card.{name}", "from 0 to 100"
    for name in ("cash_fee_minimum_paise", "returned_payment_fee_paise", "plan_minimum_paise"):
        yield 0 <= getattr(card, name) <= MAX_PAISE, f"card.{name}", "from 0 to 10^13"
    bounds = [band.up_to_paise for band in card.late_fees]
    closed = [bound for bound in bounds[:-1] if bound is None]
    rising = all(low is not None and high is not None and low < high for low, high in pairwise(bounds[:-1]))
    yield rising and not closed, "card.late_fees", "from the smallest bound to the largest"
    fees = all(0 <= band.fee_paise <= MAX_PAISE for band in card.late_fees)
    yield fees, "card.late_fees", "fees from 0 to 10^13"
