"""Workbooks as what they are, archives of XML from strangers: counted and weighed before anything parses them.

An xlsx file is a zip archive. Its directory may lie about sizes, a few kilobytes may unpack to gigabytes, one cell in
the last corner of a sheet makes a parser reserve room for seventeen thousand million, and a million cells may repeat
one long text. So the parts that matter are unpacked here, under a bound; every cell is looked at and counted; and what
goes on to the parser is an archive that we wrote ourselves, of exactly the parts that were counted.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.parsers import expat

from app.services.columns import MOST_COLUMNS, FileUnreadable, TooManyColumns

MOST_UNPACKED: Final = 100 * 1024 * 1024
MOST_RATIO: Final = 100
MOST_PARTS: Final = 2_000
MOST_ROWS: Final = 200_000
#: Cells of the rectangle that holds everything, which a parser reserves at once.
MOST_CELLS: Final = 4_000_000
MOST_TEXT: Final = MOST_UNPACKED
#: What a reader of values needs. Pictures, macros and links stay outside.
NEEDED: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|styles|sharedStrings)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/worksheets/[A-Za-z0-9_.-]{1,64}\.xml",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"([A-Za-z]{0,4})([0-9]{0,8})")


class FileDamaged(FileUnreadable):
    """The file was cut short or altered, or is locked with a password."""

    code = "file_damaged"


class FileDisguised(FileUnreadable):
    """The file is not what its name or its kind says."""

    code = "file_disguised"


class FileTooLarge(FileUnreadable):
    """The file holds, or unpacks to, more than is taken."""

    code = "file_too_large"


class TooManyRows(FileUnreadable):
    """A workbook with more rows than are taken from one."""

    code = "too_many_rows"


def repack(path: Path) -> bytes:
    """The needed parts of a workbook, weighed and counted, as a plain archive of ours.

    Raises FileDamaged, FileDisguised, FileTooLarge, TooManyRows, TooManyColumns.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _unpack(archive, size=path.stat().st_size)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise FileDamaged("the file is damaged or was cut short", field="file") from error
    except RuntimeError as error:
        raise FileDamaged("the file is locked with a password", field="file") from error
    lengths: list[int] = []
    # The texts first: the cells that repeat them are weighed by their lengths.
    for name in sorted(parts, key=lambda name: name.lower() != "xl/sharedstrings.xml"):
        lengths = count_cells(parts[name], text_lengths=lengths) or lengths
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as plain:
        for name, content in parts.items():
            plain.writestr(name, content)
    return buffer.getvalue()


def _unpack(archive: zipfile.ZipFile, *, size: int) -> dict[str, bytes]:
    entries = archive.infolist()
    announced = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_PARTS or announced > MOST_UNPACKED or announced > MOST_RATIO * size:
        raise FileTooLarge("the file unpacks to more than is taken", field="file")
    names = {entry.filename.lower() for entry in entries}
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise FileDisguised("the file is an archive, and not a workbook (.xlsx)", field="file")
    parts: dict[str, bytes] = {}
    for entry in entries:
        if NEEDED.fullmatch(entry.filename):
            if entry.filename in parts:
                raise FileDamaged("the file has two parts of one name", field="file")
            with archive.open(entry) as part:
                # The announced size bounds what is read, and a part that goes on behind it fails its checksum.
                parts[entry.filename] = part.read(MOST_UNPACKED + 1)
    return parts


def count_cells(part: bytes, *, text_lengths: list[int]) -> list[int]:
    """Counts what a part would cost a parser; answers the lengths of its shared texts, if it has any.

    Raises FileDamaged, FileTooLarge, TooManyRows, TooManyColumns.
    """
    counter = CellCounter(text_lengths=text_lengths)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    parser.CharacterDataHandler = counter.text
    parser.StartDoctypeDeclHandler = counter.refuse_doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise FileDamaged("the file is damaged: a part of it is no XML", field="file") from error
    return counter.found_lengths


@dataclass(slots=True)
class CellCounter:
    """Follows the rows and cells of a sheet as a parser would, and stops as soon as there are too many."""

    text_lengths: list[int]
    found_lengths: list[int] = field(default_factory=list)
    row: int = 0
    column: int = 0
    last_row: int = 0
    last_column: int = 0
    written: int = 0
    _is_shared: bool = False
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
            self._weigh("".join(self._held))
        elif local == "is" == self._counting:
            self.written += sum(map(len, self._held))
        else:
            return
        self._counting = ""

    def text(self, data: str) -> None:
        if self._counting:
            self._held.append(data)

    def refuse_doctype(self, *_: object) -> None:
        raise FileDamaged("the file is no workbook: a part of it declares a document type", field="file")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        if match is None:
            raise FileDamaged("the file is damaged: a cell has no place", field="file")
        letters, digits = match.groups()
        self.column = _letters(letters) if letters else self.column + 1
        self.row = _number(digits, following=self.row - 1)
        self._is_shared = attributes.get("t") == "s"

    def _count(self) -> None:
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        if self.last_row > MOST_ROWS:
            raise TooManyRows(f"the sheet has more than {MOST_ROWS:,} rows", field="file")
        if self.last_column > MOST_COLUMNS:
            raise TooManyColumns(f"the sheet has more than {MOST_COLUMNS} columns", field="file")
        if self.last_row * self.last_column > MOST_CELLS:
            raise FileTooLarge(f"the sheet has more than {MOST_CELLS:,} cells", field="file")

    def _weigh(self, value: str) -> None:
        self.written += len(value)
        if self._is_shared and value.strip().isascii() and value.strip().isdigit():
            index = int(value.strip()[:12])
            self.written += self.text_lengths[index] if index < len(self.text_lengths) else 0
        if self.written > MOST_TEXT:
            raise FileTooLarge("the texts of the sheet are more than is taken", field="file")


def _number(digits: str, *, following: int) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() else following + 1


def _letters(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = 26 * column + ord(letter) - ord("A") + 1
    return column
