"""Files for credit bureaus: list them, fetch one, and read what was said about a borrower."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query
from fastapi.responses import StreamingResponse

from app.api.deps import OFFICERS, READERS, KistRouter, ReadingDep, UnitOfWorkFactoryDep
from app.api.id_schemas import UserId
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, Day
from app.domain.delinquency.bureau import read_line
from app.services.delinquency import bureau

router = KistRouter(prefix="/bureau", tags=["Credit bureaus"])


class CsvFile(StreamingResponse):
    """A CSV file that is read while it is sent."""

    media_type = "text/csv"


class BureauFileAnswer(Answer):
    """A file: as on which day, full or what changed since the file before, how many records, and when it was made.
    `finished_at` is null while it is being made."""

    as_on: date
    kind: str
    since: date | None
    known_on: date
    records: int
    made_at: datetime
    finished_at: datetime | None


class SaidAnswer(Answer):
    """A record as it was given: the file, and every column of the line."""

    as_on: date
    kind: str
    known_on: date
    made_at: datetime
    record: dict[str, str]


@router.get("/files", dependencies=[OFFICERS], summary="List the files for credit bureaus")
async def list_files(
    uow: ReadingDep,
    before: Annotated[Day | None, Query(description="Only files as on days before this one")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="The most rows to answer")] = 100,
) -> list[BureauFileAnswer]:
    """Lists the files, the newest first. The rulebook says as on which days one is made."""
    return [
        BureauFileAnswer(
            as_on=file.as_on,
            kind=file.kind,
            since=file.since,
            known_on=file.known_on,
            records=file.records,
            made_at=file.made_at,
            finished_at=file.finished_at,
        )
        for file in await bureau.list_files(uow, before=before or date.max, limit=limit)
    ]


@router.get(
    "/files/{as_on}", dependencies=[OFFICERS], response_class=CsvFile, summary="Fetch a file for credit bureaus"
)
async def get_file(
    as_on: Annotated[Day, Path(description="The day of the file")],
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
) -> CsvFile:
    """Sends the file as it was made: a header row, then a line for each loan. Its layout is in docs/bureau-file.md."""
    assert claims is not None, "the permission requires a token"
    parts = bureau.read_file(uow_factory, claims, as_on)
    # The first part is read before the answer starts: an unknown file is a 404 and no file.
    first = await anext(parts)
    headers = {"Content-Disposition": f'attachment; filename="bureau-{as_on}.csv"'}
    return CsvFile(_from_first(first, parts), headers=headers)


async def _from_first(first: str, parts: AsyncGenerator[str]) -> AsyncGenerator[str]:
    yield first
    async with aclosing(parts):
        async for part in parts:
            yield part


@router.get("/records", dependencies=[READERS], summary="What was said about a borrower")
async def list_records(
    uow: ReadingDep,
    user_id: Annotated[UserId, Query(description="`BC-USER-009`, or its number")],
    after: Annotated[Day | None, Query(description="Only files as on days after this one")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most rows to answer")] = 200,
) -> list[SaidAnswer]:
    """Lists every record of a borrower's loans as it was given to credit bureaus, the oldest first, with the day on
    which the file was made."""
    return [
        SaidAnswer(
            as_on=said.as_on,
            kind=said.kind,
            known_on=said.known_on,
            made_at=said.made_at,
            record=read_line(said.line),
        )
        for said in await bureau.list_said(uow, user_id, after=after or date.min, after_loan=2**62, limit=limit)
    ]
