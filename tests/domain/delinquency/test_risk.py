"""Provisions at exact rates, portfolio at risk, vintages and roll rates."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.provisions import BookLine, provision_lines
from app.domain.delinquency.risk import Roll, VintageCount, portfolio_at_risk, roll_rates, vintages
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rulebook import RuleNotInForce

ON = date(2026, 11, 30)
BANK, NBFC = LenderKind.BANK, LenderKind.NBFC_MIDDLE


def line(asset_class: str, *, net: int, is_secured: bool = False, age: int = 0, loans: int = 1) -> BookLine:
    return BookLine(
        asset_class=AssetClass(asset_class),
        is_secured=is_secured,
        age=age,
        loans=loans,
        principal_paise=net,
        interest_paise=50_00,
        suspended_paise=50_00,
    )


@pytest.mark.parametrize(
    "asset_class, is_secured, bank, nbfc",
    [
        ("standard", False, 400_00, 400_00),
        ("sma_2", True, 400_00, 400_00),
        ("sub_standard", True, 15_000_00, 10_000_00),
        ("sub_standard", False, 25_000_00, 10_000_00),
        ("doubtful_1", True, 25_000_00, 20_000_00),
        ("doubtful_2", True, 40_000_00, 30_000_00),
        ("doubtful_3", True, 1_00_000_00, 50_000_00),
        ("doubtful_1", False, 1_00_000_00, 1_00_000_00),
        ("loss", True, 1_00_000_00, 1_00_000_00),
    ],
)
def test_the_provision_on_a_lakh(asset_class: str, is_secured: bool, bank: int, nbfc: int) -> None:
    book = [line(asset_class, net=1_00_000_00, is_secured=is_secured)]
    found = [provision_lines(book, RULEBOOK, on=ON, lender=lender)[0].provision_paise for lender in (BANK, NBFC)]
    assert found == [bank, nbfc]


def test_ages_of_a_class_are_one_line_and_half_a_paisa_is_rounded_up() -> None:
    book = [
        line("standard", net=1_00, loans=2),
        line("standard", net=25, age=1),
        line("sub_standard", net=10_00, age=4),
    ]
    found = provision_lines(book, RULEBOOK, on=ON, lender=NBFC)
    assert [(one.asset_class, one.loans, one.net_paise, one.provision_paise) for one in found] == [
        ("standard", 3, 1_25, 1),
        ("sub_standard", 1, 10_00, 1_00),
    ]
    assert found[1].rule.value == "provision_sub_standard_unsecured_percent"


def test_a_bank_has_no_rate_when_expected_credit_loss_begins() -> None:
    with pytest.raises(RuleNotInForce, match="provision_standard_percent"):
        provision_lines([line("standard", net=1)], RULEBOOK, on=date(2027, 4, 1), lender=BANK)


def test_portfolio_at_risk() -> None:
    book = [
        line("standard", net=600_00, loans=6), line("sma_0", net=200_00, age=1), line("sma_1", net=100_00, age=2),
        # Non-performing, and paid down to 40 days past due.
        line("sub_standard", net=50_00, age=2), line("sub_standard", net=50_00, age=4),
    ]  # fmt: skip
    found = portfolio_at_risk(book, bounds=(30, 60, 90))
    assert [(one.after_days, one.loans, one.principal_paise, one.share_percent) for one in found] == [
        (0, 4, 400_00, Decimal("40.00")),
        (30, 3, 200_00, Decimal("20.00")),
        (60, 1, 50_00, Decimal("5.00")),
        (90, 1, 50_00, Decimal("5.00")),
    ]
    assert [one.share_percent for one in portfolio_at_risk([], bounds=(30,))] == [Decimal("0.00")] * 2


def test_vintages_add_up_by_age() -> None:
    def count(month: date, failed_in: date | None, disbursed: int) -> VintageCount:
        return VintageCount(month=month, failed_in=failed_in, loans=1, disbursed_paise=disbursed)

    june, july = date(2026, 6, 1), date(2026, 7, 1)
    found = vintages(
        [
            count(june, None, 300_00),
            count(july, None, 100_00),
            count(june, date(2026, 9, 1), 100_00),
            count(june, date(2026, 11, 1), 50_00),
        ],
        on=ON,
    )
    assert [(one.month, one.failed_percent) for one in found] == [
        (june, tuple(Decimal(share) for share in ("0.00", "0.00", "0.00", "33.33", "33.33", "50.00"))),
        (july, (Decimal("0.00"),) * 5),
    ]


def test_roll_rates_are_shares_of_the_first_class() -> None:
    rolls = [
        Roll(before="sma_0", after="standard", loans=3, principal_paise=300_00),
        Roll(before="sma_0", after="sma_1", loans=1, principal_paise=100_00),
        Roll(before="sma_1", after="closed", loans=1, principal_paise=0),
    ]
    assert [one.share_percent for one in roll_rates(rolls)] == [Decimal("75.00"), Decimal("25.00"), Decimal("0.00")]
