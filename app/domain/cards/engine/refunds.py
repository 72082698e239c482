"""Refunds: they lower their purchase from their date, then its dispute, then its plan; the rest is like a payment.

A refund counts towards the open statement's total and minimum. A refund of a purchase that no statement has billed does
not: it lowers only what is unbilled. Source: docs/cards.md, refunds.
"""

from datetime import date, timedelta

from app.domain.cards.engine.accounts import AccountStatus, Plan, RefundQuestion, State
from app.domain.cards.engine.facts import Fact
from app.domain.cards.engine.items import Item
from app.domain.cards.engine.laying import lay, lower_purchase, note_cleared
from app.domain.cards.engine.ledger import ACCOUNT_OF, CardAccount
from app.domain.cards.engine.life import Life
from app.domain.cards.engine.plans import lower_plan, plan_terms
from app.domain.money import percent_ratio
from app.domain.products.card_terms import CardBucket
from app.domain.schedules.terms import ScheduleTerms


def count_credit(state: State, paise: int, *, value_on: date) -> None:
    """Counts a payment or refund towards the statements before its value date."""
    for statement in state.statements:
        if statement.on < value_on:
            statement.credited_paise += paise


def refund(life: Life, fact: Fact) -> None:
    """Lowers the purchase, then its dispute, then its plan from the end; the rest is used like a payment."""
    state, left, settlement = life.state, fact.counts_paise, CardAccount.SETTLEMENT_PAYABLE
    item = _refunded_item(state, fact)
    is_billed = item.billed_by is not None if item else _was_billed(state, fact)
    purchase = item.number if item else fact.of
    if item is not None:
        part = lower_purchase(state, item, left, value_on=fact.value_on)
        life.transfer(fact.number, settlement, ACCOUNT_OF[item.bucket], part, value_on=fact.value_on)
        left -= part
    counts = fact.counts_paise
    for dispute in [one for one in state.disputes if one.purchase == purchase]:
        part = min(left, dispute.paise)
        dispute.paise -= part
        left -= part
        counts -= part
        life.transfer(fact.number, settlement, CardAccount.DISPUTED, part, value_on=fact.value_on)
    part = _refund_plan(life, fact, purchase, left)
    left -= part
    if is_billed:
        # What was set aside is in no statement any more.
        count_credit(state, counts - part, value_on=fact.value_on)
    laying = lay(state, left, number=fact.number, value_on=fact.value_on, unbilled_only=not is_billed) if left else None
    if laying is None:
        note_cleared(state, on=fact.value_on)
        return
    life.transfer_laid(fact.number, laying, debit=settlement, value_on=fact.value_on)
    ask_about(life, fact, laying.credit_paise)


def _refunded_item(state: State, fact: Fact) -> Item | None:
    if fact.of is not None:
        return state.find_item(fact.of)
    owed = [item for item in state.items if item.bucket is CardBucket.PURCHASES and item.left_paise]
    return min(owed, key=lambda item: (item.from_on, item.number), default=None)


def _was_billed(state: State, fact: Fact) -> bool:
    """Whether the purchase of a refund, of which nothing is left, was billed."""
    posted_on = fact.of_posted_on
    return state.statement_number > 0 if posted_on is None else posted_on < state.cycle_began_on


def _refund_plan(life: Life, fact: Fact, purchase: int | None, left: int) -> int:
    """Lowers the plan of a purchase from its end, and returns by how much."""
    plan = next((one for one in life.state.plans if one.purchase == purchase), None)
    if plan is None or not left:
        return 0
    part = min(left, plan.principal_paise)
    lower_plan(plan, _terms_of(life, plan, on=fact.value_on), paise=part, on=fact.value_on)
    life.state.plans = [one for one in life.state.plans if one.rows]
    life.transfer(fact.number, CardAccount.SETTLEMENT_PAYABLE, CardAccount.PLANS, part, value_on=fact.value_on)
    return part


def _terms_of(life: Life, plan: Plan, *, on: date) -> ScheduleTerms:
    first = plan.rows[0]
    return plan_terms(
        life.repayment,
        paise=plan.principal_paise,
        annual_rate_percent=plan.annual_rate_percent,
        instalments=len(plan.rows),
        on=min(first.from_on, on),
        first_on=first.due_on,
        day=life.state.statement_day,
    )


def ask_about(life: Life, fact: Fact, paise: int) -> None:
    """What came back of a purchase that is paid for is not kept as credit without asking, above a threshold. The holder
    of a closed account is not asked: it is owed to them until two people pay it back."""
    state, rules = life.state, life.rules
    if state.status is not AccountStatus.OPEN:
        return
    numerator, denominator = percent_ratio(rules.refund_question_percent)
    threshold = min(state.limit_paise * numerator // denominator, rules.refund_question_paise)
    if paise > threshold:
        answer_by = fact.posted_on + timedelta(days=rules.refund_answer_days)
        state.questions.append(RefundQuestion(fact.number, paise, fact.posted_on, answer_by))
