"""The detector: what may stand in no log, no job, no error, no export and no row.

`find_secrets` knows secrets by their form: twelve digits that are an Aadhaar number by its check digit, an access
token, a refresh token, a password's hash. A story knows more: the very numbers and passwords that it used.
"""

import re
from collections.abc import Iterable

from app.domain.people.aadhaar import has_check_digit

TWELVE_DIGITS = re.compile(r"(?<![0-9A-Fa-f.])([2-9][0-9]{3})([ -]?)([0-9]{4})\2([0-9]{4})(?![0-9A-Fa-f])")
#: A token has three parts, so that a text that only speaks of one is none.
ACCESS_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
REFRESH_TOKEN = re.compile(r"krt_[A-Za-z0-9_-]{20,}")
PASSWORD_HASH = re.compile(r"\$argon2i?d?\$")


def find_secrets(text: str, *, known: Iterable[str] = ()) -> list[str]:
    """What of a text is secret: its kind and a few signs of it, so that the report gives nothing away."""
    found = [f"a known secret ({secret[:2]}...)" for secret in known if secret in text]
    found += [
        f"an identity number (... {match[4]})"
        for match in TWELVE_DIGITS.finditer(text)
        if has_check_digit(match[1] + match[3] + match[4])
    ]
    for name, pattern in (
        ("an access token", ACCESS_TOKEN),
        ("a refresh token", REFRESH_TOKEN),
        ("a password's hash", PASSWORD_HASH),
    ):
        found += [f"{name} ({match[0][:6]}...)" for match in pattern.finditer(text)]
    return found


def log_lines(captured: str) -> str:
    """Of what a test wrote to standard error, the lines of the service's own log."""
    return "\n".join(line for line in captured.splitlines() if line.startswith("{"))
