"""Charts as SVG, drawn here: a few bars need no library in the browser, no script, and nothing from another house.

A chart is made of whole numbers. Positions are counted in tenths of a unit by integer division, so the same figures are
always the same picture. Every bar carries its exact figure as a title, which a browser shows and a reader of screens
reads out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from app.domain.money import PAISE_PER_RUPEE

WIDE, NARROW, HEIGHT = 640, 440, 230
LEFT, RIGHT, TOP, BOTTOM = 58, 8, 12, 30
LINES: Final = 4
LAKH, CRORE, THOUSAND = 100_000, 10_000_000, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What the bars of one colour stand for."""

    name: str
    colour: str
    values: Sequence[int]


def bar_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    say: Callable[[int], str],
    short: Callable[[int], str],
    width: int = WIDE,
) -> Markup:
    """Upright bars, grouped by label. `say` writes a figure in full and `short` for the axis."""
    top = nice_top(max((value for each in series for value in each.values), default=0))
    across, up = width - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    parts = [_axis(top, up=up, width=width, short=short)]
    for place, label in enumerate(labels):
        left = LEFT * 10 + across * 10 * place // len(labels)
        room = across * 10 // len(labels)
        wide = room * 7 // 10 // len(series)
        for number, each in enumerate(series):
            value = each.values[place]
            high = max(value, 0) * up * 10 // top
            high = max(high, 10) if value > 0 else 0
            parts.append(
                Markup(
                    '<rect class="bar {}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>'
                ).format(
                    each.colour,
                    tenths(left + room * 15 // 100 + wide * number),
                    tenths((TOP + up) * 10 - high),
                    tenths(max(wide - 10, 10)),
                    tenths(high),
                    f"{label}, {each.name}: {say(value)}",
                )
            )
        middle = tenths(left + room // 2)
        parts.append(Markup('<text class="tick" x="{}" y="{}">{}</text>').format(middle, HEIGHT - 10, label))
    return _picture(parts, width=width, title=title)


def _axis(top: int, *, up: int, width: int, short: Callable[[int], str]) -> Markup:
    lines = []
    for number in range(LINES + 1):
        height = tenths((TOP + up) * 10 - up * 10 * number // LINES)
        lines.append(
            Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(LEFT, height, width - RIGHT, height)
        )
        said = escape(short(top * number // LINES))
        lines.append(Markup('<text class="scale" x="{}" y="{}" dy="3.5">{}</text>').format(LEFT - 6, height, said))
    return Markup("").join(lines)


def _picture(parts: Sequence[Markup], *, width: int, title: str) -> Markup:
    return Markup('<svg class="kist-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, HEIGHT, title, Markup("").join(parts)
    )


def nice_top(highest: int) -> int:
    """The least round figure that is not below the highest, of those with whole quarters: 4, 8, 12, 16, 20, 40, 100."""
    step = 1
    while True:
        for top in (4 * step, 8 * step, 10 * step, 12 * step, 16 * step, 20 * step):
            if highest <= top and top % LINES == 0:
                return top
        step *= 10


def tenths(value: int) -> str:
    """A number of tenths, written with its point."""
    return f"{value // 10}.{value % 10}"


def short_rupees(paise: int) -> str:
    """Rupees for an axis, cut and not rounded: `₹12 L`, `₹1.2 Cr`, `₹500`."""
    rupees = paise // PAISE_PER_RUPEE
    for unit, name in ((CRORE, " Cr"), (LAKH, " L"), (THOUSAND, " k")):
        if rupees >= unit:
            whole, rest = divmod(rupees * 10 // unit, 10)
            return f"₹{whole}{f'.{rest}' if rest else ''}{name}"
    return f"₹{rupees}"
