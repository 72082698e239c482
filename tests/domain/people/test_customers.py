"""Customers: the checks of a registration, and the limit of an income."""

from dataclasses import replace

import pytest

from app.domain.people.customers import (
    LAKH_PAISE,
    Enrolment,
    Registration,
    RegistrationInvalid,
    approved_limit_paise,
    check_enrolment,
    check_registration,
    is_external_id,
    monthly_income_paise,
    split_name,
)

SOUND = Registration(name="Asha Rao", email="asha@example.com", aadhar_id="234123412346")


@pytest.mark.parametrize(
    "monthly_rupees, lakh",
    [(50_000, 18), (12_500, 5), (12_499, 4), (0, 0), (1_388, 0), (1_389, 1), (100_000, 36), (16_667, 6)],
)
def test_the_limit_is_36_salaries_half_up_to_the_nearest_lakh(monthly_rupees: int, lakh: int) -> None:
    assert approved_limit_paise(monthly_rupees * 12 * 100) == lakh * LAKH_PAISE


@pytest.mark.parametrize("annual, monthly", [(60_000_000, 5_000_000), (1_000, 83), (1_002, 84), (0, 0), (6, 1)])
def test_a_monthly_income_is_a_twelfth(annual: int, monthly: int) -> None:
    assert monthly_income_paise(annual) == monthly


def test_a_valid_registration_passes() -> None:
    check_registration(SOUND)
    check_registration(replace(SOUND, phone="+91 98765 43210", age=18, annual_income_paise=0, external_id="a-1"))


@pytest.mark.parametrize(
    "field, change",
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 201}),
        ("email", {"email": "no address"}),
        ("email", {"email": "two@at@example.com"}),
        ("phone", {"phone": "call me"}),
        ("phone", {"phone": "12345"}),
        ("age", {"age": 17}),
        ("age", {"age": 121}),
        ("annual_income", {"annual_income_paise": -1}),
        ("annual_income", {"annual_income_paise": 10**13 + 1}),
        ("external_id", {"external_id": "two words"}),
        ("external_id", {"external_id": "x" * 65}),
    ],
)
def test_the_wrong_field_is_named_and_its_value_is_not_repeated(field: str, change: dict[str, object]) -> None:
    with pytest.raises(RegistrationInvalid) as caught:
        check_registration(replace(SOUND, **change))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert not any(str(value) in caught.value.message for value in change.values() if str(value).strip())


ENROLMENT = Enrolment(first_name="John", last_name="Doe", age=30, monthly_income_paise=5_000_000, phone="9876543210")


@pytest.mark.parametrize(
    "field, change",
    [
        ("first_name", {"first_name": " "}),
        ("last_name", {"last_name": "x" * 101}),
        ("age", {"age": 17}),
        ("monthly_income", {"monthly_income_paise": -1}),
        ("monthly_income", {"monthly_income_paise": 10**13 // 12 + 1}),
        ("phone_number", {"phone": "12345"}),
    ],
)
def test_the_wrong_field_of_an_enrolment_is_named(field: str, change: dict[str, object]) -> None:
    check_enrolment(ENROLMENT)
    with pytest.raises(RegistrationInvalid) as caught:
        check_enrolment(replace(ENROLMENT, **change))  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize(
    "name, first, last", [("Asha Devi Rao", "Asha", "Devi Rao"), ("Asha", "Asha", ""), (" Asha  Rao ", "Asha", "Rao")]
)
def test_a_whole_name_is_split_at_its_first_word(name: str, first: str, last: str) -> None:
    assert split_name(name) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["f5abc955-889d-4a17-87b9-45b362eb673b", "14", "A.1_b:c", "234123412347", "f5abc955-889d-4a17-87b9-234123412346"],
)
def test_ids_of_other_systems(text: str) -> None:
    assert is_external_id(text)


@pytest.mark.parametrize("text", ["", "two words", "=1+1", "-7", "x" * 65, "234123412346", "2341-2341-2346"])
def test_no_ids_of_other_systems(text: str) -> None:
    """The last two have the check digit of an Aadhaar number, and an id is stored and shown as it is."""
    assert not is_external_id(text)
