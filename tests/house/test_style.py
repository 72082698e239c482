"""Code rules that no linter checks."""

import ast
from pathlib import Path

import pytest

from tests.house.source import functions, imported_modules, name_of, parsed, python_files

APP = python_files("app")
MEANINGLESS_NAMES = {"utils.py", "helpers.py", "util.py", "helper.py", "common.py", "misc.py"}


def test_no_module_has_a_meaningless_name() -> None:
    assert [name_of(path) for path in python_files("app", "tests", "bench") if path.name in MEANINGLESS_NAMES] == []


@pytest.mark.parametrize("path", APP, ids=name_of)
def test_imports_are_at_the_top(path: Path) -> None:
    hidden = [f"{name}: {module}" for name, node in functions(path) for module, _ in imported_modules(node)]
    assert hidden == [], "an import inside a function hides an import cycle: move the shared code one layer down"


@pytest.mark.parametrize("path", [path for path in APP if path.stat().st_size > 0], ids=name_of)
def test_every_module_has_a_docstring(path: Path) -> None:
    assert ast.get_docstring(parsed(path)) is not None


def test_one_module_knows_the_token_library() -> None:
    users = {
        name_of(path) for path in APP for module, _ in imported_modules(parsed(path)) if module.split(".")[0] == "jose"
    }
    assert len(users) <= 1
