"""Key facts of an offer: its figures with every charge, how long it is valid, and how the loan can be left."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.credit.key_facts import OfferedTerms, OfferKeyFacts, key_facts_of, working_days_valid
from app.domain.lending.cooling_off import last_day_to_leave
from app.domain.products.charges import disbursal_fees
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.rulebook.kinds import LenderKind
from tests.domain.made_loans import EVERY_CHARGE

ON = date(2026, 11, 21)
TERMS = replace(STANDARD_LOAN.repayment, charges=EVERY_CHARGE, cooling_off_days=3)


def offered(terms: object = TERMS, *, instalments: int = 12) -> OfferKeyFacts:
    repayment = TERMS if terms is TERMS else STANDARD_LOAN.repayment
    return key_facts_of(
        OfferedTerms(
            repayment=repayment,
            amount_paise=60_000_00,
            annual_rate_percent=Decimal(14),
            instalments=instalments,
            fees=disbursal_fees(repayment.charges, amount_paise=60_000_00, on=ON),
            disbursed_on=ON,
        )
    )


def test_every_charge_is_in_the_figures() -> None:
    """With tax: 1 % is 708.00, deducted; stamp duty is 100.00, upfront; insurance is 590.00, financed."""
    facts = offered().quote.facts
    assert (facts.sanctioned_paise, facts.net_disbursed_paise, facts.fees_paise) == (60_000_00, 59_292_00, 1_398_00)
    assert facts.instalment_paise == 5_440_20
    assert facts.apr_percent == Decimal("18.48")
    assert [(fee.name, fee.total_paise, fee.for_third_party) for fee in facts.fees] == [
        ("Processing fee", 708_00, False), ("Stamp duty", 100_00, True), ("Insurance service", 590_00, False),
    ]  # fmt: skip


def test_charges_that_depend_on_what_happens_are_named() -> None:
    assert [(charge.name, charge.amount_paise, int(charge.percent)) for charge in offered().contingent] == [
        ("Returned payment", 500_00, 0), ("Part prepayment", 0, 2), ("Foreclosure", 0, 4),
        ("Duplicate statement", 200_00, 0), ("Penal charge", 0, 24),
    ]  # fmt: skip
    assert offered(None).contingent == ()


def test_a_loan_that_is_left_costs_its_interest_and_no_foreclosure_charge() -> None:
    """Three days of a month of 706.88 of interest on 60,590.00, and nothing of the 4 % for foreclosure."""
    facts = offered()
    assert (facts.leave_until, facts.leave_for_paise) == (date(2026, 11, 24), 60_590_00 + 70_69)
    # Not more than the principal and the proportionate annual cost.
    apr = facts.quote.facts.apr_percent
    assert facts.leave_for_paise - 60_590_00 <= 60_590_00 * apr * 3 / 36_500


@pytest.mark.parametrize(
    "days, made_on, last",
    [
        (None, date(2025, 5, 7), date(2025, 5, 7)),
        (None, date(2025, 5, 8), date(2025, 5, 9)),
        (0, ON, date(2026, 11, 22)),
        (5, ON, date(2026, 11, 26)),
    ],
)
def test_the_rules_set_the_least_time_to_leave(days: int | None, made_on: date, last: date) -> None:
    terms = replace(STANDARD_LOAN.repayment, cooling_off_days=days)
    assert last_day_to_leave(terms, disbursed_on=made_on) == last


@pytest.mark.parametrize(
    "due_on, on, days",
    [
        (date(2026, 11, 28), ON, 3),  # a tenor of seven days
        (date(2026, 11, 27), ON, 1),  # of six
        (date(2027, 11, 21), ON, 3),
        (date(2025, 9, 30), date(2024, 9, 30), 0),  # before there was such a rule
        (date(2025, 10, 1), date(2024, 10, 1), 3),
    ],
)
def test_how_long_a_statement_is_valid(due_on: date, on: date, days: int) -> None:
    assert working_days_valid([due_on], on=on, lender=LenderKind.NBFC_MIDDLE) == days


def test_an_offer_whose_interest_follows_the_days() -> None:
    facts = key_facts_of(
        OfferedTerms(
            repayment=CREDIT_CARD_LOAN.repayment,
            amount_paise=50_000_00,
            annual_rate_percent=Decimal("10.5"),
            instalments=12,
            fees=(),
            disbursed_on=ON,
        )
    )
    # The product rounds the rate of a day to 0.029 %: 14.50 on 50,000.00.
    assert (facts.leave_until, facts.leave_for_paise) == (date(2026, 11, 22), 50_014_50)
