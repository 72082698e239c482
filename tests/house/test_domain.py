"""The domain is pure: it uses the standard library only, no clock, no random numbers, no machine and no floats."""

import ast
import sys
from pathlib import Path

import pytest

from tests.house.source import imported_modules, name_of, parsed, python_files

# Modules of the standard library that read the time, the machine, random numbers or the network.
IMPURE_MODULES = {
    "asyncio", "concurrent", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "http", "uuid",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today"}
DOMAIN = python_files("app/domain")


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_imports_only_the_standard_library_and_itself(path: Path) -> None:
    foreign = [
        f"line {line}: {module}"
        for module, line in imported_modules(parsed(path))
        if not (module == "app.domain" or module.startswith("app.domain."))
        and (module.split(".")[0] not in sys.stdlib_module_names or module.split(".")[0] in IMPURE_MODULES)
    ]
    assert foreign == []


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_rounds_in_one_place_and_never_in_binary(path: Path) -> None:
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Name) and node.id in {"round", "float"}:
            found.append(f"line {node.lineno}: {node.id}")
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"line {node.lineno}: the literal {node.value}")
    assert found == [], "money is a whole number of paise and a rate is a Decimal: app/domain/money.py rounds"


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_reads_no_clock_and_waits_for_nothing(path: Path) -> None:
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            found.append(f"line {node.lineno}: .{node.attr}")
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            found.append(f"line {node.lineno}: async")
    assert found == [], "dates and times are passed in"
