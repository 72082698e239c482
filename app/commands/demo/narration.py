"""Telling a story and holding it to its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from app.domain.money import format_inr

#: A row of a table: texts, and amounts in paise.
Cell = str | int


class StoryFailed(Exception):
    """Something was not as the story has it; the message says what, in one line."""


@dataclass(slots=True, kw_only=True)
class Narrator:
    """Prints the story, and counts the figures that were held against what they should be."""

    console: Console
    checked: int = 0

    def chapter(self, title: str, *, when: str) -> None:
        self.console.print()
        self.console.print(Rule(f"[bold]{escape(title)}[/]  [dim]{escape(when)}", align="left", style="cyan"))

    def say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True)

    def check(self, what: str, found: object, *, expected: object) -> None:
        """Compares without a word. Raises StoryFailed."""
        self.checked += 1
        if found != expected:
            raise StoryFailed(f"{what}: expected {expected}, found {found}")

    def money(self, what: str, found: object, *, expected_paise: int, note: str = "") -> None:
        """Compares an amount of an answer, and prints it. Raises StoryFailed."""
        paise = to_paise(found)
        self.checked += 1
        if paise != expected_paise:
            raise StoryFailed(f"{what}: expected {format_inr(expected_paise)}, found {format_inr(paise)}")
        self.console.print(f"  [green]✓[/] {what} [bold]{format_inr(paise)}[/]{f'  [dim]{note}[/]' if note else ''}")

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Prints rows; whole numbers are amounts in paise."""
        table = Table(box=None, padding=(0, 2), header_style="dim")
        for position, header in enumerate(headers):
            is_money = bool(rows) and isinstance(rows[0][position], int)
            table.add_column(header, justify="right" if is_money else "left")
        for row in rows:
            table.add_row(*(format_inr(cell) if isinstance(cell, int) else escape(cell) for cell in row))
        self.console.print(table)


def to_paise(rupees: object) -> int:
    """An amount of an answer, a JSON number read as a decimal, in paise."""
    if isinstance(rupees, bool) or not isinstance(rupees, int | Decimal):
        raise StoryFailed(f"an amount was expected, found {type(rupees).__name__}")
    paise = Decimal(rupees) * 100
    if paise != paise.to_integral_value():
        raise StoryFailed("an amount has more than two decimals")
    return int(paise)
