"""The accrued and unbilled interest of card accounts, by product.

An account on which nothing has happened since the day is caught up to its end; another one is lived again through it.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple

from app.db.repositories.accounting import accruals as repository
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.states import kept_of
from app.db.repositories.products import products as product_repository
from app.db.session import Record
from app.domain.cards.accruals import accrued_until_end
from app.domain.cards.engine.accounts import State
from app.domain.cards.engine.cycles import ONE_DAY
from app.domain.cards.engine.replay import state_at_end
from app.domain.cards.rules import rules_of
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import Product
from app.services.accounting.reports import OpenUnit
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.unit_of_work import UnitOfWork

#: Accounts in one transaction.
PAGE = 500


class AccountAccrued(NamedTuple):
    """What had accrued of an account, in paise."""

    product: str
    paise: int
    is_non_performing: bool


class _Terms(NamedTuple):
    """The products that were read."""

    products: dict[tuple[str, int], Product]
    cards: dict[tuple[str, int], CardTerms]


async def list_accrued(open_unit: OpenUnit, *, on: date) -> AsyncIterator[Sequence[AccountAccrued]]:
    """The card accounts that were open at the end of a day, some at a time."""
    known, after = _Terms({}, {}), AccountKey(0, 0)
    while True:
        async with open_unit() as uow:
            await uow.business_date()  # SQLAlchemy runs the first statement of a transaction.
            found = await repository.find_card_accounts(uow.session, on=on, after=after, limit=PAGE)
            accrued = []
            for account in found:
                state = await _state(uow, account.key, account.row, known, on=on)
                paise = accrued_until_end(state, on=on)
                accrued.append(AccountAccrued(account.row.product_code, paise, account.is_non_performing))
        if not found:
            return
        yield accrued
        after = found[-1].key


async def _state(uow: UnitOfWork, key: AccountKey, row: Record, known: _Terms, *, on: date) -> State:
    """The state at the end of a day."""
    kept, today = kept_of(row), await uow.business_date()
    if on == today or date.fromordinal(kept["event"]) <= on:
        return (await _work_on(uow, key, row, known, today=on + ONE_DAY)).state
    working = await _work_on(uow, key, row, known, today=today)
    history = await accounts.read_history(uow, working)
    return state_at_end(history, rules=rules_of(uow.lender, on=on), on=on)


async def _work_on(uow: UnitOfWork, key: AccountKey, row: Record, known: _Terms, *, today: date) -> Working:
    code, version, kept = row.product_code, row.product_version, kept_of(row)
    if (code, version) not in known.products:
        known.products[code, version] = await product_repository.get_product(uow.session, code, version)
    for _, number in kept["terms"]:
        if (code, number) not in known.cards:
            known.cards[code, number] = await accounts.card_terms(uow, code, number)
    return accounts.working_of(
        key, row, kept, product=known.products[code, version],
        terms={number: known.cards[code, number] for _, number in kept["terms"]},
        rules=rules_of(uow.lender, on=today), today=today, booked_on=await uow.business_date(),
    )  # fmt: skip
