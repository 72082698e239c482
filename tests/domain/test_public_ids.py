"""Public ids: parsing is the exact inverse of formatting, and no other text is accepted."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import public_ids
from app.domain.public_ids import MAX_NUMBER, LoanReference, NotAnId

NUMBERS = st.integers(min_value=1, max_value=MAX_NUMBER)
Format = Callable[[int], str]
Parse = Callable[[str], int]
KINDS = [
    (public_ids.format_user_id, public_ids.parse_user_id),
    (public_ids.format_payment_id, public_ids.parse_payment_id),
    (public_ids.format_application_id, public_ids.parse_application_id),
    (public_ids.format_score_id, public_ids.parse_score_id),
]


@pytest.mark.parametrize(
    "format_id, number, text",
    [
        (public_ids.format_user_id, 9, "BC-USER-009"),
        (public_ids.format_user_id, 1234, "BC-USER-1234"),
        (public_ids.format_payment_id, 12, "PM-000012"),
        (public_ids.format_application_id, 34, "AP-000034"),
        (public_ids.format_score_id, 56, "CS-000056"),
    ],
)
def test_an_id_has_the_prefix_of_its_kind(format_id: Format, number: int, text: str) -> None:
    assert format_id(number) == text


def test_a_loan_id_has_its_year() -> None:
    assert public_ids.format_loan_id(year=2025, number=456) == "LN-2025-0456"
    assert public_ids.parse_loan_id("LN-2025-0456") == LoanReference(number=456, year=2025)
    assert public_ids.parse_loan_id("456") == LoanReference(number=456, year=None)


@pytest.mark.parametrize("format_id, parse_id", KINDS)
@given(number=NUMBERS)
def test_parsing_undoes_formatting(format_id: Format, parse_id: Parse, number: int) -> None:
    assert parse_id(format_id(number)) == number
    assert parse_id(str(number)) == number


@given(number=NUMBERS, year=st.integers(min_value=1900, max_value=9999))
def test_parsing_undoes_formatting_of_loans(number: int, year: int) -> None:
    text = public_ids.format_loan_id(year=year, number=number)
    assert public_ids.parse_loan_id(text) == LoanReference(number=number, year=year)


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "09", "-1", "+1", " 1", "1 ", "1.0", "1e3", "१", "٣", "1\n", "BC-USER-9", "BC-USER-0009",
        "BC-USER-000",
        "bc-user-009", "BC-USER-009\n", "BC-USER- 09", "BC-USER--09", "PM-12", "USER-009", "BC-USER-१२३",
        "9223372036854775808", "BC-USER-9223372036854775808", "9" * 30, "BC-USER-" + "9" * 5000, "LN-2025-0456",
    ],
)  # fmt: skip
def test_only_the_formatted_spelling_is_accepted(text: str) -> None:
    with pytest.raises(NotAnId) as refused:
        public_ids.parse_user_id(text)
    assert refused.value.code == "not_an_id"
    assert refused.value.message == "an id looks like BC-USER-009"


@pytest.mark.parametrize(
    "text",
    ["LN-2025-456", "LN-2025-00456", "LN-25-0456", "LN-2025-0000", "ln-2025-0456", "LN-2025-0456 ", "LN20250456", "0",
     "LN-2025-9223372036854775808", "BC-USER-009", "9223372036854775808"],
)  # fmt: skip
def test_only_the_formatted_spelling_of_a_loan_is_accepted(text: str) -> None:
    with pytest.raises(NotAnId):
        public_ids.parse_loan_id(text)
