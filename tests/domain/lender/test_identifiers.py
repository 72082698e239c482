"""CIN, GSTIN with its check character, IFSC and UPI addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.in_ import gstin as oracle
from stdnum.in_ import pan as pan_oracle

from app.domain.lender.identifiers import gstin_check_character, is_cin, is_gstin, is_ifsc, is_upi_address

#: The examples that the tax authority and others publish.
GOOD = ("27AAPFU0939F1ZV", "29AAGCB7383J1Z4", "33AAACH7409R1Z8", "07AAACH7409R1Z3")


@pytest.mark.parametrize("text", GOOD)
def test_a_gstin_with_its_check_character(text: str) -> None:
    assert is_gstin(text)
    assert gstin_check_character(text[:14]) == text[14]


@pytest.mark.parametrize("text", GOOD)
def test_no_other_check_character_is_taken(text: str) -> None:
    others = [text[:14] + letter for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter != text[14]]
    assert [other for other in others if is_gstin(other)] == []


@pytest.mark.parametrize("place", [2, 5, 8, 11])
def test_two_exchanged_characters_are_found(place: int) -> None:
    text = GOOD[0]
    exchanged = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert exchanged == text or not is_gstin(exchanged)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "27AAPFU0939F1Z",
        "27AAPFU0939F1ZVX",
        "00AAPFU0939F1ZV",
        "27aapfu0939f1zv",
        "27AAPFU0939F1YV",
        "4AAPFU0939F1ZV",
    ],
)
def test_what_is_no_gstin(text: str) -> None:
    assert not is_gstin(text)


@given(
    state=st.sampled_from(["01", "09", "27", "29", "33"]),
    pan=st.from_regex(r"[A-Z]{3}[PCHFATBLJG][A-Z][0-9]{4}[A-Z]", fullmatch=True),
    count=st.sampled_from("123456789AB"),
)
def test_the_check_character_is_that_of_another_program(state: str, pan: str, count: str) -> None:
    first = f"{state}{pan}{count}Z"
    text = first + gstin_check_character(first)
    assert is_gstin(text)
    # The other program also looks at the PAN; where it takes that, it takes the number.
    if pan_oracle.is_valid(pan):
        assert oracle.is_valid(text)


@pytest.mark.parametrize(
    "text, is_one",
    [
        ("U65999KA2019PTC123456", True),
        ("L65920MH1994PLC080618", True),
        ("U65999KA2019PTC12345", False),
        ("X65999KA2019PTC123456", False),
        ("U65999KA1719PTC123456", False),
        ("U6599KKA2019PTC123456", False),
        ("u65999ka2019ptc123456", False),
    ],
)
def test_a_cin(text: str, is_one: bool) -> None:
    assert is_cin(text) is is_one


def test_codes_of_branches_and_upi_addresses() -> None:
    assert [is_ifsc(text) for text in ("HDFC0000123", "SBIN0ABC123", "HDFC1000123", "HDFC000012")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [is_upi_address(text) for text in ("saral@bank", "a.b-c_1@okhdfc", "saral", "@bank", "sa ral@bank")] == [
        True, True, False, False, False,
    ]  # fmt: skip
