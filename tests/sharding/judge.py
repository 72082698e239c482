"""Parses a statement with PostgreSQL's own parser, and names the rules of a sharded database that it breaks.

On a cluster the rows of a customer are in one shard. A statement is sent to that shard if every business table in it is
compared with the customer's number itself. A comparison with another table's column is not enough: it does not reach
into lateral and correlated subqueries.

A *unit* is a statement, or one of its common table expressions without the others: the cluster plans each alone. Units
within a statement may be of different kinds, the tables of one unit may not.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pglast
from pglast.enums import A_Expr_Kind, BoolExprType, JoinType

from app.db.models import Base
from tests.sharding.joins import find_apart

#: The nodes of a parsed statement. Which of their parts are None depends on the statement, so they have no types here.
ast: Any = pglast.ast
OWNER = "customer_id"
_JUDGED = (ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)
#: The views of business tables; they show the customer's number.
VIEWS = {"instalments": "business", "payment_allocations": "business"}
#: A temporary table is on the coordinator.
TEMPORARY = dict.fromkeys(("moved_loans", "plain_bills", "moved_card_accounts"), "local")
VOLATILE = {"now", "clock_timestamp", "transaction_timestamp", "random", "gen_random_uuid", "uuidv4", "uuidv7"}
#: Functions that are not volatile, but not immutable either. An UPDATE or an ON CONFLICT of a business table may call
#: them with no column.
STABLE = {
    "age", "array_to_string", "concat", "concat_ws", "date_trunc", "format", "json_build_array", "json_build_object",
    "jsonb_build_array", "jsonb_build_object", "row_to_json", "to_char", "to_json", "to_jsonb", "to_timestamp",
}  # fmt: skip
ON_THE_COORDINATOR = {"nextval", "setval", "currval", "pg_advisory_xact_lock", "pg_try_advisory_xact_lock"}


class Rule(StrEnum):
    """What a statement must not do."""

    ASKS_ALL_SHARDS = "a business table is not compared with the bound number of its customer"
    ANONYMOUS_ROWS = "array_agg(ROW(...)) makes rows of an anonymous type"
    OWNER_BY_SUBQUERY = "customer_id is compared with a subquery: find the owner first"
    LOCKS_MANY = "rows of more than one customer are locked"
    CONFLICT_IN_REFERENCE = "ON CONFLICT into a reference table"
    MIXED = "business tables and tables of the coordinator are in one unit"
    COORDINATOR_FUNCTION = "a function of the coordinator (a sequence, an advisory lock) is used with a business table"
    CAST_OF_A_COLUMN = "an UPDATE casts a column to an array, and that cast is not immutable"
    VOLATILE_FUNCTION = "a business table is written with a volatile function"
    STABLE_FUNCTION = "an UPDATE or ON CONFLICT of a business table calls a function that is not immutable"
    THROUGH_THE_COORDINATOR = "rows are inserted from a SELECT that does not take the customer from a business table"
    NOT_BY_CUSTOMER = "a business table is joined with others, but not by its customer"
    ONE_SHARD_ONLY = "GROUPING SETS and WITH RECURSIVE are for a statement of one customer"


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a statement breaks, and where."""

    rule: Rule
    where: str


def kinds() -> Mapping[str, str]:
    """The kind of each table and view by its name."""
    return {table.name: table.info["kind"] for table in Base.metadata.sorted_tables} | VIEWS | TEMPORARY


KINDS = kinds()


@dataclass(slots=True)
class _Unit:
    """The tables and functions of a unit."""

    tables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)

    @property
    def kinds(self) -> set[str]:
        return {KINDS[table] for table in self.tables}


@dataclass(slots=True)
class _Named:
    """How a table is compared with its customer: with one bound number, or with an array of them."""

    one: bool = False
    several: bool = False


def judge(statement: str) -> list[Breach]:
    """The rules that a statement breaks. Its values are written `$1`."""
    found: list[Breach] = []
    for raw in pglast.parse_sql(statement):
        if isinstance(raw.stmt, _JUDGED):
            _judge_unit(raw.stmt, frozenset(), found)
    return list(dict.fromkeys(found))


def _judge_unit(node: Any, known: frozenset[str], found: list[Breach]) -> None:
    """Judges a unit, after the common table expressions that it uses."""
    unit = _Unit()
    _judge_block(node, known, unit, found, frozenset())
    business = sorted(table for table in unit.tables if KINDS[table] == "business")
    if business and unit.kinds & {"local", "identity"}:
        found.append(Breach(Rule.MIXED, ", ".join(sorted(unit.tables))))
    if business and (used := unit.functions & ON_THE_COORDINATOR):
        found.append(Breach(Rule.COORDINATOR_FUNCTION, ", ".join(sorted(used))))


def _judge_block(node: Any, known: frozenset[str], unit: _Unit, found: list[Breach], outer: frozenset[str]) -> None:
    """Judges a SELECT, INSERT, UPDATE or DELETE with its subqueries. `outer` are the aliases of the blocks around."""
    for cte in _ctes(node):
        _judge_unit(cte.ctequery, known, found)
        known |= {cte.ctename}
    if isinstance(node, ast.SelectStmt) and node.larg is not None:
        for part in (node.larg, node.rarg):
            _judge_block(part, known, unit, found, outer)
        return
    relations = dict(_relations(node, known))
    unit.tables |= set(relations.values())
    named = _named(node, relations)
    if isinstance(node, ast.InsertStmt):
        _judge_insert(node, unit, found)
    else:
        for alias, table in relations.items():
            if KINDS[table] == "business" and not (named[alias].one or named[alias].several):
                found.append(Breach(Rule.ASKS_ALL_SHARDS, table if alias == table else f"{table} AS {alias}"))
    _judge_locks(node, relations, named, found)
    _judge_expressions(node, relations, unit, found)
    _judge_joins(node, relations, named, found, outer)
    if any(KINDS[table] == "business" and not named[alias].one for alias, table in relations.items()):
        _judge_shape(node, relations, found)
    inner = outer | set(_all_aliases(node))
    for subquery in _subqueries(node):
        _judge_block(subquery, known, unit, found, inner)


def _judge_joins(
    node: Any, relations: Mapping[str, str], named: Mapping[str, _Named], found: list[Breach], outer: frozenset[str]
) -> None:
    """Business tables that are not compared with one customer must be joined by their customers."""
    apart = [alias for alias, table in relations.items() if KINDS[table] == "business" and not named[alias].one]
    seen = outer - set(_all_aliases(node))
    refers = any(
        isinstance(each, ast.ColumnRef) and len(each.fields) > 1 and each.fields[0].sval in seen
        for each in _expressions(node)
    )
    wrong = find_apart(
        apart,
        [condition for condition, _ in _conditions(node)],
        owner=lambda column: _owner_of(column, relations),
        outer=outer,
        is_correlated=refers,
    )
    found += [Breach(Rule.NOT_BY_CUSTOMER, f"{relations[alias]} AS {alias}") for alias in wrong]


def _judge_shape(node: Any, relations: Mapping[str, str], found: list[Breach]) -> None:
    clause = getattr(node, "withClause", None)
    is_recursive = clause is not None and clause.recursive
    if is_recursive or any(isinstance(each, ast.GroupingSet) for each in _expressions(node)):
        found.append(Breach(Rule.ONE_SHARD_ONLY, ", ".join(sorted(relations.values()))))


def _judge_insert(node: Any, unit: _Unit, found: list[Breach]) -> None:
    table, source = node.relation.relname, node.selectStmt
    kind = KINDS.get(table)
    if kind == "reference" and node.onConflictClause is not None:
        found.append(Breach(Rule.CONFLICT_IN_REFERENCE, table))
    if kind != "business" or source is None:
        return
    if source.valuesLists:
        place = [column.name for column in node.cols or ()].index(OWNER)
        if not all(_is_bound(row[place]) for row in source.valuesLists):
            found.append(Breach(Rule.ASKS_ALL_SHARDS, table))
        return
    owners = {alias: name for alias, name in _relations(source, frozenset()) if KINDS[name] == "business"}
    place = [column.name for column in node.cols or ()].index(OWNER)
    taken = source.targetList[place].val if source.targetList and place < len(source.targetList) else None
    if _owner_of(taken, owners) is None:
        found.append(Breach(Rule.THROUGH_THE_COORDINATOR, table))


def _judge_locks(node: Any, relations: Mapping[str, str], named: Mapping[str, _Named], found: list[Breach]) -> None:
    for clause in getattr(node, "lockingClause", None) or ():
        locked = [each.relname for each in clause.lockedRels or ()] or list(relations)
        found += [
            Breach(Rule.LOCKS_MANY, relations[alias])
            for alias in locked
            if alias in relations and KINDS[relations[alias]] == "business" and not named[alias].one
        ]


def _judge_expressions(node: Any, relations: Mapping[str, str], unit: _Unit, found: list[Breach]) -> None:
    writes = not isinstance(node, ast.SelectStmt) and KINDS.get(getattr(node.relation, "relname", "")) == "business"
    for each in _expressions(node):
        if isinstance(each, ast.FuncCall):
            name = each.funcname[-1].sval
            unit.functions.add(name)
            if name == "array_agg" and any(isinstance(argument, ast.RowExpr) for argument in each.args or ()):
                found.append(Breach(Rule.ANONYMOUS_ROWS, ", ".join(sorted(relations.values()))))
            if writes and name in VOLATILE:
                found.append(Breach(Rule.VOLATILE_FUNCTION, name))
            if writes and name in STABLE and not isinstance(node, ast.InsertStmt):
                found.append(Breach(Rule.STABLE_FUNCTION, name))
        elif isinstance(each, ast.SQLValueFunction) and writes:
            found.append(Breach(Rule.VOLATILE_FUNCTION, each.op.name))
        elif isinstance(each, ast.A_Expr) and _is_owner_by_subquery(each):
            found.append(Breach(Rule.OWNER_BY_SUBQUERY, ", ".join(sorted(relations.values()))))
    if isinstance(node, ast.InsertStmt) and writes:
        called = {each.funcname[-1].sval for each in _walk(node.onConflictClause) if isinstance(each, ast.FuncCall)}
        found += [Breach(Rule.STABLE_FUNCTION, name) for name in sorted(called & STABLE)]
    if isinstance(node, ast.UpdateStmt) and writes:
        found += [
            Breach(Rule.CAST_OF_A_COLUMN, target.name)
            for target in node.targetList
            if any(_casts_a_column(each) for each in _walk(target.val))
        ]


# --- what a block is compared with -----------------------------------------------------------------------------------


def _named(node: Any, relations: Mapping[str, str]) -> dict[str, _Named]:
    """For each table of a block by its alias: whether it is compared with its customer."""
    named: dict[str, _Named] = defaultdict(_Named)
    for condition, aliases in _conditions(node):
        if not isinstance(condition, ast.A_Expr) or condition.name[-1].sval != "=":
            continue
        sides = [(condition.lexpr, condition.rexpr), (condition.rexpr, condition.lexpr)]
        for column, value in sides:
            alias = _owner_of(column, relations)
            if alias is None or not _is_bound(value) or (aliases is not None and alias not in aliases):
                continue
            if condition.kind == A_Expr_Kind.AEXPR_OP:
                named[alias].one = True
            elif condition.kind == A_Expr_Kind.AEXPR_OP_ANY:
                named[alias].several = True
    return named


def _conditions(node: Any) -> Iterator[tuple[Any, set[str] | None]]:
    """What must hold in a block, and for the tables of which aliases (None is all): an outer join limits one side."""
    for condition in _conjuncts(getattr(node, "whereClause", None)):
        yield condition, None
    for item in [*(getattr(node, "fromClause", None) or ()), *(getattr(node, "usingClause", None) or ())]:
        yield from _join_conditions(item)


def _join_conditions(item: Any) -> Iterator[tuple[Any, set[str] | None]]:
    if not isinstance(item, ast.JoinExpr):
        return
    limited = set(_aliases(item.rarg)) if item.jointype == JoinType.JOIN_LEFT else None
    for condition in _conjuncts(item.quals):
        yield condition, limited
    for side in (item.larg, item.rarg):
        yield from _join_conditions(side)


def _conjuncts(condition: Any) -> Iterator[Any]:
    if isinstance(condition, ast.BoolExpr) and condition.boolop == BoolExprType.AND_EXPR:
        for part in condition.args:
            yield from _conjuncts(part)
    elif condition is not None:
        yield condition


def _owner_of(column: Any, relations: Mapping[str, str]) -> str | None:
    """The alias of the table whose customer a column is."""
    if not isinstance(column, ast.ColumnRef) or getattr(column.fields[-1], "sval", None) != OWNER:
        return None
    if len(column.fields) > 1:
        alias = str(column.fields[0].sval)
        return alias if alias in relations else None
    # A name without a table is clear if the block has one table.
    return next(iter(relations)) if len(relations) == 1 else None


def _is_bound(value: Any) -> bool:
    while isinstance(value, ast.TypeCast):
        value = value.arg
    return isinstance(value, (ast.ParamRef, ast.A_Const))


def _is_owner_by_subquery(each: Any) -> bool:
    def is_owner(side: Any) -> bool:
        return isinstance(side, ast.ColumnRef) and getattr(side.fields[-1], "sval", None) == OWNER

    sides = (each.lexpr, each.rexpr)
    return any(isinstance(side, ast.SubLink) for side in sides) and any(is_owner(side) for side in sides)


def _casts_a_column(each: Any) -> bool:
    return (
        isinstance(each, ast.TypeCast)
        and bool(each.typeName.arrayBounds)
        and any(isinstance(part, ast.ColumnRef) for part in _walk(each.arg))
    )


# --- the parts of a block --------------------------------------------------------------------------------------------


def _ctes(node: Any) -> Sequence[Any]:
    clause = getattr(node, "withClause", None)
    return () if clause is None else clause.ctes


def _relations(node: Any, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The tables of a block itself, by alias."""
    if isinstance(node, (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)):
        yield from _tables(node.relation, known)
    for item in [*(getattr(node, "fromClause", None) or ()), *(getattr(node, "usingClause", None) or ())]:
        yield from _tables(item, known)


def _tables(item: Any, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(item, ast.JoinExpr):
        for side in (item.larg, item.rarg):
            yield from _tables(side, known)
    elif isinstance(item, ast.RangeVar) and item.relname not in known and item.relname in KINDS:
        yield (item.relname if item.alias is None else item.alias.aliasname), item.relname


def _aliases(item: Any) -> Iterator[str]:
    return (alias for alias, _ in _tables(item, frozenset()))


def _all_aliases(node: Any) -> Iterator[str]:
    """The aliases of everything that a block reads: tables, functions, subqueries, common table expressions."""
    items = [getattr(node, "relation", None), *(getattr(node, "fromClause", None) or ())]
    for each in _walk((*items, *(getattr(node, "usingClause", None) or ()))):
        if isinstance(each, (ast.RangeVar, ast.RangeSubselect, ast.RangeFunction)):
            alias = each.alias.aliasname if each.alias is not None else getattr(each, "relname", None)
            if alias is not None:
                yield alias


def _subqueries(node: Any) -> Iterator[Any]:
    """The subqueries of a block that are not common table expressions."""
    if isinstance(node, ast.InsertStmt) and node.selectStmt is not None and not node.selectStmt.valuesLists:
        yield node.selectStmt
    for each in _expressions(node):
        if isinstance(each, ast.SubLink):
            yield each.subselect
        elif isinstance(each, ast.RangeSubselect):
            yield each.subquery


def _expressions(node: Any) -> Iterator[Any]:
    """All nodes of a block that are not in a subquery or in a common table expression."""
    skipped = {"withClause", "selectStmt"} if isinstance(node, ast.InsertStmt) else {"withClause"}
    for name in node:
        if name not in skipped:
            yield from _walk(getattr(node, name))


def _walk(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for part in value:
            yield from _walk(part)
    elif isinstance(value, ast.Node):
        yield value
        if isinstance(value, ast.RangeSubselect):
            return
        for name in value:
            if not (isinstance(value, ast.SubLink) and name == "subselect"):
                yield from _walk(getattr(value, name))
