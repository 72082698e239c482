"""Looking through the books: what the admin pages read, for staff only.

Reading is not recorded; taking rows out of the house is: an export is an audit event with its listing and its size.
"""

from types import SimpleNamespace
from typing import Final

from app.db.repositories import browsing as repository
from app.db.repositories.browsing import AllOrAny, Condition, Look
from app.db.repositories.listings import LISTINGS
from app.domain.access import Forbidden
from app.services.work import Work

__all__ = [
    "MOST_EXPORTED",
    "MOST_SEEN",
    "AllOrAny",
    "Condition",
    "Look",
    "count",
    "estimate",
    "get",
    "note_export",
    "page",
]

#: Rows that can be paged through. Whoever looks for one beyond them searches, filters, or turns the order around.
MOST_SEEN: Final = 10_000
#: Rows of one export: a second of work.
MOST_EXPORTED: Final = 20_000


async def page(work: Work, listing: str, look: Look, *, skip: int, limit: int) -> list[SimpleNamespace]:
    """A page of a listing's rows. Raises Forbidden."""
    _check(work)
    most = MOST_EXPORTED if limit < 0 or limit > MOST_EXPORTED else limit
    return await repository.list_rows(work.session, LISTINGS[listing], look, skip=min(skip, MOST_SEEN), limit=most)


async def count(work: Work, listing: str, look: Look, *, at_most: int) -> int:
    """How many rows there are to see, counted no further than `at_most`. Raises Forbidden."""
    _check(work)
    return await repository.count_rows(work.session, LISTINGS[listing], look, at_most=at_most)


async def estimate(work: Work, listing: str) -> int | None:
    """About how many rows the whole table has. Raises Forbidden."""
    _check(work)
    return await repository.estimate_rows(work.session, LISTINGS[listing])


async def get(work: Work, listing: str, keys: list[str]) -> list[SimpleNamespace]:
    """The rows of these keys. Raises Forbidden."""
    _check(work)
    return await repository.list_rows_by_key(work.session, LISTINGS[listing], keys)


async def note_export(work: Work, listing: str, *, rows: int, form: str) -> None:
    """Records that rows were taken out. Raises Forbidden."""
    _check(work)
    await work.record("exported", object_kind="listing", object_id=listing, details={"rows": rows, "format": form})


def _check(work: Work) -> None:
    if not work.actor.is_staff:
        raise Forbidden("only staff may read the books")
