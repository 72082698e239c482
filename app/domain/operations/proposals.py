"""Proposals: a change that gives money away, or raises a limit, needs two people (maker-checker).

The maker, any staff member, proposes the change with a reason. The checker, an admin who is another person, approves or
rejects it. Until then the maker may withdraw it. A proposal is decided only once. An approved change is made in the
transaction of the approval. The rules are checked again on the figures of that day, so the change may still be refused.
A proposal that is not decided within 14 days expires. Source: docs/business-rules.md, concessions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from app.domain.errors import Conflict, NotFound, Rejected
from app.domain.people.access import Actor, Forbidden, Role
from app.domain.public_ids import format_proposal_id

OPEN_FOR: Final = timedelta(days=14)


class ProposalKind(StrEnum):
    """The changes that need two people."""

    WRITE_OFF = "write_off"
    WAIVER = "waiver"
    LIMIT_OVERRIDE = "limit_override"
    CARD_LIMIT = "card_limit"
    CARD_CHARGE_OFF = "card_charge_off"
    CARD_CREDIT = "card_credit"
    CARD_REFUND = "card_refund"
    REFUND = "refund"
    RESTRUCTURE = "restructure"
    TOP_UP = "top_up"


class ProposalStatus(StrEnum):
    """The status of a proposal. `expired` is derived from the dates and never stored."""

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


class ProposalWaits(Conflict):
    """The same change, of the same loan, card account or customer, waits for a decision already; `figures.proposal`
    names it. Decide or withdraw that one first."""

    code = "proposal_waits"


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
    """The rest of a loan is written off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Billed interest or charges of a loan are forgiven. Money in paise. With `charge_number` it is that charge."""

    interest_paise: int
    charges_paise: int
    charge_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOverride:
    """A customer's approved limit is set by hand. Money in paise."""

    approved_limit_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLimit:
    """The limit of a card account is raised without its holder's request. Money in paise."""

    limit_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChargeOff:
    """What is owed on a card account becomes a loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCredit:
    """The holder of a card account is given money at the lender's expense. Money in paise."""

    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRefund:
    """The credit balance of a card account, of a closed one too, is paid back to its holder. Money in paise."""

    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOfOwed:
    """What a loan owes to its borrower is paid out. Money in paise."""

    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restructure:
    """What is left of a loan is agreed anew. The rate is text, as it is stored; what is None stays. Where nothing is
    said of the interest of a moratorium of both, it becomes principal: older proposals meant that."""

    instalments: int | None = None
    annual_rate: str | None = None
    moratorium_instalments: int | None = None
    moratorium_of: str = "principal"
    moratorium_interest: str | None = None
    capitalises_arrears: bool = False
    for_difficulty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """More is lent on a loan. Money in paise; without `instalments` the last date stays."""

    amount_paise: int
    instalments: int | None = None


Proposed = (
    WriteOff
    | Waiver
    | LimitOverride
    | CardLimit
    | CardChargeOff
    | CardCredit
    | CardRefund
    | RefundOfOwed
    | Restructure
    | TopUp
)
_KINDS: Final[Mapping[ProposalKind, type[Proposed]]] = {
    ProposalKind.WRITE_OFF: WriteOff,
    ProposalKind.WAIVER: Waiver,
    ProposalKind.LIMIT_OVERRIDE: LimitOverride,
    ProposalKind.CARD_LIMIT: CardLimit,
    ProposalKind.CARD_CHARGE_OFF: CardChargeOff,
    ProposalKind.CARD_CREDIT: CardCredit,
    ProposalKind.CARD_REFUND: CardRefund,
    ProposalKind.REFUND: RefundOfOwed,
    ProposalKind.RESTRUCTURE: Restructure,
    ProposalKind.TOP_UP: TopUp,
}


def kind_of(proposed: Proposed) -> ProposalKind:
    """The kind of a proposed change."""
    return next(kind for kind, known in _KINDS.items() if isinstance(proposed, known))


def proposed_of(kind: ProposalKind, figures: Mapping[str, Any]) -> Proposed:
    """The proposed change, from its kind and its stored figures."""
    return _KINDS[kind](**figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A stored proposal. `loan_id` is None when it is not about a loan, and `account_id` when it is not about a card
    account; `maker_id` is the account that made it."""

    id: int
    customer_id: int
    loan_id: int | None
    proposed: Proposed
    status: ProposalStatus
    maker_id: int
    made_on: date
    expires_on: date
    account_id: int | None = None

    def status_on(self, day: date) -> ProposalStatus:
        """The status on a day, with `expired` from `expires_on` on."""
        if self.status is ProposalStatus.PROPOSED and day >= self.expires_on:
            return ProposalStatus.EXPIRED
        return self.status


def expiry(made_on: date) -> date:
    """The first day on which a proposal cannot be decided any more."""
    return made_on + OPEN_FOR


def check_not_waiting(proposal: Proposal, *, waiting: Sequence[Proposal]) -> None:
    """Checks that none of the customer's proposals that `waiting` on this day is the same change: both would be made,
    and one of them for nothing or twice. The reason does not make another change. Raises ProposalWaits."""
    for other in waiting:
        if _subject(other) == _subject(proposal):
            named = format_proposal_id(other.id)
            raise ProposalWaits(f"{named} proposes the same change and waits for a decision", proposal=named)


def _subject(proposal: Proposal) -> tuple[Proposed, int, int | None, int | None]:
    return proposal.proposed, proposal.customer_id, proposal.loan_id, proposal.account_id


def check_decision(proposal: Proposal, *, checker: Actor, on: date) -> None:
    """Checks that this person may approve or reject the proposal on a day.

    Raises Forbidden, OwnProposal, ProposalDecided, ProposalExpired.
    """
    if checker.role is not Role.ADMIN:
        raise Forbidden("only an admin may decide a proposal")
    if checker.user_account_id == proposal.maker_id:
        raise OwnProposal("the maker of a proposal cannot decide it")
    _check_open(proposal, on=on)


def check_withdrawal(proposal: Proposal, *, by: Actor, on: date) -> None:
    """Checks that this person may withdraw it on a day. Raises NotTheMaker, ProposalDecided, ProposalExpired."""
    if by.user_account_id != proposal.maker_id:
        raise NotTheMaker("only the maker of a proposal can withdraw it")
    _check_open(proposal, on=on)


def _check_open(proposal: Proposal, *, on: date) -> None:
    status = proposal.status_on(on)
    if status is ProposalStatus.EXPIRED:
        raise ProposalExpired(f"the proposal expired on {proposal.expires_on}", expires_on=proposal.expires_on)
    if status is not ProposalStatus.PROPOSED:
        raise ProposalDecided(f"the proposal is already {status.value}", status=status)


def check_limit(override: LimitOverride, *, present_paise: int | None) -> None:
    """Checks that the new limit differs from the present one (paise). Raises LimitUnchanged."""
    if override.approved_limit_paise == present_paise:
        raise LimitUnchanged("the approved limit already has this value", field="approved_limit")
