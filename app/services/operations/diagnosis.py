"""What `kist doctor` says of the database's servers: the rights of the application's role, and the cluster."""

from collections.abc import Iterator

from app.db import cluster
from app.db.cluster import ClusterFacts
from app.db.migrate import newest_revision
from app.db.repositories.operations import startup as repository
from app.domain.people.access import SYSTEM
from app.services.operations.clusters import DistributeRefused, check_facts
from app.services.operations.doctor import Finding, bad, good, warning
from app.services.operations.startup import judge_role
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

TO_DISTRIBUTE = "stop the API and the workers, then kist distribute"


async def look_at_servers(uow_factory: UnitOfWorkFactory, settings: Settings) -> list[Finding]:
    """The findings about rights and servers, for a database whose schema is the one that this version needs."""
    role = cluster.application_role(settings.app_dsn)
    async with cluster.connected(settings.owner_dsn) as connection:
        facts = await cluster.read_facts(connection, role=role)
    return [*await _look_at_rights(uow_factory, settings), *_look_at_cluster(facts, settings, role=role)]


async def _look_at_rights(uow_factory: UnitOfWorkFactory, settings: Settings) -> list[Finding]:
    async with uow_factory.open(SYSTEM) as uow:
        facts = await repository.get_role_facts(uow.session)
    lines = judge_role(facts)
    to_do = "see `Given servers` in docs/operations.md"
    # In development one role for everything is right.
    judge = bad if settings.is_production else warning
    return [judge("rights", line, to_do=to_do) for line in lines] or [
        good("rights", f"{facts.name} has what it needs and no more")
    ]


def _look_at_cluster(facts: ClusterFacts, settings: Settings, *, role: str) -> Iterator[Finding]:
    """One server, or a cluster on which every table is in its place and every setting is made."""
    if not facts.is_cluster:
        yield good("servers", "one")
        return
    try:
        check_facts(facts, revision=newest_revision())
    except DistributeRefused as error:
        yield bad("servers", str(error), to_do="see `A cluster` in docs/operations.md")
        return
    steps = cluster.plan(facts, role=role, lock_timeout_ms=settings.lock_timeout_ms, shards=0)
    found = f"a cluster of {facts.workers} workers, version {facts.version}"
    if not facts.is_distributed:
        yield warning("servers", f"{found}, on which no table is distributed yet", to_do=TO_DISTRIBUTE)
        return
    for step in steps:
        yield bad("servers", f"not done yet: {step.what}", to_do=TO_DISTRIBUTE)
    if not steps:
        yield good("servers", f"{found}, every table in its place")
