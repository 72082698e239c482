"""Loans as agreed, for the desk that decides on the next one: one with its borrower, and all of a customer's.

Only contracts are read here, in one query however many there are; how a loan stands is `loans.view_loan`. Loans that
other lenders made belong in the same list: `list_contracts` is where they join.
"""

from dataclasses import dataclass

from app.db.repositories import customers as customer_repository
from app.db.repositories import loan_contracts as repository
from app.db.repositories.customers import Profile
from app.domain.customers import CustomerNotFound, split_name
from app.domain.loan_contracts import LoanContract
from app.domain.public_ids import LoanReference
from app.services.loans import find_key
from app.services.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowedLoan:
    """A contract and who borrowed."""

    contract: LoanContract
    borrower: Profile
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLoan:
    """A contract in the list of a customer."""

    contract: LoanContract
    repayments_left: int


async def view_contract(work: Work, loan: LoanReference) -> BorrowedLoan:
    """A loan with its borrower. Raises LoanNotFound."""
    key = await find_key(work, loan)
    borrower = await customer_repository.get_profile(work.session, key.customer_id)
    first_name, last_name = split_name(borrower.name)
    return BorrowedLoan(
        contract=await repository.get_contract(work.session, key),
        borrower=borrower,
        first_name=borrower.first_name or first_name,
        last_name=last_name if borrower.last_name is None else borrower.last_name,
    )


async def list_contracts(work: Work, customer_id: int) -> list[ListedLoan]:
    """Every loan of a customer, closed ones included, in order of their numbers. Raises CustomerNotFound."""
    if not work.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="customer_id")
    await customer_repository.get_profile(work.session, customer_id)
    today = await work.business_date()
    contracts = await repository.list_contracts(work.session, customer_id)
    return [ListedLoan(contract=contract, repayments_left=contract.repayments_left(on=today)) for contract in contracts]
