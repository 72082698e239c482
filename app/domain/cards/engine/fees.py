"""What a fee comes to, in paise without its tax, and what is left of it when a part of its cause comes back.

The mark-up of a foreign currency is a share of the amount, so it follows what is refunded or reversed: what is left is
that share of what is left, half up, and what is given back is the rest. The fee for a cash advance is for the act: a
refund leaves it, and after a reversal of a part it is what less cash would have cost. Source: docs/cards.md, late fee,
refunds; Credit and Debit Card Directions 2022 (a late fee only on what is outstanding after the due date).
"""

from collections.abc import Iterable

from app.domain.cards.engine.facts import Fact
from app.domain.money import RoundingMode, round_ratio, share_paise
from app.domain.products.card_terms import CardTerms, FeeKind, LateFeeBand


def cash_fee_paise(terms: CardTerms, *, paise: int) -> int:
    """The fee for a cash advance: a share of it, half up, and no less than the minimum."""
    return max(share_paise(paise, terms.cash_fee_percent), terms.cash_fee_minimum_paise)


def late_fee_paise(bands: Iterable[LateFeeBand], *, unpaid_paise: int) -> int:
    """The late fee for what is unpaid of a statement's total."""
    if unpaid_paise <= 0:
        return 0
    return next((band.fee_paise for band in bands if band.up_to_paise is None or unpaid_paise <= band.up_to_paise), 0)


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
