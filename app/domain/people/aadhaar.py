"""The Aadhaar number: the twelve-digit identity number of a person in India, and its masked form.

A real number begins with 2 to 9 and ends with a Verhoeff check digit, which detects every single wrong digit and every
swap of adjacent digits. The samples of the source systems (`123456789012`) are not real numbers, so development checks
only for twelve digits. Leading zeros count: a number that a spreadsheet shortened, or changed to `1.11122E+11`, is
refused and never repaired. Views, logs and exports show `XXXX XXXX 9012`, and no error contains the number.
Source: UIDAI, the structure of the Aadhaar number; source system 1 of docs/sources.md.
"""

import re
from enum import StrEnum
from itertools import accumulate

from app.domain.errors import Invalid

DIGITS = 12
_PLAIN = re.compile(r"[0-9]{12}", re.ASCII)
#: Twelve digits that are not part of a longer number.
_WITHIN = re.compile(r"(?<![0-9])[0-9]{4}([ -]?)[0-9]{4}\1([0-9]{4})(?![0-9])", re.ASCII)
_GROUPED = re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}", re.ASCII)


class AadhaarCheck(StrEnum):
    """How a number is checked: its form only, or also its first digit and its check digit."""

    FORMAT = "format"
    CHECKSUM = "checksum"


class AadhaarInvalid(Invalid):
    """The text is not an Aadhaar number; the message names the rule and never repeats the text. Send the 12 digits as
    the card shows them."""

    code = "aadhaar_invalid"


def parse_aadhaar(text: str, *, check: AadhaarCheck) -> str:
    """The twelve digits of a number that is written without spaces or in groups of four (`2341 2341 2346`).

    Raises AadhaarInvalid. Source: UIDAI, the structure of the Aadhaar number.
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


def is_aadhaar(text: str) -> bool:
    """Whether the whole text has the form and the check digit of an Aadhaar number; one in twelve of other numbers with
    twelve digits has them too."""
    try:
        parse_aadhaar(text, check=AadhaarCheck.CHECKSUM)
    except AadhaarInvalid:
        return False
    return True


def mask_aadhaar(last_four: str) -> str:
    """The masked form of a number: `XXXX XXXX 9012`."""
    return f"XXXX XXXX {last_four[-4:]}"


def hide_numbers(text: str) -> str:
    """The text with every possible Aadhaar number masked: twelve digits together or in groups of four."""
    return _WITHIN.sub(lambda match: mask_aadhaar(match[2]), text)


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of the others (their product in the group D5 is 0)."""
    checksum = 0
    for position, digit in enumerate(reversed(digits)):
        checksum = _product(checksum, _PERMUTED[position % 8][int(digit)])
    return checksum == 0


def _product(left: int, right: int) -> int:
    """The product in D5, the dihedral group of the pentagon: 0 to 4 are rotations, 5 to 9 are reflections."""
    if left < 5:
        return (left + right) % 5 if right < 5 else 5 + (left + right) % 5
    return 5 + (left - right) % 5 if right < 5 else (left - right) % 5


# Verhoeff's permutation, applied once more at each position to the left; it repeats after eight.
_VERHOEFF = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_PERMUTED = tuple(
    accumulate(range(7), lambda row, _: tuple(row[_VERHOEFF[digit]] for digit in range(10)), initial=tuple(range(10)))
)
