"""The figures of the sample products, computed apart."""

from datetime import date
from decimal import Decimal

from app.domain.credit.key_facts import OfferedTerms, key_facts_of
from app.domain.lending.agreements import agree, agreed_terms
from app.domain.products.charges import disbursal_fees
from app.domain.products.products import Rhythm
from app.domain.products.samples import HOME_IMPROVEMENT_LOAN, SAMPLE_BENCHMARK, WEEKLY_LOAN

MONDAY = date(2026, 11, 23)


def test_a_home_improvement_loan() -> None:
    """2,00,000 at 9.5 % over 24 months, first due on Sunday 3 January, so on Monday: one month, and ten of the 30 days
    before it. The fee of 1 % is 2,000.00 with 360.00 of tax; the stamp duty is paid apart."""
    product = HOME_IMPROVEMENT_LOAN
    agreement = agree(
        product.offer, product.repayment, disbursed_on=MONDAY, first_due_on=date(2027, 1, 3),
        spread_percent=Decimal("9.5") - SAMPLE_BENCHMARK[1][-1][1],
    )  # fmt: skip
    assert agreement is not None
    assert agreement.spread_percent == Decimal("4.25")
    facts = key_facts_of(
        OfferedTerms(
            repayment=product.repayment,
            amount_paise=2_00_000_00,
            annual_rate_percent=Decimal("9.5"),
            instalments=24,
            fees=disbursal_fees(product.repayment.charges, amount_paise=2_00_000_00, on=MONDAY),
            disbursed_on=MONDAY,
            agreement=agreement,
        )
    )
    shown, rows = facts.quote.facts, facts.quote.schedule.instalments
    assert (facts.benchmark, shown.net_disbursed_paise, shown.fees_paise) == ("REPO", 1_97_640_00, 2_560_00)
    assert (rows[0].due_on, rows[1].due_on, facts.leave_until) == (
        date(2027, 1, 4), date(2027, 2, 3), date(2026, 11, 26),
    )  # fmt: skip
    assert shown.instalment_paise % 100 == 0
    assert [(charge.name, charge.percent) for charge in facts.contingent] == [
        ("Returned payment", Decimal(0)), ("Penal charge", Decimal(18)),
    ]  # fmt: skip
    assert (rows[0].interest_paise, shown.instalment_paise, shown.apr_percent) == (
        2_111_11, 9_207_00, Decimal("10.74"),
    )  # fmt: skip


def test_a_weekly_loan_and_its_other_rhythm() -> None:
    """20,000 at 22 %: 84.62 of interest in the first week of 52, and 169.23 in two."""
    product = WEEKLY_LOAN
    for rhythm, interest, instalment, last in (
        (None, 84_62, 429_00, date(2027, 11, 22)),
        (Rhythm(every=2, frequency=product.repayment.frequency), 169_23, 477_00, date(2028, 11, 20)),
    ):
        agreement = agree(product.offer, product.repayment, disbursed_on=MONDAY, rhythm=rhythm)
        facts = key_facts_of(
            OfferedTerms(
                repayment=agreed_terms(product.repayment, agreement),
                amount_paise=20_000_00,
                annual_rate_percent=Decimal(22),
                instalments=52,
                fees=disbursal_fees(product.repayment.charges, amount_paise=20_000_00, on=MONDAY),
                disbursed_on=MONDAY,
                agreement=agreement,
            )
        )
        rows = facts.quote.schedule.instalments
        assert (rows[0].interest_paise, facts.quote.facts.instalment_paise, rows[-1].due_on) == (
            interest, instalment, last,
        )  # fmt: skip
        assert facts.quote.facts.net_disbursed_paise == 20_000_00 - 236_00
