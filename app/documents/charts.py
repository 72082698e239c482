"""A bar chart of the instalments: principal below, interest above, settled instalments in full colour.

The scale ends at a round figure. For more than sixty instalments, neighbouring ones are added up to one bar, because
thinner bars could not be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.canvas import BRAND, INTEREST, MARGIN, RULE, SMALL, WIDTH, PdfCanvas, text_width
from app.documents.layout import Block
from app.documents.words import Language, Text, rupees

_PALE = {BRAND: "#A9CFCB", INTEREST: "#F5DCB4"}
_MOST_BARS = 60
_HEIGHT = 128.0
_GUTTER = 52.0
_STEPS = (1, 2, 3, 4, 6, 8, 10)
_PRINCIPAL = Text("Principal", "मूलधन")
_INTEREST = Text("Interest", "ब्याज")
_TO_COME = Text("Paler: still to come", "हल्का रंग: अभी आना है")
_EACH = Text("Each bar: {size} instalments", "हर स्तंभ: {size} किस्तें")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One instalment or several: the label below the axis, the two parts, and whether all of it is settled."""

    label: str
    principal_paise: int
    interest_paise: int
    settled: bool

    @property
    def height_paise(self) -> int:
        """The sum of both parts."""
        return self.principal_paise + self.interest_paise


def bar_chart(bars: Sequence[Bar], *, language: Language = Language.ENGLISH) -> Block:
    """The chart with its scale and its legend."""
    size = -(-len(bars) // _MOST_BARS) or 1
    shown = _merge(bars, size=size)
    top = _round_up(max((bar.height_paise for bar in shown), default=1))

    def draw(canvas: PdfCanvas, y: float) -> None:
        _legend(canvas, y + 8, size=size, language=language)
        upper, lower = y + 22, y + _HEIGHT - 18
        for part in range(3):
            at = lower - (lower - upper) * part / 2
            canvas.line(x=MARGIN + _GUTTER, y=at, to_x=MARGIN + WIDTH, to_y=at, ink=RULE)
            label = rupees(top * part // 2).removesuffix(".00")
            canvas.text(label, x=MARGIN + _GUTTER - 6, y=at + 2.6, style=SMALL, align="right")
        _bars(canvas, shown, upper=upper, lower=lower, top=top)

    return Block(height=_HEIGHT, draw=draw)


def _bars(canvas: PdfCanvas, bars: Sequence[Bar], *, upper: float, lower: float, top: int) -> None:
    pitch = (WIDTH - _GUTTER) / max(len(bars), 6)
    thick = min(pitch * 0.68, 26.0)
    every = -(-len(bars) // 15)
    for index, bar in enumerate(bars):
        left = MARGIN + _GUTTER + pitch * index + (pitch - thick) / 2
        below = (lower - upper) * bar.principal_paise / top
        above = (lower - upper) * bar.interest_paise / top
        for colour, at, height in ((BRAND, lower - below, below), (INTEREST, lower - below - above, above)):
            if height > 0:
                fill = colour if bar.settled else _PALE[colour]
                canvas.box(x=left, y=at, width=thick, height=height, fill=fill)
        if index % every == 0:
            canvas.text(bar.label, x=left + thick / 2, y=lower + 10, style=SMALL, align="centre")


def _legend(canvas: PdfCanvas, y: float, *, size: int, language: Language) -> None:
    entries = ((_PRINCIPAL, BRAND), (_INTEREST, INTEREST), (_TO_COME, _PALE[BRAND]))
    left = MARGIN + _GUTTER
    for text, colour in entries:
        word = text.to(language)
        canvas.box(x=left, y=y - 6.2, width=7, height=7, fill=colour, radius=1.5)
        canvas.text(word, x=left + 11, y=y, style=SMALL)
        left += 11 + text_width(word, style=SMALL) + 16
    if size > 1:
        canvas.text(_EACH.to(language, size=size), x=MARGIN + WIDTH, y=y, style=SMALL, align="right")


def _merge(bars: Sequence[Bar], *, size: int) -> list[Bar]:
    """Adds every `size` neighbouring bars up to one."""
    groups = [bars[start : start + size] for start in range(0, len(bars), size)]
    return [
        Bar(
            label=group[0].label,
            principal_paise=sum(bar.principal_paise for bar in group),
            interest_paise=sum(bar.interest_paise for bar in group),
            settled=all(bar.settled for bar in group),
        )
        for group in groups
    ]


def _round_up(paise: int) -> int:
    """The next figure that is round in rupees, and whose half is round too: 1, 2, 3, 4, 6 or 8, followed by zeros."""
    unit = 100
    while unit * 10 < paise:
        unit *= 10
    return next(unit * step for step in _STEPS if unit * step >= paise)
