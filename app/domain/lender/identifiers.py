"""The numbers of an Indian company: CIN, GSTIN and IFSC, and the UPI address to which money is paid.

A GSTIN holds the number of the state, the PAN of the holder, a count, and a check character. The check character finds
every single wrong character and most exchanged ones. A CIN has no check character: only its form can be checked.
"""

import re
from typing import Final

#: Listed or unlisted, the code of the industry, the state, the year, the kind of company, the registration number.
_CIN: Final = re.compile(r"[LU][0-9]{5}[A-Z]{2}(18|19|20)[0-9]{2}[A-Z]{3}[0-9]{6}")
#: The number of the state, the PAN, the count of registrations in the state, a letter Z, the check character.
_GSTIN: Final = re.compile(r"(0[1-9]|[1-3][0-9]|9[79])[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
_IFSC: Final = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
_UPI: Final = re.compile(r"[A-Za-z0-9.\-_]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}")
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_cin(text: str) -> bool:
    """Whether the text has the form of a corporate identity number. Source: Companies (Incorporation) Rules, 2014."""
    return _CIN.fullmatch(text) is not None


def is_gstin(text: str) -> bool:
    """Whether the text is a GSTIN with its right check character. Source: rule 10 of the CGST Rules, 2017."""
    if _GSTIN.fullmatch(text) is None:
        return False
    first_fourteen, check_character = text[:14], text[14]
    return gstin_check_character(first_fourteen) == check_character


def gstin_check_character(first_fourteen: str) -> str:
    """The check character of the first fourteen characters of a GSTIN.

    Each character counts by its place in 0 to 9, A to Z, every second one twice. Quotient and remainder by 36 of each
    product are added up; the check character completes the sum to a multiple of 36.
    """
    total = 0
    for place, letter in enumerate(first_fourteen):
        product = _ALPHABET.index(letter) * (1 + place % 2)
        total += product // len(_ALPHABET) + product % len(_ALPHABET)
    return _ALPHABET[-total % len(_ALPHABET)]


def is_ifsc(text: str) -> bool:
    """Whether the text has the form of the code of a bank's branch."""
    return _IFSC.fullmatch(text) is not None


def is_upi_address(text: str) -> bool:
    """Whether the text has the form of a UPI address (`name@bank`)."""
    return _UPI.fullmatch(text) is not None
