"""The typeface: one family that writes Latin, Devanagari and the rupee sign, at the weights regular and semibold.

Noto Sans Devanagari draws English and Hindi alike, and all its figures have one width, so that columns of money stay
straight. It stands beside this module with its licence (SIL OFL 1.1); a document embeds only the letters that it uses.

Devanagari letters join and change places, so a run of them is shaped by HarfBuzz. The drawing library gives a joined
letter a private code when it first meets it; left alone, the bytes of a document would depend on the documents before
it. So every joined letter gets its code when the typeface is loaded, in the order of the font.
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
#: Letters that may join: all beyond Latin, Greek and Cyrillic but signs, and the joiners of no width.
_JOINING = "\u0590-\u1dff\u200c\u200d\u2c00-\ud7ff\uf900-\U0010ffff"
_JOINING_LETTER = re.compile(f"[{_JOINING}]")
_RUN = re.compile(f"[{_JOINING}]+|[^{_JOINING}]+")


@cache
def load_typeface() -> None:
    """Makes both weights known to the drawing library, once a process."""
    # Files are bytes today: spelling them out in ASCII takes a fifth of the time and makes them a quarter larger.
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
    """A text as the drawing library is to write it: letters that join are joined and stand in their places.

    A run of one script at a time, since the shaper takes the first letter's script for the script of all. The library
    itself would shape only beside another package, for texts from right to left.
    """
    if text.isascii() or not _JOINING_LETTER.search(text):
        return text
    runs: list[str] = [shapeStr(run, font, size, force=True) for run in _RUN.findall(text)]
    return reduce(add, runs)


def width_of(text: str, *, font: str, size: float) -> float:
    """How wide a text is, in points; a shaped one is measured letter by letter."""
    shaped = shape(text, font=font, size=size)
    if isinstance(shaped, ShapedStr):
        return float(sum(letter.x_advance for letter in shaped.__shapeData__) * size / 1000)
    return float(pdfmetrics.stringWidth(text, font, size))
