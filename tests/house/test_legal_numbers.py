"""Numbers that a law sets stand in the rulebook and nowhere else.

A name that speaks of such a rule must not be given a number, and the packages that apply these rules hold no number
that is a value of the rulebook, or the next one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.rulebook.in_force import RULEBOOK
from tests.house.source import name_of, parsed, python_files

FOLDER = "app/domain/rulebook/"
#: A name that speaks of a rule.
LEGAL = re.compile(
    r"(?<![a-z])npa(?![a-z])|non_performing|sma_?\d|past_due_days|days_past_due|dpd|gst|provision(?!ally)|cooling_off|e_mandate|autopay"
    r"|bureau_\w*day|doubtful|sub_standard|lock_in|key_facts_valid|loss_guarantee|age_bounds",
    re.IGNORECASE,
)
#: What every program needs: nothing, one, the other one, and a hundred per cent.
HARMLESS = {0, 1, 2, -1, 100}
FILES = [path for path in python_files("app") if not name_of(path).startswith(FOLDER)]
APPLYING = [path for path in FILES if "delinquency" in path.parts or path.stem == "delinquency"]
#: The values of the rulebook from this one on, and the numbers after them; smaller ones also count other things.
TELLING = 9
VALUES = {
    int(number) + more
    for row in RULEBOOK.rows
    for number in (row.value if isinstance(row.value, tuple) else (row.value,))
    for more in (0, 1)
    if number >= TELLING
}
#: A number in SQL.
IN_SQL = re.compile(r"(?<![\w$:.-])[0-9]+(?![\w.])")


def numbers(node: ast.AST) -> Iterator[object]:
    """The numbers that a node holds, and the texts that it turns into decimals."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, int) and not isinstance(each.value, bool):
            yield each.value
        if isinstance(each, ast.Call) and getattr(each.func, "id", "") == "Decimal":
            yield from (word.value for word in each.args if isinstance(word, ast.Constant))


def named(tree: ast.AST) -> Iterator[tuple[str, ast.AST, int]]:
    """Everything that is given a value under a name: assignments, defaults of fields, keywords, comparisons."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((ast.unparse(target), node.value, node.lineno) for target in node.targets)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield ast.unparse(node.target), node.value, node.lineno
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg, node.value, node.value.lineno
        elif isinstance(node, ast.Compare):
            yield ast.unparse(node.left), ast.Tuple(elts=node.comparators), node.lineno


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_legal_number_outside_the_rulebook(path: Path) -> None:
    found = [
        f"line {line}: {name}"
        for name, value, line in named(parsed(path))
        if LEGAL.search(name) and isinstance(value, ast.Constant | ast.Tuple | ast.List | ast.Call)
        and set(numbers(value)) - HARMLESS
    ]  # fmt: skip
    assert found == [], "ask the rulebook: app/domain/rulebook"


@pytest.mark.parametrize("path", APPLYING, ids=name_of)
def test_code_that_applies_rules_of_time_holds_no_number(path: Path) -> None:
    tree = parsed(path)
    found = sorted(str(number) for number in set(numbers(tree)) & VALUES - HARMLESS)
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                  if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}  # fmt: skip
    in_sql = [int(match) for text in texts if text not in docstrings for match in IN_SQL.findall(text)]
    found += [str(number) for number in in_sql if number in VALUES - HARMLESS]
    assert found == [], "ask the rulebook: app/domain/rulebook"


@pytest.mark.parametrize(
    "line, found",
    [
        ("NPA_DAYS = 90", True),
        ("row(npa_after_days=91)", True),
        ("GST = Decimal('18')", True),
        ("if days_past_due > 90: pass", True),
        ("npa_since = None", False),
        ("days = 90", False),
    ],
)
def test_the_search_finds_one(line: str, found: bool) -> None:
    hits = [name for name, value, _ in named(ast.parse(line)) if LEGAL.search(name) and set(numbers(value)) - HARMLESS]
    assert bool(hits) is found
