"""Writing what was decided about locked loans."""

from collections.abc import Sequence

from app.db.repositories.billing import bills as bill_repository
from app.db.repositories.idempotency import GivenAnswer
from app.db.repositories.lending import decisions as decision_repository
from app.db.repositories.lending import schedules as schedule_repository
from app.db.repositories.lending.decisions import DecidedLoan, TakenPayment
from app.domain.billing.bill_events import bill_events
from app.domain.billing.cycles import Billing
from app.domain.events.happened import Event
from app.domain.lending.positions import BillState, Decision, Position
from app.services.events.publishing import moment_of
from app.services.unit_of_work import UnitOfWork


async def save(uow: UnitOfWork, billing: Billing, *, events: Sequence[Event] = ()) -> None:
    """Writes what was decided about one locked loan, and its events."""
    await save_all(uow, [billing], events=events)


async def save_all(
    uow: UnitOfWork,
    billings: Sequence[Billing],
    *,
    payments: Sequence[TakenPayment] = (),
    answers: Sequence[GivenAnswer] = (),
    events: Sequence[Event] = (),
) -> None:
    """Writes what was decided about locked loans, the payments that it was decided about, and what was answered. The
    events of bills are written before `events`."""
    decided = [_decided(billing) for billing in billings]
    told: list[Event] = [event for billing in billings for event in bill_events(billing)]
    written = await decision_repository.write_decisions(
        uow.session,
        decided,
        payments=payments,
        answers=answers,
        events=[*told, *events],
        moment=await moment_of(uow),
    )
    assert written, "a locked loan has no other writer"
    records = [
        record
        for billing in billings
        for record in bill_repository.bill_records(
            billing.decision.position, billing.bills, billing.decision.states, run_id=None
        )
    ]
    await bill_repository.add_bills(uow.session, records)
    decisions = [billing.decision for billing in billings]
    await schedule_repository.add_plans(uow.session, [(decision.position, decision.plans) for decision in decisions])


def _decided(billing: Billing) -> DecidedLoan:
    new = {bill.cycle for bill in billing.bills}
    return DecidedLoan(
        billing.decision, [state for cycle, state in billing.decision.states.items() if cycle not in new]
    )


def changed_states(decision: Decision, new_cycles: set[int]) -> list[tuple[Position, BillState]]:
    """The bills of a decision that were there before it, with what is left of them."""
    return [(decision.position, state) for cycle, state in decision.states.items() if cycle not in new_cycles]
