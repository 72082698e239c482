"""The figures as a page with a picture, for `kist bench --write FOLDER`. docs/figures.md is one."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from math import log2
from pathlib import Path

from bench.report import Figure, Report

WIDTH, ROW, TOP, NAMES, BARS = 1060, 22, 58, 430, 400
#: The picture ends where a figure is this many doublings better or worse than its bound.
REACH = 2
INK, PALE, GOOD, BAD = "#22302f", "#8a9997", "#0f766e", "#b42318"

PAGE = """# Figures

Written by `kist bench --write docs` on {day}: {machine}, {cores} cores, Python {python}, scale {scale:g},
{seconds:.0f} s. What is measured, and where the time goes: [performance.md](performance.md).

![How far each figure is from its bound](images/figures.svg)

| figure | value | unit | bound | measured on |
|---|---:|---|---|---|
{rows}
"""


def write_figures(report: Report, folder: Path, *, scale: float, seconds: float) -> None:
    """Writes figures.md, and images/figures.svg beside it."""
    rows = [
        f"| {figure.name} | {figure.shown} | {figure.unit} | {figure.bound}{': **missed**' if figure.missed else ''} "
        f"| {figure.note} |"
        for figure in report.figures
    ]
    rows += [f"| not measured: {failure.replace('|', ' ')} | | | | |" for failure in report.failures]
    page = PAGE.format(
        day=datetime.now(UTC).date(),
        machine=platform.machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        scale=scale,
        seconds=seconds,
        rows="\n".join(rows),
    )
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "figures.md").write_text(page, encoding="utf-8")
    (folder / "images" / "figures.svg").write_text(picture(report.figures), encoding="utf-8")


def picture(figures: Sequence[Figure]) -> str:
    """A bar for each figure with a bound: to the right of the line it is better than its bound, to the left worse. Each
    unit of the scale is a doubling, because "twice as good" means the same for a speed and for a memory."""
    bound = [figure for figure in figures if figure.room]
    height = TOP + ROW * len(bound) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">',
        '<g font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff"/>',
        _words(NAMES, 22, "How far each figure is from its bound (the line)", colour=INK, weight=600),
    ]
    for doublings in range(-1, REACH + 1):
        at, line = _place(doublings), INK if doublings == 0 else "#dde3e2"
        parts.append(f'<line x1="{at:.0f}" x2="{at:.0f}" y1="{TOP - 6}" y2="{height - 12}" stroke="{line}"/>')
        label = "bound" if doublings == 0 else f"{2**doublings:g} x"
        parts.append(_words(at, TOP - 12, label, colour=PALE, anchor="middle"))
    for number, figure in enumerate(bound):
        parts.append(_row(figure, y=TOP + ROW * number))
    return "\n".join((*parts, "</g>", "</svg>", ""))


def _row(figure: Figure, *, y: int) -> str:
    start, end = _place(0), _place(log2(figure.room or 1))
    colour = BAD if figure.missed else GOOD
    told = f"{figure.shown} {figure.unit}".removesuffix(" x")
    title = f"<title>{escape(f'{figure.name}: {told}, {figure.bound}')}</title>"
    left, wide = min(start, end), max(abs(end - start), 1.5)
    return "\n".join(
        (
            _words(
                NAMES - 12,
                y + 14,
                figure.name.removesuffix(": ratio").removesuffix(": in steps"),
                colour=INK,
                anchor="end",
            ),
            f'<rect x="{left:.1f}" y="{y + 3}" width="{wide:.1f}" height="15" rx="2" fill="{colour}">{title}</rect>',
            _words(max(start, end) + 6, y + 14, told, colour=colour, weight=600),
            _words(WIDTH - 12, y + 14, figure.bound, colour=PALE, anchor="end"),
        )
    )


def _place(doublings: float) -> float:
    """Where so many doublings better than the bound are on the picture."""
    return NAMES + BARS * (min(max(doublings, -1), REACH) + 1) / (REACH + 1)


def _words(x: float, y: int, text: str, *, colour: str, anchor: str = "start", weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'
    )
