"""Explains interest: the days, balances and rates behind each figure.

An explanation is computed from the ledger and the bills; nothing is stored for it. The balance of each day comes from
the transfers. Each span of days with one balance has its interest before rounding. Interest is rounded once per cycle,
so there is one explanation per cycle. The figure of a whole cycle is the figure of its bill, unless a payment was
reversed or backdated since: then the bill stays, and the difference is an adjustment in the ledger.
Source: docs/business-rules.md, schedules and interest.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, pairwise
from operator import attrgetter

from app.domain.calendar import DayCount, periods_per_year
from app.domain.errors import Invalid
from app.domain.lending.due_rules import period_weight
from app.domain.lending.ledger import Account, Transfer
from app.domain.lending.positions import Position
from app.domain.money import round_ratio
from app.domain.payments.histories import History
from app.domain.payments.replayed_loan import ReplayedLoan, replay_loan
from app.domain.payments.replayed_spans import movements_of, rates_of
from app.domain.reporting.overdue_interest import overdue_interest
from app.domain.schedules.interest import InterestSpan, Movement, Rates, accrue, paise_days
from app.domain.schedules.terms import Amortisation


class SpanNotOfLoan(Invalid):
    """The span begins before the loan, ends before it begins, or reaches into the future. Name days between the two in
    the message."""

    code = "span_not_of_loan"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleInterest:
    """The interest of a cycle or of a part of it: `numerator / denominator` paise before rounding.

    `billed_paise` is the interest of the cycle's bill, when the whole cycle is explained and billed; otherwise None.
    `overdue_paise` is the interest on overdue principal, which the bill demands on top, and `overdue_spans` its days.
    """

    cycle: int
    from_on: date
    to_on: date
    spans: tuple[InterestSpan, ...]
    numerator: int
    denominator: int
    rounded_paise: int
    billed_paise: int | None
    overdue_spans: tuple[InterestSpan, ...] = ()
    overdue_paise: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cycle:
    number: int
    began_on: date
    ends_on: date
    billed_paise: int | None
    # The planned interest of the cycle. The daily bases do not use it.
    planned_paise: int
    maturity: date | None


def explain_interest(
    position: Position, history: History, *, from_on: date, to_on: date, today: date
) -> tuple[CycleInterest, ...]:
    """The interest of a loan over `[from_on, to_on)`, by cycle.

    `position` is caught up to `today`. `history` holds all rows of the loan, including those of that catching up.
    Raises SpanNotOfLoan.
    """
    if not position.disbursed_on <= from_on < to_on <= today:
        raise SpanNotOfLoan(f"the span must lie between {position.disbursed_on} and {today}", field="from")
    explained, ended_on = [], position.closed_on or to_on
    # Where the plan sets the interest, a bill does not say which balance bore it, and a replay does. And 30E/360 ISDA
    # needs to know whether a cycle was the last of its plan. Of bills that overlap, only a replay knows which count.
    asks_plan = not position.is_daily or position.terms.day_count is DayCount.THIRTY_E_360_ISDA
    bills = sorted(history.bills, key=attrgetter("billed_on"))
    overlap = any(later.from_on < earlier.billed_on for earlier, later in pairwise(bills))
    replayed = replay_loan(position, history, through=today) if asks_plan or overlap else None
    changes = _changes(position, history, replayed)
    for cycle in _cycles(position, history, replayed, until=today):
        begin, end = max(cycle.began_on, from_on), min(cycle.ends_on, ended_on, to_on)
        if begin < end:
            explained.append(_explain(position, changes, cycle, from_on=begin, to_on=end))
    if replayed is None or position.terms.charges is None or not position.terms.charges.overdue_interest:
        return tuple(explained)
    return tuple(_with_overdue(position, history, replayed, explained))


def _with_overdue(
    position: Position, history: History, replayed: ReplayedLoan, explained: Sequence[CycleInterest]
) -> Iterator[CycleInterest]:
    """The cycles with the interest on the principal that was overdue in them.

    In a moratorium whose interest is capitalised it waits for the first bill that demands something.
    """
    capitalised = {bill.cycle for bill in history.bills if bill.principal_due_paise < 0}
    since: date | None = None
    for cycle in explained:
        if cycle.cycle in capitalised:
            since = since or cycle.from_on
            yield cycle
            continue
        spans, paise = overdue_interest(
            position, replayed.overdue.spans, from_on=since or cycle.from_on, to_on=cycle.to_on
        )
        since = None
        yield replace(cycle, overdue_spans=spans, overdue_paise=paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """The rates of the loan, the changes of the interest-bearing balance by date, and the balance after each.

    A cycle finds its own changes by binary search and does not read all of them.
    """

    rates: Rates
    days: Sequence[date]
    movements: Sequence[Movement]
    balances: Sequence[int]

    def balance_paise(self, *, before: date) -> int:
        """The balance (paise) at the beginning of a day, without the changes of that day."""
        place = bisect_left(self.days, before)
        return self.balances[place - 1] if place else 0

    def between(self, from_on: date, to_on: date) -> Sequence[Movement]:
        """The changes of the days `[from_on, to_on)`."""
        return self.movements[bisect_left(self.days, from_on) : bisect_left(self.days, to_on)]


def _changes(position: Position, history: History, replayed: ReplayedLoan | None) -> _Changes:
    if position.is_daily or replayed is None:
        found, rates = _daily_changes(history.transfers), position.rates
    else:
        spans = replayed.planned.spans
        found, rates = movements_of(spans), rates_of(position.rates, spans)
    movements = sorted(found, key=attrgetter("value_date"))
    return _Changes(
        rates=rates,
        days=[change.value_date for change in movements],
        movements=movements,
        balances=list(accumulate(change.delta_paise for change in movements)),
    )


def _cycles(position: Position, history: History, replayed: ReplayedLoan | None, *, until: date) -> Iterator[_Cycle]:
    planned, ended_on = None if replayed is None else replayed.accrued, position.disbursed_on
    for bill in sorted(history.bills, key=attrgetter("billed_on")):
        if bill.from_on >= position.cycle_began_on or (planned is not None and bill.cycle not in planned):
            # The loan, or its plan, turned out to have ended before this bill: it asks for nothing.
            continue
        # Bills that a corrected past has issued since may stand between the beginning of a later bill and its end.
        began_on, ended_on = max(bill.from_on, ended_on), bill.billed_on
        yield _Cycle(
            number=bill.cycle,
            began_on=began_on,
            ends_on=bill.billed_on,
            billed_paise=bill.interest_paise,
            planned_paise=bill.interest_paise if planned is None else planned[bill.cycle],
            maturity=bill.billed_on if replayed is not None and bill.cycle in replayed.matured else None,
        )
    # A loan that was closed within a cycle still has the plan of that cycle, as the replay left it.
    plan = position.plan if replayed is None else replayed.position.plan
    end = plan.due_on[0] if plan.due_on else position.next_billing_on or until
    if position.cycle_began_on < end:
        yield _Cycle(
            number=position.next_cycle,
            began_on=position.cycle_began_on,
            ends_on=end,
            billed_paise=None,
            planned_paise=plan.interest_paise[0] if plan.due_on else 0,
            maturity=position.maturity,
        )


def _explain(position: Position, changes: _Changes, cycle: _Cycle, *, from_on: date, to_on: date) -> CycleInterest:
    if position.terms.amortisation is Amortisation.FLAT:
        spans = tuple(_flat_spans(position, cycle, changes, from_on=from_on, to_on=to_on))
    else:
        spans = _accrued_spans(position, cycle, changes, from_on=from_on, to_on=to_on)
    numerator, denominator = sum(span.numerator for span in spans), spans[0].denominator
    is_whole = (from_on, to_on) == (cycle.began_on, cycle.ends_on)
    is_flat, rounding = position.terms.amortisation is Amortisation.FLAT, position.terms.interest_rounding
    rounded = round_ratio(numerator, denominator, mode=rounding.mode, unit=rounding.unit_paise)
    if is_flat:
        # The planned interest is rounded already, by the plan.
        rounded = cycle.planned_paise if is_whole else min(rounded, cycle.planned_paise)
    return CycleInterest(
        cycle=cycle.number,
        from_on=from_on,
        to_on=to_on,
        spans=spans,
        numerator=numerator,
        denominator=denominator,
        rounded_paise=rounded,
        billed_paise=cycle.billed_paise if is_whole else None,
    )


def _accrued_spans(
    position: Position, cycle: _Cycle, changes: _Changes, *, from_on: date, to_on: date
) -> tuple[InterestSpan, ...]:
    terms = position.terms
    accrual = accrue(
        changes.balance_paise(before=from_on),
        from_on=from_on,
        to_on=to_on,
        rate_percent=changes.rates,
        basis=terms.interest_basis,
        day_count=terms.day_count,
        movements=changes.between(from_on, to_on),
        period_begin=cycle.began_on,
        period_end=cycle.ends_on,
        periods=period_weight(position, cycle=cycle.number),
        periods_per_year=periods_per_year(terms.frequency, every=terms.every),
        maturity=cycle.maturity,
    )
    return accrual.spans


def _daily_changes(transfers: Sequence[Transfer]) -> Iterator[Movement]:
    """On the daily bases: every change of principal less advance, with its value date."""
    for transfer in transfers:
        delta = 0
        for account, sign in ((transfer.debit, 1), (transfer.credit, -1)):
            if account in (Account.PRINCIPAL, Account.ADVANCE):
                delta += sign * transfer.amount_paise
        if delta:
            yield Movement(value_date=transfer.value_date, delta_paise=delta)


def _flat_spans(
    position: Position, cycle: _Cycle, changes: _Changes, *, from_on: date, to_on: date
) -> Iterator[InterestSpan]:
    """A flat loan's planned interest, spread over the cycle in proportion to days and undemanded principal."""
    planned = cycle.planned_paise
    after = date.fromordinal(cycle.began_on.toordinal() + 1)
    opening = changes.balance_paise(before=after)
    inside = changes.between(after, cycle.ends_on)
    whole = paise_days(opening, inside, from_on=cycle.began_on, to_on=cycle.ends_on)
    cuts = sorted({from_on, to_on, *(change.value_date for change in inside if from_on < change.value_date < to_on)})
    for begin, end in pairwise(cuts):
        balance = opening + sum(change.delta_paise for change in inside if change.value_date <= begin)
        days = (end - begin).days
        yield InterestSpan(
            from_on=begin,
            to_on=end,
            days=days,
            balance_paise=balance,
            rate_percent=position.annual_rate_percent,
            numerator=planned * balance * days if whole else planned * days,
            denominator=whole or (cycle.ends_on - cycle.began_on).days,
        )
