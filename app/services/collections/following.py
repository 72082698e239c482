"""Follows a day-end: cases open, change and close, and promises are found kept or broken.

The job is asked for when a day-end is judged. It reads many customers at a time and writes only what changed. A second
run of a day-end finds nothing to do; a worker that dies leaves its customers to the next one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.collections import cases as case_repository
from app.db.repositories.collections import entries as entry_repository
from app.db.repositories.collections import followed as repository
from app.db.repositories.collections import promises as promise_repository
from app.db.repositories.collections.assigning import CaseKey
from app.db.repositories.collections.entries import EntryKind, NewEntry
from app.db.repositories.collections.promises import StoredPromise
from app.domain.collections.cases import Case, Figures, follow
from app.domain.collections.collection_events import OF_STATUS
from app.domain.collections.promises import Promise, PromiseStatus, Verdict, judge_promises, prevailing
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.people.access import SYSTEM
from app.domain.rulebook.kinds import ProductKind
from app.services.cards import accounts as card_accounts
from app.services.collections.diary import written
from app.services.collections.promises import event_of
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Customers in one transaction.
RANGE_SIZE: Final = 1_000
ENTRIES: Final = {
    PromiseStatus.OPEN: EntryKind.PROMISE_REOPENED,
    PromiseStatus.KEPT: EntryKind.PROMISE_KEPT,
    PromiseStatus.BROKEN: EntryKind.PROMISE_BROKEN,
}


class _Judged(NamedTuple):
    """A promise as it was, and how it stands now."""

    stored: StoredPromise
    verdict: Verdict

    @property
    def now(self) -> StoredPromise:
        promise = self.stored.promise
        changed = Promise(
            id=promise.id,
            amount_paise=promise.amount_paise,
            pay_by=promise.pay_by,
            made_on=promise.made_on,
            made_at=promise.made_at,
            status=self.verdict.status,
        )
        return self.stored._replace(promise=changed, verdict=self.verdict)


async def follow_day_ends(uow_factory: UnitOfWorkFactory, payload: dict[str, Any], *, until: datetime) -> bool:
    """The job: follows the day-ends through `payload["through"]`. False when the time is up before it is done, or
    while another worker has the rest."""
    through = date.fromisoformat(payload["through"])
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            step = await follow_step(uow, through=through)
        if step is not None:
            return step
        if uow_factory.clock() >= until:
            return False


async def follow_step(uow: UnitOfWork, *, through: date) -> bool | None:
    """Opens a day-end, follows some customers, or finishes the day-end. True when all is done, None when there is more
    to do, False when another worker has the rest."""
    latest = await repository.find_latest(uow.session)
    if latest is None or (latest.finished_at is not None and latest.day < through):
        today = await uow.business_date()
        customers = await repository.list_customers(uow.session, since=today if latest is None else latest.ran_on)
        ranges = [customers[start : start + RANGE_SIZE] for start in range(0, len(customers), RANGE_SIZE)]
        await repository.open_day(uow.session, through, ran_on=today, ranges=ranges, now=uow.now)
        return None
    if latest.finished_at is not None:
        return True
    claimed = await repository.claim_range(uow.session, latest.day)
    if claimed is None:
        done = await repository.finish_day(uow.session, latest.day, now=uow.now)
        if done is None:
            return False
        cases_written, verdicts_written = done
        uow.log_after_commit(
            "work list followed", day=latest.day.isoformat(), cases=cases_written, verdicts=verdicts_written
        )
        return None
    cases = await _follow_cases(uow, claimed.customer_ids, through=latest.day)
    verdicts = await _judge(uow, claimed.customer_ids, through=latest.day, opened=cases)
    await repository.finish_range(uow.session, latest.day, claimed.number, cases=len(cases), verdicts=verdicts)
    return None


# --- cases -----------------------------------------------------------------------------------------------------------


async def _follow_cases(uow: UnitOfWork, customer_ids: Sequence[int], *, through: date) -> dict[CaseKey, Case]:
    """Writes the cases that changed, and returns them."""
    stored = await repository.list_stored(uow.session, customer_ids)
    figures = await _figures(uow, customer_ids, through=through)
    changed = {}
    for key in sorted(stored.keys() | figures.keys()):
        if (case := follow(stored.get(key), figures.get(key), on=through)) is not None:
            changed[key] = case
    await repository.put_cases(uow.session, changed)
    return changed


async def _figures(uow: UnitOfWork, customer_ids: Sequence[int], *, through: date) -> dict[CaseKey, Figures]:
    """The loans and cards of customers that are past due and owe something of it still."""
    late = {
        CaseKey(row.customer_id, FacilityKey(ProductKind(row.kind), row.facility_id)): row
        for row in await repository.list_late(uow.session, customer_ids)
    }
    overdue = await repository.sum_overdue(uow.session, customer_ids, through=through)
    cards = [key for key in late if key.facility.kind is ProductKind.CARD]
    overdue |= await _of_cards(uow, cards, through=through)
    return {
        key: Figures(row.oldest_due_on, AssetClass(row.asset_class), overdue[key])
        for key, row in late.items()
        if overdue.get(key, 0) > 0
    }


async def _of_cards(uow: UnitOfWork, keys: Sequence[CaseKey], *, through: date) -> dict[CaseKey, int]:
    """What is unpaid of minimum dues. A later statement asks for what an earlier one left, so the largest counts."""
    found = {}
    for row in await repository.list_card_accounts(uow.session, keys):
        working = await card_accounts.work_on(uow, AccountKey(row.customer_id, row.id), row)
        due = [one.minimum_unpaid_paise for one in working.state.statements if one.due_on <= through]
        found[CaseKey(row.customer_id, FacilityKey(ProductKind.CARD, row.id))] = max(due, default=0)
    return found


# --- promises --------------------------------------------------------------------------------------------------------


async def _judge(uow: UnitOfWork, customer_ids: Sequence[int], *, through: date, opened: Iterable[CaseKey]) -> int:
    """Judges the promises of customers, and writes and tells what changed. Returns how many promises stand
    otherwise than before."""
    of_facility: dict[CaseKey, list[StoredPromise]] = defaultdict(list)
    for stored in await promise_repository.list_of_customers(uow.session, customer_ids):
        of_facility[CaseKey(stored.customer_id, stored.facility)].append(stored)
    if not of_facility:
        return 0
    since = min(stored.promise.made_at for each in of_facility.values() for stored in each)
    receipts = await promise_repository.list_receipts(uow.session, of_facility, since=since)
    judged: dict[CaseKey, list[_Judged]] = {}
    for key, promises in of_facility.items():
        verdicts = judge_promises([each.promise for each in promises], receipts.get(key, []), through=through)
        by_id = {verdict.promise_id: verdict for verdict in verdicts}
        judged[key] = [_Judged(each, by_id[each.promise.id]) for each in promises]
    changed = [one for each in judged.values() for one in each if one.stored.verdict != one.verdict]
    kept = await promise_repository.put_verdicts(
        uow.session, [(one.stored.customer_id, one.verdict) for one in changed], on=await uow.business_date()
    )
    changed = [one for one in changed if (one.stored.customer_id, one.verdict.promise_id) in kept]
    touched = {CaseKey(one.stored.customer_id, one.stored.facility) for one in changed} | set(opened)
    await case_repository.put_promises(
        uow.session,
        {
            (key.customer_id, key.facility): prevailing(one.now.promise for one in judged[key])
            for key in touched & judged.keys()
        },
    )
    turned = [one for one in changed if one.stored.verdict.status is not one.verdict.status]
    await _tell(uow, turned)
    return len(turned)


async def _tell(uow: UnitOfWork, turned: Sequence[_Judged]) -> None:
    """Writes into the diary, and tells other programs, how promises turned out."""
    entries = [
        NewEntry(
            customer_id=one.stored.customer_id,
            facility=one.stored.facility,
            kind=ENTRIES[one.verdict.status],
            details={"promise": one.verdict.promise_id, "paid_paise": one.verdict.paid_paise},
        )
        for one in turned
    ]
    await entry_repository.add_entries(uow.session, entries, await written(uow))
    if turned:
        await publish(uow, *(event_of(OF_STATUS[one.verdict.status], one.now) for one in turned))
