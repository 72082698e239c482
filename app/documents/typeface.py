"""The typeface: one family that writes Latin, Devanagari and the rupee sign, at the weights regular and semibold.

Noto Sans Devanagari draws English and Hindi alike, and all its figures have one width, so that columns of money stay
straight. It stands beside this module with its licence (SIL OFL 1.1); a document embeds only the letters that it uses.

Devanagari letters join and change places, so a run of them is shaped by HarfBuzz. The drawing library gives a joined
letter a private code when it first meets it; left alone, the bytes of a document would depend on the documents before
it. So every joined letter gets its code when the typeface is loaded, in the order of the font.
"""

from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import ShapedStr, TTFont, shapeStr

REGULAR = "Kist"
SEMIBOLD = "Kist-SemiBold"

_FOLDER = Path(__file__).parent / "typefaces"
_FILES = {REGULAR: "NotoSansDevanagari-Regular.ttf", SEMIBOLD: "NotoSansDevanagari-SemiBold.ttf"}
#: Below it a letter is drawn as it is: Latin, Greek, Cyrillic.
_FIRST_JOINING = "\u0590"
_SIGNS = ("\u2000", "\u2bff")


@cache
def load_typeface() -> None:
    """Makes both weights known to the drawing library, once a process."""
    for name, file in _FILES.items():
        font = TTFont(name, str(_FOLDER / file))
        _code_joined_letters(font)
        pdfmetrics.registerFont(font)


def _code_joined_letters(font: Any) -> None:
    shaper = font.hbFont()
    for glyph in range(font.hbFace.glyph_count):
        if glyph not in font.face.glyphToChar:
            font.hbAddPrivate(shaper.glyph_to_string(glyph), glyph, shaper.get_glyph_h_advance(glyph))


def is_joining(text: str) -> bool:
    """Whether a text has letters that must be shaped."""
    return not text.isascii() and any(
        letter >= _FIRST_JOINING and not _SIGNS[0] <= letter <= _SIGNS[1] for letter in text
    )


def shape(text: str, *, font: str, size: float) -> str:
    """A text as the drawing library is to write it: letters that join are joined and stand in their places.

    Written line by line, the library itself would shape only with another package for texts from right to left.
    """
    if not is_joining(text):
        return text
    shaped: str = shapeStr(text, font, size, force=True)
    return shaped


def width_of(text: str, *, font: str, size: float) -> float:
    """How wide a text is, in points; a shaped one is measured letter by letter."""
    shaped = shape(text, font=font, size=size)
    if isinstance(shaped, ShapedStr):
        return float(sum(letter.x_advance for letter in shaped.__shapeData__) * size / 1000)
    return float(pdfmetrics.stringWidth(text, font, size))
