"""Explaining interest: the days, balances and rates that made a figure.

An explanation is derived from the ledger and the bills, not from anything kept for it: the balance of each day is what
the transfers say, cut where it changed, and each run of days carries its interest before rounding. Interest is rounded
once a cycle, so an explanation goes cycle by cycle; a whole cycle ends with the figure that its bill shows, unless
something was reversed or backdated since: then the bill stays, and the difference is an adjustment in the ledger.
Source: domain.md, section 10.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise
from operator import attrgetter

from app.domain.calendar import DayCount, periods_per_year
from app.domain.errors import Invalid
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.loans import period_weight
from app.domain.lending.positions import BillState, LoanStatus, Position
from app.domain.money import TO_THE_PAISA, round_ratio
from app.domain.payments.life import History, Life, replay_loan
from app.domain.schedules.interest import InterestSpan, Movement, accrue, paise_days
from app.domain.schedules.terms import Amortisation


class SpanNotOfLoan(Invalid):
    """The span begins before the loan, ends before it begins, or reaches into the future. Name days between the two in
    the message."""

    code = "span_not_of_loan"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleInterest:
    """The interest of a cycle, or of a part of it: `numerator / denominator` paise before the one rounding.

    `billed_paise` is what the cycle's bill shows, when the cycle is explained whole and is billed.
    """

    cycle: int
    from_on: date
    to_on: date
    spans: tuple[InterestSpan, ...]
    numerator: int
    denominator: int
    rounded_paise: int
    billed_paise: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cycle:
    number: int
    began_on: date
    ends_on: date
    billed_paise: int | None
    # What the plan has for it; of no matter on the daily bases.
    planned_paise: int
    maturity: date | None


def explain_interest(
    position: Position, history: History, *, states: Sequence[BillState], from_on: date, to_on: date, today: date
) -> tuple[CycleInterest, ...]:
    """The interest of a loan over `[from_on, to_on)`, cycle by cycle.

    `position` is caught up to `today`; `history` and `states` hold all of the loan's books, that catching up included.
    Raises SpanNotOfLoan.
    """
    if not position.disbursed_on <= from_on < to_on <= today:
        raise SpanNotOfLoan(f"the span must lie between {position.disbursed_on} and {today}", field="from")
    explained = []
    # Where the plan sets the interest, a cycle has what its plan had for it: its bill shows that, unless the past was
    # changed since. One day count asks whether a cycle was the last of its plan.
    asks_plan = not position.is_daily or position.terms.day_count is DayCount.THIRTY_E_360_ISDA
    lived = replay_loan(position, history, through=today) if asks_plan else None
    changes = _changes(position, history, states)
    for cycle in _cycles(position, history, lived, until=today):
        begin, end = max(cycle.began_on, from_on), min(cycle.ends_on, to_on)
        if begin < end:
            explained.append(_explain(position, changes, cycle, from_on=begin, to_on=end))
    return tuple(explained)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """The changes of the interest-bearing balance in the order of their days, and the balance after each: a cycle looks
    up its own, and nobody walks through all of them for each cycle."""

    days: Sequence[date]
    movements: Sequence[Movement]
    balances: Sequence[int]

    def balance_paise(self, *, before: date) -> int:
        """The balance that a day begins with, what changes on it left aside."""
        place = bisect_left(self.days, before)
        return self.balances[place - 1] if place else 0

    def between(self, from_on: date, to_on: date) -> Sequence[Movement]:
        """The changes from a day on, up to another, that one excluded."""
        return self.movements[bisect_left(self.days, from_on) : bisect_left(self.days, to_on)]


def _changes(position: Position, history: History, states: Sequence[BillState]) -> _Changes:
    found = _daily_changes(history.transfers) if position.is_daily else _planned_changes(history, states)
    movements = sorted(found, key=attrgetter("value_date"))
    return _Changes(
        days=[change.value_date for change in movements],
        movements=movements,
        balances=list(accumulate(change.delta_paise for change in movements)),
    )


def _cycles(position: Position, history: History, lived: Life | None, *, until: date) -> Iterator[_Cycle]:
    planned = {} if lived is None else lived.accrued
    for bill in history.bills:
        yield _Cycle(
            number=bill.cycle,
            began_on=bill.from_on,
            ends_on=bill.billed_on,
            billed_paise=bill.interest_paise,
            planned_paise=planned.get(bill.cycle, bill.interest_paise),
            maturity=bill.billed_on if lived is not None and bill.cycle in lived.matured else None,
        )
    is_active = position.status is LoanStatus.ACTIVE
    end = (position.next_billing_on if is_active else position.closed_on) or until
    if position.cycle_began_on < end:
        plan = position.plan.interest_paise
        yield _Cycle(
            number=position.next_cycle,
            began_on=position.cycle_began_on,
            ends_on=end,
            billed_paise=None,
            planned_paise=plan[0] if plan else 0,
            maturity=position.maturity,
        )


def _explain(position: Position, changes: _Changes, cycle: _Cycle, *, from_on: date, to_on: date) -> CycleInterest:
    if position.terms.amortisation is Amortisation.FLAT:
        spans = tuple(_flat_spans(position, cycle, changes, from_on=from_on, to_on=to_on))
    else:
        spans = _accrued_spans(position, cycle, changes, from_on=from_on, to_on=to_on)
    numerator, denominator = sum(span.numerator for span in spans), spans[0].denominator
    is_whole = (from_on, to_on) == (cycle.began_on, cycle.ends_on)
    rounding = position.terms.interest_rounding
    if is_whole and position.terms.amortisation is Amortisation.FLAT:
        # The planned sum itself, which the plan has rounded.
        rounding = TO_THE_PAISA
    return CycleInterest(
        cycle=cycle.number,
        from_on=from_on,
        to_on=to_on,
        spans=spans,
        numerator=numerator,
        denominator=denominator,
        rounded_paise=round_ratio(numerator, denominator, mode=rounding.mode, unit=rounding.unit_paise),
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
        # What is asked for once more after the last instalment bears none, where the plan sets the interest.
        rate_percent=position.annual_rate_percent if position.is_daily or cycle.planned_paise else Decimal(0),
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
    """On the daily bases: every change of principal less advance, from its value date on."""
    for one in transfers:
        delta = 0
        for account, sign in ((one.debit, 1), (one.credit, -1)):
            if account in (Account.PRINCIPAL, Account.ADVANCE):
                delta += sign * one.amount_paise
        if delta:
            yield Movement(value_date=one.value_date, delta_paise=delta)


def _planned_changes(history: History, states: Sequence[BillState]) -> Iterator[Movement]:
    """On the basis `period`: what was lent, less what was prepaid and what bills have asked for."""
    for one in history.transfers:
        if one.kind is Kind.DISBURSAL:
            yield Movement(value_date=one.value_date, delta_paise=one.amount_paise)
    undone = {one.reverses for one in history.transfers if one.reverses is not None}
    for one in history.transfers:
        if one.kind is Kind.PREPAYMENT and one.number not in undone:
            yield Movement(value_date=one.value_date, delta_paise=-one.amount_paise)
    returned = {state.cycle: state for state in states if state.returned_paise}
    for bill in history.bills:
        yield Movement(value_date=bill.billed_on, delta_paise=-bill.principal_due_paise)
        state = returned.get(bill.cycle)
        if state is not None:
            yield Movement(value_date=state.closed_on or bill.billed_on, delta_paise=state.returned_paise)


def _flat_spans(
    position: Position, cycle: _Cycle, changes: _Changes, *, from_on: date, to_on: date
) -> Iterator[InterestSpan]:
    """A flat loan's interest is a planned sum, spread over the cycle by days and by the principal not yet demanded."""
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
