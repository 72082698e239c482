"""Judges the day-ends that are over, for every borrower who is past due or whose class may change.

A business date is over when the next one has begun: until then a payment of the day may come. So the billing run of a
date asks for the day-ends before it. Borrowers are read many at a time, decided by the same pure functions that answer
about one loan, and only changes are written. A loan whose bills do not say when its instalments were cleared, because a
charge was left, is lived again.
"""

import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.db.repositories.delinquency import changes as change_repository
from app.db.repositories.delinquency import day_ends as repository
from app.db.repositories.delinquency import late_facilities as late_repository
from app.db.repositories.delinquency import reported as reported_repository
from app.db.repositories.delinquency import suspense as suspense_repository
from app.db.repositories.delinquency.day_ends import JudgedDay
from app.db.repositories.events import log as event_repository
from app.db.repositories.lending import changes as change_of_loan_repository
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.products import products as product_repository
from app.domain.delinquency.changes import BorrowerStates, Change, FacilityState, derive_changes
from app.domain.delinquency.class_events import class_changed
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.standing import GOOD, Standing
from app.domain.events.happened import Happened
from app.domain.people.access import SYSTEM
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency import bureau, suspense
from app.services.delinquency.borrowers import class_rules, load_borrower
from app.services.events.publishing import moment_of
from app.services.lending.calculations import collector_paused
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

JOB: Final = "judge_day_ends"
FOLLOWING_JOB: Final = "follow_day_ends"
#: The garbage collector's youngest generation: objects made since its last pass.
YOUNG: Final = 0
#: Borrowers in one transaction.
RANGE_SIZE: Final = 2_000
#: Loans in one transaction whose interest is moved. Each is locked, so a small number keeps payments from waiting long.
SUSPENSE_SIZE: Final = 64


@dataclass(slots=True)
class LateBorrower:
    """A borrower in a range: the facilities, the states at the day-end before, and whether the loans must be lived
    again, because their bills do not say when something was paid."""

    facilities: list[Facility] = field(default_factory=list)
    states: BorrowerStates = field(default_factory=BorrowerStates)
    is_unclear: bool = False

    def opened_on(self, key: FacilityKey, *, default: date) -> date:
        """The day on which a facility was opened; the default if it is not among them."""
        for one in self.facilities:
            if one.key == key:
                return one.opened_on
        return default


async def judge_day_ends(uow_factory: UnitOfWorkFactory, payload: dict[str, Any], *, until: datetime) -> bool:
    """The job: judges the day-ends through `payload["through"]`. False when the time is up before it is done."""
    through = date.fromisoformat(payload["through"])
    with collector_paused():
        while True:
            async with uow_factory.open(SYSTEM) as uow:
                if await judge_step(uow, through=through):
                    return True
            gc.collect(YOUNG)
            if uow_factory.clock() >= until:
                return False


async def judge_step(uow: UnitOfWork, *, through: date) -> bool:
    """Opens a day-end, judges one range of borrowers, or finishes the day-end. True when all is judged."""
    await repository.lock_classes(uow.session)
    latest = await repository.find_latest(uow.session)
    if latest is None or (latest.finished_at is not None and latest.day < through):
        await _open(uow, through, after=None if latest is None else latest.day)
        return False
    if latest.finished_at is not None:
        return True
    claimed = await repository.find_range(uow.session, latest.day)
    if claimed is None and not latest.posts_suspense:
        keys = await suspense_repository.list_to_move(uow.session)
        ranges = [keys[start : start + SUSPENSE_SIZE] for start in range(0, len(keys), SUSPENSE_SIZE)]
        await repository.add_suspense_ranges(uow.session, latest.day, ranges)
        return False
    if claimed is None:
        await repository.finish_day_end(uow.session, latest.day, now=uow.now)
        await bureau.ask_for_files(uow, after=latest.after, through=latest.day)
        # Collections are above classes: the work list follows by a job.
        through_day = latest.day.isoformat()
        await uow.enqueue(FOLLOWING_JOB, key=through_day, payload={"through": through_day})
        uow.log_after_commit(
            "day-end judged", day=latest.day.isoformat(), facilities=latest.facilities, changes=latest.changes
        )
        return False
    if claimed.loan_ids is not None:
        for key in map(LoanKey, claimed.customer_ids, claimed.loan_ids):
            await suspense.move_interest(uow, key, through=latest.day)
        await repository.finish_range(uow.session, latest.day, claimed.number, facilities=0, changes=0)
        return False
    facilities, changes = await _judge_range(uow, latest, claimed.customer_ids)
    await repository.finish_range(uow.session, latest.day, claimed.number, facilities=facilities, changes=changes)
    return False


async def _open(uow: UnitOfWork, day: date, *, after: date | None) -> None:
    customers = await late_repository.list_customers(uow.session, after=after, through=day)
    ranges = [customers[start : start + RANGE_SIZE] for start in range(0, len(customers), RANGE_SIZE)]
    await repository.open_day_end(uow.session, day, after=after, ranges=ranges, now=uow.now)


async def _judge_range(uow: UnitOfWork, day_end: JudgedDay, customer_ids: Sequence[int]) -> tuple[int, int]:
    """Judges some borrowers. Returns how many facilities were touched, and how many changed."""
    borrowers = await _read(uow, day_end, customer_ids)
    rules, through, after = class_rules(uow.lender), day_end.day, day_end.after
    found: list[tuple[int, Change]] = []
    for customer_id, borrower in borrowers.items():
        if borrower.is_unclear:
            known = await load_borrower(uow, customer_id)
            borrower.facilities = known.facilities_as_known(known_on=date.max, through=through)
        found += [
            (customer_id, change)
            for change in derive_changes(
                borrower.facilities, rules, through=through, since=borrower.states, after=after
            )
        ]
    await _write(uow, found, known_from=through)
    await _tell(uow, found, borrowers)
    return sum(len(borrower.facilities) for borrower in borrowers.values()), len(found)


async def _tell(uow: UnitOfWork, found: Sequence[tuple[int, Change]], borrowers: dict[int, LateBorrower]) -> None:
    """Tells other programs which loans and cards have another class."""
    events: list[Happened] = []
    for customer_id, change in found:
        opened_on = borrowers[customer_id].opened_on(change.key, default=change.on)
        if (event := class_changed(change, customer_id=customer_id, opened_on=opened_on)) is not None:
            events.append(event)
    if events:
        await event_repository.copy_events(uow.session, events, await moment_of(uow))


async def _write(uow: UnitOfWork, found: Sequence[tuple[int, Change]], *, known_from: date) -> None:
    if not found:
        return
    changed = sorted({customer_id for customer_id, _ in found})
    numbers = await change_repository.last_numbers(uow.session, changed)
    rows: list[tuple[int, int, Change]] = []
    states: dict[tuple[int, FacilityKey], FacilityState | None] = {}
    for customer_id, change in found:
        place = customer_id, change.key
        numbers[place] = numbers.get(place, 0) + 1
        rows.append((customer_id, numbers[place], change))
        states[place] = change.after
    await change_repository.copy_changes(uow.session, rows, known_from=known_from)
    await change_repository.put_states(uow.session, states)


async def _read(uow: UnitOfWork, day_end: JudgedDay, customer_ids: Sequence[int]) -> dict[int, LateBorrower]:
    """The borrowers of a range with their facilities, as the bills say it."""
    after, through = day_end.after, day_end.day
    found = {customer_id: LateBorrower() for customer_id in customer_ids}
    stored = await change_repository.list_states(uow.session, customer_ids)
    for customer_id, states in stored.items():
        found[customer_id].states = BorrowerStates(_standing(states), states)
    arrears: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in await late_repository.list_arrears(uow.session, customer_ids, after=after, through=through):
        arrears[row.customer_id, row.loan_id].append(row)
    for loan in await late_repository.list_loans(uow.session, customer_ids, after=after):
        bills = arrears.get((loan.customer_id, loan.id), ())
        borrower = found[loan.customer_id]
        borrower.facilities.append(_facility(loan, bills))
        if bills and any(map(_leaves_a_charge, bills)):
            product = await product_repository.get_product(uow.session, loan.product_code, loan.product_version)
            borrower.is_unclear |= product.repayment.late_charge is not None
    # Their bills do not say what was repaid since the restructuring.
    for customer_id in await change_of_loan_repository.list_restructured(uow.session, customer_ids):
        found[customer_id].is_unclear = True
    for customer_id, facilities in (await reported_repository.list_present(uow.session, customer_ids)).items():
        found[customer_id].facilities += facilities
    return found


def _standing(states: dict[FacilityKey, FacilityState]) -> Standing:
    """The standing that the stored states of a borrower's facilities say. Only being non-performing goes on."""
    for state in states.values():
        if state.non_performing_since is not None and state.asset_class is not None:
            return Standing(state.asset_class, state.non_performing_since, state.by)
    return GOOD


def _facility(loan: Any, bills: Sequence[Any]) -> Facility:
    lost_on = loan.closed_on if loan.status == "written_off" else None
    return Facility(
        key=FacilityKey(ProductKind.LOAN, loan.id),
        opened_on=loan.disbursed_on,
        closed_on=loan.closed_on,
        lost_on=lost_on,
        arrears=tuple(_arrears(bills)),
    )


def _arrears(bills: Sequence[Any]) -> Iterator[Arrear]:
    for _, _, cycle, due_on, settled_on, _, owed_paise in bills:
        yield Arrear(cycle, due_on, settled_on if owed_paise == 0 else None)


def _leaves_a_charge(bill: Any) -> bool:
    """Whether interest and principal of a bill may have been paid before its charge: then its row does not say when."""
    if bill.owed_paise:
        return False
    return bill.settled_on is None or (bill.closed_on is not None and bill.settled_on > bill.closed_on)


def day_before(business_date: date) -> date:
    """The latest day-end that is over on a business date."""
    return business_date - timedelta(days=1)
