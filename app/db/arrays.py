"""Rows as arrays: one statement for many rows takes an array for each column."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def unnest_arrays(prefix: str, columns: Mapping[str, str]) -> str:
    """SQL that makes rows of one array for each column. A list within a row travels as text, because the driver takes
    only rectangular arrays."""
    arrays = ", ".join(
        f"CAST(:{prefix}_{name} AS {'text' if kind.endswith('[]') else kind}[])" for name, kind in columns.items()
    )
    return f"unnest({arrays}) AS n({', '.join(columns)})"


def unnest_beside_customers(prefix: str, columns: Mapping[str, str], *, of: str) -> str:
    """The same beside the customers `c` of the rows: on a cluster they are written where their customer is. `of` is the
    array of their numbers: every table is compared with it, which says which server is asked."""
    return f"""{unnest_arrays(prefix, columns)}
    JOIN customers AS c ON c.customer_id = n.customer_id WHERE c.customer_id = ANY(CAST(:{of} AS bigint[]))"""


def to_arrays(prefix: str, names: Iterable[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The rows as one array for each column, by the names that `unnest_arrays` uses."""
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True)
    found = {f"{prefix}_{name}": list(column) for name, column in zip(names, columns, strict=False)}
    return found or {f"{prefix}_{name}": [] for name in names}
