"""The field types: rupees in and out to the paisa, rates, whole numbers, days and ids."""

import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from app.api.id_schemas import ApplicationId, LoanId, PaymentId, UserId, UserIdOut
from app.api.routing import NotJson, read_json
from app.api.schemas import (
    Answer,
    Body,
    Code,
    Day,
    Line,
    Page,
    RateOut,
    RatePercent,
    Reference,
    Rupees,
    RupeesOrZero,
    RupeesOut,
    Whole,
)
from app.domain.public_ids import LoanReference


def read(kind: Any, text: str) -> Any:
    """Reads a field from JSON text, as a request does."""
    return TypeAdapter(kind).validate_python(read_json(text.encode()))


def refused(kind: Any, text: str) -> str:
    with pytest.raises(ValidationError) as error:
        read(kind, text)
    (mistake,) = error.value.errors(include_input=False)
    return str(mistake["type"])


class Money(Answer):
    amount: RupeesOut


# --- rupees ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, paise",
    [
        ("1", 100), ("0.01", 1), ("0.1", 10), ("4407.43", 440_743), ('"4407.43"', 440_743), ("4407.430", 440_743),
        ("1.5e3", 150_000), ("1E2", 10_000), ("100000000000", 10**13), ('"100000000000.00"', 10**13),
        ("99999999999.99", 9_999_999_999_999), ('" 12.30 "', 1230), ("0.29", 29), ("1.15", 115), ("8.2", 820),
        ('"007.10"', 710),
    ],
)  # fmt: skip
def test_rupees_become_paise(text: str, paise: int) -> None:
    assert read(Rupees, text) == paise


@given(paise=st.integers(min_value=1, max_value=10**13))
def test_every_amount_survives_the_way_in_and_out(paise: int) -> None:
    rupees = f"{paise // 100}.{paise % 100:02d}"
    assert read(Rupees, rupees) == read(Rupees, f'"{rupees}"') == paise
    written = Money(amount=paise).model_dump_json()
    shown = json.loads(written, parse_float=Decimal)["amount"]
    assert shown == Decimal(rupees)
    assert "e" not in written


@given(paise=st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_every_sum_is_written_exactly(paise: int) -> None:
    shown = json.loads(Money(amount=paise).model_dump_json(), parse_float=Decimal)["amount"]
    assert Decimal(shown) * 100 == paise


@pytest.mark.parametrize(
    "text, code",
    [
        ("0", "amount_not_positive"), ("-1", "amount_not_positive"), ('"-0.01"', "amount_not_positive"),
        ("0.001", "not_an_amount"), ("1.005", "not_an_amount"), ("100000000000.01", "not_an_amount"),
        ("100000000001", "not_an_amount"), ("1e12", "not_an_amount"), ("true", "not_an_amount"),
        ("false", "not_an_amount"), ("null", "not_an_amount"), ("[]", "not_an_amount"), ("{}", "not_an_amount"),
        ('""', "not_an_amount"), ('"1,000"', "not_an_amount"), ('"1_000"', "not_an_amount"), ('"1e3"', "not_an_amount"),
        ('"NaN"', "not_an_amount"), ('"Infinity"', "not_an_amount"), ('"₹100"', "not_an_amount"),
        ('"१००"', "not_an_amount"), ('"1.2.3"', "not_an_amount"),
        ('"0x10"', "not_an_amount"), ('"1."', "not_an_amount"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, code: str) -> None:
    assert refused(Rupees, text) == code


def test_a_float_is_refused_because_it_may_be_wrong_already() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Rupees).validate_python(4407.43)


def test_zero_is_allowed_only_for_rupees_or_zero() -> None:
    assert read(RupeesOrZero, "0") == read(RupeesOrZero, '"0.00"') == read(RupeesOrZero, "-0.0") == 0
    assert refused(RupeesOrZero, "-0.01") == "amount_negative"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "1e-400", "1e65", "9" * 65, "0." + "1" * 64])
def test_extreme_numbers_are_refused(text: str) -> None:
    with pytest.raises(NotJson) as error:
        read_json(text.encode())
    assert text not in str(error.value).replace("NaN or Infinity", "")
    assert error.value.doc == ""


# --- rates, whole numbers, days --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, rate",
    [("10.5", "10.5"), ("0", "0"), ("100", "100"), ('"8.8"', "8.8"), ("0.00000001", "0.00000001"), ("1e1", "10"),
     ("10.50000000000", "10.5")],
)  # fmt: skip
def test_a_rate_is_percent(text: str, rate: str) -> None:
    assert read(RatePercent, text) == Decimal(rate)


@pytest.mark.parametrize(
    "text, code",
    [("-0.1", "rate_out_of_range"), ("100.1", "rate_out_of_range"), ("0.000000001", "rate_too_precise"),
     ('"10 %"', "not_a_rate"), ("true", "not_a_rate"), ("null", "not_a_rate"), ('"NaN"', "not_a_rate"),
     ('"1e1"', "not_a_rate")],
)  # fmt: skip
def test_what_is_no_rate_is_refused(text: str, code: str) -> None:
    assert refused(RatePercent, text) == code


def test_a_rate_is_written_as_a_number() -> None:
    class Shown(Answer):
        rate: RateOut

    assert Shown(rate=Decimal("10.50000000")).model_dump_json() == '{"rate":10.5}'


@pytest.mark.parametrize("text, number", [("12", 12), ("12.0", 12), ('"12"', 12), ("-3", -3), ("1e2", 100)])
def test_a_whole_number(text: str, number: int) -> None:
    assert read(Whole, text) == number


@pytest.mark.parametrize(
    "text", ["true", "12.5", '"12.5"', "null", '"१२"', '" 12"', "1e30", '"99999999999999999999"', "[]"]
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    assert refused(Whole, text) == "not_a_whole_number"


def test_a_whole_number_is_bounded_where_it_is_used() -> None:
    assert refused(Annotated[Whole, Field(ge=1, le=360)], "361") == "less_than_equal"


@pytest.mark.parametrize(
    "text", ["1797811200", '"1797811200"', '"2026-12-21T00:00:00Z"', '"21/12/2026"', '"2026-02-29"']
)
def test_a_day_is_an_iso_date(text: str) -> None:
    assert read(Day, '"2026-12-21"').isoformat() == "2026-12-21"
    assert refused(Day, text) == "not_a_date"


# --- ids and text ----------------------------------------------------------------------------------------------------


def test_public_ids_are_numbers_inside() -> None:
    assert read(UserId, '"BC-USER-009"') == read(UserId, "9") == read(UserId, '"9"') == 9
    assert read(PaymentId, '"PM-000012"') == 12
    assert read(ApplicationId, '"AP-000034"') == 34
    assert read(LoanId, '"LN-2025-0456"') == LoanReference(number=456, year=2025)
    assert read(LoanId, "456") == LoanReference(number=456, year=None)


@pytest.mark.parametrize("kind", [UserId, PaymentId, ApplicationId, LoanId])
@pytest.mark.parametrize("text", ["0", "-1", "true", "9.0", "null", "[]", '""', '"XX-1"', "9223372036854775808", "1e3"])
def test_what_is_no_id_is_refused(kind: Any, text: str) -> None:
    assert refused(kind, text) == "not_an_id"


def test_an_id_is_written_with_its_kind() -> None:
    class Shown(Answer):
        user_id: UserIdOut

    assert Shown(user_id=9).model_dump_json() == '{"user_id":"BC-USER-009"}'


@pytest.mark.parametrize(
    "kind, good, bad",
    [
        (Line, '"Asha Rao"', ['"a\\nb"', '"a\\u0007b"', '""', '"' + "x" * 201 + '"', "1", "null"]),
        (Code, '"UPI"', ['"U P I"', '"1UPI"', '"UPI\\n"', '""', '"' + "x" * 65 + '"', '"=UPI"']),
        (Reference, '"UTR/2026-1.2*@#:"', ['"=1+1"', '"x,y"', '"a\\tb"', '""', '"' + "x" * 101 + '"', '"₹"']),
    ],
)
def test_text_is_bounded_and_clean(kind: Any, good: str, bad: list[str]) -> None:
    assert read(kind, good) == json.loads(good)
    for text in bad:
        assert refused(kind, text)


def test_a_body_is_frozen_and_knows_its_fields() -> None:
    class Pay(Body):
        amount: Rupees

    pay = Pay.model_validate({"amount": 1})
    with pytest.raises(ValidationError):
        pay.amount = 2  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Pay.model_validate({"amount": 1, "other": 2})


def test_a_page_gives_the_next_cursor() -> None:
    assert Page[Money](items=[Money(amount=1)], next_cursor="5").model_dump_json() == (
        '{"items":[{"amount":0.01}],"next_cursor":"5"}'
    )
