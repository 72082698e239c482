"""Two people: what gives money away, or lets more of it out, is proposed by one and decided by another.

Also known as maker-checker. The maker, any of the staff, proposes a deed and says why; the checker, an admin who is
somebody else, approves or rejects it; until then the maker may withdraw it. A proposal is decided once. An approved one
is carried out in the transaction that approves it, on the figures of that moment, which may refuse it: what was right
to propose a week ago need not be right now. What nobody decides within two weeks has expired.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from app.domain.errors import Conflict, NotFound, Rejected
from app.domain.people.access import Actor, Forbidden, Role

OPEN_FOR: Final = timedelta(days=14)


class ProposalKind(StrEnum):
    """What takes two people."""

    WRITE_OFF = "write_off"
    WAIVER = "waiver"
    LIMIT_OVERRIDE = "limit_override"


class ProposalStatus(StrEnum):
    """What became of a proposal. Expired is one that stayed open too long; it is never stored."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ProposalNotFound(NotFound):
    """There is no such proposal. Check the id."""

    code = "proposal_not_found"


class ProposalDecided(Conflict):
    """The proposal was approved, rejected or withdrawn before. Make a new one if it is still wanted."""

    code = "proposal_decided"


class ProposalExpired(Conflict):
    """Nobody decided the proposal in time. Make a new one, on today's figures."""

    code = "proposal_expired"


class OwnProposal(Forbidden):
    """The person who made a proposal cannot decide it. Ask another admin."""

    code = "own_proposal"


class NotTheMaker(Forbidden):
    """Only the person who made a proposal can withdraw it. Reject it instead."""

    code = "not_the_maker"


class LimitUnchanged(Rejected):
    """The proposed limit is the approved limit already. Propose another one."""

    code = "limit_unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """What is left of a loan is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Billed interest or charges of a loan are forgiven, in paise."""

    interest_paise: int
    charges_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOverride:
    """A customer's approved limit is set by hand, in paise."""

    approved_limit_paise: int


Proposed = WriteOff | Waiver | LimitOverride
_KINDS: Final[Mapping[ProposalKind, type[Proposed]]] = {
    ProposalKind.WRITE_OFF: WriteOff,
    ProposalKind.WAIVER: Waiver,
    ProposalKind.LIMIT_OVERRIDE: LimitOverride,
}


def kind_of(proposed: Proposed) -> ProposalKind:
    """The kind of what is proposed."""
    return next(kind for kind, known in _KINDS.items() if isinstance(proposed, known))


def proposed_of(kind: ProposalKind, figures: Mapping[str, Any]) -> Proposed:
    """What is proposed, from its kind and its figures as they are kept."""
    return _KINDS[kind](**figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal as stored. A loan is named where it is about one."""

    id: int
    customer_id: int
    loan_id: int | None
    proposed: Proposed
    status: ProposalStatus
    maker_id: int
    made_on: date
    expires_on: date

    def status_on(self, day: date) -> ProposalStatus:
        """How it stands on a day."""
        if self.status is ProposalStatus.PROPOSED and day >= self.expires_on:
            return ProposalStatus.EXPIRED
        return self.status


def expiry(made_on: date) -> date:
    """From which day on a proposal cannot be decided any more."""
    return made_on + OPEN_FOR


def check_decision(proposal: Proposal, *, checker: Actor, on: date) -> None:
    """Whether this person may approve or reject it today. Raises ProposalDecided, ProposalExpired, OwnProposal,
    Forbidden."""
    if checker.role is not Role.ADMIN:
        raise Forbidden("only an admin may decide a proposal")
    if checker.principal_id == proposal.maker_id:
        raise OwnProposal("the person who made a proposal may not decide it")
    _check_open(proposal, on=on)


def check_withdrawal(proposal: Proposal, *, by: Actor, on: date) -> None:
    """Whether this person may take it back today. Raises ProposalDecided, ProposalExpired, NotTheMaker."""
    if by.principal_id != proposal.maker_id:
        raise NotTheMaker("only the person who made a proposal may withdraw it")
    _check_open(proposal, on=on)


def _check_open(proposal: Proposal, *, on: date) -> None:
    status = proposal.status_on(on)
    if status is ProposalStatus.EXPIRED:
        raise ProposalExpired(f"the proposal expired on {proposal.expires_on}", expires_on=proposal.expires_on)
    if status is not ProposalStatus.PROPOSED:
        raise ProposalDecided(f"the proposal is {status.value} already", status=status)


def check_limit(override: LimitOverride, *, present_paise: int | None) -> None:
    """Whether a limit would change at all. Raises LimitUnchanged."""
    if override.approved_limit_paise == present_paise:
        raise LimitUnchanged("the approved limit has this value already", field="approved_limit")
