"""Ruled grids for forms of the Reserve Bank: rows of cells with wrapped text.

The cells of a row share the width. Rows follow each other without a gap, so one line of a form can have two columns and
the next one four.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.canvas import BODY, MARGIN, STRONG, TINT, WIDTH, Align, PdfCanvas, Style, wrap
from app.documents.layout import Block

_LINE = 11.5
_PAD = 6.0
_RULING = "#B8C2CB"
_HEAD = Style(size=8.5, bold=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """A cell of a row: its share of the width, and its text. Cells of a head are shaded."""

    share: float
    words: str
    align: Align = "left"
    style: Style = BODY
    shaded: bool = False


def grid_row(cells: Sequence[GridCell], *, repeats: Block | None = None, keeps_next: bool = False) -> Block:
    """One row. The cell with the most lines gives its height."""
    whole = sum(cell.share for cell in cells)
    widths = [WIDTH * cell.share / whole for cell in cells]
    texts = [
        wrap(cell.words, width=width - 2 * _PAD, style=cell.style) for cell, width in zip(cells, widths, strict=True)
    ]
    height = _LINE * max(len(lines) for lines in texts) + 7

    def draw(canvas: PdfCanvas, y: float) -> None:
        left = MARGIN
        for cell, width, lines in zip(cells, widths, texts, strict=True):
            fill = TINT if cell.shaded else None
            canvas.box(x=left, y=y, width=width, height=height, fill=fill, stroke=_RULING)
            _write(canvas, cell, lines, left=left, width=width, y=y)
            left += width

    return Block(height=height, draw=draw, repeats=repeats, keeps_next=keeps_next)


def _write(canvas: PdfCanvas, cell: GridCell, lines: Sequence[str], *, left: float, width: float, y: float) -> None:
    at = {"left": left + _PAD, "right": left + width - _PAD, "centre": left + width / 2}[cell.align]
    for number, line in enumerate(lines):
        canvas.text(line, x=at, y=y + 11.8 + _LINE * number, style=cell.style, align=cell.align)


def form_line(number: str, label: str, value: str, *, strong: bool = False) -> Block:
    """A line of the form: its number, its label and its value."""
    style = STRONG if strong else Style()
    return grid_row(
        [
            GridCell(share=6, words=number, align="centre"),
            GridCell(share=47, words=label),
            GridCell(share=47, words=value, style=style, align="right"),
        ]
    )


def form_row(number: str, cells: Sequence[str], *, head: bool = False) -> Block:
    """A line of the form with four values."""
    style = _HEAD if head else Style()
    first = GridCell(share=6, words=number, align="centre")
    rest = [GridCell(share=23.5, words=each, style=style, shaded=head, align="centre") for each in cells]
    return grid_row([first, *rest], keeps_next=head)
