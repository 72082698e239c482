"""Whether the business tables of a block are joined by their customers.

A statement that asks all shards is executed in each of them: a join is only right there if it compares customers. A
cluster refuses all others ("complex joins are only supported when all distributed tables are co-located and joined on
their distribution columns").
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pglast

ast: Any = pglast.ast
#: A column by its table's alias; the alias is empty where the statement does not say it.
Column = tuple[str, str]


def find_apart(
    business: Collection[str],
    conditions: Iterable[Any],
    *,
    owner: Callable[[Any], str | None],
    outer: Collection[str],
    is_correlated: bool,
) -> list[str]:
    """The aliases of `business` that are not compared with the customer of the first of them; in a subquery that refers
    to an outer block, with a customer of that block. `owner` says for a column whose customer it is."""
    groups: list[set[Column]] = []
    for condition in conditions:
        if isinstance(condition, ast.A_Expr) and condition.name[-1].sval == "=" and condition.rexpr is not None:
            sides = [_column(side, owner) for side in (condition.lexpr, condition.rexpr)]
            if None not in sides:
                groups = _merged(groups, {side for side in sides if side is not None})
    aliases = list(business)
    if is_correlated:
        return [alias for alias in aliases if not _reaches_out(groups, alias, outer)]
    first = (aliases[0], "customer_id") if aliases else ("", "")
    return [alias for alias in aliases[1:] if not _are_equal(groups, first, (alias, "customer_id"))]


def _column(side: Any, owner: Callable[[Any], str | None]) -> Column | None:
    if not isinstance(side, ast.ColumnRef) or not hasattr(side.fields[-1], "sval"):
        return None
    alias = owner(side)
    if alias is not None:
        return alias, "customer_id"
    return (side.fields[0].sval if len(side.fields) > 1 else "", side.fields[-1].sval)


def _merged(groups: list[set[Column]], columns: set[Column]) -> list[set[Column]]:
    touched = [group for group in groups if group & columns]
    return [group for group in groups if not group & columns] + [columns.union(*touched)]


def _are_equal(groups: list[set[Column]], one: Column, other: Column) -> bool:
    return any(one in group and other in group for group in groups)


def _reaches_out(groups: list[set[Column]], alias: str, outer: Collection[str]) -> bool:
    return any(
        (alias, "customer_id") in group
        and any(column == "customer_id" and place in outer and place != alias for place, column in group)
        for group in groups
    )
