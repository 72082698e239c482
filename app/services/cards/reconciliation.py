"""Proves the books of card accounts: every account of the ledger twice, by sums and by living it again.

Nothing is repaired: a difference is reported.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.db.repositories.cards import accounts as repository
from app.db.repositories.cards import postings as posting_repository
from app.db.repositories.cards.accounts import AccountKey
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.ledger import balances_of
from app.domain.cards.engine.replay import living_differences
from app.domain.people.access import SYSTEM
from app.services.cards import accounts
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

PAGE = 200


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
    found = []
    if working.decided.is_nothing:
        sums = await posting_repository.sum_transfers(uow.session, key)
        for account, paise in balances_of(working.state).items():
            if sums.get(account.value, 0) != paise:
                found.append(_difference(key, account.value, sums.get(account.value, 0), paise))
        owed = await posting_repository.sum_owed(uow.session, key)
        expected = working.state.owed_paise - working.state.credit_paise
        if working.state.status is not AccountStatus.CHARGED_OFF and owed != expected:
            found.append(_difference(key, "postings", owed, expected))
    history = await accounts.read_history(uow, working)
    if working.decided.is_nothing:
        lived = living_differences(working.state, history, rules=working.rules, today=working.today)
        found += [_difference(key, name, "stored", "lived again") for name in lived]
    return found


def _difference(key: AccountKey, what: str, stored: object, derived: object) -> CardDifference:
    return CardDifference(account_id=key.account_id, what=what, stored=str(stored), derived=str(derived))


async def reconcile_all(uow_factory: UnitOfWorkFactory) -> AsyncIterator[list[CardDifference]]:
    """The differences of all accounts, page by page."""
    after = AccountKey(0, 0)
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            keys = await repository.list_keys(uow.session, after=after, limit=PAGE)
            found = [one for key in keys for one in await reconcile_account(uow, key)]
        if not keys:
            return
        yield found
        after = keys[-1]
