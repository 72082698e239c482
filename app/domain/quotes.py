"""A quote: the plan of any loan, what it costs, and the rate that says so. Nothing of it is stored.

A fee is paid in one of three ways, and each moves another figure. Deducted, it lowers what the borrower receives.
Upfront, it is paid out of the borrower's own pocket on the first day, which costs the same and changes no figure of the
plan. Financed, it is owed like the amount and bears interest. The annual percentage rate counts all three.

The nominal rate is that of the RBI's key facts statement, which wants the instalment before it is rounded: 20,000 at
15 % over 24 months with 400 of fees is 17.07 % by 969.73 a month, though 970 is what is paid. Plans are whole numbers
of paise, so the unrounded plan is that of a loan many times as large.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from app.domain.apr import AprConvention, CashFlow, apr
from app.domain.errors import Invalid
from app.domain.money import MAX_PAISE, TO_THE_PAISA, Rounding, RoundingMode, round_decimal
from app.domain.schedules import Disbursal, Schedule, ScheduleTerms, build_schedule

#: Rates are shown with six decimals of a percent.
_SHOWN_DECIMALS = 6


class FeePaid(StrEnum):
    """Out of what a fee is paid."""

    DEDUCTED = "deducted"
    UPFRONT = "upfront"
    FINANCED = "financed"


class FeesInvalid(Invalid):
    """A fee that is not positive, or fees that leave the borrower nothing."""

    code = "fees_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What is charged once, at the beginning."""

    name: str
    amount_paise: int
    paid: FeePaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A plan with its cost. Rates in percent a year; `net_disbursed_paise` is what reaches the borrower in all."""

    terms: ScheduleTerms
    schedule: Schedule
    fees: tuple[Fee, ...]
    net_disbursed_paise: int
    nominal_percent: Decimal
    effective_percent: Decimal

    def fees_paise(self, paid: FeePaid | None = None) -> int:
        """The sum of all fees, or of those paid in one way."""
        return _sum_of(self.fees, paid)

    @property
    def total_to_pay_paise(self) -> int:
        """All that leaves the borrower's pocket: the instalments, and the fees paid upfront."""
        return self.schedule.amount_paise + self.fees_paise(FeePaid.UPFRONT)


def quote(terms: ScheduleTerms, *, fees: tuple[Fee, ...] = ()) -> Quote:
    """The plan of a loan under any terms, with the rate that it costs. Source: domain.md, section 6.

    `terms.financed_fees_paise` is filled in here. Raises FeesInvalid, what `build_schedule` raises, and what `apr`
    raises where no single rate describes the flows.
    """
    if any(not 1 <= fee.amount_paise <= MAX_PAISE for fee in fees):
        raise FeesInvalid("a fee is more than nothing and at most 1e11 rupees", field="fees")
    terms = replace(terms, financed_fees_paise=_sum_of(fees, FeePaid.FINANCED))
    schedule = build_schedule(terms)
    at_once = _at_once(terms)[0].amount_paise
    deducted, upfront = _sum_of(fees, FeePaid.DEDUCTED), _sum_of(fees, FeePaid.UPFRONT)
    if deducted + upfront >= at_once:
        raise FeesInvalid(
            "fees leave the borrower nothing", field="fees", fees_paise=deducted + upfront, disbursed_paise=at_once
        )
    return Quote(
        terms=terms,
        schedule=schedule,
        fees=fees,
        net_disbursed_paise=terms.amount_paise - terms.down_payment_paise - deducted,
        nominal_percent=_rate(
            terms, _unrounded(terms), convention=AprConvention.NOMINAL, kept_paise=deducted + upfront
        ),
        effective_percent=_rate(
            terms, (schedule, 1), convention=AprConvention.EFFECTIVE, kept_paise=deducted + upfront
        ),
    )


def shown_rate(rate_percent: Decimal) -> Decimal:
    """A rate in percent with six decimals, half up, as it is shown."""
    scaled = round_decimal(rate_percent.scaleb(_SHOWN_DECIMALS), mode=RoundingMode.HALF_UP)
    return Decimal(scaled).scaleb(-_SHOWN_DECIMALS)


def _sum_of(fees: tuple[Fee, ...], paid: FeePaid | None) -> int:
    return sum(fee.amount_paise for fee in fees if paid is None or fee.paid is paid)


def _at_once(terms: ScheduleTerms) -> tuple[Disbursal, ...]:
    """The disbursals in order of date; without any, one on the day of disbursal."""
    whole = Disbursal(on=terms.disbursed_on, amount_paise=terms.amount_paise - terms.down_payment_paise)
    return tuple(sorted(terms.disbursals, key=lambda part: part.on)) or (whole,)


def _unrounded(terms: ScheduleTerms) -> tuple[Schedule, int]:
    """The plan of a loan as many times as large as the largest amount allows, and how many times that is."""
    largest = max(terms.amount_paise, terms.financed_paise, *(part.amount_paise for part in terms.disbursals))
    times = 10 ** (len(str(MAX_PAISE // largest)) - 1)
    larger = replace(
        terms,
        amount_paise=terms.amount_paise * times,
        down_payment_paise=terms.down_payment_paise * times,
        financed_fees_paise=terms.financed_fees_paise * times,
        balloon_paise=terms.balloon_paise * times,
        disbursals=tuple(replace(part, amount_paise=part.amount_paise * times) for part in terms.disbursals),
        emi_rounding=Rounding(mode=RoundingMode.NONE),
        interest_rounding=TO_THE_PAISA,
    )
    return build_schedule(larger), times


def _rate(terms: ScheduleTerms, plan: tuple[Schedule, int], *, convention: AprConvention, kept_paise: int) -> Decimal:
    """The rate at which what is received and what is paid are worth the same. `kept_paise` never reaches the borrower,
    or leaves them again, on the first day."""
    schedule, times = plan
    received = [CashFlow(on=part.on, amount_paise=part.amount_paise * times) for part in _at_once(terms)]
    kept = CashFlow(on=received[0].on, amount_paise=-kept_paise * times)
    paid = [CashFlow(on=row.due_on, amount_paise=-row.amount_paise) for row in schedule.instalments]
    return apr((*received, kept, *paid), convention=convention, frequency=terms.frequency, every=terms.every)
