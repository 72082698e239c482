"""Products as documents (without loss, with strict checks), and the exact terms of the seeded products."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.domain.calendar import Frequency
from app.domain.money import Rounding, RoundingMode
from app.domain.products.documents import InvalidTerms, parse_product, product_document
from app.domain.products.products import PaymentPolicy, Product
from app.domain.products.samples import SAMPLE_PRODUCTS
from app.domain.products.seeded import (
    CREDIT_CARD,
    CREDIT_CARD_LOAN,
    PERSONAL_LOAN,
    PERSONAL_LOAN_1,
    SEEDED_LOANS,
    SEEDED_PRODUCTS,
    STANDARD_LOAN,
)
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation

LAKH = 100_000_00


def stored(product: Product) -> Any:
    """The document as the database gives it back."""
    return json.loads(json.dumps(product_document(product)))


@pytest.mark.parametrize("product", [*SEEDED_PRODUCTS, *SAMPLE_PRODUCTS], ids=lambda product: product.code)
def test_a_product_is_read_back_equal_from_its_document(product: Product) -> None:
    read = parse_product(product.code, product.version, stored(product))

    assert read == product
    assert hash(read.repayment) == hash(product.repayment)


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        target: Any = document
        *steps, last = path.split(".")
        for step in steps:
            target = target[int(step)] if isinstance(target, list) else target[step]
        target[last] = value

    return change


def drop(path: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        target: Any = document
        for step in steps:
            target = target[step]
        del target[last]

    return change


@pytest.mark.parametrize(
    "change,field",
    [
        (put("colour", "red"), "colour"),
        (put("offer.colour", "red"), "offer.colour"),
        (put("name", ""), "name"),
        (put("offer", []), "offer"),
        (drop("offer.tenure"), "offer.tenure"),
        (drop("repayment"), "repayment"),
        (put("offer.tenure", [1]), "offer.tenure"),
        (put("offer.tenure", [1, True]), "offer.tenure.1"),
        (put("offer.tenure", [1, 12.0]), "offer.tenure.1"),
        (put("offer.tenure", [12, 1]), "offer.tenure"),
        (put("offer.tenure", [0, 12]), "offer.tenure"),
        (put("offer.amount_paise", [0, 100]), "offer.amount_paise"),
        (put("offer.amount_paise", [200, 100]), "offer.amount_paise"),
        (put("offer.amount_paise", [1, 10**13 + 1]), "offer.amount_paise"),
        (put("offer.bound_to_limit", False), "offer.amount_paise"),
        (put("offer.bound_to_limit", "yes"), "offer.bound_to_limit"),
        (put("offer.annual_rate_percent", 14), "offer.annual_rate_percent"),
        (put("offer.annual_rate_percent", "NaN"), "offer.annual_rate_percent"),
        (put("offer.annual_rate_percent", "1e400"), "offer.annual_rate_percent"),
        (put("offer.annual_rate_percent", "1e999999999"), "offer.annual_rate_percent"),
        (put("offer.annual_rate_percent", "1_4"), "offer.annual_rate_percent"),
        (put("offer.annual_rate_percent", "49"), "offer.annual_rate_percent"),
        (put("offer.annual_rate_percent", "8.123456789"), "offer.annual_rate_percent"),
        (put("offer.rate_bounds_percent", ["-1", "48"]), "offer.rate_bounds_percent"),
        (put("offer.active_loans_at_most", 0), "offer.active_loans_at_most"),
        (put("offer.minimum_score", -1), "offer.minimum_score"),
        (put("offer.minimum_income_paise", -1), "offer.minimum_income_paise"),
        (put("offer.emi_cap_percent", "0"), "offer.emi_cap_percent"),
        (put("offer.emi_cap_percent", "101"), "offer.emi_cap_percent"),
        (put("offer.rate_slabs.0.above", "5"), "offer.rate_slabs"),
        (put("offer.rate_slabs.0.floor_percent", "13"), "offer.rate_slabs"),
        (put("offer.rate_slabs.2.floor_percent", "49"), "offer.rate_slabs"),
        (put("offer.co_lending", {"partner": "", "partner_share_percent": "80"}), "offer.co_lending.partner"),
        (put("offer.co_lending", {"partner": "x" * 121, "partner_share_percent": "80"}), "offer.co_lending.partner"),
        (
            put("offer.co_lending", {"partner": "Big Bank", "partner_share_percent": "100"}),
            "offer.co_lending.partner_share_percent",
        ),
        (put("repayment.amortisation", "fair"), "repayment.amortisation"),
        (put("repayment.every", 0), "repayment.every"),
        (put("repayment.due_day", 32), "repayment.due_day"),
        (put("repayment.frequency", "fortnight"), "repayment.frequency"),
        (put("repayment.emi_rounding.unit_paise", 0), "repayment.emi_rounding"),
        (put("repayment.interest_rounding.mode", "level"), "repayment.interest_rounding"),
        (put("repayment.due_after_days", -1), "repayment.due_after_days"),
        (put("repayment.minimum_percent", "0"), "repayment.minimum_percent"),
        (put("repayment.payment_order", ["charges", "interest"]), "repayment.payment_order"),
        (put("repayment.payment_order", ["charges", "interest", "interest"]), "repayment.payment_order"),
        (put("repayment.late_charge", {"amount_paise": 0, "gst_percent": "18"}), "repayment.late_charge"),
        (put("repayment.late_charge", {"amount_paise": 1, "gst_percent": "-1"}), "repayment.late_charge"),
        (
            put("repayment.late_charge", {"amount_paise": 1, "gst_percent": "0", "grace_days": 32}),
            "repayment.late_charge.grace_days",
        ),
        (
            put("repayment.late_charge", {"amount_paise": 1, "gst_percent": "0", "grace_days": -1}),
            "repayment.late_charge.grace_days",
        ),
        (
            put("repayment.late_charge", {"amount_paise": 1, "gst_percent": "0", "tolerance_paise": -1}),
            "repayment.late_charge.tolerance_paise",
        ),
    ],
)
def test_wrong_terms_are_refused_with_their_path(change: Callable[[dict[str, Any]], None], field: str) -> None:
    document = stored(STANDARD_LOAN)
    change(document)

    with pytest.raises(InvalidTerms) as refused:
        parse_product("WRONG", 1, document)

    assert refused.value.field == field


def test_a_due_day_needs_months() -> None:
    document = stored(CREDIT_CARD_LOAN)
    document["repayment"]["due_day"] = 5

    with pytest.raises(InvalidTerms) as refused:
        parse_product("WRONG", 1, document)

    assert refused.value.field == "repayment.due_day"


class TestSeeded:
    """The terms of the seeded loans (docs/business-rules.md, applications and decisions)."""

    def test_amounts_tenures_and_rates(self) -> None:
        assert {
            product.code: (product.offer.amount_paise, product.offer.tenure, product.offer.annual_rate_percent)
            for product in SEEDED_LOANS
        } == {
            "CREDIT_CARD": ((5_000_00, 5_000_00), (12, 12), Decimal(14)),
            "CREDIT_CARD_LOAN": ((500_00, 50_000_00), (1, 60), None),
            "PERSONAL_LOAN": ((10_000_00, 10 * LAKH), (1, 60), Decimal("8.8")),
            "STANDARD_LOAN": ((1_00, None), (1, 180), None),
        }
        assert {product.offer.rate_bounds_percent for product in SEEDED_LOANS} == {(Decimal(1), Decimal(48))}

    def test_how_interest_is_counted_and_the_instalment_rounded(self) -> None:
        paisa_up, rupee = Rounding(mode=RoundingMode.UP), Rounding(mode=RoundingMode.HALF_UP, unit_paise=100)
        equal = Amortisation.EQUAL_INSTALMENT
        assert {
            product.code: (
                product.repayment.amortisation,
                product.repayment.interest_basis,
                product.repayment.emi_rounding,
            )
            for product in SEEDED_LOANS
        } == {
            "CREDIT_CARD": (equal, InterestBasis.PERIOD, paisa_up),
            "CREDIT_CARD_LOAN": (equal, InterestBasis.DAILY_ROUNDED, paisa_up),
            "PERSONAL_LOAN": (Amortisation.FLAT, InterestBasis.PERIOD, rupee),
            "STANDARD_LOAN": (equal, InterestBasis.PERIOD, Rounding(mode=RoundingMode.HALF_UP)),
        }

    def test_when_and_how_much_is_due(self) -> None:
        assert {
            product.code: (
                product.repayment.every,
                product.repayment.frequency,
                product.repayment.due_day,
                product.repayment.due_after_days,
                product.repayment.minimum_percent,
            )
            for product in SEEDED_LOANS
        } == {
            "CREDIT_CARD": (1, Frequency.MONTH, None, 15, Decimal(3)),
            "CREDIT_CARD_LOAN": (30, Frequency.DAY, None, 15, Decimal(3)),
            "PERSONAL_LOAN": (1, Frequency.MONTH, 5, 0, None),
            "STANDARD_LOAN": (1, Frequency.MONTH, None, 0, None),
        }

    def test_how_payments_are_taken(self) -> None:
        assert {
            product.code: (product.repayment.payment_policy, product.repayment.reference_required)
            for product in SEEDED_LOANS
        } == {
            "CREDIT_CARD": (PaymentPolicy.EXACT, False),
            "CREDIT_CARD_LOAN": (PaymentPolicy.RECALCULATE, False),
            "PERSONAL_LOAN": (PaymentPolicy.ALLOCATE, False),
            "STANDARD_LOAN": (PaymentPolicy.ALLOCATE, False),
        }

    def test_how_they_are_decided(self) -> None:
        assert {
            product.code: (
                product.offer.active_loans_at_most,
                product.offer.scorecard,
                product.offer.minimum_score,
                product.offer.minimum_income_paise,
                product.offer.emi_cap_counts_new,
                product.offer.bound_to_limit,
                product.offer.waits_for_score,
                product.offer.issues_card,
            )
            for product in SEEDED_LOANS
        } == {
            "CREDIT_CARD": (1, "bank_balance", 450, 150_000_00, True, False, True, True),
            "CREDIT_CARD_LOAN": (3, "bank_balance", 450, 150_000_00, True, False, False, False),
            "PERSONAL_LOAN": (3, "bank_balance", 450, 150_000_00, True, False, False, False),
            "STANDARD_LOAN": (None, "loan_history", None, None, False, True, False, False),
        }
        assert {product.offer.emi_cap_percent for product in SEEDED_LOANS} == {Decimal(50)}
        assert (CREDIT_CARD.version, PERSONAL_LOAN_1.version, PERSONAL_LOAN.version) == (1, 1, 2)
