"""Statements: what a cycle came to.

On the statement day, after everything else: each plan bills one instalment, interest is charged, everything posted is
billed, and the total and the minimum due are worked out. A statement is issued when something is owed or moved, or when
the holder wants it always. Source: docs/cards.md, statements.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from app.domain.cards.engine.accounts import Asked, MinimumParts, OpenStatement, State
from app.domain.cards.engine.charges import Cause, ChargeKey, tax_paise
from app.domain.cards.engine.cycles import ONE_DAY, next_statement_on
from app.domain.cards.engine.interest import GroupInterest, charge_interest, open_revolving
from app.domain.cards.engine.items import Item
from app.domain.cards.engine.laying import note_cleared, use_credit
from app.domain.cards.engine.ledger import ACCOUNT_OF, CardAccount
from app.domain.cards.engine.life import IssuedStatement, Life, Posting, add_debit, charge
from app.domain.cards.engine.minimum_due import ask, minimum_parts
from app.domain.products.card_terms import CardBucket

NOTHING_ASKED = Asked(total_paise=0, minimum_paise=0, parts=MinimumParts())
CAUSE_OF = {CardBucket.PURCHASES: Cause.INTEREST, CardBucket.CASH: Cause.CASH_INTEREST}


def issue_statement(life: Life, *, on: date) -> None:
    """Ends the cycle on a day: charges, bills, and asks for the minimum."""
    state = life.state
    number = state.statement_number + 1
    state.last_event_on = max(state.last_event_on, on)
    bill_instalments(life, number=number, on=on)
    interest = charge_interest(state, until=on + timedelta(days=state.shift))
    for group in interest:
        charge(life, ChargeKey(CAUSE_OF[group.group], number), group.paise, on=on)
    for bought in state.bought:
        if bought.billed_by is None:
            bought.billed_by = number
    for item in state.live:
        if item.billed_by is None:
            item.billed_by = number
    if state.credits:
        _use_credit(life, on=on)
    owed = state.balances()
    total = sum(owed.values())
    # The cycle has a statement when something moved or is owed, or when the holder wants one always.
    is_issued = state.moved or total > 0 or state.always_statement
    statement = _open_statement(life, owed, number=number, on=on, is_issued=is_issued)
    net = total - state.credit_paise
    if is_issued:
        life.statements.append(_issued(state, statement, interest, owed, closing_paise=net))
    state.statements.append(statement)
    if not total:
        note_cleared(state, on=on)
    _begin_cycle(state, number=number, on=on, closing_paise=net)


def _use_credit(life: Life, *, on: date) -> None:
    """A refund that waited for its purchase to be billed pays what is owed now."""
    for credit in life.state.credits:
        credit.is_unbilled_only = False
    laying = use_credit(life.state, on=on)
    for bucket, paise in laying.paise.items():
        life.transfer(life.state.last_number, CardAccount.CREDIT_BALANCE, ACCOUNT_OF[bucket], paise, value_on=on)


def _open_statement(
    life: Life, owed: Mapping[CardBucket, int], *, number: int, on: date, is_issued: bool
) -> OpenStatement:
    state, terms, total = life.state, life.state.terms_on(on), sum(owed.values())
    parts = minimum_parts(state, owed, terms, billed_before=number - 1)
    if terms.minimum_covers_next and total:
        whole = parts.tax_paise + parts.fees_paise + parts.interest_paise + parts.instalments_paise
        parts = parts._replace(covering_paise=whole + next_interest_paise(life, number=number, on=on))
    known = ask(terms, parts, total_paise=total)
    # Where no statement is issued, nothing is shown: nobody is judged by it.
    shown = known if is_issued else NOTHING_ASKED
    if life.finding is not None:
        shown = life.shown.get(number, NOTHING_ASKED)
    return OpenStatement(
        number=number,
        on=on,
        due_on=on + timedelta(days=terms.due_after_days),
        first_posting_on=state.first_posting_on or on,
        shown=shown,
        known=known,
    )


def _issued(
    state: State,
    statement: OpenStatement,
    interest: list[GroupInterest],
    owed: Mapping[CardBucket, int],
    *,
    closing_paise: int,
) -> IssuedStatement:
    return IssuedStatement(
        number=statement.number,
        from_on=state.cycle_began_on,
        on=statement.on,
        due_on=statement.due_on,
        opening_paise=state.closing_paise,
        closing_paise=closing_paise,
        asked=statement.shown,
        balances=dict(owed),
        interest=tuple(interest),
        plan_paise=state.plan_paise,
        disputed_paise=state.disputed_paise,
        interest_free=not state.is_revolving,
        first_posting=state.shown_posting + 1,
        last_posting=state.last_number,
    )


def _begin_cycle(state: State, *, number: int, on: date, closing_paise: int) -> None:
    state.statement_number = number
    state.closing_paise = closing_paise
    state.shown_posting = state.last_number
    state.first_posting_on = None
    state.moved = False
    state.cycle_began_on = on + ONE_DAY
    # What is valued on the statement's own day after this would have to come before it.
    state.last_event_on = max(state.last_event_on, on + ONE_DAY)
    state.would_end_on = state.next_statement_on = next_statement_on(on, day=state.statement_day)


def bill_instalments(life: Life, *, number: int, on: date) -> None:
    """Each plan bills one instalment: its principal to the instalments due, its interest and tax to theirs."""
    state = life.state
    if not state.plans:
        return
    for plan in state.plans:
        row = plan.rows.pop(0)
        if row.principal_paise:
            if life.finding is None:
                own = life.next_number()
                life.transfer(own, CardAccount.INSTALMENTS_DUE, CardAccount.PLANS, row.principal_paise, value_on=on)
                life.postings.append(Posting(own, "instalment", row.principal_paise, on, on, plan.number))
            bucket = CardBucket.INSTALMENTS
            add_debit(life, bucket, row.principal_paise, number=plan.number, from_on=on, posted_on=on)
        charge(life, ChargeKey(Cause.PLAN_INTEREST, number, plan.number), row.interest_paise, on=on)
    state.plans = [plan for plan in state.plans if plan.rows]


def next_interest_paise(life: Life, *, number: int, on: date) -> int:
    """The interest and its tax that the next statement would bill if nothing were paid or spent until then."""
    trial = life.state.copy()
    next_on = next_statement_on(on, day=trial.statement_day)
    for item in trial.items:
        item.bears_all = item.bears_all or item.billed_by == number
    open_revolving(trial, from_on=trial.first_posting_on or on)
    parts = []
    for plan in trial.plans:
        row = plan.rows[0]
        parts.append(row.interest_paise)
        # Where days are inclusive, what the plan bills bears interest on the day of that statement.
        for bucket, owed in ((CardBucket.INSTALMENTS, row.principal_paise), (CardBucket.INTEREST, row.interest_paise)):
            trial.items.append(Item(plan.number, bucket, next_on, next_on, owed, accounted_until=next_on))
    parts += [group.paise for group in charge_interest(trial, until=next_on + timedelta(days=trial.shift))]
    percent = life.rules.gst_percent(next_on)
    return sum(part + tax_paise(part, percent=percent) for part in parts)
