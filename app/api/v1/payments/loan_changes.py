"""Changes of a living loan: simulate one, make one, list them, undo one."""

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from app.api.deps import OFFICERS, READERS, KistRouter, OnceDep, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import LoanIdOut, ProposalIdOut
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Day,
    Line,
    RateOut,
    RatePercent,
    Rupees,
    RupeesOut,
    Whole,
    example,
)
from app.api.v1.lending.loans import LoanPath
from app.api.v1.payments.outlooks import AheadPart, present_ahead
from app.domain.payments.changes import Adjusts, ChangeKind
from app.domain.schedules.terms import Moratorium, MoratoriumInterest, MoratoriumOf
from app.services.credit import top_ups
from app.services.payments import changes
from app.services.payments.changes import ChangedLoan, ChangeRequest

router = KistRouter(prefix="/loans", tags=["Changes"])

Count = Annotated[Whole, Between(1, 1200)]
ChangePath = Annotated[int, Path(ge=1, le=2**53, description="The number of the change")]


class MoratoriumPart(Body):
    """Instalments, from the current one on, in which principal is not paid, or both principal and interest. Interest of
    `both` falls due with the first instalment after them (`simple`), or becomes principal (`capitalised`)."""

    instalments: Count
    of: MoratoriumOf = MoratoriumOf.PRINCIPAL
    interest: MoratoriumInterest = MoratoriumInterest.SIMPLE


class TrialBody(Body):
    """A change to simulate: `rate_reset` (`adjusts`, `emi` with `both`; `annual_rate` only where the rate is fixed),
    `due_day` (`due_day`), `restructure` (`instalments`, `annual_rate`, `moratorium`, `capitalises_arrears`) or `top_up`
    (`amount`, `instalments`)."""

    model_config = example({"kind": "due_day", "due_day": 5})

    kind: ChangeKind
    annual_rate: RatePercent | None = None
    adjusts: Adjusts = Adjusts.EMI
    emi: Rupees | None = None
    instalments: Count | None = None
    moratorium: MoratoriumPart | None = None
    capitalises_arrears: bool = False
    due_day: Annotated[Whole, Between(1, 31)] | None = None
    amount: Rupees | None = None


class RateResetBody(Body):
    """A reset of the rate. A floating rate follows its benchmark; a fixed one can be lowered to `annual_rate`."""

    model_config = example({"annual_rate": 12})

    adjusts: Adjusts = Field(default=Adjusts.EMI, description="What gives: the EMI, the tenor, or both, with an `emi`")
    emi: Rupees | None = None
    annual_rate: RatePercent | None = None
    made_on: Day | None = Field(default=None, description="An earlier day from which it counts")


class DueDayBody(Body):
    """Another due day. The next instalment falls on the first such day on or after its date."""

    model_config = example({"due_day": 5})

    due_day: Annotated[Whole, Between(1, 31)]
    made_on: Day | None = Field(default=None, description="An earlier day from which it counts")


class ChangedAnswer(Answer):
    """A change with the bills to come before and after it. `change_id` is null for a simulation."""

    loan_id: LoanIdOut
    change_id: int | None
    kind: ChangeKind
    made_on: date
    annual_rate: RateOut = Field(description="The rate in force after the change")
    outstanding: RupeesOut
    before: AheadPart
    after: AheadPart


class ChangeLine(Answer):
    """A change of a loan. It counts from `made_on` and was entered on `booked_on`."""

    change_id: int
    kind: ChangeKind
    made_on: date
    booked_on: date
    annual_rate: RateOut | None
    adjusts: Adjusts
    emi: RupeesOut | None
    instalments: int | None
    moratorium_instalments: int | None
    moratorium_of: MoratoriumOf | None
    moratorium_interest: MoratoriumInterest | None
    capitalises_arrears: bool
    for_difficulty: bool
    due_day: int | None
    amount: RupeesOut | None
    proposal_id: ProposalIdOut | None
    undone_on: date | None
    undone_reason: str | None


def _present(made: ChangedLoan) -> ChangedAnswer:
    return ChangedAnswer(
        loan_id=made.loan_public_id,
        change_id=made.change.number or None,
        kind=made.change.kind,
        made_on=made.change.made_on,
        annual_rate=made.position.rate_percent,
        outstanding=made.position.principal_paise,
        before=present_ahead(made.before),
        after=present_ahead(made.after),
    )


@router.post("/{loan_id}/changes/simulate", dependencies=[READERS], summary="Simulate a change of a loan")
async def simulate_loan_change(loan_id: LoanPath, body: TrialBody, uow: UnitOfWorkDep) -> ChangedAnswer:
    """Computes what a change would do today, with the function that makes it. Nothing is stored. What would be refused
    is refused; a top-up is decided as an application is."""
    foresee = top_ups.foresee if body.kind is ChangeKind.TOP_UP else changes.foresee
    return _present(await foresee(uow, loan_id, _request(body)))


def _request(body: TrialBody) -> ChangeRequest:
    wanted = body.moratorium
    return ChangeRequest(
        kind=body.kind,
        annual_rate_percent=body.annual_rate,
        adjusts=body.adjusts,
        emi_paise=body.emi,
        instalments=body.instalments,
        moratorium=None
        if wanted is None
        else Moratorium(instalments=wanted.instalments, of=wanted.of, interest=wanted.interest),
        capitalises_arrears=body.capitalises_arrears,
        due_day=body.due_day,
        amount_paise=body.amount or 0,
    )


@router.post(
    "/{loan_id}/rate-resets",
    status_code=201,
    response_model=ChangedAnswer,
    dependencies=[OFFICERS],
    summary="Reset the rate of a loan",
)
async def reset_loan_rate(loan_id: LoanPath, body: RateResetBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Resets the rate, and plans the rest anew as the borrower chose. An instalment that would not pay the interest is
    refused: a balance never grows by a reset."""
    if first := await once.first_answer():
        return first
    once.insist()
    request = ChangeRequest(
        kind=ChangeKind.RATE_RESET,
        made_on=body.made_on,
        annual_rate_percent=body.annual_rate,
        adjusts=body.adjusts,
        emi_paise=body.emi,
    )
    return await once.keep(_present(await changes.make_for(uow, loan_id, request)))


@router.post("/{loan_id}/due-day", status_code=201, dependencies=[OFFICERS], summary="Move the due day of a loan")
async def move_due_day(loan_id: LoanPath, body: DueDayBody, uow: UnitOfWorkDep) -> ChangedAnswer:
    """Moves the day of the month on which instalments fall due. The current cycle gets longer, never shorter, and bears
    the interest of its days."""
    request = ChangeRequest(kind=ChangeKind.DUE_DAY, made_on=body.made_on, due_day=body.due_day)
    return _present(await changes.make_for(uow, loan_id, request))


@router.get("/{loan_id}/changes", dependencies=[READERS], summary="List the changes of a loan")
async def list_loan_changes(loan_id: LoanPath, uow: ReadingDep) -> list[ChangeLine]:
    """Lists every change in order, also those that were undone."""
    return [
        ChangeLine(
            change_id=row.id,
            kind=change.kind,
            made_on=change.made_on,
            booked_on=change.booked_on,
            annual_rate=change.annual_rate_percent,
            adjusts=change.adjusts,
            emi=change.emi_paise,
            instalments=change.instalments,
            moratorium_instalments=None if change.moratorium is None else change.moratorium.instalments,
            moratorium_of=None if change.moratorium is None else change.moratorium.of,
            moratorium_interest=None if change.moratorium is None else change.moratorium.interest,
            capitalises_arrears=change.capitalises_arrears,
            for_difficulty=change.for_difficulty,
            due_day=change.due_day,
            amount=change.amount_paise or None,
            proposal_id=row.proposal_id,
            undone_on=row.undone_on,
            undone_reason=row.undone_reason,
        )
        for row, change in await changes.list_changes(uow, loan_id)
    ]


class UndoChangeBody(Body):
    """Why a change is undone."""

    model_config = example({"reason": "entered for the wrong loan"})

    reason: Line = Field(examples=["entered for the wrong loan"])


@router.post("/{loan_id}/changes/{change_id}/undo", dependencies=[OFFICERS], summary="Undo a change of a loan")
async def undo_loan_change(
    loan_id: LoanPath, change_id: ChangePath, body: UndoChangeBody, uow: UnitOfWorkDep
) -> ChangedAnswer:
    """The loan stands as if the change had never been made: bills stay as they were issued, and differences are posted
    today. One that moved dates on which a bill was issued since cannot be undone."""
    return _present(await changes.undo(uow, loan_id, change_id, reason=body.reason))
