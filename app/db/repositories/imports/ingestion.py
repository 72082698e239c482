"""Imports: their file, their progress, and the rows that they refused.

`rows_read` is the progress of an import in rows that are not blank. It is written in the transaction that writes those
rows, and only if it is unchanged. So two programs that load the same file never load a row twice. A retried import
begins again at 0 with its next `attempt`, and reads only the rows that it had refused.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, bindparam, delete, exists, select, text, update
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
    """The progress of an import."""

    id: int
    status: str
    rows_read: int
    rows_loaded: int
    rows_known: int
    rows_rejected: int
    started_at: datetime
    attempt: int
    rules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """An import as it is shown. The sizes are None for old imports, which did not store them."""

    id: int
    kind: str
    file_name: str
    status: str
    rows_read: int
    rows_loaded: int
    rows_known: int
    rows_rejected: int
    size_bytes: int | None
    bytes_read: int | None
    failure: str | None
    started_at: datetime
    finished_at: datetime | None
    actor: str


class ImportNotFound(NotFound):
    """There is no such import. Check the id."""

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
    rules: int = 0,
    size_bytes: int | None = None,
    status: str = RUNNING,
) -> ImportState:
    """Finds the import of a file by its content, or adds one. `rules` is the version of the rules of a new one."""
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
            rules=rules,
            started_at=now,
            actor=actor,
        )
        await session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "content_hash"]))
        found = (await session.execute(find)).mappings().one()
    return ImportState(**found)


async def advance_import(
    session: AsyncSession, state: ImportState, *, to: ImportState, bytes_read: int | None = None
) -> bool:
    """Writes the progress of an import. If it is no longer at `state`, returns False and writes nothing."""
    statement = (
        update(Import)
        .where(*_is_at(state))
        .values(
            status=RUNNING,
            failure=None,
            finished_at=None,
            rows_read=to.rows_read,
            rows_loaded=to.rows_loaded,
            rows_known=to.rows_known,
            rows_rejected=to.rows_rejected,
            bytes_read=bytes_read,
        )
        .returning(Import.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def finish_import(session: AsyncSession, state: ImportState, *, now: datetime) -> bool:
    """Finishes an import. Returns False if it is no longer at `state`, because another program went on with it."""
    values = {"status": FINISHED, "failure": None, "finished_at": now}
    statement = update(Import).where(*_is_at(state)).values(values).returning(Import.id)
    return (await session.execute(statement)).scalar_one_or_none() is not None


def _is_at(state: ImportState) -> tuple[ColumnElement[bool], ...]:
    return (
        Import.id == state.id,
        Import.rows_read == state.rows_read,
        Import.attempt == state.attempt,
        Import.status != FINISHED,
    )


async def reopen_import(session: AsyncSession, state: ImportState, *, rules: int, status: str = RUNNING) -> ImportState:
    """Begins the next attempt of a finished import, unless another program did. Returns the current attempt."""
    columns = [getattr(Import, known.name) for known in fields(ImportState)]
    statement = (
        update(Import)
        .where(Import.id == state.id, Import.attempt == state.attempt, Import.status == FINISHED)
        .values(status=status, attempt=Import.attempt + 1, rules=rules, rows_read=0, bytes_read=0, finished_at=None)
    )
    await session.execute(statement)
    return ImportState(**(await session.execute(select(*columns).where(Import.id == state.id))).mappings().one())


_TAKE_TURN = text(
    """
INSERT INTO import_turns AS t (kind, turns) VALUES (:kind, 1)
ON CONFLICT (kind) DO UPDATE SET turns = t.turns + 1
RETURNING turns
"""
)


async def take_turn(session: AsyncSession, kind: str, *, wait_seconds: int) -> int:
    """Waits until no other import writes rows of the kind. The others then wait until this transaction ends.

    Returns the number of this turn. If it is one more than the import's last turn, no other import wrote in between.
    """
    await session.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{wait_seconds}s"})
    return int((await session.execute(_TAKE_TURN, {"kind": kind})).scalar_one())


async def fail_import(session: AsyncSession, import_id: int, *, failure: str, now: datetime) -> None:
    """Stores why an import failed. It continues from there when the same file is imported again."""
    await session.execute(
        update(Import)
        .where(Import.id == import_id, Import.status != FINISHED)
        .values(status=FAILED, failure=failure, finished_at=now)
    )


async def get_import(session: AsyncSession, import_id: int) -> ImportProgress:
    """An import and its progress. Raises `ImportNotFound`."""
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


async def has_rejects_of(session: AsyncSession, import_id: int, *, codes: Collection[str]) -> bool:
    """Whether an import refused a row with one of these codes."""
    found = exists().where(ImportReject.import_id == import_id, ImportReject.code.in_(codes))
    return bool((await session.execute(select(found))).scalar_one())


async def list_rejected_rows(session: AsyncSession, import_id: int, *, first: int, last: int) -> list[int]:
    """The numbers of the refused rows from `first` to `last`."""
    number = ImportReject.row_number
    statement = select(number).where(ImportReject.import_id == import_id, number.between(first, last))
    return list((await session.execute(statement)).scalars())


async def delete_rejects(session: AsyncSession, import_id: int, *, first: int, last: int) -> None:
    """Deletes the refusals of the rows from `first` to `last`."""
    number = ImportReject.row_number
    await session.execute(delete(ImportReject).where(ImportReject.import_id == import_id, number.between(first, last)))


_ADD_JOBS = text(
    """
INSERT INTO outbox (job, key, payload, created_at, due_at, attempts)
SELECT :job, n.customer_id::text, jsonb_build_object('customer_id', n.customer_id), :now, :due_at, 0
FROM unnest(:customers) AS n(customer_id) ORDER BY n.customer_id
ON CONFLICT (job, key) WHERE done_at IS NULL DO UPDATE SET due_at = excluded.due_at
RETURNING id, key::bigint AS customer_id
"""
).bindparams(bindparam("customers", type_=ARRAY(BigInteger)))


async def add_customer_jobs(
    session: AsyncSession, job: str, customers: Sequence[int], *, now: datetime, due_at: datetime
) -> list[tuple[int, int]]:
    """Writes a job for each customer, or locks the one that waits. Returns the outbox row and the customer of each.

    Rows are written in the order of the customers, so that two imports of the same people do not deadlock.
    """
    written = await session.execute(_ADD_JOBS, {"job": job, "customers": list(customers), "now": now, "due_at": due_at})
    return [(row.id, row.customer_id) for row in written]
