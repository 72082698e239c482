"""Numbers that a law sets stand in the rulebook and nowhere else.

A statement that speaks of such a rule must hold no number, neither as itself nor as text, in a default, a return value,
a pattern, a comparison or SQL. And the packages that apply these rules hold no number that is a value of the rulebook,
or the next one.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from app.domain.rulebook.in_force import RULEBOOK
from tests.house.source import name_of, parsed, python_files

FOLDER = "app/domain/rulebook/"
#: A name that speaks of a rule.
LEGAL = re.compile(
    r"(?<![a-z])npa(?![a-z])|non_performing|sma_?\d|past_due_days|days_past_due|dpd|gst|provision(?!ally)|cooling_off|e_mandate|autopay"
    r"|bureau_\w*day|doubtful|sub_standard|lock_in|key_facts_valid|loss_guarantee|age_bounds|due_after_days|late_after|clos\w+_penalty"
    r"|penal_|restructured|monitored_|contact_hours|notice_hours|mandate_years|kept_percent|prepayment_free",
    re.IGNORECASE,
)
#: What every program needs: nothing, one, the other one, and a hundred per cent.
HARMLESS = {0, 1, 2, -1, 100}
#: Statements that speak of a rule and hold a number that no rule sets: the file, a word of the statement, and why.
ALLOWED = {
    ("app/api/v1/people/customers.py", "gst_state"): "an example of a state's code",
    ("app/domain/accounting/chart.py", "GST_PAYABLE"): "the codes of accounts",
    ("app/domain/products/card_terms.py", "due_after_days"): "a default of the terms, which the rulebook judges",
    ("app/domain/products/charge_documents.py", "_MAX_PENAL_PERCENT"): "the highest rate that a form takes",
    ("app/domain/products/charges.py", "_PENAL_YEAR"): "the days of a year",
    ("app/domain/products/documents.py", "_MAX_DUE_AFTER_DAYS"): "the largest number that a form takes",
    ("app/domain/products/samples.py", "cooling_off_days"): "the terms of sample products, which the rulebook judges",
    ("app/domain/products/samples.py", "penal_rate"): "the terms of sample products, which the rulebook judges",
    ("app/domain/products/seeded.py", "due_after_days"): "the terms of seeded products, which the rulebook judges",
    ("app/services/operations/scheduled_tasks.py", "issue_gst_documents"): "when a task runs",
}
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
#: A number in SQL, and one that is compared with a name.
IN_SQL = re.compile(r"(?<![\w$:.-])[0-9]+(?![\w.])")
COMPARED = re.compile(r"(\w+)\s*(?:[<>]=?|=|\bBETWEEN\b)\s*(\d+)", re.IGNORECASE)
NUMBER = re.compile(r"\d+(\.\d+)?")
WORD = re.compile(r"\w+")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef, *FUNCTIONS)


def numbers(node: ast.AST) -> Iterator[float]:
    """The numbers that a node holds, as themselves and as text."""
    for each in ast.walk(node):
        if not isinstance(each, ast.Constant) or isinstance(each.value, bool):
            continue
        if isinstance(each.value, int | float):
            yield each.value
        elif isinstance(each.value, str) and NUMBER.fullmatch(each.value):
            yield float(each.value)


def words(node: ast.AST) -> Iterator[str]:
    """The names that a node speaks of, and the words that it holds as text."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.Constant(value=str(text)) if WORD.fullmatch(text):
                yield text


def statements(tree: ast.AST, function: str = "") -> Iterator[tuple[int, list[str], list[ast.AST]]]:
    """Every statement, of which line, with the names that it speaks of and the parts that may hold a number.

    `function` is the name of the function that the statements stand in.
    """
    for node in ast.iter_child_nodes(tree):
        yield from ((getattr(node, "lineno", 0), spoken, parts) for spoken, parts in _parts(node, function))
        if isinstance(node, ast.Match) or (hasattr(node, "body") and not isinstance(node, ast.expr)):
            yield from statements(node, node.name if isinstance(node, FUNCTIONS) else function)


def _parts(node: ast.AST, function: str) -> Iterator[tuple[list[str], list[ast.AST]]]:
    """What one statement says. A compound one gives its condition, what it goes through, or its patterns; a function
    gives its defaults and the types of its arguments, and its name to what it returns."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _of_function(node)
        case ast.Return():
            yield [function, *words(node)], [node]
        case ast.If(test=test) | ast.While(test=test):
            yield [*words(test)], [test]
        case ast.For(iter=every, target=target) | ast.AsyncFor(iter=every, target=target):
            yield [*words(every), *words(target)], [every]
        case ast.Match(subject=subject, cases=cases):
            for case in cases:
                yield [*words(subject), *words(case.pattern)], [case.pattern]
        case ast.stmt() if not hasattr(node, "body") and not _is_docstring(node):
            yield [*words(node)], [node]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[list[str], list[ast.AST]]]:
    arguments = node.args
    placed = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(placed) - len(arguments.defaults)) + arguments.defaults + arguments.kw_defaults
    for argument, default in zip([*placed, *arguments.kwonlyargs], defaults, strict=True):
        yield [argument.arg], [part for part in (default, argument.annotation) if part is not None]


def legal_numbers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines that speak of a rule and hold a number, with a name of the rule."""
    for line, spoken, parts in statements(tree):
        named = [name for name in spoken if LEGAL.search(name)]
        if named and any(set(numbers(part)) - HARMLESS for part in parts):
            yield from ((line, name) for name in named)
    docstrings = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            for name, number in COMPARED.findall(node.value):
                if LEGAL.search(name) and int(number) not in HARMLESS:
                    yield node.lineno, name


def _docstrings(tree: ast.AST) -> set[str | None]:
    return {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_legal_number_outside_the_rulebook(path: Path) -> None:
    allowed = {word for file, word in ALLOWED if file == name_of(path)}
    by_line: dict[int, set[str]] = {}
    for line, name in legal_numbers(parsed(path)):
        by_line.setdefault(line, set()).add(name)
    found = {line: sorted(names) for line, names in by_line.items() if not names & allowed}
    assert found == {}, "ask the rulebook: app/domain/rulebook"


def test_what_is_allowed_is_there() -> None:
    found = {(name_of(path), name) for path in FILES for _, name in legal_numbers(parsed(path))}
    assert set(ALLOWED) - found == set()


@pytest.mark.parametrize("path", APPLYING, ids=name_of)
def test_code_that_applies_rules_of_time_holds_no_number(path: Path) -> None:
    tree = parsed(path)
    found = sorted(str(number) for number in set(numbers(tree)) & VALUES - HARMLESS)
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    in_sql = [int(match) for match in _in(texts, but=_docstrings(tree))]
    found += [str(number) for number in in_sql if number in VALUES - HARMLESS]
    assert found == [], "ask the rulebook: app/domain/rulebook"


def _in(texts: Iterable[str], *, but: set[str | None]) -> Iterator[str]:
    for text in texts:
        if text not in but:
            yield from IN_SQL.findall(text)


@pytest.mark.parametrize(
    "code",
    [
        "NPA_DAYS = 90",
        "row(npa_after_days=91)",
        "GST = Decimal('18')",
        "GST = '18.5'",
        "if days_past_due > 90: pass",
        "if 90 < days_past_due: pass",
        "if dpd - 90 > 0: pass",
        "while not (dpd > 90): pass",
        "npa_on = due_on + timedelta(days=90)",
        "npa_days = 3 * 30",
        "LIMITS = {'npa': 90}",
        "PROVISIONS = {'bank': (15, 25)}",
        "yield_ = [14 <= card.due_after_days <= 24]",
        "closing_penalty_paise = 500 * 100",
        "is_npa = lambda days: days > 90",
        "npa = [each for each in days if each > 90]",
        "(npa_days := 90)",
        "def npa_days(): return 90",
        "async def npa_days():\n    if known:\n        return 90",
        "def judge(*, npa_days=90): pass",
        "def judge(npa_days: int = 90): pass",
        "def judge(npa_days: Annotated[int, Le(90)]): pass",
        "class Limits:\n    npa_days: int = 90",
        "match dpd:\n    case 90: pass",
        "match kind:\n    case 'npa':\n        npa_days = 90",
        "for dpd in range(90): pass",
        "try:\n    pass\nexcept ValueError:\n    npa_days = 90",
        "with opened() as npa_file:\n    npa_days = 90",
        "QUERY = 'SELECT FROM loans WHERE days_past_due > 90'",
        "run(f'SELECT FROM {table} WHERE npa_days BETWEEN 91 AND 400')",
    ],
)  # fmt: skip
def test_the_search_finds_one(code: str) -> None:
    assert list(legal_numbers(ast.parse(code))) != []


@pytest.mark.parametrize(
    "code",
    [
        "npa_since = None",
        "days = 90",
        "npa = rules.find(Rule.NPA_AFTER_DAYS).number + 1",
        '"""Days past due: npa_days > 90."""',
        "def judge(npa_days: int, most: int = 90): pass",
        "def npa_days():\n    rows = first(90)\n    return rows",
        "if is_npa:\n    shown = 90",
        "QUERY = 'SELECT days_past_due FROM loans LIMIT 90'",
    ],
)
def test_the_search_finds_nothing_else(code: str) -> None:
    assert list(legal_numbers(ast.parse(code))) == []
