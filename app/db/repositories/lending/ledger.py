"""The ledger in the database. Transfers are only inserted and read."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import Transfer
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.unit_of_work import check_books_open
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.ledger import Transfer as Posted

TRANSFER_COLUMNS = [column.name for column in Transfer.__table__.columns]


async def copy_transfers(session: AsyncSession, records: Sequence[tuple[Any, ...]]) -> None:
    """Inserts the transfers of many loans, given as rows of the table. Raises PeriodClosed."""
    await copy_rows(session, "transfers", columns=TRANSFER_COLUMNS, records=records)
    if records:
        place = TRANSFER_COLUMNS.index("booked_on")
        await check_books_open(session, {record[place] for record in records})


async def list_transfers(session: AsyncSession, key: LoanKey, *, after: int, limit: int) -> Sequence[Transfer]:
    """A page of a loan's ledger, in order of the transfers' numbers."""
    statement = (
        select(Transfer)
        .where(Transfer.customer_id == key.customer_id, Transfer.loan_id == key.loan_id, Transfer.number > after)
        .order_by(Transfer.number)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def list_all_transfers(session: AsyncSession, key: LoanKey) -> list[Posted]:
    """The whole ledger of a loan, as transfers of the domain."""
    columns = [column for column in Transfer.__table__.columns if column.name not in ("customer_id", "loan_id")]
    statement = (
        select(*columns)
        .where(Transfer.customer_id == key.customer_id, Transfer.loan_id == key.loan_id)
        .order_by(Transfer.number)
    )
    return [
        Posted(
            row.number,
            row.group_number,
            Kind(row.kind),
            Account(row.debit),
            Account(row.credit),
            row.amount_paise,
            Account(row.component),
            row.value_date,
            row.booked_on,
            row.cycle,
            row.payment_id,
            row.reverses,
        )
        for row in await session.execute(statement)
    ]
