"""Imports: upload a file, watch its import, and read the rejected rows."""

import asyncio
import csv
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from io import StringIO
from typing import Annotated, Final, Literal

from fastapi import Depends, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import StreamingResponse

from app.api.deps import IMPORTERS, KistRouter, RequestId, UnitOfWorkDep, UnitOfWorkFactoryDep
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, Between, CursorText, Page, Whole
from app.api.streams import EventStream, stream
from app.db.repositories.imports.ingestion import ImportProgress, Reject
from app.documents.table_csv import harmless
from app.domain.cursors import read_number
from app.services.imports import uploads
from app.services.people.customers import IdentityService, make_identity_service

router = KistRouter(prefix="/imports", tags=["Imports"])

ImportPath = Annotated[Whole, Between(1, 2**62), Path(description="The number of the import")]
POLL_SECONDS: Final = 0.5
#: A stream ends after this time. A client connects again if it still wants to watch; browsers do so by themselves.
WATCH_SECONDS: Final = 300
HEARTBEAT_SECONDS: Final = 15


class ImportAnswer(Answer):
    """An import and its progress. `rows_known` counts rows that earlier files already loaded. If the status is
    `failed`, `failure` gives the reason: upload the same file again to continue where the import stopped."""

    import_id: int
    kind: Literal["customers", "loans", "transactions"]
    file_name: str
    status: Literal["queued", "running", "finished", "failed"]
    percent_done: int
    rows_read: int
    rows_loaded: int
    rows_known: int
    rows_rejected: int
    failure: str | None
    started_at: datetime
    finished_at: datetime | None


async def get_identity(request: Request) -> IdentityService:
    return make_identity_service(request.app.state.settings)


def present(found: ImportProgress) -> ImportAnswer:
    done = 100 * (found.bytes_read or 0) // max(found.size_bytes or 0, 1)
    return ImportAnswer.model_validate(
        {
            "import_id": found.id,
            "percent_done": 100 if found.status == "finished" else min(done, 99),
            **{
                name: getattr(found, name)
                for name in ImportAnswer.model_fields
                if name not in {"import_id", "percent_done"}
            },
        }
    )


#: A form has no class of its own that could hold its example; `file` is the content of the file.
UPLOAD = {"kind": "transactions", "file": "aadhaar,date,amount,type\n234123412346,2026-10-01,50000,CREDIT\n"}
FORM = {"requestBody": {"content": {"multipart/form-data": {"example": UPLOAD}}}}


@router.post("", status_code=202, dependencies=[IMPORTERS], summary="Upload a file", openapi_extra=FORM)
async def upload_file(
    kind: Annotated[Literal["customers", "loans", "transactions"], Form(description="The kind of the file's rows")],
    file: Annotated[UploadFile, File(description="A workbook (.xlsx) or a CSV file in UTF-8, with a header")],
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
    identity: Annotated[IdentityService, Depends(get_identity)],
    request_id: RequestId,
) -> ImportAnswer:
    """Checks the file as a whole at once, and loads its rows in the background. Bad rows are left out and listed at
    `GET /imports/{import_id}/rejects`.

    If the same file was uploaded before, the answer is its first import. No row is loaded twice. Rejected rows are
    tried again if their reason may be gone.
    """
    assert claims is not None, "the permission requires a token"
    received = await uploads.receive(
        uow_factory,
        claims,
        kind=kind,
        file_name=file.filename or "file",
        content=file.file,
        identity=identity,
        request_id=request_id,
    )
    return present(received)


@router.get("", dependencies=[IMPORTERS], summary="List imports")
async def list_imports(
    uow: UnitOfWorkDep,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=200, description="The most rows to answer")] = 20,
) -> Page[ImportAnswer]:
    """Lists imports, the newest first. Send `next_cursor` as `cursor` to get older imports."""
    found = await uploads.list_imports(uow, before=read_number(cursor, default=2**62), limit=limit)
    return Page(items=[present(one) for one in found], next_cursor=str(found[-1].id) if len(found) == limit else None)


@router.get("/{import_id}", dependencies=[IMPORTERS], summary="Read the progress of an import")
async def get_import(import_id: ImportPath, uow: UnitOfWorkDep) -> ImportAnswer:
    """Gives the counts so far. You can read them while the import goes on."""
    return present(await uploads.view_import(uow, import_id))


@router.get(
    "/{import_id}/events",
    dependencies=[IMPORTERS],
    summary="Watch an import",
    response_class=EventStream,
    responses={200: {"description": "Server-sent events: one event for each change"}},
)
async def watch_import(import_id: ImportPath, uow_factory: UnitOfWorkFactoryDep, claims: ClaimsDep) -> EventStream:
    """Sends server-sent events named `progress`. Each holds the answer of `GET /imports/{import_id}`. The last event is
    named `end` when the import is over, or `refused` if the token stops being valid. The stream also closes after five
    minutes: connect again to continue."""
    assert claims is not None, "the permission requires a token"
    changes = uploads.watch_import(uow_factory, claims, import_id, every_seconds=POLL_SECONDS)
    # The first change is read before the answer starts: an unknown import is a 404 and no stream.
    first = await anext(changes)
    return stream(_events(first, changes))


async def _events(first: ImportProgress, changes: AsyncGenerator[ImportProgress]) -> AsyncGenerator[str]:
    loop = asyncio.get_running_loop()
    began = last_sent = loop.time()
    yield f"retry: 2000\n{_event(first)}"
    last = first
    async with aclosing(changes):
        async for found in changes:
            if found != last:
                last, last_sent = found, loop.time()
                yield _event(found)
            elif loop.time() - last_sent > HEARTBEAT_SECONDS:
                last_sent = loop.time()
                yield ": still there\n\n"
            if loop.time() - began > WATCH_SECONDS:
                return


def _event(found: ImportProgress) -> str:
    name = "end" if uploads.is_over(found) else "progress"
    return f"event: {name}\ndata: {present(found).model_dump_json()}\n\n"


@router.get(
    "/{import_id}/rejects",
    dependencies=[IMPORTERS],
    summary="Download the rejected rows as CSV",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "The columns row_number, code, reason"}},
)
async def download_rejects(
    import_id: ImportPath, uow_factory: UnitOfWorkFactoryDep, claims: ClaimsDep
) -> StreamingResponse:
    """Sends one line for each rejected row: its number in the file (as a spreadsheet shows it), a code and a reason. No
    reason repeats the row's values."""
    assert claims is not None, "the permission requires a token"
    pages = uploads.each_reject(uow_factory, claims, import_id)
    first: list[Reject] = await anext(pages, [])
    name = f"import-{import_id}-rejects.csv"
    return StreamingResponse(
        _csv(first, pages), media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


async def _csv(first: list[Reject], pages: AsyncIterator[list[Reject]]) -> AsyncIterator[str]:
    yield _lines([("row_number", "code", "reason"), *_rows(first)])
    async for page in pages:
        yield _lines(_rows(page))


def _rows(page: list[Reject]) -> list[tuple[object, ...]]:
    return [(reject.row_number, harmless(reject.code), harmless(reject.reason)) for reject in page]


def _lines(rows: list[tuple[object, ...]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
