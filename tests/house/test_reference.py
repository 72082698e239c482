"""docs/reference says what the code says: every error code, and every term of a product."""

import ast
import inspect
import sys
from collections import Counter

import pytest

from app.commands.reference.error_codes import error_classes, example_reasons
from app.commands.reference.pages import CLIENT, PAGES
from app.domain.errors import DomainError, words_of
from app.domain.money import Rounding
from app.domain.products.products import LateCharge, OfferTerms, RateSlab, RepaymentTerms
from app.services.products.terms import described
from tests.house.source import ROOT

FOLDER = ROOT / "docs" / "reference"
RUN = "run `.venv/bin/kist reference --write docs/reference --client kist/client` and commit what it writes"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_code_says(name: str) -> None:
    path = FOLDER / name
    found = path.read_text() if path.exists() else ""
    assert found == PAGES[name](), f"docs/reference/{name} differs from the code: {RUN}"


@pytest.mark.parametrize("name", CLIENT)
def test_a_module_of_the_client_says_what_the_contract_says(name: str) -> None:
    found = (ROOT / "kist" / "client" / name).read_text()
    assert found == CLIENT[name](), f"kist/client/{name} differs from the contract: {RUN}"


def test_no_other_page_is_there() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(PAGES)


def test_a_code_is_of_one_class() -> None:
    assert [code for code, count in Counter(kind.code for kind in error_classes()).items() if count > 1] == []


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_happened_and_what_to_do(kind: type[DomainError]) -> None:
    happened, to_do = words_of(kind)
    assert happened, "the first sentence of the docstring says what happened"
    assert to_do, "the second sentence of the docstring says what to do"


def test_every_reason_of_an_application_has_its_example() -> None:
    shown = {reason.code for reason in example_reasons()}
    module = sys.modules[type(next(example_reasons())).__module__]
    codes = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason":
            (code,) = (word.value for word in node.keywords if word.arg == "code")
            texts = [one for one in ast.walk(code) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            codes |= {text.value for text in texts} or {getattr(module, ast.unparse(code))}
    assert len(codes) > 10
    assert codes - shown == set(), "add an example to `example_reasons` in app/commands/reference/error_codes.py"


@pytest.mark.parametrize("kind", [OfferTerms, RateSlab, RepaymentTerms, LateCharge, Rounding])
def test_every_term_has_a_meaning(kind: type) -> None:
    assert [item.name for item, _, meaning, _ in described(kind) if not meaning] == [], "write a `#:` comment above it"
