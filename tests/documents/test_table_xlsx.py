"""Workbooks: exact amounts with the commas of lakhs and crores, days as days, text that is no formula, in parts."""

import io
from datetime import UTC, date, datetime, timedelta, timezone
from xml.etree import ElementTree
from zipfile import ZipFile

import polars
import pytest

from app.documents import table_xlsx
from app.documents.cell_money import amount_format
from app.documents.table_columns import Column, Kind, Row, rupees
from app.documents.table_csv import csv_head, csv_rows
from app.documents.table_xlsx import TableWorkbook

COLUMNS = (
    Column("name"), Column("amount", Kind.PAISE), Column("on", Kind.DAY), Column("at", Kind.INSTANT),
    Column("days", Kind.NUMBER),
)  # fmt: skip
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    "paise, expected",
    [
        (0, "#,##0.00;-#,##0.00"),
        (99_999_99, "#,##0.00;-#,##0.00"),
        (-99_999_99, "#,##0.00;-#,##0.00"),
        (1_00_000_00, r"##\,##\,##0.00;-##\,##\,##0.00"),
        (99_99_999_99, r"##\,##\,##0.00;-##\,##\,##0.00"),
        (-1_00_00_000_00, r"##\,##\,##\,##0.00;-##\,##\,##\,##0.00"),
        (99_99_99_999_99, r"##\,##\,##\,##0.00;-##\,##\,##\,##0.00"),
        (1_00_00_00_000_00, r"##\,##\,##\,##\,##0.00;-##\,##\,##\,##\,##0.00"),
        (2**63 - 1, r"##\,##\,##\,##\,##\,##\,##\,##0.00;-##\,##\,##\,##\,##\,##\,##\,##0.00"),
    ],
)
def test_an_amount_has_the_format_of_its_size(paise: int, expected: str) -> None:
    assert amount_format(paise) == expected


@pytest.mark.parametrize(
    "paise, text",
    [(0, "0.00"), (-5, "-0.05"), (1_00, "1.00"), (-1_23_456_78, "-123456.78"), (2**63 - 1, "92233720368547758.07")],
)
def test_an_amount_is_written_to_the_paisa(paise: int, text: str) -> None:
    assert rupees(paise) == text


def written(*parts: list[Row]) -> bytes:
    book = TableWorkbook(COLUMNS, sheet="Work list")
    return b"".join([*(book.add(part) for part in parts), book.end()])


def cells(content: bytes, sheet: int = 1) -> list[tuple[str | None, str]]:
    """The style and the text of each cell."""
    tree = ElementTree.fromstring(ZipFile(io.BytesIO(content)).read(f"xl/worksheets/sheet{sheet}.xml"))
    return [(each.get("s"), "".join(each.itertext())) for each in tree.iter(CELL)]


def test_a_workbook_that_is_written_in_parts() -> None:
    at = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
    content = written(
        [["=1+1", -1_23_456_78, date(2026, 11, 21), at, 31]],
        [],
        [[None, 10_661_85, None, None, 0], ["_x0041_ <&> \x01\n", 0, None, at.astimezone(INDIA), -1]],
    )
    assert cells(content)[5:] == [
        (None, "=1+1"), ("5", "-123456.78"), ("2", "46347"), ("3", "46347.4791666667"), (None, "31"),
        (None, ""), ("4", "10661.85"), (None, ""), (None, ""), (None, "0"),
        (None, "_x005F_x0041_ <&> \n"), ("4", "0.00"), (None, ""), ("3", "46347.7083333333"), (None, "-1"),
    ]  # fmt: skip
    parts = ZipFile(io.BytesIO(content))
    assert parts.testzip() is None
    assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()
    assert r'formatCode="##\,##\,##0.00;-##\,##\,##0.00"' in parts.read("xl/styles.xml").decode()
    read = polars.read_excel(io.BytesIO(content))
    assert read.columns == ["name", "amount", "on", "at", "days"]
    assert read["amount"].to_list() == [-123456.78, 10661.85, 0.0]
    assert read["on"].to_list() == [date(2026, 11, 21), None, None]
    assert read["at"].to_list() == [datetime(2026, 11, 21, 11, 30), None, datetime(2026, 11, 21, 17, 0)]  # noqa: DTZ001
    assert read.rows()[0][0] == "=1+1"
    assert read["days"].to_list() == [31, 0, -1]


def test_rows_leave_before_the_table_is_whole() -> None:
    book = TableWorkbook(COLUMNS, sheet="Long")
    sizes = [
        len(book.add([[f"row {number}", number * 977, date(2026, 11, 21), None, number] for number in part]))
        for part in (range(20_000), range(20_000, 40_000))
    ]
    # Each part is compressed and sent at once; what the compressor holds back is small.
    assert min(sizes) > 50_000
    assert len(book.end()) < 50_000


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_xlsx, "SHEET_ROWS", 4)
    rows: list[Row] = [[f"row {number}", number, None, None, number] for number in range(7)]
    content = written(rows[:1], rows[1:])
    sheets = polars.read_excel(io.BytesIO(content), sheet_id=0)
    assert list(sheets) == ["Work list", "Work list 2", "Work list 3"]
    assert [sheet["days"].to_list() for sheet in sheets.values()] == [[0, 1, 2], [3, 4, 5], [6]]
    monkeypatch.setattr(table_xlsx, "SHEET_BYTES", 1_000)
    assert len(polars.read_excel(io.BytesIO(written(*([row] for row in rows))), sheet_id=0)) > len(sheets) - 1


def test_the_same_rows_make_the_same_bytes() -> None:
    rows: list[Row] = [["a", 1, date(2026, 11, 21), None, 1]]
    assert written(rows) == written(rows)


def test_the_same_rows_as_csv() -> None:
    rows: list[Row] = [
        ["=1+1", -5, date(2026, 11, 21), datetime(2026, 11, 21, 17, tzinfo=INDIA), 31],
        ["A, B", None, None, None, None],
    ]
    assert (csv_head(COLUMNS) + csv_rows(COLUMNS, rows)).decode().split("\r\n") == [
        "name,amount,on,at,days", "'=1+1,-0.05,2026-11-21,2026-11-21 17:00:00+05:30,31", '"A, B",,,,', "",
    ]  # fmt: skip
