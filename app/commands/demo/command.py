"""The command: it finds or starts a Kist, runs the story there, and prints the result."""

import threading
import time

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from app.commands.demo.calls import open_http
from app.commands.demo.card import open_card
from app.commands.demo.ending import end_story
from app.commands.demo.living import borrow_for_the_roof
from app.commands.demo.months import play_four_months
from app.commands.demo.narration import Narrator, StoryFailed
from app.commands.demo.place import Place, open_place
from app.commands.demo.story import Story, begin_story
from app.settings import load_settings
from app.signals import StopRequested, stopped_by_signals

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def demo() -> None:
    """Show four months of one customer, with real calls. Exit 1 if a figure is not as expected."""
    began = time.monotonic()
    narrator = Narrator(console=console)
    try:
        with stopped_by_signals(threading.Event()):
            console.print("[dim]Looking for a running Kist, or starting one ...")
            with open_place(load_settings()) as place:
                run_story(place, narrator)
                console.print("[dim]Stopping ..." if place.is_own else "")
    except StopRequested:
        raise typer.Exit(code=130) from None
    except StoryFailed as error:
        errors.print(f"[red]kist:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(code=1) from None
    seconds = time.monotonic() - began
    console.print(f"[green]✓[/] All {narrator.checked} figures are as expected, in {seconds:.1f} s")


def run_story(place: Place, narrator: Narrator) -> Story:
    """Runs the whole story on a Kist. Raises StoryFailed."""
    console.print(_opening(place))
    with open_http(place.url) as http:
        story = begin_story(place, narrator, http=http)
        narrator.chapter("A card account", when=f"{story.day_one}, day 0")
        open_card(story)
        narrator.chapter("A loan at a floating rate", when=f"{story.day_one}, day 0")
        borrow_for_the_roof(story)
        play_four_months(story)
        end_story(story)
    return story


def _opening(place: Place) -> Panel:
    where = "started for this demo, removed afterwards" if place.is_own else "running; its business date will move"
    return Panel(
        f"Asha Rao takes two loans, a card and a third loan: 100 days in about a minute.\n[dim]{place.url} ({where})",
        title="kist demo",
        border_style="cyan",
        expand=False,
    )
