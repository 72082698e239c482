"""What loans and their ledger say of the same balances, in one statement: both are of one moment."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.statements import Statement

_BALANCES = ("principal", "interest", "charges", "advance")
_SIDES = ", ".join(
    f"coalesce(sum(CASE '{name}' WHEN debit THEN amount_paise WHEN credit THEN -amount_paise ELSE 0 END), 0)::bigint"
    f" AS {name}"
    for name in _BALANCES
)
_BOTH = Statement(
    f"""
SELECT held.*, ledger.*
FROM (SELECT {", ".join(f"coalesce(sum({name}_paise), 0)::bigint AS held_{name}" for name in _BALANCES)}
      FROM loans) AS held
CROSS JOIN (SELECT {_SIDES} FROM transfers) AS ledger
"""  # noqa: S608 - only names of our own columns are put in
)


class Sums(NamedTuple):
    """A balance of all loans: as the loans' rows hold it, and as their ledger has it (debits less credits)."""

    account: str
    held_paise: int
    ledger_paise: int


async def sum_both(session: AsyncSession) -> list[Sums]:
    """The balances that a loan's row holds. An advance is owed to the borrower: the ledger has it as a credit."""
    row = await _BOTH.find(session)
    return [Sums(name, row[f"held_{name}"] * (-1 if name == "advance" else 1), row[name]) for name in _BALANCES]
