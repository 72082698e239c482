"""The lender's profile: what a borrower must be told about who lends, and how to pay.

A profile is a version that is in force from a day on and never changes. Every paper shows the version of its day. The
texts that a key facts statement asks for are part of it: the clauses on recovery agents and grievances, whether a loan
may be transferred, and who recovers for the lender. Each may be given in Hindi too; a Hindi paper shows the English
text where there is none.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from app.domain.errors import Invalid
from app.domain.lender.identifiers import is_cin, is_gstin, is_ifsc, is_upi_address

#: The longest name, and the longest other text.
MOST_NAME: Final = 120
MOST_TEXT: Final = 500
#: A cooling-off period longer than this is a mistake.
MOST_DAYS_TO_LEAVE: Final = 90
#: The largest logo, in bytes, and its longest side, in pixels.
MOST_LOGO_BYTES: Final = 200_000
MOST_LOGO_SIDE: Final = 4_000

#: The calendar of a lender that names none.
DEFAULT_CALENDAR: Final = "IN"

_PHONE: Final = re.compile(r"[+0-9][0-9 ()/-]{5,29}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WEBSITE: Final = re.compile(r"https?://[^\s]+|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ACCOUNT: Final = re.compile(r"[0-9A-Z]{5,34}")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"


class LenderProfileInvalid(Invalid):
    """The profile has a value that cannot be right, such as a GSTIN with a wrong check character. Correct the field
    that `field` names."""

    code = "lender_profile_invalid"


class LogoInvalid(Invalid):
    """The logo is not a picture that a document can show. Send a PNG or a JPEG of at most 200 kB."""

    code = "lender_logo_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderProfile:
    """Who lends, whom to ask, and how to pay. What is None is not shown on papers.

    `holiday_calendar` names the table of holidays by which working days are counted. `cooling_off_days` is the time in
    which a borrower may leave a new loan; None is the shortest that the rules allow.
    """

    name: str
    name_hindi: str | None = None
    address: str
    address_hindi: str | None = None
    cin: str | None = None
    gstin: str | None = None
    rbi_registration: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    grievance_officer: str
    grievance_phone: str
    grievance_email: str
    upi_address: str | None = None
    bank_account_name: str | None = None
    bank_account_number: str | None = None
    bank_ifsc: str | None = None
    recovery_clause: str | None = None
    recovery_clause_hindi: str | None = None
    grievance_clause: str | None = None
    grievance_clause_hindi: str | None = None
    transfer_terms: str | None = None
    transfer_terms_hindi: str | None = None
    recovery_service: str | None = None
    recovery_service_hindi: str | None = None
    cooling_off_days: int | None = None
    holiday_calendar: str = DEFAULT_CALENDAR

    def text(self, field: str, *, hindi: bool) -> str | None:
        """A text of the profile, in Hindi where it is wanted and given."""
        translated: str | None = getattr(self, f"{field}_hindi") if hindi else None
        found: str | None = translated or getattr(self, field)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderVersion:
    """A version of the profile, in force from `effective_from` on, with its logo (the bytes of a PNG or a JPEG)."""

    version: int
    effective_from: date
    profile: LenderProfile
    logo: bytes | None = None


def parse_profile(document: Mapping[str, Any]) -> LenderProfile:
    """The profile that a document describes. Empty texts count as left out. Raises LenderProfileInvalid."""
    known = {item.name: item for item in fields(LenderProfile)}
    for name in document:
        if name not in known:
            raise LenderProfileInvalid("a profile has no such field", field=str(name)[:60])
    given = {name: _clean(name, value) for name, value in document.items()}
    kept = {name: value for name, value in given.items() if value is not None}
    for name in ("name", "address", "grievance_officer", "grievance_phone", "grievance_email"):
        if name not in kept:
            raise LenderProfileInvalid(f"{name} is missing", field=name)
    profile = LenderProfile(**kept)
    for holds, field, words in _rules(profile):
        if not holds:
            raise LenderProfileInvalid(f"{field}: {words}", field=field)
    return profile


def profile_document(profile: LenderProfile) -> dict[str, Any]:
    """The document of a profile, without what is left out: `parse_profile` reads it back to an equal profile."""
    found = {item.name: getattr(profile, item.name) for item in fields(profile)}
    return {name: value for name, value in found.items() if value is not None}


def check_logo(logo: bytes) -> None:
    """Refuses a logo that is too large or neither a PNG nor a JPEG. Raises LogoInvalid."""
    if len(logo) > MOST_LOGO_BYTES:
        raise LogoInvalid(f"a logo has at most {MOST_LOGO_BYTES} bytes", field="logo", bytes=len(logo))
    if not logo.startswith((_PNG, _JPEG)):
        raise LogoInvalid("a logo is a PNG or a JPEG", field="logo")


def read_picture(text: str) -> bytes:
    """The bytes of a picture that was sent as base64. Raises LogoInvalid."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LogoInvalid("the logo is not base64", field="logo") from None


def _clean(name: str, value: Any) -> Any:
    if name == "cooling_off_days":
        if value is not None and type(value) is not int:
            raise LenderProfileInvalid("cooling_off_days is a whole number", field=name)
        return value
    if value is None:
        return None
    if not isinstance(value, str):
        raise LenderProfileInvalid(f"{name} is text", field=name)
    text = "\n".join(filter(None, (" ".join(line.split()) for line in value.splitlines())))
    return text or None


def _rules(profile: LenderProfile) -> Iterator[tuple[bool, str, str]]:
    """Every rule: whether it holds, the field, and the rule in words."""
    for item in fields(profile):
        value = getattr(profile, item.name)
        if isinstance(value, str):
            most = MOST_NAME if item.name in ("name", "name_hindi") else MOST_TEXT
            yield len(value) <= most, item.name, f"at most {most} characters"
            yield value.isprintable() or "\n" in value, item.name, "no control characters"
    yield profile.cin is None or is_cin(profile.cin), "cin", "21 characters, as in U65999KA2019PTC123456"
    gstin = "15 characters with their check character, as in 29AAGCB7383J1Z4"
    yield profile.gstin is None or is_gstin(profile.gstin), "gstin", gstin
    for field, form, words in (
        ("phone", _PHONE, "a telephone number"),
        ("grievance_phone", _PHONE, "a telephone number"),
        ("email", _EMAIL, "an e-mail address"),
        ("grievance_email", _EMAIL, "an e-mail address"),
        ("website", _WEBSITE, "an address on the web"),
        ("bank_account_number", _ACCOUNT, "5 to 34 digits and capital letters"),
    ):
        value = getattr(profile, field)
        yield value is None or form.fullmatch(value) is not None, field, words
    yield from _paying_rules(profile)
    days = profile.cooling_off_days
    in_bounds = days is None or 0 <= days <= MOST_DAYS_TO_LEAVE
    yield in_bounds, "cooling_off_days", f"from 0 to {MOST_DAYS_TO_LEAVE}"


def _paying_rules(profile: LenderProfile) -> Iterator[tuple[bool, str, str]]:
    upi = profile.upi_address
    yield upi is None or is_upi_address(upi), "upi_address", "a UPI address, as in lender@bank"
    ifsc = profile.bank_ifsc
    yield ifsc is None or is_ifsc(ifsc), "bank_ifsc", "11 characters, as in HDFC0000123"
    account = (profile.bank_account_name, profile.bank_account_number, ifsc)
    complete = all(part is None for part in account) or all(part is not None for part in account)
    yield complete, "bank_account_number", "the account's name, number and IFSC come together"
