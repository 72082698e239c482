"""Aadhaar: the twelve-digit number of a person in India, and the least that may be shown of it.

A real number begins with 2 to 9 and ends in a Verhoeff check digit, which catches every single wrong digit and every
swap of neighbours. The samples of the source systems (`123456789012`) are no real numbers, so development asks for
twelve digits only. Leading zeros are digits: a number that a spreadsheet has shortened or turned into `1.11122E+11` is
refused, never repaired. Shown, logged and exported it is `XXXX XXXX 9012`, and no error repeats it.
"""

import re
from enum import StrEnum
from itertools import accumulate

from app.domain.errors import Invalid

DIGITS = 12
_PLAIN = re.compile(r"[0-9]{12}", re.ASCII)
#: Longer runs of digits are something else.
_WITHIN = re.compile(r"(?<![0-9])[0-9]{4}([ -]?)[0-9]{4}\1([0-9]{4})(?![0-9])", re.ASCII)
_GROUPED = re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}", re.ASCII)


class AadhaarCheck(StrEnum):
    """How much is asked of a number: its form alone, or the first digit and the check digit too."""

    FORMAT = "format"
    CHECKSUM = "checksum"


class AadhaarInvalid(Invalid):
    """The text is not an Aadhaar number; the message names the rule and never repeats the text. Send the 12 digits as
    the card shows them."""

    code = "aadhaar_invalid"


def parse_aadhaar(text: str, *, check: AadhaarCheck) -> str:
    """The twelve digits of a number written plainly or in groups of four (`2341 2341 2346`).

    Raises `AadhaarInvalid`. Source: UIDAI, the Aadhaar number's structure; domain.md, section 13.
    """
    stripped = text.strip()
    if _GROUPED.fullmatch(stripped):
        stripped = stripped.replace(stripped[4], "")
    if not _PLAIN.fullmatch(stripped):
        raise AadhaarInvalid("an Aadhaar number has exactly 12 digits", field="aadhar_id")
    if check is AadhaarCheck.CHECKSUM:
        if stripped[0] in "01":
            raise AadhaarInvalid("an Aadhaar number begins with 2 to 9", field="aadhar_id")
        if not has_check_digit(stripped):
            raise AadhaarInvalid("the check digit of the Aadhaar number is wrong", field="aadhar_id")
    return stripped


def mask_aadhaar(last_four: str) -> str:
    """How a number is shown: `XXXX XXXX 9012`."""
    return f"XXXX XXXX {last_four[-4:]}"


def hide_numbers(text: str) -> str:
    """A text in which whatever may be an Aadhaar number is masked: twelve digits, alone or in fours."""
    return _WITHIN.sub(lambda match: mask_aadhaar(match[2]), text)


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of the others (the product over D5 comes to its identity)."""
    checksum = 0
    for position, digit in enumerate(reversed(digits)):
        checksum = _product(checksum, _PERMUTED[position % 8][int(digit)])
    return checksum == 0


def _product(left: int, right: int) -> int:
    """The product in the dihedral group of the pentagon: 0 to 4 turn it, 5 to 9 turn it over."""
    if left < 5:
        return (left + right) % 5 if right < 5 else 5 + (left + right) % 5
    return 5 + (left - right) % 5 if right < 5 else (left - right) % 5


# Verhoeff's permutation, applied once more at each position to the left; it repeats after eight.
_VERHOEFF = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_PERMUTED = tuple(
    accumulate(range(7), lambda row, _: tuple(row[_VERHOEFF[digit]] for digit in range(10)), initial=tuple(range(10)))
)
