"""Day-ends of a simulated loan: its classes are derived, and the interest of a non-performing loan is in suspense.

As in the service, a day-end is judged when its date is over, and the past is judged as it is known now.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.delinquency.changes import derive_changes
from app.domain.delinquency.facilities import facility_of_loan
from app.domain.delinquency.suspense import ClassDay, suspended_paise, suspense_postings
from app.domain.lending.ledger import Account
from tests.lives.arrears_checks import RULES
from tests.lives.forecast_checks import Violation
from tests.lives.loan_books import Books


def judge_day_end(books: Books, *, on: date) -> Iterator[Violation]:
    """Judges the day-ends before a business date, and posts what goes into suspense or out of it."""
    through = date.fromordinal(on.toordinal() - 1)
    if through < books.position.disbursed_on:
        return
    facility = facility_of_loan(books.position, books.history, through=through).facility
    classes = [(change.on, change.after.asset_class) for change in derive_changes([facility], RULES, through=through)]
    days = [ClassDay(day, found is not None and found.is_non_performing) for day, found in classes]
    last = books.position.last_transfer
    posted = suspense_postings(books.transfers, days, through=through, last_number=last, booked_on=on)
    books.transfers += posted
    books.position = books.position.copy()
    books.position.last_transfer += len(posted)
    again = suspense_postings(books.transfers, days, through=through, last_number=0, booked_on=on)
    if again:
        yield Violation("suspense.again", f"{posted} was posted, and then {again}")
    owed = sum(
        one.amount_paise * ((one.debit is Account.INTEREST) - (one.credit is Account.INTEREST))
        for one in books.transfers
        if one.value_date <= through
    )
    wanted = max(owed, 0) if days and days[-1].is_non_performing else 0
    if suspended_paise(books.transfers, on=through) != wanted:
        yield Violation("suspense.paise", f"{suspended_paise(books.transfers, on=through)} and not {wanted}: {days}")
