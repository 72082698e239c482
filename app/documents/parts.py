"""The blocks of documents: headings, notes, pairs of label and value, and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.canvas import (
    BODY,
    BRAND,
    MARGIN,
    MUTED,
    QUIET,
    RULE,
    SMALL,
    STRONG,
    TINT,
    WIDTH,
    Align,
    PdfCanvas,
    Style,
    fit,
    shrink,
    text_width,
    wrap,
)
from app.documents.layout import Block
from app.documents.words import Language, Text

_PAD = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A short word on a coloured background, such as the status of an instalment."""

    word: str
    ink: str
    ground: str


Cell = str | Badge


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its head, its share of the width, and the alignment of its cells."""

    title: str
    share: float
    align: Align = "right"


def heading(title: str, title_hindi: str, *, opens_page: bool = False) -> Block:
    """A heading in two languages. It stays on the page of the next block."""

    def draw(canvas: PdfCanvas, y: float) -> None:
        canvas.bookmark(title, y=y)
        style = Style(size=11, bold=True, ink=BRAND)
        canvas.text(title, x=MARGIN, y=y + 24, style=style)
        beside = MARGIN + text_width(title, style=style) + 7
        canvas.text(title_hindi, x=beside, y=y + 24, style=Style(size=9, ink=MUTED))

    return Block(height=33, draw=draw, keeps_next=True, opens_page=opens_page)


def titled(title: Text, language: Language) -> Block:
    """A heading in the language of the document, with the other language beside it."""
    if language is Language.HINDI:
        return heading(title.hi, title.en)
    return heading(title.en, title.hi)


def paragraph(words: str) -> Block:
    """A paragraph of a letter."""
    style = Style(size=9.5)
    lines = wrap(words, width=WIDTH, style=style)

    def draw(canvas: PdfCanvas, y: float) -> None:
        for number, line in enumerate(lines, start=1):
            canvas.text(line, x=MARGIN, y=y + 14.5 * number, style=style)

    return Block(height=14.5 * len(lines) + 8, draw=draw)


def note(words: str, *, style: Style = SMALL) -> Block:
    """A paragraph in small letters."""
    lines = wrap(words, width=WIDTH, style=style)

    def draw(canvas: PdfCanvas, y: float) -> None:
        for number, line in enumerate(lines, start=1):
            canvas.text(line, x=MARGIN, y=y + 11 * number, style=style)

    return Block(height=11 * len(lines) + 4, draw=draw)


def pairs(entries: Sequence[tuple[str, str]], *, columns: int = 2) -> Block:
    """Labels and values on a light background, ordered down the columns."""
    rows = -(-len(entries) // columns)
    height, width = 17.0 * rows + 10, WIDTH / columns

    def draw(canvas: PdfCanvas, y: float) -> None:
        canvas.box(x=MARGIN, y=y, width=WIDTH, height=height, fill=TINT, radius=6)
        for index, (label, value) in enumerate(entries):
            left, base = MARGIN + width * (index // rows), y + 17.0 * (index % rows) + 17
            room = width - 24 - text_width(label) - 8
            canvas.text(label, x=left + 12, y=base, style=QUIET)
            style = shrink(value, width=room, style=STRONG)
            canvas.text(value, x=left + width - 12, y=base, style=style, align="right")

    return Block(height=height, draw=draw)


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, total: Sequence[Cell] | None = None,
    quiet: frozenset[int] = frozenset(),
) -> list[Block]:  # fmt: skip
    """A table. Its head is repeated on each page. Rows whose index is in `quiet` are grey."""
    edges = _edges(columns)
    head = _head(columns, edges)
    blocks = [head]
    for index, row in enumerate(rows):
        is_last = index == len(rows) - 1
        style = QUIET if index in quiet else BODY
        held = is_last and total is not None
        blocks.append(_row(columns, edges, row, style=style, keeps_next=held, repeats=head))
    if total is not None:
        blocks.append(_row(columns, edges, total, style=STRONG, ground=TINT, repeats=head))
    return blocks


def _edges(columns: Sequence[Column]) -> list[tuple[float, float]]:
    """The left edge and the width of each column."""
    whole = sum(column.share for column in columns)
    edges, left = [], MARGIN
    for column in columns:
        width = WIDTH * column.share / whole
        edges.append((left, width))
        left += width
    return edges


def _head(columns: Sequence[Column], edges: Sequence[tuple[float, float]]) -> Block:
    style = Style(size=7.5, bold=True, ink=MUTED)

    def draw(canvas: PdfCanvas, y: float) -> None:
        for column, (left, width) in zip(columns, edges, strict=True):
            _write(canvas, column.title, left=left, width=width, y=y + 13, style=style, align=column.align)
        canvas.line(x=MARGIN, y=y + 19, to_x=MARGIN + WIDTH, to_y=y + 19, ink=MUTED, thickness=0.8)

    return Block(height=20, draw=draw, keeps_next=True)


def _row(
    columns: Sequence[Column], edges: Sequence[tuple[float, float]], cells: Sequence[Cell], *, style: Style,
    repeats: Block, keeps_next: bool = False, ground: str | None = None,
) -> Block:  # fmt: skip
    def draw(canvas: PdfCanvas, y: float) -> None:
        if ground is not None:
            canvas.box(x=MARGIN, y=y, width=WIDTH, height=17, fill=ground)
        for column, (left, width), cell in zip(columns, edges, cells, strict=True):
            if isinstance(cell, Badge):
                _stamp(canvas, cell, right=left + width, y=y + 11.8)
            elif cell:
                _write(canvas, cell, left=left, width=width, y=y + 11.8, style=style, align=column.align)
        canvas.line(x=MARGIN, y=y + 17, to_x=MARGIN + WIDTH, to_y=y + 17, ink=RULE, thickness=0.5)

    return Block(height=17, draw=draw, keeps_next=keeps_next, repeats=repeats)


def _write(canvas: PdfCanvas, words: str, *, left: float, width: float, y: float, style: Style, align: Align) -> None:
    """Writes a cell. A text that is too long is cut; a figure, which is right-aligned, is written smaller."""
    if align == "right":
        style = shrink(words, width=width - _PAD, style=style)
    else:
        words = fit(words, width=width - _PAD, style=style)
    at = {"left": left + _PAD / 2, "right": left + width - _PAD / 2, "centre": left + width / 2}[align]
    canvas.text(words, x=at, y=y, style=style, align=align)


def _stamp(canvas: PdfCanvas, badge: Badge, *, right: float, y: float) -> None:
    style = Style(size=7, bold=True, ink=badge.ink)
    width = text_width(badge.word, style=style) + 12
    canvas.box(x=right - width - _PAD / 2, y=y - 8.6, width=width, height=11.6, fill=badge.ground, radius=5.8)
    canvas.text(badge.word, x=right - _PAD / 2 - width / 2, y=y - 0.3, style=style, align="centre")
