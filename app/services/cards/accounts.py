"""Card accounts as use cases: open one, read it, and let facts happen to it under its lock.

Every change locks the account's row, catches the account up to the business date, lets facts happen, and writes what
was decided. Where the past changes, the whole history is read and the account is lived again (see the domain).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.db.repositories.cards import accounts as repository
from app.db.repositories.cards import postings as posting_repository
from app.db.repositories.cards import rows as row_repository
from app.db.repositories.cards.accounts import AccountKey, CardAccountNotFound, NewAccount, state_columns
from app.db.repositories.cards.rows import NO_DETAILS, Booking, Details, Rows
from app.db.repositories.cards.states import state_of
from app.db.repositories.products import products as product_repository
from app.db.session import Record
from app.domain.cards.card_events import OF_FACT, account_event, payment_event, statement_event
from app.domain.cards.decisions import Decided, catch_up, decide, needs_history, open_account
from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.charges import tranches
from app.domain.cards.engine.facts import Fact
from app.domain.cards.engine.replay import History, Opening
from app.domain.cards.requests import BEFORE, UNNUMBERED, pay_out_unanswered
from app.domain.cards.rules import CardRules, rules_of
from app.domain.cards.standing import next_run_on
from app.domain.errors import Invalid
from app.domain.events.happened import Happened
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import Product
from app.domain.public_ids import format_card_account_id
from app.services.cards.postings import kept_with_loss
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWork


class NotACardProduct(Invalid):
    """The product is a loan, so no card account is opened under it. Name a product with card terms."""

    code = "not_a_card_product"


@dataclass(slots=True, kw_only=True)
class Working:
    """An account that is locked or read, caught up to the business date, and what was decided about it since."""

    key: AccountKey
    row: Record
    product: Product
    terms_by_version: dict[int, CardTerms]
    rules: CardRules
    today: date
    #: The business date. It is later than `today` only in a run of an earlier date.
    booked_on: date
    decided: Decided
    details: dict[int, Details] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return self.decided.state

    @property
    def terms(self) -> CardTerms:
        """The terms in force today."""
        return self.state.terms_on(self.today)

    @property
    def public_id(self) -> str:
        return format_card_account_id(self.key.account_id)

    @property
    def opening(self) -> Opening:
        begins, terms, version = self.state.terms[0]
        return Opening(
            opened_on=begins,
            limit_paise=self.row.opening_limit_paise,
            statement_day=self.row.opening_statement_day,
            terms=terms,
            repayment=self.product.repayment,
            version=version,
        )


async def open_card_account(
    uow: UnitOfWork,
    *,
    customer_id: int,
    product: Product,
    limit_paise: int,
    statement_day: int,
    application_id: int | None,
) -> AccountKey:
    """Opens an account on the business date. Raises NotACardProduct, StatementDayInvalid."""
    if product.card is None:
        raise NotACardProduct("this product has no card terms", field="product")
    opening = Opening(
        opened_on=await uow.business_date(),
        limit_paise=limit_paise,
        statement_day=statement_day,
        terms=product.card,
        repayment=product.repayment,
        version=product.version,
    )
    decided = open_account(opening)
    key = AccountKey(customer_id, await repository.next_account_number(uow.session))
    new = NewAccount(
        key=key,
        product=(product.code, product.version),
        application_id=application_id,
        state=decided.state,
        next_event_on=next_run_on(decided.state, rules=rules_of(uow.lender, on=opening.opened_on)),
        now=uow.now,
        actor=uow.actor.label,
    )
    await repository.add_account(uow.session, new)
    await record(uow, key, "card_account_opened", limit_paise=limit_paise, statement_day=statement_day)
    await publish(uow, account_event(decided.state, **key._asdict(), is_new=True))
    return key


async def record(uow: UnitOfWork, key: AccountKey, action: str, **details: object) -> None:
    """Writes an audit event about an account."""
    await uow.record(
        action,
        object_kind="card_account",
        object_id=str(key.account_id),
        customer_id=key.customer_id,
        details=details or None,
    )


async def find_key(uow: UnitOfWork, account_id: int) -> AccountKey:
    """The key of an account that the actor may see. Raises CardAccountNotFound."""
    key = await repository.find_key(uow.session, account_id)
    if key is None or not uow.actor.may_see(key.customer_id):
        raise CardAccountNotFound("there is no such card account", field="account_id")
    return key


async def lock(uow: UnitOfWork, account_id: int) -> Working:
    """Locks an account that the actor may see, and catches it up. Raises CardAccountNotFound, DayHasEnded."""
    key = await find_key(uow, account_id)
    working = await work_on(uow, key, await repository.lock_account(uow.session, key))
    await uow.check_day(working.state.last_event_on)
    return working


async def read(uow: UnitOfWork, account_id: int) -> Working:
    """An account as it stands on the business date. It is caught up in memory only. Raises CardAccountNotFound."""
    key = await find_key(uow, account_id)
    return await work_on(uow, key, await repository.get_account(uow.session, key))


async def work_on(uow: UnitOfWork, key: AccountKey, row: Record, *, today: date | None = None) -> Working:
    """An account from its row, caught up to a day (default: the business date)."""
    product = await product_repository.get_product(uow.session, row.product_code, row.product_version)
    kept, booked_on = await kept_with_loss(uow, key, row), await uow.business_date()
    day = today or booked_on
    terms = {version: await card_terms(uow, row.product_code, version) for _, version in kept["terms"]}
    rules = rules_of(uow.lender, on=day)
    return working_of(key, row, kept, product=product, terms=terms, rules=rules, today=day, booked_on=booked_on)


def working_of(
    key: AccountKey,
    row: Record,
    kept: dict[str, Any],
    *,
    product: Product,
    terms: dict[int, CardTerms],
    rules: CardRules,
    today: date,
    booked_on: date,
) -> Working:
    """An account from its row and what is kept of it, caught up to a day."""
    state = state_of(row, kept, terms)
    working = Working(
        key=key,
        row=row,
        product=product,
        terms_by_version=terms,
        rules=rules,
        today=today,
        booked_on=booked_on,
        decided=Decided(state=state),
    )
    bring_up(working)
    return working


def bring_up(working: Working) -> None:
    """Lives the days up to the business date, and pays out refunds about which the holder did not answer."""
    catch_up(
        working.decided,
        rules=working.rules,
        repayment=working.product.repayment,
        today=working.today,
        booked_on=working.booked_on,
    )
    if working.state.questions and working.state.status is AccountStatus.OPEN:
        for fact in pay_out_unanswered(working.state, today=working.today):
            _happen(working, fact, history=None)


async def card_terms(uow: UnitOfWork, code: str, version: int) -> CardTerms:
    """The card terms of a version of a product."""
    product = await product_repository.get_product(uow.session, code, version)
    assert product.card is not None, "an account is opened under a product with card terms"
    return product.card


async def happen(uow: UnitOfWork, working: Working, facts: Sequence[Fact], *, details: Details = NO_DETAILS) -> int:
    """Lets facts happen to a locked account, in order, and returns the number of the first. `details` belong to it."""
    first = before = 0
    for fact in facts:
        numbered = replace(fact, of=before if fact.of == BEFORE else fact.of)
        history = await read_history(uow, working) if needs_history(working.state, numbered) else None
        before = _happen(working, numbered, history=history)
        if first == 0:
            first = before
            working.details[first] = details
    return first


def _happen(working: Working, fact: Fact, *, history: History | None) -> int:
    assert fact.number == UNNUMBERED, "a fact is numbered when it happens"
    number = working.state.last_number + 1
    decide(
        working.decided,
        replace(fact, number=number),
        rules=working.rules,
        repayment=working.product.repayment,
        today=working.today,
        booked_on=working.booked_on,
        history=history,
    )
    return number


async def read_history(uow: UnitOfWork, working: Working) -> History:
    """The stored past of an account."""
    versions = await posting_repository.list_versions(uow.session, working.key)
    for version in versions - working.terms_by_version.keys():
        working.terms_by_version[version] = await card_terms(uow, working.row.product_code, version)
    return History(
        opening=working.opening,
        facts=await posting_repository.list_facts(uow.session, working.key, terms=working.terms_by_version),
        charges=tranches(await posting_repository.list_charges(uow.session, working.key)),
        shown=await posting_repository.list_asked(uow.session, working.key),
    )


async def save(uow: UnitOfWork, working: Working, **columns: object) -> None:
    """Writes what was decided about a locked account, with other columns of its row."""
    decided, row = working.decided, working.row
    rows = Rows()
    row_repository.rows_of(
        rows,
        working.key,
        decided,
        details=working.details,
        last_transfer=row.last_transfer,
        booking=Booking(on=working.today, at=uow.now, actor=uow.actor.label),
    )
    await row_repository.add_rows(uow.session, rows)
    new = {fact.number for fact in decided.facts}
    for number, paise in decided.undone.items():
        if number not in new:
            await row_repository.add_undone(uow.session, working.key, number=number, paise=paise)
    await repository.update_account(uow.session, working.key, {**row_columns(working), **columns})
    await publish(uow, *events_of(working))


def events_of(working: Working) -> list[Happened]:
    """What other programs are told about a decision."""
    key, decided, state = working.key._asdict(), working.decided, working.state
    events = [statement_event(one, **key) for one in decided.statements]
    events += [payment_event(fact, state, **key) for fact in decided.facts if fact.kind in OF_FACT]
    if state.status != working.row.status:
        events.append(account_event(state, **key))
    return events


def row_columns(working: Working) -> dict[str, object]:
    """The columns of the account's row after a decision."""
    state, ended_on = working.state, row_ended_on(working)
    return {
        **state_columns(state, next_event_on=next_run_on(state, rules=working.rules), ended_on=ended_on),
        "last_transfer": working.row.last_transfer + len(working.decided.transfers),
    }


def row_ended_on(working: Working) -> date | None:
    """The day on which the account ended."""
    if working.state.status is AccountStatus.OPEN:
        return None
    ended: date | None = working.row.ended_on
    return ended or working.today
