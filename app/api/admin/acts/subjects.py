"""What an act is about: found by its id, with its name, its page and its facts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from app.api.admin.acts.act import About, Figure, Subject
from app.api.admin.acts.card_subjects import (
    card_account_address,
    card_account_subject,
    card_dispute_subject,
    card_hold_subject,
    card_plan_subject,
    card_posting_subject,
    card_subject,
)
from app.api.admin.acts.loan_subjects import (
    NothingToActOn,
    change_subject,
    charge_subject,
    customer_address,
    loan_address,
    loan_subject,
    payment_subject,
    rate_notice_subject,
    row_of,
)
from app.api.admin.context import ADMIN_PATH
from app.api.admin.drawing.formats import who
from app.domain.money import format_inr
from app.domain.public_ids import (
    format_application_id,
    format_card_account_id,
    format_loan_id,
    format_promise_id,
    format_proposal_id,
    format_user_id,
    parse_application_id,
    parse_loan_id,
    parse_promise_id,
    parse_proposal_id,
    parse_user_id,
)
from app.services.billing import runs
from app.services.collections import promises
from app.services.credit import applications
from app.services.operations import proposals
from app.services.people import staff
from app.services.unit_of_work import UnitOfWork

__all__ = ["NothingToActOn", "card_account_address", "customer_address", "find_subject", "loan_address"]

#: The id of the business date.
TODAY: Final = "today"


async def find_subject(uow: UnitOfWork, about: About, text: str) -> Subject:
    """What an act is about, by its id as the pages write it. Raises a NotFound or an Invalid."""
    return await _FINDERS[about](uow, text)


async def _customer(uow: UnitOfWork, text: str) -> Subject:
    number = parse_user_id(text)
    row = await row_of(uow, "customers", str(number))
    return Subject(
        about=About.CUSTOMER,
        id=format_user_id(number),
        name=f"{row.name or 'a prospect'} ({format_user_id(number)})",
        address=customer_address(number),
        row=row,
        facts=() if row.approved_limit_paise is None else (
            Figure(label="Approved limit", text=format_inr(row.approved_limit_paise)),
        ),
    )  # fmt: skip


async def _application(uow: UnitOfWork, text: str) -> Subject:
    view = await applications.view_application(uow, parse_application_id(text))
    asked = view.application
    name = format_application_id(asked.id)
    return Subject(
        about=About.APPLICATION,
        id=name,
        name=name,
        address=f"{customer_address(asked.customer_id)}?tab=applications",
        row=view,
        facts=(
            Figure(label="Product", text=asked.product_code),
            Figure(label="Amount", text=format_inr(asked.amount_paise)),
            Figure(label="Instalments", text=str(asked.instalments)),
            Figure(label="Status", text=view.status.value),
        ),
    )


async def _proposal(uow: UnitOfWork, text: str) -> Subject:
    view = await proposals.view_proposal(uow, parse_proposal_id(text))
    proposal = view.stored.proposal
    about = view.loan_public_id or format_user_id(proposal.customer_id)
    if proposal.account_id is not None:
        about = format_card_account_id(proposal.account_id)
    return Subject(
        about=About.PROPOSAL,
        id=format_proposal_id(proposal.id),
        name=f"proposal {format_proposal_id(proposal.id)} about {about}",
        address=f"{ADMIN_PATH}/proposals/detail?pk={proposal.customer_id}.{proposal.id}",
        row=view,
        facts=(
            Figure(label="Made by", text=who(view.stored.maker, await staff.list_names(uow))),
            Figure(label="Reason", text=view.stored.reason),
            Figure(label="Expires", text=f"{proposal.expires_on:%d %b %Y}"),
        ),
        loan=None if view.loan_public_id is None else parse_loan_id(view.loan_public_id),
        account_id=proposal.account_id,
        is_own=proposal.maker_id == uow.actor.user_account_id,
    )


async def _promise(uow: UnitOfWork, text: str) -> Subject:
    found = await promises.view_promise(uow, parse_promise_id(text))
    promise = found.promise
    name = format_promise_id(promise.id)
    if found.loan_year is None:
        address = card_account_address(format_card_account_id(found.facility.number))
    else:
        address = loan_address(format_loan_id(year=found.loan_year, number=found.facility.number))
    return Subject(
        about=About.PROMISE,
        id=name,
        name=f"promise {name} of {format_inr(promise.amount_paise)} by {promise.pay_by:%d %b %Y}",
        address=address,
        row=found,
        facts=(
            Figure(label="Status", text=found.verdict.status.value),
            Figure(label="Paid towards it", text=format_inr(found.verdict.paid_paise)),
        ),
    )


async def _run(uow: UnitOfWork, text: str) -> Subject:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise NothingToActOn("there is no such run")
    run = await runs.get_run(uow, int(text))
    return Subject(
        about=About.RUN,
        id=text,
        name=f"run {text} for {run.business_date:%d %b %Y}",
        address=f"{ADMIN_PATH}/billing-runs/detail?pk={text}",
        row=run,
        facts=(
            Figure(label="Status", text=run.status),
            Figure(label="Loans billed", text=f"{run.loans} of {run.loans_due}"),
            Figure(label="Could not be billed", text=str(run.parked)),
        ),
    )


async def _day(uow: UnitOfWork, text: str) -> Subject:
    if text != TODAY:
        raise NothingToActOn("only the business date can be acted on")
    today = await uow.business_date()
    return Subject(
        about=About.DAY,
        id=TODAY,
        name=f"{today:%d %b %Y}",
        address=f"{ADMIN_PATH}/billing-runs/list",
        row=today,
    )


_FINDERS: Final[Mapping[About, Callable[[UnitOfWork, str], Awaitable[Subject]]]] = {
    About.LOAN: loan_subject,
    About.PAYMENT: payment_subject,
    About.CHARGE: charge_subject,
    About.CHANGE: change_subject,
    About.RATE_NOTICE: rate_notice_subject,
    About.CUSTOMER: _customer,
    About.CARD: card_subject,
    About.CARD_ACCOUNT: card_account_subject,
    About.CARD_POSTING: card_posting_subject,
    About.CARD_HOLD: card_hold_subject,
    About.CARD_PLAN: card_plan_subject,
    About.CARD_DISPUTE: card_dispute_subject,
    About.APPLICATION: _application,
    About.PROPOSAL: _proposal,
    About.PROMISE: _promise,
    About.RUN: _run,
    About.DAY: _day,
}
