"""Checks the size and the cells of a workbook before it is parsed.

An xlsx file is a zip archive of XML, and it is not trusted. Its directory may state wrong sizes, and a few kilobytes
may unpack to gigabytes. One cell in the last corner of a sheet makes a parser reserve memory for 17 thousand million
cells, and a million cells may repeat one long text. Therefore the needed parts are unpacked here, up to a limit, and
every cell is counted. The parser then reads a new archive that has exactly the counted parts. The parser returns the
value of a cell without its format. So the cells whose format changes the number (`cell_formats`) are listed here.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.parsers import expat

from app.services.tables.cell_formats import ERROR, PLAIN, NumberDisplay, read_formats
from app.services.tables.columns import MOST_COLUMNS, FileUnreadable, TooManyColumns
from app.services.tables.first_sheet import find_first_sheet

MOST_UNPACKED: Final = 100 * 1024 * 1024
MOST_RATIO: Final = 100
MOST_PARTS: Final = 2_000
MOST_ROWS: Final = 200_000
#: Cells of the smallest rectangle around all cells. A parser reserves memory for the whole rectangle.
MOST_CELLS: Final = 4_000_000
MOST_TEXT: Final = MOST_UNPACKED
#: The parts that are needed to read values. Pictures, macros and links are left out.
NEEDED: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|styles|sharedStrings)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/worksheets/[A-Za-z0-9_.-]{1,64}\.xml",
    re.IGNORECASE,
)
OTHER_WORKBOOKS: Final = {"xl/workbook.bin", "content.xml"}
TEXTS: Final = "xl/sharedstrings.xml"
STYLES: Final = "xl/styles.xml"
SHEETS: Final = "xl/worksheets/"
_REFERENCE: Final = re.compile(r"([A-Za-z]{0,4})([0-9]{0,8})")


class FileDamaged(FileUnreadable):
    """The file was cut short or altered, or is locked with a password. Save it again without a password."""

    code = "file_damaged"


class FileDisguised(FileUnreadable):
    """The file is not what its name or its kind says. Save it in the form that the message names."""

    code = "file_disguised"


class FileTooLarge(FileUnreadable):
    """The file holds, or unpacks to, more than is taken. Split it."""

    code = "file_too_large"


class TooManyRows(FileUnreadable):
    """The workbook has more rows than are taken from one. Split it, or save it as CSV."""

    code = "too_many_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedCells:
    """The cells of a sheet whose format changes the number, and the first and last column that have values.

    `rows` holds their row numbers, from 1, by column (from 1) and display.
    """

    rows: Mapping[tuple[int, NumberDisplay], Sequence[int]]
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repacked:
    """A workbook as an archive that we wrote, and the formatted cells of its first sheet."""

    content: bytes
    formatted: FormattedCells


def repack(path: Path) -> Repacked:
    """Checks a workbook and writes its needed parts as a new archive without compression.

    Raises FileDamaged, FileDisguised, FileTooLarge, TooManyRows, TooManyColumns, SheetHidden.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _unpack(archive, size=path.stat().st_size)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise FileDamaged("the file is damaged or incomplete", field="file") from error
    except RuntimeError as error:
        raise FileDamaged("the file is locked with a password", field="file") from error
    formatted = _count_all({name.lower(): content for name, content in parts.items()})
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as plain:
        for name, content in parts.items():
            plain.writestr(name, content)
    return Repacked(content=buffer.getvalue(), formatted=formatted)


def _count_all(parts: Mapping[str, bytes]) -> FormattedCells:
    """Counts every part, and returns the formatted cells of the first sheet."""
    lengths: list[int] = []
    formats: list[NumberDisplay] = []
    formatted: dict[str, FormattedCells] = {}
    # Shared texts first, because cells refer to them and their lengths count for each cell. Then the styles of cells.
    for name in sorted(parts, key=lambda name: (name != TEXTS, name != STYLES)):
        counter = count_cells(parts[name], text_lengths=lengths, formats=formats)
        lengths = counter.found_lengths or lengths
        if name == STYLES:
            formats = read_formats(parts[name])
        if name.startswith(SHEETS):
            formatted[name] = counter.formatted_cells()
    first = find_first_sheet(parts)
    if first not in formatted and any(found.rows for found in formatted.values()):
        raise FileDamaged("the file is damaged: its first sheet cannot be found", field="file")
    return formatted.get(first, FormattedCells(rows={}, first_column=1, last_column=1))


def _unpack(archive: zipfile.ZipFile, *, size: int) -> dict[str, bytes]:
    entries = archive.infolist()
    announced = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_PARTS or announced > MOST_UNPACKED or announced > MOST_RATIO * size:
        raise FileTooLarge("the file unpacks to more than the limit", field="file")
    names = {entry.filename.lower() for entry in entries}
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        other = "a workbook of another kind (.xlsb, .ods), or" if names & OTHER_WORKBOOKS else "an archive, and"
        raise FileDisguised(f"the file is {other} not a workbook (.xlsx): save it as .xlsx", field="file")
    parts: dict[str, bytes] = {}
    for entry in entries:
        if NEEDED.fullmatch(entry.filename):
            if entry.filename in parts:
                raise FileDamaged("the file is damaged: two of its parts have the same name", field="file")
            with archive.open(entry) as part:
                # No more than the announced size is read; a longer part fails its checksum.
                parts[entry.filename] = part.read(MOST_UNPACKED + 1)
    return parts


def count_cells(part: bytes, *, text_lengths: list[int], formats: Sequence[NumberDisplay]) -> "CellCounter":
    """Counts the rows, cells and texts of a part.

    Raises FileDamaged, FileTooLarge, TooManyRows, TooManyColumns.
    """
    counter = CellCounter(text_lengths=text_lengths, formats=formats)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    parser.CharacterDataHandler = counter.text
    parser.StartDoctypeDeclHandler = counter.refuse_doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise FileDamaged("the file is damaged: a part of it is not XML", field="file") from error
    return counter


@dataclass(slots=True)
class CellCounter:
    """Counts the rows and cells of a sheet as a parser would find them, and raises as soon as there are too many.

    `found_lengths` are the lengths of the shared texts, if the part holds them.
    """

    text_lengths: list[int]
    formats: Sequence[NumberDisplay]
    found_lengths: list[int] = field(default_factory=list)
    row: int = 0
    column: int = 0
    last_row: int = 0
    last_column: int = 0
    written: int = 0
    first_value: int = MOST_COLUMNS + 1
    last_value: int = 0
    _formatted: dict[tuple[int, NumberDisplay], "array[int]"] = field(default_factory=dict)
    _kind: str = ""
    _display: NumberDisplay = PLAIN
    _counting: str = ""
    _held: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._start_cell(attributes)
        elif local == "row":
            self.row, self.column = _number(attributes.get("r", ""), following=self.row), 0
        elif local in {"v", "is", "f"}:
            self._count()
            self._counting, self._held = local, []
        elif local == "si":
            self._counting, self._held = "si", []

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "si" == self._counting:
            self.found_lengths.append(sum(map(len, self._held)))
        elif local == "v" == self._counting:
            self._count_text("".join(self._held))
        elif local == "is" == self._counting:
            self._note_value()
            self.written += sum(map(len, self._held))
        else:
            return
        self._counting = ""

    def text(self, data: str) -> None:
        if self._counting:
            self._held.append(data)

    def refuse_doctype(self, *_: object) -> None:
        raise FileDamaged("the file is not a workbook: a part of it declares a document type", field="file")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        if match is None:
            raise FileDamaged("the file is damaged: a cell has an invalid reference", field="file")
        letters, digits = match.groups()
        self.column = _letters(letters) if letters else self.column + 1
        self.row = _number(digits, following=self.row - 1)
        self._kind = attributes.get("t", "n")
        self._display = PLAIN
        if self._kind == "n" and self.formats:
            style = _number(attributes.get("s", ""), following=-1)
            self._display = self.formats[style] if style < len(self.formats) else PLAIN
        elif self._kind == "e":
            self._display = ERROR

    def _count(self) -> None:
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        if self.last_row > MOST_ROWS:
            raise TooManyRows(f"the sheet has more than {MOST_ROWS:,} rows", field="file")
        if self.last_column > MOST_COLUMNS:
            raise TooManyColumns(f"the sheet has more than {MOST_COLUMNS} columns", field="file")
        if self.last_row * self.last_column > MOST_CELLS:
            raise FileTooLarge(f"the sheet has more than {MOST_CELLS:,} cells", field="file")

    def formatted_cells(self) -> FormattedCells:
        """The formatted cells of the sheet, and the columns of its values."""
        return FormattedCells(rows=self._formatted, first_column=self.first_value, last_column=self.last_value)

    def _note_value(self) -> None:
        self.first_value = min(self.first_value, self.column)
        self.last_value = max(self.last_value, self.column)
        if self._display is not PLAIN and self._display != PLAIN:
            self._formatted.setdefault((self.column, self._display), array("L")).append(self.row)

    def _count_text(self, value: str) -> None:
        self.written += len(value)
        if value or self._kind != "n":
            self._note_value()
        if self._kind == "s" and value.strip().isascii() and value.strip().isdigit():
            index = int(value.strip()[:12])
            self.written += self.text_lengths[index] if index < len(self.text_lengths) else 0
        if self.written > MOST_TEXT:
            raise FileTooLarge("the texts of the sheet are longer than the limit", field="file")


def _number(digits: str, *, following: int) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() else following + 1


def _letters(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = 26 * column + ord(letter) - ord("A") + 1
    return column
