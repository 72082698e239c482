"""Two people as use cases: propose, approve, reject, withdraw.

A proposal is tried when it is made, so that nobody is asked to decide nonsense, and carried out by the transaction that
approves it, which is when it counts. The proposal's row is locked first and the loan's second, by everybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.operations import proposals as repository
from app.db.repositories.operations.proposals import StoredProposal
from app.db.repositories.people import customers as customer_repository
from app.domain.operations.proposals import (
    LimitOverride,
    Proposal,
    ProposalStatus,
    Proposed,
    Waiver,
    check_decision,
    check_limit,
    check_withdrawal,
    expiry,
    kind_of,
)
from app.domain.payments.concessions import ConcessionKind
from app.domain.public_ids import LoanReference, format_loan_id
from app.services.lending import loans
from app.services.payments import concessions
from app.services.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal as it stands on the business date."""

    stored: StoredProposal
    status: ProposalStatus

    @property
    def loan_public_id(self) -> str | None:
        """The id of the loan it is about, if it is about one."""
        number, disbursed_on = self.stored.proposal.loan_id, self.stored.loan_disbursed_on
        if number is None or disbursed_on is None:
            return None
        return format_loan_id(year=disbursed_on.year, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWish:
    """A proposal as its maker asks for it: about a loan, or about a customer."""

    proposed: Proposed
    reason: str
    loan: LoanReference | None = None
    customer_id: int | None = None


async def propose(work: Work, wish: ProposalWish) -> ProposalView:
    """Proposes a waiver or a write-off of a loan, or another approved limit for a customer.

    Raises LoanNotFound, CustomerNotFound, LimitUnchanged, and what granting it today would raise.
    """
    if isinstance(wish.proposed, LimitOverride):
        assert wish.customer_id is not None, "a limit is a customer's"
        profile = await customer_repository.get_profile(work.session, wish.customer_id)
        check_limit(wish.proposed, present_paise=profile.approved_limit_paise)
        return await _add(work, wish, customer_id=wish.customer_id, loan_id=None)
    assert wish.loan is not None, "what is given up is given up of a loan"
    key = await loans.find_key(work, wish.loan)
    await concessions.foresee(work, key, **_terms(wish.proposed))
    return await _add(work, wish, customer_id=key.customer_id, loan_id=key.loan_id)


async def _add(work: Work, wish: ProposalWish, *, customer_id: int, loan_id: int | None) -> ProposalView:
    today = await work.business_date()
    assert work.actor.principal_id is not None, "whoever proposes has signed in"
    proposal = Proposal(
        id=await repository.next_proposal_number(work.session),
        customer_id=customer_id,
        loan_id=loan_id,
        proposed=wish.proposed,
        status=ProposalStatus.PROPOSED,
        maker_id=work.actor.principal_id,
        made_on=today,
        expires_on=expiry(today),
    )
    await repository.add_proposal(work.session, proposal, reason=wish.reason, maker=work.actor.label, now=work.now)
    await _note(work, proposal, "proposed", reason=wish.reason)
    return await view_proposal(work, proposal.id)


async def approve(work: Work, number: int, *, note: str | None = None) -> ProposalView:
    """Approves a proposal and carries it out, in this transaction.

    Raises ProposalNotFound, ProposalDecided, ProposalExpired, OwnProposal, Forbidden, and what the deed itself raises.
    """
    proposal = (await repository.lock_proposal(work.session, number)).proposal
    check_decision(proposal, checker=work.actor, on=await work.business_date())
    result = await _carry_out(work, proposal)
    return await _decide(work, proposal, ProposalStatus.APPROVED, note=note, result=result)


async def reject(work: Work, number: int, *, note: str | None = None) -> ProposalView:
    """Rejects a proposal. Raises ProposalNotFound, ProposalDecided, ProposalExpired, OwnProposal, Forbidden."""
    proposal = (await repository.lock_proposal(work.session, number)).proposal
    check_decision(proposal, checker=work.actor, on=await work.business_date())
    return await _decide(work, proposal, ProposalStatus.REJECTED, note=note)


async def withdraw(work: Work, number: int, *, note: str | None = None) -> ProposalView:
    """Takes one's own proposal back. Raises ProposalNotFound, ProposalDecided, ProposalExpired, NotTheMaker."""
    proposal = (await repository.lock_proposal(work.session, number)).proposal
    check_withdrawal(proposal, by=work.actor, on=await work.business_date())
    return await _decide(work, proposal, ProposalStatus.WITHDRAWN, note=note)


async def view_proposal(work: Work, number: int) -> ProposalView:
    """A proposal. Raises ProposalNotFound."""
    return await _view(work, await repository.get_proposal(work.session, number))


async def list_proposals(
    work: Work, *, status: ProposalStatus | None, before: int, limit: int
) -> Sequence[ProposalView]:
    """A page of proposals, newest first."""
    today = await work.business_date()
    rows = await repository.list_proposals(work.session, status=status, on=today, before=before, limit=limit)
    return [await _view(work, row) for row in rows]


async def _carry_out(work: Work, proposal: Proposal) -> Mapping[str, int]:
    if isinstance(proposal.proposed, LimitOverride):
        return await _override_limit(work, proposal.customer_id, proposal.proposed)
    assert proposal.loan_id is not None, "what is given up is given up of a loan"
    key = LoanKey(proposal.customer_id, proposal.loan_id)
    return await concessions.grant(work, key, proposal_id=proposal.id, **_terms(proposal.proposed))


async def _override_limit(work: Work, customer_id: int, override: LimitOverride) -> Mapping[str, int]:
    """Under the customer's lock, as every application is decided under it."""
    await customer_repository.lock_customer(work.session, customer_id)
    before = (await customer_repository.get_profile(work.session, customer_id)).approved_limit_paise
    check_limit(override, present_paise=before)
    after = override.approved_limit_paise
    await customer_repository.update_customer(work.session, customer_id, {"approved_limit_paise": after})
    return {"approved_limit_paise": after} | ({} if before is None else {"previous_limit_paise": before})


def _terms(proposed: Proposed) -> dict[str, Any]:
    if isinstance(proposed, Waiver):
        figures = {"interest_paise": proposed.interest_paise, "charges_paise": proposed.charges_paise}
        return {"kind": ConcessionKind.WAIVER, **figures}
    return {"kind": ConcessionKind.WRITE_OFF}


async def _decide(
    work: Work,
    proposal: Proposal,
    status: ProposalStatus,
    *,
    note: str | None,
    result: Mapping[str, int] | None = None,
) -> ProposalView:
    await repository.decide_proposal(
        work.session,
        proposal,
        status=status,
        by=work.actor,
        on=await work.business_date(),
        now=work.now,
        note=note,
        result=result,
    )
    await _note(work, replace(proposal, status=status), status.value, note=note, result=result)
    return await view_proposal(work, proposal.id)


async def _view(work: Work, stored: StoredProposal) -> ProposalView:
    return ProposalView(stored=stored, status=stored.proposal.status_on(await work.business_date()))


async def _note(work: Work, proposal: Proposal, action: str, **details: Any) -> None:
    await work.record(
        action,
        object_kind="proposal",
        object_id=str(proposal.id),
        customer_id=proposal.customer_id,
        details={"kind": kind_of(proposal.proposed).value, "loan_id": proposal.loan_id, **details},
    )
