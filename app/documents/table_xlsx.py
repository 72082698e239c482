"""A table as a workbook that is sent while it is made: a header row that stays in view, days as days, rupees as
numbers.

A workbook is a zip archive of XML (ECMA-376, Office Open XML, part 1, SpreadsheetML). Its sheets come first in the
archive and are compressed row by row, so a table of any length takes the memory of one part of it, and nothing waits in
a file. Texts stand in their cells: a table of all texts would have to be kept until the end. The same rows make the
same bytes.

An amount is written as the exact decimal number, with the format of its size (`cell_money`). A text is a text, whatever
it begins with. The rows of a part are written column by column, because a value that was written before is then a
look-up.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from app.documents.cell_money import FORMATS, format_place
from app.documents.table_columns import Column, Kind, Row, rupees

#: The most rows of a sheet, the header included.
SHEET_ROWS: Final = 1_048_576
#: A sheet with so many bytes is followed by another: an entry of an archive has less than 2 GiB, or needs an extension
#: that some programs cannot read.
SHEET_BYTES: Final = 1_900_000_000
#: The most characters of a cell.
LONGEST_TEXT: Final = 32_767
#: Level 6 takes four times as long and saves a fifth.
_LEVEL: Final = 1
_WIDTH: Final = 16
#: The day 0 of spreadsheets.
_EPOCH: Final = date(1899, 12, 30)
_DAY: Final = timedelta(days=1)
#: Values whose cells are kept for the next row that has them.
_KEPT: Final = 10_000
_EMPTY: Final = "<c/>"
#: Characters that XML 1.0 has not.
_NOT_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIKE_A_NUMBER: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
#: Places of the styles: plain, heading, day, instant, and the formats of amounts.
_HEADING, _ON, _AT, _MONEY = 1, 2, 3, 4

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Every part but these two is a sheet, so that the types are known before the number of sheets is.
_TYPES: Final = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_ROOT: Final = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


class _Sink:
    """What the archive has written and nobody has taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What is written stays until it is taken."""

    def take(self) -> bytes:
        """Everything since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


class TableWorkbook:
    """A workbook that is made a part at a time. After as many rows as a sheet can hold, another sheet begins."""

    def __init__(self, columns: Sequence[Column], *, sheet: str) -> None:
        self._columns, self._name, self._sheets = columns, sheet, 0
        self._cells: list[Callable[[Sequence[object]], list[str]]] = [_writer(each.kind) for each in columns]
        self._sink = _Sink()
        # The archive is written from its beginning to its end, and never sought in.
        self._archive = ZipFile(self._sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._put("[Content_Types].xml", _TYPES)
        self._put("_rels/.rels", _ROOT)
        self._begin_sheet()

    def add(self, rows: Iterable[Row]) -> bytes:
        """Writes rows, and gives what can be sent of the file. The memory it takes is that of these rows."""
        found = rows if isinstance(rows, Sequence) else list(rows)
        while found:
            if self._rows >= SHEET_ROWS or self._bytes >= SHEET_BYTES:
                self._end_sheet()
                self._begin_sheet()
            fitting, found = found[: SHEET_ROWS - self._rows], found[SHEET_ROWS - self._rows :]
            columns = [write(values) for write, values in zip(self._cells, zip(*fitting, strict=True), strict=True)]
            cells = map("".join, zip(*columns, strict=True))
            first = self._rows + 1
            self._write("".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(cells, first)))
            self._rows += len(fitting)
        return self._sink.take()

    def end(self) -> bytes:
        """Ends the workbook, and gives the rest of the file."""
        self._end_sheet()
        self._put("xl/workbook.xml", self._workbook())
        self._put("xl/_rels/workbook.xml.rels", self._relations())
        self._put("xl/styles.xml", _styles())
        self._archive.close()
        return self._sink.take()

    def _put(self, name: str, text: str) -> None:
        with self._archive.open(name, "w") as part:
            part.write(text.encode())

    def _write(self, text: str) -> None:
        content = text.encode()
        self._bytes += len(content)
        self._sheet.write(content)

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._archive.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")
        self._rows, self._bytes = 1, 0
        heading = "".join(_text(each.name, style=_HEADING) for each in self._columns)
        self._write(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<cols><col min="1" max="{len(self._columns)}" width="{_WIDTH}" customWidth="1"/></cols>'
            f'<sheetData><row r="1">{heading}</row>'
        )

    def _end_sheet(self) -> None:
        self._write(f'</sheetData><autoFilter ref="A1:{_letters(len(self._columns))}{self._rows}"/></worksheet>')
        self._sheet.close()

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name="{escape(self._name)}{f" {number}" if number > 1 else ""}" sheetId="{number}"'
            f' r:id="rId{number}"/>'
            for number in range(1, self._sheets + 1)
        )
        return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'

    def _relations(self) -> str:
        sheets = "".join(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, self._sheets + 1)
        )
        styles = f'<Relationship Id="rId{self._sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{sheets}{styles}</Relationships>'


def _writer(kind: Kind) -> Callable[[Sequence[object]], list[str]]:
    """Writes the values of a column as cells."""
    write = _WRITERS[kind]
    if kind is Kind.INSTANT:
        # Instants that are equal may stand in different time zones, and are written as they stand.
        return lambda values: [_EMPTY if value is None else write(value) for value in values]
    kept: dict[object, str] = {None: _EMPTY}

    def cells(values: Sequence[object]) -> list[str]:
        if len(kept) > _KEPT:
            kept.clear()
            kept[None] = _EMPTY
        for value in set(values).difference(kept):
            kept[value] = write(value)
        return [kept[value] for value in values]

    return cells


def _text(value: object, *, style: int = 0) -> str:
    text = str(value)[:LONGEST_TEXT]
    if not text.isprintable():
        text = _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    # A program reads `_x0041_` as the letter of this number, and `_x005F_` as an underscore.
    text = _LIKE_A_NUMBER.sub("_x005F_", escape(text, quote=False))
    styled = f's="{style}" ' if style else ""
    return f'<c {styled}t="inlineStr"><is><t{kept}>{text}</t></is></c>'


def _number(value: object) -> str:
    return f"<c><v>{value}</v></c>"


def _paise(value: object) -> str:
    assert isinstance(value, int), "an amount is whole paise"
    return f'<c s="{_MONEY + format_place(value)}"><v>{rupees(value)}</v></c>'


def _day(value: object) -> str:
    assert isinstance(value, date), "the column holds days"
    return f'<c s="{_ON}"><v>{(value - _EPOCH).days}</v></c>'


def _instant(value: object) -> str:
    assert isinstance(value, datetime), "the column holds instants"
    since = value.replace(tzinfo=None) - datetime(_EPOCH.year, _EPOCH.month, _EPOCH.day)  # noqa: DTZ001 - as shown
    return f'<c s="{_AT}"><v>{since / _DAY:.10f}</v></c>'


_WRITERS: Final[dict[Kind, Callable[[object], str]]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.PAISE: _paise,
    Kind.DAY: _day,
    Kind.INSTANT: _instant,
}


def _letters(column: int) -> str:
    """The letters of a column, counted from 1."""
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _styles() -> str:
    patterns = ["dd-mmm-yyyy", "dd-mmm-yyyy hh:mm", *FORMATS]
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{escape(pattern)}"/>' for number, pattern in enumerate(patterns, 164)
    )
    cells = "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for number in range(164, 164 + len(patterns))
    )
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    sides = "<left/><right/><top/>"
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(patterns)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{sides}<bottom/><diagonal/></border>'
        f'<border>{sides}<bottom style="thin"/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(patterns) + 2}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1"/>'
        f"{cells}</cellXfs>"
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
