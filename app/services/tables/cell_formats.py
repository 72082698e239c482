"""How a cell's format displays its number, for formats that change the meaning of the number.

A cell that displays 10.5 % holds 0.105, and one that displays 007 may hold 7. The author of the file meant what was
displayed. Formats that only decorate a number (a currency, groups of digits, decimals) are ignored. A percent sign
counts unless it is quoted or escaped text. A format that writes a multiple behind the number (`0" lakh"` displays 5
lakh for 5) is unclear, unless it divides the number (`0.0,"K"` displays 5.0K for 5000). The parser itself
recognises days, in both calendars of a workbook.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.parsers import expat

#: The built-in formats with a percent sign, by their numbers: 0% and 0.00%.
BUILT_IN: Final[Mapping[int, str]] = {9: "0%", 10: "0.00%"}
#: The literal parts of a format: quoted text, and the character after `\` (escape), `_` (space) or `*` (fill).
_LITERAL: Final = re.compile(r'"[^"]*"|[\\_*].', re.DOTALL)
_BRACKETED: Final = re.compile(r"\[[^\]]*\]")
#: A multiple as text of a format, and a number that is divided: a comma behind its last digit.
_MULTIPLE: Final = re.compile(r"(?i)\b(?:lakhs?|lacs?|l|crores?|cr|thousands?|k|millions?|mn|m|billions?|bn|b)\b")
_DIVIDED: Final = re.compile(r"[0#?.],+(?![0#?,.])")
_PLACEHOLDER: Final = re.compile("[0#?]")
#: Quoted text, an escaped character, or any other part of a format.
_TEXT: Final = re.compile(r'"([^"]*)"|\\(.)|[_*].|.', re.DOTALL)
_CONDITION: Final = re.compile(r"\[\s*[<>=]")
#: The most formats that are read from one workbook. Real workbooks have some hundred.
MOST_FORMATS: Final = 65_536


@dataclass(frozen=True, slots=True)
class NumberDisplay:
    """How a format displays a number. `percents` is the number of percent signs for numbers from zero up and for
    negative ones; `digits` is the minimum number of digits; `replacement` is a text in place of the number."""

    percents: tuple[int, int] = (0, 0)
    digits: int = 0
    replacement: str = ""

    def display(self, text: str) -> str:
        """The exact number as the format displays it."""
        if self.replacement:
            return self.replacement
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if not number.is_finite():
            return text
        percents = self.percents[number < 0]
        if percents:
            percent = f"{number.scaleb(2 * percents):f}"
            return (percent.rstrip("0").rstrip(".") if "." in percent else percent) + "%" * percents
        return text.zfill(self.digits) if self.digits and text.isdigit() else text


PLAIN: Final = NumberDisplay()
#: A formula that failed. The cell is not empty and has no value.
ERROR: Final = NumberDisplay(replacement="#ERROR")
#: A format that displays some numbers with a percent sign and others without, or another multiple than it holds.
UNCLEAR: Final = NumberDisplay(replacement="#UNCLEAR")


def read_format(code: str) -> NumberDisplay:
    """How a format code displays a number."""
    bare = _LITERAL.sub("", code)
    if _is_of_another_multiple(code, bare):
        return UNCLEAR
    has_condition = _CONDITION.search(bare) is not None
    # The sections of a format are for positive numbers, negative numbers, zero, and texts.
    sections = _BRACKETED.sub("", bare).split(";")[:3]
    counts = [section.count("%") for section in sections]
    if len(set(counts)) > 1 and (has_condition or (len(counts) == 3 and counts[2] != counts[0])):
        return UNCLEAR
    digits = len(code) if re.fullmatch("0{2,15}", code) else 0
    return NumberDisplay((counts[0], counts[1] if len(counts) > 1 else counts[0]), digits)


def _is_of_another_multiple(code: str, bare: str) -> bool:
    """Whether the format of a number writes `lakh` or the like behind it, and does not divide it."""
    texts = "".join(match[1] or match[2] or " " for match in _TEXT.finditer(code))
    return bool(_MULTIPLE.search(texts) and _PLACEHOLDER.search(bare) and not _DIVIDED.search(bare))


def read_formats(styles: bytes) -> list[NumberDisplay]:
    """How each cell style, by its index, displays a number. Raises `expat.ExpatError`."""
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
