"""What `kist doctor` checks: everything that can be wrong between Kist and its servers. Nothing is changed.

A check that cannot be made because an earlier one failed (no connection, no schema) is left out.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.db import cluster
from app.db.cluster import ClusterFacts
from app.db.migrate import find_revision, newest_revision
from app.db.reach import find_obstacle
from app.db.repositories import unit_of_work as uow_repository
from app.db.repositories.operations import startup as repository
from app.domain.people.access import SYSTEM
from app.services.operations.clusters import DistributeRefused, check_facts
from app.services.operations.startup import judge_clock, judge_role, judge_what_was_given
from app.services.people.keys import KeysDiffer, check_keys
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, what was found, and whether that is right."""

    what: str
    found: str
    is_right: bool = True


async def diagnose(
    uow_factory: UnitOfWorkFactory, settings: Settings, *, queue_answers: Callable[[], Awaitable[bool]]
) -> list[Finding]:
    """All findings, in the order in which an operator would look."""
    findings = [Finding("settings", line, is_right=False) for line in judge_what_was_given(settings)]
    findings = findings or [Finding("settings", f"as {settings.env} needs them")]
    answers = await queue_answers()
    findings.append(Finding("Valkey", "answers" if answers else "does not answer", is_right=answers))
    for what, dsn in (("database, as owner", settings.owner_dsn), ("database, as application", settings.app_dsn)):
        obstacle = await find_obstacle(dsn)
        findings.append(Finding(what, obstacle or "answers", is_right=obstacle is None))
    if all(finding.is_right for finding in findings[-2:]):
        findings += await _look_at_database(uow_factory, settings)
    return findings


async def _look_at_database(uow_factory: UnitOfWorkFactory, settings: Settings) -> list[Finding]:
    role = cluster.application_role(settings.app_dsn)
    async with cluster.connected(settings.owner_dsn) as connection:
        revision, needed = await find_revision(connection), newest_revision()
        if revision != needed:
            found = f"at revision {revision or 'none'}, and this version needs {needed}: run kist migrate"
            return [Finding("schema", found, is_right=False)]
        facts = await cluster.read_facts(connection, role=role)
    return [
        Finding("schema", f"at revision {needed}"),
        *await _look_at_books(uow_factory, settings),
        *_look_at_cluster(facts, settings, role=role),
    ]


async def _look_at_books(uow_factory: UnitOfWorkFactory, settings: Settings) -> list[Finding]:
    try:
        await check_keys(uow_factory, settings, note=False)
        keys = Finding("keys", "those of the books")
    except KeysDiffer as error:
        keys = Finding("keys", str(error), is_right=False)
    async with uow_factory.open(SYSTEM) as uow:
        facts = await repository.get_role_facts(uow.session)
        lines = judge_role(facts) + judge_clock(await uow_repository.find_clock(uow.session))
    # In development one role for everything, and a held clock, are right.
    rights = [Finding("rights and clock", line, is_right=not settings.is_production) for line in lines]
    return [keys, *(rights or [Finding("rights and clock", f"{facts.name} has what it needs and no more")])]


def _look_at_cluster(facts: ClusterFacts, settings: Settings, *, role: str) -> list[Finding]:
    """One server, or a cluster on which every table is in its place and every setting is made."""
    if not facts.is_cluster:
        return [Finding("servers", "one")]
    try:
        check_facts(facts, revision=newest_revision())
    except DistributeRefused as error:
        return [Finding("servers", str(error), is_right=False)]
    steps = cluster.plan(facts, role=role, lock_timeout_ms=settings.lock_timeout_ms, shards=0)
    if not facts.is_distributed:
        return [Finding("servers", f"a cluster of {facts.workers} workers, on which no table is distributed yet")]
    found = f"a cluster of {facts.workers} workers, version {facts.version}"
    missing = [Finding("servers", f"{step.what}: run kist distribute", is_right=False) for step in steps]
    return missing or [Finding("servers", f"{found}, every table in its place")]
