"""Charges of a loan that were booked: the fees of its disbursal, and charges for events. They are written once, and one
that is taken back stays with the day."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import LoanCharge
from app.db.models.payments import payment_numbers
from app.db.repositories.lending.loans import LoanKey
from app.domain.errors import NotFound
from app.domain.lending.charges import BookedCharge, ChargeKind
from app.domain.products.charge_terms import Fee
from app.domain.products.charges import Charged

#: The kind of a row that is a fee of the disbursal.
FEE = "fee"


class ChargeNotFound(NotFound):
    """The loan has no such charge for an event. Check the id."""

    code = "charge_not_found"


async def next_charge_number(session: AsyncSession) -> int:
    """A new number from the sequence of payments. Lock the loan first: the numbers give the order of what happened to
    it on a day."""
    return int((await session.execute(select(payment_numbers.next_value()))).scalar_one())


async def add_fees(
    session: AsyncSession, key: LoanKey, fees: Sequence[Fee], *, on: date, now: datetime, actor: str
) -> None:
    """Writes the fees of a disbursal."""
    for fee in fees:
        await session.execute(
            insert(LoanCharge).values(
                customer_id=key.customer_id,
                id=await next_charge_number(session),
                loan_id=key.loan_id,
                kind=FEE,
                name=fee.name,
                paid=fee.paid.value,
                booked_on=on,
                amount_paise=fee.amount_paise,
                tax_paise=fee.tax_paise,
                sac=fee.sac,
                for_third_party=fee.for_third_party,
                booked_at=now,
                actor=actor,
            )
        )


async def add_charge(session: AsyncSession, key: LoanKey, booked: BookedCharge, *, now: datetime, actor: str) -> None:
    """Writes a charge for an event."""
    await session.execute(
        insert(LoanCharge).values(
            customer_id=key.customer_id,
            id=booked.number,
            loan_id=key.loan_id,
            kind=booked.kind.value,
            name=booked.name,
            booked_on=booked.booked_on,
            amount_paise=booked.charged.amount_paise,
            tax_paise=booked.charged.tax_paise,
            sac=booked.sac,
            for_third_party=False,
            payment_id=booked.payment_id,
            booked_at=now,
            actor=actor,
        )
    )


async def mark_taken_back(session: AsyncSession, key: LoanKey, number: int, *, on: date, reason: str) -> bool:
    """Marks a charge for an event as taken back, once; answers whether it was this call. Raises ChargeNotFound."""
    of_loan = LoanCharge.customer_id == key.customer_id, LoanCharge.loan_id == key.loan_id
    of_event = LoanCharge.id == number, LoanCharge.kind != FEE
    statement = (
        update(LoanCharge)
        .where(*of_loan, *of_event, LoanCharge.taken_back_on.is_(None))
        .values(taken_back_on=on, taken_back_reason=reason)
        .returning(LoanCharge.id)
    )
    if (await session.execute(statement)).scalar_one_or_none() is not None:
        return True
    known = await session.execute(select(LoanCharge.id).where(*of_loan, *of_event))
    if known.scalar_one_or_none() is None:
        raise ChargeNotFound("the loan has no such charge", field="charge_id")
    return False


async def list_rows(session: AsyncSession, key: LoanKey) -> Sequence[LoanCharge]:
    """All charges of a loan that were booked, in order."""
    statement = (
        select(LoanCharge)
        .where(LoanCharge.customer_id == key.customer_id, LoanCharge.loan_id == key.loan_id)
        .order_by(LoanCharge.id)
    )
    return (await session.execute(statement)).scalars().all()


async def list_charges(session: AsyncSession, key: LoanKey) -> list[BookedCharge]:
    """The charges for events that stand, in order."""
    return [
        booked_charge(row) for row in await list_rows(session, key) if row.kind != FEE and row.taken_back_on is None
    ]


def booked_charge(row: LoanCharge) -> BookedCharge:
    """A charge for an event from its row."""
    return BookedCharge(
        number=row.id,
        kind=ChargeKind(row.kind),
        booked_on=row.booked_on,
        charged=Charged(row.amount_paise, row.tax_paise),
        payment_id=row.payment_id,
        name=row.name,
        sac=row.sac,
    )
