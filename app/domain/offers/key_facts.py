"""The key facts statement of an offer, which the Reserve Bank requires before a borrower signs.

The figures follow Annex A and B of the circular of 15 April 2024 (RBI/2024-25/18): the sanctioned amount, the net
disbursed amount, the instalments, every charge, and the annual percentage rate. That rate is nominal and computed from
the unrounded instalment. The effective rate is added for comparison with other countries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.domain.calendar import Frequency
from app.domain.money import RoundingMode, round_decimal
from app.domain.offers.apr import AprConvention, CashFlow, apr
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.products.charges import FeesInvalid, check_fees
from app.domain.schedules.periods import REGULAR, first_period_weight
from app.domain.schedules.terms import Amortisation, Schedule, ScheduleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """The figures of the key facts statement. Money in paise, rates in percent a year (APR with two decimals)."""

    sanctioned_paise: int
    net_disbursed_paise: int
    instalments: int
    every: int
    frequency: Frequency
    instalment_paise: int
    first_due_on: date
    last_due_on: date
    annual_rate_percent: Decimal
    rate_type: str
    fees: tuple[Fee, ...]
    fees_paise: int
    interest_paise: int
    total_payable_paise: int
    apr_percent: Decimal
    apr_effective_percent: Decimal


class OfferRates(NamedTuple):
    """The annual percentage rates of an offer, in percent a year, with the precision of `apr`."""

    nominal: Decimal
    effective: Decimal


def offer_flows(
    terms: ScheduleTerms, schedule: Schedule, *, fees: Sequence[Fee] = (), unrounded: bool = False
) -> tuple[CashFlow, ...]:
    """The dated flows of an offer: what the borrower receives and pays. Raises FeesInvalid.

    Fees that are deducted or paid upfront lower the amount received on the first day. Financed fees are in the
    instalments. With `unrounded`, a plan of equal instalments uses the unrounded instalment. A row whose interest is
    more than the instalment, and the first row of a flat loan with an odd first period, keep their own amount.
    """
    _check_fees(terms, fees)
    at_once = sum(fee.total_paise for fee in fees if fee.paid is not FeePaid.FINANCED)
    received = [(part.on, part.amount_paise) for part in terms.disbursals] or [
        (terms.disbursed_on, terms.amount_paise - terms.down_payment_paise)
    ]
    flows = [CashFlow(on=on, amount_paise=amount) for on, amount in received]
    flows.append(CashFlow(on=terms.disbursed_on, amount_paise=-at_once))
    paid = _unrounded_amounts(terms, schedule) if unrounded and _is_level(terms) else None
    flows += [
        CashFlow(on=row.due_on, amount_paise=-row.amount_paise if paid is None else -paid[index])
        for index, row in enumerate(schedule.instalments)
    ]
    return tuple(flows)


def _unrounded_amounts(terms: ScheduleTerms, schedule: Schedule) -> list[Decimal]:
    """The amount of each row of a plan of equal instalments, with the instalment not rounded."""
    rows, instalment = schedule.instalments, schedule.emi_unrounded
    if terms.amortisation is Amortisation.FLAT and first_period_weight(terms) != REGULAR:
        part = Decimal(terms.financed_paise) / len(rows)
        return [part + rows[0].interest_paise, *[instalment] * (len(rows) - 1)]
    return [max(instalment, Decimal(row.interest_paise)) for row in rows]


def _is_level(terms: ScheduleTerms) -> bool:
    """Whether all unrounded instalments are equal."""
    uneven = terms.moratorium or terms.balloon_paise or terms.step_ups or terms.rate_changes or terms.disbursals
    return not uneven and terms.amortisation in (Amortisation.EQUAL_INSTALMENT, Amortisation.FLAT)


def _check_fees(terms: ScheduleTerms, fees: Sequence[Fee]) -> None:
    check_fees(fees, received_paise=terms.amount_paise - terms.down_payment_paise)
    if sum(fee.total_paise for fee in fees if fee.paid is FeePaid.FINANCED) != terms.financed_fees_paise:
        raise FeesInvalid("the financed fees must equal those of the terms", field="fees")


def offer_rates(terms: ScheduleTerms, schedule: Schedule, *, fees: Sequence[Fee] = ()) -> OfferRates:
    """The nominal and the effective annual percentage rate of an offer. Raises FeesInvalid, and what `apr` raises."""
    unrounded = offer_flows(terms, schedule, fees=fees, unrounded=True)
    rounded = offer_flows(terms, schedule, fees=fees)
    return OfferRates(
        apr(unrounded, convention=AprConvention.NOMINAL, frequency=terms.frequency, every=terms.every),
        apr(rounded, convention=AprConvention.EFFECTIVE, frequency=terms.frequency, every=terms.every),
    )


def key_facts(
    terms: ScheduleTerms, schedule: Schedule, *, fees: Sequence[Fee] = (), rates: OfferRates | None = None
) -> KeyFacts:
    """The key facts statement of an offer. Raises FeesInvalid, and what `apr` raises when there is no single rate.

    The total payable is the instalments and the upfront fees; deducted fees were never received. `rates` are the result
    of `offer_rates`, if the caller has it: computing it takes longer than everything else.
    Source: RBI/2024-25/18 of 15 April 2024, Annex A and B.
    """
    nominal, effective = rates or offer_rates(terms, schedule, fees=fees)
    charged = {paid: sum(fee.total_paise for fee in fees if fee.paid is paid) for paid in FeePaid}
    return KeyFacts(
        sanctioned_paise=terms.amount_paise,
        net_disbursed_paise=terms.amount_paise - terms.down_payment_paise - charged[FeePaid.DEDUCTED],
        instalments=terms.instalments,
        every=terms.every,
        frequency=terms.frequency,
        instalment_paise=schedule.emi_paise,
        first_due_on=schedule.instalments[0].due_on,
        last_due_on=schedule.instalments[-1].due_on,
        annual_rate_percent=terms.annual_rate_percent,
        rate_type="floating" if terms.rate_changes else "fixed",
        fees=tuple(fees),
        fees_paise=sum(charged.values()),
        interest_paise=schedule.interest_paise + schedule.capitalised_paise,
        total_payable_paise=schedule.amount_paise + charged[FeePaid.UPFRONT],
        apr_percent=two_decimals(nominal),
        apr_effective_percent=two_decimals(effective),
    )


def two_decimals(rate_percent: Decimal) -> Decimal:
    """A rate in percent with two decimals, half up."""
    return Decimal(round_decimal(100 * rate_percent, mode=RoundingMode.HALF_UP)).scaleb(-2)
