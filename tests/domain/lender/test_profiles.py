"""The lender's profile: what it must hold, what is refused by name, and working days."""

from datetime import date
from typing import Any

import pytest

from app.domain.lender.profiles import (
    LenderProfileInvalid,
    LogoInvalid,
    check_logo,
    parse_profile,
    profile_document,
)
from app.domain.products.working_days import working_days_later

LEAST: dict[str, Any] = {
    "name": "Saral Finance Private Limited",
    "address": "14 Residency Road\nBengaluru 560025",
    "grievance_officer": "Meera Nair",
    "grievance_phone": "+91 80 4000 1000",
    "grievance_email": "grievance@saral.example",
}


def test_the_least_that_a_profile_holds() -> None:
    profile = parse_profile(LEAST)
    assert (profile.name, profile.cin, profile.upi_address) == ("Saral Finance Private Limited", None, None)
    assert parse_profile(profile_document(profile)) == profile


def test_spaces_are_cleaned_and_empty_texts_are_left_out() -> None:
    profile = parse_profile(
        LEAST | {"name": "  Saral   Finance ", "address": "14 Residency Road \n\n Bengaluru", "cin": " "}
    )
    assert (profile.name, profile.address, profile.cin) == ("Saral Finance", "14 Residency Road\nBengaluru", None)


def test_a_text_in_hindi_is_shown_in_english_where_there_is_none() -> None:
    profile = parse_profile(LEAST | {"name_hindi": "सरल"})
    assert [profile.text("name", hindi=hindi) for hindi in (True, False)] == ["सरल", "Saral Finance Private Limited"]
    assert profile.text("address", hindi=True) == profile.address


@pytest.mark.parametrize(
    "change, field",
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"address": None}, "address"),
        ({"grievance_officer": " "}, "grievance_officer"),
        ({"grievance_phone": "call me"}, "grievance_phone"),
        ({"grievance_email": "nobody"}, "grievance_email"),
        ({"cin": "U65999KA2019PTC12345"}, "cin"),
        ({"gstin": "29AAGCB7383J1Z5"}, "gstin"),
        ({"website": "not a site"}, "website"),
        ({"upi_address": "saral"}, "upi_address"),
        ({"bank_account_number": "123456"}, "bank_account_number"),
        (
            {"bank_account_name": "Saral", "bank_account_number": "123456", "bank_ifsc": "HDFC1000123"},
            "bank_ifsc",
        ),
        ({"recovery_clause": "x" * 501}, "recovery_clause"),
        ({"name": 7}, "name"),
        ({"phone": "12\u0000345678"}, "phone"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(LenderProfileInvalid) as refused:
        parse_profile(LEAST | change)
    assert refused.value.field == field


def test_a_logo_is_a_small_picture() -> None:
    check_logo(b"\x89PNG\r\n\x1a\n" + b"x")
    check_logo(b"\xff\xd8\xff" + b"x")
    for logo in (b"", b"GIF89a", b"%PDF-", b"\x89PNG\r\n\x1a\n" + b"x" * 200_000):
        with pytest.raises(LogoInvalid):
            check_logo(logo)


#: Friday, 27 November 2026; the 29th is a Sunday. 2 and 3 October 2026 are a Friday (a holiday) and a Saturday.
@pytest.mark.parametrize(
    "on, days, holidays, last",
    [
        (date(2026, 11, 27), 0, (), date(2026, 11, 27)),
        (date(2026, 11, 27), 1, (), date(2026, 11, 28)),
        (date(2026, 11, 27), 3, (), date(2026, 12, 1)),
        (date(2026, 10, 1), 1, (date(2026, 10, 2),), date(2026, 10, 3)),
        (date(2026, 10, 1), 3, (date(2026, 10, 2),), date(2026, 10, 6)),
        (date(2026, 11, 28), 1, (date(2026, 11, 30), date(2026, 12, 1)), date(2026, 12, 2)),
    ],
)
def test_working_days(on: date, days: int, holidays: tuple[date, ...], last: date) -> None:
    assert working_days_later(on, days, holidays=frozenset(holidays)) == last
