"""Two people: propose a write-off, a waiver or another limit, and decide what somebody else proposed."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from app.api.deps import ADMINS, OFFICERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.id_schemas import LoanId, LoanIdOut, ProposalId, ProposalIdOut, UserId, UserIdOut
from app.api.schemas import Answer, Body, Line, Page, Rupees, RupeesOrZero, RupeesOut
from app.domain.operations.proposals import LimitOverride, ProposalKind, ProposalStatus, Waiver, WriteOff, kind_of
from app.services.operations import proposals
from app.services.operations.proposals import ProposalRequest, ProposalView

router = KistRouter(prefix="/proposals", tags=["Proposals"])

ProposalPath = Annotated[ProposalId, Path(description="`PR-000056`, or its number")]


class WriteOffBody(Body):
    """What is left of a loan is given up: it ends as `written_off`."""

    kind: Literal["write_off"]
    loan_id: LoanId
    reason: Line = Field(examples=["borrower died, no estate"])


class WaiverBody(Body):
    """Interest and charges that open bills ask for are forgiven, the oldest bill first."""

    kind: Literal["waiver"]
    loan_id: LoanId
    interest: RupeesOrZero = 0
    charges: RupeesOrZero = 0
    reason: Line


class LimitBody(Body):
    """A customer's approved limit is set by hand."""

    kind: Literal["limit_override"]
    user_id: UserId
    approved_limit: Rupees
    reason: Line


class DecisionBody(Body):
    """A word on the decision, for whoever reads it later."""

    note: Line | None = None


NO_WORD = DecisionBody()


class Figures(Answer):
    """What was asked for, or what carrying it out came to. A write-off asks for whatever is left."""

    principal: RupeesOut | None = None
    interest: RupeesOut | None = None
    charges: RupeesOut | None = None
    approved_limit: RupeesOut | None = None
    previous_limit: RupeesOut | None = None


class ProposalAnswer(Answer):
    """A proposal as it stands. `result` is there once it is approved."""

    proposal_id: ProposalIdOut
    kind: ProposalKind
    status: ProposalStatus
    user_id: UserIdOut
    loan_id: LoanIdOut | None
    asked: Figures
    reason: str
    maker: str = Field(examples=["officer:5"])
    made_at: datetime
    expires_on: date = Field(description="From this day on it cannot be decided")
    checker: str | None
    decided_at: datetime | None
    note: str | None
    result: Figures | None


def _present(view: ProposalView) -> ProposalAnswer:
    stored, proposal = view.stored, view.stored.proposal
    return ProposalAnswer(
        proposal_id=proposal.id,
        kind=kind_of(proposal.proposed),
        status=view.status,
        user_id=proposal.customer_id,
        loan_id=view.loan_public_id,
        asked=_asked(proposal.proposed),
        reason=stored.reason,
        maker=stored.maker,
        made_at=stored.made_at,
        expires_on=proposal.expires_on,
        checker=stored.checker,
        decided_at=stored.decided_at,
        note=stored.note,
        result=None
        if stored.result is None
        else Figures(**{name.removesuffix("_paise"): amount for name, amount in stored.result.items()}),
    )


def _asked(proposed: WriteOff | Waiver | LimitOverride) -> Figures:
    if isinstance(proposed, Waiver):
        return Figures(interest=proposed.interest_paise, charges=proposed.charges_paise)
    if isinstance(proposed, LimitOverride):
        return Figures(approved_limit=proposed.approved_limit_paise)
    return Figures()


def _proposed(body: WriteOffBody | WaiverBody | LimitBody) -> ProposalRequest:
    if isinstance(body, LimitBody):
        limit = LimitOverride(approved_limit_paise=body.approved_limit)
        return ProposalRequest(proposed=limit, reason=body.reason, customer_id=body.user_id)
    if isinstance(body, WaiverBody):
        waiver = Waiver(interest_paise=body.interest, charges_paise=body.charges)
        return ProposalRequest(proposed=waiver, reason=body.reason, loan=body.loan_id)
    return ProposalRequest(proposed=WriteOff(), reason=body.reason, loan=body.loan_id)


@router.post(
    "",
    status_code=201,
    response_model=ProposalAnswer,
    dependencies=[OFFICERS],
    summary="Propose a write-off, a waiver or another limit",
)
async def propose(
    body: Annotated[WriteOffBody | WaiverBody | LimitBody, Field(discriminator="kind")],
    uow: UnitOfWorkDep,
    once: OnceDep,
) -> Response:
    """Nothing happens until an admin who is somebody else approves it; after fourteen days it has expired. What could
    not be done today is refused at once."""
    if first := await once.first_answer():
        return first
    once.insist()
    return await once.keep(_present(await proposals.propose(uow, _proposed(body))))


@router.get("", dependencies=[OFFICERS], summary="Proposals, newest first")
async def list_proposals(
    uow: UnitOfWorkDep,
    status: Annotated[ProposalStatus | None, Query()] = None,
    cursor: Annotated[int, Query(ge=1, le=2**62)] = 2**62,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ProposalAnswer]:
    """Of one status (`proposed` are those that wait for a decision), or all."""
    views = await proposals.list_proposals(uow, status=status, before=cursor, limit=limit)
    last = str(views[-1].stored.proposal.id) if len(views) == limit else None
    return Page(items=[_present(view) for view in views], next_cursor=last)


@router.get("/{proposal_id}", dependencies=[OFFICERS], summary="A proposal")
async def get_proposal(proposal_id: ProposalPath, uow: UnitOfWorkDep) -> ProposalAnswer:
    """With who proposed it, who decided it, and what it came to."""
    return _present(await proposals.view_proposal(uow, proposal_id))


@router.post(
    "/{proposal_id}/approve", response_model=ProposalAnswer, dependencies=[ADMINS], summary="Approve and carry out"
)
async def approve(
    proposal_id: ProposalPath, uow: UnitOfWorkDep, once: OnceDep, body: DecisionBody = NO_WORD
) -> Response:
    """By an admin other than its maker. It is carried out in this very transaction, on today's figures: where they do
    not allow it any more, it is refused and stays open."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await proposals.approve(uow, proposal_id, note=body.note)))


@router.post("/{proposal_id}/reject", response_model=ProposalAnswer, dependencies=[ADMINS], summary="Reject a proposal")
async def reject(
    proposal_id: ProposalPath, uow: UnitOfWorkDep, once: OnceDep, body: DecisionBody = NO_WORD
) -> Response:
    """By an admin other than its maker."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await proposals.reject(uow, proposal_id, note=body.note)))


@router.post(
    "/{proposal_id}/withdraw", response_model=ProposalAnswer, dependencies=[OFFICERS], summary="Take a proposal back"
)
async def withdraw(
    proposal_id: ProposalPath, uow: UnitOfWorkDep, once: OnceDep, body: DecisionBody = NO_WORD
) -> Response:
    """By its maker."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await proposals.withdraw(uow, proposal_id, note=body.note)))
