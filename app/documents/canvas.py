"""The canvas: draws text, boxes and lines on A4 pages. Blocks use it instead of the drawing library.

Positions are in points from the top left corner of the page, to the right and down. A text whose letters are joined is
stored a second time in plain characters (`ActualText`), so that it can be searched, copied and read aloud.
"""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.documents.typeface import REGULAR, SEMIBOLD, load_typeface, shape, width_of

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 42.0
#: The width of the blocks, between the margins.
WIDTH = PAGE_WIDTH - 2 * MARGIN

Align = Literal["left", "right", "centre"]

INK = "#17212B"
MUTED = "#66717D"
RULE = "#DDE3E8"
TINT = "#F3F6F8"
WHITE = "#FFFFFF"
BRAND = "#0B5D58"
BRAND_TINT = "#E6F1EF"
INTEREST = "#E5A23D"
ALARM = "#B42318"
ALARM_TINT = "#FDECEA"

_COLOURS: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text looks: size in points, weight, colour."""

    size: float = 8.5
    bold: bool = False
    ink: str = INK

    @property
    def font(self) -> str:
        """The name of the font in the drawing library."""
        return SEMIBOLD if self.bold else REGULAR


BODY = Style()
STRONG = Style(bold=True)
QUIET = Style(ink=MUTED)
SMALL = Style(size=7.5, ink=MUTED)


class PdfCanvas:
    """Draws on one document, page after page."""

    def __init__(self, *, title: str, subject: str) -> None:
        load_typeface()
        self._file = BytesIO()
        # `invariant` leaves time and random id out of the file, so that the same facts give the same bytes.
        self._canvas = Canvas(
            self._file, pagesize=A4, invariant=1, pageCompression=1, lang="en-IN", initialFontName=REGULAR
        )
        self._canvas.setTitle(title)
        self._canvas.setSubject(subject)
        self._canvas.setAuthor("Kist")
        self._canvas.setCreator("Kist")

    def text(self, words: str, *, x: float, y: float, style: Style = BODY, align: Align = "left") -> None:
        """Writes one line whose baseline is at `y`."""
        canvas = self._canvas
        canvas.setFont(style.font, style.size)
        canvas.setFillColor(_colour(style.ink))
        left = x if align == "left" else x - text_width(words, style=style) / (1 if align == "right" else 2)
        shaped = shape(words, font=style.font, size=style.size)
        if shaped is words:
            canvas.drawString(left, PAGE_HEIGHT - y, words)
            return
        spoken = words.encode("utf-16-be").hex().upper()
        canvas.addLiteral(f"/Span <</ActualText <FEFF{spoken}>>> BDC")
        canvas.drawString(left, PAGE_HEIGHT - y, shaped)
        canvas.addLiteral("EMC")

    def box(
        self, *, x: float, y: float, width: float, height: float, fill: str | None = None, stroke: str | None = None,
        radius: float = 0,
    ) -> None:  # fmt: skip
        """Draws a rectangle, filled or outlined or both."""
        canvas = self._canvas
        if fill is not None:
            canvas.setFillColor(_colour(fill))
        if stroke is not None:
            canvas.setStrokeColor(_colour(stroke))
            canvas.setLineWidth(0.6)
        shown = {"fill": int(fill is not None), "stroke": int(stroke is not None)}
        bottom = PAGE_HEIGHT - y - height
        if radius:
            canvas.roundRect(x, bottom, width, height, radius, **shown)
        else:
            canvas.rect(x, bottom, width, height, **shown)

    def line(self, *, x: float, y: float, to_x: float, to_y: float, ink: str = RULE, thickness: float = 0.6) -> None:
        """Draws a straight line."""
        self._canvas.setStrokeColor(_colour(ink))
        self._canvas.setLineWidth(thickness)
        self._canvas.line(x, PAGE_HEIGHT - y, to_x, PAGE_HEIGHT - to_y)

    def picture(self, picture: bytes, *, x: float, y: float, width: float, height: float) -> float:
        """Draws a picture from the left of a box, as large as the box allows, and returns its width."""
        across, down = ImageReader(BytesIO(picture)).getSize()
        scale = min(width / across, height / down)
        self._canvas.drawImage(
            ImageReader(BytesIO(picture)), x, PAGE_HEIGHT - y - (height + down * scale) / 2,
            width=across * scale, height=down * scale, mask="auto",
        )  # fmt: skip
        return float(across * scale)

    def bookmark(self, title: str, *, y: float) -> None:
        """Adds an entry for this position to the list of contents that a PDF reader shows."""
        self._canvas.bookmarkHorizontal(title, 0, PAGE_HEIGHT - y)
        self._canvas.addOutlineEntry(title, title, level=0)

    def end_page(self) -> None:
        """Ends the page. Later drawing is on the next page."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The finished file."""
        self._canvas.save()
        return self._file.getvalue()


def can_draw(picture: bytes, *, side_at_most: int) -> bool:
    """Whether a picture (a PNG or a JPEG) can be read whole, and neither side is too long, in pixels."""
    try:
        reader = ImageReader(BytesIO(picture))
        if max(reader.getSize()) > side_at_most:
            return False
        reader.getRGBData()
    except Exception:  # The library lets every fault of a picture through as what it is.
        return False
    return True


def fit(words: str, *, width: float, style: Style = BODY) -> str:
    """The line cut to the width. A cut line ends with an ellipsis."""
    if text_width(words, style=style) <= width:
        return words
    while words and text_width(words + "…", style=style) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def shrink(words: str, *, width: float, style: Style = BODY) -> Style:
    """The style in a size in which the whole line fits the width. Figures are made smaller instead of being cut."""
    needed = text_width(words, style=style)
    return style if needed <= width else replace(style, size=style.size * width / needed)


def wrap(words: str, *, width: float, style: Style = BODY) -> list[str]:
    """The text as lines that fit the width. A single word that is too long is cut."""
    lines: list[str] = []
    for paragraph in words.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, style=style) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return [fit(line, width=width, style=style) for line in lines]


def text_width(words: str, *, style: Style = BODY) -> float:
    """The width of a text in a style, in points."""
    load_typeface()
    return width_of(words, font=style.font, size=style.size)


def _colour(code: str) -> Any:
    found = _COLOURS.get(code)
    if found is None:
        found = _COLOURS[code] = HexColor(code)
    return found
