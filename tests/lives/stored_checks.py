"""What holds for a stored loan after every act: its figures follow from its rows, and day-ends read the same history of
it as payments do."""

from collections.abc import AsyncIterator
from datetime import date

from app.db.repositories.delinquency.borrowers import list_books
from app.domain.public_ids import LoanReference
from app.services.lending import loans
from app.services.payments.reversals import read_history
from app.services.reporting.reconciliation import reconcile_loan
from app.services.unit_of_work import UnitOfWork


async def stored_violations(uow: UnitOfWork, loan: LoanReference) -> AsyncIterator[str]:
    """What does not hold. Nothing may happen to the loan meanwhile."""
    key = await loans.find_key(uow, loan)
    for found in await reconcile_loan(uow, key):
        yield f"{found.figure} stored {found.stored}, derived {found.derived}"
    history = (await read_history(uow, key))._replace(transfers=())
    books = next(books for books in await list_books(uow.session, key.customer_id) if books.stored.key == key)
    judged = books.history(known_on=date.max)
    for name, read, read_at_day_end in zip(history._fields, history, judged, strict=True):
        if list(read) != list(read_at_day_end):
            yield f"{name}: read {read}, and at a day-end {read_at_day_end}"
