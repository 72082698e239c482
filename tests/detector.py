"""Finds secrets, which must not be in any log, job, error, export or row.

`find_secrets` recognises secrets by their form: an Aadhaar number (twelve digits with a valid check digit), an access
token, a refresh token, a password hash. A test can add the numbers and passwords that it uses.
"""

import re
from collections.abc import Iterable

from app.domain.people.aadhaar import has_check_digit

TWELVE_DIGITS = re.compile(r"(?<![0-9A-Fa-f.])([2-9][0-9]{3})([ -]?)([0-9]{4})\2([0-9]{4})(?![0-9A-Fa-f])")
#: Only a complete token with three parts counts.
ACCESS_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
REFRESH_TOKEN = re.compile(r"krt_[A-Za-z0-9_-]{20,}")
PASSWORD_HASH = re.compile(r"\$argon2i?d?\$")


def find_secrets(text: str, *, known: Iterable[str] = ()) -> list[str]:
    """The kinds of secrets in a text, each with only a few characters of it, so that a report does not reveal it."""
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
    """The log lines of the service in the standard error of a test."""
    return "\n".join(line for line in captured.splitlines() if line.startswith("{"))
