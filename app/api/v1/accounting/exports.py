"""The books as files: CSV, xlsx and Tally XML. They are made while they are sent."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import StreamingResponse

from app.api.deps import OFFICERS, KistRouter, UnitOfWorkFactoryDep
from app.api.permissions import ClaimsDep
from app.api.schemas import Day
from app.services.accounting import exports
from app.services.accounting.exports import Export, ExportForm, ExportOf
from app.services.people.access import open_uow

router = KistRouter(prefix="/accounting/exports", tags=["Accounting"])

MEDIA_TYPES = {
    ExportForm.CSV: "text/csv; charset=utf-8",
    ExportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportForm.TALLY: "application/xml",
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            MEDIA_TYPES[ExportForm.XLSX]: {"schema": {"type": "string", "format": "binary"}},
            MEDIA_TYPES[ExportForm.TALLY]: {"schema": {"type": "string"}},
        },
    }
}


@router.get(
    "/{of}",
    dependencies=[OFFICERS],
    response_class=StreamingResponse,
    responses=FILES,
    summary="Export the journal, the transfers or the accounts",
)
async def export_books(
    of: ExportOf,
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
    from_: Annotated[Day, Query(alias="from", description="The first day")],
    to: Annotated[Day, Query(alias="to", description="The last day, which is included")],
    form: Annotated[ExportForm, Query(alias="format", description="The form of the file")] = ExportForm.CSV,
) -> StreamingResponse:
    """Sends a file of any number of days. `journal` has a row for each day, account and product, or for Tally a voucher
    for each day; `transfers` has a row for each transfer; `accounts` makes the accounts in Tally, so import it before
    the journal. The same days give the same bytes. The layout is in docs/accounting.md."""
    assert claims is not None, "the permission requires a token"
    wanted = Export(of=of, form=form, from_on=from_, to_on=to)
    parts = exports.export(partial(open_uow, uow_factory, claims), wanted)
    # The checks are made before the answer starts: what is not offered is a refusal and no file.
    first = await anext(parts)
    return StreamingResponse(
        from_first(first, parts),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{wanted.file_name}"'},
    )


async def from_first(first: bytes, parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The parts, of which the first was read already."""
    yield first
    async with aclosing(parts):
        async for part in parts:
            yield part
