"""Numbers of a workbook are read as displayed: percentages, leading zeros, days of both calendars, failed formulas."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import xlsxwriter

from app.services.imports import loan_rows
from app.services.tables.cell_formats import PLAIN, UNCLEAR, NumberDisplay, read_format
from app.services.tables.files import open_table
from app.services.tables.first_sheet import SheetHidden

LOAN_HEADER = [
    "Customer ID", "Loan ID", "Loan Amount", "Tenure", "Interest Rate", "Monthly payment", "EMIs paid on Time",
    "Date of Approval", "End Date",
]  # fmt: skip
Cell = tuple[Any, str | None]


@pytest.mark.parametrize(
    "code, shown",
    [
        ("General", PLAIN),
        ("0.00", PLAIN),
        ("0%", NumberDisplay((1, 1))),
        ("0.00%;[Red]-0.00%", NumberDisplay((1, 1))),
        ("#,##0.0 %", NumberDisplay((1, 1))),
        ("0%%", NumberDisplay((2, 2))),
        ('0.00"%"', PLAIN),
        ("0.00\\%", PLAIN),
        ("0.00_%", PLAIN),
        ("0.0*%", PLAIN),
        ('"10%" 0', PLAIN),
        ("[$\u20b9-4009] #,##0.00", PLAIN),
        ("[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,##0", PLAIN),
        ("0%;-0", NumberDisplay((1, 0))),
        ("0.0%;-0.0%;0", UNCLEAR),
        ("[<1]0.0%;0.0", UNCLEAR),
        ("[<=1]0.0%;0.00%", NumberDisplay((1, 1))),
        # The number is 5, and the cell displays 5 lakh.
        ('0" lakh"', UNCLEAR),
        ('#,##0.00" Cr"', UNCLEAR),
        ("0\\ \\k", UNCLEAR),
        ('"Rs"0.0"L"', UNCLEAR),
        ("0\\ \\l\\a\\k\\h", UNCLEAR),
        # The number is 5000, and the cell displays 5K.
        ('0.0,"K"', PLAIN),
        ('#,##0,,"M"', PLAIN),
        ('"Rs." #,##0.00', PLAIN),
        ('#,##0.00" INR"', PLAIN),
        ('#,##0.00"/-"', PLAIN),
        ("\\I\\N\\R\\ 0", PLAIN),
        ('dd" of the month "mmm" (m)"', PLAIN),
        ("00000", NumberDisplay(digits=5)),
        ("0", PLAIN),
        ("", PLAIN),
    ],
)
def test_how_a_format_displays_a_number(code: str, shown: NumberDisplay) -> None:
    assert read_format(code) == shown


@pytest.mark.parametrize(
    "shown, text, spelled",
    [
        (NumberDisplay((1, 1)), "0.105", "10.5%"),
        (NumberDisplay((1, 1)), "0.07", "7%"),
        (NumberDisplay((1, 1)), "1", "100%"),
        (NumberDisplay((1, 1)), "0", "0%"),
        (NumberDisplay((1, 1)), "-0.05", "-5%"),
        (NumberDisplay((1, 1)), "0.12345678", "12.345678%"),
        (NumberDisplay((1, 1)), "0.0000001", "0.00001%"),
        (NumberDisplay((1, 0)), "-5", "-5"),
        (NumberDisplay((1, 1)), "text", "text"),
        (NumberDisplay((1, 1)), "NaN", "NaN"),
        (NumberDisplay(digits=5), "7", "00007"),
        (NumberDisplay(digits=5), "123456", "123456"),
        (NumberDisplay(digits=5), "7.5", "7.5"),
        (UNCLEAR, "0.105", "#UNCLEAR"),
    ],
)
def test_a_number_as_displayed(shown: NumberDisplay, text: str, spelled: str) -> None:
    assert shown.display(text) == spelled


def write(path: Path, rows: list[list[Cell]], *, at: tuple[int, int] = (0, 0), **options: Any) -> Path:
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        formats: dict[str, Any] = {}
        for number, row in enumerate(rows, start=at[0]):
            for column, (value, code) in enumerate(row, start=at[1]):
                if code is not None and code not in formats:
                    formats[code] = book.add_format({"num_format": code})
                style = formats.get(code or "")
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, style)
                elif isinstance(value, str) and value.startswith("="):
                    formula, _, kept = value.partition("|")
                    sheet.write_formula(number, column, formula, style, kept if "#" in kept else float(kept))
                else:
                    sheet.write(number, column, value, style)
    return path


def read(path: Path) -> list[tuple[Any, ...]]:
    return [row[1:-1] for block in open_table(path).blocks() for row in block.rows.rows()]


def plain(*values: Any) -> list[Cell]:
    return [(value, None) for value in values]


@pytest.mark.parametrize("at", [(0, 0), (3, 2)])
@pytest.mark.parametrize("calendar", [{}, {"date_1904": True}])
def test_a_workbook_is_read_as_displayed(tmp_path: Path, at: tuple[int, int], calendar: dict[str, bool]) -> None:
    rows: list[list[Cell]] = [
        plain("id", "rate", "amount", "day", "note"),
        [
            ("A", None),
            (0.105, "0.00%"),
            (50_000, "[$\u20b9-4009] #,##0.00"),
            (date(2026, 3, 31), "dd/mm/yyyy"),
            ("x", "0%"),
        ],
        [(7, "000000"), (10.5, '0.00"%"'), ("=1/3|0.33", "0%"), ("31/3/2026", "dd/mm/yyyy"), ("=1/0|#DIV/0!", None)],
        [("B", "0%"), ("10.5%", "0%"), (0.1 + 0.2, None), (46112, None), (None, "0%")],
    ]
    assert read(write(tmp_path / "f.xlsx", rows, at=at, **calendar)) == [
        ("A", "10.5%", "50000", "2026-03-31", "x"),
        ("000007", "10.5", "33%", "31/3/2026", "#ERROR"),
        ("B", "10.5%", "0.3", "46112", None),
    ]


def test_only_the_first_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        first, second = book.add_worksheet("b"), book.add_worksheet("a")
        percent = book.add_format({"num_format": 9})
        first.write_row(0, 0, ["id", "rate"])
        first.write(1, 0, "A")
        first.write(1, 1, 0.5)
        second.write(1, 1, 0.5, percent)
    assert read(path) == [("A", "0.5")]


@pytest.mark.parametrize("hide", ["hide", "very_hidden"])
def test_a_hidden_first_sheet_is_refused(tmp_path: Path, hide: str) -> None:
    """Whoever sends the file sees the second sheet, and would not know that the first one was loaded."""
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        hidden, seen = book.add_worksheet("a"), book.add_worksheet("b")
        for sheet in (hidden, seen):
            sheet.write_row(0, 0, ["id", "rate"])
            sheet.write_row(1, 0, [sheet.get_name(), "0.5"])
        seen.activate()
        seen.set_first_sheet()
        getattr(hidden, hide)()
    with pytest.raises(SheetHidden) as refused:
        read(path)
    assert (refused.value.code, refused.value.message) == (
        "sheet_hidden",
        "the first sheet of the workbook is hidden",
    )


def test_a_hidden_sheet_behind_the_first_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("seen", "hidden"):
            book.add_worksheet(name).write_row(0, 0, ["id", "rate"])
            book.get_worksheet_by_name(name).write_row(1, 0, [name, "0.5"])
        book.get_worksheet_by_name("hidden").hide()
    assert read(path) == [("seen", "0.5")]


def test_random_sheets_are_read_as_displayed(tmp_path: Path) -> None:
    codes = [None, "0%", "0.00%", '0.0"%"', "#,##0.00", "0000", "0.00E+00"]
    for seed in range(40):
        drawn = Random(seed)
        width, height = drawn.randint(1, 6), drawn.randint(1, 30)
        rows: list[list[Cell]] = [[(f"h{n}", None) for n in range(width)]]
        expected = []
        for _ in range(height):
            row, row_texts = [], []
            for _ in range(width):
                code = drawn.choice(codes)
                hundredths = drawn.randint(0, 99_999)
                value = drawn.choice([None, "t", hundredths, hundredths / 10_000])
                text = None if value is None else f"{Decimal(str(value)):f}" if value != "t" else "t"
                if value not in {None, "t"} and code in {"0%", "0.00%"}:
                    text = f"{(Decimal(str(value)) * 100).normalize():f}%"
                elif isinstance(value, int) and code == "0000":
                    text = str(value).zfill(4)
                if text not in {None, "t"} and "." in str(text):
                    text = str(text).rstrip("0").rstrip(".") if not str(text).endswith("%") else text
                row.append((value, code))
                row_texts.append(text)
            rows.append(row)
            if any(row_texts):
                expected.append(tuple(row_texts))
        path = write(tmp_path / "f.xlsx", rows, at=(drawn.randint(0, 3), drawn.randint(0, 3)))
        assert read(path) == expected, seed


RATES: list[tuple[Cell, str | None, str]] = [
    ((0.105, "0.00%"), "10.5", "a cell of percent"),
    ((10.5, '0.00"%"'), "10.5", "a sign that is only text"),
    ((10.5, None), "10.5", "a number"),
    (("10.5%", None), "10.5", "a text with its sign"),
    (("10.5", None), "10.5", "a text"),
    ((0, "0%"), "0", "none"),
    ((0.001, "0.0%"), "0.1", "a tenth of a percent"),
    (("0.5%", None), "0.5", "half a percent, as text"),
    ((0.105, None), None, "rate_ambiguous"),
    (("0.105", None), None, "rate_ambiguous"),
    ((1.5, "0%"), None, "rate_unreadable"),
    ((0.105, "[<1]0.0%;0.0"), None, "rate_unreadable"),
    (("=1/0|#DIV/0!", "0%"), None, "rate_unreadable"),
]


@pytest.mark.parametrize("cell, percent, said", RATES, ids=[said for *_, said in RATES])
def test_a_rate_is_read_as_displayed_or_refused(tmp_path: Path, cell: Cell, percent: str | None, said: str) -> None:
    loan = [
        *plain("7", "L1", 100_000, 12),
        cell,
        *plain(8791, 9),
        (date(2026, 3, 31), "dd/mm/yy"),
        (date(2027, 3, 31), "d mmm"),
    ]
    table = open_table(write(tmp_path / "l.xlsx", [plain(*LOAN_HEADER), loan]))
    layout = loan_rows.find_layout(table.header)
    [row] = [row for block in table.blocks() for row in loan_rows.check_rows(block.rows, layout=layout).to_dicts()]
    assert (row["code"], row["annual_rate_percent"] if row["code"] is None else None) == (
        None if percent else said,
        percent,
    )


def test_under_a_percent_header_a_small_rate_is_a_percentage(tmp_path: Path) -> None:
    header = [name.replace("Rate", "Rate (%)") for name in LOAN_HEADER]
    path = tmp_path / "l.csv"
    path.write_text(",".join(header) + "\n7,LN/2024#1,1000,12,0.5,90.50,3,31/3/2026,2027-03-31\n")
    table = open_table(path)
    layout = loan_rows.find_layout(table.header)
    [row] = [row for block in table.blocks() for row in loan_rows.check_rows(block.rows, layout=layout).to_dicts()]
    assert (row["code"], row["annual_rate_percent"], row["external_id"]) == (None, "0.5", "LN/2024#1")


@pytest.mark.parametrize(
    "loan_id, is_good",
    [
        ("LN/2024/0001", True), ("#12", True), ("*A@b.c-d:e_f", True), ("A" * 64, True), ("A" * 65, False),
        ("L 2", False), ("//", False), ("1.5e3", False), ("a&b", False),
    ],
)  # fmt: skip
def test_the_characters_of_a_loan_id(tmp_path: Path, loan_id: str, is_good: bool) -> None:
    path = tmp_path / "l.csv"
    path.write_text(",".join(LOAN_HEADER) + f"\n7,{loan_id},1000,12,10.5,90.50,3,31/3/2026,2027-03-31\n")
    table = open_table(path)
    layout = loan_rows.find_layout(table.header)
    [row] = [row for block in table.blocks() for row in loan_rows.check_rows(block.rows, layout=layout).to_dicts()]
    assert row["code"] == (None if is_good else "loan_unreadable")
