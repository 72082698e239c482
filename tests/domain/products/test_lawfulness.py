"""Product versions against the rules of a day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.products.charge_terms import ChargeTerms, PrepaymentCharge
from app.domain.products.lawfulness import ProductBreaksRule, breaches, check_lawful
from app.domain.products.products import CoLending, LateCharge, Product
from app.domain.products.samples import SAMPLE_PRODUCTS
from app.domain.products.seeded import CREDIT_CARD, PERSONAL_LOAN_1, REVOLVING_CARD, SEEDED_PRODUCTS, STANDARD_LOAN
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import BorrowerKind, LenderKind
from app.domain.rulebook.rules import Rule
from app.domain.schedules.terms import Amortisation, OddFirstPeriod

TODAY, US = date(2026, 11, 27), LenderKind.NBFC_MIDDLE
CARD_DUE = "repayment.due_after_days"
TAX = "repayment.late_charge.gst_percent"
FIRST_PERIOD = "repayment.odd_first_period"


def charging(product: Product, gst: int) -> Product:
    charge = LateCharge(amount_paise=500_00, gst_percent=Decimal(gst))
    return replace(product, repayment=replace(product.repayment, late_charge=charge))


def paid_within(days: int) -> Product:
    """A revolving card whose statements leave so many days to pay them."""
    assert REVOLVING_CARD.card is not None
    return replace(REVOLVING_CARD, card=replace(REVOLVING_CARD.card, due_after_days=days))


def with_terms(product: Product, **terms: object) -> Product:
    return replace(product, repayment=replace(product.repayment, **terms))  # type: ignore[arg-type]


SHARE = "offer.co_lending.partner_share_percent"


def together(share: str) -> Product:
    """The standard loan, of which a bank funds a share."""
    partner = CoLending(partner="Big Bank Ltd", partner_share_percent=Decimal(share))
    return replace(STANDARD_LOAN, offer=replace(STANDARD_LOAN.offer, co_lending=partner))


@pytest.mark.parametrize("product", [*SEEDED_PRODUCTS, *SAMPLE_PRODUCTS], ids=lambda product: product.code)
@pytest.mark.parametrize("lender", LenderKind)
def test_the_seeded_products_break_no_rule(product: Product, lender: LenderKind) -> None:
    assert breaches(product, RULEBOOK, on=TODAY, lender=lender) == []


@pytest.mark.parametrize(
    "product, on, broken",
    [
        (charging(STANDARD_LOAN, 18), TODAY, [(Rule.PENAL_CHARGE_GST_PERCENT, TAX)]),
        (charging(STANDARD_LOAN, 18), date(2025, 1, 27), []),
        (charging(STANDARD_LOAN, 0), TODAY, []),
        (charging(CREDIT_CARD, 0), TODAY, [(Rule.CARD_GST_PERCENT, TAX)]),
        (charging(CREDIT_CARD, 18), TODAY, []),
        (with_terms(CREDIT_CARD, due_after_days=13), TODAY, [(Rule.CARD_DUE_AFTER_DAYS, CARD_DUE)]),
        (with_terms(CREDIT_CARD, due_after_days=14), TODAY, []),
        (paid_within(13), TODAY, [(Rule.CARD_DUE_AFTER_DAYS, "card.due_after_days")]),
        (paid_within(13), date(2022, 6, 30), []),
        (paid_within(14), TODAY, []),
        (PERSONAL_LOAN_1, date(2024, 4, 28), []),
        (PERSONAL_LOAN_1, date(2024, 4, 29), [(Rule.INTEREST_FROM_DISBURSAL, FIRST_PERIOD)]),
        (
            with_terms(STANDARD_LOAN, due_day=5, odd_first_period=OddFirstPeriod.IGNORED),
            TODAY,
            [(Rule.INTEREST_FROM_DISBURSAL, FIRST_PERIOD)],
        ),
        (with_terms(STANDARD_LOAN, due_day=5), TODAY, []),
        (with_terms(STANDARD_LOAN, amortisation=Amortisation.FLAT), TODAY, []),
        (together("80"), TODAY, []),
        (together("90"), TODAY, []),
        (together("10"), TODAY, []),
        (together("90.01"), TODAY, [(Rule.CO_LENDING_KEPT_PERCENT, SHARE)]),
        (together("9.99"), TODAY, [(Rule.CO_LENDING_KEPT_PERCENT, SHARE)]),
        (together("95"), date(2025, 12, 31), []),
    ],
)
def test_what_a_product_breaks(product: Product, on: date, broken: list[tuple[Rule, str]]) -> None:
    found = breaches(product, RULEBOOK, on=on, lender=US)
    assert [(breach.row.rule, breach.term) for breach in found] == broken
    if not broken:
        check_lawful(product, RULEBOOK, on=on, lender=US)
        return
    with pytest.raises(ProductBreaksRule, match=broken[0][0].value) as refused:
        check_lawful(product, RULEBOOK, on=on, lender=US)
    assert (refused.value.field, refused.value.details["rule"]) == (broken[0][1], broken[0][0].value)


def test_a_loan_keeps_what_was_lawful_when_it_was_made() -> None:
    early, late = date(2024, 4, 28), date(2024, 4, 29)
    assert breaches(PERSONAL_LOAN_1, RULEBOOK, on=TODAY, lender=US, sanctioned_on=early) == []
    assert len(breaches(PERSONAL_LOAN_1, RULEBOOK, on=TODAY, lender=US, sanctioned_on=late)) == 1
    # The tax on a charge counts on the day of the charge, whenever the loan was made.
    assert len(breaches(charging(STANDARD_LOAN, 18), RULEBOOK, on=TODAY, lender=US, sanctioned_on=early)) == 1


def test_amounts_are_said_in_rupees() -> None:
    """A charge for prepaying floating loans for business, also small ones."""
    charge = PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), sac="997113")
    floating = with_terms(STANDARD_LOAN, benchmark="REPO", charges=ChargeTerms(prepayment=charge))
    business = replace(floating, offer=replace(floating.offer, borrower=BorrowerKind.INDIVIDUAL_BUSINESS))
    (breach,) = breaches(business, RULEBOOK, on=TODAY, lender=US)
    assert breach.found == "4 and must be 0: loans from ₹1.00 on are offered, and up to ₹50,00,000.00 are free"
