"""A facility: a loan or a card of a borrower, and its arrears.

An arrear is one instalment (of a card: one minimum due) that fell due: when, and when nothing of its interest and
principal was left to pay. Penal charges are no part of an instalment, so they make nothing past due. The dates are
those of the life as it is known: a payment counts from its value date, whenever it was entered.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from app.domain.delinquency.restructurings import Restructuring, restructurings_of
from app.domain.lending.positions import BillState, LoanStatus, Position
from app.domain.payments.histories import History
from app.domain.payments.replayed_loan import ReplayedLoan, replay_loan
from app.domain.rulebook.kinds import BorrowerKind, ProductKind


class FacilityKey(NamedTuple):
    """The key of a facility among those of its borrower: a loan or a card, and its number."""

    kind: ProductKind
    number: int


class Arrear(NamedTuple):
    """One instalment: its number, its due date, and the value date that cleared it (None: it is unpaid)."""

    cycle: int
    due_on: date
    cleared_on: date | None

    def is_unpaid(self, on: date) -> bool:
        """Whether it is due and a part of it is unpaid at a day-end."""
        return self.due_on <= on and (self.cleared_on is None or on < self.cleared_on)

    def days_past_due(self, on: date) -> int:
        """The days past due at a day-end, the due date counted as the first. Source: docs/decisions/0032."""
        return on.toordinal() - self.due_on.toordinal() + 1


class Facility(NamedTuple):
    """A facility with its arrears, the oldest first, and its restructurings for financial difficulty.

    `lost_on` is the day on which it was written off as a loss. `borrower` says who borrows, and what for: some rules
    about restructured loans differ by it.
    """

    key: FacilityKey
    opened_on: date
    closed_on: date | None
    lost_on: date | None
    arrears: Sequence[Arrear]
    restructurings: Sequence[Restructuring] = ()
    borrower: BorrowerKind = BorrowerKind.INDIVIDUAL

    def oldest_unpaid(self, on: date) -> Arrear | None:
        """The oldest instalment that is due and not paid at a day-end."""
        for arrear in self.arrears:
            if arrear.is_unpaid(on):
                return arrear
        return None

    def is_open(self, on: date) -> bool:
        """Whether it is on the books at a day-end. What was written off stays: its arrears are never paid."""
        return self.opened_on <= on and (self.closed_on is None or on < self.closed_on or self.lost_on is not None)


class LoanAsKnown(NamedTuple):
    """A loan's facility as it is known on a day, with the replay that it was derived from."""

    facility: Facility
    replayed: ReplayedLoan


def facility_of_loan(
    position: Position, history: History, *, through: date, borrower: BorrowerKind = BorrowerKind.INDIVIDUAL
) -> LoanAsKnown:
    """Lives a loan again through a day, and reads its arrears. `history` holds what is known."""
    replayed = replay_loan(position, history, through=through)
    arrears = [
        Arrear(bill.cycle, bill.due_on, _cleared_on(replayed, bill.cycle)) for bill in (*history.bills, *replayed.bills)
    ]
    after = replayed.position
    is_lost = after.status is LoanStatus.WRITTEN_OFF
    facility = Facility(
        key=FacilityKey(ProductKind.LOAN, position.loan_id),
        opened_on=position.disbursed_on,
        closed_on=after.closed_on,
        lost_on=after.closed_on if is_lost else None,
        arrears=tuple(sorted(arrears, key=lambda arrear: (arrear.due_on, arrear.cycle))),
        restructurings=restructurings_of(
            history.changes,
            [one for group in replayed.groups.values() for one in group],
            (*history.bills, *replayed.bills),
            disbursed_paise=position.disbursed_paise,
        ),
        borrower=borrower,
    )
    return LoanAsKnown(facility, replayed)


def _cleared_on(replayed: ReplayedLoan, cycle: int) -> date | None:
    if (cleared := replayed.cleared.get(cycle)) is not None:
        return cleared
    state = replayed.states.get(cycle)
    # A bill of a cycle that the life does not reach, because the loan ended before it, asks for nothing.
    return state.settled_on if state is not None and owed_paise(state) == 0 else None


def owed_paise(state: BillState) -> int:
    """What is unpaid of an instalment: interest and principal, without charges."""
    return state.unpaid_interest_paise + state.unpaid_principal_paise
