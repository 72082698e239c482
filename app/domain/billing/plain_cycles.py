"""Plain cycles, which are nearly all of a billing run: a loan owes nothing of earlier bills, and its next bill is due.

`cycles.bring_up` decides any loan, on a position of forty fields that it changes step by step. Of a plain cycle ten
figures decide everything, and the outcome is as small. So a run decides the plain cycles here first, from the columns
that it reads to the columns that it writes, in a fraction of the time. The rules are the same functions, and tests
compare the outcome with that of `bring_up`. Any other cycle is left to `bring_up`.

Days are numbers here, as `date.toordinal` gives them: a run would convert seven dates a loan and back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from app.domain.billing.demands import minimum_due_paise, principal_due_paise
from app.domain.errors import BROKEN, DomainError
from app.domain.money import round_ratio
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.interest import daily_interest_ratio, paise_by_day


class PlainLoan(NamedTuple):
    """A loan whose next cycle may be plain, as a run reads it; money in paise.

    It is active. It has no open bill, no advance, no agreement or alteration of its own, and nothing that a bill has
    still to demand: neither interest nor charges nor late days. `cycle_began_on` and `billed_on` are the days between
    which the cycle to bill lies. The planned figures are those of its instalment; `next_billing_on` is the day of the
    instalment after it, None if it is the last one.
    """

    product_code: str
    product_version: int
    annual_rate_percent: str
    customer_id: int
    loan_id: int
    version: int
    cycle: int
    cycle_began_on: int
    billed_on: int
    next_billing_on: int | None
    principal_paise: int
    planned_principal_paise: int
    planned_interest_paise: int
    movement_dates: Sequence[date] | None
    movement_paise: Sequence[int] | None


class PlainBill(NamedTuple):
    """The bill of a plain cycle, and all that it changes of its loan; money in paise.

    The interest is posted by one transfer. The bill demands it with the principal that is due, and nothing else. The
    next cycle begins on `billed_on`, without changes of the balance. `version` is that of the loan before.
    """

    customer_id: int
    loan_id: int
    version: int
    cycle: int
    from_on: int
    billed_on: int
    due_on: int
    next_billing_on: int
    next_event_on: int
    interest_paise: int
    principal_due_paise: int
    minimum_due_paise: int
    counts_late_days: bool


#: A version of a product, and an annual rate in percent as text: what loans with the same rules have in common.
RulesKey: TypeAlias = tuple[str, int, str]


class PlainRules(NamedTuple):
    """The rules of a product at a rate. `per_day` / `denominator` is the interest of one paisa for one day."""

    terms: RepaymentTerms
    per_day: int
    denominator: int


def plain_rules(terms: RepaymentTerms, annual_rate_percent: Decimal) -> PlainRules | None:
    """The rules of plain cycles; None where no cycle is plain: the interest of a day depends on the day, or the rate is
    broken."""
    if not terms.is_daily:
        return PlainRules(terms, 0, 1)
    try:
        per_day, denominator = daily_interest_ratio(annual_rate_percent, terms.interest_basis, terms.day_count)
    except DomainError:
        return None
    return PlainRules(terms, per_day, denominator) if denominator else None


def bill_plain_cycles(
    loans: Iterable[PlainLoan], *, through: date, rules: Mapping[RulesKey, PlainRules | None]
) -> list[PlainBill]:
    """The bills of those loans whose cycle is plain, and of which nothing more is due up to `through`."""
    last, bills = through.toordinal(), []
    for loan in loans:
        known = rules[loan[:3]]
        if known is None:
            continue
        try:
            bill = bill_plain_cycle(loan, known, last=last)
        except BROKEN:
            continue  # `bring_up` finds the fault too, and whoever calls it says which loan is broken.
        if bill is not None:
            bills.append(bill)
    return bills


def bill_plain_cycle(loan: PlainLoan, rules: PlainRules, *, last: int) -> PlainBill | None:
    """The bill of a plain cycle; None if the cycle is not plain, or if more than this bill is due up to the day `last`.

    Source: docs/business-rules.md, billing.
    """
    (
        _, _, _, customer_id, loan_id, version, cycle, began_on, on, next_on, principal, planned, planned_interest,
        movement_dates, movement_paise,
    ) = loan  # fmt: skip
    if next_on is None or planned < 0:
        # The last bill demands all that is left, and one of a moratorium may demand nothing.
        return None
    terms, per_day, denominator = rules
    interest = planned_interest
    if terms.is_daily:
        if not movement_dates or not movement_paise:
            paise_days = principal * (on - began_on)
        else:
            movements = sorted(zip(map(date.toordinal, movement_dates), movement_paise, strict=True))
            paise_days = paise_by_day(principal - sum(movement_paise), movements, since=began_on, until=on)
        rounding = terms.interest_rounding
        interest = round_ratio(per_day * paise_days, denominator, mode=rounding.mode, unit=rounding.unit_paise)
    due_on = on + terms.due_after_days
    next_event_on = min(next_on, due_on + 1)
    if interest <= 0 or principal <= 0 or on > last or next_event_on <= last:
        return None
    principal_due = principal_due_paise(
        planned, planned_interest_paise=planned_interest, interest_paise=interest, left_paise=principal,
        is_daily=terms.is_daily,
    )  # fmt: skip
    minimum = minimum_due_paise(
        principal, interest_paise=interest, demand_paise=interest + principal_due, minimum_percent=terms.minimum_percent
    )
    return PlainBill(
        customer_id, loan_id, version, cycle, began_on, on, due_on, next_on, next_event_on, interest, principal_due,
        minimum, terms.counts_late_days,
    )  # fmt: skip
