"""Concessions as rows: written once, read when a loan is lived again."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Concession as ConcessionRow
from app.db.models.payments import payment_numbers
from app.db.repositories.loans import LoanKey
from app.db.session import Reader
from app.db.statements import Statement
from app.domain.concessions import Concession, ConcessionKind
from app.domain.ledger import Account
from app.domain.statements import GivenUp


async def next_concession_number(session: AsyncSession) -> int:
    """A number of the payments' own sequence. Draw it under the loan's lock: the numbers say in which order the deeds
    of a day came."""
    return int((await session.execute(select(payment_numbers.next_value()))).scalar_one())


async def add_concession(
    session: AsyncSession, key: LoanKey, concession: Concession, *, proposal_id: int, now: datetime, actor: str
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


_GIVEN_UP = Statement(
    """
SELECT side.account, t.component, t.cycle, sum(side.amount_paise)::bigint AS amount_paise
FROM transfers AS t
CROSS JOIN LATERAL (VALUES (t.debit, t.amount_paise), (t.credit, -t.amount_paise)) AS side(account, amount_paise)
WHERE t.customer_id = :customer_id AND t.loan_id = :loan_id AND side.account IN ('waivers', 'write_offs')
GROUP BY side.account, t.component, t.cycle
HAVING sum(side.amount_paise) <> 0
ORDER BY side.account, t.cycle NULLS LAST, t.component
"""
)


async def list_given_up(session: AsyncSession | Reader, *, customer_id: int, loan_id: int) -> list[GivenUp]:
    """What waivers and a write-off came to, as the transfers of a loan say, what was undone netted out."""
    rows = await _GIVEN_UP.list(session, customer_id=customer_id, loan_id=loan_id)
    return [
        GivenUp(
            account=Account(row.account),
            component=Account(row.component),
            cycle=row.cycle,
            amount_paise=row.amount_paise,
        )
        for row in rows
    ]
