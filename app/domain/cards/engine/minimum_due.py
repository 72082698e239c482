"""The minimum due of a statement.

The minimum covers tax, fees, interest and instalments whole, what is over the limit, a share of purchases and cash, and
what is unpaid of earlier minimums. So whoever pays it owes less purchases and cash a month later: interest never joins
what bears interest. Source: docs/cards.md, minimum due; Credit and Debit Card Directions 2022.
"""

from collections.abc import Iterable, Mapping

from app.domain.cards.engine.accounts import Asked, MinimumParts, OpenStatement, State
from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.products.card_terms import CardBucket, CardTerms

# Looked up once: a look-up of a member takes longer than one in a dictionary.
_TAX, _FEES, _INTEREST, _INSTALMENTS = CardBucket.TAX, CardBucket.FEES, CardBucket.INTEREST, CardBucket.INSTALMENTS
_PURCHASES, _CASH = CardBucket.PURCHASES, CardBucket.CASH
#: What the minimum contains whole, whichever statement billed it.
WHOLE = (_TAX, _FEES, _INTEREST, _INSTALMENTS)


def minimum_parts(
    state: State, owed: Mapping[CardBucket, int], terms: CardTerms, *, billed_before: int
) -> MinimumParts:
    """The parts of the minimum of a statement that bills everything. `owed` is what is owed by bucket. `billed_before`
    is the number of the statement before it: what that one or an earlier one billed is not due twice."""
    owes = owed.get
    spent = owes(_PURCHASES, 0) + owes(_CASH, 0)
    unpaid = max([statement.minimum_unpaid_paise for statement in state.statements], default=0)
    already = _whole_paise(state, billed_before=billed_before) if unpaid else 0
    return MinimumParts(
        tax_paise=owes(_TAX, 0),
        fees_paise=owes(_FEES, 0),
        interest_paise=owes(_INTEREST, 0),
        instalments_paise=owes(_INSTALMENTS, 0),
        spent_paise=spent,
        over_limit_paise=max(0, spent + state.plan_paise - state.limit_paise),
        share_paise=spent_share_paise(terms, spent_paise=spent, interest_paise=owes(_INTEREST, 0)),
        past_due_paise=max(0, unpaid - already),
    )


def _whole_paise(state: State, *, billed_before: int) -> int:
    """What is left of the tax, fees, interest and instalments that a statement or an earlier one billed."""
    return sum(
        item.left_paise
        for item in state.live
        if item.bucket in WHOLE and item.billed_by is not None and item.billed_by <= billed_before
    )


def spent_share_paise(terms: CardTerms, *, spent_paise: int, interest_paise: int) -> int:
    """The share of purchases and cash that is due beside the interest: at least the floor, and no more than they are.
    Where the share is of the interest too, it is what is due beyond the interest."""
    numerator, denominator = percent_ratio(terms.minimum_percent)
    mode, unit = (
        (RoundingMode.UP, terms.minimum_unit_paise) if terms.minimum_rounds_share else (RoundingMode.HALF_UP, 1)
    )
    share = round_ratio(spent_paise * numerator, denominator, mode=mode, unit=unit)
    if terms.minimum_shares_interest and interest_paise:
        whole = round_ratio((spent_paise + interest_paise) * numerator, denominator, mode=mode, unit=unit)
        share = whole - interest_paise if whole > interest_paise else share
    return min(max(share, terms.minimum_floor_paise), spent_paise)


def ask(terms: CardTerms, parts: MinimumParts, *, total_paise: int) -> Asked:
    """The minimum of these parts: rounded up, no more than the total, and nothing when nothing is owed."""
    tax, fees, interest, instalments, _, over_limit, share, past_due, covering = parts
    exact = max(tax + fees + interest + instalments + over_limit + share + past_due, covering)
    unit = 1 if terms.minimum_rounds_share else terms.minimum_unit_paise
    rounded = round_ratio(exact, 1, mode=RoundingMode.UP, unit=unit)
    return Asked(total_paise, min(rounded, max(total_paise, 0)), parts)


def ask_without(terms: CardTerms, asked: Asked, *, paise: int, leaves_limit: bool) -> Asked:
    """What a statement asks for, worked out again without a part of its purchases or cash.

    `leaves_limit`: the part is no longer above the limit either (a dispute; a plan still uses the limit).
    """
    parts = asked.parts
    spent = max(0, parts.spent_paise - paise)
    over = max(0, parts.over_limit_paise - paise) if leaves_limit else parts.over_limit_paise
    share = spent_share_paise(terms, spent_paise=spent, interest_paise=parts.interest_paise)
    left = parts._replace(spent_paise=spent, over_limit_paise=over, share_paise=share)
    again = ask(terms, left, total_paise=max(0, asked.total_paise - paise))
    return again if again.minimum_paise <= asked.minimum_paise else again._replace(minimum_paise=asked.minimum_paise)


def oldest_unpaid(statements: Iterable[OpenStatement]) -> OpenStatement | None:
    """The oldest statement whose minimum is not paid."""
    return next((statement for statement in statements if statement.minimum_unpaid_paise > 0), None)
