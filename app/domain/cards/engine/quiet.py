"""The statement of a quiet account, which owes nothing but purchases of the open cycle, none of which bears interest.

Most accounts are quiet on most of their statement days: their holders pay in full. Then a statement is the sum of what
is left of the purchases, and a statement day changes nothing but the ends of the cycle. So this is `issue_statement`
without looking at a purchase or making a state, which a run spares for each of them. It is no second way to bill:
whoever is not quiet is billed by `issue_statement`, and tests live random accounts both ways and compare every row.
Source: docs/cards.md, statements.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from app.domain.cards.engine.accounts import Asked, MinimumParts
from app.domain.cards.engine.cycles import ONE_DAY, next_statement_on
from app.domain.cards.engine.life import IssuedStatement
from app.domain.cards.engine.minimum_due import ask, spent_share_paise
from app.domain.products.card_terms import CardBucket, CardDays, CardTerms

_PURCHASES, _INCLUSIVE = CardBucket.PURCHASES, CardDays.INCLUSIVE


class Quiet(NamedTuple):
    """What the statement of a quiet account depends on. `number` is that of the statement.

    An account is quiet if it is open and these hold: it owes purchases that no statement has billed, and nothing else;
    it remembers settled purchases of earlier statements only if those were paid in full; it was not revolving on any
    day of either; it has no credit balance, plan, dispute or question about a refund; each earlier statement that it
    remembers is judged, and nothing of its minimum is unpaid.
    """

    number: int
    on: date
    began_on: date
    statement_day: int
    limit_paise: int
    owed_paise: int
    opening_paise: int
    shown_posting: int
    last_posting: int


class QuietEnd(NamedTuple):
    """The end of a quiet cycle: its statement, the end of the next cycle, and the next day of a run with something to
    do. The days of settled purchases before `counted_until` will never bear interest."""

    statement: IssuedStatement
    next_statement_on: date
    next_run_on: date
    counted_until: date


def end_quiet_cycle(quiet: Quiet, terms: CardTerms, *, days: CardDays, today: date) -> QuietEnd | None:
    """Ends the cycle of a quiet account, if that is all that happens to it through today. `terms` are in force on the
    statement day, and `days` is how the account counts days. None: the account must be lived."""
    number, on, began_on, day, limit, owed, opening, shown, last = quiet
    due_on, next_on, run_on = _days(on, day, terms.due_after_days)
    # Where the minimum covers the next interest, a statement looks at each purchase.
    if owed <= 0 or terms.minimum_covers_next or not on < today < run_on - ONE_DAY:
        return None
    asked = _ask(terms, owed_paise=owed, limit_paise=limit)
    # In the order of its fields: a tuple without names is made in half the time.
    statement = IssuedStatement(
        number, began_on, on, due_on, opening, owed, asked, {_PURCHASES: owed}, (), 0, 0, True, shown + 1, last
    )
    return QuietEnd(statement, next_on, run_on, on + ONE_DAY if days is _INCLUSIVE else on)


@lru_cache(maxsize=512)
def _days(on: date, statement_day: int, due_after_days: int) -> tuple[date, date, date]:
    """When the statement of a day is due, when the next one is issued, and the day of a run after the first of them:
    then the statement is judged, or the next one issued. A run asks for the same days again and again."""
    due_on, next_on = on + timedelta(days=due_after_days), next_statement_on(on, day=statement_day)
    return due_on, next_on, min(due_on, next_on) + ONE_DAY


def _ask(terms: CardTerms, *, owed_paise: int, limit_paise: int) -> Asked:
    """The minimum of an account that owes nothing but purchases: over the limit, and the share."""
    share = spent_share_paise(terms, spent_paise=owed_paise, interest_paise=0)
    parts = MinimumParts(0, 0, 0, 0, owed_paise, max(0, owed_paise - limit_paise), share, 0, 0)
    return ask(terms, parts, total_paise=owed_paise)
