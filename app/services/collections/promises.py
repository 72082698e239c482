"""Promises to pay: made, withdrawn and listed by staff. The daily run says whether one is kept (`following`)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.db.repositories.collections import cases as case_repository
from app.db.repositories.collections import entries as entry_repository
from app.db.repositories.collections import promises as repository
from app.db.repositories.collections.assigning import CaseKey
from app.db.repositories.collections.entries import EntryKind, NewEntry
from app.db.repositories.collections.promises import PromiseFilter, PromiseLine, StoredPromise
from app.domain.collections.collection_events import promise_event
from app.domain.collections.notes import check_note
from app.domain.collections.promises import (
    Promise,
    PromiseStatus,
    check_promise,
    check_withdrawal,
    prevailing,
)
from app.domain.events.catalog import EventType
from app.domain.public_ids import LoanReference
from app.services.collections.diary import add_entry, written
from app.services.collections.facilities import FacilityEnded, check_staff, find_facility
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWork


async def make_promise(
    uow: UnitOfWork,
    *,
    amount_paise: int,
    pay_by: date,
    loan: LoanReference | None = None,
    account_id: int | None = None,
    note: str | None = None,
) -> StoredPromise:
    """Notes that a borrower promised to pay an amount by a day, on a loan or a card account.

    Raises Forbidden, FacilityAmbiguous, LoanNotFound, CardAccountNotFound, FacilityEnded, PromiseDateInvalid,
    PromiseDuplicate, NoteInvalid, NoteHoldsIdentityNumber.
    """
    check_staff(uow)
    text = None if note is None else check_note(note, field="note")
    found = await find_facility(uow, loan=loan, account_id=account_id)
    if not found.is_open:
        raise FacilityEnded("nothing is promised on a loan or a card account that has ended", field="loan_id")
    today = await uow.business_date()
    before = await repository.list_of_facility(uow.session, found.key)
    waiting = [one.promise.pay_by for one in before if one.promise.status is PromiseStatus.OPEN]
    check_promise(pay_by=pay_by, today=today, open_days=waiting)
    promise = Promise(
        id=await repository.next_promise_number(uow.session),
        amount_paise=amount_paise,
        pay_by=pay_by,
        made_on=today,
        made_at=uow.now,
    )
    made = await repository.add_promise(
        uow.session, found.key, promise, loan_year=found.loan_year, actor=uow.actor.label
    )
    await entry_repository.add_entries(uow.session, [_entry(found.key, promise, text)], await written(uow))
    await show_prevailing(uow, found.key, [made, *before])
    await publish(uow, event_of(EventType.PROMISE_MADE, made))
    await _record(uow, "promise_made", made)
    return made


def _entry(key: CaseKey, promise: Promise, text: str | None) -> NewEntry:
    details = {"promise": promise.id, "amount_paise": promise.amount_paise, "pay_by": promise.pay_by.isoformat()}
    return NewEntry(
        customer_id=key.customer_id, facility=key.facility, kind=EntryKind.PROMISE_MADE, text=text, details=details
    )


async def withdraw_promise(uow: UnitOfWork, number: int) -> StoredPromise:
    """Withdraws an open promise, which was noted by mistake or agreed otherwise. Raises Forbidden, PromiseNotFound,
    PromiseDecided."""
    check_staff(uow)
    found = await repository.get_promise(uow.session, number)
    check_withdrawal(found.promise)
    verdict = found.verdict._replace(status=PromiseStatus.WITHDRAWN)
    key = CaseKey(found.customer_id, found.facility)
    await repository.put_verdicts(uow.session, [(found.customer_id, verdict)], on=await uow.business_date())
    await add_entry(uow, key, EntryKind.PROMISE_WITHDRAWN, promise=number)
    await show_prevailing(uow, key, await repository.list_of_facility(uow.session, key))
    withdrawn = await repository.get_promise(uow.session, number)
    await publish(uow, event_of(EventType.PROMISE_WITHDRAWN, withdrawn))
    await _record(uow, "promise_withdrawn", withdrawn)
    return withdrawn


async def view_promise(uow: UnitOfWork, number: int) -> StoredPromise:
    """A promise. Raises Forbidden, PromiseNotFound."""
    check_staff(uow)
    return await repository.get_promise(uow.session, number)


async def list_promises(
    uow: UnitOfWork, wanted: PromiseFilter, *, after: tuple[Any, ...] | None, limit: int
) -> list[PromiseLine]:
    """A page of promises, by the promised day. Raises Forbidden."""
    check_staff(uow)
    return await repository.list_promises(uow.session, wanted, after=after, limit=limit)


async def show_prevailing(uow: UnitOfWork, key: CaseKey, promises: Sequence[StoredPromise]) -> None:
    """Writes the promise that lists show on the case."""
    shown = prevailing(one.promise for one in promises)
    await case_repository.put_promises(uow.session, {(key.customer_id, key.facility): shown})


def event_of(kind: EventType, stored: StoredPromise) -> Any:
    """The event about a promise as it stands."""
    return promise_event(
        kind,
        stored.promise,
        stored.verdict,
        customer_id=stored.customer_id,
        facility=stored.facility,
        loan_year=stored.loan_year,
    )


async def _record(uow: UnitOfWork, action: str, stored: StoredPromise) -> None:
    await uow.record(
        action,
        object_kind="promise",
        object_id=str(stored.promise.id),
        customer_id=stored.customer_id,
        details={"amount_paise": stored.promise.amount_paise, "pay_by": stored.promise.pay_by.isoformat()},
    )
