"""Notes and contacts: what staff write about a customer, a loan or a card account.

Texts may be personal data. They are stored in the diary and nowhere else: not in the audit trail, no event, no log.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.repositories.collections import cases as case_repository
from app.db.repositories.collections import entries as repository
from app.db.repositories.collections.assigning import CaseKey
from app.db.repositories.collections.entries import EntryKind, NewEntry, StoredEntry, Written
from app.domain.collections.contact import Channel, Outcome, check_contact
from app.domain.collections.notes import check_note
from app.domain.delinquency.facilities import FacilityKey
from app.domain.public_ids import LoanReference
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import ProductKind
from app.domain.rulebook.rules import Rule
from app.services.collections.facilities import (
    FacilityAmbiguous,
    check_staff,
    find_customer,
    find_facility,
)
from app.services.unit_of_work import INDIA, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom or what a request is about: exactly one of a loan, a card account and a customer."""

    loan: LoanReference | None = None
    account_id: int | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt to contact a borrower. Without `at` it was made now."""

    channel: Channel
    outcome: Outcome
    at: datetime | None = None
    text: str | None = None


async def add_note(uow: UnitOfWork, about: Subject, text: str) -> StoredEntry:
    """Writes a note on a loan, a card account or a customer.

    Raises Forbidden, NoteInvalid, NoteHoldsIdentityNumber, and what finding them raises.
    """
    check_staff(uow)
    note = check_note(text)
    customer_id, facility = await find_subject(uow, about)
    return await _write(uow, NewEntry(customer_id=customer_id, facility=facility, kind=EntryKind.NOTE, text=note))


async def note_attempt(uow: UnitOfWork, about: Subject, attempt: Attempt) -> StoredEntry:
    """Writes an attempt to contact a borrower, if it was made inside the lawful hours.

    Raises Forbidden, ContactInFuture, ContactOutsideHours, NoteInvalid, NoteHoldsIdentityNumber, and what finding the
    loan, card account or customer raises.
    """
    check_staff(uow)
    note = None if attempt.text is None else check_note(attempt.text)
    customer_id, facility = await find_subject(uow, about)
    at = attempt.at or uow.now
    kind = ProductKind.LOAN if facility is None else facility.kind
    hours = RULEBOOK.find_or_none(
        Rule.RECOVERY_CONTACT_HOURS, on=at.astimezone(INDIA).date(), lender=uow.lender, product=kind
    )
    check_contact(attempt.channel, at, now=uow.now, zone=INDIA, hours=hours)
    if facility is not None:
        await case_repository.put_contact(uow.session, customer_id, facility, at=at)
    return await _write(
        uow,
        NewEntry(
            customer_id=customer_id,
            facility=facility,
            kind=EntryKind.ATTEMPT,
            text=note,
            details={"channel": attempt.channel.value, "outcome": attempt.outcome.value},
            happened_at=at,
        ),
    )


async def list_entries(uow: UnitOfWork, about: Subject, *, before: int = 2**62, limit: int) -> list[StoredEntry]:
    """The diary, the newest entry first: of a customer, everything; of a loan or card account, its own entries and
    those about the customer. Raises Forbidden, and what finding them raises."""
    check_staff(uow)
    customer_id, facility = await find_subject(uow, about)
    return await repository.list_entries(uow.session, customer_id, facility=facility, before=before, limit=limit)


async def find_subject(uow: UnitOfWork, about: Subject) -> tuple[int, FacilityKey | None]:
    """The customer, and the loan or card. Raises FacilityAmbiguous and what finding them raises."""
    if sum(each is not None for each in (about.loan, about.account_id, about.customer_id)) != 1:
        raise FacilityAmbiguous("name exactly one of a loan, a card account and a user", field="loan_id")
    if about.customer_id is not None:
        return await find_customer(uow, about.customer_id), None
    found = await find_facility(uow, loan=about.loan, account_id=about.account_id)
    return found.key.customer_id, found.key.facility


async def written(uow: UnitOfWork) -> Written:
    """When and by whom entries of this unit of work are written."""
    return Written(uow.now, await uow.business_date(), uow.actor.label)


async def add_entry(uow: UnitOfWork, key: CaseKey, kind: EntryKind, **details: Any) -> None:
    """Writes that something was decided about a loan or a card. `details` hold no personal data."""
    entry = NewEntry(customer_id=key.customer_id, facility=key.facility, kind=kind, details=details)
    await repository.add_entries(uow.session, [entry], await written(uow))


async def _write(uow: UnitOfWork, entry: NewEntry) -> StoredEntry:
    by = await written(uow)
    (number,) = await repository.add_entries(uow.session, [entry], by)
    await uow.record(
        entry.kind.value,
        object_kind="collection_entry",
        object_id=str(number),
        customer_id=entry.customer_id,
        details=dict(entry.details) or None,
    )
    (stored,) = await repository.list_entries(uow.session, entry.customer_id, facility=None, before=number + 1, limit=1)
    return stored
