"""The rulebook as a page: every row, with its dates, whom it binds, and where it is written."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from app.commands.reference.tables import page, table
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import BANKS, NBFCS, BorrowerKind, LenderKind, ProductKind
from app.domain.rulebook.rules import RuleRow

INTRODUCTION: Final = """\
Every number that a law or a circular sets, as a row. A row is in force from its first day until the day before `until`.
"Counted at" is the day whose row is read: the sanction of a loan, an event (a posting, a bill, a payment), or each
day-end. "Stands in" is the direction that holds the rule today. `KIST_LENDER_KIND` says which kind of lender we are.

A row that is not "high" rests on one good secondary source (medium) or on inference (low). Have every row confirmed by
your counsel before you rely on it, those that are not "high" first: a rulebook is not legal advice."""
HEADER: Final = (
    "rule", "value", "from", "until", "lenders", "products", "borrowers", "counted at", "what it asks for",
    "written in", "stands in", "sure",
)  # fmt: skip


def rulebook() -> str:
    """The page docs/reference/rules.md."""
    return page("The rulebook", INTRODUCTION, table(HEADER, [_cells(row) for row in RULEBOOK.rows]))


def _cells(row: RuleRow) -> tuple[str, ...]:
    return (
        f"`{row.rule.value}`",
        row.shown,
        str(row.from_on),
        "" if row.until is None else str(row.until),
        _lenders(row.lenders),
        _some(row.products, ProductKind),
        _some(row.borrowers, BorrowerKind),
        row.counted.value.replace("_", "-"),
        row.words,
        row.source.reference,
        row.source.lives_in,
        row.source.sureness.value,
    )


def _lenders(kinds: frozenset[LenderKind]) -> str:
    names = {NBFCS: "NBFCs", BANKS: "banks"}
    return names.get(kinds) or _some(kinds, LenderKind)


def _some(kinds: Collection[StrEnum], all_kinds: type[StrEnum]) -> str:
    """The names of kinds; "all" for all of them, "all but" for nearly all of them."""
    missing = [kind.value for kind in all_kinds if kind not in kinds]
    if not missing:
        return "all"
    if len(missing) <= 2 < len(kinds):
        return f"all but {', '.join(missing)}"
    return ", ".join(kind.value for kind in all_kinds if kind in kinds)
