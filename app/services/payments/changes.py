"""Changes of a living loan as use cases: foreseen with the function that makes them, made on a locked loan, and undone.

A change of an earlier day, and one that is undone, replays the loan. `operations/proposals.py` controls who may
restructure a loan or lend more on it; a reset of the rate and another due day are made by one person.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.db.models import LoanChange as ChangeRow
from app.db.repositories.lending import changes as repository
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.payments import concessions as number_repository
from app.db.repositories.products import products as product_repository
from app.domain.billing.cycles import Billing, catch_up
from app.domain.billing.outlooks import Outlook, outlook
from app.domain.errors import Conflict
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.lending.cooling_off import last_day_to_leave
from app.domain.lending.loan_events import ended, loan_event
from app.domain.lending.positions import Decision, Position
from app.domain.payments.changes import Adjusts, ChangeKind, LoanChange, check_unbilled, reset_rate
from app.domain.payments.changing import decide_change
from app.domain.payments.histories import action_order
from app.domain.payments.payments import ValueDateInFuture
from app.domain.payments.replayed_loan import replay_loan
from app.domain.public_ids import LoanReference
from app.domain.schedules.terms import MAX_INSTALMENTS, Moratorium
from app.services.lending import loans, saving
from app.services.lending.calculations import caught_up
from app.services.payments import reversals
from app.services.products import calendars
from app.services.unit_of_work import UnitOfWork


class ChangeUndone(Conflict):
    """The change was undone before. There is nothing left to undo."""

    code = "change_undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A change as the caller asks for it (see `LoanChange`). Without `made_on` it is made on the business date."""

    kind: ChangeKind
    made_on: date | None = None
    annual_rate_percent: Decimal | None = None
    adjusts: Adjusts = Adjusts.EMI
    emi_paise: int | None = None
    instalments: int | None = None
    moratorium: Moratorium | None = None
    capitalises_arrears: bool = False
    for_difficulty: bool = False
    due_day: int | None = None
    amount_paise: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLoan:
    """A change, made or foreseen, with the bills to come before and after it. `position` is the loan after it."""

    loan_public_id: str
    change: LoanChange
    before: Outlook
    after: Outlook
    position: Position


async def foresee(uow: UnitOfWork, loan: LoanReference, request: ChangeRequest) -> ChangedLoan:
    """What a change would do today; nothing is written. Raises LoanNotFound, and what `decide_change` raises."""
    position, product = await loans.find_position(uow, loan)
    today = await uow.business_date()
    current = (await caught_up(uow, position, through=today)).decision.position
    change = await _change(uow, current, request, number=0, product=product)
    decision = decide_change(current, change)
    return changed(current, change, decision.position)


async def make_for(uow: UnitOfWork, loan: LoanReference, request: ChangeRequest) -> ChangedLoan:
    """Changes a loan that the actor may see. Raises LoanNotFound, and what `make` raises."""
    return await make(uow, await loans.find_key(uow, loan), request)


async def make(
    uow: UnitOfWork,
    key: LoanKey,
    request: ChangeRequest,
    *,
    proposal_id: int | None = None,
    told_percent: Decimal | None = None,
) -> ChangedLoan:
    """Changes a loan, on the business date or on an earlier day. `proposal_id` names the proposal that was approved,
    `told_percent` the rate that the borrower was told of beforehand.

    Raises ValueDateInFuture, ChangeBilled, LaterPaymentsConflict, and what `decide_change` raises.
    """
    _, product = await loans.read_position(uow, key)
    current = await loans.lock_current(uow, key)
    before, was = current.decision.position, current.decision.position.status
    number = await number_repository.next_concession_number(uow.session)
    change = await _change(uow, before, request, number=number, product=product, told_percent=told_percent)
    is_backdated = change.made_on < before.last_event_on
    billing = await _decide(uow, key, current, change, is_backdated=is_backdated)
    position = billing.decision.position
    events = [*ended(position, was=was), change_event(EventType.LOAN_CHANGED, position, change)]
    await saving.save(uow, billing, events=events)
    await repository.add_change(uow.session, key, change, proposal_id=proposal_id, now=uow.now, actor=uow.actor.label)
    if is_backdated or change.kind is ChangeKind.RESTRUCTURE:
        await reversals.ask_to_judge(uow, key.customer_id)
    await _note(uow, key, "loan_changed", change)
    return changed(before, change, position)


async def undo(uow: UnitOfWork, loan: LoanReference, number: int, *, reason: str) -> ChangedLoan:
    """Undoes a change: afterwards the loan stands as if it had never been made.

    Raises LoanNotFound, ChangeNotFound, ChangeUndone, ChangeBilled, LaterPaymentsConflict.
    """
    key = await loans.find_key(uow, loan)
    current = await loans.lock_current(uow, key)
    before, was = current.decision.position, current.decision.position.status
    change = repository.change_of_row(await repository.get_change(uow.session, key, number))
    history = await reversals.read_history(uow, key, pending=current)
    check_unbilled(change, last_billed_on=max((bill.billed_on for bill in history.bills), default=None))
    today = await uow.business_date()
    if not await repository.mark_undone(uow.session, key, number, on=today, reason=reason):
        raise ChangeUndone("this change was undone before", field="change_id")
    remaining = [standing for standing in history.changes if standing.number != number]
    billing = current.then(await reversals.rewritten_loan(uow, current, history, changes=remaining))
    position = billing.decision.position
    events = [*ended(position, was=was), change_event(EventType.LOAN_CHANGE_UNDONE, position, change)]
    await saving.save(uow, billing, events=events)
    await reversals.ask_to_judge(uow, key.customer_id)
    await _note(uow, key, "loan_change_undone", change)
    return changed(before, change, position)


async def list_changes(uow: UnitOfWork, loan: LoanReference) -> list[tuple[ChangeRow, LoanChange]]:
    """The changes of a loan that the actor may see, in order, undone ones too. Raises LoanNotFound."""
    key = await loans.find_key(uow, loan)
    return [(row, repository.change_of_row(row)) for row in await repository.list_changes(uow.session, key)]


async def _change(
    uow: UnitOfWork,
    position: Position,
    request: ChangeRequest,
    *,
    number: int,
    product: ProductKey,
    told_percent: Decimal | None = None,
) -> LoanChange:
    """The change with its number, its day and its rate. Raises ValueDateInFuture, BenchmarkUnknown, and what
    `reset_rate` raises."""
    today = await uow.business_date()
    made_on = request.made_on or today
    if made_on > today:
        raise ValueDateInFuture(f"the day must not be after the business date, {today}", field="made_on")
    rate = request.annual_rate_percent if told_percent is None else told_percent
    if request.kind is ChangeKind.RATE_RESET and told_percent is None:
        code = position.terms.benchmark
        benchmark = None if code is None else await calendars.get_benchmark(uow, code, on=made_on)
        rate = reset_rate(position, asked_percent=rate, benchmark_percent=benchmark)
    offer, is_top_up = (await product_repository.get_product(uow.session, *product)).offer, request.amount_paise > 0
    return LoanChange(
        number=number,
        kind=request.kind,
        made_on=made_on,
        booked_on=today,
        annual_rate_percent=rate,
        adjusts=request.adjusts,
        emi_paise=request.emi_paise,
        instalments=request.instalments,
        moratorium=request.moratorium,
        capitalises_arrears=request.capitalises_arrears,
        for_difficulty=request.for_difficulty,
        due_day=request.due_day,
        amount_paise=request.amount_paise,
        most_instalments=MAX_INSTALMENTS if request.kind is ChangeKind.RESTRUCTURE else offer.tenure[1],
        returnable_until=last_day_to_leave(position.terms, disbursed_on=made_on) if is_top_up else None,
    )


async def _decide(
    uow: UnitOfWork, key: LoanKey, current: Billing, change: LoanChange, *, is_backdated: bool
) -> Billing:
    """The loan with the change: decided on where it stands, or replayed if something happened since."""
    position = current.decision.position
    if not is_backdated:
        decision: Decision = decide_change(position, change)
        made = current._replace(decision=current.decision.then(decision))
        # A change of an earlier day may plan an instalment that is due by now.
        return made.then(catch_up(decision.position, through=change.booked_on))
    history = await reversals.read_history(uow, key, pending=current)
    check_unbilled(change, last_billed_on=max((bill.billed_on for bill in history.bills), default=None))
    decide_change(replay_loan(position, history.before(action_order(change)), through=change.made_on).position, change)
    return current.then(await reversals.rewritten_loan(uow, current, history, changes=[*history.changes, change]))


def changed(before: Position, change: LoanChange, after: Position) -> ChangedLoan:
    """A change with the bills to come before and after it."""
    on = max(change.booked_on, before.last_event_on)
    return ChangedLoan(
        loan_public_id=loans.public_loan_id(after),
        change=change,
        before=outlook(before, on=on),
        after=outlook(after, on=on),
        position=after,
    )


def changed_figures(made: ChangedLoan) -> dict[str, int]:
    """What a change left: the instalment, how many are left, and what was lent, in paise."""
    figures = {"emi_paise": made.position.emi_paise, "instalments": made.after.instalments}
    return figures | ({"amount_paise": made.change.amount_paise} if made.change.amount_paise else {})


def change_event(kind: EventType, position: Position, change: LoanChange) -> Happened:
    """What other programs are told about a change; `position` is the loan after it."""
    ahead = outlook(position, on=max(change.booked_on, position.last_event_on))
    rate = change.annual_rate_percent if change.annual_rate_percent is not None else position.rate_percent
    return loan_event(
        kind,
        position,
        change={
            "change_id": change.number or None,
            "kind": change.kind.value,
            "made_on": change.made_on.isoformat(),
            "annual_rate_percent": format(rate.normalize(), "f"),
            "emi_paise": position.emi_paise,
            "instalments_left": ahead.instalments,
            "ends_on": None if ahead.ends_on is None else ahead.ends_on.isoformat(),
            "topped_up_paise": change.amount_paise,
        },
    )


async def _note(uow: UnitOfWork, key: LoanKey, action: str, change: LoanChange) -> None:
    await uow.record(
        action,
        object_kind="loan",
        object_id=str(key.loan_id),
        customer_id=key.customer_id,
        details={"change_id": change.number, "kind": change.kind.value, "made_on": change.made_on.isoformat()},
    )
