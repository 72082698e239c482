"""Tables as people look through them: a page of rows, searched, filtered and sorted, and never a table read whole.

A `Listing` (`listings.py` has them all) names the columns that may be seen: what is not among them is never read, so no
mistake of a page can show it. Tables of millions of rows are made for looking by three bounds: a count stops at a
number, a page lies within that number of rows, and an order ends in the primary key, in the direction of the index.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal, or_, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import PublicId
from app.domain import public_ids
from app.domain.public_ids import NotAnId

KEY_SEPARATOR: Final = "."
LARGEST_NUMBER: Final = 2**63 - 1
LONGEST_DIGITS: Final = 19

IdKind: TypeAlias = Literal["user", "loan", "payment", "application", "number"]


class UnknownListing(LookupError):
    """There is no listing, or no column in it, of that name: a programmer's mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What may be seen of a table, and how it is found.

    `ids` are the public ids it is searched by, with the column each stands in; a bare number is taken for the first.
    An id of the kind "number" is written `#12`. `texts` are the columns that are searched as text where no id is meant.
    `table` is where the size is estimated from.
    """

    columns: Mapping[str, ColumnElement[Any]]
    source: FromClause
    key: tuple[str, ...]
    table: str
    ids: tuple[tuple[IdKind, str], ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A column, an operator of `OPERATORS`, and what it is held against."""

    column: str
    operator: str
    value: Any = None
    value2: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOrAny:
    """Conditions that must all hold, or of which one must."""

    logic: Literal["and", "or"]
    parts: tuple["Condition | AllOrAny", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingQuery:
    """What somebody wants to see of a listing."""

    search: str | None = None
    conditions: AllOrAny | None = None
    sorts: tuple[tuple[str, bool], ...] = ()


def _in(column: ColumnElement[Any], values: Any) -> ColumnElement[bool]:
    return column.in_(list(values))


OPERATORS: Final[Mapping[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]]] = {
    "eq": operator.eq,
    "neq": lambda column, value: column.is_distinct_from(value),
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "startswith": lambda column, value: column.istartswith(value, autoescape=True),
    "in": _in,
    "not_in": lambda column, values: ~_in(column, values),
    "is_null": lambda column, _: column.is_(None),
    "is_not_null": lambda column, _: column.is_not(None),
    "is_true": lambda column, _: column.is_(True),
    "is_false": lambda column, _: column.is_(False),
}


async def list_rows(
    session: AsyncSession, listing: Listing, query: ListingQuery, *, skip: int, limit: int
) -> list[SimpleNamespace]:
    """A page of rows, each with its columns and its key written as `pk`."""
    statement = _where(_select(listing), listing, query).order_by(*_order(listing, query.sorts))
    rows = await session.execute(statement.offset(skip).limit(limit))
    return [_row(listing, row) for row in rows.mappings()]


async def list_rows_by_key(session: AsyncSession, listing: Listing, keys: Sequence[str]) -> list[SimpleNamespace]:
    """The rows of these keys (as `pk` writes them); a key that none can have is passed over."""
    parsed = [values for key in keys if (values := _key_values(listing, key)) is not None]
    if not parsed:
        return []
    columns = [listing.columns[name] for name in listing.key]
    # Of one row by equality, because that is what the planner knows best.
    one = and_(*(column == value for column, value in zip(columns, parsed[0], strict=True)))
    rows = await session.execute(_select(listing).where(one if len(parsed) == 1 else tuple_(*columns).in_(parsed)))
    return [_row(listing, row) for row in rows.mappings()]


async def count_rows(session: AsyncSession, listing: Listing, query: ListingQuery, *, at_most: int) -> int:
    """How many rows there are to see, counted no further than `at_most`."""
    some = _where(select(literal(1)).select_from(listing.source), listing, query).limit(at_most).subquery()
    return int((await session.execute(select(func.count()).select_from(some))).scalar_one())


_ESTIMATE = text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:name)")


async def estimate_rows(session: AsyncSession, listing: Listing) -> int | None:
    """About how many rows the whole table has, as PostgreSQL remembers; None where it has never looked."""
    found = (await session.execute(_ESTIMATE, {"name": f"public.{listing.table}"})).scalar_one_or_none()
    return None if found is None or found < 0 else int(found)


# --- within ----------------------------------------------------------------------------------------------------------


def _select(listing: Listing) -> Select[Any]:
    return select(*(column.label(name) for name, column in listing.columns.items())).select_from(listing.source)


def _where(statement: Select[Any], listing: Listing, query: ListingQuery) -> Select[Any]:
    if query.search:
        statement = statement.where(_search(listing, query.search.strip()))
    if query.conditions is not None and query.conditions.parts:
        statement = statement.where(_clause(listing, query.conditions))
    return statement


def _clause(listing: Listing, part: Condition | AllOrAny) -> ColumnElement[bool]:
    if isinstance(part, AllOrAny):
        clauses = [_clause(listing, each) for each in part.parts]
        return (or_ if part.logic == "or" else and_)(*(clauses or [true()]))
    column = _column(listing, part.column)
    if part.operator == "between":
        return column.between(_fitting(column, part.value), _fitting(column, part.value2))
    value = part.value if part.operator in {"in", "not_in"} else _fitting(column, part.value)
    return OPERATORS[part.operator](column, value)


def _fitting(column: ColumnElement[Any], value: Any) -> Any:
    """A number as the column's type wants it bound; a fraction held against whole numbers stays what it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST_NUMBER, min(LARGEST_NUMBER, value))
    if isinstance(value, float):
        return literal(Decimal(str(value)))
    return value


def _search(listing: Listing, search: str) -> ColumnElement[bool]:
    """An id that is meant, or else the text. What is no id of any kind is looked for in the listing's texts."""
    for kind, name in listing.ids:
        number = _id_number(kind, search)
        if number is not None:
            return _is_of(listing, kind, name, number)
    # Where a listing has no texts there is nothing that such a search could mean.
    matches = [_column(listing, name).icontains(search, autoescape=True) for name in listing.texts]
    return or_(*matches) if matches else ~true()


def _id_number(kind: IdKind, search: str) -> int | None:
    if kind == "number":
        digits = search.removeprefix("#")
        plain = digits != search and digits.isascii() and digits.isdigit()
        return min(int(digits), LARGEST_NUMBER) if plain and len(digits) <= LONGEST_DIGITS else None
    try:
        if kind == "loan":
            return public_ids.parse_loan_id(search.upper()).number
        parse = {
            "user": public_ids.parse_user_id,
            "payment": public_ids.parse_payment_id,
            "application": public_ids.parse_application_id,
        }[kind]
        return parse(search.upper())
    except NotAnId:
        return None


def _is_of(listing: Listing, kind: IdKind, name: str, number: int) -> ColumnElement[bool]:
    column = _column(listing, name)
    if kind in {"user", "number"}:
        return column == number
    # Every key is led by the customer: with the customer of the number the row is found by its index.
    owner = select(PublicId.customer_id).where(PublicId.kind == kind, PublicId.number == number).scalar_subquery()
    return and_(listing.columns["customer_id"] == owner, column == number)


def _order(listing: Listing, sorts: Sequence[tuple[str, bool]]) -> list[ColumnElement[Any]]:
    """The order asked for, and then the key, so that no row is on two pages; downwards where the order is."""
    wanted = dict(sorts)
    last_descends = sorts[-1][1] if sorts else False
    for name in listing.key:
        wanted.setdefault(name, last_descends)
    return [
        (_column(listing, name).desc().nulls_last() if name not in listing.key else _column(listing, name).desc())
        if descends
        else _column(listing, name).asc()
        for name, descends in wanted.items()
    ]


def _column(listing: Listing, name: str) -> ColumnElement[Any]:
    if name not in listing.columns:
        raise UnknownListing(name)
    return listing.columns[name]


def _key_values(listing: Listing, key: str) -> tuple[Any, ...] | None:
    parts = key.split(KEY_SEPARATOR)
    if len(parts) != len(listing.key):
        return None
    values: list[Any] = []
    for name, part in zip(listing.key, parts, strict=True):
        if listing.columns[name].type.python_type is not int:
            values.append(part)
        elif part.isascii() and part.isdigit() and int(part) <= LARGEST_NUMBER:
            values.append(int(part))
        else:
            return None
    return tuple(values)


def _row(listing: Listing, row: Mapping[Any, Any]) -> SimpleNamespace:
    return SimpleNamespace(**row, pk=KEY_SEPARATOR.join(str(row[name]) for name in listing.key))
