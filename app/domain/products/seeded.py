"""The products of a new installation, as data.

They come from the source systems of docs/sources.md: the virtual card of 5,000 rupees (source 0), the credit card loan
with daily interest (source 1), the personal loan at a flat rate (source 2), and the standard loan whose rate is
corrected by score (sources 3 and 4), and a revolving card. No other code uses the name of a product: all differences
are here. `samples` has products for development.
"""

from dataclasses import replace
from decimal import Decimal

from app.domain.calendar import DayCount, Frequency
from app.domain.money import Rounding, RoundingMode
from app.domain.products.card_terms import CardTerms, LateFeeBand
from app.domain.products.products import (
    Component,
    OfferTerms,
    PaymentPolicy,
    Product,
    RateSlab,
    RepaymentTerms,
    Replan,
)
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation, OddFirstPeriod

_RUPEE = 100
_LAKH = 100_000 * _RUPEE
_TO_THE_PAISA = Rounding(mode=RoundingMode.HALF_UP)
_PAISA_UP = Rounding(mode=RoundingMode.UP)
_TO_THE_RUPEE = Rounding(mode=RoundingMode.HALF_UP, unit_paise=_RUPEE)

#: The terms that the three products of the bank-balance scorecard share: score 450, income 1.5 lakh, and an EMI cap
#: that counts the new instalment too.
_SCORED_BY_BANK_BALANCE = OfferTerms(
    amount_paise=(500 * _RUPEE, 50_000 * _RUPEE),
    tenure=(1, 60),
    annual_rate_percent=None,
    rate_bounds_percent=(Decimal(1), Decimal(48)),
    active_loans_at_most=3,
    bound_to_limit=False,
    scorecard="bank_balance",
    minimum_score=450,
    minimum_income_paise=150_000 * _RUPEE,
    rate_slabs=(),
    emi_cap_percent=Decimal(50),
    emi_cap_counts_new=True,
    waits_for_score=False,
    issues_card=False,
)

#: Equal instalments on the same day of each month, interest of a month each, payments of any amount, due when billed.
_MONTHLY = RepaymentTerms(
    amortisation=Amortisation.EQUAL_INSTALMENT,
    interest_basis=InterestBasis.PERIOD,
    day_count=DayCount.ACTUAL_365F,
    every=1,
    frequency=Frequency.MONTH,
    due_day=None,
    emi_rounding=_TO_THE_PAISA,
    interest_rounding=_TO_THE_PAISA,
    due_after_days=0,
    minimum_percent=None,
    payment_policy=PaymentPolicy.ALLOCATE,
    payment_order=(Component.CHARGES, Component.INTEREST, Component.PRINCIPAL),
    prepayment=Replan.SMALLER_EMI,
    prepayment_choice=True,
    reference_required=False,
    late_charge=None,
)

CREDIT_CARD = Product(
    code="CREDIT_CARD",
    version=1,
    name="Virtual credit card",
    offer=replace(
        _SCORED_BY_BANK_BALANCE,
        amount_paise=(5_000 * _RUPEE, 5_000 * _RUPEE),
        tenure=(12, 12),
        annual_rate_percent=Decimal(14),
        active_loans_at_most=1,
        waits_for_score=True,
        issues_card=True,
    ),
    repayment=replace(
        _MONTHLY,
        emi_rounding=_PAISA_UP,
        due_after_days=15,
        minimum_percent=Decimal(3),
        payment_policy=PaymentPolicy.EXACT,
        prepayment_choice=False,
    ),
)

CREDIT_CARD_LOAN = Product(
    code="CREDIT_CARD_LOAN",
    version=1,
    name="Credit card loan",
    offer=_SCORED_BY_BANK_BALANCE,
    repayment=replace(
        _MONTHLY,
        interest_basis=InterestBasis.DAILY_ROUNDED,
        every=30,
        frequency=Frequency.DAY,
        emi_rounding=_PAISA_UP,
        due_after_days=15,
        minimum_percent=Decimal(3),
        payment_policy=PaymentPolicy.RECALCULATE,
    ),
)

PERSONAL_LOAN_1 = Product(
    code="PERSONAL_LOAN",
    version=1,
    name="Personal loan",
    offer=replace(
        _SCORED_BY_BANK_BALANCE,
        amount_paise=(10_000 * _RUPEE, 10 * _LAKH),
        annual_rate_percent=Decimal("8.8"),
    ),
    repayment=replace(
        _MONTHLY,
        amortisation=Amortisation.FLAT,
        due_day=5,
        emi_rounding=_TO_THE_RUPEE,
        # Source 2 shows whole rupees only: 20,833 + 3,667, not 20,833.33 + 3,666.67.
        interest_rounding=_TO_THE_RUPEE,
    ),
)

#: Version 2 charges the first period, which ends on the next 5th, by its days, so that no interest is charged for days
#: before the disbursal. Interest is rounded to the paisa; instalments stay in whole rupees.
PERSONAL_LOAN = replace(
    PERSONAL_LOAN_1,
    version=2,
    repayment=replace(
        PERSONAL_LOAN_1.repayment, odd_first_period=OddFirstPeriod.BY_DAYS, interest_rounding=_TO_THE_PAISA
    ),
)

STANDARD_LOAN = Product(
    code="STANDARD_LOAN",
    version=1,
    name="Standard loan",
    offer=replace(
        _SCORED_BY_BANK_BALANCE,
        amount_paise=(1 * _RUPEE, None),
        tenure=(1, 180),
        active_loans_at_most=None,
        bound_to_limit=True,
        scorecard="loan_history",
        minimum_score=None,
        minimum_income_paise=None,
        rate_slabs=(
            RateSlab(above=Decimal(50), inclusive=False, floor_percent=None),
            RateSlab(above=Decimal(30), inclusive=False, floor_percent=Decimal(12)),
            RateSlab(above=Decimal(10), inclusive=True, floor_percent=Decimal(16)),
        ),
        emi_cap_counts_new=False,
    ),
    repayment=_MONTHLY,
)

#: A revolving line. `repayment` says how a purchase is paid in instalments.
REVOLVING_CARD = Product(
    code="REVOLVING_CARD",
    version=1,
    name="Revolving credit card",
    offer=replace(
        _SCORED_BY_BANK_BALANCE,
        amount_paise=(5_000 * _RUPEE, 5 * _LAKH),
        tenure=(1, 1),
        annual_rate_percent=Decimal(42),
        active_loans_at_most=1,
        # A line has no instalment of its own until something is bought.
        emi_cap_counts_new=False,
        issues_card=True,
    ),
    repayment=replace(_MONTHLY, due_after_days=20),
    card=CardTerms(
        monthly_rate_percent=Decimal("3.5"),
        late_fees=(
            LateFeeBand(up_to_paise=500 * _RUPEE, fee_paise=0),
            LateFeeBand(up_to_paise=5_000 * _RUPEE, fee_paise=500 * _RUPEE),
            LateFeeBand(up_to_paise=10_000 * _RUPEE, fee_paise=750 * _RUPEE),
            LateFeeBand(up_to_paise=25_000 * _RUPEE, fee_paise=950 * _RUPEE),
            LateFeeBand(up_to_paise=50_000 * _RUPEE, fee_paise=1_100 * _RUPEE),
            LateFeeBand(up_to_paise=None, fee_paise=1_300 * _RUPEE),
        ),
        cash_fee_percent=Decimal("2.5"),
        cash_fee_minimum_paise=500 * _RUPEE,
        cash_limit_percent=Decimal(40),
        capture_above_percent=Decimal(20),
        plan_annual_rate_percent=Decimal(15),
        plan_minimum_paise=1_500 * _RUPEE,
        over_limit_percent=Decimal(10),
        conversion_fee_percent=Decimal(1),
        foreclosure_fee_percent=Decimal(3),
    ),
)

#: The products that customers may apply for.
SEEDED_LOANS = (CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN)
SEEDED_PRODUCTS = (*SEEDED_LOANS, REVOLVING_CARD)
#: Earlier versions. Existing loans may have been made under them.
SUPERSEDED_PRODUCTS = (PERSONAL_LOAN_1,)
