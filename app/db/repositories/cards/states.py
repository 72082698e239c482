"""The state of a card account as JSON, and back.

It is a cache of what follows from the postings, like the balances on a loan's row, so that a run or a payment reads one
row. Days are their ordinal numbers, and parts of an item are lists without names: a run reads and writes hundreds of
thousands of them. Reconciliation lives every account again and compares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

import orjson

from app.domain.cards.engine.accounts import (
    AccountStatus,
    Asked,
    Credit,
    Dispute,
    MinimumParts,
    OpenStatement,
    Plan,
    RefundQuestion,
    State,
    TermsFrom,
)
from app.domain.cards.engine.items import Bought, Item, Span, Step, is_untouched, row_of
from app.domain.products.card_terms import CardBucket, CardTerms
from app.domain.schedules.terms import Instalment

_PARTS: Final = [known.name for known in fields(MinimumParts)]
_PARTS_OF: Final = attrgetter(*_PARTS)
BUCKETS: Final = {bucket.value: bucket for bucket in CardBucket}
_DAY: Final = date.fromordinal


def asked_document(asked: Asked) -> list[Any]:
    """What a statement asks for."""
    return [asked.total_paise, asked.minimum_paise, _PARTS_OF(asked.parts)]


def asked_of(document: Sequence[Any]) -> Asked:
    """What `asked_document` wrote."""
    total, minimum, parts = document
    return Asked(total_paise=total, minimum_paise=minimum, parts=MinimumParts(**dict(zip(_PARTS, parts, strict=True))))


def state_document(state: State) -> dict[str, Any]:
    """The state as JSON. What columns of the account's row hold is not in it."""
    return {
        "terms": [[known.from_on.toordinal(), known.version] for known in state.terms],
        "began": state.cycle_began_on.toordinal(),
        "ends": state.would_end_on.toordinal(),
        "event": state.last_event_on.toordinal(),
        "bought": _bought(state),
        "items": [_item(item) for item in state.live if not is_untouched(item)],
        "credits": [[one.number, one.value_on.toordinal(), one.paise, one.is_unbilled_only] for one in state.credits],
        "plans": [
            [one.number, one.purchase, str(one.annual_rate_percent), one.emi_paise, [_row(row) for row in one.rows]]
            for one in state.plans
        ],
        "disputes": [[one.number, one.purchase, one.paise, one.billed_by] for one in state.disputes],
        "questions": [
            [one.number, one.paise, one.asked_on.toordinal(), one.answer_by.toordinal()] for one in state.questions
        ],
        "statements": [_statement(one) for one in state.statements],
        "revolving": [[one.toordinal(), until and until.toordinal()] for one, until in state.revolving],
        "first": state.first_posting_on and state.first_posting_on.toordinal(),
        "moved": state.moved,
        "closing": state.closing_paise,
        "shown": state.shown_posting,
        "always": state.always_statement,
        "moves": state.day_moves,
    }


def _bought(state: State) -> list[list[Any]]:
    """Purchases to which nothing has happened, by the statement that billed them."""
    rows: dict[int | None, list[int]] = {}
    for one in state.bought:
        rows.setdefault(one.billed_by, []).extend(one.rows)
    for item in state.live:
        if is_untouched(item):
            rows.setdefault(item.billed_by, []).extend(row_of(item))
    return [[billed_by, numbers] for billed_by, numbers in rows.items()]


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


#: The open statements of `card_accounts AS a` in SQL, as `_statement` writes them: `number`, `due` (the ordinal of its
#: due date, as Python counts days) and `unpaid_paise`, as `OpenStatement.minimum_unpaid_paise`. LEAST ignores a null.
OPEN_STATEMENTS: Final = """
    SELECT (o.item ->> 0)::int AS number, (o.item ->> 2)::int AS due,
           greatest(0, least((o.item -> 4 ->> 1)::bigint, (o.item -> 5 ->> 1)::bigint) - (o.item ->> 6)::bigint)
           AS unpaid_paise
    FROM jsonb_array_elements(a.state -> 'statements') AS o(item)"""


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


def document_of(row: Any) -> dict[str, Any]:
    """The JSON of a row of `card_accounts`. The driver itself gives it as text."""
    found: dict[str, Any] = orjson.loads(row.state) if isinstance(row.state, str) else row.state
    return found


def state_of(row: Any, document: dict[str, Any], terms: Mapping[int, CardTerms]) -> State:
    """The state of a row of `card_accounts` and its document. `terms` are those of the product's versions."""
    return State(
        opened_on=row.opened_on,
        terms=[TermsFrom(_DAY(begins), terms[version], version) for begins, version in document["terms"]],
        limit_paise=row.limit_paise,
        statement_day=row.statement_day,
        cycle_began_on=_DAY(document["began"]),
        # A document of an earlier version does not say it.
        would_end_on=_DAY(document["ends"]) if "ends" in document else row.next_statement_on,
        next_statement_on=row.next_statement_on,
        status=AccountStatus(row.status),
        always_statement=document["always"],
        day_moves=document["moves"],
        last_event_on=_DAY(document["event"]),
        last_number=row.last_posting,
        # A document of an earlier version has only items.
        bought=[Bought(billed_by, rows) for billed_by, rows in document.get("bought", ())],
        live=[_item_of(one) for one in document["items"]],
        credits=[Credit(number, _DAY(on), paise, only) for number, on, paise, only in document["credits"]],
        plans=[_plan_of(one) for one in document["plans"]],
        disputes=[Dispute(*one) for one in document["disputes"]],
        questions=[
            RefundQuestion(number, paise, _DAY(asked), _DAY(by)) for number, paise, asked, by in document["questions"]
        ],
        statements=[_statement_of(one) for one in document["statements"]],
        revolving=[(_DAY(begins), None if until is None else _DAY(until)) for begins, until in document["revolving"]],
        statement_number=row.last_statement,
        closing_paise=document["closing"],
        shown_posting=document["shown"],
        first_posting_on=None if document["first"] is None else _DAY(document["first"]),
        moved=document["moved"],
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
