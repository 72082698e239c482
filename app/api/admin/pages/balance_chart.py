"""Balances over time as SVG: of a loan as first planned, as it was and as it will be; of a card account with its limit;
and where different ways of paying a card lead.

A balance is a step: it stays until the day on which it changes. Positions are whole tenths of a unit, so equal figures
always give an equal picture.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from markupsafe import Markup

from app.api.admin.charts import BOTTOM, HEIGHT, LEFT, LINES, RIGHT, TOP, nice_top, short_rupees, tenths
from app.domain.money import format_inr
from app.domain.reporting.loan_file import BalanceLines

WIDE: Final = 900
#: Labels of days below the chart.
DAYS: Final = 6


def balance_chart(lines: BalanceLines, *, on: date) -> Markup:
    """The chart. `on` is the business date, which a line marks."""
    drawn = (
        StepLine("planned", "as first planned", lines.planned),
        StepLine("real ahead", "as it will be", lines.ahead),
        StepLine("real", "as it was", lines.real),
    )
    return step_chart(drawn, title="Balance", what="planned and real", on=on, now_paise=lines.ahead[0].balance_paise)


class StepLine(NamedTuple):
    """A line of a chart: its style, what it says, and the amounts (paise) that hold from their days on."""

    style: str
    title: str
    points: Sequence[tuple[date, int]]


def step_chart(lines: Sequence[StepLine], *, title: str, what: str, on: date, now_paise: int) -> Markup:
    """Amounts that stay until they change. `on` is the business date, on which it is `now_paise`."""
    points = [point for line in lines for point in line.points]
    first, last = min(day for day, _ in points), max(day for day, _ in points)
    frame = _Frame(first, last, nice_top(max(paise for _, paise in points)))
    parts = [frame.axis(), frame.days()]
    for line in lines:
        path = Markup('<path class="{}" d="{}"><title>{}</title></path>')
        parts.append(path.format(line.style, frame.steps(line.points), line.title))
    parts.append(frame.today(on, paise=now_paise))
    picture = Markup('<svg class="kist-chart kist-balance" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    named = f"{title} from {first:%b %Y} to {last:%b %Y}, {what}"
    return picture.format(WIDE, HEIGHT, named, Markup("").join(parts))


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

    def steps(self, points: Sequence[tuple[date, int]]) -> str:
        """The path of a balance that stays until it changes."""
        (first, paise), *others = points
        start = f"M{tenths(self.x(first))} {tenths(self.y(paise))}"
        later = [f"H{tenths(self.x(on))}V{tenths(self.y(paise))}" for on, paise in others]
        return "".join([start, *later])

    def today(self, on: date, *, paise: int) -> Markup:
        line = Markup('<line class="today" x1="{}" y1="{}" x2="{}" y2="{}"><title>{}</title></line>')
        x, title = tenths(self.x(on)), f"{on:%d %b %Y}: {format_inr(paise)}"
        return line.format(x, TOP, x, HEIGHT - BOTTOM, title)

    def axis(self) -> Markup:
        grid = Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>')
        label = Markup('<text class="scale" x="{}" y="{}" dy="3.5">{}</text>')
        lines = []
        for number in range(LINES + 1):
            paise = self.top * number // LINES
            height = tenths(self.y(paise))
            lines.append(grid.format(LEFT, height, WIDE - RIGHT, height))
            lines.append(label.format(LEFT - 6, height, short_rupees(paise)))
        return Markup("").join(lines)

    def days(self) -> Markup:
        label = Markup('<text class="tick" x="{}" y="{}">{}</text>')
        # Labels of the same month differ by their days.
        form = "%b %y" if self.span >= (DAYS - 1) * 31 else "%d %b"
        labels, count = [], min(DAYS, self.span + 1)
        for number in range(count):
            day = date.fromordinal(self.first.toordinal() + self.span * number // (count - 1))
            x = min(max(self.x(day), (LEFT + 10) * 10), (WIDE - 30) * 10)
            labels.append(label.format(tenths(x), HEIGHT - 10, f"{day:{form}}"))
        return Markup("").join(labels)
