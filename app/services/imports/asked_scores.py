"""What all kinds of imports share when they write rows: CSV for COPY, and enqueuing scores."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import polars as pl

from app.db.repositories.imports import ingestion as repository
from app.services.unit_of_work import SWEEP_AFTER, Job, UnitOfWork

#: The same as `score_customer`, in a queue of its own: nobody waits for these, and they come by the thousand.
SCORE_IMPORTED: Final = "score_imported"
#: Jobs written in one statement.
JOBS_AT_ONCE: Final = 10_000
#: Jobs of one transaction that are enqueued at its commit. The sweep enqueues the others.
ENQUEUED_AT_ONCE: Final = 1_000


async def ask_for_scores(uow: UnitOfWork, customers: Sequence[int]) -> None:
    """Enqueues a score job for each customer that has none waiting."""
    written = await repository.add_customer_jobs(
        uow.session, SCORE_IMPORTED, customers, now=uow.now, due_at=uow.now + SWEEP_AFTER
    )
    space = max(ENQUEUED_AT_ONCE - len(uow.jobs), 0)
    uow.jobs += [
        Job(name=SCORE_IMPORTED, key=str(customer_id), outbox_id=outbox_id)
        for outbox_id, customer_id in written[:space]
    ]


def as_csv(rows: pl.DataFrame) -> bytes:
    """Rows as CSV without a header, for COPY."""
    buffer = BytesIO()
    rows.write_csv(buffer, include_header=False)
    return buffer.getvalue()
