"""What other programs are told about bills.

An event names its bill by its key: a bill never changes once it is issued, so what it says can be read later. The
events of one type of a whole range of a billing run are one batch. A loan that is some cycles behind has batches of its
own, because its bills and its overdue bills must stay in their order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.domain.billing.cycles import Bill, Billing
from app.domain.billing.open_bills import Overdue
from app.domain.billing.plain_cycles import PlainBill
from app.domain.events.catalog import EventType
from app.domain.events.happened import EventBatch
from app.domain.lending.positions import Position
from app.domain.public_ids import format_user_id

_Found = tuple[Position, Overdue]


def bill_document(bill: Bill, *, loan_id: str, customer_id: int) -> dict[str, Any]:
    """A bill as it was issued, money in paise; `loan_id` is the public id. The figures of an overdue bill are not known
    yet."""
    return {
        "loan_id": loan_id,
        "user_id": format_user_id(customer_id),
        "cycle": bill.cycle,
        "from": bill.from_on.isoformat(),
        "billed_on": bill.billed_on.isoformat(),
        "due_on": bill.due_on.isoformat(),
        "opening_principal_paise": bill.opening_principal_paise,
        "interest_paise": bill.interest_paise,
        "principal_due_paise": bill.principal_due_paise,
        "charges_paise": bill.charges_paise,
        "past_due_paise": bill.past_due_paise,
        "total_due_paise": bill.total_due_paise,
        "minimum_due_paise": bill.minimum_due_paise,
        "closed_on": None,
        "unpaid_charges_paise": None,
        "unpaid_interest_paise": None,
        "unpaid_principal_paise": None,
        "returned_to_plan_paise": None,
    }


def bill_events(billing: Billing) -> Iterator[EventBatch]:
    """The events of one loan, each by itself, as they followed each other. On one day an overdue bill is closed before
    a new one is issued."""
    position = billing.decision.position
    issued = [(bill.billed_on, 1, bill.cycle, None) for bill in billing.bills]
    closed = [(overdue.closed_on, 0, overdue.cycle, overdue) for overdue in billing.overdue]
    for _, _, cycle, overdue in sorted([*issued, *closed], key=lambda each: each[:3]):
        yield _batch([(position, cycle)]) if overdue is None else _overdue_batch([(position, overdue)])


def range_events(billings: Iterable[Billing]) -> list[EventBatch]:
    """The events of the loans of a range: those of overdue bills, those of new bills, then loans that are behind."""
    issued: list[tuple[Position, int]] = []
    closed: list[_Found] = []
    behind: list[EventBatch] = []
    for billing in billings:
        bills, overdue = billing.bills, billing.overdue
        if len(bills) > 1 or (overdue and not _comes_before(overdue, bills)):
            behind += bill_events(billing)
            continue
        position = billing.decision.position
        if bills:
            issued.append((position, bills[0].cycle))
        if overdue:
            closed.append((position, overdue[0]))
    batches = [_overdue_batch(closed)] if closed else []
    return [*batches, *([_batch(issued)] if issued else []), *behind]


def plain_events(bills: Sequence[PlainBill]) -> list[EventBatch]:
    """The events of plain cycles, which are new bills."""
    if not bills:
        return []
    customers, loans = [bill.customer_id for bill in bills], [bill.loan_id for bill in bills]
    cycles = [bill.cycle for bill in bills]
    return [EventBatch(type=EventType.BILL_ISSUED, customers=customers, loans=loans, cycles=cycles, figures={})]


def _comes_before(overdue: Sequence[Overdue], bills: Sequence[Bill]) -> bool:
    """Whether one overdue bill was closed before the one new bill was issued, or alone."""
    return len(overdue) == 1 and (not bills or overdue[0].closed_on <= bills[0].billed_on)


def _batch(issued: Sequence[tuple[Position, int]]) -> EventBatch:
    return _of_bills(EventType.BILL_ISSUED, [position for position, _ in issued], [cycle for _, cycle in issued], {})


def _overdue_batch(closed: Sequence[_Found]) -> EventBatch:
    figures: dict[str, list[Any]] = {
        "closed_on": [overdue.closed_on.isoformat() for _, overdue in closed],
        "unpaid_charges_paise": [overdue.unpaid_charges_paise for _, overdue in closed],
        "unpaid_interest_paise": [overdue.unpaid_interest_paise for _, overdue in closed],
        "unpaid_principal_paise": [overdue.unpaid_principal_paise for _, overdue in closed],
        "returned_to_plan_paise": [overdue.returned_paise for _, overdue in closed],
    }
    positions, cycles = [position for position, _ in closed], [overdue.cycle for _, overdue in closed]
    return _of_bills(EventType.BILL_OVERDUE, positions, cycles, figures)


def _of_bills(
    kind: EventType, positions: Sequence[Position], cycles: Sequence[int], figures: Mapping[str, Sequence[Any]]
) -> EventBatch:
    return EventBatch(
        type=kind,
        customers=[position.customer_id for position in positions],
        loans=[position.loan_id for position in positions],
        cycles=cycles,
        figures=figures,
    )
