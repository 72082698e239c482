"""Imports between packages, and the docstring of every package.

A capability has one name in every layer. Inside a layer, only the packages listed in `IMPORTERS` may import its
package. Remove an entry that is no longer needed. The contracts in `pyproject.toml` check the layers and the one order
of capabilities in all layers.
"""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.house.source import ROOT, imported_modules, parsed, python_files

#: For each layer and package: the packages of the same layer that may import it.
IMPORTERS = {
    "app.domain": {
        "people": "accounting cards operations",
        "lender": "",
        "events": "lending billing payments cards delinquency collections",
        "rulebook": "products delinquency reporting cards collections lending credit",
        "schedules": "products offers lending billing payments reporting cards credit",
        "products": "offers lending billing payments reporting cards credit",
        "offers": "credit",
        "lending": "accounting billing payments delinquency reporting credit",
        "billing": "payments reporting credit delinquency",
        "payments": "delinquency reporting credit",
        "delinquency": "reporting collections cards",
        "reporting": "",
        "cards": "accounting",
        "accounting": "",
        "collections": "",
        "credit": "",
        "operations": "",
    },
    "app.services": {
        "people": "billing payments delinquency reporting imports operations events cards credit",
        "lender": "products reporting cards credit payments",
        "events": "billing lending credit cards imports delinquency collections payments",
        "rulebook": "",
        "products": "cards credit lending payments",
        "lending": "billing payments delinquency reporting cards collections credit operations",
        "billing": "cards",
        "payments": "accounting delinquency reporting operations cards credit",
        "delinquency": "reporting cards",
        "reporting": "operations cards credit",
        "cards": "accounting credit operations imports collections",
        "accounting": "",
        "collections": "",
        "credit": "operations",
        "tables": "imports samples",
        "imports": "",
        "samples": "",
        "operations": "",
    },
    "app.db.repositories": {
        "people": "cards payments",
        "lender": "",
        "events": "lending credit",
        "products": "",
        "lending": "accounting billing payments delinquency reporting cards credit",
        "billing": "delinquency reporting",
        "payments": "delinquency",
        "delinquency": "",
        "reporting": "",
        "cards": "accounting collections",
        "accounting": "",
        "collections": "",
        "credit": "",
        "imports": "",
        "operations": "",
    },
    "app.api.v1": {
        "people": "",
        "lender": "",
        "events": "",
        "rulebook": "",
        "products": "",
        "offers": "",
        "lending": "payments delinquency reporting",
        "billing": "",
        "payments": "reporting",
        "delinquency": "",
        "reporting": "cards",
        "cards": "",
        "accounting": "",
        "collections": "",
        "credit": "",
        "imports": "",
        "operations": "",
    },
}
#: Layers with one module per capability.
FLAT = ["app.db.models", "app.api.admin.views", "app.workers"]
#: The most modules in a package: a reader cannot remember more.
MOST_MODULES = 15

PACKAGES = [f"{layer}.{package}" for layer, packages in IMPORTERS.items() for package in packages]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PLACE = re.compile(r"`((?:app|bench|migrations|tests)/[\w/.-]*)")


def folder_of(package: str) -> Path:
    return ROOT / package.replace(".", "/")


def parts_of(package: str) -> list[str]:
    """The modules and packages directly inside a package."""
    return sorted(
        path.stem
        for path in folder_of(package).iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    )


def importers(layer: str) -> dict[str, set[str]]:
    """For each package of a layer, the packages of that layer that import it anywhere in a file, also for types."""
    found = defaultdict(set)
    folder = folder_of(layer)
    for path in python_files(folder.relative_to(ROOT).as_posix()):
        importer = path.relative_to(folder).parts[0].removesuffix(".py")
        tree = parsed(path)
        names = [module for module, _ in imported_modules(tree)]
        names += [
            f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == layer
            for alias in node.names
        ]
        for name in names:
            if name.startswith(f"{layer}."):
                imported = name.removeprefix(f"{layer}.").partition(".")[0]
                if imported != importer and importer != "__init__":
                    found[imported].add(importer)
    return found


@pytest.mark.parametrize("layer", IMPORTERS)
def test_every_package_of_a_layer_is_listed(layer: str) -> None:
    packages = {name for name in parts_of(layer) if (folder_of(layer) / name).is_dir()}
    assert packages == IMPORTERS[layer].keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_imported_by_those_that_may_import_it(package: str) -> None:
    layer, _, name = package.rpartition(".")
    assert importers(layer)[name] == set(IMPORTERS[layer][name].split()), (
        "a new import between capabilities is a decision: see their order in docs/ARCHITECTURE.md"
    )


@pytest.mark.parametrize("package", [*IMPORTERS, *PACKAGES, *FLAT])
def test_a_package_says_what_each_of_its_modules_is_for(package: str) -> None:
    docstring = ast.get_docstring(parsed(folder_of(package) / "__init__.py")) or ""
    assert [name for name in parts_of(package) if f"`{name}`" not in docstring] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_reexports_nothing(package: str) -> None:
    """Names are imported from a package's modules, so that each name has one import path."""
    body = parsed(folder_of(package) / "__init__.py").body
    assert [type(node).__name__ for node in body] == ["Expr"]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_few_modules(package: str) -> None:
    assert len(parts_of(package)) <= MOST_MODULES


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_place_that_a_document_names_exists(document: Path) -> None:
    places = {place.rstrip(".") for place in PLACE.findall(document.read_text())}
    assert sorted(place for place in places if not (ROOT / place).exists()) == []


def test_only_the_command_that_serves_loads_the_api() -> None:
    """A worker would take twice as long to start, and 45 MB more."""
    program = (
        "import sys, app.cli; print(*(name for name in ('fastapi', 'app.main', 'app.api.v1') if name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
