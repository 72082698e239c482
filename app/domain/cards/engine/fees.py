"""What is left of a fee when a part of what it was charged for comes back.

The mark-up of a foreign currency is a share of the amount, so it follows what is refunded or reversed: what is left is
that share of what is left, half up, and what is given back is the rest. The fee for a cash advance is for the act: a
refund leaves it, and after a reversal of a part it is what less cash would have cost. Source: docs/cards.md, refunds.
"""

from app.domain.cards.engine.facts import Fact
from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.products.card_terms import CardTerms, FeeKind


def cash_fee_paise(terms: CardTerms, *, paise: int) -> int:
    """The fee for a cash advance: a share of it, half up, and no less than the minimum."""
    numerator, denominator = percent_ratio(terms.cash_fee_percent)
    share = round_ratio(paise * numerator, denominator, mode=RoundingMode.HALF_UP)
    return max(share, terms.cash_fee_minimum_paise)


def fee_left_paise(fee: Fact, terms: CardTerms) -> int:
    """What still counts of a fee. `terms` are those of the day on which it was charged."""
    paise, returned = fee.counts_paise, fee.returned
    if returned is None:
        return paise
    kept = returned.amount_paise - returned.reversed_paise
    if fee.fee is FeeKind.CASH and returned.reversed_paise:
        return min(paise, cash_fee_paise(terms, paise=kept))
    if fee.fee is FeeKind.FOREIGN:
        left = max(0, kept - returned.refunded_paise)
        return round_ratio(paise * left, returned.amount_paise, mode=RoundingMode.HALF_UP)
    return paise
