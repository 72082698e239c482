"""Top-ups: decided by the rules of an application, with exact figures, and their key facts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.credit.decisions import ApplicantFacts, Outcome
from app.domain.credit.top_ups import (
    TopUpRequest,
    decide_top_up,
    key_facts_of_top_up,
    topped_up,
    topped_up_document,
    topped_up_of,
)
from app.domain.lending.agreements import Returnable
from app.domain.lending.positions import Position
from app.domain.payments.changes import ChangeKind, LoanChange
from app.domain.payments.changing import decide_change
from app.domain.payments.payments import charge_for_prepaying
from app.domain.products.charges import NOTHING, Charged
from app.domain.products.products import OfferTerms, RateSlab
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from tests.domain.made_loans import EVERY_CHARGE, make_loan, pay

NEW_YEAR, FIRST, TENTH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 2, 10)
#: 1,92,325.54 is left at 8.5 %, in instalments of 9,091.13, and 50,000.00 more makes them 11,449.27.
ASKED = TopUpRequest(
    amount_paise=50_000_00,
    principal_paise=192_325_54,
    instalments=23,
    emi_before_paise=9_091_13,
    emi_after_paise=11_449_27,
    annual_rate_percent=Decimal("8.5"),
)
#: 30,000.00 a month, of which instalments may take 15,000.00. This loan is one of the active ones.
GOOD = ApplicantFacts(
    score=Decimal(60),
    annual_income_paise=3_60_000_00,
    approved_limit_paise=3_00_000_00,
    active_principal_paise=1_92_325_54,
    active_emi_paise=9_091_13,
    active_loans_of_product=1,
)
OFFER = replace(STANDARD_LOAN.offer, active_loans_at_most=1, amount_paise=(1_00, 2_42_325_54), emi_cap_counts_new=True)


@pytest.mark.parametrize(
    "facts, offer, codes",
    [
        ({}, {}, []),
        # 9,091.13 and 2,358.14 more are 11,449.27: exactly half of a month's income passes, a paisa more does not.
        ({"annual_income_paise": 12 * 22_898_54}, {}, []),
        ({"annual_income_paise": 12 * 22_898_54 - 1_00}, {}, ["emi_cap_exceeded"]),
        ({"annual_income_paise": 12 * 22_898_54 - 1_00}, {"emi_cap_counts_new": False}, []),
        ({"approved_limit_paise": 2_42_325_54}, {}, []),
        ({"approved_limit_paise": 2_42_325_53}, {}, ["limit_exceeded"]),
        ({}, {"amount_paise": (1_00, 2_42_325_53)}, ["amount_too_large"]),
        # The loan itself is not another one.
        ({"active_loans_of_product": 2}, {}, ["too_many_active_loans"]),
        ({"loans_written_off": 1}, {}, ["written_off_before"]),
        # Scores from 30 to 50 need 12 %, and the loan bears 8.5 %.
        ({"score": Decimal(40)}, {}, ["rate_too_low"]),
        ({"score": Decimal(5)}, {}, ["score_too_low"]),
        ({"score": Decimal(5), "loans_written_off": 2}, {}, ["score_too_low", "written_off_before"]),
    ],
)
def test_a_top_up_is_decided_as_an_application_is(
    facts: dict[str, Any], offer: dict[str, Any], codes: list[str]
) -> None:
    decision = decide_top_up(
        replace(OFFER, **offer), STANDARD_LOAN.repayment, request=ASKED, facts=replace(GOOD, **facts)
    )
    assert [reason.code for reason in decision.reasons] == codes
    assert decision.outcome is (Outcome.REFUSE if codes else Outcome.APPROVE)
    assert (decision.annual_rate_percent, decision.emi_paise) == (Decimal("8.5"), 11_449_27)


def test_a_fact_that_nobody_knows_is_never_zero() -> None:
    unknown = replace(GOOD, annual_income_paise=None, approved_limit_paise=None)
    decision = decide_top_up(OFFER, STANDARD_LOAN.repayment, request=ASKED, facts=unknown)
    assert (decision.outcome, [reason.code for reason in decision.reasons]) == (
        Outcome.REFER, ["income_unknown", "limit_unknown"],
    )  # fmt: skip


def test_the_figures_of_the_reasons() -> None:
    floor: OfferTerms = replace(
        OFFER, rate_slabs=(RateSlab(above=Decimal(0), inclusive=True, floor_percent=Decimal(12)),),
        amount_paise=(1_00, 2_00_000_00),
    )  # fmt: skip
    reasons = decide_top_up(floor, STANDARD_LOAN.repayment, request=ASKED, facts=GOOD).reasons
    assert {reason.code: dict(reason.figures) for reason in reasons} == {
        "amount_too_large": {
            "amount_paise": 50_000_00, "principal_paise": 1_92_325_54, "maximum_amount_paise": 2_00_000_00,
        },
        "rate_too_low": {"annual_rate_percent": Decimal("8.5"), "minimum_rate_percent": Decimal(12)},
    }  # fmt: skip
    assert reasons[0].message == "₹2,42,325.54 would be owed, above the largest amount offered, ₹2,00,000.00."


def test_an_instalment_that_is_not_monthly_counts_as_what_it_comes_to_in_a_month() -> None:
    """4,406.04 every 30 days is 4,467.24 a month, and 5,000.00 is 5,069.44: 602.20 more."""
    asked = replace(ASKED, emi_before_paise=4_406_04, emi_after_paise=5_000_00)
    facts = replace(GOOD, active_emi_paise=4_467_24, annual_income_paise=12 * 10_138_88 - 1_00)
    terms = CREDIT_CARD_LOAN.repayment
    (reason,) = decide_top_up(OFFER, terms, request=asked, facts=facts).reasons
    assert (reason.code, reason.figures["new_emi_paise"]) == ("emi_cap_exceeded", 602_20)


# --- the key facts


def loan(*, through: date = FIRST) -> Position:
    charged = replace(STANDARD_LOAN, repayment=replace(STANDARD_LOAN.repayment, charges=EVERY_CHARGE))
    begun = make_loan(charged, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    billed = catch_up(begun, through=FIRST).decision.position
    paid = pay(billed, amount=9_091_13, on=FIRST).decision.position
    return catch_up(paid, through=through).decision.position


def top_up(position: Position, *, on: date, amount: int = 50_000_00, until: date | None = None) -> Position:
    change = LoanChange(
        number=9, kind=ChangeKind.TOP_UP, made_on=on, booked_on=on, amount_paise=amount, returnable_until=until
    )
    return decide_change(position, change).position


@pytest.mark.parametrize(
    "on, accrued, emi, interest, apr",
    [
        # Without an accrued part the rate is that of the loan, but for the rounding of the instalment.
        (FIRST, 0, 11_454_61, 21_130_51, Decimal("8.50")),
        # Nine of 28 days: 1,362.31 x 9 / 28 has accrued, and is owed on the day.
        (TENTH, 437_88, 11_449_27, 21_007_60, Decimal("8.48")),
    ],
)
def test_the_key_facts_are_those_of_the_loan_from_the_top_up_on(
    on: date, accrued: int, emi: int, interest: int, apr: Decimal
) -> None:
    after = top_up(loan(through=on), on=on)
    found = topped_up(after, lent_paise=50_000_00, on=on)
    assert topped_up_of(topped_up_document(found)) == found
    facts = key_facts_of_top_up(found, repayment=after.terms)
    shown = facts.quote.facts
    assert (found.accrued_paise, shown.instalment_paise, shown.interest_paise, shown.apr_percent) == (
        accrued, emi, interest, apr,
    )  # fmt: skip
    assert (shown.sanctioned_paise, shown.net_disbursed_paise, facts.lent_before_paise) == (
        2_42_325_54, 50_000_00, 1_92_325_54,
    )  # fmt: skip
    assert (shown.instalments, shown.first_due_on, shown.last_due_on) == (23, date(2025, 3, 1), date(2027, 1, 1))
    assert shown.total_payable_paise == 2_42_325_54 + interest
    # What is shown is what the plan bills, and no fee of a disbursal is charged.
    rows = facts.quote.schedule.instalments
    assert [(row.due_on, row.principal_paise, row.interest_paise) for row in rows] == list(
        zip(*after.plan, strict=True)
    )
    assert rows[-1].balance_paise == 0
    assert {charge.per.value for charge in facts.contingent} == {
        "returned_payment", "part_prepayment", "foreclosure", "overdue_year", "service",
    }  # fmt: skip


def test_a_top_up_is_given_back_without_a_charge_and_once() -> None:
    """Two percent of a part prepayment with its tax, after what was lent more is given back."""
    until = date(2025, 2, 13)
    after = top_up(loan(through=TENTH), on=TENTH, until=until)
    assert after.alterations is not None
    assert after.alterations.returnable == Returnable(until, 50_000_00)
    ten = charge_for_prepaying(loan(through=TENTH), prepaid_paise=10_000_00, on=TENTH)
    assert ten != NOTHING
    for amount, expected in ((50_000_00, NOTHING), (60_000_00, ten)):
        assert charge_for_prepaying(after, prepaid_paise=amount, on=until) == expected
    assert charge_for_prepaying(after, prepaid_paise=10_000_00, on=date(2025, 2, 14)) == ten
    foreclosed = charge_for_prepaying(after, prepaid_paise=2_42_325_54, on=until)
    assert foreclosed == charge_for_prepaying(loan(through=TENTH), prepaid_paise=1_92_325_54, on=until)
    assert foreclosed > Charged(0, 0)


def test_without_the_time_to_give_it_back_a_prepayment_is_charged() -> None:
    after = top_up(loan(through=TENTH), on=TENTH)
    assert charge_for_prepaying(after, prepaid_paise=50_000_00, on=TENTH) != NOTHING
