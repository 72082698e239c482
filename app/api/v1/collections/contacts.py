"""Notes, and attempts to contact a borrower inside the lawful hours."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import AwareDatetime, Field, StringConstraints

from app.api.deps import OFFICERS, KistRouter, OnceDep, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import CardAccountId, CardAccountIdOut, LoanId, LoanIdOut, UserId, UserIdOut
from app.api.schemas import Answer, CursorText, Page, PageLimit, example
from app.api.v1.collections.case_schemas import OfLoanOrCard, facility_ids
from app.db.repositories.collections.entries import EntryKind, StoredEntry
from app.domain.collections.contact import Channel, Outcome
from app.domain.collections.notes import LONGEST_NOTE
from app.domain.cursors import read_number
from app.services.collections import diary
from app.services.collections.diary import Attempt, Subject

router = KistRouter(prefix="/collections", tags=["Collections"])

Note = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE)]


class AboutBody(OfLoanOrCard):
    """A body about a loan, a card account or a user: exactly one of them."""

    user_id: UserId | None = None

    @property
    def subject(self) -> Subject:
        """Whom or what it is about."""
        return Subject(loan=self.loan_id, account_id=self.card_account_id, customer_id=self.user_id)


class NoteBody(AboutBody):
    """A note. A full Aadhaar number in it is refused."""

    model_config = example({"loan_id": "LN-2026-0001", "text": "Works away from home until Friday."})

    text: Note


class AttemptBody(AboutBody):
    """An attempt to contact a borrower. `at` is now unless it is given, with its time zone."""

    model_config = example({"loan_id": "LN-2026-0001", "channel": "call", "outcome": "reached", "text": "Will pay."})

    channel: Channel
    outcome: Outcome
    at: AwareDatetime | None = None
    text: Note | None = None


class EntryAnswer(Answer):
    """An entry of the diary: a note, an attempt, or what was decided. `details` depend on the kind of entry."""

    entry_id: int
    kind: EntryKind
    user_id: UserIdOut
    loan_id: LoanIdOut | None
    card_account_id: CardAccountIdOut | None
    text: str | None
    details: dict[str, Any]
    happened_at: datetime
    written_at: datetime
    written_on: date
    by: str = Field(examples=["officer:5"])


def present_entry(entry: StoredEntry) -> EntryAnswer:
    """An entry as it is sent: amounts of its details in rupees."""
    shown = {
        name.removesuffix("_paise"): value / 100 if name.endswith("_paise") else value
        for name, value in entry.details.items()
    }
    return EntryAnswer(
        entry_id=entry.id,
        kind=entry.kind,
        user_id=entry.customer_id,
        **facility_ids(entry.facility, loan_year=entry.loan_year),
        text=entry.text,
        details=shown,
        happened_at=entry.happened_at,
        written_at=entry.written_at,
        written_on=entry.written_on,
        by=entry.actor,
    )


@router.post(
    "/notes",
    status_code=201,
    response_model=EntryAnswer,
    dependencies=[OFFICERS],
    summary="Write a note on a loan, a card account or a user",
)
async def write_note(body: NoteBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Adds a note to the diary. It cannot be changed or removed. Its text is in no log, event or audit record."""
    if first := await once.first_answer():
        return first
    return await once.keep(present_entry(await diary.add_note(uow, body.subject, body.text)))


@router.post(
    "/contacts",
    status_code=201,
    response_model=EntryAnswer,
    dependencies=[OFFICERS],
    summary="Note an attempt to contact a borrower",
)
async def note_contact(body: AttemptBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Adds an attempt to the diary. Outside the hours of the rulebook, in the lender's time zone, it is refused:
    borrowers must not be contacted then."""
    if first := await once.first_answer():
        return first
    attempt = Attempt(channel=body.channel, outcome=body.outcome, at=body.at, text=body.text)
    return await once.keep(present_entry(await diary.note_attempt(uow, body.subject, attempt)))


@router.get("/diary", dependencies=[OFFICERS], summary="Read the diary of a loan, a card account or a user")
async def list_diary(
    uow: ReadingDep,
    loan_id: Annotated[LoanId | None, Query(description="The entries of this loan, and those about its user")] = None,
    card_account_id: Annotated[
        CardAccountId | None, Query(description="The entries of this card account, and those about its user")
    ] = None,
    user_id: Annotated[UserId | None, Query(description="All entries of this user")] = None,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[EntryAnswer]:
    """Lists the entries, the newest first. Name exactly one of a loan, a card account and a user. Send `next_cursor` as
    `cursor` to get older entries."""
    about = Subject(loan=loan_id, account_id=card_account_id, customer_id=user_id)
    found = await diary.list_entries(uow, about, before=read_number(cursor, default=2**62), limit=limit)
    last = str(found[-1].id) if len(found) == limit else None
    return Page(items=[present_entry(entry) for entry in found], next_cursor=last)
