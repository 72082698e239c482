"""The typeface of documents: Noto Sans Devanagari, regular and semibold.

It has Latin and Devanagari letters and the rupee sign, and all its digits have one width, so columns of amounts are
aligned. Its files and its licence (SIL OFL 1.1) are in `typefaces/`. A document embeds only the letters that it uses.

Devanagari letters join and change their order, so HarfBuzz shapes them. The drawing library gives each joined letter a
private code when it is first used, so the bytes of a document would depend on earlier documents. To avoid this, all
joined letters get their codes when the typeface is loaded, in the order of the font.
"""

import re
from functools import cache, reduce
from operator import add
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import ShapedStr, TTFont, shapeStr

REGULAR = "Kist"
SEMIBOLD = "Kist-SemiBold"

_FOLDER = Path(__file__).parent / "typefaces"
_FILES = {REGULAR: "NotoSansDevanagari-Regular.ttf", SEMIBOLD: "NotoSansDevanagari-SemiBold.ttf"}
#: Characters that may join: those of all scripts except Latin, Greek and Cyrillic, and the zero-width joiners.
_JOINING = "\u0590-\u1dff\u200c\u200d\u2c00-\ud7ff\uf900-\U0010ffff"
_JOINING_LETTER = re.compile(f"[{_JOINING}]")
_RUN = re.compile(f"[{_JOINING}]+|[^{_JOINING}]+")


@cache
def load_typeface() -> None:
    """Registers both weights with the drawing library, once in each process."""
    # Without the ASCII encoding, drawing a file takes a fifth less time, and the file is smaller by a fifth.
    rl_config.useA85 = 0
    for name, file in _FILES.items():
        font = TTFont(name, str(_FOLDER / file))
        _code_joined_letters(font)
        pdfmetrics.registerFont(font)


def _code_joined_letters(font: Any) -> None:
    shaper = font.hbFont()
    for glyph in range(font.hbFace.glyph_count):
        if glyph not in font.face.glyphToChar:
            font.hbAddPrivate(shaper.glyph_to_string(glyph), glyph, shaper.get_glyph_h_advance(glyph))


def shape(text: str, *, font: str, size: float) -> str:
    """The text in the form that the drawing library writes, with letters joined and in their order.

    Each run of one script is shaped by itself, because the shaper uses the script of the first letter for all of them.
    """
    if text.isascii() or not _JOINING_LETTER.search(text):
        return text
    runs: list[str] = [shapeStr(run, font, size, force=True) for run in _RUN.findall(text)]
    return reduce(add, runs)


def width_of(text: str, *, font: str, size: float) -> float:
    """The width of a text in points. A shaped text is measured letter by letter."""
    shaped = shape(text, font=font, size=size)
    if isinstance(shaped, ShapedStr):
        return float(sum(letter.x_advance for letter in shaped.__shapeData__) * size / 1000)
    return float(pdfmetrics.stringWidth(text, font, size))
