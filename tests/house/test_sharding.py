"""The schema can be sharded by customer (rules 1 and 2 of section 6 in `docs/ARCHITECTURE.md`).

A table names its kind in `Table.info["kind"]`. A business table is stored with its customer: `customer_id` is the first
column of its primary key and part of every unique key and of every foreign key to another business table. Its other
foreign keys may only refer to reference tables, which every machine holds.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import DefaultClause, Table, UniqueConstraint

from app.db import cluster
from app.db.models import Base

KINDS = {"business", "reference", "identity", "local"}
TABLES = list(Base.metadata.sorted_tables)
BUSINESS = [table for table in TABLES if table.info.get("kind") == "business"]


def named(table: Table) -> str:
    return table.name


def key_of(table: Table) -> str:
    """The column with the customer's number; in the table of customers it may be `id`."""
    return "id" if table.name == "customers" and "customer_id" not in table.columns else "customer_id"


def unique_keys(table: Table) -> Iterator[list[str]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield [getattr(expression, "name", str(expression)) for expression in index.expressions]


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_every_table_names_its_kind(table: Table) -> None:
    assert table.info.get("kind") in KINDS


@pytest.mark.parametrize("table", BUSINESS, ids=named)
def test_a_business_table_is_led_by_its_customer(table: Table) -> None:
    key = key_of(table)
    assert key in table.columns
    assert not table.columns[key].nullable
    assert next(column.name for column in table.primary_key.columns) == key


@pytest.mark.parametrize("table", BUSINESS, ids=named)
def test_unique_keys_include_the_customer(table: Table) -> None:
    assert [columns for columns in unique_keys(table) if key_of(table) not in columns] == []


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_foreign_keys_stay_on_one_machine(table: Table) -> None:
    wrong = []
    for constraint in table.foreign_key_constraints:
        source, target = table.info.get("kind"), constraint.referred_table.info.get("kind")
        pairs = {(element.parent.name, element.column.name) for element in constraint.elements}
        with_customer = (key_of(table), key_of(constraint.referred_table)) in pairs
        allowed = {
            "business": target == "reference" or (target == "business" and with_customer),
            "reference": target == "reference",
            "identity": target == "reference",
            "local": target in {"local", "reference"},
        }
        if not allowed[str(source)]:
            wrong.append(f"{constraint.name}: {source} -> {target} {sorted(pairs)}")
    assert wrong == []


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_no_constraint_that_a_shard_cannot_enforce(table: Table) -> None:
    deferred = [constraint.name for constraint in table.constraints if constraint.deferrable]
    silenced = [key.name for key in table.foreign_key_constraints if (key.ondelete or "").upper() == "SET NULL"]
    assert (deferred, silenced) == ([], [])


@pytest.mark.parametrize("table", BUSINESS, ids=named)
def test_a_business_table_draws_no_numbers_and_calls_nothing(table: Table) -> None:
    """Numbers come from sequences of the coordinator, read before the row is written; a default that calls a function
    would be computed on each server."""
    drawn = [column.name for column in table.columns if column.identity is not None or column.computed is not None]
    serial = [table.autoincrement_column.name] if table.autoincrement_column is not None else []
    calling = [
        column.name
        for column in table.columns
        if isinstance(column.server_default, DefaultClause) and "(" in str(column.server_default.arg)
    ]
    assert (drawn, serial, calling) == ([], [], [])


def test_a_table_comes_after_those_that_it_refers_to() -> None:
    """`kist distribute` places the tables in this order, reference tables before all others."""
    placed = [*cluster.tables_of("reference"), *cluster.tables_of("business")]
    for table in TABLES:
        if table.name in placed:
            parents = {key.referred_table.name for key in table.foreign_key_constraints} - {table.name}
            assert [name for name in parents if placed.index(name) > placed.index(table.name)] == []
    assert set(placed) == {table.name for table in TABLES if table.info["kind"] in ("business", "reference")}
