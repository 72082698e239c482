"""The door from a public number to its owner: a loan, payment, application, proposal or score by its number.

The number alone does not say on which server of a cluster the row is; the customer does. So every look-up by a number
first finds the owner here, and then reads the row by its customer and its number, without a join. The owner of a number
never changes, so a process remembers the latest owners that it has found.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.data_loader import Lookup
from app.db.models import PublicId
from app.db.session import KeptForDatabase, Reader

NumberedKind: TypeAlias = Literal["loan", "payment", "application", "proposal", "score", "card_account", "promise"]
#: Numbers that a process remembers: about 15 MB.
MOST_REMEMBERED: Final = 50_000


class Owner(NamedTuple):
    """Whose number it is. `year` is that of the disbursal of one of our loans, which is part of its public id. It is
    None for every other number, and for loans that a version of Kist before decision 0029 has written."""

    customer_id: int
    year: int | None


class _Memory:
    """The owners that were found last."""

    def __init__(self) -> None:
        self.owners: OrderedDict[tuple[NumberedKind, int], Owner] = OrderedDict()

    def find(self, key: tuple[NumberedKind, int]) -> Owner | None:
        owner = self.owners.get(key)
        if owner is not None:
            self.owners.move_to_end(key)
        return owner

    def keep(self, key: tuple[NumberedKind, int], owner: Owner) -> None:
        self.owners[key] = owner
        if len(self.owners) > MOST_REMEMBERED:
            self.owners.popitem(last=False)


_kept: Final = KeptForDatabase[_Memory](_Memory)


def _lookup(kind: NumberedKind) -> Lookup:
    # A kind is one of our own words.
    statement = f"SELECT number, customer_id, year FROM public_ids WHERE kind = '{kind}' AND number = ANY(:numbers)"  # noqa: S608
    return Lookup(statement, key=["number"], is_filled_up=True)


_LOANS, _PAYMENTS, _APPLICATIONS = _lookup("loan"), _lookup("payment"), _lookup("application")
_PROPOSALS, _SCORES, _PROMISES = _lookup("proposal"), _lookup("score"), _lookup("promise")
_CARD_ACCOUNTS = _lookup("card_account")
_LOOKUPS: Final[Mapping[NumberedKind, Lookup]] = {
    "loan": _LOANS, "payment": _PAYMENTS, "application": _APPLICATIONS, "proposal": _PROPOSALS, "score": _SCORES,
    "promise": _PROMISES, "card_account": _CARD_ACCOUNTS,
}  # fmt: skip


async def find_owner(reader: AsyncSession | Reader, kind: NumberedKind, number: int) -> Owner | None:
    """Whose number it is, or None."""
    memory, key = _kept.of(reader), (kind, number)
    owner = memory.find(key)
    if owner is None:
        row = await _LOOKUPS[kind].find(reader, number)
        if row is None:
            return None
        owner = Owner(row.customer_id, row.year)
        memory.keep(key, owner)
    return owner


async def list_loan_years(session: AsyncSession, numbers: Collection[int]) -> dict[int, int]:
    """The years of those of the numbers that are our loans. Their public ids contain it."""
    statement = select(PublicId.number, PublicId.year).where(
        PublicId.kind == "loan", PublicId.number.in_(numbers), PublicId.year.is_not(None)
    )
    return {row.number: row.year for row in await session.execute(statement)}


def forget_owners() -> None:
    """Forgets all owners. Tests use it: their numbers begin anew."""
    _kept.forget()


async def add_number(
    session: AsyncSession, kind: NumberedKind, number: int, *, customer_id: int, year: int | None = None
) -> None:
    """Writes the owner of a new number."""
    await session.execute(insert(PublicId).values(kind=kind, number=number, customer_id=customer_id, year=year))
