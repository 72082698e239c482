"""Imports: upload a file, watch it being loaded, fetch the rows it lost."""

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
from app.api.schemas import Answer, Between, Page, Whole
from app.api.streams import EventStream, stream
from app.db.repositories.imports.ingestion import ImportProgress, Reject
from app.services.imports import uploads
from app.services.people.customers import IdentityService, make_identity_service

router = KistRouter(prefix="/imports", tags=["Imports"])

ImportPath = Annotated[Whole, Between(1, 2**62), Path()]
POLL_SECONDS: Final = 0.5
#: A stream ends by itself; a client that still wants to watch connects again, as browsers do unasked.
WATCH_SECONDS: Final = 300
HEARTBEAT_SECONDS: Final = 15


class ImportAnswer(Answer):
    """How far an import is. `rows_known` are rows that earlier files had brought. `failed` says why in `failure`; the
    same file again goes on where it stopped."""

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


@router.post("", status_code=202, dependencies=[IMPORTERS], summary="Upload a file to be loaded")
async def upload(
    kind: Annotated[Literal["customers", "loans", "transactions"], Form(description="What its rows are")],
    file: Annotated[UploadFile, File(description="A workbook (.xlsx) or a CSV file in UTF-8, with a header")],
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
    identity: Annotated[IdentityService, Depends(get_identity)],
    request_id: RequestId,
) -> ImportAnswer:
    """What is wrong with the file as a whole is answered now; its rows are loaded in the background, and bad ones are
    left out and named. A file that was uploaded before is answered with its first import; nothing is loaded twice, and
    rows that were refused for a reason that may be gone are tried again."""
    assert claims is not None, "nobody gets past the permission without a token"
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


@router.get("", dependencies=[IMPORTERS], summary="The latest imports")
async def list_imports(
    uow: UnitOfWorkDep,
    cursor: Annotated[int, Query(ge=1, le=2**62)] = 2**62,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Page[ImportAnswer]:
    """Newest first; `next_cursor` asks for older ones."""
    found = await uploads.list_imports(uow, before=cursor, limit=limit)
    return Page(items=[present(one) for one in found], next_cursor=str(found[-1].id) if len(found) == limit else None)


@router.get("/{import_id}", dependencies=[IMPORTERS], summary="How far an import is")
async def get_import(import_id: ImportPath, uow: UnitOfWorkDep) -> ImportAnswer:
    """Readable while it runs."""
    return present(await uploads.view_import(uow, import_id))


@router.get(
    "/{import_id}/events",
    dependencies=[IMPORTERS],
    summary="Watch an import",
    response_class=EventStream,
    responses={200: {"description": "Server-sent events, one for every change"}},
)
async def watch(import_id: ImportPath, uow_factory: UnitOfWorkFactoryDep, claims: ClaimsDep) -> EventStream:
    """Server-sent events named `progress`, each holding what `GET /imports/{import_id}` answers; the last one is named
    `end`, or `refused` where the token is worth nothing any more. Nothing has to be asked twice."""
    assert claims is not None, "nobody gets past the permission without a token"
    changes = uploads.watch_import(uow_factory, claims, import_id, every_seconds=POLL_SECONDS)
    # The first look belongs to the answer's status: an import that is not there is a 404 and no stream.
    first = await anext(changes)
    return stream(_events(first, changes))


async def _events(first: ImportProgress, changes: AsyncGenerator[ImportProgress]) -> AsyncGenerator[str]:
    loop = asyncio.get_running_loop()
    began = spoken = loop.time()
    yield f"retry: 2000\n{_event(first)}"
    last = first
    async with aclosing(changes):
        async for found in changes:
            if found != last:
                last, spoken = found, loop.time()
                yield _event(found)
            elif loop.time() - spoken > HEARTBEAT_SECONDS:
                spoken = loop.time()
                yield ": still there\n\n"
            if loop.time() - began > WATCH_SECONDS:
                return


def _event(found: ImportProgress) -> str:
    name = "end" if uploads.is_over(found) else "progress"
    return f"event: {name}\ndata: {present(found).model_dump_json()}\n\n"


@router.get(
    "/{import_id}/rejects",
    dependencies=[IMPORTERS],
    summary="The rows an import refused, as CSV",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "row_number, code, reason"}},
)
async def rejects(import_id: ImportPath, uow_factory: UnitOfWorkFactoryDep, claims: ClaimsDep) -> StreamingResponse:
    """By their numbers in the file, as a spreadsheet shows them. No reason repeats what was in the row."""
    assert claims is not None, "nobody gets past the permission without a token"
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
    return [(reject.row_number, inert(reject.code), inert(reject.reason)) for reject in page]


def _lines(rows: list[tuple[object, ...]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
