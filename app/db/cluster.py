"""A database as a cluster: what the catalog of the extension says, and the statements that distribute our tables.

The extension is Citus. Its coordinator is the server that Kist connects to; the rows of business tables are in shards
on the workers. The catalog is read, and the plan is computed from what was read. So a plan that was interrupted is
continued by the next one.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.db.models import Base

EXTENSION: Final = "citus"
#: The major version of the extension with which Kist was tried.
MAJOR: Final = 14
DISTRIBUTED, REFERENCE = "distributed", "reference"
OWNER_COLUMN: Final = "customer_id"
ANCHOR: Final = "customers"
#: Set for the database: without them statements of Kist are refused or lock each other.
DATABASE_SETTINGS: Final[Mapping[str, str]] = {
    # Otherwise a foreign key to a reference table makes a table of the cluster of every table that has one.
    "citus.enable_local_reference_table_foreign_keys": "off",
    # A transaction that writes many shards uses one connection for each worker, so that it sees its own rows.
    "citus.multi_shard_modify_mode": "sequential",
    # SET LOCAL (time limits of a transaction) reaches the workers.
    "citus.propagate_set_commands": "local",
    # INSERT into a reference table asks for no right to update it; UPDATEs of several shards do not wait for each other
    # until commit (by default one at a time for each shard: two workers' ranges would be done one after the other).
    "citus.all_modifications_commutative": "on",
}
#: Set for the application's role alone. With the first one off for the owner, `pg_dump` would fail.
VISIBILITY: Final = "citus.override_table_visibility"
LOCK_TIMEOUT: Final = "lock_timeout"
APPLICATION_ROLE: Final = "kist_app"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """What the catalog says. `version` is None if the extension is not installed in the database; then the rest is
    empty. `tables` says for each table of the cluster whether it is distributed or a reference table. `settings` are
    those of the database, `role_settings` those of the application's role in it."""

    database: str
    version: str | None = None
    is_coordinator: bool = True
    workers: int = 0
    tables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    role_settings: Mapping[str, str] = field(default_factory=dict)
    has_role: bool = True
    filled: frozenset[str] = frozenset()

    @property
    def is_cluster(self) -> bool:
        return self.version is not None

    @property
    def is_distributed(self) -> bool:
        """Whether business tables have shards."""
        return DISTRIBUTED in self.tables.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One statement of the plan, and what it is for. `may_fail` is a statement that only saves space."""

    what: str
    statement: str
    may_fail: bool = False


_VERSION = text("SELECT extversion FROM pg_extension WHERE extname = :name")
_GROUP = text("SELECT groupid FROM pg_catalog.pg_dist_local_group")
_WORKERS = text(
    "SELECT count(*) FROM pg_catalog.pg_dist_node WHERE isactive AND noderole = 'primary' AND shouldhaveshards"
)
_TABLES = text(
    "SELECT c.relname, p.partmethod::text AS method FROM pg_catalog.pg_dist_partition AS p"
    " JOIN pg_class AS c ON c.oid = p.logicalrelid WHERE c.relnamespace = 'public'::regnamespace"
)
_SETTINGS = text(
    "SELECT coalesce(r.rolname, '') AS role, unnest(s.setconfig) AS setting FROM pg_db_role_setting AS s"
    " LEFT JOIN pg_roles AS r ON r.oid = s.setrole"
    " WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_HAS_ROLE = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")


def tables_of(kind: str) -> list[str]:
    """Our tables of a kind; a table comes after those that it refers to."""
    return [table.name for table in Base.metadata.sorted_tables if table.info["kind"] == kind]


@asynccontextmanager
async def connected(owner_dsn: str) -> AsyncIterator[AsyncConnection]:
    """A connection of the owner on which each statement is a transaction of its own, without time limits."""
    engine = create_async_engine(
        owner_dsn,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"server_settings": {"timezone": "UTC", "statement_timeout": "0"}},
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def read_facts(connection: AsyncConnection, *, role: str) -> ClusterFacts:
    """What the catalog says. Of a database without the extension, only its name."""
    database = str((await connection.execute(text("SELECT current_database()"))).scalar_one())
    version = (await connection.execute(_VERSION, {"name": EXTENSION})).scalar_one_or_none()
    if version is None:
        return ClusterFacts(database=database)
    tables = {row.relname: DISTRIBUTED if row.method == "h" else REFERENCE for row in await connection.execute(_TABLES)}
    settings: dict[str, dict[str, str]] = {}
    for row in await connection.execute(_SETTINGS):
        name, _, value = row.setting.partition("=")
        settings.setdefault(row.role, {})[name] = value
    return ClusterFacts(
        database=database,
        version=str(version),
        is_coordinator=(await connection.execute(_GROUP)).scalar_one() == 0,
        workers=int((await connection.execute(_WORKERS)).scalar_one()),
        tables=tables,
        settings=settings.get("", {}),
        role_settings=settings.get(role, {}),
        has_role=bool((await connection.execute(_HAS_ROLE, {"role": role})).scalar_one()),
        filled=await _filled(connection, [name for name in tables_of("business") if name not in tables]),
    )


async def _filled(connection: AsyncConnection, tables: Sequence[str]) -> frozenset[str]:
    """Those of the tables that have rows."""
    found = set()
    for table in tables:
        exists = text(f'SELECT EXISTS (SELECT FROM "{table}")')  # noqa: S608 - a name of our own tables
        if (await connection.execute(exists)).scalar_one():
            found.add(table)
    return frozenset(found)


def application_role(dsn: str) -> str:
    """The role with which the application connects."""
    return make_url(dsn).username or APPLICATION_ROLE


def plan(facts: ClusterFacts, *, role: str, lock_timeout_ms: int, shards: int) -> list[Step]:
    """The statements that are still to be done, in order: settings, reference tables, business tables with parents
    first, and last the space of rows that were copied into shards."""
    return [
        *_settings_to_make(facts, role=role, lock_timeout_ms=lock_timeout_ms),
        *_tables_to_place(facts, shards=shards),
        *(
            Step(
                what=f"free the space that the rows of {table} had here",
                statement=f"SELECT truncate_local_data_after_distributing_table('public.{table}')",
                may_fail=True,
            )
            for table in tables_of("business")
            if table in facts.filled
        ),
    ]


def session_settings(*, shards: int) -> list[str]:
    """What the session that distributes needs: settings of the database are for later sessions."""
    names = {**DATABASE_SETTINGS, "citus.shard_count": str(shards)}
    return [f"SET {name} TO '{value}'" for name, value in names.items()]


def _settings_to_make(facts: ClusterFacts, *, role: str, lock_timeout_ms: int) -> list[Step]:
    steps = [
        Step(what=f"{name} = {value}", statement=f"ALTER DATABASE {_quoted(facts.database)} SET {name} TO '{value}'")
        for name, value in DATABASE_SETTINGS.items()
        if facts.settings.get(name) != value
    ]
    if not facts.has_role:
        return steps
    # A lock time limit that is given at connect does not reach the workers.
    for name, value in {VISIBILITY: "off", LOCK_TIMEOUT: f"{lock_timeout_ms}ms"}.items():
        if facts.role_settings.get(name) != value:
            statement = f"ALTER ROLE {_quoted(role)} IN DATABASE {_quoted(facts.database)} SET {name} TO '{value}'"
            steps.append(Step(what=f"{name} = {value} for {role}", statement=statement))
    return steps


def _tables_to_place(facts: ClusterFacts, *, shards: int) -> list[Step]:
    steps = [
        Step(what=f"{table}: on every server", statement=f"SELECT create_reference_table('public.{table}')")
        for table in tables_of("reference")
        if table not in facts.tables
    ]
    for table in tables_of("business"):
        if table not in facts.tables:
            arguments = f"'public.{table}', '{OWNER_COLUMN}'"
            if table == ANCHOR:
                arguments += f", shard_count => {shards}"
            else:
                arguments += f", colocate_with => 'public.{ANCHOR}'"
            steps.append(
                Step(what=f"{table}: by {OWNER_COLUMN}", statement=f"SELECT create_distributed_table({arguments})")
            )
    return steps


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
