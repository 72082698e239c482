"""A loan's days past due and class at a day-end, as they were known on a day, with the reasons. Nothing is written.

The answer is derived from the life of the loan, and of the borrower's other facilities, with what was booked by the day
of knowledge. So it is right before any run has judged the day-end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.delinquency.changes import STANDARD_STATE, Change, FacilityState, derive_changes, latest_states
from app.domain.delinquency.explanations import Reasons, UnpaidInstalment, explain, unpaid_instalments
from app.domain.delinquency.facilities import FacilityKey
from app.domain.delinquency.monitoring import Monitoring, monitoring_of
from app.domain.errors import Invalid
from app.domain.public_ids import LoanReference
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind
from app.services.delinquency.borrowers import Borrower, class_rules, load_borrower
from app.services.lending import loans
from app.services.lending.calculations import calculate
from app.services.unit_of_work import UnitOfWork


class DayEndNotKnown(Invalid):
    """The day has not come, is before the loan was made, or is after the day of knowledge. Name a day from the
    disbursal through the business date, and an `as_known_on` that is not before it."""

    code = "day_end_not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelinquencyView:
    """A loan at a day-end, as known on a day. `is_final` is False while the day is not over."""

    public_id: str
    key: FacilityKey
    on: date
    as_known_on: date
    is_final: bool
    days_past_due: int
    state: FacilityState
    unpaid: Sequence[UnpaidInstalment]
    reasons: Reasons
    monitoring: Monitoring | None
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOfFacility:
    """The class of a facility on the business date, by what is known, and every change of it."""

    state: FacilityState
    changes: Sequence[Change]


async def view_class(uow: UnitOfWork, customer_id: int, key: FacilityKey) -> ClassOfFacility:
    """The class of any facility of a borrower on the business date. One that never was late is standard."""
    today = await uow.business_date()
    borrower = await load_borrower(uow, customer_id)
    facilities, rules = borrower.facilities_as_known(known_on=today, through=today), class_rules(uow.lender)

    def derive() -> ClassOfFacility:
        changes = derive_changes(facilities, rules, through=today)
        return ClassOfFacility(
            state=latest_states(changes, on=today).get(key, STANDARD_STATE),
            changes=[change for change in changes if change.key == key],
        )

    return await calculate(derive, rows=borrower.rows)


async def view_delinquency(
    uow: UnitOfWork, loan: LoanReference, *, on: date | None, as_known_on: date | None
) -> DelinquencyView:
    """The days past due and the class of a loan at a day-end (default: the business date), as known at the end of a
    business date (default: today). Raises LoanNotFound, DayEndNotKnown."""
    position, _ = await loans.find_position(uow, loan)
    today = await uow.business_date()
    known_on = as_known_on or today
    day = on or known_on
    if not position.disbursed_on <= day <= known_on <= today:
        raise DayEndNotKnown(
            f"a day-end is known from {position.disbursed_on} through {today}, and not before its day",
            field="on" if day > today or day < position.disbursed_on else "as_known_on",
        )
    borrower = await load_borrower(uow, position.customer_id)
    await uow.release_connection()
    key = FacilityKey(ProductKind.LOAN, position.loan_id)
    return await calculate(
        lambda: _derive(
            borrower, key, loans.public_loan_id(position), on=day, known_on=known_on, today=today, lender=uow.lender
        ),
        rows=borrower.rows,
    )


def _derive(
    borrower: Borrower, key: FacilityKey, public_id: str, *, on: date, known_on: date, today: date, lender: LenderKind
) -> DelinquencyView:
    lived = borrower.loans_as_known(known_on=known_on, through=on)
    facilities = [*(known.facility for known in lived), *borrower.reported_as_known(known_on=known_on)]
    rules = class_rules(lender)
    changes = derive_changes(facilities, rules, through=on)
    state = latest_states(changes, on=on).get(key, STANDARD_STATE)
    ours = next(known for known in lived if known.facility.key == key)
    monitoring = monitoring_of(ours.facility, facilities, rules, on=on)
    unpaid = unpaid_instalments(ours.replayed.states, on=on)
    return DelinquencyView(
        public_id=public_id,
        key=key,
        on=on,
        as_known_on=known_on,
        is_final=on < today,
        days_past_due=state.days_past_due(on),
        state=state,
        unpaid=unpaid,
        reasons=explain(key, state, unpaid, on=on, rulebook=RULEBOOK, lender=lender, monitoring=monitoring),
        monitoring=monitoring,
        changes=[change for change in changes if change.key == key],
    )
