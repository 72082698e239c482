"""Ruled grids: rows of boxes whose text is wrapped, as a form of the Reserve Bank is drawn.

A row is a sequence of boxes that share the width; rows with different boxes follow each other without a gap, which is
how one line of the form has two columns and the next has four.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.layout import Block
from app.documents.pen import BODY, MARGIN, TINT, WIDTH, Align, Pen, Style, wrap

_LINE = 11.5
_PAD = 6.0
_RULING = "#B8C2CB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box of a row: its share of the width and its text. A shaded one is a head."""

    share: float
    words: str
    align: Align = "left"
    style: Style = BODY
    shaded: bool = False


def grid_row(boxes: Sequence[Box], *, repeats: Block | None = None, keeps_next: bool = False) -> Block:
    """One row, as high as its fullest box."""
    whole = sum(box.share for box in boxes)
    widths = [WIDTH * box.share / whole for box in boxes]
    texts = [wrap(box.words, width=width - 2 * _PAD, style=box.style) for box, width in zip(boxes, widths, strict=True)]
    height = _LINE * max(len(lines) for lines in texts) + 7

    def draw(pen: Pen, y: float) -> None:
        left = MARGIN
        for box, width, lines in zip(boxes, widths, texts, strict=True):
            fill = TINT if box.shaded else None
            pen.box(x=left, y=y, width=width, height=height, fill=fill, stroke=_RULING)
            _write(pen, box, lines, left=left, width=width, y=y)
            left += width

    return Block(height=height, draw=draw, repeats=repeats, keeps_next=keeps_next)


def _write(pen: Pen, box: Box, lines: Sequence[str], *, left: float, width: float, y: float) -> None:
    at = {"left": left + _PAD, "right": left + width - _PAD, "centre": left + width / 2}[box.align]
    for number, line in enumerate(lines):
        pen.text(line, x=at, y=y + 11.8 + _LINE * number, style=box.style, align=box.align)
