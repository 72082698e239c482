"""Uploads over HTTP: stored, watched, loaded by the worker's own function, or refused with a code."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import xlsxwriter
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.db.models import Base, Customer, EventRow, ExternalLoan, Import, ImportChunk, OutboxRow
from app.db.repositories.imports import chunks, ingestion
from app.domain.people.access import SYSTEM, Role
from app.domain.people.customers import Registration
from app.services.imports import known_rows, uploads
from app.services.people import customers
from app.services.people.customers import make_identity_service
from app.services.tables import archives
from app.services.tables.files import open_table
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.conftest import HeadersOf, SilentJobQueue, Time

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
HEADER = "user_id,transaction_date,amount,type,description\n"
URL = "/api/v1/imports"
Send = Callable[..., Any]


async def send(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    content: bytes,
    *,
    kind: str = "transactions",
    name: str = "t.csv",
) -> httpx.Response:
    return await client.post(URL, headers=headers, data={"kind": kind}, files={"file": (name, content)})


async def run_import_job(uow_factory: UnitOfWorkFactory, settings: Settings, import_id: int) -> bool:
    """Loads an import, as the worker's job does. Returns whether it is finished."""
    identity = make_identity_service(settings)
    return await uploads.load_import(uow_factory, import_id, identity=identity, budget=timedelta(minutes=5))


async def count(uow_factory: UnitOfWorkFactory, table: type[Base]) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(select(func.count()).select_from(table))).scalar_one())


def workbook(rows: list[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A valid workbook with one part replaced."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"], [1]]))) as good,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for entry in good.infolist():
            changed.writestr(entry.filename, content if entry.filename == name else good.read(entry))
    return buffer.getvalue()


SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b"%s</sheetData></worksheet>"
)


def sheet(cells: bytes) -> bytes:
    return with_part("xl/worksheets/sheet1.xml", SHEET % cells)


def with_false_size(content: bytes) -> bytes:
    """The archive, with a false, small size of the sheet in its directory."""
    raw = bytearray(content)
    place = raw.rfind(b"PK\x01\x02", 0, raw.rfind(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", raw, place + 24, 40)
    return bytes(raw)


async def test_a_file_from_the_upload_to_its_rejects(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    job_queue: SilentJobQueue,
) -> None:
    content = (HEADER + "P1,2026-10-01,5,CREDIT,\n,2026-10-01,5,CREDIT,\n").encode()
    answer = await send(client, officer, content, name="../../bank.csv")
    assert answer.status_code == 202
    queued = answer.json()
    assert (queued["status"], queued["kind"], queued["file_name"], queued["percent_done"]) == (
        "queued", "transactions", "bank.csv", 0,
    )  # fmt: skip
    assert [job.name for job in job_queue.enqueued] == ["load_import"]
    assert await count(uow_factory, ImportChunk) == 1
    # The same file again is the same import and enqueues no second job.
    again = await send(client, officer, content, name="other.csv")
    assert (again.status_code, again.json()["import_id"]) == (202, queued["import_id"])
    assert (
        await count(uow_factory, Import),
        await count(uow_factory, ImportChunk),
        await count(uow_factory, OutboxRow),
    ) == (1, 1, 1)
    assert await run_import_job(uow_factory, settings, queued["import_id"])
    done = (await client.get(f"{URL}/{queued['import_id']}", headers=officer)).json()
    assert (done["status"], done["percent_done"]) == ("finished", 100)
    assert (done["rows_read"], done["rows_loaded"], done["rows_rejected"]) == (2, 1, 1)
    assert await count(uow_factory, ImportChunk) == 0
    rejects = await client.get(f"{URL}/{queued['import_id']}/rejects", headers=officer)
    assert rejects.headers["content-type"].startswith("text/csv")
    assert rejects.text.splitlines() == [
        "row_number,code,reason",
        "3,person_missing,the row does not say whose transaction it is",
    ]
    # The file is loaded already: a second job and a second upload change nothing.
    assert await run_import_job(uow_factory, settings, queued["import_id"])
    assert (await send(client, officer, content)).json() == done | {"file_name": "bank.csv"}
    assert (await count(uow_factory, Customer), await count(uow_factory, ImportChunk)) == (1, 0)
    page = (await client.get(URL, headers=officer)).json()
    assert [one["import_id"] for one in page["items"]] == [queued["import_id"]]


async def test_an_import_is_watched(
    client: httpx.AsyncClient, officer: dict[str, str], uow_factory: UnitOfWorkFactory, settings: Settings
) -> None:
    queued = (await send(client, officer, (HEADER + "P1,2026-10-01,5,CREDIT,\n").encode())).json()
    await run_import_job(uow_factory, settings, queued["import_id"])
    events = await client.get(f"{URL}/{queued['import_id']}/events", headers=officer)
    assert events.headers["content-type"].startswith("text/event-stream")
    retry, name, data = events.text.strip().splitlines()
    assert (retry, name) == ("retry: 2000", "event: end")
    assert json.loads(data.removeprefix("data: "))["rows_loaded"] == 1
    assert (await client.get(f"{URL}/999/events", headers=officer)).status_code == 404
    assert (await client.get(f"{URL}/999/rejects", headers=officer)).status_code == 404


async def test_a_long_file_is_loaded_in_steps(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = "".join(f"P{number % 50},2026-10-01,{number + 1},CREDIT,{'x' * 900}\n" for number in range(12_000))
    queued = (await send(client, officer, (HEADER + rows).encode())).json()
    identity = make_identity_service(settings)
    # The budget is over at once, but each step still loads one block.
    assert not await uploads.load_import(uow_factory, queued["import_id"], identity=identity, budget=timedelta(0))
    half = (await client.get(f"{URL}/{queued['import_id']}", headers=officer)).json()
    assert half["status"] == "running"
    assert 0 < half["rows_loaded"] < 12_000
    assert 0 < half["percent_done"] < 100
    # A restart loses nothing: the rest of the file is in the database.
    assert await run_import_job(uow_factory, settings, queued["import_id"])
    done = (await client.get(f"{URL}/{queued['import_id']}", headers=officer)).json()
    assert (done["status"], done["rows_loaded"]) == ("finished", 12_000)


async def test_an_import_that_is_tried_again_has_not_failed(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another import holds the turn for too long. The job runs again, so nobody is told that the import failed."""
    queued = (await send(client, officer, (HEADER + "P1,2026-10-01,5,CREDIT,\n").encode())).json()
    address = f"{URL}/{queued['import_id']}"
    monkeypatch.setattr(known_rows, "WAIT_SECONDS", 1)
    async with uow_factory.open(SYSTEM) as other:
        await ingestion.take_turn(other.session, "transactions", wait_seconds=1)
        with pytest.raises(DBAPIError, match="lock timeout"):
            await run_import_job(uow_factory, settings, queued["import_id"])
        assert (await client.get(address, headers=officer)).json() == queued
    assert await run_import_job(uow_factory, settings, queued["import_id"])
    assert (await client.get(address, headers=officer)).json()["status"] == "finished"
    async with uow_factory.open(SYSTEM) as uow:
        assert [*await uow.session.scalars(select(EventRow.type))] == ["import.finished"]


@pytest.mark.skipif(not DATA.exists(), reason="the real files are not here: ../shared/data")
async def test_the_real_workbooks(
    client: httpx.AsyncClient, officer: dict[str, str], uow_factory: UnitOfWorkFactory, settings: Settings
) -> None:
    for kind, name in (("loans", "loan_data.xlsx"), ("customers", "customer_data.xlsx")):
        answer = await send(client, officer, (DATA / name).read_bytes(), kind=kind, name=name)
        assert answer.status_code == 202
        assert await run_import_job(uow_factory, settings, answer.json()["import_id"])
    assert (await count(uow_factory, Customer), await count(uow_factory, ExternalLoan)) == (300, 782)


async def test_who_may_import(client: httpx.AsyncClient, headers_of: HeadersOf, uow_factory: UnitOfWorkFactory) -> None:
    content = (HEADER + "P1,2026-10-01,5,CREDIT,\n").encode()
    assert (await send(client, {}, content)).status_code == 401
    assert (await send(client, await headers_of(Role.CUSTOMER, customer_id=1), content)).status_code == 403
    assert (await send(client, await headers_of(Role.SERVICE), content)).status_code == 403
    assert await count(uow_factory, Import) == 0
    service = await headers_of(Role.SERVICE, scopes=frozenset({"imports:write"}))
    assert (await send(client, service, content)).status_code == 202


GOOD_BOOK = workbook([["Customer ID", "First Name"], [1, "A"]])
CELL = b'<c r="%s"><v>1</v></c>'
HOSTILE: list[tuple[str, str, bytes, str]] = [
    ("nothing", "t.csv", b"", "file_unreadable"),
    ("blank", "t.csv", b" \n\n \n", "file_unreadable"),
    ("a picture", "t.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "file_disguised"),
    ("a PDF named as a workbook", "t.xlsx", b"%PDF-1.7\n", "file_disguised"),
    ("a page", "t.csv", b"<!DOCTYPE html><html></html>", "file_disguised"),
    ("bytes", "t.csv", b"user_id\0,date,amount,type\n", "file_disguised"),
    ("text named as a workbook", "t.xlsx", HEADER.encode(), "file_disguised"),
    ("a workbook named as text", "t.csv", GOOD_BOOK, "file_disguised"),
    ("an old or locked workbook", "t.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_disguised"),
    ("UTF-16", "t.csv", HEADER.encode("utf-16"), "encoding_unknown"),
    ("UTF-16 without a mark", "t.csv", HEADER.encode("utf-16-le"), "file_disguised"),
    ("a header in another encoding", "t.csv", b"user_id,date,amount,type,caf\xe9\n", "file_unreadable"),
    ("too many columns", "t.csv", b",".join([b"a"] * 5_000) + b"\n1\n", "too_many_columns"),
    ("ten thousand columns", "t.csv", b",".join([b"c%d" % n for n in range(10_000)]) + b"\n", "too_many_columns"),
    ("one header twice", "t.csv", b"user_id,customer_id,customer_id,date,amount,type,user\n", "layout_unknown"),
    ("UTF-32", "t.csv", HEADER.encode("utf-32"), "encoding_unknown"),
    ("a line of megabytes", "t.csv", b"a" * 3_000_000, "file_unreadable"),
    ("no known header", "t.csv", b"who,what\n1,2\n", "layout_unknown"),
    ("cut short", "t.xlsx", GOOD_BOOK[: len(GOOD_BOOK) // 2], "file_damaged"),
    ("a few bytes", "t.xlsx", b"PK\x03\x04", "file_damaged"),
    ("altered", "t.xlsx", GOOD_BOOK.replace(b"PK\x01\x02", b"PK\x01\x03"), "file_damaged"),
    ("no workbook's archive", "t.xlsx", b"", "file_disguised"),
    ("a bomb", "t.xlsx", b"", "file_too_large"),
    ("a bomb that lies", "t.xlsx", b"", "file_damaged"),
    ("the last cell of the sheet", "t.xlsx", sheet(CELL % b"A1" + CELL % b"XFD1048576"), "too_many_rows"),
    ("a cell far to the right", "t.xlsx", sheet(CELL % b"A1" + CELL % b"XFD1"), "too_many_columns"),
    ("a wide and long sheet", "t.xlsx", sheet(CELL % b"A1" + CELL % b"CV150000"), "file_too_large"),
    ("rows without end", "t.xlsx", sheet(b'<row r="1048570">' + b"</row><row>".join([b"<c><v>1</v></c>"] * 3)
     + b"</row>"), "too_many_rows"),
    ("a cell in a strange place", "t.xlsx", sheet(CELL % b"1A"), "file_damaged"),
    ("no XML", "t.xlsx", sheet(b"<c"), "file_damaged"),
    ("entities", "t.xlsx", with_part("xl/sharedStrings.xml",
     b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbb"><!ENTITY c "&b;&b;&b;">]><sst><si><t>&c;</t></si></sst>'),
     "file_damaged"),
    ("no sheet", "t.xlsx", with_part("xl/workbook.xml", b"<workbook/>"), "file_damaged"),
    ("an empty sheet", "t.xlsx", workbook([]), "file_unreadable"),
]  # fmt: skip


def archive_of(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def content_of(what: str, content: bytes) -> bytes:
    if what == "no workbook's archive":
        return archive_of(text=b"hello")
    if what.startswith("a bomb"):
        bomb = sheet(b" " * 30_000_000)
        return bomb if what == "a bomb" else with_false_size(bomb)
    return content


@pytest.mark.parametrize("what, name, content, code", HOSTILE, ids=[case[0] for case in HOSTILE])
@pytest.mark.parametrize("kind", ["transactions", "customers"])
async def test_a_file_that_is_wrong_as_a_whole_writes_nothing(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    uow_factory: UnitOfWorkFactory,
    kind: str,
    what: str,
    name: str,
    content: bytes,
    code: str,
) -> None:
    answer = await send(client, officer, content_of(what, content), kind=kind, name=name)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, "file")
    assert (await count(uow_factory, Import), await count(uow_factory, ImportChunk)) == (0, 0)


async def test_repeated_texts_count_against_the_size_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives, "MOST_TEXT", 10_000)
    path = tmp_path / "f.xlsx"
    path.write_bytes(workbook([["x" * 900]] * 10))
    archives.repack(path)
    path.write_bytes(workbook([["x" * 900]] * 12))
    with pytest.raises(archives.FileTooLarge):
        archives.repack(path)


async def test_rows_in_another_encoding_are_named(
    client: httpx.AsyncClient, officer: dict[str, str], uow_factory: UnitOfWorkFactory, settings: Settings
) -> None:
    content = HEADER.encode() + b"P1,2026-10-01,5,CREDIT,caf\xe9\nP1,2026-10-01,5,CREDIT,caf\xc3\xa9\n"
    queued = (await send(client, officer, content)).json()
    await run_import_job(uow_factory, settings, queued["import_id"])
    rejects = (await client.get(f"{URL}/{queued['import_id']}/rejects", headers=officer)).text
    assert [line.partition(",reason")[0].split(",")[:2] for line in rejects.splitlines()[1:]] == [
        ["2", "description_unusable"]
    ]


ODD: list[tuple[str, bytes, tuple[int, list[str]]]] = [
    ("a header alone", HEADER.encode(), (0, [])),
    ("a mark before the header", b"\xef\xbb\xbf" + HEADER.encode() + b"P1,2026-10-01,5,CREDIT,\n", (1, [])),
    ("quotes across lines", HEADER.encode()
     + b'P1,2026-10-01,5,CREDIT,"a\nb"\nP1,2026-10-01,5,X,\n', (1, ["3,type_unknown"])),
    ("NULs in a row", HEADER.encode() + b"P\0,2026-10-01,5,CREDIT,\nP1,2026-10-01,5,CREDIT,\0\n",
     (0, ["2,person_unreadable", "3,description_unusable"])),
    ("formulas as text", HEADER.encode() + b"=1+1,2026-10-01,5,CREDIT,\nP1,2026-10-01,=5,CREDIT,=cmd|x\n",
     (0, ["2,person_unreadable", "3,amount_unreadable"])),
    ("latin-1 in an id", HEADER.encode() + b"Jos\xe9,2026-10-01,5,CREDIT,\n", (0, ["2,person_unreadable"])),
]  # fmt: skip


@pytest.mark.parametrize("what, content, expected", ODD, ids=[case[0] for case in ODD])
async def test_odd_content_harms_only_its_own_rows(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    what: str,
    content: bytes,
    expected: tuple[int, list[str]],
) -> None:
    queued = (await send(client, officer, content)).json()
    assert await run_import_job(uow_factory, settings, queued["import_id"])
    done = (await client.get(f"{URL}/{queued['import_id']}", headers=officer)).json()
    rejects = (await client.get(f"{URL}/{queued['import_id']}/rejects", headers=officer)).text
    refused = [",".join(line.split(",")[:2]) for line in rejects.splitlines()[1:]]
    assert (done["status"], done["rows_loaded"], refused) == ("finished", *expected)


async def test_a_workbook_of_formulas_is_read_by_their_kept_values(
    client: httpx.AsyncClient, officer: dict[str, str], uow_factory: UnitOfWorkFactory, settings: Settings
) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["user_id", "date", "amount", "type"])
        for row, (formula, value) in enumerate([("=2+3", 5), ("=HYPERLINK(A1)", "=2+3")], start=1):
            page.write_row(row, 0, ["P1", "2026-10-01", None, "CREDIT"])
            page.write_formula(row, 2, formula, None, value)
    queued = (await send(client, officer, buffer.getvalue(), name="t.xlsx")).json()
    assert await run_import_job(uow_factory, settings, queued["import_id"])
    rejects = (await client.get(f"{URL}/{queued['import_id']}/rejects", headers=officer)).text
    assert [line.split(",")[:2] for line in rejects.splitlines()[1:]] == [["3", "amount_unreadable"]]


def test_a_sheet_of_a_million_blank_rows_costs_nothing(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"/>' % number for number in range(2, 1_000_002))
    path = tmp_path / "f.xlsx"
    path.write_bytes(sheet(b'<row r="1">' + CELL % b"A1" + b"</row>" + rows))
    table = open_table(path)
    assert (table.header, list(table.blocks())) == (("1",), [])


@pytest.mark.parametrize(
    "parts, status",
    [
        ({"data": {"kind": "transactions"}}, 422),
        ({"data": {"kind": "people"}, "files": {"file": ("t.csv", b"a")}}, 422),
        ({"files": {"file": ("t.csv", b"a")}}, 422),
        ({"data": {"kind": "loans", "file": "not a file"}}, 422),
        ({"json": {"kind": "loans"}}, 422),
        ({"content": b"--x\r\nnot a form", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400),
        ({"content": b"--x\r\n-1--x--\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400),
    ],
)
async def test_a_request_that_is_no_upload(
    app: FastAPI, client: httpx.AsyncClient, officer: dict[str, str], parts: dict[str, Any], status: int
) -> None:
    headers = officer | parts.get("headers", {})
    answer = await client.post(URL, **{**parts, "headers": headers})
    assert answer.status_code == status
    assert str(status) in app.openapi()["paths"][URL]["post"]["responses"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_name_is_only_a_name() -> None:
    names = {
        "C:\\Users\\x\\loans.xlsx": "loans.xlsx",
        "/etc/passwd": "passwd",
        "..": "..",
        "": "file",
        "a\x1b[31mb.csv": "a[31mb.csv",
        "x" * 300 + ".csv": "x" * 116 + ".csv",
    }
    assert {name: uploads.plain_name(name) for name in names} == names


def test_the_zip_bomb_is_a_small_file() -> None:
    assert len(zlib.compress(b" " * 30_000_000)) < 100_000


async def test_a_file_whose_rows_were_refused_is_tried_again(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    app: FastAPI,
) -> None:
    identity = make_identity_service(settings)

    async def registered(aadhaar: str, name: str) -> int:
        registration = Registration(name=name, email=f"{name}@example.com", aadhar_id=aadhaar)
        keyring = app.state.keyring
        made = await customers.register(
            uow_factory, None, identity=identity, keyring=keyring, registration=registration
        )
        return made.customer_id

    first = await registered("234123412346", "asha")
    rows = f"BC-USER-{first:03d},2026-10-01,5,CREDIT,\nBC-USER-{first + 1:03d},2026-10-01,7,CREDIT,\n,,1,CREDIT,\n"
    content = (HEADER + rows).encode()
    number = (await send(client, officer, content)).json()["import_id"]
    assert await run_import_job(uow_factory, settings, number)
    done = (await client.get(f"{URL}/{number}", headers=officer)).json()
    assert (done["rows_read"], done["rows_loaded"], done["rows_known"], done["rows_rejected"]) == (3, 1, 0, 2)
    assert await registered("345634563458", "ravi") == first + 1
    again = (await send(client, officer, content)).json()
    assert (again["import_id"], again["status"]) == (number, "queued")
    # A worker that saw the first attempt as finished comes late to delete its file.
    async with uow_factory.open(SYSTEM) as uow:
        await chunks.delete_chunks(uow.session, number)
    assert await count(uow_factory, ImportChunk) == 1
    # The job may run twice. The second time its file is gone.
    assert await run_import_job(uow_factory, settings, number)
    assert await run_import_job(uow_factory, settings, number)
    done = (await client.get(f"{URL}/{number}", headers=officer)).json()
    assert (done["status"], done["percent_done"]) == ("finished", 100)
    assert (done["rows_read"], done["rows_loaded"], done["rows_known"], done["rows_rejected"]) == (3, 2, 0, 1)
    rejects = (await client.get(f"{URL}/{number}/rejects", headers=officer)).text
    assert [line.split(",")[:2] for line in rejects.splitlines()[1:]] == [["4", "person_missing"]]
    # The other rows are rejected for a reason in the file itself.
    assert (await send(client, officer, content)).json() == done
    assert await count(uow_factory, ImportChunk) == 0
    # The same statement with another name and other line ends.
    other = (await send(client, officer, content.replace(b"\n", b"\r\n"))).json()["import_id"]
    assert await run_import_job(uow_factory, settings, other)
    done = (await client.get(f"{URL}/{other}", headers=officer)).json()
    assert (done["rows_read"], done["rows_loaded"], done["rows_known"], done["rows_rejected"]) == (3, 0, 2, 1)
