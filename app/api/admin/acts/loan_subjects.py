"""Loans, and what is of a loan: found by the id that the pages write, as what an act is about.

What is of a loan has the id of the loan before its own: `LN-2026-0001.17`.
"""

from typing import Any

from app.api.admin.acts.act import About, Figure, Subject
from app.api.admin.context import ADMIN_PATH
from app.api.admin.drawing.formats import due, rate, words
from app.domain.errors import NotFound
from app.domain.money import format_inr
from app.domain.public_ids import (
    format_loan_id,
    format_payment_id,
    format_user_id,
    parse_loan_id,
    parse_payment_id,
)
from app.services.lending import loans
from app.services.lending.loans import LoanView
from app.services.operations import browsing
from app.services.payments import changes, payment_lists, rate_notices
from app.services.reporting import charges as loan_charges
from app.services.unit_of_work import UnitOfWork


class NothingToActOn(NotFound):
    """There is nothing with this id. Open the form from the page of what it is about."""


def loan_address(loan_id: str) -> str:
    """The page of a loan, by its public id."""
    return f"{ADMIN_PATH}/loan/{loan_id}"


def customer_address(customer_id: int) -> str:
    """The page of a customer."""
    return f"{ADMIN_PATH}/customer/{format_user_id(customer_id)}"


async def row_of(uow: UnitOfWork, listing: str, key: str) -> Any:
    """The row of a listing. Raises NothingToActOn."""
    found = await browsing.get(uow, listing, [key])
    if not found:
        raise NothingToActOn("there is nothing with this id")
    return found[0]


async def loan_subject(uow: UnitOfWork, text: str) -> Subject:
    """A loan. Raises LoanNotFound."""
    reference = parse_loan_id(text)
    key = await loans.find_key(uow, reference)
    row = await row_of(uow, "loans", f"{key.customer_id}.{key.loan_id}")
    name = format_loan_id(year=row.loan_year, number=row.id)
    view = await loans.view_loan(uow, reference)
    charges = view.position.terms.charges
    return Subject(
        about=About.LOAN,
        id=name,
        name=f"{name} of {row.customer_name or format_user_id(row.customer_id)}",
        address=loan_address(name),
        row=row,
        facts=_due(view),
        loan=reference,
        offers=() if charges is None else tuple((each.code, each.name) for each in charges.services),
    )


def _due(view: LoanView) -> tuple[Figure, ...]:
    """What an officer needs beside every form about a loan."""
    return (
        Figure(label="Overdue", text=format_inr(view.overdue_paise)),
        Figure(
            label="Next due",
            text=due(view.next_due, view.on),
        ),
        Figure(label="Closes the loan today", text=format_inr(view.payoff.total_paise)),
    )


async def payment_subject(uow: UnitOfWork, text: str) -> Subject:
    """A payment. Raises PaymentNotFound."""
    view = await payment_lists.view_payment(uow, parse_payment_id(text))
    paid = view.summary
    loan_id = format_loan_id(year=paid.disbursed_on.year, number=paid.loan_id)
    loan = await loan_subject(uow, loan_id)
    return Subject(
        about=About.PAYMENT,
        id=format_payment_id(paid.payment_id),
        name=f"payment {format_payment_id(paid.payment_id)} on {loan.name}",
        address=f"{loan.address}?tab=payments",
        row=paid,
        facts=(
            Figure(label="Amount", text=format_inr(paid.amount_paise)),
            Figure(label="Value date", text=f"{paid.value_date:%d %b %Y}"),
            Figure(label="Paid by", text=paid.method or "not said"),
            Figure(label="Reference", text=paid.reference or "none"),
        ),
        loan=loan.loan,
    )


def _parts(text: str) -> tuple[str, str]:
    """A loan and what is meant of it, as `LN-2026-0001.17`. Raises NothingToActOn."""
    loan, dot, named = text.partition(".")
    if not dot or not named:
        raise NothingToActOn("there is nothing with this id")
    return loan, named


async def charge_subject(uow: UnitOfWork, text: str) -> Subject:
    """A charge for an event. Raises LoanNotFound, NothingToActOn."""
    loan_id, number = _parts(text)
    loan = await loan_subject(uow, loan_id)
    charged = await loan_charges.list_charges(uow, loan.loan_or_none)
    row = next((line for line in charged.lines if str(line.charge_id) == number), None)
    if row is None:
        raise NothingToActOn("the loan has no such charge for an event")
    return Subject(
        about=About.CHARGE,
        id=f"{loan.id}.{number}",
        name=f"the {words(row.kind)} of {row.on:%d %b %Y} on {loan.name}",
        address=f"{loan.address}?tab=charges",
        row=row,
        facts=(
            Figure(label="Charge", text=format_inr(row.amount_paise)),
            Figure(label="Tax", text=format_inr(row.tax_paise)),
        ),
        loan=loan.loan,
    )


async def change_subject(uow: UnitOfWork, text: str) -> Subject:
    """A change of a loan. Raises LoanNotFound, NothingToActOn."""
    loan_id, number = _parts(text)
    loan = await loan_subject(uow, loan_id)
    made = await changes.list_changes(uow, loan.loan_or_none)
    found = next((each for each in made if str(each[0].id) == number), None)
    if found is None:
        raise NothingToActOn("the loan has no such change")
    return Subject(
        about=About.CHANGE,
        id=f"{loan.id}.{number}",
        name=f"the {words(found[1].kind)} of {found[1].made_on:%d %b %Y} on {loan.name}",
        address=f"{loan.address}?tab=changes",
        row=found,
        facts=(Figure(label="Entered", text=f"{found[1].booked_on:%d %b %Y}"),),
        loan=loan.loan,
    )


async def rate_notice_subject(uow: UnitOfWork, text: str) -> Subject:
    """A notice of a new rate. Raises LoanNotFound, NothingToActOn."""
    loan_id, day = _parts(text)
    loan = await loan_subject(uow, loan_id)
    notices = await rate_notices.list_notices(uow, loan.loan_or_none)
    row = next((each for each in notices if each.effective_on.isoformat() == day), None)
    if row is None:
        raise NothingToActOn("the loan has no notice for that day")
    return Subject(
        about=About.RATE_NOTICE,
        id=f"{loan.id}.{day}",
        name=f"the new rate from {row.effective_on:%d %b %Y} of {loan.name}",
        address=f"{loan.address}?tab=changes",
        row=row,
        facts=(
            Figure(label="New rate", text=rate(row.annual_rate_percent)),
            Figure(label="Told on", text=f"{row.told_on:%d %b %Y}"),
        ),
        loan=loan.loan,
    )
