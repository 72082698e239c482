"""Layout: puts blocks below each other on pages, each page with a head and a foot.

A block is never divided between pages. A heading stays on the page of the block that follows it. If a table's row is
first on a page, the table's head is drawn above it again. Pages are counted before the first one is drawn, so that each
can show "Page 1 of 3".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.documents.canvas import (
    BRAND,
    MARGIN,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    QUIET,
    SMALL,
    WHITE,
    WIDTH,
    PdfCanvas,
    Style,
    fit,
    shrink,
    text_width,
)
from app.documents.words import Language, Text

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
class Letterhead:
    """Who writes: a name, lines below it, a logo (the bytes of a picture), and a line for the foot of each page."""

    name: str
    lines: tuple[str, ...] = ()
    logo: bytes | None = None
    foot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page shows: the document's name in two languages, its subject, and a line at the foot.

    Without a letterhead the pages show the name of this service. In Hindi the title in Hindi is the larger one.
    """

    title: str
    title_hindi: str
    about: str
    foot: str
    letterhead: Letterhead | None = None
    language: Language = Language.ENGLISH


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


_PAGE = Text("Page {number} of {of}", "पृष्ठ {number} / {of}")


def _draw_frame(canvas: PdfCanvas, frame: Frame, *, number: int, of: int) -> None:
    right = PAGE_WIDTH - MARGIN
    titles = (frame.title, frame.title_hindi)
    title, below = titles if frame.language is Language.ENGLISH else titles[::-1]
    large, small = Style(size=14, bold=True), Style(size=9.5, ink=MUTED)
    room = WIDTH - max(text_width(title, style=large), text_width(below, style=small)) - 14
    if frame.letterhead is None:
        canvas.box(x=MARGIN, y=36, width=30, height=30, fill=BRAND, radius=7)
        canvas.text("₹", x=MARGIN + 15, y=57.5, style=Style(size=18, bold=True, ink=WHITE), align="centre")
        canvas.text("Kist", x=MARGIN + 39, y=58.5, style=Style(size=20, bold=True, ink=BRAND))
    else:
        _draw_letterhead(canvas, frame.letterhead, width=room)
    canvas.text(title, x=right, y=49, style=large, align="right")
    canvas.text(below, x=right, y=65, style=small, align="right")
    canvas.line(x=MARGIN, y=76, to_x=right, to_y=76, ink=BRAND, thickness=1.2)
    foot = PAGE_HEIGHT - 26
    page = _PAGE.to(frame.language, number=number, of=of)
    canvas.line(x=MARGIN, y=foot - 13, to_x=right, to_y=foot - 13)
    canvas.text(frame.foot, x=MARGIN, y=foot, style=SMALL)
    canvas.text(page, x=right, y=foot, style=Style(size=QUIET.size, ink=MUTED), align="right")
    if frame.letterhead is not None:
        words = frame.letterhead.foot
        canvas.text(words, x=MARGIN, y=foot + 11, style=shrink(words, width=WIDTH, style=SMALL))


def _draw_letterhead(canvas: PdfCanvas, letterhead: Letterhead, *, width: float) -> None:
    left = MARGIN
    if letterhead.logo is not None:
        left += canvas.picture(letterhead.logo, x=MARGIN, y=32, width=90, height=38) + 8
    room = width - (left - MARGIN)
    name = shrink(letterhead.name, width=room, style=Style(size=13, bold=True, ink=BRAND))
    canvas.text(letterhead.name, x=left, y=45, style=name)
    for line, words in enumerate(letterhead.lines[:2]):
        # The address is cut where it is too long; numbers are written smaller.
        style = SMALL if line == 0 else shrink(words, width=room, style=SMALL)
        canvas.text(fit(words, width=room + 0.1, style=style), x=left, y=57 + 11 * line, style=style)
