"""The listings of the admin pages, for staff only.

Reading a list is not recorded. Opening the page of a customer is, once in an hour for each person; an export is an
audit event with its listing and its number of rows.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Final

from app.db.errors import was_canceled
from app.db.repositories import audit as audit_repository
from app.db.repositories.operations import browsing as repository
from app.db.repositories.operations.browsing import AllOrAny, Condition, ListingQuery
from app.db.repositories.operations.listings import LISTINGS
from app.db.repositories.unit_of_work import stop_after
from app.domain.errors import Rejected
from app.domain.people.access import Forbidden
from app.services.unit_of_work import UnitOfWork

__all__ = [
    "MOST_EXPORTED",
    "MOST_SEEN",
    "AllOrAny",
    "Condition",
    "ListTooWide",
    "ListingQuery",
    "can_be_empty",
    "count",
    "estimate",
    "get",
    "note_export",
    "note_look",
    "page",
]

#: Rows that can be paged through. Rows beyond them are found by searching, filtering or reversing the order.
MOST_SEEN: Final = 10_000
#: Rows of one export: it takes about a second.
MOST_EXPORTED: Final = 20_000
#: How long one statement of a list may take. A filter or an order without an index reads some million rows in it.
MOST_MILLISECONDS: Final = 3_000


#: The event of a look at a customer. Pages that one person opens within an hour are one look.
LOOKED: Final = "customer_viewed"
ONE_LOOK: Final = timedelta(hours=1)


class ListTooWide(Rejected):
    """The list would look at too many rows for this search, filter or order. Search by an id, or open the list anew and
    keep its order."""

    code = "list_too_wide"


def can_be_empty(listing: str, column: str) -> bool:
    """Whether a column of a listing may be without a value. A page without a listing has no filters."""
    return listing not in LISTINGS or LISTINGS[listing].can_be_empty(column)


async def page(uow: UnitOfWork, listing: str, query: ListingQuery, *, skip: int, limit: int) -> list[SimpleNamespace]:
    """A page of a listing's rows. Raises Forbidden, and ListTooWide if no index helps; then the transaction is over."""
    _check(uow)
    most = MOST_EXPORTED if limit < 0 or limit > MOST_EXPORTED else limit
    async with _in_time(uow):
        return await repository.list_rows(uow.session, LISTINGS[listing], query, skip=min(skip, MOST_SEEN), limit=most)


async def count(uow: UnitOfWork, listing: str, query: ListingQuery, *, at_most: int) -> int:
    """How many rows match, counted up to `at_most`. Raises Forbidden, and ListTooWide as `page` does."""
    _check(uow)
    async with _in_time(uow):
        return await repository.count_rows(uow.session, LISTINGS[listing], query, at_most=at_most)


async def estimate(uow: UnitOfWork, listing: str) -> int | None:
    """About how many rows the whole table has. Raises Forbidden."""
    _check(uow)
    return await repository.estimate_rows(uow.session, LISTINGS[listing])


async def get(uow: UnitOfWork, listing: str, keys: list[str]) -> list[SimpleNamespace]:
    """The rows with these keys. Raises Forbidden."""
    _check(uow)
    return await repository.list_rows_by_key(uow.session, LISTINGS[listing], keys)


async def note_export(uow: UnitOfWork, listing: str, *, rows: int, form: str) -> None:
    """Records an export in the audit trail. Raises Forbidden."""
    _check(uow)
    await uow.record("exported", object_kind="listing", object_id=listing, details={"rows": rows, "format": form})


async def note_look(uow: UnitOfWork, customer_id: int) -> None:
    """Records that the actor looks at a customer's data, unless that was recorded within the hour. Raises Forbidden."""
    _check(uow)
    is_known = await audit_repository.has_event_since(
        uow.session,
        action=LOOKED,
        object_kind="customer",
        object_id=str(customer_id),
        actor=uow.actor.label,
        since=uow.now - ONE_LOOK,
    )
    if not is_known:
        await uow.record(LOOKED, object_kind="customer", object_id=str(customer_id), customer_id=customer_id)


@asynccontextmanager
async def _in_time(uow: UnitOfWork) -> AsyncIterator[None]:
    """Stops a statement that takes too long. Raises ListTooWide."""
    await stop_after(uow.session, milliseconds=MOST_MILLISECONDS)
    try:
        yield
    except Exception as error:
        if not was_canceled(error):
            raise
        raise ListTooWide("the list would look at too many rows") from error


def _check(uow: UnitOfWork) -> None:
    if not uow.actor.is_staff:
        raise Forbidden("only staff may read the books")
