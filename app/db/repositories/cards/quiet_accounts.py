"""Quiet accounts as they are stored: what their statement depends on, and what it changes, without making a state.

A run finds most accounts quiet (`app/domain/cards/engine/quiet.py`). Their purchases stay as they are in `kept` and
`untouched`; only which statement billed them, and the statement, are written into `kept`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from app.db.repositories.cards.states import EMPTY, asked_document
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.quiet import Quiet, QuietEnd
from app.domain.products.card_terms import CardBucket

_OPEN: Final = AccountStatus.OPEN.value
_PURCHASES: Final = CardBucket.PURCHASES.value
#: What may be kept of a quiet account. One with anything else, known or new, is lived.
_USUAL: Final = frozenset(
    ("terms", "began", "ends", "event", "closing", "shown", "rows", "statements", "items", "revolving", "first",
     "moved", "always", "moves")
)  # fmt: skip
#: Places in an item of `kept` (`states._item`).
_ACCOUNTED_UNTIL: Final = 5
_BILLED_BY: Final = 6
_STEPS: Final = 8


def find_quiet(row: Any, kept: dict[str, Any]) -> Quiet | None:
    """What the statement of an account depends on, if the account is quiet. `kept` is what `kept_of` found."""
    if row.state not in EMPTY or row.status != _OPEN or not _USUAL.issuperset(kept):
        return None
    statements = kept.get("statements", ())
    if (statements and _wait(statements)) or ("revolving" in kept and _may_bear(kept)):
        return None
    untouched = _untouched_paise(kept.get("rows", ()), size=len(row.untouched or b""))
    touched = _touched_paise(kept.get("items", ()), judged=statements[-1][0] if statements else 0)
    if untouched is None or touched is None:
        return None
    return Quiet(
        row.last_statement + 1,
        row.next_statement_on,
        date.fromordinal(kept["began"]),
        row.statement_day,
        row.limit_paise,
        untouched + touched,
        kept["closing"],
        kept["shown"],
        row.last_posting,
    )


def _untouched_paise(rows: Iterable[Sequence[Any]], *, size: int) -> int | None:
    """What is owed of purchases that nobody touched. None if a statement billed some of them, or if they do not come to
    `size` bytes: whoever lives the account says that it is broken."""
    owed = 0
    for billed_by, paise, _, length in rows:
        if billed_by is not None:
            return None
        owed += paise
        size -= length
    return None if size else owed


def _touched_paise(items: Iterable[Sequence[Any]], *, judged: int) -> int | None:
    """What is owed of purchases that were paid in part. None if something else is owed, if days of an item are held, or
    if a statement after `judged` billed it."""
    owed = 0
    for _, bucket, _, _, left, _, billed_by, bears_all, steps, held in items:
        if bucket != _PURCHASES or bears_all or held:
            return None
        if billed_by is None and steps:
            owed += left
        elif billed_by is None or left or billed_by > judged:
            # Without a step it would be kept in `untouched` from now on.
            return None
    return owed


def _wait(statements: Iterable[Sequence[Any]]) -> bool:
    """Whether a statement waits for its judgement, or for what is unpaid of its minimum."""
    for _, _, _, _, shown, known, credited, _, paid_in_full, late_judged in statements:
        least = shown[1] if known is None else min(shown[1], known[1])
        if paid_in_full is None or not late_judged or least > credited:
            return True
    return False


def _may_bear(kept: dict[str, Any]) -> bool:
    """Whether the account was revolving after the first day of its purchases that was not counted."""
    ended = kept["revolving"][-1][1]
    begins = [begins for _, _, begins, _ in kept.get("rows", ())]
    begins += [accounted_until for _, _, _, _, _, accounted_until, _, _, _, _ in kept.get("items", ())]
    return ended is None or ended > min(begins, default=ended)


def version_on(kept: dict[str, Any], on: date) -> int:
    """The version of the product whose terms are in force on a day, as `State.terms_on` finds them."""
    terms = kept["terms"]
    if len(terms) > 1:
        day = on.toordinal()
        for begins, version in reversed(terms):
            if begins <= day:
                return int(version)
    return int(terms[0][1])


def end_cycle(kept: dict[str, Any], end: QuietEnd) -> None:
    """Changes `kept` of a quiet account to what it is after the end of its cycle."""
    statement = end.statement
    number, on = statement.number, statement.on.toordinal()
    for purchases in kept.get("rows", ()):
        purchases[0] = number
    for item in kept.get("items", ()):
        if item[_BILLED_BY] is None:
            item[_BILLED_BY] = number
        else:
            _count_days(item, until=end.counted_until.toordinal())
    kept["began"] = on + 1
    kept["ends"] = end.next_statement_on.toordinal()
    kept["event"] = max(kept["event"], on + 1)
    kept["closing"] = statement.closing_paise
    kept["shown"] = statement.last_posting
    kept.pop("moved", None)
    first_on, asked = kept.pop("first", on), asked_document(statement.asked)
    # As `states.stored_state` writes a statement that was just issued.
    issued = [number, on, statement.due_on.toordinal(), first_on, asked, None, 0, None, None, False]
    kept.setdefault("statements", []).append(issued)


def _count_days(item: list[Any], *, until: int) -> None:
    """Counts the days of a settled purchase, of which none bears."""
    steps = item[_STEPS]
    item[_ACCOUNTED_UNTIL] = max(item[_ACCOUNTED_UNTIL], until)
    item[_STEPS] = [part for at in range(0, len(steps), 2) if steps[at] >= until for part in steps[at : at + 2]]


def moved_record(row: Any, end: QuietEnd, kept: str) -> tuple[Any, ...]:
    """A quiet account as `due_accounts.update_accounts` writes it. Everything that it owes is purchases."""
    statement, next_on, run_on, _ = end
    return (
        row.customer_id, row.id, row.version,
        row.status, None, row.limit_paise, row.statement_day, next_on, run_on, statement.closing_paise, 0,
        row.last_posting, statement.number, row.last_transfer, kept, None,
    )  # fmt: skip
