"""Finds people by the words of their names, and the loans and card accounts of the people that were found.

Words are compared from their beginnings, so `rav kum` finds Ravi Kumar. The index holds each word of a name. A word of
another script than Latin is compared whole, because only PostgreSQL knows where it ends.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models.people import NAME_WORDS

LATIN: Final = re.compile(r"[a-z0-9]+")
#: More words than a name has.
MOST_WORDS: Final = 8
#: Loans, and card accounts, that are shown of the people of one search.
MOST_LOANS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """A customer or a prospect."""

    customer_id: int
    state: str
    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLoan:
    """A loan of a person who was found. Money in paise."""

    customer_id: int
    loan_id: int
    status: str
    product_code: str
    disbursed_on: date
    principal_paise: int
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAccount:
    """A card account of a person who was found. Money in paise."""

    customer_id: int
    account_id: int
    status: str
    is_blocked: bool
    limit_paise: int
    used_paise: int


_PEOPLE = "SELECT customer_id, state, name, phone, email FROM customers "
_WANTED = "to_tsquery('simple', :beginnings) && plainto_tsquery('simple', :whole)"
_BY_WORDS = text(f"{_PEOPLE} WHERE {NAME_WORDS} @@ ({_WANTED}) LIMIT :limit")
_BY_NUMBERS = text(f"{_PEOPLE} WHERE customer_id = ANY(:numbers) ORDER BY customer_id").bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger))
)
_LOANS = text(
    """
SELECT l.customer_id, l.id AS loan_id, l.status, l.product_code, l.disbursed_on, l.principal_paise,
       EXISTS (SELECT FROM bills AS b
               WHERE b.customer_id = l.customer_id AND b.customer_id = ANY(:numbers) AND b.loan_id = l.id
                 AND b.closed_on IS NOT NULL AND b.settled_on IS NULL) AS is_overdue
FROM loans AS l WHERE l.customer_id = ANY(:numbers) ORDER BY l.customer_id, l.id DESC LIMIT :limit
"""
).bindparams(bindparam("numbers", type_=ARRAY(BigInteger)))


_ACCOUNTS = text(
    """
SELECT customer_id, id AS account_id, status, blocked_on IS NOT NULL AS is_blocked, limit_paise, used_paise
FROM card_accounts WHERE customer_id = ANY(:numbers) ORDER BY customer_id, id DESC LIMIT :limit
"""
).bindparams(bindparam("numbers", type_=ARRAY(BigInteger)))


async def list_people_by_words(session: AsyncSession, words: Sequence[str], *, limit: int) -> list[FoundPerson]:
    """People whose names have all of these words, in small letters: a Latin word from its beginning, others whole."""
    wanted = words[:MOST_WORDS]
    beginnings = " & ".join(f"{word}:*" for word in wanted if LATIN.fullmatch(word))
    whole = " ".join(word for word in wanted if not LATIN.fullmatch(word))
    rows = await session.execute(_BY_WORDS, {"beginnings": beginnings, "whole": whole, "limit": limit})
    return sorted(
        (FoundPerson(**row) for row in rows.mappings()), key=lambda person: (person.name or "", person.customer_id)
    )


async def list_people(session: AsyncSession, numbers: Sequence[int]) -> list[FoundPerson]:
    """People by their numbers, customers and prospects."""
    rows = await session.execute(_BY_NUMBERS, {"numbers": sorted(set(numbers))})
    return [FoundPerson(**row) for row in rows.mappings()]


async def list_loans_of(session: AsyncSession, numbers: Sequence[int]) -> list[FoundLoan]:
    """The loans of some people, the newest of each first."""
    rows = await session.execute(_LOANS, {"numbers": sorted(set(numbers)), "limit": MOST_LOANS})
    return [FoundLoan(**row) for row in rows.mappings()]


async def list_accounts_of(session: AsyncSession, numbers: Sequence[int]) -> list[FoundAccount]:
    """The card accounts of some people, the latest of each first."""
    rows = await session.execute(_ACCOUNTS, {"numbers": sorted(set(numbers)), "limit": MOST_LOANS})
    return [FoundAccount(**row) for row in rows.mappings()]
