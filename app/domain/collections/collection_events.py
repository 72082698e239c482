"""What other programs are told about promises. Notes are personal data and are in no event."""

from typing import Any, Final

from app.domain.collections.promises import Promise, PromiseStatus, Verdict
from app.domain.delinquency.facilities import FacilityKey
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.public_ids import format_card_account_id, format_loan_id, format_promise_id, format_user_id
from app.domain.rulebook.kinds import ProductKind

#: What becomes known when a promise comes to stand so.
OF_STATUS: Final = {
    PromiseStatus.OPEN: EventType.PROMISE_REOPENED,
    PromiseStatus.KEPT: EventType.PROMISE_KEPT,
    PromiseStatus.BROKEN: EventType.PROMISE_BROKEN,
    PromiseStatus.WITHDRAWN: EventType.PROMISE_WITHDRAWN,
}


def promise_event(
    kind: EventType,
    promise: Promise,
    verdict: Verdict,
    *,
    customer_id: int,
    facility: FacilityKey,
    loan_year: int | None,
) -> Happened:
    """A promise as it stands after a verdict. `loan_year` is that of a loan's disbursal, and None of a card."""
    data = {
        "promise_id": format_promise_id(promise.id),
        **facility_names(facility, loan_year=loan_year),
        "user_id": format_user_id(customer_id),
        "amount_paise": promise.amount_paise,
        "pay_by": promise.pay_by.isoformat(),
        "made_on": promise.made_on.isoformat(),
        "status": verdict.status.value,
        "paid_paise": verdict.paid_paise,
        "kept_on": None if verdict.kept_on is None else verdict.kept_on.isoformat(),
    }
    loan_id = facility.number if facility.kind is ProductKind.LOAN else None
    return Happened(type=kind, customer_id=customer_id, loan_id=loan_id, data=data)


def facility_names(facility: FacilityKey, *, loan_year: int | None) -> dict[str, Any]:
    """The public id of a loan, or of a card account."""
    if facility.kind is ProductKind.CARD:
        return {"loan_id": None, "card_account_id": format_card_account_id(facility.number)}
    assert loan_year is not None, "the public id of a loan has its year"
    return {"loan_id": format_loan_id(year=loan_year, number=facility.number), "card_account_id": None}
