"""Makes the files for credit bureaus, and shows what was said about a borrower, and when.

A day-end that is judged asks for the files of the reporting days it reached. A file is made some customers at a time,
and each line is kept as it is given. A line is given when it differs from the last one of its loan; in a full file also
when the loan is open. So a correction is in the next file by itself.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime
from typing import Any, Final

import structlog

from app.db.repositories.delinquency import bureau as repository
from app.db.repositories.delinquency.bureau import BureauFile, SaidRecord
from app.db.repositories.products import products as product_repository
from app.domain.delinquency.bureau import (
    COLUMNS,
    BureauRecord,
    FileKind,
    as_on_days,
    bureau_line,
    file_kind,
    reported_days,
)
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import owed_paise
from app.domain.errors import NotFound
from app.domain.people.access import SYSTEM, Forbidden
from app.domain.products.lawfulness import kind_of
from app.domain.public_ids import format_loan_id, format_user_id
from app.domain.rulebook.in_force import RULEBOOK
from app.services.delinquency.borrowers import LoanBroken, load_borrower
from app.services.people.access import open_uow
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

JOB: Final = "make_bureau_file"
log = structlog.get_logger(__name__)

#: Customers in one transaction.
PAGE: Final = 500
#: Lines that are read at a time when a file is sent.
LINES: Final = 5_000


class BureauFileNotFound(NotFound):
    """There is no complete file of that day. List the files; the one of a reporting day is made after its day-end."""

    code = "bureau_file_not_found"


async def ask_for_files(uow: UnitOfWork, *, after: date | None, through: date) -> None:
    """Asks for the file of every reporting day after a day-end, through the one that is judged now."""
    for as_on in as_on_days(RULEBOOK, lender=uow.lender, after=after, through=through):
        await uow.enqueue(JOB, key=as_on.isoformat(), payload={"as_on": as_on.isoformat()})


async def make_file(uow_factory: UnitOfWorkFactory, payload: dict[str, Any], *, until: datetime) -> bool:
    """The job: makes the file of a day. False when the time is up, or while an earlier file is asked for or not
    complete."""
    as_on = date.fromisoformat(payload["as_on"])
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            if await make_step(uow, as_on):
                return True
            waits = await repository.is_earlier_to_be_made(uow.session, as_on)
        if waits or uow_factory.clock() >= until:
            return False


async def make_step(uow: UnitOfWork, as_on: date) -> bool:
    """Opens the file, adds the lines of some customers, or completes it. True when it is complete."""
    file = await repository.find_file(uow.session, as_on)
    if file is not None and file.finished_at is not None:
        return True
    if await repository.is_earlier_to_be_made(uow.session, as_on):
        return False
    if file is None:
        (earlier,) = await repository.list_files(uow.session, before=as_on, limit=1) or (None,)
        await repository.open_file(
            uow.session,
            as_on,
            kind=file_kind(as_on).value,
            since=None if earlier is None else earlier.as_on,
            known_on=await uow.business_date(),
            now=uow.now,
            actor=uow.actor.label,
        )
        return False
    facts = await repository.list_facts(uow.session, as_on=as_on, after=file.after_customer_id, customers=PAGE)
    if not facts:
        await repository.finish_file(uow.session, as_on, now=uow.now)
        uow.log_after_commit("bureau file made", as_on=as_on.isoformat(), kind=file.kind, records=file.records)
        return False
    lines = await _lines(uow, file, facts)
    if await repository.claim_page(uow.session, file, through_customer_id=facts[-1].customer_id, records=len(lines)):
        await repository.copy_lines(uow.session, lines)
    return False


async def _lines(uow: UnitOfWork, file: BureauFile, facts: Sequence[Any]) -> list[tuple[int, int, date, str]]:
    """The lines of some customers that belong into the file. What a borrower owes whose loan is broken is not known, so
    the file says nothing of that borrower, and a later one says what changed."""
    overdue, unknown = await _overdue(uow, facts, as_on=file.as_on)
    found = []
    for row in facts:
        if row.customer_id in unknown:
            continue
        record = await _record(uow, row, overdue_paise=overdue.get((row.customer_id, row.id), 0), as_on=file.as_on)
        line = bureau_line(record)
        is_open = record.status == "active"
        # A loan that ended before the first file was never reported, and is not now.
        ended_before = row.said is None and record.closed_on is not None and _is_old(record.closed_on, file)
        if not ended_before and (line != row.said or (is_open and file.kind == FileKind.FULL)):
            found.append((row.customer_id, row.id, file.as_on, line))
    return found


def _is_old(closed_on: date, file: BureauFile) -> bool:
    return file.since is None or closed_on <= file.since


async def _overdue(
    uow: UnitOfWork, facts: Sequence[Any], *, as_on: date
) -> tuple[dict[tuple[int, int], int], set[int]]:
    """What is unpaid of instalments that were due, in paise, and the borrowers of whom nobody can say it. Loans of
    borrowers who are past due are lived again."""
    late: dict[int, set[int]] = defaultdict(set)
    for row in facts:
        if row.oldest_due_on is not None:
            late[row.customer_id].add(row.id)
    found, unknown = {}, set()
    for customer_id, loans in late.items():
        try:
            borrower = await load_borrower(uow, customer_id)
            lived = borrower.loans_as_known(known_on=date.max, through=as_on)
        except LoanBroken as broken:
            log.exception("borrower left out of a bureau file", customer_id=customer_id, loan_id=broken.loan_id)
            unknown.add(customer_id)
            continue
        for known in lived:
            number = known.facility.key.number
            if number in loans:
                states = known.replayed.states.values()
                found[customer_id, number] = sum(owed_paise(state) for state in states if state.due_on <= as_on)
    return found, unknown


async def _record(uow: UnitOfWork, row: Any, *, overdue_paise: int, as_on: date) -> BureauRecord:
    product = await product_repository.get_product(uow.session, row.product_code, row.product_version)
    ended = row.closed_on is not None and row.closed_on <= as_on
    days = 0 if row.oldest_due_on is None else as_on.toordinal() - row.oldest_due_on.toordinal() + 1
    reported = reported_days(days, kind=kind_of(product), rulebook=RULEBOOK, on=as_on, lender=uow.lender)
    asset_class = AssetClass(row.asset_class)
    if reported == 0 and asset_class is AssetClass.SMA_0 and days:
        asset_class = AssetClass.STANDARD
    return BureauRecord(
        user_id=format_user_id(row.customer_id),
        loan_id=format_loan_id(year=row.disbursed_on.year, number=row.id),
        product=row.product_code,
        status=row.status if ended else "active",
        opened_on=row.disbursed_on,
        closed_on=row.closed_on if ended else None,
        amount_paise=row.disbursed_paise,
        annual_rate_percent=row.annual_rate_percent,
        instalments=row.instalments,
        emi_paise=row.emi_paise,
        principal_paise=row.principal_paise,
        interest_paise=row.interest_paise,
        charges_paise=row.charges_paise,
        advance_paise=row.advance_paise,
        overdue_paise=overdue_paise,
        days_past_due=reported,
        asset_class=asset_class,
        non_performing_since=row.non_performing_since,
        written_off_paise=row.written_off_paise,
        last_paid_on=row.last_paid_on,
    )


async def list_files(uow: UnitOfWork, *, before: date, limit: int) -> list[BureauFile]:
    """The files, the newest first. Raises Forbidden."""
    _check_staff(uow)
    return await repository.list_files(uow.session, before=before, limit=limit)


async def list_said(uow: UnitOfWork, customer_id: int, *, after: date, after_loan: int, limit: int) -> list[SaidRecord]:
    """What was said about a borrower, in which file and when, the oldest first; empty for others than staff and the
    borrower."""
    if not uow.actor.may_see(customer_id):
        return []
    return await repository.list_said(uow.session, customer_id, after=after, after_loan=after_loan, limit=limit)


async def read_file(uow_factory: UnitOfWorkFactory, claims: Claims, as_on: date) -> AsyncGenerator[str]:
    """A complete file, some lines at a time: a header row, then the lines by customer and loan.

    Raises BureauFileNotFound, Forbidden, and TokenExpired or TokenRevoked while it is read.
    """
    async with open_uow(uow_factory, claims) as uow:
        _check_staff(uow)
        file = await repository.find_file(uow.session, as_on)
        if file is None or file.finished_at is None:
            raise BureauFileNotFound("there is no complete file of that day", field="as_on")
    yield ",".join(COLUMNS) + "\r\n"
    after = (0, 0)
    while True:
        async with open_uow(uow_factory, claims) as uow:
            lines = await repository.list_lines(uow.session, as_on, after=after, limit=LINES)
        if not lines:
            return
        yield "".join(f"{as_on},{line}\r\n" for _, _, line in lines)
        after = lines[-1][:2]


def _check_staff(uow: UnitOfWork) -> None:
    if not uow.actor.is_staff:
        raise Forbidden("only staff may read the files for credit bureaus")
