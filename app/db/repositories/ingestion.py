"""Imports, as rows: which file, how far it got, and what it refused.

`rows_read` is how far an import got, in rows that are not blank, and is written in the transaction that writes those
rows. Whoever goes on with an import compares it first: two programs that load the same file never load a row twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_csv
from app.db.models import Import, ImportReject
from app.domain.errors import NotFound

QUEUED = "queued"
RUNNING = "running"
FINISHED = "finished"
FAILED = "failed"
REJECT_COLUMNS = ("import_id", "row_number", "code", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportState:
    """How far an import got."""

    id: int
    status: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """An import as it is shown. The sizes are None for imports from before they were kept."""

    id: int
    kind: str
    file_name: str
    status: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    size_bytes: int | None
    bytes_read: int | None
    failure: str | None
    started_at: datetime
    finished_at: datetime | None
    actor: str


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "import_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that was not loaded, by its number in the file, and why."""

    row_number: int
    code: str
    reason: str


_SHOWN = [getattr(Import, known.name) for known in fields(ImportProgress)]


async def add_import(
    session: AsyncSession,
    *,
    kind: str,
    content_hash: bytes,
    file_name: str,
    now: datetime,
    actor: str,
    size_bytes: int | None = None,
    status: str = RUNNING,
) -> ImportState:
    """The import of a file, known by its content: a new one, or the one that there is."""
    columns = [getattr(Import, known.name) for known in fields(ImportState)]
    find = select(*columns).where(Import.kind == kind, Import.content_hash == content_hash)
    found = (await session.execute(find)).mappings().one_or_none()
    if found is None:
        statement = insert(Import).values(
            kind=kind,
            content_hash=content_hash,
            file_name=file_name,
            status=status,
            size_bytes=size_bytes,
            rows_read=0,
            rows_loaded=0,
            rows_rejected=0,
            started_at=now,
            actor=actor,
        )
        await session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "content_hash"]))
        found = (await session.execute(find)).mappings().one()
    return ImportState(**found)


async def advance_import(
    session: AsyncSession,
    import_id: int,
    *,
    from_row: int,
    read: int,
    loaded: int,
    rejected: int,
    bytes_read: int | None = None,
) -> bool:
    """Notes that rows are loaded; False, and nothing noted, when the import does not stand at `from_row` (any more)."""
    statement = (
        update(Import)
        .where(Import.id == import_id, Import.rows_read == from_row, Import.status != FINISHED)
        .values(
            status=RUNNING,
            failure=None,
            finished_at=None,
            rows_read=Import.rows_read + read,
            rows_loaded=Import.rows_loaded + loaded,
            rows_rejected=Import.rows_rejected + rejected,
            bytes_read=bytes_read,
        )
        .returning(Import.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def finish_import(session: AsyncSession, import_id: int, *, rows_read: int, now: datetime) -> bool:
    """Closes an import; False when somebody else did, or is ahead."""
    statement = (
        update(Import)
        .where(Import.id == import_id, Import.rows_read == rows_read, Import.status != FINISHED)
        .values(status=FINISHED, failure=None, finished_at=now)
        .returning(Import.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def fail_import(session: AsyncSession, import_id: int, *, failure: str, now: datetime) -> None:
    """Notes why an import stopped. It goes on where it stopped when the same file comes again."""
    await session.execute(
        update(Import)
        .where(Import.id == import_id, Import.status != FINISHED)
        .values(status=FAILED, failure=failure, finished_at=now)
    )


async def get_import(session: AsyncSession, import_id: int) -> ImportProgress:
    """How far an import is. Raises `ImportNotFound`."""
    statement = select(*_SHOWN).where(Import.id == import_id)
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise ImportNotFound("there is no such import", field="import_id")
    return ImportProgress(**row)


async def list_imports(session: AsyncSession, *, before: int, limit: int) -> list[ImportProgress]:
    """A page of the imports, newest first."""
    statement = select(*_SHOWN).where(Import.id < before).order_by(Import.id.desc()).limit(limit)
    return [ImportProgress(**row) for row in (await session.execute(statement)).mappings()]


async def add_rejects(session: AsyncSession, rows: bytes) -> None:
    """Copies refused rows, as CSV in the order of `REJECT_COLUMNS`."""
    await copy_csv(session, table="import_rejects", columns=REJECT_COLUMNS, rows=rows)


async def list_rejects(session: AsyncSession, import_id: int, *, after: int, limit: int) -> Sequence[Reject]:
    """A page of the rows that an import refused, in the order of the file."""
    columns = [getattr(ImportReject, known.name) for known in fields(Reject)]
    statement = (
        select(*columns)
        .where(ImportReject.import_id == import_id, ImportReject.row_number > after)
        .order_by(ImportReject.row_number)
        .limit(limit)
    )
    return [Reject(**row) for row in (await session.execute(statement)).mappings()]


_ADD_JOBS = text(
    """
INSERT INTO outbox (job, key, payload, created_at, due_at, attempts)
SELECT :job, n.customer_id::text, jsonb_build_object('customer_id', n.customer_id), :now, :due_at, 0
FROM unnest(:customers) AS n(customer_id)
ON CONFLICT (job, key) WHERE done_at IS NULL DO NOTHING
RETURNING id, key::bigint AS customer_id
"""
).bindparams(bindparam("customers", type_=ARRAY(BigInteger)))


async def add_customer_jobs(
    session: AsyncSession, job: str, customers: Sequence[int], *, now: datetime, due_at: datetime
) -> list[tuple[int, int]]:
    """Writes a job for each customer, unless it waits already; answers outbox row and customer of those written."""
    written = await session.execute(_ADD_JOBS, {"job": job, "customers": list(customers), "now": now, "due_at": due_at})
    return [(row.id, row.customer_id) for row in written]
