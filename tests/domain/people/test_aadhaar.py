"""Aadhaar numbers: what is one, and what is shown of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.in_ import aadhaar as library

from app.domain.people.aadhaar import AadhaarCheck, AadhaarInvalid, has_check_digit, mask_aadhaar, parse_aadhaar

# 234123412346 is the UIDAI's own published sample.
REAL = "234123412346"
SAMPLES_OF_THE_SOURCES = ("123456789012", "654321987654", "987654321098")


@pytest.mark.parametrize("written", [REAL, f"  {REAL} ", "2341 2341 2346", "2341-2341-2346"])
def test_a_real_number_in_the_spellings_that_people_use(written: str) -> None:
    assert parse_aadhaar(written, check=AadhaarCheck.CHECKSUM) == REAL


@pytest.mark.parametrize("number", SAMPLES_OF_THE_SOURCES)
def test_samples_have_the_form_and_not_the_check_digit(number: str) -> None:
    assert parse_aadhaar(number, check=AadhaarCheck.FORMAT) == number
    with pytest.raises(AadhaarInvalid):
        parse_aadhaar(number, check=AadhaarCheck.CHECKSUM)


@pytest.mark.parametrize(
    "text",
    [
        "", "12345678901", "1234567890123", "1.11122E+11", "123456789012.0", "12345678901a", "1234 56789012",
        "2341 2341-2346", "²34123412346", "٢٣٤١٢٣٤١٢٣٤٦", "+23412341234", "234123412346\n1",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(AadhaarInvalid) as caught:
        parse_aadhaar(text, check=AadhaarCheck.FORMAT)
    assert caught.value.code == "aadhaar_invalid"
    assert not text.strip() or text not in str(caught.value)


@pytest.mark.parametrize("first", ["0", "1"])
def test_a_real_number_begins_with_two_or_more(first: str) -> None:
    body = first + REAL[1:11]
    number = next(body + digit for digit in "0123456789" if has_check_digit(body + digit))
    with pytest.raises(AadhaarInvalid, match="begins"):
        parse_aadhaar(number, check=AadhaarCheck.CHECKSUM)


def test_the_check_digit_catches_every_single_error_and_every_swap() -> None:
    for position, right in enumerate(REAL):
        for wrong in set("0123456789") - {right}:
            assert not has_check_digit(REAL[:position] + wrong + REAL[position + 1 :])
    for position in range(len(REAL) - 1):
        left, right = REAL[position], REAL[position + 1]
        if left != right:
            assert not has_check_digit(REAL[:position] + right + left + REAL[position + 2 :])


def test_only_the_last_four_digits_are_shown() -> None:
    assert mask_aadhaar("9012") == "XXXX XXXX 9012"
    assert mask_aadhaar("123456789012") == "XXXX XXXX 9012"


@given(st.from_regex(r"[2-9][0-9]{11}", fullmatch=True))
def test_the_check_digit_agrees_with_a_library(number: str) -> None:
    # The library also refuses numbers that read the same backwards, which the authority does not.
    assert has_check_digit(number) is library.is_valid(number) or number == number[::-1]
