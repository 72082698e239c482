"""What a format makes of a number in a cell of a workbook, where that changes which number it is.

A cell that shows 10.5 % holds 0.105, and one that shows 007 may hold 7: who wrote the file meant what they saw. Formats
that only dress a number up (a currency, groups of digits, decimals) leave it as it is. A percent sign counts where it
is no quoted or escaped text. Days are recognised by the parser itself, in both of a workbook's calendars.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.parsers import expat

#: The built-in formats with a percent sign, by their numbers: 0% and 0.00%.
BUILT_IN: Final[Mapping[int, str]] = {9: "0%", 10: "0.00%"}
#: What a format says without being a placeholder: quoted text, an escaped character, room for one, a filling one.
_LITERAL: Final = re.compile(r'"[^"]*"|[\\_*].', re.DOTALL)
_BRACKETED: Final = re.compile(r"\[[^\]]*\]")
_CONDITION: Final = re.compile(r"\[\s*[<>=]")
#: Formats that one workbook may define; a program writes some hundred.
MOST_FORMATS: Final = 65_536


@dataclass(frozen=True, slots=True)
class Shown:
    """How a number is shown: times a hundred for each percent sign, by its sign; in how many digits at least; or as
    something that is no number at all."""

    percents: tuple[int, int] = (0, 0)
    digits: int = 0
    instead: str = ""

    def spell(self, text: str) -> str:
        """The text of a number as its reader sees it, and exactly."""
        if self.instead:
            return self.instead
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if not number.is_finite():
            return text
        percents = self.percents[number < 0]
        if percents:
            shown = f"{number.scaleb(2 * percents):f}"
            return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + "%" * percents
        return text.zfill(self.digits) if self.digits and text.isdigit() else text


PLAIN: Final = Shown()
#: The result of a formula that failed: there is something, and it is no value.
ERROR: Final = Shown(instead="#ERROR")
#: A format that shows one number with a percent sign and another without.
UNCLEAR: Final = Shown(instead="#UNCLEAR")


def read_format(code: str) -> Shown:
    """What a format's code makes of a number."""
    bare = _LITERAL.sub("", code)
    has_condition = _CONDITION.search(bare) is not None
    # The sections are for numbers above zero, below it, zero, and for texts.
    sections = _BRACKETED.sub("", bare).split(";")[:3]
    counts = [section.count("%") for section in sections]
    if len(set(counts)) > 1 and (has_condition or (len(counts) == 3 and counts[2] != counts[0])):
        return UNCLEAR
    digits = len(code) if re.fullmatch("0{2,15}", code) else 0
    return Shown((counts[0], counts[1] if len(counts) > 1 else counts[0]), digits)


def read_formats(styles: bytes) -> list[Shown]:
    """What each style of a cell, by its number, makes of a number. Raises `expat.ExpatError`."""
    codes, used = dict(BUILT_IN), list[int]()
    within: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "numFmt" and len(codes) < MOST_FORMATS:
            codes[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif local == "xf" and within and within[-1] == "cellXfs" and len(used) < MOST_FORMATS:
            used.append(_number(attributes.get("numFmtId", "")))
        within.append(local)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: within.pop()
    parser.Parse(styles, True)
    found = {number: read_format(code) for number, code in codes.items()}
    return [found.get(number, PLAIN) for number in used]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
