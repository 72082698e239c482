"""Products for development, which show terms that the source systems did not have.

A home improvement loan at a floating rate with charges, and a weekly loan. Production does not get them: a lender says
itself what it charges, and where it is registered for the tax on it.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.calendar import Frequency, HolidayRule
from app.domain.money import Rounding, RoundingMode
from app.domain.products.charge_terms import BounceCharge, ChargeTerms, DisbursalFee, FeePaid, PenalRate
from app.domain.products.products import Product, Rhythm
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.schedules.terms import OddFirstPeriod

_RUPEE = 100
_LAKH = 100_000 * _RUPEE
#: The service accounting code of credit-granting services.
_SAC = "997113"

#: A floating rate, charges, a first due date of the borrower's choice, working days, acceptance and cooling-off.
HOME_IMPROVEMENT_LOAN = Product(
    code="HOME_IMPROVEMENT_LOAN",
    version=1,
    name="Home improvement loan",
    offer=replace(
        STANDARD_LOAN.offer,
        amount_paise=(50_000 * _RUPEE, 15 * _LAKH),
        tenure=(6, 120),
        rate_bounds_percent=(Decimal(8), Decimal(18)),
        active_loans_at_most=2,
        minimum_income_paise=240_000 * _RUPEE,
        rate_slabs=(),
        emi_cap_counts_new=True,
        first_due_days=(15, 45),
        needs_acceptance=True,
    ),
    repayment=replace(
        STANDARD_LOAN.repayment,
        emi_rounding=Rounding(mode=RoundingMode.HALF_UP, unit_paise=_RUPEE),
        odd_first_period=OddFirstPeriod.BY_DAYS,
        tolerance_paise=10 * _RUPEE,
        takes_overpayment=True,
        closes_small_rest=True,
        cash_unit_paise=_RUPEE,
        holiday_rule=HolidayRule.NEXT,
        holiday_calendar="IN",
        days_off=(6,),
        benchmark="REPO",
        charges=ChargeTerms(
            disbursal=(
                DisbursalFee(
                    name="Processing fee",
                    paid=FeePaid.DEDUCTED,
                    percent=Decimal(1),
                    minimum_paise=1_000 * _RUPEE,
                    maximum_paise=10_000 * _RUPEE,
                    sac=_SAC,
                ),
                DisbursalFee(
                    name="Stamp duty",
                    paid=FeePaid.UPFRONT,
                    amount_paise=200 * _RUPEE,
                    is_taxed=False,
                    for_third_party=True,
                ),
            ),
            bounce=BounceCharge(amount_paise=400 * _RUPEE, sac=_SAC),
            penal_rate=PenalRate(annual_percent=Decimal(18), grace_days=3),
            overdue_interest=True,
        ),
        cooling_off_days=3,
    ),
)

#: Instalments every week, every second week or every month, in whole rupees, for small incomes.
WEEKLY_LOAN = Product(
    code="WEEKLY_LOAN",
    version=1,
    name="Weekly loan",
    offer=replace(
        HOME_IMPROVEMENT_LOAN.offer,
        amount_paise=(5_000 * _RUPEE, 60_000 * _RUPEE),
        tenure=(12, 104),
        annual_rate_percent=Decimal(22),
        rate_bounds_percent=(Decimal(22), Decimal(22)),
        active_loans_at_most=1,
        minimum_income_paise=None,
        first_due_days=(5, 16),
        rhythms=(Rhythm(every=2, frequency=Frequency.WEEK), Rhythm(every=1, frequency=Frequency.MONTH)),
    ),
    repayment=replace(
        HOME_IMPROVEMENT_LOAN.repayment,
        frequency=Frequency.WEEK,
        benchmark=None,
        tolerance_paise=5 * _RUPEE,
        charges=ChargeTerms(
            disbursal=(DisbursalFee(name="Processing fee", paid=FeePaid.DEDUCTED, percent=Decimal(1), sac=_SAC),),
            penal_rate=PenalRate(annual_percent=Decimal(12), grace_days=7),
        ),
    ),
)

SAMPLE_PRODUCTS = (HOME_IMPROVEMENT_LOAN, WEEKLY_LOAN)
#: The benchmark that the floating rate follows, in percent a year from a day on. Source: the monetary policy statements
#: of the Reserve Bank.
SAMPLE_BENCHMARK: Final = (
    "REPO",
    (
        (date(2023, 2, 8), Decimal("6.50")),
        (date(2025, 2, 7), Decimal("6.25")),
        (date(2025, 4, 9), Decimal("6.00")),
        (date(2025, 6, 6), Decimal("5.50")),
        (date(2025, 12, 5), Decimal("5.25")),
    ),
)
