"""Workbooks: exact amounts with the commas of lakhs and crores, days as days, text that is no formula."""

import io
from datetime import UTC, date, datetime
from zipfile import ZipFile

import polars
import pytest

from app.documents.table_xlsx import Paise, amount_format, open_workbook


@pytest.mark.parametrize(
    "paise, pattern",
    [
        (0, "0.00"),
        (999_99, "0.00"),
        (1_000_00, r"##\,##0.00"),
        (99_999_99, r"##\,##0.00"),
        (1_00_000_00, r"##\,##\,##0.00"),
        (99_99_999_99, r"##\,##\,##0.00"),
        (1_00_00_000_00, r"##\,##\,##\,##0.00"),
        (99_99_99_999_99, r"##\,##\,##\,##0.00"),
        (100_00_00_000_00, r"##\,##\,##\,##\,##0.00"),
        (10_000_00_00_000_00, r"##\,##\,##\,##\,##\,##0.00"),
    ],
)
def test_the_format_follows_from_the_amount_and_keeps_the_minus(paise: int, pattern: str) -> None:
    assert amount_format(paise) == f"{pattern};-{pattern}"
    assert amount_format(-paise) == f"{pattern};-{pattern}"


def test_a_workbook_that_is_written_in_parts() -> None:
    at = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
    with open_workbook(["name", "amount", "on", "at", "days"], sheet="Work list") as book:
        book.add([["=1+1", Paise(-1_23_456_78), date(2026, 11, 21), at, 31]])
        book.add([[None, Paise(10_661_85), None, None, 0]])
        content = b"".join(book.read())
    sheet = ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert ("<f>" in sheet, "<v>-123456.78</v>" in sheet, "<v>10661.85</v>" in sheet) == (False, True, True)
    styles = ZipFile(io.BytesIO(content)).read("xl/styles.xml").decode()
    assert r'formatCode="##\,##\,##0.00;-##\,##\,##0.00"' in styles
    read = polars.read_excel(io.BytesIO(content))
    assert read.columns == ["name", "amount", "on", "at", "days"]
    assert read.rows()[0][0] == "=1+1"
    assert read.rows()[1][4] == 0
