"""Proposals and their decisions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan
from app.db.models import Proposal as ProposalRow
from app.db.models.operations import proposal_numbers
from app.db.repositories import public_ids
from app.domain.operations.proposals import (
    Proposal,
    ProposalKind,
    ProposalNotFound,
    ProposalStatus,
    kind_of,
    proposed_of,
)
from app.domain.people.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal:
    """A proposal, who made and who decided it, and the result of its execution. `loan_disbursed_on` is for the loan's
    public id."""

    proposal: Proposal
    loan_disbursed_on: date | None
    reason: str
    maker: str
    made_at: datetime
    checker: str | None
    decided_at: datetime | None
    note: str | None
    result: Mapping[str, int] | None


async def next_proposal_number(session: AsyncSession) -> int:
    """A new proposal number, read before the insert."""
    return int((await session.execute(select(proposal_numbers.next_value()))).scalar_one())


async def add_proposal(session: AsyncSession, proposal: Proposal, *, reason: str, maker: str, now: datetime) -> None:
    """Writes a new proposal and its public number."""
    await public_ids.add_number(session, "proposal", proposal.id, customer_id=proposal.customer_id)
    await session.execute(
        insert(ProposalRow).values(
            customer_id=proposal.customer_id,
            id=proposal.id,
            loan_id=proposal.loan_id,
            account_id=proposal.account_id,
            kind=kind_of(proposal.proposed).value,
            payload=asdict(proposal.proposed),
            reason=reason,
            status=proposal.status.value,
            maker_id=proposal.maker_id,
            maker=maker,
            made_at=now,
            made_on=proposal.made_on,
            expires_on=proposal.expires_on,
        )
    )


_ALL = select(ProposalRow, Loan.disbursed_on).outerjoin(
    Loan, (Loan.customer_id == ProposalRow.customer_id) & (Loan.id == ProposalRow.loan_id)
)


async def _numbered(session: AsyncSession, number: int) -> Select[ProposalRow, date]:
    owner = await public_ids.find_owner(session, "proposal", number)
    if owner is None:
        raise ProposalNotFound("there is no such proposal", field="proposal_id")
    loan = (Loan.customer_id == owner.customer_id) & (Loan.id == ProposalRow.loan_id)
    return (
        select(ProposalRow, Loan.disbursed_on)
        .outerjoin(Loan, loan)
        .where(ProposalRow.customer_id == owner.customer_id, ProposalRow.id == number)
    )


async def get_proposal(session: AsyncSession, number: int) -> StoredProposal:
    """A proposal by its public number. Raises ProposalNotFound."""
    return _found((await session.execute(await _numbered(session, number))).one_or_none())


async def lock_proposal(session: AsyncSession, number: int) -> StoredProposal:
    """A proposal, locked until the transaction ends. Raises ProposalNotFound."""
    locked = (await _numbered(session, number)).with_for_update(of=ProposalRow, key_share=True)
    return _found((await session.execute(locked)).one_or_none())


async def list_proposals(
    session: AsyncSession, *, status: ProposalStatus | None, on: date, before: int, limit: int
) -> list[StoredProposal]:
    """A page of proposals, newest first, of one status on a day, or of all."""
    statement = _ALL.where(ProposalRow.id < before).order_by(ProposalRow.id.desc()).limit(limit)
    if status is ProposalStatus.EXPIRED:
        statement = statement.where(ProposalRow.status == "proposed", ProposalRow.expires_on <= on)
    elif status is ProposalStatus.PROPOSED:
        statement = statement.where(ProposalRow.status == "proposed", ProposalRow.expires_on > on)
    elif status is not None:
        statement = statement.where(ProposalRow.status == status.value)
    return [_stored(*row) for row in await session.execute(statement)]


async def list_waiting(session: AsyncSession, customer_id: int, *, on: date) -> list[Proposal]:
    """A customer's proposals that wait for a decision on a day."""
    statement = select(ProposalRow).where(
        ProposalRow.customer_id == customer_id, ProposalRow.status == "proposed", ProposalRow.expires_on > on
    )
    rows = (await session.execute(statement.order_by(ProposalRow.id))).scalars()
    return [_stored(row, None).proposal for row in rows]


async def decide_proposal(
    session: AsyncSession,
    proposal: Proposal,
    *,
    status: ProposalStatus,
    by: Actor,
    on: date,
    now: datetime,
    note: str | None,
    result: Mapping[str, int] | None,
) -> None:
    """Writes the decision on a locked proposal."""
    await session.execute(
        update(ProposalRow)
        .where(ProposalRow.customer_id == proposal.customer_id, ProposalRow.id == proposal.id)
        .values(
            status=status.value,
            checker_id=by.user_account_id,
            checker=by.label,
            decided_at=now,
            decided_on=on,
            note=note,
            result=None if result is None else dict(result),
        )
    )


def _found(row: Row[ProposalRow, date] | None) -> StoredProposal:
    if row is None:
        raise ProposalNotFound("there is no such proposal", field="proposal_id")
    return _stored(*row)


def _stored(row: ProposalRow, disbursed_on: date | None) -> StoredProposal:
    return StoredProposal(
        proposal=Proposal(
            id=row.id,
            customer_id=row.customer_id,
            loan_id=row.loan_id,
            proposed=proposed_of(ProposalKind(row.kind), row.payload),
            status=ProposalStatus(row.status),
            maker_id=row.maker_id,
            made_on=row.made_on,
            expires_on=row.expires_on,
            account_id=row.account_id,
        ),
        loan_disbursed_on=disbursed_on,
        reason=row.reason,
        maker=row.maker,
        made_at=row.made_at,
        checker=row.checker,
        decided_at=row.decided_at,
        note=row.note,
        result=row.result,
    )
