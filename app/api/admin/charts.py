"""Bar charts as SVG. They need no library and no script in the browser, and nothing from another server.

Positions are whole tenths of a unit, computed by integer division, so equal figures always give an equal picture. Every
bar holds its exact figure as a title, which a browser shows and a screen reader reads out.
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
    """The bars of one colour: their name and their values."""

    name: str
    colour: str
    values: Sequence[int]


def bar_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    full: Callable[[int], str],
    short: Callable[[int], str],
    width: int = WIDE,
) -> Markup:
    """Upright bars, grouped by label. `full` writes a figure in full (the title of a bar), `short` writes it for the
    axis."""
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
                    f"{label}, {each.name}: {full(value)}",
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
        label = escape(short(top * number // LINES))
        lines.append(Markup('<text class="scale" x="{}" y="{}" dy="3.5">{}</text>').format(LEFT - 6, height, label))
    return Markup("").join(lines)


def _picture(parts: Sequence[Markup], *, width: int, title: str) -> Markup:
    return Markup('<svg class="kist-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, HEIGHT, title, Markup("").join(parts)
    )


def nice_top(highest: int) -> int:
    """The smallest round figure (4, 8, 12, 16, 20, 40, ...) that is at least `highest` and can be divided by four."""
    step = 1
    while True:
        for top in (4 * step, 8 * step, 10 * step, 12 * step, 16 * step, 20 * step):
            if highest <= top and top % LINES == 0:
                return top
        step *= 10


def tenths(value: int) -> str:
    """A number of tenths as a decimal: 125 is `12.5`."""
    return f"{value // 10}.{value % 10}"


def short_rupees(paise: int) -> str:
    """Rupees for an axis, rounded down: `₹12 L`, `₹1.2 Cr`, `₹500`."""
    rupees = paise // PAISE_PER_RUPEE
    for unit, name in ((CRORE, " Cr"), (LAKH, " L"), (THOUSAND, " k")):
        if rupees >= unit:
            whole, rest = divmod(rupees * 10 // unit, 10)
            return f"₹{whole}{f'.{rest}' if rest else ''}{name}"
    return f"₹{rupees}"
