"""The books of all loans of a borrower, in a fixed number of statements, however many loans there are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Concession as ConcessionRow
from app.db.models import LoanCharge, Payment, Schedule
from app.db.repositories.billing.bills import BILL_COLUMNS, issued_bill
from app.db.repositories.lending import changes as change_repository
from app.db.repositories.lending.charges import FEE, booked_charge
from app.db.repositories.lending.positions import POSITIONS, Stored, stored_loan
from app.db.repositories.payments import refunds as refund_repository
from app.db.repositories.payments.concessions import concession_of
from app.db.repositories.payments.payments import order_of
from app.db.statements import Statement
from app.domain.billing.cycles import Bill
from app.domain.lending.charges import BookedCharge
from app.domain.lending.positions import PlanReason
from app.domain.payments.changes import LoanChange
from app.domain.payments.concessions import Concession
from app.domain.payments.histories import History, Replanned
from app.domain.payments.payments import PaymentOrder
from app.domain.payments.refunds import Refund

_LOANS = Statement(
    POSITIONS.format(further="10000", of="= :customer_id") + "WHERE l.customer_id = :customer_id ORDER BY l.id"
)
_BILLS = Statement(
    f"SELECT {', '.join(BILL_COLUMNS)} FROM bills "  # noqa: S608 - only names of our own columns are put in
    "WHERE customer_id = :customer_id ORDER BY loan_id, cycle"
)


@dataclass(slots=True)
class LoanBooks:
    """A loan, and every row that a replay needs. A payment comes with the day on which it was reversed, and a charge
    with the day on which it was taken back."""

    stored: Stored
    bills: list[Bill] = field(default_factory=list)
    payments: list[tuple[PaymentOrder, date | None]] = field(default_factory=list)
    replanned: list[Replanned] = field(default_factory=list)
    concessions: list[Concession] = field(default_factory=list)
    charges: list[tuple[BookedCharge, date | None]] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    changes: list[tuple[LoanChange, date | None]] = field(default_factory=list)

    def history(self, *, known_on: date) -> History:
        """What was booked by the end of a business date, without the payments that were reversed by then."""
        standing = [order for order, reversed_on in self.payments if reversed_on is None or reversed_on > known_on]
        return History(
            bills=self.bills,
            payments=standing,
            transfers=(),
            replanned=self.replanned,
            concessions=self.concessions,
            refunds=self.refunds,
            changes=[change for change, undone_on in self.changes if undone_on is None or undone_on > known_on],
            charges=[
                booked for booked, taken_back_on in self.charges if taken_back_on is None or taken_back_on > known_on
            ],
        ).known_on(known_on)


async def list_books(session: AsyncSession, customer_id: int) -> list[LoanBooks]:
    """The books of every loan of a borrower, in order of the loans' numbers."""
    found = {row.id: LoanBooks(stored_loan(row)) for row in await _LOANS.list(session, customer_id=customer_id)}
    for row in await _BILLS.list(session, customer_id=customer_id):
        found[row.loan_id].bills.append(issued_bill(row).bill)
    for loan_id, orders in (await _payments(session, customer_id)).items():
        found[loan_id].payments = orders
    plans = select(Schedule.loan_id, Schedule.made_on, Schedule.after_payment_id).where(
        Schedule.customer_id == customer_id, Schedule.reason == PlanReason.REPLAY.value
    )
    for plan in await session.execute(plans.order_by(Schedule.loan_id, Schedule.version)):
        found[plan.loan_id].replanned.append(Replanned(plan.made_on, plan.after_payment_id or 0))
    granted = select(ConcessionRow).where(ConcessionRow.customer_id == customer_id).order_by(ConcessionRow.id)
    for each in (await session.execute(granted)).scalars():
        found[each.loan_id].concessions.append(concession_of(each))
    booked = select(LoanCharge).where(LoanCharge.customer_id == customer_id, LoanCharge.kind != FEE)
    for row in (await session.execute(booked.order_by(LoanCharge.id))).scalars():
        found[row.loan_id].charges.append((booked_charge(row), row.taken_back_on))
    for loan_id, refunds in (await refund_repository.list_of_customer(session, customer_id)).items():
        found[loan_id].refunds = refunds
    for loan_id, changes in (await change_repository.list_of_customer(session, customer_id)).items():
        found[loan_id].changes = changes
    return list(found.values())


async def _payments(session: AsyncSession, customer_id: int) -> dict[int, list[tuple[PaymentOrder, date | None]]]:
    statement = select(Payment).where(Payment.customer_id == customer_id).order_by(Payment.value_date, Payment.id)
    found: dict[int, list[tuple[PaymentOrder, date | None]]] = defaultdict(list)
    rows: Sequence[Payment] = (await session.execute(statement)).scalars().all()
    for row in rows:
        order = order_of(row)
        found[row.loan_id].append((order, row.reversed_on))
    return found
