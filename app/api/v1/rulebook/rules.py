"""The rules in force for our kind of lender: each number with its dates, its source, and how sure the row is."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.api.deps import SIGNED_IN, KistRouter, ReadingDep
from app.api.schemas import Answer, Day
from app.domain.rulebook.rulebook import Change
from app.domain.rulebook.rules import RuleRow
from app.services.rulebook import rules

router = KistRouter(prefix="/rules", tags=["Rules"])


class RuleAnswer(Answer):
    """A row of the rulebook. `value` is a whole number, a decimal as text (percent), or a list of whole numbers; a duty
    is 1 or 0. `until` is the first day on which the row is no longer in force."""

    rule: str
    words: str
    value: int | str | list[int]
    unit: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    counted: str
    products: list[str]
    borrowers: list[str]
    reference: str
    lives_in: str
    sureness: str


class RuleChange(Answer):
    """A change of a rule: the row that ends and the row that begins; null where there is none."""

    on: date
    before: RuleAnswer | None
    after: RuleAnswer | None


class RulesAnswer(Answer):
    """The rules that are in force on a day for our kind of lender, and all later changes that are known."""

    on: date
    lender: str
    rules: list[RuleAnswer]
    changes: list[RuleChange]


@router.get("", dependencies=[SIGNED_IN], summary="The rules in force on a day")
async def list_rules(
    uow: ReadingDep,
    on: Annotated[Day | None, Query(description="The day; the default is the business date")] = None,
) -> RulesAnswer:
    """Lists every number that a law or a circular sets for our kind of lender on a day, with its source, and what
    changes afterwards. `KIST_LENDER_KIND` says which kind of lender we are."""
    found = await rules.view_rules(uow, on=on)
    return RulesAnswer(
        on=found.on,
        lender=found.lender.value,
        rules=[_present(row) for row in found.rows],
        changes=[_present_change(change) for change in found.changes],
    )


def _present(row: RuleRow) -> RuleAnswer:
    value = row.value
    return RuleAnswer(
        rule=row.rule.value,
        words=row.words,
        value=value if isinstance(value, int) else list(value) if isinstance(value, tuple) else str(value),
        unit=row.unit.value,
        from_=row.from_on,
        until=row.until,
        counted=row.counted.value,
        products=sorted(row.products),
        borrowers=sorted(row.borrowers),
        reference=row.source.reference,
        lives_in=row.source.lives_in,
        sureness=row.source.sureness.value,
    )


def _present_change(change: Change) -> RuleChange:
    return RuleChange(
        on=change.on,
        before=None if change.before is None else _present(change.before),
        after=None if change.after is None else _present(change.after),
    )
