"""`docs/sources.md` names the tests of each feature of the source systems. Every named test exists."""

import re

import pytest

from tests.house.source import ROOT, functions

TEXT = (ROOT / "docs" / "sources.md").read_text()
PROOF = re.compile(r"(tests/[a-z0-9_/]+\.py)(?:::([a-z0-9_]+))?")
ROWS = [line for line in TEXT.partition("## Where we do not")[0].splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("proof", sorted(set(PROOF.findall(TEXT))), ids="::".join)
def test_every_proof_exists(proof: tuple[str, str]) -> None:
    name, test = proof
    path = ROOT / name
    assert path.is_file()
    assert not test or test in {found.rpartition(".")[2] for found, _ in functions(path)}


def test_every_feature_has_a_proof_or_says_that_it_is_open() -> None:
    features = [row for row in ROWS if not row.startswith("| feature")]
    assert len(features) > 40
    assert [row for row in features if not PROOF.search(row) and "**open**" not in row] == []
