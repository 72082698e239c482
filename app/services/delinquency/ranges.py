"""Judges one range of a day-end: some thousand borrowers in one transaction.

Borrowers who are past due, or whose class may change, are read many at a time, decided by the same pure functions that
answer about one loan, and only changes are written. A loan whose bills do not say when its instalments were cleared,
because a charge was left, is lived again. If a worker is killed, the transaction of its range is rolled back, and the
range waits for another one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.db.repositories.delinquency import changes as change_repository
from app.db.repositories.delinquency import day_ends as repository
from app.db.repositories.delinquency import late_facilities as late_repository
from app.db.repositories.delinquency import reported as reported_repository
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
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency import suspense
from app.services.delinquency.borrowers import class_rules, load_borrower
from app.services.events.publishing import moment_of
from app.services.unit_of_work import UnitOfWork


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


async def judge_range(uow: UnitOfWork, day_end: JudgedDay, number: int) -> None:
    """Judges a range of a day-end, unless another worker has done it. Waits for a worker that is at it."""
    claimed = await repository.take_range(uow.session, day_end.day, number)
    if claimed is None:
        return
    if claimed.loan_ids is not None:
        for key in map(LoanKey, claimed.customer_ids, claimed.loan_ids):
            await suspense.move_interest(uow, key, through=day_end.day)
        return
    facilities, changes = await _judge(uow, day_end, claimed.customer_ids)
    await repository.count_judged(uow.session, day_end.day, facilities=facilities, changes=changes)


async def _judge(uow: UnitOfWork, day_end: JudgedDay, customer_ids: Sequence[int]) -> tuple[int, int]:
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
        found[customer_id].facilities += [known.facility for known in facilities]
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
