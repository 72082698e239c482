"""Judges one range of a day-end: some thousand borrowers in one transaction.

Borrowers who are past due, or whose class may change, are read many at a time, decided by the same pure functions that
answer about one loan, and only changes are written. A loan whose bills do not say when its instalments were cleared,
because a charge was left, is lived again. If its rows give no life, its borrower is left to the job that judges one
borrower, and the others go on. If a worker is killed, the transaction of its range is rolled back, and the range waits
for another one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import structlog

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
from app.domain.delinquency.class_events import class_batches
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.standing import GOOD, Standing
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency import suspense
from app.services.delinquency.borrowers import LoanBroken, class_rules, load_borrower
from app.services.events.publishing import moment_of
from app.services.payments.reversals import JUDGE_BORROWER
from app.services.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

# Reading a member from its enum class is slow.
_LOAN: Final = ProductKind.LOAN
STANDARD: Final = AssetClass.STANDARD


@dataclass(slots=True)
class LateBorrower:
    """A borrower in a range: the states that are stored, those at the latest day-end judged, the facilities, and
    whether the loans must be lived again, because their bills do not say when something was paid."""

    stored: Mapping[FacilityKey, FacilityState]
    states: BorrowerStates
    facilities: list[Facility]
    is_unclear: bool = False


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
    """Judges some borrowers. Returns how many facilities were touched, and how many changes there were."""
    borrowers = await _read(uow, day_end, customer_ids)
    rules, through, after = class_rules(uow.lender), day_end.day, day_end.after
    found: list[tuple[int, list[Change]]] = []
    touched = 0
    for customer_id, borrower in borrowers.items():
        if borrower.is_unclear:
            try:
                known = await load_borrower(uow, customer_id)
                borrower.facilities = known.facilities_as_known(known_on=date.max, through=through)
            except LoanBroken as broken:
                log.exception("borrower cannot be judged", customer_id=customer_id, loan_id=broken.loan_id)
                await _put_off(uow, customer_id)
                continue
        touched += len(borrower.facilities)
        changes = derive_changes(borrower.facilities, rules, through=through, since=borrower.states, after=after)
        if changes:
            found.append((customer_id, changes))
    return touched, await _write(uow, found, borrowers, known_from=through)


async def _put_off(uow: UnitOfWork, customer_id: int) -> None:
    """Keeps the classes of a borrower as they are. The job that judges one borrower fails, and shows it, until the loan
    is mended; then it derives whatever was left out. It knows then what it says, so it has no day of its own."""
    if not await repository.is_correction_waiting(uow.session, customer_id):
        await uow.enqueue(JUDGE_BORROWER, key=f"{customer_id}:broken", payload={"customer_id": customer_id})


async def _write(
    uow: UnitOfWork,
    found: Sequence[tuple[int, Sequence[Change]]],
    borrowers: Mapping[int, LateBorrower],
    *,
    known_from: date,
) -> int:
    """Writes the changes, the present states and the events of borrowers. Returns how many changes there were."""
    if not found:
        return 0
    numbers = await change_repository.last_numbers(uow.session, [customer_id for customer_id, _ in found])
    rows: list[tuple[int, int, Change]] = []
    begun: dict[tuple[int, FacilityKey], FacilityState] = {}
    moved: dict[tuple[int, FacilityKey], FacilityState] = {}
    for customer_id, changes in found:
        stored = borrowers[customer_id].stored
        for change in changes:
            key = change.key
            place = customer_id, key
            number = numbers[place] = numbers.get(place, 0) + 1
            rows.append((customer_id, number, change))
            (moved if key in stored else begun)[place] = change.after
    await change_repository.copy_changes(uow.session, rows, known_from=known_from)
    # What came and went since the day-end before leaves no state.
    await change_repository.copy_states(
        uow.session, {place: state for place, state in begun.items() if state.asset_class not in (None, STANDARD)}
    )
    await change_repository.put_states(uow.session, moved)
    if batches := class_batches(rows):
        await event_repository.copy_events(uow.session, batches, await moment_of(uow))
    return len(rows)


async def _read(uow: UnitOfWork, day_end: JudgedDay, customer_ids: Sequence[int]) -> dict[int, LateBorrower]:
    """The borrowers of a range with their facilities, as the bills say it."""
    after, through = day_end.after, day_end.day
    states = await change_repository.list_states(uow.session, customer_ids)
    found = {customer_id: _borrower(states.get(customer_id)) for customer_id in customer_ids}
    arrears: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in await late_repository.list_arrears(uow.session, customer_ids, after=after, through=through):
        # Columns are read by their places: a day-end reads a row for every bill that is past due.
        arrears[row[0], row[1]].append(row)
    for loan in await late_repository.list_loans(uow.session, customer_ids, after=after):
        customer_id, loan_id, status, disbursed_on, closed_on, code, version = loan
        bills = arrears.get((customer_id, loan_id), ())
        borrower = found[customer_id]
        borrower.facilities.append(
            Facility(
                FacilityKey(_LOAN, loan_id),
                opened_on=disbursed_on,
                closed_on=closed_on,
                lost_on=closed_on if status == "written_off" else None,
                arrears=_arrears(bills),
            )
        )
        if any(map(_was_charged, bills)):
            borrower.is_unclear = True
        elif any(map(_may_have_been_charged_late, bills)):
            product = await product_repository.get_product(uow.session, code, version)
            borrower.is_unclear |= product.repayment.late_charge is not None
    # Their bills do not say what was repaid since the restructuring.
    for customer_id in await change_of_loan_repository.list_restructured(uow.session, customer_ids):
        found[customer_id].is_unclear = True
    for customer_id, facilities in (await reported_repository.list_present(uow.session, customer_ids)).items():
        found[customer_id].facilities += [known.facility for known in facilities]
    return found


def _borrower(stored: Mapping[FacilityKey, FacilityState] | None) -> LateBorrower:
    if stored is None:
        return LateBorrower({}, BorrowerStates(), [])
    return LateBorrower(stored, BorrowerStates(_standing(stored), dict(stored)), [])


def _standing(states: Mapping[FacilityKey, FacilityState]) -> Standing:
    """The standing that the stored states of a borrower's facilities say. Only being non-performing goes on."""
    for state in states.values():
        if state.non_performing_since is not None and state.asset_class is not None:
            return Standing(state.asset_class, state.non_performing_since, state.by)
    return GOOD


def _arrears(bills: Sequence[Any]) -> list[Arrear]:
    return [
        Arrear(cycle, due_on, settled_on if owed_paise == 0 else None)
        for _, _, cycle, due_on, settled_on, _, owed_paise, _ in bills
    ]


def _was_charged(bill: Any) -> bool:
    """Whether what a bill asks for may have been paid before its charges: then its row does not say when."""
    return bool(bill[-1]) and not bill[-2]


def _may_have_been_charged_late(bill: Any) -> bool:
    """Whether a charge for being late may have been paid after interest and principal: no trace of it is left."""
    _, _, _, _, settled_on, closed_on, owed_paise, _ = bill
    return not owed_paise and closed_on is not None and settled_on is not None and settled_on > closed_on
