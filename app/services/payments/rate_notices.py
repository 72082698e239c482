"""Notices of new rates: the borrower is told beforehand, chooses what gives, and on its day the reset is made.

The rate is that of the benchmark on the day of the notice's effect, as it is known when the borrower is told. Without a
choice the instalment changes. A choice that cannot be carried out on the day (the instalment would not pay the
interest) gives way to a change of the instalment, so a balance never grows. Source: RBI/2023-24/55.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.db.models import RateNotice
from app.db.repositories.lending import changes as repository
from app.db.repositories.lending.loans import LoanKey
from app.domain.errors import Conflict, DomainError, NotFound, Rejected
from app.domain.events.catalog import EventType
from app.domain.lending.positions import Position
from app.domain.payments.changes import Adjusts, ChangeKind, LoanChange, RateUnchanged, reset_rate
from app.domain.payments.changing import decide_change
from app.domain.public_ids import LoanReference
from app.services.events.publishing import publish
from app.services.lending import loans
from app.services.payments import changes
from app.services.payments.changes import ChangedLoan, ChangeRequest, change_event
from app.services.products import calendars
from app.services.unit_of_work import UnitOfWork

#: Notices that one job makes.
BATCH = 100


class NoticeTooLate(Rejected):
    """The day of the new rate is not after the business date, so the borrower would not be told beforehand. Name a
    later day, or reset the rate today."""

    code = "notice_too_late"


class NoticeKnown(Conflict):
    """The borrower was told of a new rate from that day already. Read the notices of the loan."""

    code = "notice_known"


class NoticeNotFound(NotFound):
    """There is no notice of the loan for that day. Read the notices of the loan."""

    code = "notice_not_found"


class NoticeOver(Conflict):
    """The day of the new rate has come, so there is nothing left to choose. Ask the lender."""

    code = "notice_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice, and what each choice would do if the loan were reset today; a choice that is refused is left out."""

    loan_public_id: str
    notice: Mapping[str, Any]
    choices: Mapping[Adjusts, ChangedLoan]


async def announce(
    uow: UnitOfWork, loan: LoanReference, *, effective_on: date, asked_percent: Decimal | None = None
) -> NoticeView:
    """Tells the borrower of the rate from a day on. Raises LoanNotFound, NoticeTooLate, NoticeKnown, BenchmarkUnknown,
    and what `reset_rate` raises."""
    key = await loans.find_key(uow, loan)
    position = (await loans.lock_current(uow, key)).decision.position
    today = await uow.business_date()
    if effective_on <= today:
        raise NoticeTooLate(f"the business date is {today}", field="effective_on")
    code = position.terms.benchmark
    benchmark = None if code is None else await calendars.get_benchmark(uow, code, on=effective_on)
    rate = reset_rate(position, asked_percent=asked_percent, benchmark_percent=benchmark)
    values = {
        "effective_on": effective_on,
        "annual_rate_percent": rate,
        "adjusts": Adjusts.EMI.value,
        "emi_paise": None,
        "told_on": today,
        "actor": uow.actor.label,
    }
    if not await repository.add_notice(uow.session, key, values):
        raise NoticeKnown(f"the borrower was told of a rate from {effective_on}", field="effective_on")
    tried = _tried(position, rate, today=today)
    told = LoanChange(
        number=0, kind=ChangeKind.RATE_RESET, made_on=effective_on, booked_on=today, annual_rate_percent=rate
    )
    after = tried[Adjusts.EMI].position if Adjusts.EMI in tried else position
    await publish(uow, change_event(EventType.LOAN_RATE_NOTICE, after, told))
    await uow.record(
        "rate_notice_given", object_kind="loan", object_id=str(key.loan_id), customer_id=key.customer_id,
        details={"effective_on": effective_on.isoformat(), "annual_rate_percent": format(rate, "f")},
    )  # fmt: skip
    return NoticeView(loan_public_id=loans.public_loan_id(position), notice=values, choices=tried)


def _tried(position: Position, rate: Any, *, today: date) -> dict[Adjusts, ChangedLoan]:
    found = {}
    for adjusts in (Adjusts.EMI, Adjusts.TENOR):
        change = LoanChange(
            number=0, kind=ChangeKind.RATE_RESET, made_on=today, booked_on=today, annual_rate_percent=rate,
            adjusts=adjusts,
        )  # fmt: skip
        try:
            after = decide_change(position, change).position
        except RateUnchanged:
            after = position
        except DomainError:
            continue
        found[adjusts] = changes.changed(position, change, after)
    return found


async def choose(
    uow: UnitOfWork, loan: LoanReference, *, effective_on: date, adjusts: Adjusts, emi_paise: int | None
) -> RateNotice:
    """The borrower says what shall give, until the day before. Raises LoanNotFound, NoticeNotFound, NoticeOver."""
    key = await loans.find_key(uow, loan)
    notice = await _get(uow, key, effective_on)
    today = await uow.business_date()
    if notice.change_id is not None or notice.failure is not None or effective_on <= today:
        raise NoticeOver(f"the rate counts from {effective_on}", field="effective_on")
    LoanChange(
        number=0, kind=ChangeKind.RATE_RESET, made_on=today, booked_on=today, adjusts=adjusts, emi_paise=emi_paise
    ).check_choice()
    values = {"adjusts": adjusts.value, "emi_paise": emi_paise, "chosen_on": today}
    await repository.update_notice(uow.session, key, effective_on, values)
    await uow.session.refresh(notice)
    return notice


async def _get(uow: UnitOfWork, key: LoanKey, effective_on: date) -> RateNotice:
    for notice in await repository.list_notices(uow.session, key):
        if notice.effective_on == effective_on:
            return notice
    raise NoticeNotFound("there is no notice for that day", field="effective_on")


async def list_notices(uow: UnitOfWork, loan: LoanReference) -> Sequence[RateNotice]:
    """The notices of a loan that the actor may see, in order of their days. Raises LoanNotFound."""
    return await repository.list_notices(uow.session, await loans.find_key(uow, loan))


async def make_due_resets(uow: UnitOfWork) -> int:
    """Makes the resets whose day has come, each on its day, and answers how many. A second run finds nothing more."""
    due = await repository.list_due_notices(uow.session, on=await uow.business_date(), limit=BATCH)
    made = 0
    for notice in due:
        key = LoanKey(notice.customer_id, notice.loan_id)
        values = await _make(uow, key, notice)
        await repository.update_notice(uow.session, key, notice.effective_on, values)
        made += "change_id" in values
    return made


async def _make(uow: UnitOfWork, key: LoanKey, notice: RateNotice) -> dict[str, Any]:
    """The reset of a notice: as the borrower chose, or, where that is refused, with another instalment."""
    failure = ""
    for adjusts, emi in ((Adjusts(notice.adjusts), notice.emi_paise), (Adjusts.EMI, None)):
        request = ChangeRequest(kind=ChangeKind.RATE_RESET, made_on=notice.effective_on, adjusts=adjusts, emi_paise=emi)
        try:
            changed = await changes.make(uow, key, request, told_percent=notice.annual_rate_percent)
        except RateUnchanged as refusal:
            # Somebody made this very reset by hand: another choice would undo what the borrower chose.
            return {"failure": refusal.code}
        except DomainError as refusal:
            failure = refusal.code
            continue
        return {"change_id": changed.change.number}
    return {"failure": failure}
