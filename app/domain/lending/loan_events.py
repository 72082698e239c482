"""What other programs are told about a loan."""

from collections.abc import Mapping
from typing import Any

from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.lending.positions import LoanStatus, Position
from app.domain.public_ids import format_loan_id, format_user_id


def loan_id_of(position: Position) -> str:
    """The loan's public id."""
    return format_loan_id(year=position.disbursed_on.year, number=position.loan_id)


def loan_document(position: Position) -> dict[str, Any]:
    """The loan as it stands, money in paise."""
    return {
        "loan_id": loan_id_of(position),
        "user_id": format_user_id(position.customer_id),
        "status": position.status.value,
        "amount_paise": position.disbursed_paise,
        "annual_rate_percent": format(position.rate_percent.normalize(), "f"),
        "instalments": position.instalments,
        "emi_paise": position.emi_paise,
        "disbursed_on": position.disbursed_on.isoformat(),
        "closed_on": None if position.closed_on is None else position.closed_on.isoformat(),
        "principal_outstanding_paise": position.principal_paise,
        "interest_due_paise": position.interest_paise,
        "charges_due_paise": position.charges_paise,
        "advance_paise": position.advance_paise,
        "product": None,
        "product_version": None,
        "given_up": None,
        "refunded_paise": None,
        "change": None,
    }


def loan_event(kind: EventType, position: Position, **more: Any) -> Happened:
    """An event about a loan, with the loan as it stands; `more` is what belongs to this kind of event."""
    data = loan_document(position) | more
    return Happened(type=kind, customer_id=position.customer_id, loan_id=position.loan_id, data=data)


def made(position: Position, *, product: str, product_version: int) -> tuple[Happened, Happened]:
    """The events of a loan that was approved and disbursed in one transaction."""
    of_product = {"product": product, "product_version": product_version}
    return (
        loan_event(EventType.LOAN_APPROVED, position, **of_product),
        loan_event(EventType.LOAN_DISBURSED, position, **of_product),
    )


def ended(position: Position, *, was: LoanStatus) -> tuple[Happened, ...]:
    """The event of a loan that a payment or a bill has closed, or that a reversal has opened again; nothing if it is
    still what it was. A write-off has an event of its own."""
    if position.status is was:
        return ()
    if position.status is LoanStatus.CLOSED:
        return (loan_event(EventType.LOAN_CLOSED, position),)
    if position.status is LoanStatus.ACTIVE:
        return (loan_event(EventType.LOAN_REOPENED, position),)
    return ()


def given_up(kind: EventType, position: Position, amounts: Mapping[str, int]) -> Happened:
    """The event of a waiver or a write-off; `amounts` is what was given up by component, in paise."""
    parts = {f"{name}_paise": amounts.get(name, 0) for name in ("charges", "interest", "principal")}
    return loan_event(kind, position, given_up=parts)
