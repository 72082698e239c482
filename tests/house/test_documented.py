"""The documentation is complete: README.md or docs/ names every command, setting, route and job."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from app import cli
from app.embedded import Addresses
from app.main import create_app
from app.settings import Settings, variable_names
from app.workers.jobs import REGISTRY
from app.workers.schedule import RUNS
from tests.databases import make_settings
from tests.house.source import ROOT

METHODS = {"get", "post", "put", "patch", "delete"}


@cache
def documentation() -> str:
    files = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(path.read_text() for path in files if path.exists())


def commands(group: Any, *, prefix: str) -> Iterator[str]:
    """Every visible command with its full name."""
    for name, command in sorted(getattr(group, "commands", {}).items()):
        if command.hidden:
            continue
        if getattr(command, "commands", None):
            yield from commands(command, prefix=f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def routes() -> list[str]:
    nowhere = Addresses(database_url="postgresql://nobody@/nothing", redis_url="redis://nowhere")
    paths = create_app(make_settings(nowhere, home=Path("nowhere"))).openapi()["paths"]
    return sorted(f"{method.upper()} {path}" for path, item in paths.items() for method in METHODS & item.keys())


def without_names(text: str) -> str:
    """A path without the names of its parameters, so that `{loan_id}` and `{number}` are equal."""
    return re.sub(r"\{[^}]*\}", "{}", text)


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(cli.program), prefix="kist")))
def test_every_command_is_documented(command: str) -> None:
    assert command in documentation()


@pytest.mark.parametrize("field", list(Settings.model_fields))
def test_every_setting_is_documented(field: str) -> None:
    assert [name for name in variable_names(field) if name not in documentation()] == []


def test_every_route_is_documented() -> None:
    documented = without_names(documentation())
    assert [route for route in routes() if without_names(route) not in documented] == []


def tables(text: str) -> Iterator[list[str]]:
    """The first cells of each table of a page."""
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        yield [line.split("|")[1].strip() for line in block.splitlines()]


def test_nothing_stands_twice_in_a_table() -> None:
    """Of things that have a name in code: a row that was changed and left beside its old text says two things."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    twice = [
        (page.name, cell)
        for page in pages
        for cells in tables(page.read_text())
        for cell in {cell for cell in cells if re.fullmatch(r"`[^`]+`", cell) and cells.count(cell) > 1}
    ]
    assert twice == []


def test_what_going_back_before_each_migration_loses_is_said() -> None:
    rows = next(
        cells for cells in tables((ROOT / "docs" / "operations.md").read_text()) if cells[0] == "going back before"
    )
    said = sorted(number for cell in rows for number in re.findall(r"\d{4}", cell))
    assert said == sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("0*.py"))


@pytest.mark.parametrize("name", [*REGISTRY, *RUNS])
def test_every_job_and_scheduled_task_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs" / "operations.md").read_text()
