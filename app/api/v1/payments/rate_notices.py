"""Notices of new rates: tell a borrower beforehand, and take the choice of what gives."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.api.deps import OFFICERS, PAYERS, READERS, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, Body, Day, RateOut, RatePercent, Rupees, RupeesOut, example
from app.api.v1.lending.loans import LoanPath
from app.api.v1.payments.outlooks import AheadPart, present_ahead
from app.db.models import RateNotice
from app.domain.payments.changes import Adjusts
from app.services.payments import rate_notices

router = KistRouter(prefix="/loans", tags=["Changes"])

EffectivePath = Annotated[Day, Path(description="The day from which the new rate counts")]


class NoticeBody(Body):
    """From which day the new rate counts. A floating rate follows its benchmark; a fixed one can be lowered."""

    model_config = example({"effective_on": "2027-01-10", "annual_rate": 11})

    effective_on: Day
    annual_rate: RatePercent | None = None


class ChoiceBody(Body):
    """What shall give when the rate is reset: the EMI, the tenor, or both, with the EMI that the borrower names."""

    model_config = example({"adjusts": "tenor"})

    adjusts: Adjusts
    emi: Rupees | None = None


class ChoicePart(Answer):
    """What a choice would do if the rate were reset today."""

    adjusts: Adjusts
    after: AheadPart


class NoticeAnswer(Answer):
    """A new rate that the borrower is told of, and what gives. On its day it is made by `change_id`, or `failure` says
    why not."""

    loan_id: LoanIdOut | None
    effective_on: date
    annual_rate: RateOut
    adjusts: Adjusts
    emi: RupeesOut | None
    told_on: date
    chosen_on: date | None
    change_id: int | None
    failure: str | None
    choices: list[ChoicePart] = Field(description="Given when the borrower is told; a refused choice is left out")


@router.post(
    "/{loan_id}/rate-notices", status_code=201, dependencies=[OFFICERS], summary="Tell a borrower of a new rate"
)
async def give_rate_notice(loan_id: LoanPath, body: NoticeBody, uow: UnitOfWorkDep) -> NoticeAnswer:
    """Tells the borrower, before its day, of the rate that the benchmark then gives, and what each choice does. The
    reset is made on its day by the daily job; without a choice the EMI changes."""
    view = await rate_notices.announce(uow, loan_id, effective_on=body.effective_on, asked_percent=body.annual_rate)
    notice = view.notice
    return NoticeAnswer(
        loan_id=view.loan_public_id,
        effective_on=notice["effective_on"],
        annual_rate=notice["annual_rate_percent"],
        adjusts=Adjusts(notice["adjusts"]),
        emi=None,
        told_on=notice["told_on"],
        chosen_on=None,
        change_id=None,
        failure=None,
        choices=[
            ChoicePart(adjusts=adjusts, after=present_ahead(made.after)) for adjusts, made in view.choices.items()
        ],
    )


def _present_notice(row: RateNotice) -> NoticeAnswer:
    return NoticeAnswer(
        loan_id=None,
        effective_on=row.effective_on,
        annual_rate=row.annual_rate_percent,
        adjusts=Adjusts(row.adjusts),
        emi=row.emi_paise,
        told_on=row.told_on,
        chosen_on=row.chosen_on,
        change_id=row.change_id,
        failure=row.failure,
        choices=[],
    )


@router.get("/{loan_id}/rate-notices", dependencies=[READERS], summary="List the notices of new rates")
async def list_rate_notices(loan_id: LoanPath, uow: ReadingDep) -> list[NoticeAnswer]:
    """Lists what the borrower was told, in order of the days."""
    return [_present_notice(row) for row in await rate_notices.list_notices(uow, loan_id)]


@router.post(
    "/{loan_id}/rate-notices/{effective_on}/choice",
    dependencies=[PAYERS],
    summary="Choose what gives when the rate is reset",
)
async def choose_for_rate_notice(
    loan_id: LoanPath, effective_on: EffectivePath, body: ChoiceBody, uow: UnitOfWorkDep
) -> NoticeAnswer:
    """Stores the borrower's choice, until the day before. The last choice counts."""
    row = await rate_notices.choose(uow, loan_id, effective_on=effective_on, adjusts=body.adjusts, emi_paise=body.emi)
    return _present_notice(row)
