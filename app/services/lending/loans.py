"""Loans as use cases: read one, bring one up to the business date.

Every change of a loan takes the same steps: lock its row, read its position, let the domain decide, save the decision.
Cycles that have ended and are not closed yet are closed first, in the same transaction. So the result of a payment does
not depend on whether the daily run came before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.db.models import Transfer
from app.db.repositories.billing import bills as bill_repository
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending import loans as repository
from app.db.repositories.lending import positions as position_repository
from app.db.repositories.lending import schedules as schedule_repository
from app.db.repositories.lending.loans import LoanKey, LoanNotFound, ProductKey
from app.db.repositories.lending.positions import Stored
from app.db.repositories.payments import concessions as concession_repository
from app.db.repositories.payments.concessions import Numbered
from app.db.repositories.products import products as product_repository
from app.domain.billing.bills_to_come import bills_to_come
from app.domain.billing.cycles import Billing
from app.domain.billing.issued_bills import IssuedBill, bills_up_to_date
from app.domain.errors import Invalid
from app.domain.lending.positions import Position
from app.domain.payments.payments import Due, Payoff, ValueDateInPast, next_due, payoff
from app.domain.public_ids import LoanReference, format_loan_id
from app.services.lending.calculations import caught_up, foreseen
from app.services.unit_of_work import UnitOfWork

#: How far ahead a loan is foreseen. Each further month costs the calculation of one cycle.
FORESEEN = timedelta(days=50 * 366)


class TooFarAhead(Invalid):
    """The day is more than fifty years ahead. Name an earlier one."""

    code = "day_too_far_ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanView:
    """A loan on a day, with every cycle up to then closed. Money in paise."""

    position: Position
    product_code: str
    on: date
    next_due: Due | None
    overdue_paise: int

    @property
    def payoff(self) -> Payoff:
        """The amount that closes the loan on that day."""
        return payoff(self.position, on=self.on)

    @property
    def public_id(self) -> str:
        """The loan's public id, such as `LN-2025-0456`."""
        return public_loan_id(self.position)


class ScheduledInstalment(NamedTuple):
    """A row of the schedule; `due_on` is the date on which it was or will be billed. Money in paise."""

    number: int
    due_on: date
    principal_paise: int
    interest_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """The schedule of a loan and the version of the plan it follows. Past instalments are as billed, less principal
    that was returned to the plan; future ones are as planned. `principal_outside_paise` is the principal outside all
    instalments: prepaid, paid off or written off."""

    public_id: str
    version: int
    made_on: date
    reason: str
    emi_paise: int
    rows: list[ScheduledInstalment]
    principal_outside_paise: int


async def find_key(uow: UnitOfWork, loan: LoanReference) -> LoanKey:
    """The key of a loan that the actor may see. Another customer's loan is answered as not found. Raises
    LoanNotFound."""
    key = await repository.find_loan_key(uow.session, loan.number, year=loan.year)
    if key is None or not uow.actor.may_see(key.customer_id):
        raise LoanNotFound("there is no such loan", field="loan_id")
    return key


async def read_position(uow: UnitOfWork, key: LoanKey) -> tuple[Position, ProductKey]:
    """A loan's position as stored, without a lock."""
    return await _position(uow, await position_repository.get_stored_loan(uow.session, key))


async def find_position(uow: UnitOfWork, loan: LoanReference) -> tuple[Position, ProductKey]:
    """The stored position of a loan that the actor may see, by its public id. Raises LoanNotFound."""
    return await seen_position(uow, await position_repository.find_stored_loan(uow.reader, loan.number), loan)


async def seen_position(uow: UnitOfWork, stored: Stored | None, loan: LoanReference) -> tuple[Position, ProductKey]:
    """The position of a stored loan, if it matches the public id and the actor may see it. Raises LoanNotFound."""
    if stored is None or not uow.actor.may_see(stored.row.customer_id):
        raise LoanNotFound("there is no such loan", field="loan_id")
    position, product = await _position(uow, stored)
    check_year(position, loan)
    return position, product


async def _position(uow: UnitOfWork, stored: Stored) -> tuple[Position, ProductKey]:
    product = await product_repository.get_product(uow.reader, *stored.product)
    return position_repository.position_of(stored.row, product.repayment), stored.product


def check_year(position: Position, loan: LoanReference) -> None:
    """Refuses a public id whose year is not that of the disbursal. Raises LoanNotFound."""
    if loan.year not in (None, position.disbursed_on.year):
        raise LoanNotFound("there is no such loan", field="loan_id")


async def lock_current(uow: UnitOfWork, key: LoanKey) -> Billing:
    """Locks a loan and brings it up to the business date. The caller saves the result."""
    return await catch_up_locked(uow, await position_repository.lock_stored_loan(uow.session, key))


async def catch_up_locked(uow: UnitOfWork, stored: Stored) -> Billing:
    """Brings a locked loan up to the business date. The caller saves the result. Raises DayHasEnded."""
    await uow.check_day(stored.row.last_event_on)
    position, _ = await _position(uow, stored)
    return await caught_up(uow, position, through=await uow.business_date())


async def find_current(uow: UnitOfWork, loan: LoanReference) -> tuple[Billing, ProductKey]:
    """A loan that the actor may see, on the business date. Open cycles that have ended are closed in memory only, so
    the answer agrees with what a payment would do, and nothing is written. Raises LoanNotFound."""
    stored, product = await find_position(uow, loan)
    return await caught_up(uow, stored, through=await uow.business_date()), product


async def view_loan(uow: UnitOfWork, loan: LoanReference, *, on: date | None = None) -> LoanView:
    """A loan on the business date, or on a later day if nothing is paid until then. Nothing is written.

    Raises LoanNotFound, ValueDateInPast, HorizonTooFar.
    """
    position, product = await find_position(uow, loan)
    day = await check_day(uow, on)
    current = await position_on(uow, position, on=day)
    overdue = current.overdue_paise(day)
    return LoanView(
        position=current,
        product_code=product.code,
        on=day,
        next_due=next_due(current),
        overdue_paise=overdue,
    )


async def check_day(uow: UnitOfWork, on: date | None) -> date:
    """The day to show a loan on: the business date unless `on` is given. Raises ValueDateInPast, TooFarAhead."""
    today = await uow.business_date()
    day = on or today
    if day < today:
        raise ValueDateInPast(f"the day must not be before the business date, {today}", field="on")
    if day > today + FORESEEN:
        raise TooFarAhead("the day must be within fifty years", field="on")
    return day


async def position_on(uow: UnitOfWork, stored: Position, *, on: date) -> Position:
    """The position of a stored loan on the business date or a later day. Raises HorizonTooFar."""
    today = await uow.business_date()
    current = (await caught_up(uow, stored, through=today)).decision.position
    return current if on == today else await foreseen(uow, current, on=on)


def public_loan_id(position: Position) -> str:
    """A loan's public id, such as `LN-2025-0456`."""
    return format_loan_id(year=position.disbursed_on.year, number=position.loan_id)


async def get_schedule(uow: UnitOfWork, loan: LoanReference) -> ScheduleView:
    """The schedule on the business date. Raises LoanNotFound."""
    billing, _ = await find_current(uow, loan)
    position, today = billing.decision.position, await uow.business_date()
    key = LoanKey(position.customer_id, position.loan_id)
    stored = await schedule_repository.get_schedule(uow.session, key)
    version, made_on, reason = stored.version, stored.made_on, stored.reason
    for plan in billing.decision.plans:
        version, made_on, reason = plan.version, plan.made_on, plan.reason.value
    rows = [
        ScheduledInstalment(
            bill.cycle, bill.billed_on, bill.principal_due_paise - left.returned_paise, bill.interest_paise
        )
        for bill, left in bills_up_to_date(await _stored_bills(uow, position), billing)
    ]
    rows += [
        ScheduledInstalment(bill.cycle, bill.billed_on, bill.principal_paise, bill.interest_paise)
        for bill in bills_to_come(position, on=today)
    ]
    return ScheduleView(
        public_id=public_loan_id(position),
        version=version,
        made_on=made_on,
        reason=reason,
        emi_paise=position.emi_paise,
        rows=rows,
        principal_outside_paise=_planned_at_all(position) - sum(row.principal_paise for row in rows),
    )


def _planned_at_all(position: Position) -> int:
    """The principal of all instalments and outside them, in paise: what was lent, and arrears that became principal."""
    return position.lent_paise + (0 if position.alterations is None else position.alterations.capitalised_paise)


async def list_bills(uow: UnitOfWork, loan: LoanReference) -> list[IssuedBill]:
    """All bills of a loan up to the business date, oldest first. Raises LoanNotFound."""
    billing, _ = await find_current(uow, loan)
    return bills_up_to_date(await _stored_bills(uow, billing.decision.position), billing)


async def _stored_bills(uow: UnitOfWork, position: Position) -> list[IssuedBill]:
    return await bill_repository.list_bills(uow.session, customer_id=position.customer_id, loan_id=position.loan_id)


async def list_ledger(
    uow: UnitOfWork, loan: LoanReference, *, after: int, limit: int
) -> tuple[Sequence[Transfer], dict[int | None, Numbered]]:
    """A page of a loan's transfers, and its concessions, refunds and booked charges by number. They and the payments
    are numbered from one sequence. Raises LoanNotFound."""
    key = await find_key(uow, loan)
    rows = await ledger_repository.list_transfers(uow.session, key, after=after, limit=limit)
    return rows, await concession_repository.list_numbered(uow.session, key)
