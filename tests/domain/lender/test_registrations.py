"""The state in which the lender is registered for GST: by the GSTIN of its profile, and by the setting without one."""

from datetime import date

import pytest

from app.domain.lender.identifiers import gstin_check_character
from app.domain.lender.profiles import LenderVersion, parse_profile
from app.domain.lender.registrations import registration_of
from tests.domain.lender.test_profiles import LEAST

JANUARY, MARCH, APRIL = date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1)


def gstin(state: str) -> str:
    first = f"{state}AAGCB7383J1Z"
    return first + gstin_check_character(first)


def versions(*given: tuple[date, str | None]) -> list[LenderVersion]:
    """Versions of a profile as they are listed: the newest first."""
    made = [
        LenderVersion(
            version=number,
            effective_from=from_on,
            profile=parse_profile(LEAST if state is None else LEAST | {"gstin": gstin(state)}),
        )
        for number, (from_on, state) in enumerate(given, start=1)
    ]
    return made[::-1]


@pytest.mark.parametrize(
    "given, setting, day, state, contradicts",
    [
        ([], None, MARCH, None, False),
        ([], "29", MARCH, "29", False),
        ([(JANUARY, "29")], None, MARCH, "29", False),
        ([(JANUARY, "29")], "29", MARCH, "29", False),
        # The profile wins, and the contradiction is known.
        ([(JANUARY, "27")], "29", MARCH, "27", True),
        # A profile without a GSTIN says nothing.
        ([(JANUARY, None)], "29", MARCH, "29", False),
        ([(JANUARY, None)], None, MARCH, None, False),
        # The registration moves with a later version, from its first day on.
        ([(JANUARY, "29"), (MARCH, "27")], None, date(2026, 2, 28), "29", False),
        ([(JANUARY, "29"), (MARCH, "27")], None, MARCH, "27", False),
        ([(JANUARY, "29"), (MARCH, "27")], "29", APRIL, "27", True),
        # Before the first version: the setting, or the first that is known.
        ([(MARCH, "27")], "29", JANUARY, "29", False),
        ([(MARCH, "27")], None, JANUARY, "27", False),
    ],
)
def test_the_state_on_a_day(
    given: list[tuple[date, str | None]], setting: str | None, day: date, state: str | None, contradicts: bool
) -> None:
    registration = registration_of(versions(*given), setting=setting)
    assert (registration.state_on(day), registration.contradicts(day)) == (state, contradicts)
