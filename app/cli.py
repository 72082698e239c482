"""The command line program `kist`: it starts the service and works with it from a terminal.

A command loads the settings, makes one call and prints the result. An error that the user can correct is printed as one
line on the error stream, with exit status 1 and without a traceback.
"""

import asyncio
import os
import socket
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NoReturn, get_args

import typer
import uvicorn
from arq.utils import import_string
from arq.worker import run_worker
from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape

from app.api.arrival import StampingProtocol
from app.commands import (
    audit,
    backup,
    bench,
    billing,
    books,
    clearing,
    clusters,
    demo,
    doctor,
    file_scoring,
    generation,
    holidays,
    identity,
    ingestion,
    reconciliation,
    reference,
    rules,
    seeding,
    staff,
)
from app.db import migrate as schema
from app.db.errors import is_table_missing, why_unreachable
from app.embedded import EmbeddedError, running_services
from app.kept_secrets import forget_new_secrets
from app.metrics_server import MetricsApp
from app.observability import configure_logging
from app.services.operations.clusters import is_distributed
from app.services.operations.startup import StartRefused, check_given
from app.services.people.keys import KeysDiffer
from app.settings import Settings, SettingsError, load_settings
from app.supervisor import SupervisorError, end_with_parent
from app.up import Admin, Step, bring_up
from app.workers.startup import check_start

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
GRACE_SECONDS = 10
LOG_LEVELS = get_args(Settings.model_fields["log_level"].annotation)

program = typer.Typer(name="kist", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

Supervised = Annotated[bool, typer.Option("--supervised", hidden=True, help="End when standard input closes.")]
Descriptor = Annotated[int | None, typer.Option("--descriptor", hidden=True, help="An inherited listening socket.")]


def _say_version(asked: bool) -> None:
    if asked:
        project = tomllib.loads(PROJECT.read_text())["project"]
        console.print(f"{project['name']} {project['version']}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print name and version, and end.")
]


@program.callback()
def kist(version: Version = False) -> None:
    """Kist: a lending service for Indian retail credit."""
    # The terminal shows only warnings of the log. The file cli.log holds all of it. Both pass the scrubber. `serve` and
    # `worker` configure the log again for their own process.
    level = os.environ.get("KIST_LOG_LEVEL") or "INFO"
    kept_level = level if level in LOG_LEVELS else "INFO"
    home = Path(os.environ.get("KIST_HOME") or Settings.model_fields["home"].default)
    configure_logging("WARNING", file=home.absolute() / "logs" / "cli.log", file_level=kept_level)


@program.command()
def up(supervised: Supervised = False) -> None:
    """Start everything: servers (unless given), schema, seed, API, worker. Ctrl-C stops all of it."""
    if supervised:
        end_with_parent()
    bring_up(load_settings(), steps=STEPS, seed=_seed, console=console)


@program.command()
def serve(supervised: Supervised = False, descriptor: Descriptor = None) -> None:
    """Run the API alone, on KIST_HOST and PORT."""
    with ExitStack() as stack:
        settings = _settings_in_environment(stack, supervised=supervised)
        _check(settings)
        config = uvicorn.Config(
            "app.main:create_served_app",
            factory=True,
            http=StampingProtocol,
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level.lower(),
            access_log=False,
            server_header=False,
            # KIST_TRUSTED_PROXIES decides which X-Forwarded-For is trusted; uvicorn would trust every local caller.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        sockets = None if descriptor is None else [socket.socket(fileno=descriptor)]
        server = uvicorn.Server(config)
        server.run(sockets=sockets)
    if not server.started:
        raise typer.Exit(code=3)


@program.command()
def worker(supervised: Supervised = False) -> None:
    """Run one worker alone: the jobs of the queue, and the scheduled tasks."""
    with ExitStack() as stack:
        _check(_settings_in_environment(stack, supervised=supervised))
        run_worker(import_string("app.workers.settings.WorkerSettings"))


@program.command()
def metrics(supervised: Supervised = False) -> None:
    """Serve the numbers of all processes for Prometheus, on KIST_METRICS_PORT."""
    with ExitStack() as stack:
        settings = _settings_in_environment(stack, supervised=supervised)
        if settings.metrics_port is None:
            _fail("KIST_METRICS_PORT is not set, so nothing is measured")
        config = uvicorn.Config(
            MetricsApp(settings),
            host=settings.host,
            port=settings.metrics_port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
        )
        uvicorn.Server(config).run()


@program.command()
def migrate() -> None:
    """Bring the schema of the database to this version of the code."""
    with running_services(load_settings()) as settings:
        _check_given(settings)
        _migrate(settings)
        console.print("The schema is up to date.")
        if asyncio.run(is_distributed(settings)):
            # Tables that a migration has made belong to the cluster too.
            clusters.distribute_with(settings)


def _settings_in_environment(stack: ExitStack, *, supervised: bool) -> Settings:
    """Starts the embedded servers unless addresses are given, and writes all addresses into the environment, where the
    application's factory and the worker read them."""
    if supervised:
        end_with_parent()
    settings = stack.enter_context(running_services(load_settings()))
    os.environ.update(settings.addresses())
    return settings


def _migrate(settings: Settings) -> None:
    schema.upgrade(settings.owner_dsn)


def _seed(settings: Settings) -> Admin:
    _, admin = seeding.seed_with(settings)
    return admin


def _check_given(settings: Settings) -> None:
    asyncio.run(check_given(settings))


def _check(settings: Settings) -> None:
    _check_given(settings)
    asyncio.run(check_start(settings))


# The steps of `kist up` after the servers run and before it seeds, in this order.
STEPS = [
    Step(name="settings and connections", run=_check_given),
    Step(name="schema", run=_migrate),
    Step(name="start-up checks", run=_check),
]

program.command()(seeding.seed)
program.command()(billing.bill)
program.command()(reconciliation.reconcile)
program.command()(doctor.doctor)
program.command()(generation.generate)
program.command()(clusters.distribute)
program.command()(backup.backup)
program.command()(backup.restore)
program.command()(identity.rotate_aadhaar_key)
program.command()(file_scoring.score)
program.command()(clearing.clearing)
program.command()(holidays.holidays)
program.command()(demo.demo)
program.command()(bench.bench)
program.command()(reference.reference)
program.add_typer(audit.program)
program.add_typer(ingestion.program)
program.add_typer(staff.program)
program.add_typer(rules.program)
program.add_typer(books.program)


def main() -> None:
    """The entry point of the installed program."""
    try:
        program(prog_name="kist")
    except (SettingsError, EmbeddedError, SupervisorError, StartRefused, KeysDiffer, schema.SchemaUnknown) as error:
        if isinstance(error, KeysDiffer):
            forget_new_secrets()
        _fail(str(error))
    except Exception as error:
        if is_table_missing(error):
            _fail("the database does not have the tables of this version: run `kist migrate`, then `kist seed`")
        if isinstance(error, RedisError):
            _fail(f"KIST_REDIS_URL: a call to Valkey failed ({type(error).__name__})")
        if (reason := why_unreachable(error)) is not None and not isinstance(error, OSError):
            _fail(f"KIST_DATABASE_URL: {reason}")
        raise


def _fail(message: str) -> NoReturn:
    errors.print(f"[red]kist:[/] {escape(message)}", soft_wrap=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
