"""`kist doctor`: looks at an installation, and says what to do where something is wrong. It changes nothing."""

import asyncio
import shutil
from collections.abc import Iterator
from typing import Final

import typer
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.db import migrate as schema
from app.db.reach import find_obstacle
from app.db.repositories.unit_of_work import find_clock
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.lender.profiles import find_profile
from app.services.lender.registrations import read_registration
from app.services.operations import doctor as service
from app.services.operations.backlog import read_state
from app.services.operations.diagnosis import look_at_servers
from app.services.operations.doctor import Finding, Verdict, bad, good
from app.services.operations.startup import judge_what_was_given
from app.services.people.keys import KeysDiffer, check_keys
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, load_settings
from app.workers.context import open_context
from app.workers.queues import BULK_QUEUES, QUEUES, route_of

console = Console(highlight=False)
SIGNS: Final = {Verdict.GOOD: "[green]✓", Verdict.WARNING: "[yellow]!", Verdict.BAD: "[red]✗"}
PATIENCE_SECONDS: Final = 2


def doctor() -> None:
    """Look at configuration, schema, servers, queue, clock, disk and lag. Exit 1 if something is wrong."""
    with running_services(load_settings(keeps_new=False)) as settings:
        findings = asyncio.run(examine(settings))
    table = Table("", "about", "found", "what to do", box=None, pad_edge=False)
    for finding in findings:
        table.add_row(SIGNS[finding.verdict], finding.about, escape(finding.found), escape(finding.to_do))
    console.print(table)
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(code=1)


async def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which one thing needs another: without a database, nothing after it is asked."""
    findings = [*_settings(settings), *_disk(settings), await _queue(settings)]
    if (obstacle := await find_obstacle(settings.app_dsn)) is not None:
        to_do = "see whether PostgreSQL runs, and KIST_DATABASE_URL"
        return [*findings, bad("database", obstacle, to_do=to_do)]
    findings.append(good("database", "it answers"))
    found, needed = await schema.find_revisions(settings.app_dsn)
    findings.append(service.judge_schema(found, needed, is_known=found is None or schema.knows_revision(found)))
    if found == needed:
        async with open_context(settings, unchecked=True) as context:
            findings += await _books(context.uow_factory, settings)
            findings += await look_at_servers(context.uow_factory, settings)
    return findings


async def _books(uow_factory: UnitOfWorkFactory, settings: Settings) -> list[Finding]:
    try:
        await check_keys(uow_factory, settings, note=False)
        findings = [good("keys", "they belong to these books")]
    except KeysDiffer as error:
        findings = [bad("keys", str(error), to_do="see `The keys of the books` in docs/operations.md")]
    state = await read_state(uow_factory)
    async with uow_factory.open(SYSTEM) as uow:
        clock = await find_clock(uow.session)
        registration = await read_registration(uow)
        lender = await find_profile(uow)
    held = clock is not None and clock.held
    findings += service.judge_clock(state, is_production=settings.is_production, is_held=held)
    findings.append(service.judge_registration(registration, on=state.business_date))
    profile = None if lender is None else lender.profile
    findings.append(service.judge_lender(profile, is_production=settings.is_production))
    findings += service.judge_worker(await service.read_tasks(uow_factory), now=state.at)
    findings += service.judge_jobs(
        state.backlog.jobs, queues=QUEUES, bulk=BULK_QUEUES, queue_of=lambda job: route_of(job).queue
    )
    return [*findings, *service.judge_lag(state)]


def _settings(settings: Settings) -> Iterator[Finding]:
    lines = judge_what_was_given(settings)
    if not lines:
        yield good("configuration", f"every setting can be used, for {settings.env}")
    for line in lines:
        yield bad("configuration", line, to_do="production does not start with it")


def _disk(settings: Settings) -> Iterator[Finding]:
    """The disk of KIST_HOME. That of a given database server is not seen from here."""
    if settings.home.exists():
        usage = shutil.disk_usage(settings.home)
        yield service.judge_disk("KIST_HOME", free=usage.free, total=usage.total)


async def _queue(settings: Settings) -> Finding:
    client = Redis.from_url(
        settings.redis_dsn, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    )
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        to_do = "see whether Valkey runs, and KIST_REDIS_URL; payments go on without it, jobs start later"
        return bad("queue", f"a call to Valkey failed ({type(error).__name__})", to_do=to_do)
    finally:
        await client.aclose()
    return good("queue", "Valkey answers")
