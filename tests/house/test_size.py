"""Functions have at most 40 lines and files at most 300. Listed exceptions may only become shorter.

`ratchet.json` lists the exceptions with their present length. Lower an entry when its function or file shrinks, and
remove it when it is no longer needed. Add or raise one only with a reason in the commit's message. Docstrings do not
count, so that nobody shortens them for this limit.
"""

import ast
import json

from tests.house.source import ROOT, functions, name_of, python_files

LONGEST_FUNCTION = 40
LONGEST_FILE = 300
RATCHET = ROOT / "tests" / "house" / "ratchet.json"


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def too_long() -> dict[str, int]:
    found: dict[str, int] = {}
    for path in python_files("app", "bench"):
        lines = len(path.read_text().splitlines())
        if lines > LONGEST_FILE:
            found[name_of(path)] = lines
        for name, function in functions(path):
            if length_of(function) > LONGEST_FUNCTION:
                found[f"{name_of(path)}::{name}"] = length_of(function)
    return found


def test_nothing_is_longer_than_its_limit() -> None:
    allowed = json.loads(RATCHET.read_text())
    grown = {name: lines for name, lines in too_long().items() if lines > allowed.get(name, 0)}
    assert grown == {}, f"functions have at most {LONGEST_FUNCTION} lines and files at most {LONGEST_FILE}: split these"


def test_the_ratchet_only_shrinks() -> None:
    allowed = json.loads(RATCHET.read_text())
    present = too_long()
    assert {name: lines for name, lines in allowed.items() if present.get(name) != lines} == {}, (
        "these are shorter now: write their present length into tests/house/ratchet.json, or remove the entry"
    )


if __name__ == "__main__":
    # `python -m tests.house.test_size` prints the present lengths in the form of `ratchet.json`.
    print(json.dumps(too_long(), indent=2))
