"""Makes a change of a living loan: alters its terms, posts what was lent or capitalised, and plans the rest anew.

The same function simulates a change, makes it, and makes it again in a replay. `insists` is True for a new change, and
it is refused if its plan is not what was asked for. A replay must always get a plan: where the past turned out so that
the instalment cannot be kept, the end is kept.
"""

from dataclasses import dataclass, replace
from datetime import date

from app.domain.calendar import add_months
from app.domain.lending.agreements import UNALTERED, Alterations, DueRule, Returnable
from app.domain.lending.due_rules import date_after, period_weight, skip_cycles
from app.domain.lending.late_days import count_late_days
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.loans import (
    accrued_since_cycle_began,
    bears_planned_interest,
    make_plan,
    remaining_instalments,
)
from app.domain.lending.positions import BillState, Decision, LoanStatus, PlanReason, PlanVersion, Position
from app.domain.money import format_inr
from app.domain.payments.changes import (
    Adjusts,
    BalanceWouldGrow,
    ChangeKind,
    LoanChange,
    RateUnchanged,
    TenorTooLong,
    check_change,
)
from app.domain.schedules.interest import RateChange
from app.domain.schedules.terms import Amortisation, Instalment

_REASONS = {
    ChangeKind.RATE_RESET: PlanReason.RATE_RESET,
    ChangeKind.RESTRUCTURE: PlanReason.RESTRUCTURED,
    ChangeKind.DUE_DAY: PlanReason.DUE_DAY,
    ChangeKind.TOP_UP: PlanReason.TOP_UP,
}


_EMPTY = Instalment(number=1, from_on=date.min, due_on=date.max, principal_paise=0, interest_paise=0, balance_paise=0)


def decide_change(position: Position, change: LoanChange) -> Decision:
    """Changes a loan that is caught up to the day of the change. A refused change changes nothing.

    Raises what `check_change` raises, BalanceWouldGrow, TenorTooLong, RateUnchanged, and what `lending.loans.make_plan`
    raises.
    """
    check_change(position, change)
    booking = ChangeBooking(position.copy(), change, insists=True)
    booking.make()
    if change.kind is ChangeKind.RATE_RESET and _stands(booking.position) == _stands(position):
        raise RateUnchanged(
            "the rate was reset so before", field="annual_rate", annual_rate_percent=position.rate_percent
        )
    return booking.outcome()


def _stands(position: Position) -> tuple[object, ...]:
    """What a reset changes: the rates with their days, what bears interest, and the plan."""
    return position.alterations, position.movements, position.emi_paise, position.plan


@dataclass(slots=True)
class ChangeBooking:
    """Makes one change on one position. It changes that position and collects the transfers and the plan."""

    position: Position
    change: LoanChange
    insists: bool
    journal: Journal
    states: dict[int, BillState]
    plans: list[PlanVersion]

    def __init__(self, position: Position, change: LoanChange, *, insists: bool) -> None:
        self.position = position
        self.change = change
        self.insists = insists
        self.journal = Journal(last_number=position.last_transfer, booked_on=change.booked_on)
        self.states, self.plans = {}, []

    def make(self) -> None:
        """Makes the change. On a loan that is not active it does nothing: a replay may have closed the loan."""
        position, change = self.position, self.change
        if position.status is not LoanStatus.ACTIVE:
            return
        count_late_days(position, on=change.made_on)
        accrued = accrued_since_cycle_began(position, on=change.made_on)
        rows = list(remaining_instalments(position))
        if not position.is_daily and not bears_planned_interest(position):
            # What was left after the plan bore no interest, and bears it from this day on, whatever is planned later.
            position.movements = []
            position.move(change.made_on, position.undemanded_principal_paise)
        altered = position.alterations or UNALTERED
        position.alterations = replace(altered, rates=self._rates(altered))
        self._lend()
        self._capitalise_arrears()
        if change.kind is ChangeKind.DUE_DAY and rows:
            rows, accrued = self._move_due_day(rows)
        self._plan(rows, accrued)

    def outcome(self) -> Decision:
        """The decision, after `make`."""
        position = self.position
        position.last_transfer = self.journal.number
        position.last_event_on = max(position.last_event_on, self.change.made_on)
        return Decision(position, self.journal.transfers, self.states, self.plans)

    def _rates(self, altered: Alterations) -> tuple[RateChange, ...]:
        rate, on = self.change.annual_rate_percent, self.change.made_on
        if rate is None:
            return altered.rates
        earlier = (known for known in altered.rates if known.from_on != on)
        return (*earlier, RateChange(from_on=on, rate_percent=rate))

    def _lend(self) -> None:
        """Pays out a top-up."""
        position, amount, on = self.position, self.change.amount_paise, self.change.made_on
        if amount == 0:
            return
        principal = Account.PRINCIPAL
        self.journal.open_group()
        self.journal.post(Kind.DISBURSAL, principal, Account.CASH, amount, principal, on, None, self.change.number)
        position.principal_paise += amount
        position.move(on, amount)
        altered, until = position.alterations or UNALTERED, self.change.returnable_until
        returnable = altered.returnable if until is None else Returnable(until, amount)
        position.alterations = replace(altered, topped_up_paise=altered.topped_up_paise + amount, returnable=returnable)

    def _capitalise_arrears(self) -> None:
        """Plans the unpaid principal of bills again, and turns their unpaid interest into principal."""
        if not self.change.capitalises_arrears:
            return
        position, on, capitalised, returned = self.position, self.change.made_on, 0, 0
        self.journal.open_group()
        for bill in position.open_bills[:]:
            interest, principal = bill.unpaid_interest_paise, bill.unpaid_principal_paise
            self.journal.post(
                Kind.CAPITALISED, Account.PRINCIPAL, Account.INTEREST, interest, Account.PRINCIPAL, on, bill.cycle,
                self.change.number,
            )  # fmt: skip
            bill.unpaid_interest_paise = bill.unpaid_principal_paise = 0
            bill.returned_paise += principal
            self.states[bill.cycle] = bill
            capitalised, returned = capitalised + interest, returned + principal
            if bill.unpaid_paise == 0:
                position.settle(bill, on)
        position.interest_paise -= capitalised
        position.principal_paise += capitalised
        # On the daily bases the balance has the returned principal already.
        position.move(on, capitalised if position.is_daily else capitalised + returned)
        altered = position.alterations or UNALTERED
        position.alterations = replace(altered, capitalised_paise=altered.capitalised_paise + capitalised)

    def _move_due_day(self, rows: list[Instalment]) -> tuple[list[Instalment], tuple[int, int]]:
        """The rows on their new dates, and what has accrued, measured by the longer cycle.

        The next instalment falls on the first such day on or after its date, so nobody has to pay earlier.
        """
        position, day = self.position, self.change.due_day
        assert day is not None, "the day is checked"
        cycle, old = position.next_cycle, rows[0].due_on
        first = add_months(old, 0, day=day)
        first = first if first >= old else add_months(old, 1, day=day)
        after = rows[1].due_on if len(rows) > 1 else date_after(position, old, near=cycle + 1)
        length, extra = (after - old).days, (first - old).days
        numerator, denominator = period_weight(position, cycle=cycle)
        altered = position.alterations or UNALTERED
        position.alterations = replace(
            altered,
            due=DueRule(cycle, first, day),
            weights=(
                *(weight for weight in altered.weights if weight[0] != cycle),
                (cycle, numerator * length + extra * denominator, denominator * length),
            ),
        )
        kept = position.plan
        moved = self._rows([], count=len(rows))
        moved = [
            replace(new, principal_paise=row.principal_paise, interest_paise=row.interest_paise)
            for new, row in zip(moved, rows, strict=True)
        ]
        position.plan = kept._replace(due_on=[row.due_on for row in moved])
        return moved, accrued_since_cycle_began(position, on=self.change.made_on)

    def _rows(self, rows: list[Instalment], *, count: int) -> list[Instalment]:
        """So many instalments: the first of `rows`, and further ones on the dates of the due rule."""
        position, rows = self.position, rows[:count]
        began = rows[-1].due_on if rows else position.cycle_began_on
        while len(rows) < count:
            number = position.next_cycle + len(rows)
            due_on = date_after(position, began, near=number)
            rows.append(replace(_EMPTY, number=number, from_on=began, due_on=due_on))
            began = due_on
        return rows

    def _plan(self, rows: list[Instalment], accrued: tuple[int, int]) -> None:
        position, change, moratorium = self.position, self.change, self.change.moratorium
        needed = position.undemanded_principal_paise > 0 and change.kind is not ChangeKind.RATE_RESET
        if not rows and not needed:
            return
        if not rows:
            skip_cycles(position, after=max(position.cycle_began_on, change.made_on))
        count = change.instalments or max(len(rows), 1) + (moratorium.instalments if moratorium else 0)
        if moratorium is not None:
            altered, last = position.alterations or UNALTERED, position.next_cycle - 1 + moratorium.instalments
            position.alterations = replace(altered, moratorium=replace(moratorium, instalments=last))
        emi = {Adjusts.EMI: None, Adjusts.TENOR: position.emi_paise, Adjusts.BOTH: change.emi_paise}[change.adjusts]
        if emi is not None and self._keep(rows, accrued, emi_paise=emi):
            return
        self._make(self._rows(rows, count=count), accrued, emi_paise=None)

    def _make(self, rows: list[Instalment], accrued: tuple[int, int], *, emi_paise: int | None) -> None:
        position = self.position
        plan = make_plan(
            position,
            on=self.change.made_on,
            principal_paise=position.undemanded_principal_paise,
            accrued=accrued,
            reason=_REASONS[self.change.kind],
            emi_paise=emi_paise,
            remaining=rows,
        )
        self.plans = [plan]

    def _keep(self, rows: list[Instalment], accrued: tuple[int, int], *, emi_paise: int) -> bool:
        """Plans with this instalment and another end. False if it cannot be kept. Raises BalanceWouldGrow,
        TenorTooLong."""
        position, most = self.position, self.change.most_instalments
        kept = position.plan, position.schedule_version, position.emi_paise, position.next_billing_on
        longest = most if position.terms.amortisation is Amortisation.EQUAL_INSTALMENT else len(rows)
        self._make(self._rows(rows, count=max(longest, 1)), accrued, emi_paise=emi_paise)
        plan = position.plan
        # The current instalment may bear the interest of another time; one of a moratorium repays nothing by agreement.
        first = max(1, (position.alterations or UNALTERED).waits(position.next_cycle))
        stuck = [
            interest
            for principal, interest in zip(plan.principal_paise[first:-1], plan.interest_paise[first:-1], strict=True)
            if principal == 0
        ]
        is_equal = position.terms.amortisation is Amortisation.EQUAL_INSTALMENT
        last = plan.principal_paise[-1] + plan.interest_paise[-1]
        is_late = is_equal and len(plan.due_on) == longest and last > emi_paise
        if not (is_equal and stuck) and not is_late:
            return True
        if self.insists and stuck:
            raise BalanceWouldGrow(
                f"{format_inr(emi_paise)} does not pay the interest of {format_inr(max(stuck))}",
                field="adjusts",
                emi_paise=emi_paise,
                interest_paise=max(stuck),
            )
        if self.insists:
            raise TenorTooLong(
                f"{format_inr(emi_paise)} does not repay the loan in {most} instalments", field="adjusts", most=most
            )
        position.plan, position.schedule_version, position.emi_paise, position.next_billing_on = kept
        return False
