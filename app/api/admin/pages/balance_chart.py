"""The balance of a loan over time as SVG: as first planned, as it was, and as it will be.

A balance is a step: it stays until the day on which it changes. Positions are whole tenths of a unit, so equal figures
always give an equal picture.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup

from app.api.admin.charts import BOTTOM, HEIGHT, LEFT, LINES, RIGHT, TOP, nice_top, short_rupees, tenths
from app.domain.money import format_inr
from app.domain.reporting.loan_file import BalanceLines, Point

WIDE: Final = 900
#: Labels of days below the chart.
DAYS: Final = 6


def balance_chart(lines: BalanceLines, *, on: date) -> Markup:
    """The chart. `on` is the business date, which a line marks."""
    points = [*lines.planned, *lines.real, *lines.ahead]
    first, last = min(point.on for point in points), max(point.on for point in points)
    frame = _Frame(first, last, nice_top(max(point.balance_paise for point in points)))
    parts = [frame.axis(), frame.days()]
    parts.append(Markup('<path class="planned" d="{}"><title>as first planned</title></path>').format(frame.steps(lines.planned)))
    parts.append(Markup('<path class="real ahead" d="{}"><title>as it will be</title></path>').format(frame.steps(lines.ahead)))
    parts.append(Markup('<path class="real" d="{}"><title>as it was</title></path>').format(frame.steps(lines.real)))
    x = tenths(frame.x(on))
    parts.append(Markup('<line class="today" x1="{}" y1="{}" x2="{}" y2="{}"><title>today, {}</title></line>').format(
        x, TOP, x, HEIGHT - BOTTOM, f"{on:%d %b %Y}: {format_inr(lines.ahead[0].balance_paise)}"
    ))  # fmt: skip
    title = f"Balance from {first:%b %Y} to {last:%b %Y}, planned and real"
    return Markup('<svg class="kist-chart kist-balance" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDE, HEIGHT, title, Markup("").join(parts)
    )


class _Frame:
    """Places days and amounts."""

    def __init__(self, first: date, last: date, top: int) -> None:
        self.first, self.top = first, top
        self.span = max((last - first).days, 1)
        self.across, self.up = WIDE - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(self, on: date) -> int:
        return LEFT * 10 + self.across * 10 * (on - self.first).days // self.span

    def y(self, paise: int) -> int:
        return (TOP + self.up) * 10 - max(paise, 0) * self.up * 10 // self.top

    def steps(self, points: Sequence[Point]) -> str:
        """The path of a balance that stays until it changes."""
        parts = [f"M{tenths(self.x(points[0].on))} {tenths(self.y(points[0].balance_paise))}"]
        for point in points[1:]:
            parts.append(f"H{tenths(self.x(point.on))}V{tenths(self.y(point.balance_paise))}")
        return "".join(parts)

    def axis(self) -> Markup:
        lines = []
        for number in range(LINES + 1):
            paise = self.top * number // LINES
            height = tenths(self.y(paise))
            lines.append(Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(LEFT, height, WIDE - RIGHT, height))
            lines.append(Markup('<text class="scale" x="{}" y="{}" dy="3.5">{}</text>').format(LEFT - 6, height, short_rupees(paise)))
        return Markup("").join(lines)

    def days(self) -> Markup:
        labels = []
        for number in range(DAYS):
            day = date.fromordinal(self.first.toordinal() + self.span * number // (DAYS - 1))
            labels.append(Markup('<text class="tick" x="{}" y="{}">{}</text>').format(
                tenths(min(max(self.x(day), (LEFT + 10) * 10), (WIDE - 30) * 10)), HEIGHT - 10, f"{day:%b %y}"
            ))  # fmt: skip
        return Markup("").join(labels)
