"""Concessions: they are written once, and read when a loan is replayed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, cast, insert, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Concession as ConcessionRow
from app.db.models import LoanChange, LoanCharge, Refund
from app.db.models.payments import payment_numbers
from app.db.repositories.lending.loans import LoanKey
from app.domain.billing.waived_tax import WaivedTax
from app.domain.payments.concessions import Concession, ConcessionKind


async def next_concession_number(session: AsyncSession) -> int:
    """A new number from the sequence of payments. Lock the loan first: the numbers give the order of the payments and
    concessions of a day."""
    return int((await session.execute(select(payment_numbers.next_value()))).scalar_one())


async def add_concession(
    session: AsyncSession, key: LoanKey, concession: Concession, *, proposal_id: int | None, now: datetime, actor: str
) -> None:
    """Writes a concession."""
    await session.execute(
        insert(ConcessionRow).values(
            customer_id=key.customer_id,
            loan_id=key.loan_id,
            id=concession.number,
            kind=concession.kind.value,
            granted_on=concession.granted_on,
            interest_paise=concession.interest_paise,
            charges_paise=concession.charges_paise,
            proposal_id=proposal_id,
            taxes=[[*part.charge, part.waived_paise, part.tax_paise] for part in concession.taxes] or None,
            granted_at=now,
            actor=actor,
        )
    )


async def list_concessions(session: AsyncSession, *, customer_id: int, loan_id: int) -> list[Concession]:
    """All concessions on a loan, in order."""
    statement = (
        select(ConcessionRow)
        .where(ConcessionRow.customer_id == customer_id, ConcessionRow.loan_id == loan_id)
        .order_by(ConcessionRow.id)
    )
    return [concession_of(row) for row in (await session.execute(statement)).scalars()]


def concession_of(row: ConcessionRow) -> Concession:
    """A concession from its row."""
    return Concession(
        number=row.id,
        kind=ConcessionKind(row.kind),
        granted_on=row.granted_on,
        interest_paise=row.interest_paise,
        charges_paise=row.charges_paise,
        taxes=tuple(
            WaivedTax(charge=(kind, number), waived_paise=waived, tax_paise=tax)
            for kind, number, waived, tax in row.taxes or ()
        ),
    )


class Numbered(NamedTuple):
    """What a number of the payments' numbering stands for if it is no payment: a proposal, or a charge for an event."""

    proposal_id: int | None
    is_charge: bool


async def list_numbered(session: AsyncSession, key: LoanKey) -> dict[int | None, Numbered]:
    """Each concession, refund, change and booked charge of a loan, by its number."""
    granted = select(ConcessionRow.id, ConcessionRow.proposal_id, literal(False).label("is_charge")).where(
        ConcessionRow.customer_id == key.customer_id, ConcessionRow.loan_id == key.loan_id
    )
    charged = select(LoanCharge.id, cast(null(), BigInteger), literal(True)).where(
        LoanCharge.customer_id == key.customer_id, LoanCharge.loan_id == key.loan_id
    )
    paid_out = select(Refund.id, Refund.proposal_id, literal(False)).where(
        Refund.customer_id == key.customer_id, Refund.loan_id == key.loan_id
    )
    changed = select(LoanChange.id, LoanChange.proposal_id, literal(False)).where(
        LoanChange.customer_id == key.customer_id, LoanChange.loan_id == key.loan_id
    )
    rows: Iterable[Any] = await session.execute(union_all(granted, charged, paid_out, changed))
    return {row.id: Numbered(row.proposal_id, row.is_charge) for row in rows}
