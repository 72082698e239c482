"""The facilities of a borrower as they were known on a day: every loan lived again, and what cards reported."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from app.db.repositories.delinquency import borrowers as repository
from app.db.repositories.delinquency import reported as reported_repository
from app.db.repositories.delinquency.borrowers import LoanBooks
from app.db.repositories.delinquency.reported import ReportedFacility
from app.db.repositories.lending.positions import position_of
from app.db.repositories.products import products as product_repository
from app.domain.billing.foresight import ROWS_OF_A_CYCLE
from app.domain.delinquency.classes import ClassRules
from app.domain.delinquency.facilities import Facility, LoanAsKnown, facility_of_loan
from app.domain.errors import BROKEN, fault_of
from app.domain.lending.positions import Position
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import BorrowerKind, LenderKind
from app.services.unit_of_work import UnitOfWork

_RULES: dict[LenderKind, ClassRules] = {}


class LoanBroken(Exception):
    """The rows of a loan give no life. That is a defect, which a person must investigate; `kist reconcile` names it."""

    def __init__(self, loan_id: int, fault: str) -> None:
        super().__init__(f"loan {loan_id}: {fault}")
        self.loan_id = loan_id
        self.fault = fault


@contextmanager
def _living(loan_id: int) -> Iterator[None]:
    """Names the loan whose rows give no life."""
    try:
        yield
    except BROKEN as error:
        raise LoanBroken(loan_id, fault_of(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrower:
    """All that is stored of a borrower's facilities."""

    customer_id: int
    loans: Sequence[tuple[Position, LoanBooks, BorrowerKind]]
    reported: Sequence[ReportedFacility]

    @property
    def rows(self) -> int:
        """About how many rows it takes to live all loans again."""
        return ROWS_OF_A_CYCLE * sum(len(books.bills) for _, books, _ in self.loans)

    def loans_as_known(self, *, known_on: date, through: date) -> list[LoanAsKnown]:
        """The loans that were made by a day, lived through it, with what was known at the end of `known_on`. Raises
        LoanBroken."""
        lived = []
        for position, books, borrower in self.loans:
            if position.disbursed_on <= through:
                history = books.history(known_on=known_on)
                with _living(position.loan_id):
                    lived.append(facility_of_loan(position, history, through=through, borrower=borrower))
        return lived

    def reported_as_known(self, *, known_on: date) -> list[Facility]:
        """The other facilities, as they were reported by the end of `known_on`."""
        return [
            each.facility
            for each in self.reported
            if each.known_from <= known_on and (each.known_until is None or each.known_until > known_on)
        ]

    def facilities_as_known(self, *, known_on: date, through: date) -> list[Facility]:
        """All facilities, with what was known at the end of `known_on`. Raises LoanBroken."""
        lived = [known.facility for known in self.loans_as_known(known_on=known_on, through=through)]
        return [*lived, *self.reported_as_known(known_on=known_on)]


async def load_borrower(uow: UnitOfWork, customer_id: int) -> Borrower:
    """Reads everything of a borrower that classes follow from, in a fixed number of statements. Raises LoanBroken."""
    loans = []
    for books in await repository.list_books(uow.session, customer_id):
        product = await product_repository.get_product(uow.session, *books.stored.product)
        with _living(books.stored.key.loan_id):
            position = position_of(books.stored.row, product.repayment)
        loans.append((position, books, product.offer.borrower))
    reported = await reported_repository.list_versions(uow.session, customer_id)
    return Borrower(customer_id=customer_id, loans=loans, reported=reported)


def class_rules(lender: LenderKind) -> ClassRules:
    """The limits of the classes for a kind of lender. They are read from the rulebook once."""
    if lender not in _RULES:
        _RULES[lender] = ClassRules(RULEBOOK, lender=lender)
    return _RULES[lender]
