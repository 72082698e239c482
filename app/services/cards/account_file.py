"""A card account for staff on one page. Each part of the page is one call, and nothing is written.

The head says what an officer asks first: what is due until when, for how many days it is late, and what makes it
current.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.db.repositories import audit as audit_repository
from app.db.repositories.audit import EventFilter
from app.db.repositories.cards import holds as hold_repository
from app.db.repositories.cards import postings as repository
from app.db.session import Record
from app.domain.cards.account_file import (
    MONEY,
    AccountHappening,
    AccountLines,
    Asking,
    Done,
    Level,
    MoneyMoved,
    account_happenings,
    account_lines,
    present_due,
    to_be_current_paise,
)
from app.domain.cards.engine.accounts import OpenStatement
from app.domain.delinquency.facilities import FacilityKey
from app.domain.public_ids import format_card_account_id
from app.domain.rulebook.kinds import ProductKind
from app.services.cards import accounts, views
from app.services.cards.views import AccountView
from app.services.delinquency.views import ClassOfFacility, view_class
from app.services.people import customers
from app.services.people.customers import CustomerView
from app.services.unit_of_work import INDIA, UnitOfWork

#: Events, movements and statements that are told, of each kind.
MOST_TOLD: Final = 200
LAST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHead:
    """A card account on the business date, as its head shows it. Money in paise. `due` is the latest statement of
    which something is unpaid."""

    public_id: str
    view: AccountView
    holder: CustomerView
    on: date
    due: OpenStatement | None
    to_be_current_paise: int
    of_class: ClassOfFacility


async def view_head(uow: UnitOfWork, account_id: int) -> AccountHead:
    """The head of an account's page. Raises CardAccountNotFound."""
    view = await views.view_account(uow, account_id)
    working = view.working
    customer_id, state = working.key.customer_id, working.state
    return AccountHead(
        public_id=working.public_id,
        view=view,
        holder=await customers.view_customer(uow, customer_id),
        on=working.today,
        due=present_due(state),
        to_be_current_paise=to_be_current_paise(state, on=working.today),
        of_class=await view_class(uow, customer_id, FacilityKey(ProductKind.CARD, account_id)),
    )


async def view_lines(uow: UnitOfWork, head: AccountHead) -> AccountLines:
    """What was owed over time, and the limit."""
    working = head.view.working
    moved = await repository.list_owed_by_day(uow.session, working.key)
    limits = await repository.list_limits(uow.session, working.key)
    return account_lines(
        working.state,
        [Level(*each) for each in moved],
        [Level(*each) for each in limits],
        opening_limit_paise=working.row.opening_limit_paise,
        on=working.today,
    )


async def list_authorisations(uow: UnitOfWork, account_id: int, *, limit: int) -> Sequence[Record]:
    """The latest authorisations with all that the network said. Raises CardAccountNotFound."""
    return await hold_repository.list_holds(uow.session, await accounts.find_key(uow, account_id), limit=limit)


async def list_of_kinds(
    uow: UnitOfWork, account_id: int, kinds: frozenset[str], *, limit: int = MOST_TOLD
) -> Sequence[Record]:
    """The latest postings of some kinds. Raises CardAccountNotFound."""
    key = await accounts.find_key(uow, account_id)
    return await repository.list_latest_of_kinds(uow.session, key, kinds, limit=limit)


async def view_happenings(uow: UnitOfWork, head: AccountHead) -> list[AccountHappening]:
    """What happened to the account, the latest first."""
    customer_id, account_id = head.view.working.key
    done = []
    for kind, name in (("card_account", str(account_id)), ("card", format_card_account_id(account_id))):
        wanted = EventFilter(object_kind=kind, object_id=name, customer_id=customer_id)
        events = await audit_repository.list_events(uow.session, wanted, before=2**63 - 1, limit=MOST_TOLD)
        done += [Done(each.at.astimezone(INDIA).date(), each.action, each.details, each.actor) for each in events]
    moved = [
        MoneyMoved(row.posted_on, row.kind, row.amount_paise, row.reference, row.actor)
        for row in await list_of_kinds(uow, account_id, frozenset(MONEY))
    ]
    asked = [
        Asking(
            row["number"], row["issued_on"], row["due_on"], row["total_due_paise"], row["minimum_due_paise"]
        )
        for row in await views.list_statements(uow, account_id, before=LAST, limit=MOST_TOLD)
    ]  # fmt: skip
    return account_happenings(done, moved, asked, head.of_class.changes)
