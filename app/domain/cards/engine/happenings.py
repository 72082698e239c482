"""What each kind of fact does to an account, and the order in which facts and days are lived."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from app.domain.cards.engine.accounts import AccountStatus, Dispute, State, TermsFrom
from app.domain.cards.engine.charges import Cause, ChargeKey
from app.domain.cards.engine.cycles import ONE_DAY, moved_end_on, next_statement_on, statement_on_or_after
from app.domain.cards.engine.facts import BOUGHT, MONEY_IN, Fact, FactKind
from app.domain.cards.engine.fees import fee_left_paise
from app.domain.cards.engine.items import Item, Step
from app.domain.cards.engine.laying import lay, lower_purchase
from app.domain.cards.engine.ledger import ACCOUNT_OF, CardAccount
from app.domain.cards.engine.life import (
    HAPPEN,
    JUDGE,
    Life,
    Posting,
    add_debit,
    charge,
    judge,
    net_owed_paise,
    next_day,
    post_charge,
    settle_judgement,
)
from app.domain.cards.engine.losses import charge_off, lose, recover
from app.domain.cards.engine.minimum_due import ask_without
from app.domain.cards.engine.plans import accrued_paise, lower_plan, make_plan, plan_terms
from app.domain.cards.engine.refunds import count_credit, refund
from app.domain.cards.engine.statements import issue_statement
from app.domain.products.card_terms import CardBucket


def live_through(life: Life, *, on: date) -> None:
    """Lives everything up to the middle of a day: what is queued for it has happened, and its statement is not made."""
    until = (on, HAPPEN)
    while True:
        coming = next_day(life.state, late_after_days=life.rules.late_after_days)
        queued = (life.queue[0][0], HAPPEN) if life.queue else None
        if queued is not None and queued <= until and (coming is None or queued < coming):
            happen(life, life.take())
        elif coming is not None and coming <= until:
            day, part = coming
            if part == JUDGE:
                judge(life, on=day)
            else:
                issue_statement(life, on=day)
        else:
            return


def happen(life: Life, what: Fact | tuple[ChargeKey, object]) -> None:
    """One fact happens, or a charge that a replay found counts from its day."""
    if isinstance(what, tuple):
        key, tranche = what
        # What is found of an account that was charged off meanwhile is not charged any more.
        if life.state.status is not AccountStatus.CHARGED_OFF:
            post_charge(life, key, tranche)  # type: ignore[arg-type]
        return
    state = life.state
    state.last_event_on = max(state.last_event_on, what.happens_on)
    before, derived = net_owed_paise(state), len(life.postings)
    DOES[what.kind](life, what)
    moved = net_owed_paise(state) - before - sum(one.owed_paise for one in life.postings[derived:])
    if moved:
        state.moved = True
    if life.finding is None:
        posting = Posting(what.number, what.kind.value, moved, what.value_on, what.posted_on, what.of)
        life.postings.insert(derived, posting)


def _spend(life: Life, fact: Fact) -> None:
    bucket = CardBucket.CASH if fact.kind is FactKind.CASH_ADVANCE else CardBucket.PURCHASES
    contra = CardAccount.CASH if fact.kind is FactKind.PAYOUT else CardAccount.SETTLEMENT_PAYABLE
    paise = fact.counts_paise
    life.transfer(fact.number, ACCOUNT_OF[bucket], contra, paise, value_on=fact.value_on)
    item = add_debit(life, bucket, paise, number=fact.number, from_on=fact.value_on, posted_on=fact.posted_on)
    if fact.kind is FactKind.PAYOUT:
        # What the credit paid was never owed, where the day of a payment counts too.
        item.steps = [Step(item.from_on, step.paise) for step in item.steps]
    if life.state.status is AccountStatus.CHARGED_OFF:
        lose(life, item, number=fact.number)


def _fee(life: Life, fact: Fact) -> None:
    """A fee of the lender. A closed account is charged none: that for a returned payment goes when it is put back."""
    if life.state.status is AccountStatus.CLOSED:
        return
    key = ChargeKey(Cause.FEE, fact.number)
    paise = fee_left_paise(fact, life.state.terms_on(fact.posted_on))
    charge(life, key, paise, on=fact.posted_on, fee=fact.fee, number=fact.number)


def _pay(life: Life, fact: Fact) -> None:
    contra = CardAccount.LOSSES if fact.kind is FactKind.CREDIT else CardAccount.CASH
    if life.state.status is AccountStatus.CHARGED_OFF:
        recover(life, fact, debit=contra)
        return
    paise = fact.counts_paise
    count_credit(life.state, paise, value_on=fact.value_on)
    laying = lay(life.state, paise, number=fact.number, value_on=fact.value_on)
    life.transfer_laid(fact.number, laying, debit=contra, value_on=fact.value_on)


def _refund(life: Life, fact: Fact) -> None:
    if life.state.status is AccountStatus.CHARGED_OFF:
        recover(life, fact, debit=CardAccount.SETTLEMENT_PAYABLE)
    else:
        refund(life, fact)


def _convert(life: Life, fact: Fact) -> None:
    """What is unpaid of a purchase, at most what was agreed, becomes a plan."""
    assert fact.of is not None, "a purchase"
    assert fact.annual_rate_percent is not None, "a rate"
    assert fact.instalments is not None, "a number of instalments"
    state = life.state
    item = state.find_item(fact.of, bucket=CardBucket.PURCHASES)
    paise = min(fact.amount_paise, item.left_paise) if item else 0
    if item is None or not paise:
        return
    first_on = state.next_statement_on
    if first_on <= fact.posted_on:
        first_on = next_statement_on(first_on, day=state.statement_day)
    terms = plan_terms(
        life.repayment,
        paise=fact.amount_paise,
        annual_rate_percent=fact.annual_rate_percent,
        instalments=fact.instalments,
        on=fact.posted_on,
        first_on=first_on,
        day=state.statement_day,
    )
    plan = make_plan(terms, number=fact.number, purchase=fact.of)
    if paise < fact.amount_paise:
        lower_plan(plan, terms, paise=fact.amount_paise - paise, on=fact.posted_on)
    state.plans.append(plan)
    set_aside(state, item, paise, on=fact.posted_on, leaves_limit=False)
    life.transfer(fact.number, CardAccount.PLANS, CardAccount.PURCHASES, paise, value_on=fact.posted_on)


def set_aside(state: State, item: Item, paise: int, *, on: date, leaves_limit: bool) -> None:
    """Takes a part of a purchase out of what is due; of issued statements the total and minimum are worked out
    again."""
    terms = state.terms_on(on)
    billed_by = item.billed_by
    lower_purchase(state, item, paise, value_on=on)
    for statement in state.statements if billed_by is not None else ():
        if statement.number >= (billed_by or 0):
            statement.shown = ask_without(terms, statement.shown, paise=paise, leaves_limit=leaves_limit)
            statement.known = ask_without(terms, statement.known, paise=paise, leaves_limit=leaves_limit)


def _foreclose(life: Life, fact: Fact) -> None:
    """A plan is due at once: what is left of it, and its interest since the last instalment."""
    state = life.state
    plan = next((one for one in state.plans if one.number == fact.of), None)
    if plan is None:
        return
    interest, principal = accrued_paise(plan, on=fact.posted_on), plan.principal_paise
    state.plans.remove(plan)
    life.transfer(fact.number, CardAccount.INSTALMENTS_DUE, CardAccount.PLANS, principal, value_on=fact.posted_on)
    add_debit(
        life, CardBucket.INSTALMENTS, principal, number=plan.number, from_on=fact.posted_on, posted_on=fact.posted_on
    )
    charge(life, ChargeKey(Cause.PLAN_INTEREST, fact.number, plan.number), interest, on=fact.posted_on)


def _dispute(life: Life, fact: Fact) -> None:
    """What is unpaid of a purchase is set aside: no interest, not due, but it uses the limit."""
    assert fact.of is not None, "a dispute is of a purchase"
    state = life.state
    item = state.find_item(fact.of)
    paise = min(fact.amount_paise, item.left_paise) if item else 0
    state.disputes.append(Dispute(fact.number, fact.of, paise, item.billed_by if item else None))
    if item is not None and paise:
        set_aside(state, item, paise, on=fact.posted_on, leaves_limit=True)
        life.transfer(fact.number, CardAccount.DISPUTED, ACCOUNT_OF[item.bucket], paise, value_on=fact.posted_on)


def _lose_dispute(life: Life, fact: Fact) -> None:
    """Decided for the merchant: owed from the day of the decision, without interest for the time between.

    The amount of the fact is a provisional credit that is taken back.
    """
    state = life.state
    dispute = next((one for one in state.disputes if one.number == fact.of), None)
    if dispute is None:
        return
    state.disputes.remove(dispute)
    for account, paise in ((CardAccount.DISPUTED, dispute.paise), (CardAccount.LOSSES, fact.counts_paise)):
        life.transfer(fact.number, CardAccount.PURCHASES, account, paise, value_on=fact.posted_on)
    if paise := dispute.paise + fact.counts_paise:
        bucket, on = CardBucket.PURCHASES, fact.posted_on
        add_debit(life, bucket, paise, number=fact.number, from_on=on, posted_on=on)


def _close(life: Life, fact: Fact) -> None:
    """The last statement, with the trailing interest up to the day; the account is closed when nothing is owed.

    In an account that is lived again something may be: the payment that settled it was returned. Then it stays open,
    and so it does where that payment is put back after the account was used again. Or the holder is owed something: a
    merchant has refunded a purchase since. It is closed all the same.
    """
    state = life.state
    for plan in state.plans[:]:
        _foreclose(life, replace(fact, of=plan.number))
    last = state.statements[-1] if state.statements else None
    if last is not None and last.paid_in_full is None and last.cleared_on is not None:
        last.paid_in_full = True
        settle_judgement(state, last)
    issue_statement(life, on=fact.posted_on)
    if net_owed_paise(state) <= 0 and not _is_used_again(life):
        state.status = AccountStatus.CLOSED


def _is_used_again(life: Life) -> bool:
    """Whether what is known of the days after a closing needs an open account: something was charged or bought, or more
    was paid out than the holder had as credit.

    What comes later never changes the answer, or the account would be another one when it is lived again: money that is
    received pays nothing that was asked for before it.
    """
    facts = [what for *_, what in life.queue if isinstance(what, Fact)]
    charged = [what[1] for *_, what in life.queue if not isinstance(what, Fact)]
    left = net_owed_paise(life.state) + sum(one.paise + one.tax_paise for one in charged)
    for fact in facts:
        if left > 0 or fact.kind in BOUGHT:
            return True
        if fact.kind is FactKind.PAYOUT:
            left += fact.counts_paise
        elif fact.kind in MONEY_IN:
            left -= fact.counts_paise
    return left > 0


def _set_limit(life: Life, fact: Fact) -> None:
    assert fact.limit_paise is not None, "a limit"
    life.state.limit_paise = fact.limit_paise


def _move_statement_day(life: Life, fact: Fact) -> None:
    """The open cycle ends on the first new day on or after the date on which it would have ended. Terms that were told
    still begin on the day after a statement."""
    assert fact.day is not None, "a statement day"
    state = life.state
    state.statement_day = fact.day
    state.next_statement_on = moved_end_on(state.would_end_on, day=fact.day, on=fact.posted_on)
    state.day_moves += 1
    for place, told in enumerate(state.terms):
        if told.from_on > fact.posted_on:
            after = statement_on_or_after(told.from_on - ONE_DAY, day=fact.day)
            state.terms[place] = told._replace(from_on=after + ONE_DAY)


def _always_statement(life: Life, fact: Fact) -> None:
    life.state.always_statement = bool(fact.day)


def _new_terms(life: Life, fact: Fact) -> None:
    """New terms begin on their value date, which is the day after a statement."""
    assert fact.terms is not None, "terms"
    life.state.terms.append(TermsFrom(fact.value_on, fact.terms, fact.version or 1))


DOES: Final[dict[FactKind, Callable[[Life, Fact], None]]] = {
    FactKind.PURCHASE: _spend,
    FactKind.CASH_ADVANCE: _spend,
    FactKind.PAYOUT: _spend,
    FactKind.FEE: _fee,
    FactKind.PAYMENT: _pay,
    FactKind.CREDIT: _pay,
    FactKind.REFUND: _refund,
    FactKind.CONVERSION: _convert,
    FactKind.FORECLOSURE: _foreclose,
    FactKind.DISPUTE: _dispute,
    FactKind.DISPUTE_LOST: _lose_dispute,
    FactKind.CLOSING: _close,
    FactKind.CHARGE_OFF: charge_off,
    FactKind.LIMIT: _set_limit,
    FactKind.STATEMENT_DAY: _move_statement_day,
    FactKind.ALWAYS_STATEMENT: _always_statement,
    FactKind.TERMS: _new_terms,
}
