"""Changes of a card account as use cases: plans, disputes, limits, blocks, the statement day, terms, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.db.repositories.cards import cards as card_repository
from app.db.repositories.cards import postings as posting_repository
from app.db.repositories.cards.accounts import AccountKey
from app.domain.calendar import add_months
from app.domain.cards import changes as domain
from app.domain.cards.engine.cycles import (
    ONE_DAY,
    check_cycle,
    check_statement_day,
    longest_interest_free_days,
    moved_end_on,
    statement_on_or_after,
)
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.plans import NothingToConvert
from app.domain.cards.quotes import check_closable, closing_quote
from app.domain.cards.requests import Posted, give_credit, pay_out_when_closing, refund_credit
from app.domain.cards.standing import check_open
from app.domain.errors import Conflict
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.cards.arrears import report_arrears
from app.services.cards.movements import find, sum_on_word
from app.services.cards.postings import posted
from app.services.products.calendars import count_working_days
from app.services.unit_of_work import UnitOfWork


class BlockedByLender(Conflict):
    """The lender blocked this account, so its holder cannot unblock it. Ask the lender."""

    code = "card_account_blocked_by_lender"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMove:
    """What moving the statement day means, shown before it is confirmed."""

    statement_day: int
    cycle_began_on: date
    would_end_on: date
    ends_on: date
    longest_interest_free_days: int


async def _apply(uow: UnitOfWork, working: Working, facts: Sequence[Fact], *, action: str, **said: object) -> Working:
    await accounts.happen(uow, working, facts)
    await accounts.save(uow, working)
    await report_arrears(uow, working)
    await accounts.record(uow, working.key, action, **said)
    return working


async def convert(
    uow: UnitOfWork,
    account_id: int,
    *,
    purchase: int | str,
    instalments: int,
    annual_rate_percent: Decimal | None = None,
) -> Working:
    """What is unpaid of a purchase becomes a plan. Raises NothingToConvert, PlanNotOffered."""
    working = await accounts.lock(uow, account_id)
    known = await find(uow, working, purchase)
    if known is None:
        raise NothingToConvert("there is no such purchase", field="purchase")
    facts = domain.convert(
        working.state,
        known,
        terms=working.terms,
        annual_rate_percent=annual_rate_percent,
        instalments=instalments,
        today=working.today,
    )
    return await _apply(uow, working, facts, action="card_purchase_converted", purchase=known.number)


async def foreclose(uow: UnitOfWork, account_id: int, plan: int) -> Working:
    """A plan is due at once. Raises PlanNotFound."""
    working = await accounts.lock(uow, account_id)
    facts = domain.foreclose(working.state, plan, terms=working.terms, today=working.today)
    return await _apply(uow, working, facts, action="card_plan_foreclosed", plan=plan)


async def dispute(uow: UnitOfWork, account_id: int, *, posting: int | str, paise: int | None, reason: str) -> Working:
    """A purchase is disputed: what is unpaid of it is set aside. Raises NothingToDispute."""
    working = await accounts.lock(uow, account_id)
    known = await find(uow, working, posting)
    if known is None:
        raise domain.NothingToDispute("there is no such posting", field="posting")
    facts = domain.dispute(working.state, known, paise=paise, terms=working.terms, today=working.today)
    return await _apply(uow, working, facts, action="card_dispute_opened", posting=known.number, reason=reason)


async def decide_dispute(uow: UnitOfWork, account_id: int, number: int, *, for_holder: bool, reason: str) -> Working:
    """A dispute is decided. Raises DisputeNotOpen."""
    working = await accounts.lock(uow, account_id)
    opened = await posted(uow, working.key, number=number)
    purchase = None if opened is None else await _purchase_of(uow, working, number)
    if opened is None or purchase is None or opened.kind is not FactKind.DISPUTE:
        raise domain.DisputeNotOpen("there is no such open dispute", field="dispute")
    credited = await posting_repository.sum_credits_of(uow.session, working.key, number)
    facts = domain.decide_dispute(
        working.state,
        opened,
        purchase,
        for_holder=for_holder,
        credited_paise=credited,
        refunded_paise=await posting_repository.sum_refunds_of(uow.session, working.key, purchase.number),
        today=working.today,
    )
    said = {"dispute": number, "for": "holder" if for_holder else "merchant", "reason": reason}
    return await _apply(uow, working, facts, action="card_dispute_decided", **said)


async def _purchase_of(uow: UnitOfWork, working: Working, dispute_number: int) -> Posted | None:
    row = await posting_repository.find_posting(uow.session, working.key, number=dispute_number)
    if row is None or row.of_number is None:
        return None
    return await posted(uow, working.key, number=row.of_number)


async def change_limit(uow: UnitOfWork, account_id: int, *, limit_paise: int, is_requested: bool) -> Working:
    """Another limit. Raises LimitNotRequested, LimitBelowUse."""
    working = await accounts.lock(uow, account_id)
    facts = domain.change_limit(
        working.state,
        limit_paise=limit_paise,
        held_paise=working.row.held_paise,
        is_requested=is_requested,
        today=working.today,
    )
    return await _apply(uow, working, facts, action="card_limit_changed", limit_paise=limit_paise)


async def consent_over_limit(uow: UnitOfWork, account_id: int, *, consents: bool) -> Working:
    """Records whether the holder consents to go over the limit."""
    working = await accounts.lock(uow, account_id)
    check_open(working.state)
    await accounts.save(uow, working, over_limit_consent_on=working.today if consents else None)
    await accounts.record(uow, working.key, "card_over_limit_consent", consents=consents)
    return await accounts.read(uow, account_id)


async def block(uow: UnitOfWork, account_id: int, *, blocks: bool) -> Working:
    """Blocks an account, or unblocks it. A block by staff is only removed by staff. Raises BlockedByLender."""
    working = await accounts.lock(uow, account_id)
    check_open(working.state)
    by_holder = str(working.row.blocked_by or "").startswith("customer:")
    if working.row.blocked_on is not None and not by_holder and not uow.actor.is_staff:
        if not blocks:
            raise BlockedByLender("the lender blocked this account")
        return working
    columns = (working.today, uow.actor.label) if blocks else (None, None)
    await accounts.save(uow, working, blocked_on=columns[0], blocked_by=columns[1])
    await accounts.record(uow, working.key, "card_account_blocked" if blocks else "card_account_unblocked")
    return await accounts.read(uow, account_id)


async def preview_statement_day(uow: UnitOfWork, account_id: int, *, day: int) -> DayMove:
    """What moving the statement day would mean. Raises StatementDayInvalid, CycleTooLong."""
    check_statement_day(day)
    working = await accounts.read(uow, account_id)
    state = working.state
    ends_on = moved_end_on(state.would_end_on, day=day, on=working.today)
    check_cycle(state.cycle_began_on, ends_on)
    return DayMove(
        statement_day=day,
        cycle_began_on=state.cycle_began_on,
        would_end_on=state.next_statement_on,
        ends_on=ends_on,
        longest_interest_free_days=longest_interest_free_days(
            state.cycle_began_on, ends_on, due_after_days=working.terms.due_after_days
        ),
    )


async def move_statement_day(uow: UnitOfWork, account_id: int, *, day: int) -> Working:
    """Moves the statement day. Raises StatementDayInvalid, CycleTooLong, StatementDayMovesUsed."""
    working = await accounts.lock(uow, account_id)
    facts = domain.move_statement_day(working.state, day=day, terms=working.terms, today=working.today)
    return await _apply(uow, working, facts, action="card_statement_day_moved", statement_day=day)


async def want_statements(uow: UnitOfWork, account_id: int, *, always: bool) -> Working:
    """Whether a statement comes although nothing moved."""
    working = await accounts.lock(uow, account_id)
    facts = domain.want_statements(working.state, always=always, today=working.today)
    return await _apply(uow, working, facts, action="card_statements_wanted", always=always)


async def tell_terms(uow: UnitOfWork, account_id: int, *, version: int) -> Working:
    """Tells the holder of the terms of another version, which begin on the day after a statement, a month later."""
    working = await accounts.lock(uow, account_id)
    terms = await accounts.card_terms(uow, working.row.product_code, version)
    state, told = working.state, add_months(working.today, 1)
    last_on = state.next_statement_on
    while last_on < told:
        last_on = statement_on_or_after(last_on + ONE_DAY, day=state.statement_day)
    facts = domain.new_terms(state, terms=terms, version=version, begins_on=last_on + ONE_DAY, today=working.today)
    return await _apply(uow, working, facts, action="card_terms_told", version=version)


async def close(uow: UnitOfWork, account_id: int) -> Working:
    """Closes an account on the business date: trailing interest and plans are due, and a credit balance is paid out,
    except what only the holder or the caller reported.

    Raises AccountNotOpen, StillOwed.
    """
    working = await accounts.lock(uow, account_id)
    quote = closing_quote(
        working.state,
        on=working.today,
        rules=working.rules,
        repayment=working.product.repayment,
        close_by=await count_working_days(uow, working.today, working.rules.closing_working_days),
    )
    check_closable(working.state, held_paise=working.row.held_paise, quote=quote, terms=working.terms)
    facts: list[Fact] = []
    if quote.total_paise < 0:
        on_word = await sum_on_word(uow, working)
        paise = -quote.total_paise
        facts += pay_out_when_closing(working.state, paise=paise, on_word_paise=on_word, today=working.today)
    facts += domain.close(working.state, today=working.today)
    await _apply(uow, working, facts, action="card_account_closed")
    for card in await card_repository.list_cards_of_account(uow.session, *working.key):
        await card_repository.update_card(uow.session, domain.end_card(card, actor=uow.actor, on=working.today))
    return working


class ByTwo(NamedTuple):
    """What two people decide about an account: another limit, a refund of its credit balance, a credit that the lender
    gives, or, where all are None, that it is charged off."""

    limit_paise: int | None = None
    refund_paise: int | None = None
    credit_paise: int | None = None


def _decided_by_two(working: Working, change: ByTwo) -> tuple[list[Fact], str, dict[str, int]]:
    """The facts of a change, what it is called, and its figures."""
    state, today = working.state, working.today
    if change.limit_paise is not None:
        facts = domain.change_limit(
            state,
            limit_paise=change.limit_paise,
            held_paise=working.row.held_paise,
            is_requested=True,
            today=today,
        )
        figures = {"limit_paise": change.limit_paise, "previous_limit_paise": state.limit_paise}
        return facts, "card_limit_changed", figures
    if change.refund_paise is not None:
        facts = refund_credit(state, paise=change.refund_paise, today=today)
        return facts, "card_credit_refunded", {"amount_paise": change.refund_paise}
    if change.credit_paise is not None:
        facts = give_credit(state, paise=change.credit_paise, today=today)
        return facts, "card_credit_given", {"amount_paise": change.credit_paise}
    return domain.charge_off(state, today=today), "card_account_charged_off", {"charged_off_paise": state.used_paise}


async def foresee(uow: UnitOfWork, account_id: int, change: ByTwo) -> AccountKey:
    """Tries a proposal out. Raises CardAccountNotFound, AccountNotOpen, LimitBelowUse, NoCreditBalance."""
    working = await accounts.read(uow, account_id)
    _decided_by_two(working, change)
    return working.key


async def carry_out(uow: UnitOfWork, account_id: int, change: ByTwo) -> dict[str, int]:
    """Carries out what two people decided, and answers the figures. Raises AccountNotOpen, LimitBelowUse,
    NoCreditBalance."""
    working = await accounts.lock(uow, account_id)
    facts, action, figures = _decided_by_two(working, change)
    await _apply(uow, working, facts, action=action)
    return figures
