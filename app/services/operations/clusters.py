"""Makes one server's database a cluster's, and says what is wrong with a cluster.

Distributing is one way: there is no command that brings the rows of the shards back into one server. A backup can be
restored on one server (`kist restore`).
"""

from collections.abc import Callable, Sequence
from typing import Final

from app.db import cluster
from app.db.cluster import ClusterFacts, Step
from app.db.errors import sqlstate
from app.db.migrate import find_revision, newest_revision
from app.settings import Settings

#: Shards of a new cluster. More of them allow more workers later; each costs some memory on every server.
SHARDS: Final = 32
_NO_RIGHT: Final = "42501"

#: Called before each statement with what it is for, its number and how many there are.
Notify = Callable[[str, int, int], None]


class DistributeRefused(Exception):
    """The tables cannot be distributed. The message says in one line why, and what to do."""


async def read_plan(settings: Settings, *, shards: int = SHARDS) -> list[Step]:
    """The statements that are still to be done; none if the database is a cluster already. Raises
    DistributeRefused."""
    role = cluster.application_role(settings.app_dsn)
    async with cluster.connected(settings.owner_dsn) as connection:
        facts = await cluster.read_facts(connection, role=role)
        revision = await find_revision(connection)
    check_facts(facts, revision=revision)
    return cluster.plan(facts, role=role, lock_timeout_ms=settings.lock_timeout_ms, shards=shards)


async def is_distributed(settings: Settings) -> bool:
    """Whether the rows of customers are in the shards of a cluster."""
    async with cluster.connected(settings.owner_dsn) as connection:
        facts = await cluster.read_facts(connection, role=cluster.application_role(settings.app_dsn))
    return facts.is_distributed


def check_facts(facts: ClusterFacts, *, revision: str | None) -> None:
    """Refuses what is not a cluster of ours. Raises DistributeRefused."""
    if facts.version is None:
        raise DistributeRefused(
            f"the extension {cluster.EXTENSION} is not installed in the database {facts.database}: load it with"
            f" shared_preload_libraries on every server, and run CREATE EXTENSION {cluster.EXTENSION} as a superuser"
        )
    if not facts.version.startswith(f"{cluster.MAJOR}."):
        raise DistributeRefused(
            f"the extension {cluster.EXTENSION} has version {facts.version}: this version of Kist needs"
            f" {cluster.MAJOR}, with PostgreSQL 18"
        )
    if not facts.is_coordinator:
        raise DistributeRefused("this server is a worker of the cluster: give the address of the coordinator")
    if facts.workers == 0:
        raise DistributeRefused(
            "the cluster has no worker: add each with SELECT citus_add_node('its address', 5432) as a superuser"
        )
    if revision != newest_revision():
        raise DistributeRefused("the schema is not that of this version: run kist migrate first")


async def distribute(settings: Settings, steps: Sequence[Step], *, shards: int = SHARDS, notify: Notify) -> list[str]:
    """Carries the plan out. What was done stays done if a statement fails, and the next plan begins there. Returns the
    statements that only save space and failed. Raises DistributeRefused."""
    failed = []
    async with cluster.connected(settings.owner_dsn) as connection:
        for statement in cluster.session_settings(shards=shards):
            await connection.exec_driver_sql(statement)
        for number, step in enumerate(steps, start=1):
            notify(step.what, number, len(steps))
            try:
                await connection.exec_driver_sql(step.statement)
            except Exception as error:
                if step.may_fail:
                    failed.append(step.statement)
                elif sqlstate(error) == _NO_RIGHT:
                    message = f"the owner's role may not do this, run it as a superuser: {step.statement}"
                    raise DistributeRefused(message) from None
                else:
                    raise
    return failed
