"""What may be written about a borrower: free text of bounded length, without a full Aadhaar number.

A note may hold personal data, so it is never logged and no event carries it. Twelve digits, together or in groups of
four, are refused whatever their check digit says: a note is no place to find out whose number it is.
"""

import re
import unicodedata
from typing import Final

from app.domain.errors import Invalid

LONGEST_NOTE: Final = 2_000
#: Twelve digits that belong to no longer number and to no phone number with its country code (`+91...`).
_IDENTITY_NUMBER: Final = re.compile(r"(?<![0-9+])[0-9]{4}[\s./_-]{0,3}[0-9]{4}[\s./_-]{0,3}[0-9]{4}(?![0-9])")
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


class NoteInvalid(Invalid):
    """The note is empty, or longer than 2,000 characters. Write a shorter one."""

    code = "note_invalid"


class NoteHoldsIdentityNumber(Invalid):
    """The note holds twelve digits that look like a full Aadhaar number; the message never repeats them. Write the last
    four digits only, and a phone number with `+91` before it."""

    code = "note_holds_identity_number"


def check_note(text: str, *, field: str = "text") -> str:
    """The note without space around it. Raises NoteInvalid, NoteHoldsIdentityNumber."""
    note = text.strip()
    if not 0 < len(note) <= LONGEST_NOTE:
        raise NoteInvalid(f"a note has 1 to {LONGEST_NOTE} characters", field=field)
    if _IDENTITY_NUMBER.search(_plain(note)):
        raise NoteHoldsIdentityNumber("the note holds what looks like a full Aadhaar number", field=field)
    return note


def _plain(note: str) -> str:
    """The note with the digits of every script as ASCII digits, and every dash as a hyphen."""
    digits = "".join(
        str(unicodedata.digit(character)) if unicodedata.category(character) == "Nd" else character
        for character in note
    )
    return digits.translate(_DASHES)
