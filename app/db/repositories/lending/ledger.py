"""The ledger in the database: transfers are inserted and read, and nothing else."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import Transfer
from app.db.repositories.lending.loans import LoanKey
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.ledger import Transfer as Posted
from app.domain.lending.positions import Decision, Position

TRANSFER_COLUMNS = [column.name for column in Transfer.__table__.columns]


async def add_transfers(session: AsyncSession, position: Position, decision: Decision) -> None:
    """Posts the transfers of one decision."""
    if decision.transfers:
        rows = [
            dict(zip(TRANSFER_COLUMNS, (position.customer_id, position.loan_id, *transfer), strict=True))
            for transfer in decision.transfers
        ]
        await session.execute(insert(Transfer), rows)


async def copy_transfers(session: AsyncSession, records: Sequence[tuple[Any, ...]]) -> None:
    """Posts the transfers of many loans: rows of the table, each loan's in their order."""
    await copy_rows(session, "transfers", columns=TRANSFER_COLUMNS, records=records)


async def list_transfers(session: AsyncSession, key: LoanKey, *, after: int, limit: int) -> Sequence[Transfer]:
    """A page of a loan's ledger, in the order in which it was posted."""
    statement = (
        select(Transfer)
        .where(Transfer.customer_id == key.customer_id, Transfer.loan_id == key.loan_id, Transfer.number > after)
        .order_by(Transfer.number)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def list_all_transfers(session: AsyncSession, key: LoanKey) -> list[Posted]:
    """The whole ledger of a loan, as the domain knows it."""
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
