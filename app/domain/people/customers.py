"""Customers: the checks of a registration, and the limit that follows from the income.

The declared income is for a year, and a salary is a twelfth of it. The approved limit is 36 salaries to the nearest
lakh, which is three times the annual income. A missing fact stays unknown: without an income there is no limit, and the
income is not taken as zero. Source: source system 4 of docs/sources.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.money import MAX_PAISE, RoundingMode, round_ratio
from app.domain.people.aadhaar import is_aadhaar
from app.domain.people.access import EMAIL

LAKH_PAISE = 100_000 * 100
YEARS_OF_INCOME_IN_LIMIT = 3
AGES = (18, 120)
NAME_LENGTH = 200
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,18}[0-9]", re.ASCII)
#: The fields of a customer that only staff change: a decision depends on them, or they sign in.
STAFF_FIELDS = frozenset({"name", "email", "age", "annual_income"})
#: The codes of states and union territories, and that of other territory.
_STATES = frozenset({*(f"{number:02}" for number in range(1, 39)), "97"})
#: The fields that a customer cannot be without.
REQUIRED_FIELDS = frozenset({"name", "email", "annual_income"})
#: The codes of states and union territories, and that of other territory.
_STATES = frozenset({*(f"{number:02}" for number in range(1, 39)), "97"})
_FORMS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("name", lambda name: 1 <= len(name.strip()) <= NAME_LENGTH, f"a name has 1 to {NAME_LENGTH} characters"),
    ("email", lambda email: EMAIL.fullmatch(email) is not None, "an e-mail address looks like name@example.com"),
    ("phone", lambda phone: _PHONE.fullmatch(phone) is not None, "a phone number has 6 to 20 digits"),
    ("age", lambda age: AGES[0] <= age <= AGES[1], f"an age is from {AGES[0]} to {AGES[1]}"),
    ("gst_state", lambda code: code in _STATES, "a state is the two digits that begin a GSTIN of it, such as 29"),
    ("annual_income", lambda paise: 0 <= paise <= MAX_PAISE, "an income is from 0 to 1e11 rupees"),
)
EXTERNAL_ID_FORM = "an external id has up to 64 letters, digits and . _ : -, and is no Aadhaar number"
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


class RegistrationInvalid(Invalid):
    """A field of the registration has a wrong form; the message never repeats what was sent. Correct the field."""

    code = "registration_invalid"


class ProfileInvalid(Invalid):
    """A new value of a customer's data has a wrong form; the message never repeats what was sent. Correct the field."""

    code = "profile_invalid"


class CustomerNotFound(NotFound):
    """There is no such customer, or the caller may not see them. Check the id."""

    code = "customer_not_found"


class AadhaarTaken(Conflict):
    """A customer is registered with this Aadhaar number. Sign in as that customer."""

    code = "aadhaar_taken"


class ExternalIdTaken(Conflict):
    """A customer is registered under this id of another system. Use that customer, or another id."""

    code = "external_id_taken"


class ProspectsDiffer(Conflict):
    """The Aadhaar number and the external id belong to two different prospects, which are never merged. Check both, and
    register with the one that is right."""

    code = "prospects_differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A request to become a customer. Money in paise. `aadhar_id` is not parsed yet; only staff give `external_id`."""

    name: str
    email: str
    aadhar_id: str
    annual_income_paise: int | None = None
    employment_type: str | None = None
    phone: str | None = None
    address: str | None = None
    age: int | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A customer that staff register by name and phone, without e-mail address, Aadhaar number and sign-in."""

    first_name: str
    last_name: str
    age: int
    monthly_income_paise: int
    phone: str


def check_enrolment(enrolment: Enrolment) -> None:
    """Checks the fields of an enrolment. Raises RegistrationInvalid for the first wrong one."""
    for field in ("first_name", "last_name"):
        if not 1 <= len(getattr(enrolment, field).strip()) <= NAME_LENGTH // 2:
            raise RegistrationInvalid(f"a name has 1 to {NAME_LENGTH // 2} characters", field=field)
    if not AGES[0] <= enrolment.age <= AGES[1]:
        raise RegistrationInvalid(f"an age is from {AGES[0]} to {AGES[1]}", field="age")
    if not 0 <= enrolment.monthly_income_paise <= MAX_PAISE // 12:
        raise RegistrationInvalid("a year's income is from 0 to 1e11 rupees", field="monthly_income")
    if not _PHONE.fullmatch(enrolment.phone):
        raise RegistrationInvalid("a phone number has 6 to 20 digits", field="phone_number")


def split_name(name: str) -> tuple[str, str]:
    """A full name as first and last name: `Asha Devi Rao` gives `Asha` and `Devi Rao`."""
    first, _, rest = name.strip().partition(" ")
    return first, rest.strip()


def check_registration(registration: Registration) -> None:
    """Checks the fields of a registration. Raises RegistrationInvalid for the first wrong one."""
    values = {
        "name": registration.name,
        "email": registration.email,
        "phone": registration.phone,
        "age": registration.age,
        "annual_income": registration.annual_income_paise,
    }
    for field, message in _faults(values):
        if values[field] is not None:
            raise RegistrationInvalid(message, field=field)
    if registration.external_id is not None and not is_external_id(registration.external_id):
        raise RegistrationInvalid(EXTERNAL_ID_FORM, field="external_id")


def check_profile(values: Mapping[str, Any]) -> None:
    """Checks the new values of a customer's fields. None removes a value, where a customer can be without it.

    Raises ProfileInvalid for the first wrong one.
    """
    for field in REQUIRED_FIELDS & values.keys():
        if values[field] is None:
            raise ProfileInvalid(f"`{field}` cannot be removed, only changed", field=field)
    for field, message in _faults(values):
        if values[field] is not None:
            raise ProfileInvalid(message, field=field)


def _faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields whose values have a wrong form, with what is right; a value that is None counts as wrong too."""
    for field, is_right, message in _FORMS:
        if field in values and (values[field] is None or not is_right(values[field])):
            yield field, message


def is_state(code: str) -> bool:
    """Whether the text is the code of a state or union territory, as it begins a GSTIN there."""
    return code in _STATES


def phone_key(phone: str) -> str:
    """A phone number for comparison: its last ten digits, so that `+91 98765 43210` and `9876543210` are equal."""
    return re.sub(r"[^0-9]", "", phone)[-10:]


def is_external_id(text: str) -> bool:
    """Whether the text may be the id of a person in another system. An Aadhaar number is none: ids are stored and shown
    as they are."""
    return _EXTERNAL_ID.fullmatch(text) is not None and not is_aadhaar(text)


def annual_income_paise(monthly_income_paise: int) -> int:
    """The annual income of a monthly one, in paise."""
    return monthly_income_paise * 12


def monthly_income_paise(annual_income_paise: int) -> int:
    """A twelfth of the annual income, in paise, half up."""
    return round_ratio(annual_income_paise, 12, mode=RoundingMode.HALF_UP)


def approved_limit_paise(annual_income_paise: int) -> int:
    """36 monthly salaries, half up to the nearest lakh, in paise.

    A salary of 50,000 gives 18 lakh, and 12,500 gives 5 lakh (4.5 is rounded up).
    Source: docs/business-rules.md, applications and decisions; source system 4 of docs/sources.md.
    """
    return round_ratio(annual_income_paise * YEARS_OF_INCOME_IN_LIMIT, 1, mode=RoundingMode.HALF_UP, unit=LAKH_PAISE)
