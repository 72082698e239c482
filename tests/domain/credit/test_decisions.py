"""The decision on an application: every boundary, to the paisa and to the hundredth of a score.

The rules are in docs/business-rules.md, applications and decisions.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.calendar import Frequency
from app.domain.credit.decisions import (
    AnnualRateFixed,
    AnnualRateRequired,
    ApplicantFacts,
    CreditRequest,
    Decision,
    Outcome,
    Reason,
    decide,
)
from app.domain.money import format_inr
from app.domain.products.charge_terms import ChargeTerms, DisbursalFee, FeePaid
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.schedules.terms import InstalmentTooSmall

ON = date(2026, 11, 21)
LAKH = 100_000_00

#: A customer whom every product approves.
GOOD = ApplicantFacts(
    score=Decimal(900),
    annual_income_paise=18 * LAKH,
    approved_limit_paise=36 * LAKH,
)
#: A customer whom STANDARD_LOAN approves at any rate.
GOOD_STANDARD = replace(GOOD, score=Decimal("67.96"))


def request(amount_rupees: int, instalments: int, rate: str | None = None) -> CreditRequest:
    return CreditRequest(
        amount_paise=amount_rupees * 100,
        instalments=instalments,
        annual_rate_percent=None if rate is None else Decimal(rate),
    )


CARD_LOAN = request(50_000, 12, "10.5")
STANDARD = request(200_000, 24, "8.5")


def decided(product: Product, asked: CreditRequest, facts: ApplicantFacts) -> Decision:
    return decide(product, request=asked, facts=facts, on=ON)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


class TestApproval:
    @pytest.mark.parametrize(
        "product,asked,facts,rate,emi_paise",
        [
            (CREDIT_CARD, request(5_000, 12), GOOD, "14", 448_94),
            (CREDIT_CARD_LOAN, CARD_LOAN, GOOD, "10.5", 4406_04),
            (PERSONAL_LOAN, request(500_000, 24), GOOD, "8.8", 24_500_00),
            (STANDARD_LOAN, STANDARD, GOOD_STANDARD, "8.5", 9091_13),
        ],
    )
    def test_every_seeded_product_approves_a_good_customer(
        self, product: Product, asked: CreditRequest, facts: ApplicantFacts, rate: str, emi_paise: int
    ) -> None:
        assert decided(product, asked, facts) == Decision(
            outcome=Outcome.APPROVE, reasons=(), annual_rate_percent=Decimal(rate), emi_paise=emi_paise
        )


class TestRateSlabs:
    @pytest.mark.parametrize(
        "score,asked,corrected,emi_paise",
        [
            ("50.01", "8.5", "8.5", 9091_13),
            ("50", "8.5", "12", 9414_69),  # exactly 50 is in (30, 50]
            ("50", "12", "12", 9414_69),  # exactly at the floor is accepted
            ("50", "11.99", "12", 9414_69),
            ("30.01", "10.5", "12", 9414_69),
            ("30", "12", "16", 9792_62),  # exactly 30 is in [10, 30]
            ("30", "16", "16", 9792_62),
            ("10", "1", "16", 9792_62),  # exactly 10 is too
            ("50", "16", "16", 9792_62),  # above the floor: not corrected
        ],
    )
    def test_a_rate_below_the_floor_of_the_slab_is_corrected(
        self, score: str, asked: str, corrected: str, emi_paise: int
    ) -> None:
        decision = decided(STANDARD_LOAN, request(200_000, 24, asked), replace(GOOD_STANDARD, score=Decimal(score)))

        assert decision == Decision(
            outcome=Outcome.APPROVE, reasons=(), annual_rate_percent=Decimal(corrected), emi_paise=emi_paise
        )

    @pytest.mark.parametrize("score", ["9.99", "0"])
    def test_a_score_below_ten_is_refused_at_any_rate(self, score: str) -> None:
        decision = decided(STANDARD_LOAN, request(200_000, 24, "16"), replace(GOOD_STANDARD, score=Decimal(score)))

        assert decision.outcome is Outcome.REFUSE
        assert decision.reasons == (
            Reason(
                code="score_too_low",
                message=f"The credit score of {score} is below the required 10.",
                figures={"score": Decimal(score), "minimum_score": Decimal(10), "scorecard": "loan_history"},
            ),
        )
        assert decision.annual_rate_percent == Decimal(16)
        assert decision.emi_paise == 9792_62

    def test_a_product_without_a_fixed_rate_requires_one(self) -> None:
        with pytest.raises(AnnualRateRequired) as refused:
            decided(STANDARD_LOAN, request(200_000, 24), GOOD_STANDARD)
        assert refused.value.field == "annual_rate"

    def test_a_fixed_rate_cannot_be_changed_by_the_request(self) -> None:
        with pytest.raises(AnnualRateFixed):
            decided(PERSONAL_LOAN, request(500_000, 24, "8.7"), GOOD)
        assert decided(PERSONAL_LOAN, request(500_000, 24, "8.80"), GOOD).outcome is Outcome.APPROVE


class TestScoreAndIncome:
    @pytest.mark.parametrize(
        "score,income_paise,expected",
        [
            (450, 150_000_00, []),
            (449, 150_000_00, ["score_too_low"]),
            (450, 149_999_99, ["income_too_low"]),
            (300, 0, ["score_too_low", "income_too_low"]),
        ],
    )
    def test_the_minimum_itself_passes(self, score: int, income_paise: int, expected: list[str]) -> None:
        facts = replace(GOOD, score=Decimal(score), annual_income_paise=income_paise)

        decision = decided(CREDIT_CARD_LOAN, request(500, 12, "10.5"), facts)

        # An instalment of 44.06 exceeds half of an income of 0.
        assert codes(decision) == ([*expected, "emi_cap_exceeded"] if income_paise == 0 else expected)

    def test_an_income_that_is_too_low_is_shown_with_what_is_required(self) -> None:
        facts = replace(GOOD, annual_income_paise=149_999_99, income_estimated=True)

        assert decided(CREDIT_CARD_LOAN, CARD_LOAN, facts).reasons == (
            Reason(
                code="income_too_low",
                message="The annual income of ₹1,49,999.99 is below the required ₹1,50,000.00.",
                figures={
                    "annual_income_paise": 149_999_99,
                    "minimum_income_paise": 150_000_00,
                    "income_estimated": True,
                },
            ),
        )


class TestEmiCap:
    # 6,00,000 a year is 50,000 a month, of which 25,000 may go into instalments.
    @pytest.mark.parametrize(
        "active_emi_paise,outcome", [(25_000_00, Outcome.APPROVE), (25_000_01, Outcome.REFUSE), (0, Outcome.APPROVE)]
    )
    def test_the_standard_loan_counts_existing_instalments_only(self, active_emi_paise: int, outcome: Outcome) -> None:
        facts = replace(GOOD_STANDARD, annual_income_paise=6 * LAKH, active_emi_paise=active_emi_paise)
        # The new instalment (1,05,699.27) is far above the cap, but it does not count.
        decision = decided(STANDARD_LOAN, request(3_000_000, 36, "14"), facts)

        assert decision.outcome is outcome

    @pytest.mark.parametrize(
        "active_emi_paise,outcome",
        [(25_000_00 - 4467_24, Outcome.APPROVE), (25_000_00 - 4467_24 + 1, Outcome.REFUSE)],
    )
    def test_the_other_products_count_the_new_instalment_too(self, active_emi_paise: int, outcome: Outcome) -> None:
        # 4,406.04 every 30 days: 365 / 30 times a year, 4,467.24 a month.
        facts = replace(GOOD, annual_income_paise=6 * LAKH, active_emi_paise=active_emi_paise)

        assert decided(CREDIT_CARD_LOAN, CARD_LOAN, facts).outcome is outcome

    # 1,20,000 a year is 10,000 a month, of which 5,000 may go into instalments.
    @pytest.mark.parametrize(
        "frequency,every,asked,emi_paise,monthly_paise",
        [
            (Frequency.WEEK, 1, request(195_000, 144, "30"), 1_997_36, 8_655_23),
            (Frequency.WEEK, 2, request(50_000, 26, "12"), 2_045_20, 4_431_27),
            (Frequency.MONTH, 1, request(50_000, 10, "12"), 5_279_10, 5_279_10),
            (Frequency.MONTH, 3, request(50_000, 4, "12"), 13_451_35, 4_483_78),
            (Frequency.YEAR, 1, request(50_000, 1, "12"), 56_000_00, 4_666_67),
            (Frequency.YEAR, 2, request(50_000, 1, "12"), 62_000_00, 2_583_33),
            (Frequency.DAY, 1, request(50_000, 365, "12"), 145_39, 4_422_28),
            (Frequency.DAY, 15, request(50_000, 12, "12"), 4_301_43, 8_722_34),
        ],
    )
    def test_every_frequency_counts_with_its_monthly_amount(
        self, frequency: Frequency, every: int, asked: CreditRequest, emi_paise: int, monthly_paise: int
    ) -> None:
        product = replace(
            STANDARD_LOAN,
            offer=replace(STANDARD_LOAN.offer, emi_cap_counts_new=True, tenure=(1, 1200)),
            repayment=replace(STANDARD_LOAN.repayment, frequency=frequency, every=every),
        )

        decision = decided(product, asked, replace(GOOD_STANDARD, annual_income_paise=120_000_00))

        assert decision.emi_paise == emi_paise
        assert decision.outcome is (Outcome.REFUSE if monthly_paise > 5_000_00 else Outcome.APPROVE)
        assert [(reason.message, reason.figures["new_emi_paise"]) for reason in decision.reasons] == (
            [
                (
                    f"Instalments of {format_inr(monthly_paise)} a month exceed 50 % of the monthly income, ₹5,000.00.",
                    monthly_paise,
                )
            ]
            if monthly_paise > 5_000_00
            else []
        )
        at_the_cap = replace(GOOD_STANDARD, annual_income_paise=24 * monthly_paise)
        assert decided(product, asked, at_the_cap).outcome is Outcome.APPROVE
        below = replace(GOOD_STANDARD, annual_income_paise=24 * monthly_paise - 1)
        assert codes(decided(product, asked, below)) == ["emi_cap_exceeded"]

    def test_a_month_of_income_is_not_rounded_in_the_borrowers_favour(self) -> None:
        # 1,50,000.01 a year: half a month is 6,250.000416..., so 6,250.00 passes and 6,250.01 does not.
        facts = replace(GOOD_STANDARD, annual_income_paise=150_000_01)
        passes = decided(STANDARD_LOAN, STANDARD, replace(facts, active_emi_paise=6_250_00))
        fails = decided(STANDARD_LOAN, STANDARD, replace(facts, active_emi_paise=6_250_01))

        assert passes.outcome is Outcome.APPROVE
        assert fails.reasons == (
            Reason(
                code="emi_cap_exceeded",
                message="Instalments of ₹6,250.01 a month exceed 50 % of the monthly income, ₹6,250.00.",
                figures={
                    "active_emi_paise": 6_250_01,
                    "new_emi_paise": 0,
                    "allowed_emi_paise": 6_250_00,
                    "cap_percent": Decimal(50),
                    "annual_income_paise": 150_000_01,
                    "income_estimated": False,
                },
            ),
        )


class TestBounds:
    @pytest.mark.parametrize(
        "product,asked,expected",
        [
            (CREDIT_CARD_LOAN, request(500, 1, "1"), []),
            (CREDIT_CARD_LOAN, request(499, 1, "1"), ["amount_too_small"]),
            (CREDIT_CARD_LOAN, request(50_000, 60, "48"), []),
            (CREDIT_CARD_LOAN, request(50_001, 60, "48"), ["amount_too_large"]),
            (CREDIT_CARD_LOAN, request(50_000, 61, "48"), ["tenure_too_long"]),
            (CREDIT_CARD_LOAN, request(50_000, 0, "48"), ["tenure_too_short"]),
            (CREDIT_CARD_LOAN, request(50_000, 12, "48.01"), ["rate_too_high"]),
            (CREDIT_CARD_LOAN, request(50_000, 12, "0.99"), ["rate_too_low"]),
            (CREDIT_CARD_LOAN, request(1, 99, "99"), ["amount_too_small", "tenure_too_long", "rate_too_high"]),
            (PERSONAL_LOAN, request(10_000, 1), []),
            (PERSONAL_LOAN, request(9_999, 1), ["amount_too_small"]),
            (PERSONAL_LOAN, request(10_00_000, 60), []),
            (PERSONAL_LOAN, request(10_00_001, 60), ["amount_too_large"]),
            (CREDIT_CARD, request(4_999, 12), ["amount_too_small"]),
            (CREDIT_CARD, request(5_001, 12), ["amount_too_large"]),
            (CREDIT_CARD, request(5_000, 11), ["tenure_too_short"]),
            (STANDARD_LOAN, request(1_000, 180, "8.5"), []),
            (STANDARD_LOAN, request(1_000, 181, "8.5"), ["tenure_too_long"]),
        ],
    )
    def test_bounds_are_inclusive(self, product: Product, asked: CreditRequest, expected: list[str]) -> None:
        decision = decided(product, asked, replace(GOOD, annual_income_paise=1000 * LAKH))

        assert codes(decision) == expected
        assert decision.outcome is (Outcome.REFUSE if expected else Outcome.APPROVE)
        assert (decision.emi_paise is None) is bool(expected)

    def test_less_than_a_paisa_an_instalment_is_refused_by_name(self) -> None:
        with pytest.raises(InstalmentTooSmall):
            decided(STANDARD_LOAN, request(1, 180, "8.5"), GOOD_STANDARD)

    @pytest.mark.parametrize("product,at_most", [(CREDIT_CARD, 1), (CREDIT_CARD_LOAN, 3), (PERSONAL_LOAN, 3)])
    def test_active_loans_at_most(self, product: Product, at_most: int) -> None:
        asked = {
            "CREDIT_CARD": request(5_000, 12),
            "CREDIT_CARD_LOAN": CARD_LOAN,
            "PERSONAL_LOAN": request(500_000, 24),
        }[product.code]

        assert decided(product, asked, replace(GOOD, active_loans_of_product=at_most - 1)).outcome is Outcome.APPROVE
        refused = decided(product, asked, replace(GOOD, active_loans_of_product=at_most))
        assert refused.outcome is Outcome.REFUSE
        assert [(reason.code, dict(reason.figures)) for reason in refused.reasons] == [
            ("too_many_active_loans", {"active_loans": at_most, "maximum_active_loans": at_most})
        ]


class TestLimit:
    @pytest.mark.parametrize("active_paise,outcome", [(34 * LAKH, Outcome.APPROVE), (34 * LAKH + 1, Outcome.REFUSE)])
    def test_amount_and_active_loans_may_reach_the_limit(self, active_paise: int, outcome: Outcome) -> None:
        decision = decided(STANDARD_LOAN, STANDARD, replace(GOOD_STANDARD, active_principal_paise=active_paise))

        assert decision.outcome is outcome

    def test_products_that_are_not_bound_to_the_limit_ignore_it(self) -> None:
        facts = replace(GOOD, approved_limit_paise=0, active_principal_paise=99 * LAKH)

        assert decided(CREDIT_CARD_LOAN, CARD_LOAN, facts).outcome is Outcome.APPROVE


class TestWrittenOff:
    @pytest.mark.parametrize(
        "product,asked,facts",
        [
            (CREDIT_CARD, request(5_000, 12), GOOD),
            (CREDIT_CARD_LOAN, CARD_LOAN, GOOD),
            (PERSONAL_LOAN, request(500_000, 24), GOOD),
            (STANDARD_LOAN, STANDARD, GOOD_STANDARD),
        ],
    )
    def test_a_written_off_loan_means_refusal(
        self, product: Product, asked: CreditRequest, facts: ApplicantFacts
    ) -> None:
        refused = decided(product, asked, replace(facts, loans_written_off=1))

        assert refused.outcome is Outcome.REFUSE
        assert [(reason.code, dict(reason.figures)) for reason in refused.reasons] == [
            ("written_off_before", {"loans_written_off": 1})
        ]


class TestAllReasons:
    def test_a_refusal_lists_every_rule_that_fails(self) -> None:
        facts = ApplicantFacts(
            score=Decimal(440),
            annual_income_paise=1 * LAKH,
            active_emi_paise=4_000_00,
            active_loans_of_product=3,
        )

        assert codes(decided(CREDIT_CARD_LOAN, CARD_LOAN, facts)) == [
            "score_too_low",
            "income_too_low",
            "emi_cap_exceeded",
            "too_many_active_loans",
        ]

    def test_a_standard_loan_can_fail_on_score_cap_and_limit_together(self) -> None:
        facts = ApplicantFacts(
            score=Decimal(0),
            annual_income_paise=6 * LAKH,
            approved_limit_paise=18 * LAKH,
            active_principal_paise=19 * LAKH,
            active_emi_paise=30_000_00,
        )

        assert codes(decided(STANDARD_LOAN, STANDARD, facts)) == [
            "score_too_low",
            "emi_cap_exceeded",
            "limit_exceeded",
        ]


class TestMissingFacts:
    def test_a_missing_score_makes_the_card_wait_and_refers_the_others(self) -> None:
        facts = replace(GOOD, score=None)

        for product, asked, outcome in (
            (CREDIT_CARD, request(5_000, 12), Outcome.WAIT),
            (CREDIT_CARD_LOAN, CARD_LOAN, Outcome.REFER),
            (PERSONAL_LOAN, request(500_000, 24), Outcome.REFER),
            (STANDARD_LOAN, STANDARD, Outcome.REFER),
        ):
            decision = decided(product, asked, facts)
            assert (decision.outcome, codes(decision)) == (outcome, ["score_pending"])

    def test_a_missing_income_refers_and_never_refuses(self) -> None:
        decision = decided(CREDIT_CARD_LOAN, CARD_LOAN, replace(GOOD, annual_income_paise=None))

        assert (decision.outcome, codes(decision)) == (Outcome.REFER, ["income_unknown"])

    def test_a_missing_limit_refers_where_the_product_is_bound_to_it(self) -> None:
        decision = decided(STANDARD_LOAN, STANDARD, replace(GOOD_STANDARD, approved_limit_paise=None))

        assert (decision.outcome, codes(decision)) == (Outcome.REFER, ["limit_unknown"])

    def test_failed_rules_are_listed_while_a_fact_is_missing(self) -> None:
        decision = decided(CREDIT_CARD, request(5_000, 12), replace(GOOD, score=None, annual_income_paise=100_00))

        assert decision.outcome is Outcome.WAIT
        assert codes(decision) == ["score_pending", "income_too_low", "emi_cap_exceeded"]

    def test_a_request_outside_the_bounds_is_refused_at_once(self) -> None:
        decision = decided(CREDIT_CARD, request(6_000, 12), replace(GOOD, score=None))

        assert (decision.outcome, codes(decision)) == (Outcome.REFUSE, ["amount_too_large"])

    def test_a_card_with_a_score_but_without_income_is_referred(self) -> None:
        decision = decided(CREDIT_CARD, request(5_000, 12), replace(GOOD, annual_income_paise=None))

        assert (decision.outcome, codes(decision)) == (Outcome.REFER, ["income_unknown"])


class TestFinancedFees:
    """A fee of 2 % and its tax are financed: 1,00,000.00 is lent as 1,02,360.00."""

    FEE = DisbursalFee(name="Processing fee", paid=FeePaid.FINANCED, percent=Decimal(2), sac="997113")

    def product(self, paid: FeePaid, **offer: object) -> Product:
        charges = ChargeTerms(disbursal=(replace(self.FEE, paid=paid),))
        terms = replace(STANDARD_LOAN.repayment, charges=charges)
        counted = {"emi_cap_counts_new": True, **offer}
        return replace(STANDARD_LOAN, repayment=terms, offer=replace(STANDARD_LOAN.offer, **counted))  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "paid, emi_paise",
        [
            # 1 % a month for twelve months: of 1,00,000.00, and of 1,02,360.00.
            (FeePaid.DEDUCTED, 8_884_88),
            (FeePaid.UPFRONT, 8_884_88),
            (FeePaid.FINANCED, 9_094_56),
        ],
    )
    def test_the_instalment_is_that_of_what_is_lent(self, paid: FeePaid, emi_paise: int) -> None:
        decision = decided(self.product(paid), request(100_000, 12, "12"), GOOD_STANDARD)
        assert (decision.outcome, decision.emi_paise) == (Outcome.APPROVE, emi_paise)

    @pytest.mark.parametrize("paid, refused", [(FeePaid.DEDUCTED, []), (FeePaid.FINANCED, ["emi_cap_exceeded"])])
    def test_the_cap_is_judged_on_what_is_lent(self, paid: FeePaid, refused: list[str]) -> None:
        # Half of 18,000.00 a month is 9,000.00: above the smaller instalment, below the larger one.
        facts = replace(GOOD_STANDARD, annual_income_paise=12 * 18_000_00)
        decision = decided(self.product(paid), request(100_000, 12, "12"), facts)
        assert codes(decision) == refused
        if refused:
            assert decision.reasons[0].figures["new_emi_paise"] == 9_094_56

    @pytest.mark.parametrize(
        "paid, limit, refused",
        [
            (FeePaid.DEDUCTED, 1_00_000_00, []),
            (FeePaid.FINANCED, 1_02_360_00, []),
            (FeePaid.FINANCED, 1_02_359_99, ["limit_exceeded"]),
        ],
    )
    def test_the_limit_is_judged_on_what_is_lent(self, paid: FeePaid, limit: int, refused: list[str]) -> None:
        facts = replace(GOOD_STANDARD, approved_limit_paise=limit)
        decision = decided(self.product(paid, bound_to_limit=True), request(100_000, 12, "12"), facts)
        assert codes(decision) == refused

    def test_the_bounds_of_the_product_are_those_of_the_amount(self) -> None:
        product = self.product(FeePaid.FINANCED, amount_paise=(1_00_000_00, 1_00_000_00))
        assert decided(product, request(100_000, 12, "12"), GOOD_STANDARD).outcome is Outcome.APPROVE
