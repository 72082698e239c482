"""Proves the books of card accounts: every account of the ledger twice, by sums and by living it again.

Nothing is repaired: a difference is reported.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from app.db.repositories import audit as audit_repository
from app.db.repositories.cards import accounts as repository
from app.db.repositories.cards import postings as posting_repository
from app.db.repositories.cards.accounts import AccountKey
from app.domain.cards.engine.ledger import CardAccount
from app.domain.cards.engine.replay import books, living_differences
from app.domain.people.access import SYSTEM
from app.services.cards import accounts
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Each account is lived again from its first day.
PAGE = 50
JOB = "reconcile_cards"
#: The audit event that ends a reconciliation of card accounts.
DONE = "card_books_reconciled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDifference:
    """What does not agree about an account. `stored` and `derived` are as text."""

    account_id: int
    what: str
    stored: str
    derived: str


async def reconcile_account(uow: UnitOfWork, key: AccountKey) -> list[CardDifference]:
    """The differences of one account; none is as it should be."""
    row = await repository.get_account(uow.session, key)
    working = await accounts.work_on(uow, key, row)
    found: list[CardDifference] = []
    history = await accounts.read_history(uow, working)
    if working.decided.is_nothing:
        sums = await posting_repository.sum_transfers(uow.session, key)
        derived = books(working.state, history)
        found += [
            _difference(key, account.value, sums.get(account.value, 0), derived[account])
            for account in CardAccount
            if sums.get(account.value, 0) != derived[account]
        ]
        owed = await posting_repository.sum_owed(uow.session, key)
        expected = working.state.owed_paise - working.state.credit_paise
        if owed != expected:
            found.append(_difference(key, "postings", owed, expected))
        lived = living_differences(working.state, history, rules=working.rules, today=working.today)
        found += [_difference(key, name, "stored", "lived again") for name in lived]
    return found


def _difference(key: AccountKey, what: str, stored: object, derived: object) -> CardDifference:
    return CardDifference(account_id=key.account_id, what=what, stored=str(stored), derived=str(derived))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One page of accounts, and what does not agree about them."""

    accounts: int
    differences: tuple[CardDifference, ...]


async def reconcile_all(uow_factory: UnitOfWorkFactory) -> AsyncIterator[Reconciled]:
    """Reconciles every card account, page by page."""
    after = AccountKey(0, 0)
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            keys = await repository.list_keys(uow.session, after=after, limit=PAGE)
            found = [one for key in keys for one in await reconcile_account(uow, key)]
        if not keys:
            return
        yield Reconciled(accounts=len(keys), differences=tuple(found))
        after = keys[-1]


async def start_nightly(uow: UnitOfWork) -> None:
    """Enqueues today's reconciliation unless it was done. Cron may call it any number of times."""
    today = (await uow.business_date()).isoformat()
    if not await audit_repository.has_event(uow.session, action=DONE, object_kind="card_books", object_id=today):
        await uow.enqueue(JOB, key=today, payload={"date": today, "after": [0, 0], "accounts": 0, "differences": 0})


async def reconcile_step(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Reconciles one page of accounts and enqueues the next. Each difference, and the end, is an audit event."""
    keys = await repository.list_keys(uow.session, after=AccountKey(*payload["after"]), limit=PAGE)
    differences = 0
    for key in keys:
        for difference in await reconcile_account(uow, key):
            differences += 1
            figures = {"figure": difference.what, "stored": difference.stored, "derived": difference.derived}
            await accounts.record(uow, key, "difference_found", **figures)
    totals = {"accounts": payload["accounts"] + len(keys), "differences": payload["differences"] + differences}
    if keys:
        last = keys[-1]
        key_of_next = f"{payload['date']}:{last.customer_id}:{last.account_id}"
        await uow.enqueue(JOB, key=key_of_next, payload={"date": payload["date"], "after": [*last], **totals})
        return
    await uow.record(DONE, object_kind="card_books", object_id=payload["date"], details=totals)
    uow.log_after_commit("card reconciliation ended", date=payload["date"], **totals)
