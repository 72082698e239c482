"""Concessions as rows: written once, read when a loan is lived again."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Concession as ConcessionRow
from app.db.models.payments import payment_numbers
from app.db.repositories.lending.loans import LoanKey
from app.domain.payments.concessions import Concession, ConcessionKind


async def next_concession_number(session: AsyncSession) -> int:
    """A number of the payments' own sequence. Draw it under the loan's lock: the numbers say in which order the deeds
    of a day came."""
    return int((await session.execute(select(payment_numbers.next_value()))).scalar_one())


async def add_concession(
    session: AsyncSession, key: LoanKey, concession: Concession, *, proposal_id: int | None, now: datetime, actor: str
) -> None:
    """Writes what was granted."""
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
            granted_at=now,
            actor=actor,
        )
    )


async def list_concessions(session: AsyncSession, *, customer_id: int, loan_id: int) -> list[Concession]:
    """All that was granted on a loan, in order."""
    statement = (
        select(ConcessionRow)
        .where(ConcessionRow.customer_id == customer_id, ConcessionRow.loan_id == loan_id)
        .order_by(ConcessionRow.id)
    )
    return [
        Concession(
            number=row.id,
            kind=ConcessionKind(row.kind),
            granted_on=row.granted_on,
            interest_paise=row.interest_paise,
            charges_paise=row.charges_paise,
        )
        for row in (await session.execute(statement)).scalars()
    ]


async def list_proposals(session: AsyncSession, key: LoanKey) -> dict[int | None, int]:
    """By which proposal each concession of a loan was granted: its number, to the proposal's."""
    statement = select(ConcessionRow.id, ConcessionRow.proposal_id).where(
        ConcessionRow.customer_id == key.customer_id, ConcessionRow.loan_id == key.loan_id
    )
    return {row.id: row.proposal_id for row in await session.execute(statement)}
