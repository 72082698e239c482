"""In docs/api.md, the status before an error code is the status that the service answers with that code."""

import re
from pathlib import Path

import app.main  # noqa: F401 - loads every error class
from app.api.errors import FAMILIES
from app.domain.errors import DomainError

API = Path(__file__).parents[2] / "docs" / "api.md"
#: Matches a status and all codes after it: `422 `a`, `b` (why), `c``.
GROUP = re.compile(r"\b([45]\d\d) ((?:`[a-z_]+`(?: \([^)]*\))?(?:, and | and |, | or |; (?=`))?)+)")
DIALECTS = re.compile(r"^\| (?:POST|GET|PUT|PATCH|DELETE) /(?!api/v1/)")


def families(of: type[DomainError] = DomainError) -> dict[str, set[int]]:
    """The statuses of each error code, from the error classes."""
    found: dict[str, set[int]] = {}
    for kind in of.__subclasses__():
        if "code" in vars(kind):
            status = next((status for family, status in FAMILIES if issubclass(kind, family)), 422)
            found.setdefault(kind.code, set()).add(status)
        for code, statuses in families(kind).items():
            found.setdefault(code, set()).update(statuses)
    return found


def test_every_code_is_documented_under_its_status() -> None:
    known, seen, wrong = families(), 0, []
    for number, line in enumerate(API.read_text().splitlines(), start=1):
        if DIALECTS.match(line):
            continue
        for status, group in GROUP.findall(line):
            for code in re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", group)):
                seen += code in known
                if code in known and int(status) not in known[code]:
                    wrong.append((number, code, int(status), known[code]))
    assert wrong == []
    assert seen > 60
