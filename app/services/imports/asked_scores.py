"""What the kinds of imported rows share when they are written: CSV as COPY reads it, and the scores to be asked for."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import polars as pl

from app.db.repositories.imports import ingestion as repository
from app.services.people.customers import SCORE_CUSTOMER
from app.services.unit_of_work import SWEEP_AFTER, Job, UnitOfWork

#: Jobs written in one statement, and those that are rung for at once; the sweeper finds the others.
JOBS_AT_ONCE: Final = 10_000
RUNG_AT_ONCE: Final = 1_000


async def ask_for_scores(uow: UnitOfWork, found: Sequence[int]) -> None:
    """A score job for each of the customers, unless one waits already."""
    written = await repository.add_customer_jobs(
        uow.session, SCORE_CUSTOMER, found, now=uow.now, due_at=uow.now + SWEEP_AFTER
    )
    space = max(RUNG_AT_ONCE - len(uow.jobs), 0)
    uow.jobs += [
        Job(name=SCORE_CUSTOMER, key=str(customer_id), outbox_id=outbox_id)
        for outbox_id, customer_id in written[:space]
    ]


def as_csv(rows: pl.DataFrame) -> bytes:
    """Rows as COPY reads them."""
    buffer = BytesIO()
    rows.write_csv(buffer, include_header=False)
    return buffer.getvalue()
