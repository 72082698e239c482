"""Functions of about 40 lines and files of about 300, and a ratchet: what is longer today may only become shorter.

`ratchet.json` lists the exceptions with their present length. It is lowered when one shrinks, an entry goes when it is
no longer needed, and none is ever added or raised without a reason in the commit's message. A docstring is not
counted: nobody should save on words.
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


def test_nothing_grows_past_its_ratchet() -> None:
    allowed = json.loads(RATCHET.read_text())
    grown = {name: lines for name, lines in too_long().items() if lines > allowed.get(name, 0)}
    assert grown == {}, f"longer than {LONGEST_FUNCTION} lines a function or {LONGEST_FILE} a file: cut them"


def test_the_ratchet_only_shrinks() -> None:
    allowed = json.loads(RATCHET.read_text())
    present = too_long()
    assert {name: lines for name, lines in allowed.items() if present.get(name) != lines} == {}, (
        "these have shrunk: write their present length into tests/house/ratchet.json, or remove the entry"
    )


if __name__ == "__main__":
    # `python -m tests.house.test_size` prints the present lengths, in the ratchet's own form.
    print(json.dumps(too_long(), indent=2))
