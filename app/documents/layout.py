"""Layout: puts blocks below each other on pages, each page with a head and a foot.

A block is never divided between pages. A heading stays on the page of the block that follows it. If a table's row is
first on a page, the table's head is drawn above it again. Pages are counted before the first one is drawn, so that each
can show "Page 1 of 3".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.documents.canvas import BRAND, MARGIN, MUTED, PAGE_HEIGHT, PAGE_WIDTH, QUIET, SMALL, WHITE, PdfCanvas, Style

TOP = 92.0
BOTTOM = 48.0
ROOM = PAGE_HEIGHT - TOP - BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a document. `draw` receives the canvas and the position of the block's upper edge.

    `keeps_next` keeps it on one page with the next block. `repeats` is drawn above it if it is first on a page.
    `opens_page` makes it the first block of a new page.
    """

    height: float
    draw: Callable[[PdfCanvas, float], None]
    keeps_next: bool = False
    repeats: "Block | None" = None
    opens_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page shows: the document's name in two languages, its subject, and a line at the foot."""

    title: str
    title_hindi: str
    about: str
    foot: str


def space(height: float) -> Block:
    """An empty block of this height."""
    return Block(height=height, draw=lambda canvas, y: None)


def render(blocks: Sequence[Block], *, frame: Frame) -> bytes:
    """The document as a PDF file."""
    pages = paginate(blocks, room=ROOM)
    canvas = PdfCanvas(title=f"{frame.title} {frame.about}", subject=frame.title)
    for number, page in enumerate(pages, start=1):
        _draw_frame(canvas, frame, number=number, of=len(pages))
        y = TOP
        for block in page:
            block.draw(canvas, y)
            y += block.height
        canvas.end_page()
    return canvas.finish()


def paginate(blocks: Sequence[Block], *, room: float) -> list[list[Block]]:
    """The blocks of each page."""
    pages: list[list[Block]] = [[]]
    used = 0.0
    for index, block in enumerate(blocks):
        if pages[-1] and (block.opens_page or used + _held_height(blocks, index) > room):
            pages.append([])
            used = 0.0
            if block.repeats is not None:
                pages[-1].append(block.repeats)
                used = block.repeats.height
        pages[-1].append(block)
        used += block.height
    return pages


def _held_height(blocks: Sequence[Block], index: int) -> float:
    """The height of a block together with the blocks that must be on the same page."""
    height = blocks[index].height
    while blocks[index].keeps_next and index + 1 < len(blocks):
        index += 1
        height += blocks[index].height
    return height


def _draw_frame(canvas: PdfCanvas, frame: Frame, *, number: int, of: int) -> None:
    right = PAGE_WIDTH - MARGIN
    canvas.box(x=MARGIN, y=36, width=30, height=30, fill=BRAND, radius=7)
    canvas.text("₹", x=MARGIN + 15, y=57.5, style=Style(size=18, bold=True, ink=WHITE), align="centre")
    canvas.text("Kist", x=MARGIN + 39, y=58.5, style=Style(size=20, bold=True, ink=BRAND))
    canvas.text(frame.title, x=right, y=49, style=Style(size=14, bold=True), align="right")
    canvas.text(frame.title_hindi, x=right, y=65, style=Style(size=9.5, ink=MUTED), align="right")
    canvas.line(x=MARGIN, y=76, to_x=right, to_y=76, ink=BRAND, thickness=1.2)
    foot = PAGE_HEIGHT - 26
    canvas.line(x=MARGIN, y=foot - 13, to_x=right, to_y=foot - 13)
    canvas.text(frame.foot, x=MARGIN, y=foot, style=SMALL)
    canvas.text(f"Page {number} of {of}", x=right, y=foot, style=Style(size=QUIET.size, ink=MUTED), align="right")
