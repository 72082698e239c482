"""Checks that the arrears of a life are those of its books, and that its classes are the same however they are derived.

The class of each day-end follows from the arrears. It is derived at once, from the days on which something can change;
judged day by day, and in a few parts, it must be the same.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from app.domain.delinquency.changes import BorrowerStates, Change, derive_changes, judge_day
from app.domain.delinquency.classes import ClassRules
from app.domain.delinquency.facilities import Facility, facility_of_loan, owed_paise
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from tests.lives.forecast_checks import Violation
from tests.lives.loan_books import Books

RULES = ClassRules(RULEBOOK, lender=LenderKind.NBFC_MIDDLE)
#: The classes are derived in parts of so many days.
PART_DAYS = 37


def arrears_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """What the arrears and the classes of a life through a day do not agree on."""
    facility = facility_of_loan(books.position, books.history, through=on).facility
    if facility.lost_on is None:
        unpaid = [(one.cycle, one.due_on) for one in facility.arrears if one.is_unpaid(on)]
        opened = [(bill.cycle, bill.due_on) for bill in books.position.open_bills if bill.due_on <= on]
        owed = {bill.cycle for bill in books.position.open_bills if owed_paise(bill)}
        if sorted(unpaid) != sorted(one for one in opened if one[0] in owed):
            yield Violation("arrears.unpaid", f"derived {unpaid}, open {opened}")
    at_once = derive_changes([facility], RULES, through=on)
    for way, found in (
        ("day by day", _day_by_day(facility, through=on)),
        ("in parts", _in_parts(facility, through=on)),
    ):
        if found != at_once:
            yield Violation("arrears.classes", f"at once {at_once}, {way} {found}")


def _day_by_day(facility: Facility, *, through: date) -> list[Change]:
    states, found = BorrowerStates(), list[Change]()
    for days in range((through - facility.opened_on).days + 1):
        found += judge_day([facility], states, RULES, on=facility.opened_on + timedelta(days=days))
    return found


def _in_parts(facility: Facility, *, through: date) -> list[Change]:
    states, found, after = BorrowerStates(), list[Change](), facility.opened_on - timedelta(days=1)
    while after < through:
        until = min(after + timedelta(days=PART_DAYS), through)
        found += derive_changes([facility], RULES, through=until, since=states, after=after)
        after = until
    return found
