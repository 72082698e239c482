"""The state of a card account as it is stored, and back.

It is a cache of what follows from the postings, like the balances on a loan's row, so that a run or a payment reads one
row. `kept` is JSON: days are their ordinal numbers, parts of an item are lists without names, and what is empty is left
out, because a run reads and writes hundreds of thousands of them. `untouched` are the purchases that nobody touched, as
the domain has them; `kept` says which statement billed how many of its bytes. Reconciliation lives every account again
and compares. Source: docs/decisions/0054.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import orjson

from app.domain.cards.engine.accounts import (
    AccountStatus,
    Asked,
    Credit,
    Dispute,
    Loss,
    MinimumParts,
    OpenStatement,
    Plan,
    RefundQuestion,
    State,
    TermsFrom,
)
from app.domain.cards.engine.items import ROW, Bought, Item, Span, Step, fold
from app.domain.products.card_terms import CardBucket, CardTerms
from app.domain.schedules.terms import Instalment

BUCKETS: Final = {bucket.value: bucket for bucket in CardBucket}
_DAY: Final = date.fromordinal
#: `state` of a row of which `kept` is the state: as a run reads it, as text, and as JSON.
EMPTY: Final[tuple[Any, ...]] = (None, "{}", {})
STATUSES: Final = {status.value: status for status in AccountStatus}


def asked_document(asked: Asked) -> list[Any]:
    """What a statement asks for."""
    total, minimum, parts = asked
    return [total, minimum, list(parts)]


def asked_of(document: Sequence[Any]) -> Asked:
    """What `asked_document` wrote."""
    total, minimum, parts = document
    return Asked(total, minimum, MinimumParts._make(parts))


def stored_state(state: State) -> tuple[dict[str, Any], bytes]:
    """`kept` and `untouched` of a state. What other columns of the account's row hold is not in them."""
    bought, touched = fold(state.bought, state.live) if state.live else (state.bought, ())
    kept: dict[str, Any] = {
        "terms": [[begins.toordinal(), version] for begins, _, version in state.terms],
        "began": state.cycle_began_on.toordinal(),
        "ends": state.would_end_on.toordinal(),
        "event": state.last_event_on.toordinal(),
        "closing": state.closing_paise,
        "shown": state.shown_posting,
    }
    if bought:
        kept["rows"] = [[one.billed_by, one.paise, one.from_on.toordinal(), len(one.rows)] for one in bought]
    if state.statements:
        kept["statements"] = [_statement(one) for one in state.statements]
    if touched:
        kept["items"] = [_item(item) for item in touched]
    if state.revolving:
        kept["revolving"] = [[one.toordinal(), until and until.toordinal()] for one, until in state.revolving]
    if state.first_posting_on is not None:
        kept["first"] = state.first_posting_on.toordinal()
    if state.moved:
        kept["moved"] = True
    if state.always_statement:
        kept["always"] = True
    if state.day_moves:
        kept["moves"] = state.day_moves
    if state.credits or state.plans or state.disputes or state.questions or state.loss:
        _add_rare(kept, state)
    return kept, b"".join([one.rows for one in bought])


def _add_rare(kept: dict[str, Any], state: State) -> None:
    if state.loss is not None:
        kept["loss"] = [state.loss.paise, state.loss.recovered_paise]
    if state.credits:
        kept["credits"] = [
            [one.number, one.value_on.toordinal(), one.paise, one.is_unbilled_only] for one in state.credits
        ]
    if state.plans:
        kept["plans"] = [
            [one.number, one.purchase, str(one.annual_rate_percent), one.emi_paise, [_row(row) for row in one.rows]]
            for one in state.plans
        ]
    if state.disputes:
        kept["disputes"] = [[one.number, one.purchase, one.paise, one.billed_by] for one in state.disputes]
    if state.questions:
        kept["questions"] = [
            [one.number, one.paise, one.asked_on.toordinal(), one.answer_by.toordinal()] for one in state.questions
        ]


def _item(item: Item) -> list[Any]:
    return [
        item.number,
        item.bucket,
        item.from_on.toordinal(),
        item.posted_on.toordinal(),
        item.left_paise,
        item.accounted_until.toordinal(),
        item.billed_by,
        item.bears_all,
        [part for step in item.steps for part in (step.from_on.toordinal(), step.paise)],
        [part for span in item.held for part in (span.from_on.toordinal(), span.to_on.toordinal(), span.balance_paise)],
    ]


def _row(row: Instalment) -> list[int]:
    return [
        row.number,
        row.from_on.toordinal(),
        row.due_on.toordinal(),
        row.principal_paise,
        row.interest_paise,
        row.balance_paise,
    ]


def open_statements(of: str) -> str:
    """The open statements of `card_accounts` (by this name in the query) in SQL, as `_statement` writes them: `number`,
    `due` (the ordinal of its due date, as Python counts days) and `unpaid_paise`, as
    `OpenStatement.minimum_unpaid_paise`. LEAST ignores a null."""
    return f"""
    SELECT (o.item ->> 0)::int AS number, (o.item ->> 2)::int AS due,
           greatest(0, least((o.item -> 4 ->> 1)::bigint, (o.item -> 5 ->> 1)::bigint) - (o.item ->> 6)::bigint)
           AS unpaid_paise
    FROM jsonb_array_elements(
        coalesce({of}.state -> 'statements', CAST({of}.kept -> 'statements' AS jsonb))
    ) AS o(item)"""  # noqa: S608 - only the name of a table is put in


def _statement(one: OpenStatement) -> list[Any]:
    return [
        one.number,
        one.on.toordinal(),
        one.due_on.toordinal(),
        one.first_posting_on.toordinal(),
        asked_document(one.shown),
        None if one.known == one.shown else asked_document(one.known),
        one.credited_paise,
        one.cleared_on and one.cleared_on.toordinal(),
        one.paid_in_full,
        one.late_judged,
    ]


def kept_of(row: Any) -> dict[str, Any]:
    """The JSON of a row of `card_accounts`, which a run reads as text. A row that a version before 0034 wrote last has
    it in `state`, with all purchases in it."""
    written: Any = row.kept
    if row.state not in EMPTY:
        written = row.state
    found: dict[str, Any] = orjson.loads(written) if isinstance(written, str) else written
    return found


def state_of(row: Any, kept: dict[str, Any], terms: Mapping[int, CardTerms]) -> State:
    """The state of a row of `card_accounts`. `kept` is what `kept_of` found, `terms` those of the versions in it."""
    get = kept.get
    first, ends = get("first"), get("ends")
    state = State(
        opened_on=row.opened_on,
        terms=[TermsFrom(_DAY(begins), terms[version], version) for begins, version in kept["terms"]],
        limit_paise=row.limit_paise,
        statement_day=row.statement_day,
        cycle_began_on=_DAY(kept["began"]),
        # What an earlier version wrote does not say it.
        would_end_on=row.next_statement_on if ends is None else _DAY(ends),
        next_statement_on=row.next_statement_on,
        status=STATUSES[row.status],
        always_statement=get("always", False),
        day_moves=get("moves", 0),
        last_event_on=_DAY(kept["event"]),
        last_number=row.last_posting,
        bought=_bought_of(kept, row),
        statement_number=row.last_statement,
        closing_paise=kept["closing"],
        shown_posting=kept["shown"],
        first_posting_on=None if first is None else _DAY(first),
        moved=get("moved", False),
    )
    # Most accounts have few of these, and an empty list costs as much to read as a short one.
    if items := get("items"):
        state.live = [_item_of(one) for one in items]
    if statements := get("statements"):
        state.statements = [_statement_of(one) for one in statements]
    if revolving := get("revolving"):
        state.revolving = [(_DAY(begins), None if until is None else _DAY(until)) for begins, until in revolving]
    _read_rare(state, kept)
    return state


def _read_rare(state: State, kept: dict[str, Any]) -> None:
    if loss := kept.get("loss"):
        state.loss = Loss(*loss)
    if balances := kept.get("credits"):
        state.credits = [Credit(number, _DAY(on), paise, only) for number, on, paise, only in balances]
    if plans := kept.get("plans"):
        state.plans = [_plan_of(one) for one in plans]
    if disputes := kept.get("disputes"):
        state.disputes = [Dispute(*one) for one in disputes]
    if questions := kept.get("questions"):
        state.questions = [
            RefundQuestion(number, paise, _DAY(asked), _DAY(by)) for number, paise, asked, by in questions
        ]


def _bought_of(kept: dict[str, Any], row: Any) -> list[Bought]:
    if "bought" in kept:
        return [_bought_before(billed_by, numbers) for billed_by, numbers in kept["bought"]]
    found, begin, untouched = [], 0, row.untouched or b""
    for billed_by, paise, from_on, size in kept.get("rows", ()):
        found.append(Bought(billed_by, paise, _DAY(from_on), untouched[begin : begin + size]))
        begin += size
    assert begin == len(untouched), "each purchase is billed by a statement or by none"
    return found


def _bought_before(billed_by: int | None, numbers: Sequence[int]) -> Bought:
    """Purchases as a version before 0034 wrote them: a list with four numbers for each."""
    rows = [numbers[at : at + 4] for at in range(0, len(numbers), 4)]
    return Bought(
        billed_by,
        sum(row[3] for row in rows),
        _DAY(min(row[1] for row in rows)),
        b"".join(ROW.pack(*row) for row in rows),
    )


def _item_of(one: Sequence[Any]) -> Item:
    number, bucket, begins, posted, left, accounted, billed_by, bears_all, steps, held = one
    return Item(
        number,
        BUCKETS[bucket],
        _DAY(begins),
        _DAY(posted),
        left,
        _DAY(accounted),
        billed_by,
        bears_all,
        [Step(_DAY(steps[at]), steps[at + 1]) for at in range(0, len(steps), 2)],
        [Span(_DAY(held[at]), _DAY(held[at + 1]), held[at + 2]) for at in range(0, len(held), 3)],
    )


def _plan_of(one: Sequence[Any]) -> Plan:
    number, purchase, rate, emi, rows = one
    return Plan(
        number,
        purchase,
        Decimal(rate),
        emi,
        [
            Instalment(
                number=place,
                from_on=_DAY(begins),
                due_on=_DAY(due),
                principal_paise=principal,
                interest_paise=interest,
                balance_paise=balance,
            )
            for place, begins, due, principal, interest, balance in rows
        ],
    )


def _statement_of(one: Sequence[Any]) -> OpenStatement:
    number, on, due, first, shown, known, credited, cleared, full, late = one
    asked = asked_of(shown)
    return OpenStatement(
        number=number,
        on=_DAY(on),
        due_on=_DAY(due),
        first_posting_on=_DAY(first),
        shown=asked,
        known=asked if known is None else asked_of(known),
        credited_paise=credited,
        cleared_on=None if cleared is None else _DAY(cleared),
        paid_in_full=full,
        late_judged=late,
    )
