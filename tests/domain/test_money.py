from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import (
    NotAnAmount,
    RoundingMode,
    UnusableRounding,
    format_inr,
    paise_to_rupees,
    round_decimal,
    round_ratio,
    rupees_to_paise,
)

HALF_UP, HALF_EVEN, UP, DOWN = RoundingMode.HALF_UP, RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN
DECIMAL_MODES = {HALF_UP: ROUND_HALF_UP, HALF_EVEN: ROUND_HALF_EVEN, UP: ROUND_UP, DOWN: ROUND_DOWN}


@pytest.mark.parametrize(
    "numerator, denominator, unit, half_up, half_even, up, down",
    [
        (1, 2, 1, 1, 0, 1, 0),
        (3, 2, 1, 2, 2, 2, 1),
        (5, 2, 1, 3, 2, 3, 2),
        (-1, 2, 1, -1, 0, -1, 0),
        (-5, 2, 1, -3, -2, -3, -2),
        (0, 7, 1, 0, 0, 0, 0),
        (1, 3, 1, 0, 0, 1, 0),
        (2, 3, 1, 1, 1, 1, 0),
        (150, 1, 100, 200, 200, 200, 100),
        (250, 1, 100, 300, 200, 300, 200),
        (149, 1, 100, 100, 100, 200, 100),
        (45_00_000_00, 1, 1_00_000_00, 45_00_000_00, 45_00_000_00, 45_00_000_00, 45_00_000_00),
        # 36 x 12,500 = 4,50,000: half even would give a lakh less.
        (4_50_000, 1, 1_00_000, 5_00_000, 4_00_000, 5_00_000, 4_00_000),
    ],
)
def test_rounding_of_a_ratio(
    numerator: int, denominator: int, unit: int, half_up: int, half_even: int, up: int, down: int
) -> None:
    got = [round_ratio(numerator, denominator, mode=mode, unit=unit) for mode in (HALF_UP, HALF_EVEN, UP, DOWN)]
    assert got == [half_up, half_even, up, down]


@given(
    st.integers(-(10**20), 10**20),
    st.integers(1, 10**6),
    st.integers(1, 10_000),
    st.sampled_from([HALF_UP, HALF_EVEN, UP, DOWN]),
)
def test_rounding_agrees_with_the_decimal_module(numerator: int, scale: int, unit: int, mode: RoundingMode) -> None:
    with localcontext() as context:
        context.prec = 80
        # The denominators are powers of two, so that Decimal has the exact ratio.
        denominator = 1 << (scale % 40)
        exact = Decimal(numerator) / denominator / unit
        if exact * unit * denominator != numerator:
            return
        expected = int(exact.to_integral_value(rounding=DECIMAL_MODES[mode])) * unit
    assert round_ratio(numerator, denominator, mode=mode, unit=unit) == expected


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9), st.integers(1, 10**5))
def test_rounding_is_symmetric_and_stays_within_a_unit(numerator: int, denominator: int, unit: int) -> None:
    for mode in DECIMAL_MODES:
        rounded = round_ratio(numerator, denominator, mode=mode, unit=unit)
        assert rounded % unit == 0
        assert abs(rounded * denominator - numerator) < unit * denominator
        assert round_ratio(-numerator, denominator, mode=mode, unit=unit) == -rounded


@pytest.mark.parametrize("mode", [RoundingMode.LEVEL, RoundingMode.NONE])
def test_ways_to_set_an_emi_do_not_round_a_figure(mode: RoundingMode) -> None:
    with pytest.raises(UnusableRounding):
        round_ratio(1, 2, mode=mode)


def test_a_unit_is_at_least_a_paisa() -> None:
    with pytest.raises(UnusableRounding):
        round_ratio(1, 2, mode=HALF_UP, unit=0)
    with pytest.raises(ZeroDivisionError):
        round_ratio(1, 0, mode=HALF_UP)


def test_round_decimal_takes_its_digits_as_exact() -> None:
    assert round_decimal(Decimal("0.5"), mode=HALF_UP) == 1
    assert round_decimal(Decimal("0.4999999999999999999999999999999999999999"), mode=HALF_UP) == 0
    assert round_decimal(Decimal("1E+3"), mode=HALF_EVEN) == 1000


@pytest.mark.parametrize(
    "rupees, paise",
    [
        ("5000", 500000),
        ("5000.5", 500050),
        ("0.01", 1),
        ("-12.34", -1234),
        ("1.2300", 123),
        ("1e3", 100000),
        ("0", 0),
        ("-0.00", 0),
        ("0e999999999", 0),
        (" 7 ", 700),
        (12, 1200),
        (Decimal(10**11), 10**13),
        (Decimal("99999999999.99"), 10**13 - 1),
    ],
)
def test_rupees_become_paise_exactly(rupees: Decimal | int | str, paise: int) -> None:
    assert rupees_to_paise(rupees) == paise


@pytest.mark.parametrize(
    "rupees",
    [
        "1.001",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e400",
        "1e-400",
        "1e-999999999",
        "",
        "abc",
        "1_000",
        "\u0967\u0968",
        "100000000000.01",
        10**12,
        True,
        1.5,
        None,
    ],
)
def test_a_wrong_amount_is_refused_and_not_repeated(rupees: object) -> None:
    with pytest.raises(NotAnAmount) as refused:
        rupees_to_paise(rupees)  # type: ignore[arg-type]
    assert refused.value.code == "not_an_amount"
    assert refused.value.field == "amount"
    assert not refused.value.details


@given(st.integers(-(10**13), 10**13))
def test_rupees_and_paise_are_inverse(paise: int) -> None:
    rupees = paise_to_rupees(paise)
    assert rupees.as_tuple().exponent == -2
    assert rupees_to_paise(rupees) == rupees_to_paise(str(rupees)) == paise


@pytest.mark.parametrize(
    "paise, text",
    [
        (0, "₹0.00"),
        (5, "₹0.05"),
        (99_999, "₹999.99"),
        (1_000_00, "₹1,000.00"),
        (12_345_67, "₹12,345.67"),
        (1_00_000_00, "₹1,00,000.00"),
        (-12_34_567_89, "-₹12,34,567.89"),
        (10**13, "₹1,00,00,00,00,000.00"),
    ],
)
def test_indian_grouping(paise: int, text: str) -> None:
    assert format_inr(paise) == text
