"""Changes of living loans, and notices of new rates."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import LoanChange as ChangeRow
from app.db.models import RateNotice
from app.db.repositories.lending.loans import LoanKey
from app.db.statements import Statement
from app.domain.errors import NotFound
from app.domain.payments.change_documents import change_document, change_of
from app.domain.payments.changes import ChangeKind, LoanChange


class ChangeNotFound(NotFound):
    """There is no such change of the loan. Check the id."""

    code = "change_not_found"


async def add_change(
    session: AsyncSession, key: LoanKey, change: LoanChange, *, proposal_id: int | None, now: datetime, actor: str
) -> None:
    """Writes a change."""
    await session.execute(
        insert(ChangeRow).values(
            customer_id=key.customer_id,
            loan_id=key.loan_id,
            id=change.number,
            kind=change.kind.value,
            made_on=change.made_on,
            booked_on=change.booked_on,
            terms=change_document(change),
            proposal_id=proposal_id,
            made_at=now,
            actor=actor,
        )
    )


async def list_changes(session: AsyncSession, key: LoanKey) -> Sequence[ChangeRow]:
    """All changes of a loan, in order, undone ones too."""
    statement = (
        select(ChangeRow)
        .where(ChangeRow.customer_id == key.customer_id, ChangeRow.loan_id == key.loan_id)
        .order_by(ChangeRow.id)
    )
    return (await session.execute(statement)).scalars().all()


async def get_change(session: AsyncSession, key: LoanKey, number: int) -> ChangeRow:
    """One change of a loan. Raises ChangeNotFound."""
    statement = select(ChangeRow).where(
        ChangeRow.customer_id == key.customer_id, ChangeRow.loan_id == key.loan_id, ChangeRow.id == number
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ChangeNotFound("there is no such change", field="change_id")
    return row


async def mark_undone(session: AsyncSession, key: LoanKey, number: int, *, on: date, reason: str) -> bool:
    """Marks a change as undone, once; answers whether it was this call."""
    statement = (
        update(ChangeRow)
        .where(ChangeRow.customer_id == key.customer_id, ChangeRow.id == number, ChangeRow.undone_on.is_(None))
        .values(undone_on=on, undone_reason=reason)
        .returning(ChangeRow.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


def change_of_row(row: ChangeRow) -> LoanChange:
    """A change as it was made."""
    return change_of(row.terms, number=row.id, kind=ChangeKind(row.kind), made_on=row.made_on, booked_on=row.booked_on)


async def list_of_customer(session: AsyncSession, customer_id: int) -> dict[int, list[tuple[LoanChange, date | None]]]:
    """The changes of a customer's loans, in order, with the day on which each was undone; by the loan's number."""
    statement = select(ChangeRow).where(ChangeRow.customer_id == customer_id).order_by(ChangeRow.id)
    found: dict[int, list[tuple[LoanChange, date | None]]] = defaultdict(list)
    for row in (await session.execute(statement)).scalars():
        found[row.loan_id].append((change_of_row(row), row.undone_on))
    return found


async def list_standing(session: AsyncSession, key: LoanKey) -> list[LoanChange]:
    """The changes of a loan that are not undone, in order."""
    return [change_of_row(row) for row in await list_changes(session, key) if row.undone_on is None]


async def list_standing_proposed(session: AsyncSession, key: LoanKey) -> list[tuple[LoanChange, int | None]]:
    """The changes of a loan that are not undone, in order, each with the number of its proposal."""
    rows = await list_changes(session, key)
    return [(change_of_row(row), row.proposal_id) for row in rows if row.undone_on is None]


_RESTRUCTURED = Statement(
    """
SELECT DISTINCT customer_id FROM loan_changes
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND kind = 'restructure'
"""
)


async def list_restructured(session: AsyncSession, customer_ids: Sequence[int]) -> set[int]:
    """Which of these customers have a restructured loan."""
    return {row.customer_id for row in await _RESTRUCTURED.list(session, customer_ids=list(customer_ids))}


# --- notices ---


async def add_notice(session: AsyncSession, key: LoanKey, values: dict[str, Any]) -> bool:
    """Writes a notice. False if there is one for that day."""
    statement = select(RateNotice).where(
        RateNotice.customer_id == key.customer_id,
        RateNotice.loan_id == key.loan_id,
        RateNotice.effective_on == values["effective_on"],
    )
    if (await session.execute(statement)).scalar_one_or_none() is not None:
        return False
    await session.execute(insert(RateNotice).values(**key._asdict(), **values))
    return True


async def list_notices(session: AsyncSession, key: LoanKey) -> Sequence[RateNotice]:
    """The notices of a loan, in order of their days."""
    statement = (
        select(RateNotice)
        .where(RateNotice.customer_id == key.customer_id, RateNotice.loan_id == key.loan_id)
        .order_by(RateNotice.effective_on)
    )
    return (await session.execute(statement)).scalars().all()


async def update_notice(session: AsyncSession, key: LoanKey, effective_on: date, values: dict[str, Any]) -> None:
    """Writes the choice of the borrower, or what became of a notice."""
    await session.execute(
        update(RateNotice)
        .where(
            RateNotice.customer_id == key.customer_id,
            RateNotice.loan_id == key.loan_id,
            RateNotice.effective_on == effective_on,
        )
        .values(**values)
    )


async def list_due_notices(session: AsyncSession, *, on: date, limit: int) -> Sequence[RateNotice]:
    """Notices whose day has come and that are not made yet, the oldest first. One that failed is not tried again."""
    statement = (
        select(RateNotice)
        .where(RateNotice.effective_on <= on, RateNotice.change_id.is_(None), RateNotice.failure.is_(None))
        .order_by(RateNotice.effective_on, RateNotice.customer_id, RateNotice.loan_id)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()
