"""What may be changed about a card account: plans, disputes, the limit, the statement day, and its end, as facts.

See `requests`. Source: docs/cards.md, instalments, disputes, life.
"""

from datetime import date
from decimal import Decimal

from app.domain.cards.cards import Card, CardStatus, replace_card
from app.domain.cards.engine.accounts import AccountStatus, Plan, State
from app.domain.cards.engine.cycles import check_cycle, check_statement_day, moved_end_on
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.plans import NothingToConvert, PlanNotFound, PlanNotOffered
from app.domain.cards.requests import BEFORE, Posted, fee_facts, new_fact
from app.domain.cards.standing import check_open
from app.domain.errors import Conflict, Rejected
from app.domain.money import format_inr, share_paise
from app.domain.people.access import Actor
from app.domain.products.card_terms import CardBucket, CardTerms, FeeKind


class NothingToDispute(Rejected):
    """Only a purchase or a cash advance that still counts can be disputed, once at a time. Choose another posting."""

    code = "nothing_to_dispute"


class DisputeNotOpen(Conflict):
    """The account has no such dispute, or it was decided. Look at the disputes of the account."""

    code = "dispute_not_open"


class StatementDayMovesUsed(Rejected):
    """The holder has moved the statement day as often as the product allows. Keep the present day."""

    code = "statement_day_moves_used"


class NothingToChargeOff(Rejected):
    """Nothing is owed on the account, so there is nothing to charge off. Close it instead."""

    code = "nothing_to_charge_off"


class LimitBelowUse(Rejected):
    """A limit may not be lowered below what is owed and held. Choose at least `figures.used`."""

    code = "card_limit_below_use"


class LimitNotRequested(Rejected):
    """A limit is raised only on the holder's recorded request, or by two people. Record the request, or propose it."""

    code = "card_limit_not_requested"


def convert(
    state: State,
    purchase: Posted,
    *,
    terms: CardTerms,
    annual_rate_percent: Decimal | None,
    instalments: int,
    today: date,
) -> list[Fact]:
    """What is unpaid of a purchase becomes a plan. Raises NothingToConvert, PlanNotOffered."""
    check_open(state)
    item = state.find_item(purchase.number, bucket=CardBucket.PURCHASES)
    left = item.left_paise if item is not None else 0
    if left == 0 or left < terms.plan_minimum_paise:
        raise NothingToConvert(f"{format_inr(left)} is unpaid of it", field="purchase", left_paise=left)
    least, most = terms.plan_instalments
    if not least <= instalments <= most:
        raise PlanNotOffered(f"a plan has {least} to {most} instalments", field="instalments", least=least, most=most)
    rate = terms.plan_annual_rate_percent if annual_rate_percent is None else annual_rate_percent
    plan = new_fact(
        FactKind.CONVERSION,
        today,
        paise=left,
        value_on=today,
        of=purchase.number,
        annual_rate_percent=rate,
        instalments=instalments,
    )
    return [plan, *fee_facts(FeeKind.CONVERSION, share_paise(left, terms.conversion_fee_percent), today, of=BEFORE)]


def find_plan(state: State, number: int) -> Plan:
    """A plan of the account. Raises PlanNotFound."""
    plan = next((one for one in state.plans if one.number == number), None)
    if plan is None:
        raise PlanNotFound("there is no such plan", field="plan")
    return plan


def foreclose(state: State, number: int, *, terms: CardTerms, today: date) -> list[Fact]:
    """A plan is due at once. Raises PlanNotFound."""
    check_open(state)
    left = find_plan(state, number).principal_paise
    fee = share_paise(left, terms.foreclosure_fee_percent)
    due = new_fact(FactKind.FORECLOSURE, today, paise=left, value_on=today, of=number)
    return [due, *fee_facts(FeeKind.FORECLOSURE, fee, today, of=BEFORE)]


def dispute(state: State, purchase: Posted, *, paise: int | None, terms: CardTerms, today: date) -> list[Fact]:
    """A purchase is disputed, as a whole or in part. Raises NothingToDispute."""
    check_open(state)
    left = purchase.counts_paise
    amount = left if paise is None else paise
    is_open = any(one.purchase == purchase.number for one in state.disputes)
    if purchase.kind not in (FactKind.PURCHASE, FactKind.CASH_ADVANCE) or is_open or not 0 < amount <= left:
        raise NothingToDispute("this posting cannot be disputed", field="posting")
    facts = [new_fact(FactKind.DISPUTE, today, paise=amount, value_on=today, of=purchase.number)]
    item = state.find_item(purchase.number)
    unpaid = min(amount, item.left_paise) if item is not None else 0
    if terms.provisional_credit and amount > unpaid:
        facts.append(new_fact(FactKind.CREDIT, today, paise=amount - unpaid, value_on=today, of=BEFORE))
    return facts


def decide_dispute(
    state: State,
    opened: Posted,
    purchase: Posted,
    *,
    for_holder: bool,
    credited_paise: int,
    refunded_paise: int,
    today: date,
) -> list[Fact]:
    """A dispute is decided: for the holder it is a reversal, for the merchant the amount is owed again, from today.

    `credited_paise` is the provisional credit of the dispute, and `refunded_paise` what the merchant has refunded of
    the purchase: it is not given back again. A dispute of what is paid for may outlive its account: after the closing
    the holder is owed what they win, and nothing is taken back. Raises DisputeNotOpen.
    """
    if all(one.number != opened.number for one in state.disputes):
        raise DisputeNotOpen("there is no such open dispute", field="dispute")
    if not for_holder:
        taken_back = credited_paise if state.status is AccountStatus.OPEN else 0
        return [new_fact(FactKind.DISPUTE_LOST, today, paise=taken_back, value_on=today, of=opened.number)]
    paise = max(0, min(opened.amount_paise, purchase.counts_paise - refunded_paise))
    return [
        new_fact(
            FactKind.REVERSAL, today, paise=paise, value_on=purchase.value_on, of=purchase.number, settles=opened.number
        )
    ]


def change_limit(state: State, *, limit_paise: int, held_paise: int, is_requested: bool, today: date) -> list[Fact]:
    """Another limit: up only where it is requested (or two people decided), down at once but not below what is used.

    Raises LimitNotRequested, LimitBelowUse.
    """
    check_open(state)
    if limit_paise > state.limit_paise and not is_requested:
        raise LimitNotRequested("the holder has not asked for a higher limit", field="limit")
    used = max(0, state.used_paise) + held_paise
    if limit_paise < state.limit_paise and limit_paise < used:
        raise LimitBelowUse(f"{format_inr(used)} is owed and held", field="limit", used_paise=used)
    return [new_fact(FactKind.LIMIT, today, value_on=today, limit_paise=limit_paise)]


def move_statement_day(state: State, *, day: int, terms: CardTerms, today: date) -> list[Fact]:
    """Another statement day. Raises StatementDayInvalid, CycleTooLong, StatementDayMovesUsed."""
    check_open(state)
    check_statement_day(day)
    check_cycle(state.cycle_began_on, moved_end_on(state.would_end_on, day=day, on=today))
    if terms.statement_day_moves is not None and state.day_moves >= terms.statement_day_moves:
        raise StatementDayMovesUsed("the statement day cannot be moved again", field="statement_day")
    return [new_fact(FactKind.STATEMENT_DAY, today, value_on=today, day=day)]


def want_statements(state: State, *, always: bool, today: date) -> list[Fact]:
    """Whether a statement comes although nothing is owed and nothing moved."""
    check_open(state)
    return [new_fact(FactKind.ALWAYS_STATEMENT, today, value_on=today, day=int(always))]


def new_terms(state: State, *, terms: CardTerms, version: int, begins_on: date, today: date) -> list[Fact]:
    """Terms of another version of the product, from the day after a statement."""
    check_open(state)
    return [new_fact(FactKind.TERMS, today, value_on=begins_on, terms=terms, version=version)]


def close(state: State, *, today: date) -> list[Fact]:
    """The account is closed; what is left of a credit balance is paid out first."""
    check_open(state)
    return [new_fact(FactKind.CLOSING, today, value_on=today)]


def charge_off(state: State, *, today: date) -> list[Fact]:
    """What is owed becomes a loss. Raises NothingToChargeOff."""
    check_open(state)
    if state.used_paise <= 0:
        raise NothingToChargeOff("nothing is owed", field="card_account_id")
    return [new_fact(FactKind.CHARGE_OFF, today, value_on=today)]


def end_card(card: Card, *, actor: Actor, on: date) -> Card:
    """A card of an account that is closed: it never works again."""
    return card if card.status is CardStatus.REPLACED else replace_card(card, actor=actor, on=on)
