"""Proposals: one person proposes a write-off, a waiver or a new limit, and an admin who is another person decides."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from app.api.deps import ADMINS, OFFICERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.id_schemas import (
    ApplicationIdOut,
    CardAccountIdOut,
    LoanIdOut,
    ProposalId,
    ProposalIdOut,
    UserIdOut,
)
from app.api.schemas import (
    Answer,
    Body,
    CursorText,
    Line,
    Page,
    RateOut,
    RupeesOut,
    example,
)
from app.api.v1.operations.proposal_bodies import (
    AnyProposal,
    CardChargeOffBody,
    CardCreditBody,
    CardLimitProposalBody,
    CardRefundProposalBody,
    LimitBody,
    RefundBody,
    RestructureBody,
    TopUpBody,
    WaiverBody,
)
from app.domain.cursors import read_number
from app.domain.operations.proposals import (
    CardChargeOff,
    CardCredit,
    CardLimit,
    CardRefund,
    LimitOverride,
    ProposalKind,
    ProposalStatus,
    Proposed,
    RefundOfOwed,
    Restructure,
    TopUp,
    Waiver,
    WriteOff,
    kind_of,
)
from app.services.operations import proposals
from app.services.operations.proposals import ProposalRequest, ProposalView

router = KistRouter(prefix="/proposals", tags=["Proposals"])

ProposalPath = Annotated[ProposalId, Path(description="`PR-000056`, or its number")]


class DecisionBody(Body):
    """A note on the decision, for later readers."""

    model_config = example({"note": "seen the documents"})

    note: Line | None = None


NO_NOTE = DecisionBody()


class ProposalFigures(Answer):
    """The amounts of a proposal or of its result, in rupees. A proposed write-off has none: it gives up all that is
    left."""

    principal: RupeesOut | None = None
    interest: RupeesOut | None = None
    charges: RupeesOut | None = None
    tax: RupeesOut | None = Field(default=None, description="The tax in the charges, which a credit note gives back")
    charge_id: int | None = Field(default=None, description="The charge that is waived")
    approved_limit: RupeesOut | None = None
    previous_limit: RupeesOut | None = None
    limit: RupeesOut | None = Field(default=None, description="The limit of a card account")
    charged_off: RupeesOut | None = None
    amount: RupeesOut | None = Field(default=None, description="The amount of a refund, a credit or a top-up")
    instalments: int | None = Field(default=None, description="The instalments that are left after a change")
    emi: RupeesOut | None = Field(default=None, description="The instalment after a change")
    application_id: ApplicationIdOut | None = Field(
        default=None, description="The application of a top-up: it has the key facts, and waits where it is `offered`"
    )
    annual_rate: RateOut | None = None
    moratorium_instalments: int | None = None
    moratorium_of: Literal["principal", "both"] | None = None
    moratorium_interest: Literal["simple", "capitalised"] | None = None
    capitalises_arrears: bool | None = None
    for_difficulty: bool | None = None


class ProposalAnswer(Answer):
    """A proposal and its status. `result` is null until it is approved."""

    proposal_id: ProposalIdOut
    kind: ProposalKind
    status: ProposalStatus
    user_id: UserIdOut
    loan_id: LoanIdOut | None
    card_account_id: CardAccountIdOut | None
    asked: ProposalFigures
    reason: str
    maker: str = Field(examples=["officer:5"])
    made_at: datetime
    expires_on: date = Field(description="From this day on the proposal cannot be decided")
    checker: str | None
    decided_at: datetime | None
    note: str | None
    result: ProposalFigures | None


def _present(view: ProposalView) -> ProposalAnswer:
    stored, proposal = view.stored, view.stored.proposal
    return ProposalAnswer(
        proposal_id=proposal.id,
        kind=kind_of(proposal.proposed),
        status=view.status,
        user_id=proposal.customer_id,
        loan_id=view.loan_public_id,
        card_account_id=proposal.account_id,
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
        else ProposalFigures.model_validate(
            {name.removesuffix("_paise"): amount for name, amount in stored.result.items()}
        ),
    )


def _asked(proposed: Proposed) -> ProposalFigures:
    if isinstance(proposed, CardLimit):
        return ProposalFigures(limit=proposed.limit_paise)
    if isinstance(proposed, Waiver):
        return ProposalFigures(
            interest=proposed.interest_paise, charges=proposed.charges_paise, charge_id=proposed.charge_number
        )
    if isinstance(proposed, LimitOverride):
        return ProposalFigures(approved_limit=proposed.approved_limit_paise)
    if isinstance(proposed, RefundOfOwed | CardRefund | CardCredit):
        return ProposalFigures(amount=proposed.amount_paise)
    if isinstance(proposed, TopUp):
        return ProposalFigures(amount=proposed.amount_paise, instalments=proposed.instalments)
    if isinstance(proposed, Restructure):
        return ProposalFigures(**asdict(proposed))
    return ProposalFigures()


def proposed_of_body(body: AnyProposal) -> ProposalRequest:
    if isinstance(body, CardLimitProposalBody | CardChargeOffBody):
        change = CardLimit(limit_paise=body.limit) if isinstance(body, CardLimitProposalBody) else CardChargeOff()
        return ProposalRequest(proposed=change, reason=body.reason, account_id=body.card_account_id)
    if isinstance(body, CardCreditBody | CardRefundProposalBody):
        given = CardCredit if isinstance(body, CardCreditBody) else CardRefund
        money = given(amount_paise=body.amount)
        return ProposalRequest(proposed=money, reason=body.reason, account_id=body.card_account_id)
    if isinstance(body, LimitBody):
        limit = LimitOverride(approved_limit_paise=body.approved_limit)
        return ProposalRequest(proposed=limit, reason=body.reason, customer_id=body.user_id)
    if isinstance(body, WaiverBody):
        waiver = Waiver(interest_paise=body.interest, charges_paise=body.charges, charge_number=body.charge_id)
        return ProposalRequest(proposed=waiver, reason=body.reason, loan=body.loan_id)
    if isinstance(body, TopUpBody):
        top_up = TopUp(amount_paise=body.amount, instalments=body.instalments)
        return ProposalRequest(proposed=top_up, reason=body.reason, loan=body.loan_id)
    if isinstance(body, RestructureBody):
        return ProposalRequest(proposed=_restructure(body), reason=body.reason, loan=body.loan_id)
    if isinstance(body, RefundBody):
        refund = RefundOfOwed(amount_paise=body.amount)
        return ProposalRequest(proposed=refund, reason=body.reason, loan=body.loan_id)
    return ProposalRequest(proposed=WriteOff(), reason=body.reason, loan=body.loan_id)


def _restructure(body: RestructureBody) -> Restructure:
    return Restructure(
        instalments=body.instalments,
        annual_rate=None if body.annual_rate is None else format(body.annual_rate, "f"),
        moratorium_instalments=body.moratorium_instalments,
        moratorium_of=body.moratorium_of,
        moratorium_interest=body.moratorium_interest,
        capitalises_arrears=body.capitalises_arrears,
        for_difficulty=body.for_difficulty,
    )


@router.post(
    "",
    status_code=201,
    response_model=ProposalAnswer,
    dependencies=[OFFICERS],
    summary="Propose a write-off, a waiver, a refund, a credit, a change or a new limit",
)
async def make_proposal(
    body: Annotated[AnyProposal, Field(discriminator="kind")],
    uow: UnitOfWorkDep,
    once: OnceDep,
) -> Response:
    """Stores the proposal. Nothing changes until an admin other than its maker approves it. It expires after 14 days. A
    proposal that could not be carried out today is refused at once. Send an Idempotency-Key: it is required."""
    if first := await once.first_answer():
        return first
    once.insist()
    return await once.keep(_present(await proposals.propose(uow, proposed_of_body(body))))


@router.get("", dependencies=[OFFICERS], summary="List proposals")
async def list_proposals(
    uow: UnitOfWorkDep,
    status: Annotated[ProposalStatus | None, Query(description="Only proposals of this status")] = None,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=200, description="The most rows to answer")] = 50,
) -> Page[ProposalAnswer]:
    """Lists proposals, the newest first: all, or those of one status. `proposed` means that it waits for a decision.
    Send `next_cursor` as `cursor` to get older proposals."""
    views = await proposals.list_proposals(uow, status=status, before=read_number(cursor, default=2**62), limit=limit)
    last = str(views[-1].stored.proposal.id) if len(views) == limit else None
    return Page(items=[_present(view) for view in views], next_cursor=last)


@router.get("/{proposal_id}", dependencies=[OFFICERS], summary="Read a proposal")
async def get_proposal(proposal_id: ProposalPath, uow: UnitOfWorkDep) -> ProposalAnswer:
    """Gives the proposal, its maker, its checker and its result."""
    return _present(await proposals.view_proposal(uow, proposal_id))


@router.post(
    "/{proposal_id}/approve", response_model=ProposalAnswer, dependencies=[ADMINS], summary="Approve a proposal"
)
async def approve_proposal(
    proposal_id: ProposalPath, uow: UnitOfWorkDep, once: OnceDep, body: DecisionBody = NO_NOTE
) -> Response:
    """Approves the proposal and carries it out in the same transaction, on today's figures. The caller must be an admin
    other than its maker. If today's figures no longer allow it, the request is refused and the proposal stays open."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await proposals.approve(uow, proposal_id, note=body.note)))


@router.post("/{proposal_id}/reject", response_model=ProposalAnswer, dependencies=[ADMINS], summary="Reject a proposal")
async def reject_proposal(
    proposal_id: ProposalPath, uow: UnitOfWorkDep, once: OnceDep, body: DecisionBody = NO_NOTE
) -> Response:
    """Rejects the proposal. The caller must be an admin other than its maker. Nothing else changes."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await proposals.reject(uow, proposal_id, note=body.note)))


@router.post(
    "/{proposal_id}/withdraw", response_model=ProposalAnswer, dependencies=[OFFICERS], summary="Withdraw a proposal"
)
async def withdraw_proposal(
    proposal_id: ProposalPath, uow: UnitOfWorkDep, once: OnceDep, body: DecisionBody = NO_NOTE
) -> Response:
    """Withdraws the proposal. The caller must be its maker. Nothing else changes."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await proposals.withdraw(uow, proposal_id, note=body.note)))
