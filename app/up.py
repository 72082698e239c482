"""`kist up`: starts the whole service, each part after the parts that it needs."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from app import measures
from app.embedded import ServerMonitor, running_services
from app.settings import Settings
from app.signals import StopRequested, stopped_by_signals
from app.supervisor import (
    Child,
    Supervisor,
    kist_command,
    listen,
    lock_home,
)

# After a `kist up` was killed, its children may hold the port for this long.
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An action of `kist up` after the servers run and before the first request. `name` is what the console shows."""

    name: str
    run: Callable[[Settings], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """What `kist up` shows of the administrator's login. `password` is set only in the run that generated it."""

    email: str
    password: str | None
    about: str

    def password_text(self) -> str:
        """The password, or the reason why none is shown, in the markup of rich."""
        return f"[bold]{escape(self.password)}[/]  ({escape(self.about)})" if self.password else escape(self.about)


def bring_up(settings: Settings, *, steps: Sequence[Step], seed: Callable[[Settings], Admin], console: Console) -> None:
    """Run everything until a signal stops it. Raises `SupervisorError` and `EmbeddedError`."""
    url = f"http://{_reachable(settings.host)}:{settings.port}"

    def report(line: str) -> None:
        console.print(f"[yellow]! {escape(line)}")

    supervisor = Supervisor(logs=settings.home.resolve() / "logs", environment={}, report=report)
    try:
        with stopped_by_signals(supervisor.hurry), ExitStack() as stack:
            ended_badly = stack.enter_context(lock_home(settings.home, url=url))
            patience = PATIENCE_SECONDS if ended_badly else 0.0
            listener = stack.enter_context(listen(settings.host, port=settings.port, patience_seconds=patience))
            monitor = ServerMonitor(settings, report=report)
            with _progress(console, "PostgreSQL and Valkey"):
                settings = stack.enter_context(running_services(settings, report=report))
            for step in steps:
                with _progress(console, step.name):
                    step.run(settings)
            with _progress(console, "products, scorecards, administrator"):
                admin = seed(settings)
            supervisor.environment = settings.addresses()
            supervisor.children = _children(settings, listener=listener.fileno())
            stack.callback(supervisor.stop)
            with _progress(console, "API and worker"):
                supervisor.start()
                supervisor.wait_until_ready(f"{url}/health")
            console.print(_panel(settings, url=url, admin=admin))
            supervisor.watch(check_servers=monitor.check)
    except StopRequested:
        console.print("[dim]Stopped. The data is kept; `make up` starts again with it.")


def _children(settings: Settings, *, listener: int) -> list[Child]:
    serve = kist_command("serve", "--supervised", "--descriptor", str(listener))
    api = [Child(name="api", command=serve, inherited=(listener,)) for _ in range(settings.api_processes)]
    worker = kist_command("worker", "--supervised")
    if settings.metrics_port is not None:
        measures.clear(settings.metrics_folder)
        api.append(Child(name="metrics", command=kist_command("metrics", "--supervised")))
    return api + [Child(name="worker", command=worker) for _ in range(settings.worker_processes)]


@contextmanager
def _progress(console: Console, name: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(f"{name} ..."):
        yield
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - began:.1f} s")


def _panel(settings: Settings, *, url: str, admin: Admin) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("API and documentation", f"[bold link={url}/docs]{url}/docs")
    table.add_row("pages for staff", f"[bold link={url}/admin]{url}/admin")
    table.add_row("administrator", escape(admin.email))
    table.add_row("password", admin.password_text())
    table.add_row("data and logs", escape(str(settings.home.resolve())))
    table.add_row("stop", "Ctrl-C")
    return Panel(table, title="Kist is up", border_style="green", expand=False)


def _reachable(host: str) -> str:
    """The host to call for a service that listens on this host."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - recognised, not bound
    return everywhere.get(host, f"[{host}]" if ":" in host else host)
