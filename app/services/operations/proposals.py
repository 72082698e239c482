"""Decisions by two people (maker and checker) as use cases: propose, approve, reject, withdraw.

A proposal is tried out when it is made, so that a checker does not see one that cannot be carried out. The transaction
that approves it carries it out. Every use case locks the proposal's row first, then the customer's where credit is
decided, and the loan's last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.operations import proposals as repository
from app.db.repositories.operations.proposals import StoredProposal
from app.db.repositories.people import customers as customer_repository
from app.domain.operations.proposals import (
    CardChargeOff,
    CardCredit,
    CardLimit,
    CardRefund,
    LimitOverride,
    Proposal,
    ProposalStatus,
    Proposed,
    RefundOfOwed,
    Restructure,
    TopUp,
    Waiver,
    check_decision,
    check_limit,
    check_not_waiting,
    check_withdrawal,
    expiry,
    kind_of,
)
from app.domain.payments.changes import ChangeKind
from app.domain.payments.concessions import ConcessionKind
from app.domain.public_ids import LoanReference, format_loan_id
from app.domain.schedules.terms import Moratorium, MoratoriumInterest, MoratoriumOf
from app.services.cards import changes as card_changes
from app.services.credit import top_ups
from app.services.lending import loans
from app.services.payments import changes, concessions, refunds
from app.services.payments.changes import ChangeRequest, changed_figures
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal with its status on the business date."""

    stored: StoredProposal
    status: ProposalStatus

    @property
    def loan_public_id(self) -> str | None:
        """The public id of the proposal's loan; None for a proposal about a customer."""
        number, disbursed_on = self.stored.proposal.loan_id, self.stored.loan_disbursed_on
        if number is None or disbursed_on is None:
            return None
        return format_loan_id(year=disbursed_on.year, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRequest:
    """A proposal as its maker requests it, about a loan or about a customer."""

    proposed: Proposed
    reason: str
    loan: LoanReference | None = None
    customer_id: int | None = None
    account_id: int | None = None


async def propose(uow: UnitOfWork, request: ProposalRequest) -> ProposalView:
    """Proposes a waiver, a write-off, a refund, a restructuring or a top-up of a loan, another approved limit for a
    customer, or a higher limit, the charge-off, a credit or a refund of the credit balance of a card account.

    Raises LoanNotFound, CustomerNotFound, LimitUnchanged, ProposalWaits, and what carrying it out today would raise.
    """
    if isinstance(request.proposed, LimitOverride):
        assert request.customer_id is not None, "a limit belongs to a customer"
        profile = await customer_repository.get_profile(uow.session, request.customer_id)
        check_limit(request.proposed, present_paise=profile.approved_limit_paise)
        return await _add(uow, request, customer_id=request.customer_id, loan_id=None)
    if isinstance(request.proposed, CardLimit | CardChargeOff | CardCredit | CardRefund):
        assert request.account_id is not None, "the change belongs to a card account"
        account = await card_changes.foresee(uow, request.account_id, _by_two(request.proposed))
        return await _add(uow, request, customer_id=account.customer_id, loan_id=None)
    assert request.loan is not None, "a concession belongs to a loan"
    key = await loans.find_key(uow, request.loan)
    if isinstance(request.proposed, TopUp):
        await top_ups.foresee(uow, request.loan, _top_up(request.proposed))
    elif isinstance(request.proposed, Restructure):
        await changes.foresee(uow, request.loan, _change(request.proposed))
    elif isinstance(request.proposed, RefundOfOwed):
        await refunds.foresee(uow, key, amount_paise=request.proposed.amount_paise)
    else:
        await concessions.foresee(uow, key, **_terms(request.proposed))
    return await _add(uow, request, customer_id=key.customer_id, loan_id=key.loan_id)


async def _add(uow: UnitOfWork, request: ProposalRequest, *, customer_id: int, loan_id: int | None) -> ProposalView:
    today = await uow.business_date()
    assert uow.actor.user_account_id is not None, "a maker has signed in"
    proposal = Proposal(
        id=await repository.next_proposal_number(uow.session),
        customer_id=customer_id,
        loan_id=loan_id,
        account_id=request.account_id,
        proposed=request.proposed,
        status=ProposalStatus.PROPOSED,
        maker_id=uow.actor.user_account_id,
        made_on=today,
        expires_on=expiry(today),
    )
    # Two requests for the same change wait for each other here.
    await customer_repository.lock_customer(uow.session, customer_id)
    check_not_waiting(proposal, waiting=await repository.list_waiting(uow.session, customer_id, on=today))
    await repository.add_proposal(uow.session, proposal, reason=request.reason, maker=uow.actor.label, now=uow.now)
    await _note(uow, proposal, "proposed", reason=request.reason)
    return await view_proposal(uow, proposal.id)


async def approve(uow: UnitOfWork, number: int, *, note: str | None = None) -> ProposalView:
    """Approves a proposal and carries it out, in this transaction.

    Raises ProposalNotFound, ProposalDecided, ProposalExpired, OwnProposal, Forbidden, and what carrying it out raises.
    """
    proposal = (await repository.lock_proposal(uow.session, number)).proposal
    check_decision(proposal, checker=uow.actor, on=await uow.business_date())
    result = await _carry_out(uow, proposal)
    return await _decide(uow, proposal, ProposalStatus.APPROVED, note=note, result=result)


async def try_out(uow: UnitOfWork, number: int) -> Mapping[str, int]:
    """Carries an open proposal out without a decision, for a preview that the caller rolls back. Raises
    ProposalNotFound, and what carrying it out raises."""
    return await _carry_out(uow, (await repository.lock_proposal(uow.session, number)).proposal)


async def reject(uow: UnitOfWork, number: int, *, note: str | None = None) -> ProposalView:
    """Rejects a proposal. Raises ProposalNotFound, ProposalDecided, ProposalExpired, OwnProposal, Forbidden."""
    proposal = (await repository.lock_proposal(uow.session, number)).proposal
    check_decision(proposal, checker=uow.actor, on=await uow.business_date())
    return await _decide(uow, proposal, ProposalStatus.REJECTED, note=note)


async def withdraw(uow: UnitOfWork, number: int, *, note: str | None = None) -> ProposalView:
    """Withdraws the actor's own proposal. Raises ProposalNotFound, ProposalDecided, ProposalExpired, NotTheMaker."""
    proposal = (await repository.lock_proposal(uow.session, number)).proposal
    check_withdrawal(proposal, by=uow.actor, on=await uow.business_date())
    return await _decide(uow, proposal, ProposalStatus.WITHDRAWN, note=note)


async def view_proposal(uow: UnitOfWork, number: int) -> ProposalView:
    """A proposal. Raises ProposalNotFound."""
    return await _view(uow, await repository.get_proposal(uow.session, number))


async def list_proposals(
    uow: UnitOfWork, *, status: ProposalStatus | None, before: int, limit: int
) -> Sequence[ProposalView]:
    """A page of proposals, newest first."""
    today = await uow.business_date()
    rows = await repository.list_proposals(uow.session, status=status, on=today, before=before, limit=limit)
    return [await _view(uow, row) for row in rows]


async def _carry_out(uow: UnitOfWork, proposal: Proposal) -> Mapping[str, int]:
    if isinstance(proposal.proposed, LimitOverride):
        return await _override_limit(uow, proposal.customer_id, proposal.proposed)
    if isinstance(proposal.proposed, CardLimit | CardChargeOff | CardCredit | CardRefund):
        assert proposal.account_id is not None, "the change belongs to a card account"
        return await card_changes.carry_out(uow, proposal.account_id, _by_two(proposal.proposed))
    assert proposal.loan_id is not None, "a concession belongs to a loan"
    key = LoanKey(proposal.customer_id, proposal.loan_id)
    if isinstance(proposal.proposed, TopUp):
        return await top_ups.approve(uow, key, _top_up(proposal.proposed), proposal_id=proposal.id)
    if isinstance(proposal.proposed, Restructure):
        return changed_figures(await changes.make(uow, key, _change(proposal.proposed), proposal_id=proposal.id))
    if isinstance(proposal.proposed, RefundOfOwed):
        amount = proposal.proposed.amount_paise
        return await refunds.pay_out(uow, key, proposal_id=proposal.id, amount_paise=amount)
    return await concessions.grant(uow, key, proposal_id=proposal.id, **_terms(proposal.proposed))


async def _override_limit(uow: UnitOfWork, customer_id: int, override: LimitOverride) -> Mapping[str, int]:
    """Sets the customer's limit under the customer's lock, because applications are decided under that lock."""
    await customer_repository.lock_customer(uow.session, customer_id)
    before = (await customer_repository.get_profile(uow.session, customer_id)).approved_limit_paise
    check_limit(override, present_paise=before)
    after = override.approved_limit_paise
    await customer_repository.update_customer(uow.session, customer_id, {"approved_limit_paise": after})
    return {"approved_limit_paise": after} | ({} if before is None else {"previous_limit_paise": before})


def _by_two(proposed: CardLimit | CardChargeOff | CardCredit | CardRefund) -> card_changes.ByTwo:
    """What is proposed of a card account."""
    return card_changes.ByTwo(
        limit_paise=proposed.limit_paise if isinstance(proposed, CardLimit) else None,
        refund_paise=proposed.amount_paise if isinstance(proposed, CardRefund) else None,
        credit_paise=proposed.amount_paise if isinstance(proposed, CardCredit) else None,
    )


def _top_up(proposed: TopUp) -> ChangeRequest:
    return ChangeRequest(kind=ChangeKind.TOP_UP, amount_paise=proposed.amount_paise, instalments=proposed.instalments)


def _change(proposed: Restructure) -> ChangeRequest:
    count, of = proposed.moratorium_instalments, MoratoriumOf(proposed.moratorium_of)
    usual = MoratoriumInterest.CAPITALISED if of is MoratoriumOf.BOTH else MoratoriumInterest.SIMPLE
    interest = usual if proposed.moratorium_interest is None else MoratoriumInterest(proposed.moratorium_interest)
    return ChangeRequest(
        kind=ChangeKind.RESTRUCTURE,
        annual_rate_percent=None if proposed.annual_rate is None else Decimal(proposed.annual_rate),
        instalments=proposed.instalments,
        moratorium=None if count is None else Moratorium(instalments=count, of=of, interest=interest),
        capitalises_arrears=proposed.capitalises_arrears,
        for_difficulty=proposed.for_difficulty,
    )


def _terms(proposed: Proposed) -> dict[str, Any]:
    if isinstance(proposed, Waiver):
        figures = {"interest_paise": proposed.interest_paise, "charges_paise": proposed.charges_paise}
        return {"kind": ConcessionKind.WAIVER, "charge_number": proposed.charge_number, **figures}
    return {"kind": ConcessionKind.WRITE_OFF}


async def _decide(
    uow: UnitOfWork,
    proposal: Proposal,
    status: ProposalStatus,
    *,
    note: str | None,
    result: Mapping[str, int] | None = None,
) -> ProposalView:
    await repository.decide_proposal(
        uow.session,
        proposal,
        status=status,
        by=uow.actor,
        on=await uow.business_date(),
        now=uow.now,
        note=note,
        result=result,
    )
    await _note(uow, replace(proposal, status=status), status.value, note=note, result=result)
    return await view_proposal(uow, proposal.id)


async def _view(uow: UnitOfWork, stored: StoredProposal) -> ProposalView:
    return ProposalView(stored=stored, status=stored.proposal.status_on(await uow.business_date()))


async def _note(uow: UnitOfWork, proposal: Proposal, action: str, **details: Any) -> None:
    await uow.record(
        action,
        object_kind="proposal",
        object_id=str(proposal.id),
        customer_id=proposal.customer_id,
        details={
            "kind": kind_of(proposal.proposed).value,
            "loan_id": proposal.loan_id,
            "account_id": proposal.account_id,
            **details,
        },
    )
