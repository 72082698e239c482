"""A case: a facility that is past due. A day-end opens it, changes its figures, and closes it.

The officer stays with a case that closes, so that a borrower who is late again comes back to the same person. What was
planned to be done next ends with the arrears.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.domain.delinquency.classes import AssetClass
from app.domain.errors import Invalid


class ActionDateInvalid(Invalid):
    """The day of the next action has passed. Name the business date or a later day."""

    code = "action_date_invalid"


class NextAction(StrEnum):
    """What is to be done next."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"
    LETTER = "letter"
    LEGAL_NOTICE = "legal_notice"
    FIELD_AGENCY = "field_agency"
    WAIT = "wait"


class Figures(NamedTuple):
    """A facility that is past due at a day-end: its oldest unpaid instalment, its class, and what would make it
    current."""

    oldest_due_on: date
    asset_class: AssetClass
    overdue_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a day-end writes of a case. `closed_on` is None while the facility is past due."""

    figures: Figures
    opened_on: date
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


def follow(before: Case | None, figures: Figures | None, *, on: date) -> Case | None:
    """The case after a day-end. None means that nothing is written: it is as it was, or there is none.

    A facility without `figures` is not past due.
    """
    if figures is None:
        return replace(before, closed_on=on) if before is not None and before.is_open else None
    if before is None or not before.is_open:
        return Case(figures=figures, opened_on=on)
    return None if before.figures == figures else replace(before, figures=figures)


def check_action(*, action_on: date, today: date) -> None:
    """Raises ActionDateInvalid."""
    if action_on < today:
        raise ActionDateInvalid(f"the business date is {today}", field="on")
