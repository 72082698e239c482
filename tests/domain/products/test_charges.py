"""What the charges of a product come to, to the paisa, and the terms that are refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.products.charge_terms import (
    BounceCharge,
    ChargeTerms,
    DisbursalFee,
    Fee,
    FeePaid,
    PenalRate,
    PrepaymentCharge,
    ServiceCharge,
)
from app.domain.products.charges import (
    NOTHING,
    Charged,
    TaxSplit,
    bounce_charge,
    disbursal_fees,
    fee_tax_paise,
    fee_tax_percent,
    named_charges,
    penal_charge_paise,
    prepayment_charge,
    service_charge,
    split_tax,
    taxed_charges,
)
from app.domain.products.documents import InvalidTerms, check_product, parse_product, product_document
from app.domain.products.lawfulness import ProductBreaksRule, breaches, check_lawful
from app.domain.products.products import LateCharge, Product, RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import BorrowerKind, LenderKind
from tests.domain.made_loans import EVERY_CHARGE

TODAY = date(2026, 11, 28)
PROCESSING = DisbursalFee(name="Processing fee", paid=FeePaid.DEDUCTED, percent=Decimal(1), sac="997113")
LAKH = 1_00_000_00


@pytest.mark.parametrize(
    "paise, tax",
    [(1_000_00, 180_00), (500_00, 90_00), (1, 0), (5, 0), (6, 2), (1_03, 18), (12_345, 22_22), (999_99, 180_00)],
)
def test_the_tax_is_two_equal_halves(paise: int, tax: int) -> None:
    # 123.45 at 9 % is 11.1105: 11.11 twice is 22.22, where 18 % at once is 22.22 too; 1.03 gives 0.09 twice.
    assert fee_tax_paise(paise, on=TODAY) == tax
    assert split_tax(tax, is_same_state=True) == TaxSplit(tax // 2, tax // 2, 0)
    assert split_tax(tax, is_same_state=False) == TaxSplit(0, 0, tax)


def test_there_is_no_tax_before_there_was_gst() -> None:
    assert fee_tax_percent(date(2017, 6, 30)) == 0
    assert fee_tax_percent(date(2017, 7, 1)) == 18


@pytest.mark.parametrize(
    "terms, fee, tax",
    [
        (PROCESSING, 2_000_00, 360_00),
        (replace(PROCESSING, percent=Decimal("0.75"), amount_paise=100_00), 1_600_00, 288_00),
        (replace(PROCESSING, percent=Decimal("0.1"), minimum_paise=499_00), 499_00, 89_82),
        (replace(PROCESSING, maximum_paise=1_500_00), 1_500_00, 270_00),
        (replace(PROCESSING, percent=Decimal(0), amount_paise=250_00, is_taxed=False), 250_00, 0),
    ],
)
def test_a_fee_on_the_day_of_disbursal(terms: DisbursalFee, fee: int, tax: int) -> None:
    (found,) = disbursal_fees(ChargeTerms(disbursal=(terms,)), amount_paise=2 * LAKH, on=TODAY)
    assert found == Fee(name="Processing fee", amount_paise=fee, tax_paise=tax, paid=FeePaid.DEDUCTED, sac="997113")
    assert found.total_paise == fee + tax


def test_no_terms_no_charges() -> None:
    assert disbursal_fees(None, amount_paise=LAKH, on=TODAY) == ()
    assert bounce_charge(None, on=TODAY) == NOTHING
    assert prepayment_charge(None, prepaid_paise=LAKH, undemanded_paise=LAKH, on=TODAY) == NOTHING


def test_a_returned_payment_costs_its_charge_with_tax() -> None:
    terms = BounceCharge(amount_paise=500_00, sac="997113")
    assert bounce_charge(terms, on=TODAY) == Charged(500_00, 90_00)
    assert bounce_charge(replace(terms, is_taxed=False), on=TODAY) == Charged(500_00, 0)


@pytest.mark.parametrize(
    "prepaid, undemanded, charge",
    [
        (LAKH, 2 * LAKH, Charged(2_000_00, 360_00)),  # 2 % of a part
        (2 * LAKH, 2 * LAKH, Charged(8_000_00, 1_440_00)),  # 4 % of all of it
        (12_345_67, 2 * LAKH, Charged(246_91, 44_44)),  # 246.9134; 22.22 twice
        (0, 2 * LAKH, NOTHING),
    ],
)
def test_repaying_ahead_of_the_plan_costs_a_share(prepaid: int, undemanded: int, charge: Charged) -> None:
    terms = PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), sac="997113")
    found = prepayment_charge(terms, prepaid_paise=prepaid, undemanded_paise=undemanded, on=TODAY)
    assert found == charge


@pytest.mark.parametrize(
    "overdue, days, percent, charge",
    [
        (36_500_00, 20, "12", 240_00),  # 12.00 a day
        (9_414_69, 20, "24", 123_81),  # 9414.69 x 0.24 x 20 / 365 = 123.8095
        (7_414_69, 1, "18", 3_66),  # 3.6565
        (100, 1, "1", 0),
    ],
)
def test_a_penal_charge_counts_days_of_what_is_overdue(overdue: int, days: int, percent: str, charge: int) -> None:
    assert penal_charge_paise(overdue * days, annual_percent=Decimal(percent)) == charge


# --- terms that make no sense, and terms that break a rule ---


def charged(charges: ChargeTerms, base: Product = STANDARD_LOAN, **terms: Any) -> Product:
    return replace(base, repayment=replace(base.repayment, charges=charges, **terms))


def test_a_document_keeps_every_charge() -> None:
    product = charged(EVERY_CHARGE)
    check_product(product)
    assert parse_product(product.code, product.version, product_document(product)) == product


def test_a_document_without_charges_is_read_as_before() -> None:
    document = product_document(STANDARD_LOAN)
    del document["repayment"]["charges"]
    assert parse_product("STANDARD_LOAN", 1, document) == STANDARD_LOAN


SERVICE = ServiceCharge(code="visit", name="Visit to collect", amount_paise=300_00, sac="997113")
PREPAYMENT = PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), sac="997113")


@pytest.mark.parametrize(
    "product, field",
    [
        (charged(ChargeTerms(disbursal=(replace(PROCESSING, sac=None),))), "repayment.charges.disbursal.0.sac"),
        (charged(ChargeTerms(disbursal=(replace(PROCESSING, sac="12"),))), "repayment.charges.disbursal.0.sac"),
        (charged(ChargeTerms(disbursal=(PROCESSING, PROCESSING))), "repayment.charges.disbursal"),
        (charged(ChargeTerms(disbursal=(replace(PROCESSING, percent=Decimal(60)),))), "repayment.charges.disbursal"),
        (charged(ChargeTerms(disbursal=(replace(PROCESSING, percent=Decimal(0)),))),
         "repayment.charges.disbursal.0.percent"),
        (charged(ChargeTerms(disbursal=(replace(PROCESSING, minimum_paise=2, maximum_paise=1),))),
         "repayment.charges.disbursal.0.minimum_paise"),
        (charged(ChargeTerms(disbursal=(replace(PROCESSING, for_third_party=True),))),
         "repayment.charges.disbursal.0.is_taxed"),
        (charged(ChargeTerms(bounce=BounceCharge(amount_paise=500_00))), "repayment.charges.bounce.sac"),
        (charged(ChargeTerms(bounce=BounceCharge(amount_paise=0, is_taxed=False))),
         "repayment.charges.bounce.amount_paise"),
        (charged(ChargeTerms(prepayment=replace(PREPAYMENT, sac=None))), "repayment.charges.prepayment.sac"),
        (charged(ChargeTerms(prepayment=replace(PREPAYMENT, part_percent=Decimal(101)))),
         "repayment.charges.prepayment.part_percent"),
        (charged(ChargeTerms(penal_rate=PenalRate(annual_percent=Decimal(37)))),
         "repayment.charges.penal_rate.annual_percent"),
        (charged(ChargeTerms(penal_rate=PenalRate(annual_percent=Decimal(24))),
                 late_charge=LateCharge(amount_paise=1, gst_percent=Decimal(0))), "repayment.charges.penal_rate"),
        (charged(ChargeTerms(overdue_interest=True), CREDIT_CARD_LOAN), "repayment.charges.overdue_interest"),
        (charged(ChargeTerms(services=(replace(SERVICE, code="Visit"),))), "repayment.charges.services.0.code"),
        (charged(ChargeTerms(services=(replace(SERVICE, name="x" * 61),))), "repayment.charges.services.0.name"),
        (charged(ChargeTerms(services=(replace(SERVICE, amount_paise=0),))),
         "repayment.charges.services.0.amount_paise"),
        (charged(ChargeTerms(services=(replace(SERVICE, sac=None),))), "repayment.charges.services.0.sac"),
        (charged(ChargeTerms(services=(replace(SERVICE, sac="123456"),))), "repayment.charges.services.0.sac"),
        (charged(ChargeTerms(services=(SERVICE, replace(SERVICE, name="Other")))), "repayment.charges.services"),
        (charged(ChargeTerms(services=(SERVICE, replace(SERVICE, code="other")))), "repayment.charges.services"),
        (charged(ChargeTerms(services=tuple(
            replace(SERVICE, code=f"visit_{number}", name=f"Visit {number}") for number in range(31)
        ))), "repayment.charges.services"),
    ],
)  # fmt: skip
def test_charges_that_make_no_sense_are_refused_by_name(product: Product, field: str) -> None:
    with pytest.raises(InvalidTerms) as refused:
        check_product(product)
    assert refused.value.field == field


def floating(borrower: BorrowerKind, *, least_paise: int = LAKH) -> Product:
    product = charged(ChargeTerms(prepayment=PREPAYMENT))
    offer = replace(product.offer, borrower=borrower, amount_paise=(least_paise, None))
    return replace(product, offer=offer, repayment=replace(product.repayment, benchmark="REPO"))


CRORE = 100 * LAKH


def test_a_service_is_in_the_schedule_of_charges_with_its_tax() -> None:
    terms = charged(
        ChargeTerms(services=(SERVICE, replace(SERVICE, code="free", name="Free", is_taxed=False)))
    ).repayment
    named = [(one.code, one.name, one.amount_paise, one.tax_percent) for one in named_charges(terms, on=TODAY)]
    assert named == [
        ("visit", "Visit to collect", 300_00, Decimal(18)),
        ("free", "Free", 300_00, Decimal(0)),
    ]
    assert taxed_charges(terms) == ["repayment.charges.services.0"]
    assert service_charge(SERVICE, on=TODAY) == Charged(300_00, 54_00)


@pytest.mark.parametrize(
    "product, on, lender, is_lawful",
    [
        # Nobody charges an individual who does not borrow for business and pays a floating rate.
        (floating(BorrowerKind.INDIVIDUAL), TODAY, LenderKind.NBFC_BASE, False),
        (floating(BorrowerKind.INDIVIDUAL), date(2025, 12, 31), LenderKind.NBFC_BASE, False),
        (floating(BorrowerKind.INDIVIDUAL), date(2014, 7, 13), LenderKind.NBFC_BASE, True),
        (floating(BorrowerKind.INDIVIDUAL), date(2014, 7, 13), LenderKind.BANK, False),
        (floating(BorrowerKind.INDIVIDUAL_BUSINESS), date(2025, 12, 31), LenderKind.BANK, True),
        # For business: never by a bank, up to 50 lakh not by a middle-layer NBFC, and the base layer is not bound.
        (floating(BorrowerKind.INDIVIDUAL_BUSINESS), TODAY, LenderKind.BANK, False),
        (floating(BorrowerKind.INDIVIDUAL_BUSINESS), TODAY, LenderKind.NBFC_MIDDLE, False),
        (floating(BorrowerKind.SMALL_ENTERPRISE, least_paise=CRORE), TODAY, LenderKind.NBFC_MIDDLE, True),
        (floating(BorrowerKind.INDIVIDUAL_BUSINESS), TODAY, LenderKind.NBFC_BASE, True),
        (floating(BorrowerKind.OTHER), TODAY, LenderKind.BANK, True),
        # A fixed rate may be charged, as the key facts say.
        (charged(ChargeTerms(prepayment=PREPAYMENT)), TODAY, LenderKind.BANK, True),
    ],
)
def test_a_prepayment_charge_where_the_rule_forbids_it(
    product: Product, on: date, lender: LenderKind, is_lawful: bool
) -> None:
    check_product(product)
    if is_lawful:
        check_lawful(product, RULEBOOK, on=on, lender=lender)
        return
    with pytest.raises(ProductBreaksRule) as refused:
        check_lawful(product, RULEBOOK, on=on, lender=lender)
    assert refused.value.field == "repayment.charges.prepayment"
    earlier = {LenderKind.BANK: "DBOD.Dir.BC.No.110/13.03.00/2013-14"}
    of_2014 = earlier.get(lender, "RBI/2014-15/121, clarified by RBI/2019-20/30")
    assert refused.value.details["reference"] == ("RBI/2025-26/64" if on >= date(2026, 1, 1) else of_2014)


@pytest.mark.parametrize(
    "sanctioned_on, reference",
    [
        (date(2014, 7, 13), None),
        (date(2014, 7, 14), "RBI/2014-15/121, clarified by RBI/2019-20/30"),
        (date(2025, 12, 31), "RBI/2014-15/121, clarified by RBI/2019-20/30"),
        (date(2026, 1, 1), "RBI/2025-26/64"),
    ],
)
def test_a_loan_is_judged_by_the_rule_of_its_sanction(sanctioned_on: date, reference: str | None) -> None:
    product = floating(BorrowerKind.INDIVIDUAL)
    found = breaches(product, RULEBOOK, on=TODAY, lender=LenderKind.NBFC_MIDDLE, sanctioned_on=sanctioned_on)
    assert [one.row.source.reference for one in found if one.term == "repayment.charges.prepayment"] == (
        [] if reference is None else [reference]
    )


def test_late_days_are_counted_only_where_a_term_asks_for_them() -> None:
    def counts(charges: ChargeTerms | None) -> bool:
        terms: RepaymentTerms = replace(STANDARD_LOAN.repayment, charges=charges)
        return terms.counts_late_days

    assert not counts(None)
    assert not counts(ChargeTerms(bounce=BounceCharge(amount_paise=1, is_taxed=False)))
    assert counts(ChargeTerms(overdue_interest=True))
    assert counts(ChargeTerms(penal_rate=PenalRate(annual_percent=Decimal(24))))
