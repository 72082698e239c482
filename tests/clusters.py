"""Databases for tests on a cluster: made on every server, with the extension, and distributed by `kist distribute`.

The given database must be one of the coordinator, have the extension, and know the workers. The owner's role must be a
superuser there, because only a superuser may make the extension and add workers; all servers let it in without a
password, or with the one of `KIST_OWNER_DATABASE_URL`. A command of your own can do this instead: if the environment
names one in `TEST_DATABASE_COMMAND`, it is called as `COMMAND make NAME` and `COMMAND drop NAME`, and makes an empty
database with the extension and its workers.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from app.db import cluster
from app.db.migrate import newest_revision
from app.services.operations.clusters import check_facts

COMMAND = "TEST_DATABASE_COMMAND"
#: What a lock waits for in tests, as in the settings.
LOCK_TIMEOUT_MS = 3_000
SHARDS = 4


async def is_cluster(postgres: Any) -> bool:
    """Whether a database has the extension of a cluster."""
    return bool(
        await postgres.fetchval("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1)", cluster.EXTENSION)
    )


async def skip_on_cluster(dsn: str, *, because: str) -> None:
    """Skips a test that says nothing of a cluster."""
    async with connected(dsn) as database:
        if await is_cluster(database):
            pytest.skip(f"the database of these tests is a cluster: {because}")


async def make_database(postgres: Any, owner_dsn: str, *, name: str) -> None:
    """Makes an empty database on the coordinator and all workers, each with the extension."""
    if (command := os.environ.get(COMMAND)) is not None:
        await asyncio.to_thread(subprocess.run, [command, "make", name], check=True)
        return
    await drop_database(postgres, name=name)
    await postgres.execute(f'CREATE DATABASE "{name}"')
    await postgres.fetch("SELECT run_command_on_workers($1)", f'CREATE DATABASE "{name}"')
    nodes = await postgres.fetch(
        "SELECT nodename, nodeport FROM pg_dist_node WHERE noderole = 'primary' AND groupid <> 0 ORDER BY nodeid"
    )
    coordinator = await postgres.fetchrow("SELECT nodename, nodeport FROM pg_dist_node WHERE groupid = 0")
    for node in nodes:
        async with connected(owner_dsn, host=node["nodename"], port=node["nodeport"]) as worker:
            await worker.execute(f"CREATE EXTENSION {cluster.EXTENSION}")
    async with connected(owner_dsn) as database:
        await database.execute(f"CREATE EXTENSION {cluster.EXTENSION}")
        if coordinator is not None:
            await database.fetch(
                "SELECT citus_set_coordinator_host($1, $2)", coordinator["nodename"], coordinator["nodeport"]
            )
        for node in nodes:
            await database.fetch("SELECT citus_add_node($1, $2)", node["nodename"], node["nodeport"])


async def distribute(owner_dsn: str, *, application_dsn: str) -> None:
    """Distributes the tables of a migrated database."""
    role = cluster.application_role(application_dsn)
    async with cluster.connected(owner_dsn) as connection:
        facts = await cluster.read_facts(connection, role=role)
        check_facts(facts, revision=newest_revision())
        steps = cluster.plan(facts, role=role, lock_timeout_ms=LOCK_TIMEOUT_MS, shards=SHARDS)
        for statement in cluster.session_settings(shards=SHARDS):
            await connection.exec_driver_sql(statement)
        for step in steps:
            await connection.exec_driver_sql(step.statement)


async def drop_database(postgres: Any, *, name: str) -> None:
    """Removes a database from all servers."""
    if (command := os.environ.get(COMMAND)) is not None:
        await asyncio.to_thread(subprocess.run, [command, "drop", name], check=True)
        return
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    await postgres.execute(drop)
    await postgres.fetch("SELECT run_command_on_workers($1)", drop)


@asynccontextmanager
async def connected(dsn: str, *, host: str | None = None, port: int | None = None) -> AsyncIterator[Any]:
    """A connection to the same database, also on another server."""
    url = make_url(dsn).set(drivername="postgresql")
    if host is not None:
        url = url.set(host=host, port=port).difference_update_query(["host"])
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()
