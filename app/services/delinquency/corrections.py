"""Judges one borrower again, because the past turned out otherwise: a backdated payment, or one that bounced.

The whole history is derived anew and compared with what is believed. Rows that are no longer true end today and stay,
so that what was believed, and reported, on any day can be read. Rows that were not known begin today.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app.db.repositories.delinquency import changes as repository
from app.db.repositories.delinquency import day_ends as day_end_repository
from app.db.repositories.delinquency import suspense as suspense_repository
from app.db.repositories.delinquency.changes import StoredChange
from app.domain.delinquency.changes import STANDARD_STATE, Change, ChangeReason, FacilityState, derive_changes
from app.domain.delinquency.class_events import class_corrected
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.people.access import SYSTEM
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency import suspense
from app.services.delinquency.borrowers import Borrower, LoanBroken, class_rules, load_borrower
from app.services.events.publishing import publish
from app.services.lending.calculations import calculate
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory


class Correction(NamedTuple):
    """What changes in the belief about a borrower: rows that end, rows that begin (with their numbers), new states."""

    ended: Sequence[tuple[FacilityKey, int]]
    begun: Sequence[tuple[int, int, Change]]
    states: Mapping[tuple[int, FacilityKey], FacilityState | None]


async def judge_borrower(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
    """The job: derives a borrower's classes again. False while a day-end is being judged: the job then waits. Raises
    LoanBroken: the job is tried again until the loan is mended. `known_on` is by default the business date of the try.
    """
    async with uow_factory.open(SYSTEM) as uow:
        await day_end_repository.lock_classes(uow.session)
        latest = await day_end_repository.find_latest(uow.session)
        if latest is not None and latest.finished_at is None:
            return False
        if latest is not None:
            known = payload.get("known_on")
            known_on = await uow.business_date() if known is None else date.fromisoformat(known)
            await correct(uow, payload["customer_id"], through=latest.day, known_on=known_on)
    return True


class ClassDifference(NamedTuple):
    """A facility whose stored history of classes, or interest in suspense, does not follow from its life."""

    key: FacilityKey
    figure: str
    stored: object
    derived: object


async def reconcile_borrower(uow: UnitOfWork, customer_id: int) -> list[ClassDifference]:
    """Where the believed history of a borrower's classes differs from what is derived. Empty while a correction or a
    day-end is under way, because the difference then passes by itself."""
    latest = await day_end_repository.find_latest(uow.session)
    if latest is None or latest.finished_at is None:
        return []
    if await day_end_repository.is_correction_waiting(uow.session, customer_id):
        return []
    stored = await repository.list_changes(uow.session, customer_id)
    try:
        derived = await _derive(uow, await load_borrower(uow, customer_id), through=latest.day)
    except LoanBroken as broken:
        return [ClassDifference(FacilityKey(ProductKind.LOAN, broken.loan_id), "life", "no error", broken.fault)]
    correction = compare(customer_id, stored, derived)
    believed = [each.change for each in stored if each.known_until is None]
    keys = sorted({key for key, _ in correction.ended} | {change.key for _, _, change in correction.begun})
    found = [ClassDifference(key, "classes", *_spoken(believed, derived, key)) for key in keys]
    for loan in await suspense_repository.list_moved(uow.session, customer_id):
        posted, wanted = await suspense.suspense_to_post(uow, loan, through=latest.day)
        if posted != wanted:
            found.append(ClassDifference(FacilityKey(ProductKind.LOAN, loan.loan_id), "suspense", posted, wanted))
    return found


def _spoken(stored: Sequence[Change], derived: Sequence[Change], key: FacilityKey) -> list[tuple[str, ...]]:
    """Both histories of a facility as dates and classes; where these are the same, also what else differs, by name."""
    both = [[said(change) for change in changes if change.key == key] for changes in (stored, derived)]
    seen, wanted = ([(row.on, row.asset_class) for row in rows] for rows in both)
    names: list[str] = []
    if seen == wanted:
        pairs = list(zip(*both, strict=True))
        names = [name for name in Said._fields if any(getattr(one, name) != getattr(two, name) for one, two in pairs)]
    return [tuple(row.spoken(names) for row in rows) for rows in both]


async def _derive(uow: UnitOfWork, borrower: Borrower, *, through: date) -> list[Change]:
    rules = class_rules(uow.lender)

    def derive() -> list[Change]:
        facilities = borrower.facilities_as_known(known_on=date.max, through=through)
        return derive_changes(facilities, rules, through=through)

    return await calculate(derive, rows=borrower.rows)


async def correct(uow: UnitOfWork, customer_id: int, *, through: date, known_on: date) -> Correction:
    """Brings what is believed of a borrower up to what was known on a day. The caller holds `lock_classes`.

    If that was before the latest day-end, because the job waited, the day-end believed what was not true: it is
    believed otherwise from then on.
    """
    stored = await repository.list_changes(uow.session, customer_id)
    known_on = max(known_on, through, *(each.known_from for each in stored))
    borrower = await load_borrower(uow, customer_id)
    derived = await _derive(uow, borrower, through=through)
    correction = compare(customer_id, stored, derived)
    await repository.end_changes(uow.session, customer_id, correction.ended, known_until=known_on)
    await repository.copy_changes(uow.session, correction.begun, known_from=known_on)
    await repository.put_states(uow.session, correction.states)
    await _tell(uow, borrower, stored, correction, through=through)
    for key in await suspense_repository.list_moved(uow.session, customer_id):
        await suspense.move_interest(uow, key, through=through)
    return correction


async def _tell(
    uow: UnitOfWork, borrower: Borrower, stored: Sequence[StoredChange], correction: Correction, *, through: date
) -> None:
    """Tells other programs which loans and cards have another class at the latest day-end than was believed."""
    before: dict[FacilityKey, AssetClass | None] = {}
    for each in sorted(stored, key=lambda each: (each.change.on, each.number)):
        if each.known_until is None:
            before[each.change.key] = each.change.after.asset_class
    opened = {FacilityKey(ProductKind.LOAN, loan.loan_id): loan.disbursed_on for loan, _, _ in borrower.loans}
    events = [
        class_corrected(
            key,
            before.get(key, AssetClass.STANDARD),
            state or STANDARD_STATE,
            on=through,
            customer_id=customer_id,
            opened_on=opened.get(key, through),
        )
        for (customer_id, key), state in correction.states.items()
    ]
    if told := [event for event in events if event is not None]:
        await publish(uow, *told)


def compare(customer_id: int, stored: Sequence[StoredChange], derived: Sequence[Change]) -> Correction:
    """The difference between what is believed and what is derived: for each facility, everything from the first row
    that differs."""
    believed: dict[FacilityKey, list[StoredChange]] = defaultdict(list)
    numbers: dict[FacilityKey, int] = defaultdict(int)
    for each in stored:
        numbers[each.change.key] = max(numbers[each.change.key], each.number)
        if each.known_until is None:
            believed[each.change.key].append(each)
    now: dict[FacilityKey, list[Change]] = defaultdict(list)
    for change in derived:
        now[change.key].append(change)
    ended: list[tuple[FacilityKey, int]] = []
    begun: list[tuple[int, int, Change]] = []
    states: dict[tuple[int, FacilityKey], FacilityState | None] = {}
    for key in sorted(believed.keys() | now.keys()):
        before = sorted(believed[key], key=lambda each: (each.change.on, each.number))
        same = _common([said(each.change) for each in before], [said(change) for change in now[key]])
        ended += [(key, each.number) for each in before[same:]]
        begun += [
            (customer_id, number, change) for number, change in enumerate(now[key][same:], start=numbers[key] + 1)
        ]
        if len(before) > same or len(now[key]) > same:
            states[customer_id, key] = now[key][-1].after if now[key] else None
    return Correction(ended, begun, states)


class Said(NamedTuple):
    """What a stored row says of a change. Who gives the class counts while the borrower is non-performing: the next
    day-end goes on from it."""

    on: date
    class_before: AssetClass | None
    asset_class: AssetClass | None
    oldest_due_on: date | None
    cycle: int | None
    non_performing_since: date | None
    by: FacilityKey | None
    reason: ChangeReason

    def spoken(self, names: Sequence[str]) -> str:
        """The day-end, the class, and these of the other fields by name."""
        by = None if self.by is None else f"{self.by.kind} {self.by.number}"
        values = self._asdict() | {"by": by}
        return ", ".join([f"{self.on} {self.asset_class}", *(f"{name} {values[name]}" for name in names)])


def said(change: Change) -> Said:
    """What a stored row says of a change."""
    asset_class, oldest_due_on, cycle, since, by = change.after
    by = None if since is None else by
    return Said(change.on, change.before.asset_class, asset_class, oldest_due_on, cycle, since, by, change.reason)


def _common(first: Sequence[object], second: Sequence[object]) -> int:
    """How many rows at the beginning are the same."""
    same = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        same += 1
    return same
