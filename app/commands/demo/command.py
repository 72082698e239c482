"""The command: a place for the story, the story, and the last word."""

import threading
import time

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from app.commands.demo.months import live_four_months
from app.commands.demo.place import Place, open_place
from app.commands.demo.story import Story, begin
from app.commands.demo.telling import StoryFailed, Teller
from app.settings import load_settings
from app.supervisor import StopRequested, stopped_by_signals

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def demo() -> None:
    """Tell the story of one customer over four months, with real calls; exit 1 if a figure is not as expected."""
    began = time.monotonic()
    teller = Teller(console=console)
    try:
        with stopped_by_signals(threading.Event()):
            with console.status("Kist ..."), _entered(open_place(load_settings())) as place:
                pass
    except StoryFailed as error:
        errors.print(f"[red]kist:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(code=1) from None
