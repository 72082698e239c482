"""Acts of two people: propose a waiver, a write-off or a limit, and decide a proposal of another person.

A proposal is tried out when it is made: the preview shows how the loan would stand if it were approved now. Nothing of
the loan changes until another person approves.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.api.admin.acts.act import ITS_ID, About, Act, Figure, Group, Input, Receipt, Subject
from app.api.admin.acts.payments import is_active
from app.api.admin.context import ADMIN_PATH
from app.api.v1.operations.proposal_bodies import (
    CardChargeOffBody,
    CardCreditBody,
    CardLimitProposalBody,
    CardRefundProposalBody,
    LimitBody,
    RefundBody,
    WaiverBody,
    WriteOffBody,
)
from app.api.v1.operations.proposals import DecisionBody, proposed_of_body
from app.domain.money import format_inr
from app.domain.operations.proposals import ProposalStatus, kind_of
from app.domain.public_ids import format_application_id, format_proposal_id, parse_proposal_id
from app.services.operations import proposals
from app.services.operations.proposals import ProposalView
from app.services.unit_of_work import UnitOfWork

PROPOSE: Final = "POST /api/v1/proposals"
REASON: Final = Input(name="reason", label="Reason", help="Whoever decides reads it.")
NOTE: Final = Input(name="note", label="Note", is_required=False, help="For later readers.")
KINDS: Final = {
    "write_off": "write-off", "waiver": "waiver", "limit_override": "approved limit", "card_limit": "card limit",
    "card_charge_off": "card charge-off", "card_credit": "credit of a card",
    "card_refund": "refund of a card", "refund": "refund", "restructure": "restructuring", "top_up": "top-up",
}  # fmt: skip


async def propose(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    """Makes a proposal."""
    view = await proposals.propose(uow, proposed_of_body(body))
    proposal = view.stored.proposal
    name = format_proposal_id(proposal.id)
    return Receipt(
        sentence=f"{name} waits for another person. Nothing changes until an admin who did not make it approves.",
        figures=(
            Figure(label="What", text=KINDS[kind_of(proposal.proposed).value]),
            Figure(label="Can be decided until", text=f"{proposal.expires_on:%d %b %Y} (not included)"),
        ),
        links=(
            (f"Proposal {name}", f"{ADMIN_PATH}/proposals/detail?pk={proposal.customer_id}.{proposal.id}"),
            ("Everything that waits for a decision", f"{ADMIN_PATH}/proposals/list?filter=status__in=proposed"),
        ),
        made=proposal.id,
    )


async def carried_out(uow: UnitOfWork, receipt: Receipt) -> None:
    """What follows from a proposal if it is approved now."""
    assert receipt.made is not None, "the proposal was just made"
    await proposals.try_out(uow, receipt.made)


_RESULTS: Final = {
    "principal_paise": "Principal given up", "interest_paise": "Interest given up",
    "charges_paise": "Charges given up", "approved_limit_paise": "Approved limit",
    "previous_limit_paise": "Limit before", "limit_paise": "Limit", "charged_off_paise": "Charged off",
    "amount_paise": "Amount", "emi_paise": "EMI", "instalments": "Instalments to come", "application_id": "Application",
}  # fmt: skip


def figures_of(view: ProposalView) -> tuple[Figure, ...]:
    """What a proposal changed, in rupees; empty before it is approved."""
    result = view.stored.result or {}
    return tuple(Figure(label=_RESULTS.get(name, name), text=_result(name, value)) for name, value in result.items())


def _result(name: str, value: int) -> str:
    if name == "application_id":
        return format_application_id(value)
    return format_inr(value) if name.endswith("_paise") else str(value)


def _deciding(action: Callable[..., Awaitable[ProposalView]], done: str) -> Callable[..., Awaitable[Receipt]]:
    async def decide(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
        view = await action(uow, parse_proposal_id(subject.id), note=body.note)
        return Receipt(sentence=f"{subject.id} is {done}.", figures=figures_of(view))

    return decide


def _waits_for_others(subject: Subject) -> bool:
    return subject.row.status is ProposalStatus.PROPOSED and not subject.is_own


def _waits_and_is_own(subject: Subject) -> bool:
    return subject.row.status is ProposalStatus.PROPOSED and subject.is_own


WAIVE: Final = Act(
    name="propose-waiver",
    title="Propose a waiver",
    about=About.LOAN,
    route=PROPOSE,
    body=WaiverBody,
    constants={"kind": "waiver", "loan_id": ITS_ID},
    inputs=(
        Input(name="interest", label="Interest (₹)", kind="money", is_required=False),
        Input(name="charges", label="Charges (₹)", kind="money", is_required=False),
        REASON,
    ),
    explains="Forgives billed interest or charges, the oldest bill first. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: (
        f"Propose to forgive {format_inr(body.interest)} of interest and {format_inr(body.charges)} of charges on "
        f"{subject.name}."
    ),
    consequence=carried_out,
    button="Propose the waiver",
    group=Group.GIVE_UP,
    icon="fa-solid fa-hand-holding-heart",
    is_offered=is_active,
)
WRITE_OFF: Final = Act(
    name="propose-write-off",
    title="Propose a write-off",
    about=About.LOAN,
    route=PROPOSE,
    body=WriteOffBody,
    constants={"kind": "write_off", "loan_id": ITS_ID},
    inputs=(REASON,),
    explains="Gives up the rest of the loan as a loss. The loan ends. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose to write off all that is left of {subject.name}.",
    consequence=carried_out,
    button="Propose the write-off",
    group=Group.GIVE_UP,
    icon="fa-solid fa-ban",
    is_grave=True,
    is_offered=is_active,
)
LIMIT: Final = Act(
    name="propose-limit",
    title="Propose another limit",
    about=About.CUSTOMER,
    route=PROPOSE,
    body=LimitBody,
    constants={"kind": "limit_override", "user_id": ITS_ID},
    inputs=(Input(name="approved_limit", label="Approved limit (₹)", kind="money"), REASON),
    explains="Sets the approved limit by hand. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose a limit of {format_inr(body.approved_limit)} for {subject.name}.",
    button="Propose the limit",
    icon="fa-solid fa-gauge-high",
    is_offered=lambda subject: bool(subject.row.state == "customer"),
)
REFUND: Final = Act(
    name="propose-refund",
    title="Propose a refund",
    about=About.LOAN,
    route=PROPOSE,
    body=RefundBody,
    constants={"kind": "refund", "loan_id": ITS_ID},
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), REASON),
    explains="Pays out what the loan owes to its borrower. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose to pay {format_inr(body.amount)} back to the borrower of {subject.name}.",
    consequence=carried_out,
    button="Propose the refund",
    group=Group.GIVE_UP,
    icon="fa-solid fa-money-bill-transfer",
)
CARD_LIMIT: Final = Act(
    name="propose-card-limit",
    title="Propose a higher limit",
    about=About.CARD_ACCOUNT,
    route=PROPOSE,
    body=CardLimitProposalBody,
    constants={"kind": "card_limit", "card_account_id": ITS_ID},
    inputs=(Input(name="limit", label="Limit (₹)", kind="money"), REASON),
    explains="Raises the limit without the holder's request. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose a limit of {format_inr(body.limit)} for {subject.name}.",
    consequence=carried_out,
    button="Propose the limit",
    group=Group.CARD,
    icon="fa-solid fa-gauge-high",
    is_offered=lambda subject: bool(subject.row.row.status == "open"),
)
CARD_CHARGE_OFF: Final = Act(
    name="propose-card-charge-off",
    title="Propose a charge-off",
    about=About.CARD_ACCOUNT,
    route=PROPOSE,
    body=CardChargeOffBody,
    constants={"kind": "card_charge_off", "card_account_id": ITS_ID},
    inputs=(REASON,),
    explains="What is owed becomes a loss, and the account ends. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose to charge {subject.name} off.",
    consequence=carried_out,
    button="Propose the charge-off",
    group=Group.CARD,
    icon="fa-solid fa-ban",
    is_grave=True,
    is_offered=lambda subject: bool(subject.row.row.status == "open"),
)
CARD_CREDIT: Final = Act(
    name="propose-card-credit",
    title="Propose a credit",
    about=About.CARD_ACCOUNT,
    route=PROPOSE,
    body=CardCreditBody,
    constants={"kind": "card_credit", "card_account_id": ITS_ID},
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), REASON),
    explains="Settles what is owed at the lender's expense, as a payment would. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose to give {format_inr(body.amount)} to the holder of {subject.name}.",
    consequence=carried_out,
    button="Propose the credit",
    group=Group.CARD,
    icon="fa-solid fa-hand-holding-heart",
    is_offered=lambda subject: bool(subject.row.row.status == "open"),
)
CARD_REFUND: Final = Act(
    name="propose-card-refund",
    title="Propose a refund",
    about=About.CARD_ACCOUNT,
    route=PROPOSE,
    body=CardRefundProposalBody,
    constants={"kind": "card_refund", "card_account_id": ITS_ID},
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), REASON),
    explains="Pays a credit balance back, of an account that has ended too. Another person has to approve.",
    do=propose,
    sentence=lambda subject, body: f"Propose to pay {format_inr(body.amount)} back to the holder of {subject.name}.",
    consequence=carried_out,
    button="Propose the refund",
    group=Group.CARD,
    icon="fa-solid fa-money-bill-transfer",
    is_offered=lambda subject: bool(subject.row.state.credit_paise > 0),
)
APPROVE: Final = Act(
    name="approve-proposal",
    title="Approve",
    about=About.PROPOSAL,
    route="POST /api/v1/proposals/{proposal_id}/approve",
    body=DecisionBody,
    inputs=(NOTE,),
    explains="Carries the proposal out now, on today's figures. It cannot be undone here.",
    do=_deciding(proposals.approve, "approved and carried out"),
    sentence=lambda subject, body: f"Approve {subject.name} and carry it out now.",
    button="Approve",
    icon="fa-solid fa-check",
    is_offered=_waits_for_others,
)
REJECT: Final = Act(
    name="reject-proposal",
    title="Reject",
    about=About.PROPOSAL,
    route="POST /api/v1/proposals/{proposal_id}/reject",
    body=DecisionBody,
    inputs=(NOTE,),
    explains="Nothing else changes.",
    do=_deciding(proposals.reject, "rejected"),
    sentence=lambda subject, body: f"Reject {subject.name}.",
    button="Reject",
    icon="fa-solid fa-xmark",
    is_grave=True,
    is_offered=_waits_for_others,
)
WITHDRAW: Final = Act(
    name="withdraw-proposal",
    title="Withdraw",
    about=About.PROPOSAL,
    route="POST /api/v1/proposals/{proposal_id}/withdraw",
    body=DecisionBody,
    inputs=(NOTE,),
    explains="Only the person who made a proposal can withdraw it.",
    do=_deciding(proposals.withdraw, "withdrawn"),
    sentence=lambda subject, body: f"Withdraw {subject.name}.",
    button="Withdraw",
    icon="fa-solid fa-rotate-left",
    is_offered=_waits_and_is_own,
)
ACTS: Final = (
    WAIVE,
    WRITE_OFF,
    REFUND,
    LIMIT,
    CARD_LIMIT,
    CARD_CHARGE_OFF,
    CARD_CREDIT,
    CARD_REFUND,
    APPROVE,
    REJECT,
    WITHDRAW,
)
