"""Reads one page of a table for staff: searched, filtered and sorted, without reading the whole table.

A `Listing` (all are in `listings.py`) names the columns that staff may see. Other columns are never read, so a mistake
in a page cannot show them. Four rules keep large tables fast: a count stops at a limit, a page is within that limit,
every order ends with the primary key, in the direction of its index, and what has no index is stopped when it takes
too long: staff may filter and sort by many columns, and each index would cost the lending.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Column, ColumnElement, FromClause, Select, and_, func, literal, or_, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories import public_ids
from app.domain.public_ids import (
    NotAnId,
    parse_application_id,
    parse_card_account_id,
    parse_loan_id,
    parse_payment_id,
    parse_user_id,
)

KEY_SEPARATOR: Final = "."
LARGEST_NUMBER: Final = 2**63 - 1
LONGEST_DIGITS: Final = 19

IdKind: TypeAlias = Literal["user", "loan", "payment", "application", "card_account", "number"]


class UnknownListing(LookupError):
    """There is no listing or column of that name. This is a bug of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What staff may see of a table, and how they can search it.

    `ids` are the kinds of public ids that can be searched for, each with its column; a plain number counts as the first
    kind. An id of the kind "number" is written `#12`. `texts` are the columns in which any other search text is looked
    for. `table` is the table whose size is estimated. `orders` says of a column that grows with others which of them
    have an index: they are sorted by instead.
    """

    columns: Mapping[str, ColumnElement[Any]]
    source: FromClause
    key: tuple[str, ...]
    table: str
    ids: tuple[tuple[IdKind, str], ...] = ()
    texts: tuple[str, ...] = ()
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def can_be_empty(self, name: str) -> bool:
        """Whether a column of a row may be null. What is joined or computed may be."""
        column = self.columns.get(name)
        return not isinstance(column, Column) or column.nullable or column.table.description != self.table


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A column, an operator of `OPERATORS`, and the value to compare with."""

    column: str
    operator: str
    value: Any = None
    value2: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOrAny:
    """Conditions of which all ("and") or at least one ("or") must hold."""

    logic: Literal["and", "or"]
    parts: tuple["Condition | AllOrAny", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingQuery:
    """The search, the conditions and the order of a listing. Each sort is a column and whether it is descending."""

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
    """A page of rows. Each has its columns, and its key as the text `pk`."""
    statement = await _where(session, _select(listing), listing, query)
    statement = statement.order_by(*_order(listing, query.sorts))
    rows = await session.execute(statement.offset(skip).limit(limit))
    return [_row(listing, row) for row in rows.mappings()]


async def list_rows_by_key(session: AsyncSession, listing: Listing, keys: Sequence[str]) -> list[SimpleNamespace]:
    """The rows with these keys, given in the form of `pk`. Malformed keys are ignored."""
    parsed = [values for key in keys if (values := _key_values(listing, key)) is not None]
    if not parsed:
        return []
    columns = [listing.columns[name] for name in listing.key]
    # For one key, equality gives a better query plan than IN.
    one = and_(*(column == value for column, value in zip(columns, parsed[0], strict=True)))
    rows = await session.execute(_select(listing).where(one if len(parsed) == 1 else tuple_(*columns).in_(parsed)))
    return [_row(listing, row) for row in rows.mappings()]


async def count_rows(session: AsyncSession, listing: Listing, query: ListingQuery, *, at_most: int) -> int:
    """How many rows match, counted up to `at_most`."""
    matching = await _where(session, select(literal(1)).select_from(listing.source), listing, query)
    some = matching.limit(at_most).subquery()
    return int((await session.execute(select(func.count()).select_from(some))).scalar_one())


_ESTIMATE = text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:name)")


async def estimate_rows(session: AsyncSession, listing: Listing) -> int | None:
    """PostgreSQL's estimate of the number of rows in the table. None if it has no statistics yet."""
    found = (await session.execute(_ESTIMATE, {"name": f"public.{listing.table}"})).scalar_one_or_none()
    return None if found is None or found < 0 else int(found)


# --- private ---------------------------------------------------------------------------------------------------------


def _select(listing: Listing) -> Select[Any]:
    return select(*(column.label(name) for name, column in listing.columns.items())).select_from(listing.source)


async def _where(session: AsyncSession, statement: Select[Any], listing: Listing, query: ListingQuery) -> Select[Any]:
    if query.search:
        statement = statement.where(await _search(session, listing, query.search.strip()))
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
    """A number in a form that can be bound to the column: integers are limited to 64 bits, floats become decimals."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST_NUMBER, min(LARGEST_NUMBER, value))
    if isinstance(value, float):
        return literal(Decimal(str(value)))
    return value


async def _search(session: AsyncSession, listing: Listing, search: str) -> ColumnElement[bool]:
    """The condition for a search. If it is an id of one of the listing's kinds, it matches that id, else the texts."""
    for kind, name in listing.ids:
        number = _id_number(kind, search)
        if number is not None:
            return await _is_of(session, listing, kind, name, number)
    # In a listing without texts, a search that is no id matches nothing.
    matches = [_column(listing, name).icontains(search, autoescape=True) for name in listing.texts]
    return or_(*matches) if matches else ~true()


def _id_number(kind: IdKind, search: str) -> int | None:
    if kind == "number":
        digits = search.removeprefix("#")
        plain = digits != search and digits.isascii() and digits.isdigit()
        return min(int(digits), LARGEST_NUMBER) if plain and len(digits) <= LONGEST_DIGITS else None
    try:
        if kind == "loan":
            return parse_loan_id(search.upper()).number
        parse = {
            "user": parse_user_id,
            "payment": parse_payment_id,
            "application": parse_application_id,
            "card_account": parse_card_account_id,
        }[kind]
        return parse(search.upper())
    except NotAnId:
        return None


async def _is_of(session: AsyncSession, listing: Listing, kind: IdKind, name: str, number: int) -> ColumnElement[bool]:
    column = _column(listing, name)
    if kind == "user" or kind == "number":
        return column == number
    # Every key begins with the customer, so with the number's customer the row is found by its index.
    owner = await public_ids.find_owner(session, kind, number)
    if owner is None:
        return ~true()
    return and_(listing.columns["customer_id"] == owner.customer_id, column == number)


def _order(listing: Listing, sorts: Sequence[tuple[str, bool]]) -> list[ColumnElement[Any]]:
    """The requested order, followed by the key in the same direction, so that no row is on two pages."""
    wanted: dict[str, bool] = {}
    for name, descends in sorts:
        for each in listing.orders.get(name, (name,)):
            wanted.setdefault(each, descends)
    last_descends = sorts[-1][1] if sorts else False
    for name in listing.key:
        wanted.setdefault(name, last_descends)
    return [_directed(listing, name, descends=descends) for name, descends in wanted.items()]


def _directed(listing: Listing, name: str, *, descends: bool) -> ColumnElement[Any]:
    """A column of an order. Only one that may be empty says where its nulls go: an index has them at the other end."""
    column = _column(listing, name)
    if not descends:
        return column.asc()
    may_be_empty = name not in listing.key and listing.can_be_empty(name)
    return column.desc().nulls_last() if may_be_empty else column.desc()


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
