"""A charge that an officer books on a living loan: what the terms of its product name, and nothing else.

Source: docs/business-rules.md, charges of a loan.
"""

from datetime import date

from app.domain.lending.charges import BookedCharge, ChargeKind, book_charge
from app.domain.lending.positions import Decision, LoanStatus, Position
from app.domain.payments.payments import LoanNotActive
from app.domain.products.charges import find_service, service_charge


def decide_service_charge(position: Position, code: str, *, number: int, on: date) -> tuple[BookedCharge, Decision]:
    """Books a charge that the terms of the product name by its code, on a loan that is caught up to the day.

    Raises LoanNotActive, ChargeNotNamed.
    """
    if position.status is not LoanStatus.ACTIVE:
        raise LoanNotActive("the loan is not active: nothing can be charged", field="loan_id")
    service = find_service(position.terms.charges, code)
    booked = BookedCharge(
        number=number,
        kind=ChargeKind.SERVICE,
        booked_on=on,
        charged=service_charge(service, on=on),
        name=service.name,
        sac=service.sac,
    )
    return booked, book_charge(position.copy(), booked)
