"""Loans as agreed, for the desk that decides on the next one: one with its borrower, and all of a customer's.

Only contracts are read here, in as many queries for one loan as for a hundred; how a loan stands is `loans.view_loan`.
Loans that other lenders made wear numbers from the same sequence, and stand in the same list.
"""

from dataclasses import dataclass

from app.db.repositories.lending import contracts as repository
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customers import Profile
from app.domain.lending.contracts import LoanContract, contract_of_others, contract_of_ours
from app.domain.people.customers import CustomerNotFound, split_name
from app.domain.public_ids import LoanReference
from app.services.lending.external_loans import find_external_loan, list_external_loans
from app.services.lending.loans import find_key
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowedLoan:
    """A contract and who borrowed."""

    contract: LoanContract
    borrower: Profile
    first_name: str
    last_name: str


async def view_contract(uow: UnitOfWork, loan: LoanReference) -> BorrowedLoan:
    """A loan, ours or another lender's, with its borrower. Raises LoanNotFound."""
    contract = await _get_contract(uow, loan)
    borrower = await customer_repository.get_profile(uow.session, contract.customer_id)
    first_name, last_name = split_name(borrower.name)
    return BorrowedLoan(
        contract=contract,
        borrower=borrower,
        first_name=borrower.first_name or first_name,
        last_name=last_name if borrower.last_name is None else borrower.last_name,
    )


async def list_contracts(uow: UnitOfWork, customer_id: int) -> list[LoanContract]:
    """Every loan of a customer, ended ones too, in order of their numbers. Raises CustomerNotFound."""
    if not uow.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    await customer_repository.get_profile(uow.session, customer_id)
    on = await uow.business_date()
    ours = await repository.list_lent_loans(uow.session, customer_id)
    others = await list_external_loans(uow, customer_id)
    contracts = [
        *(contract_of_ours(loan, on=on) for loan in ours),
        *(contract_of_others(loan, on=on) for loan in others),
    ]
    return sorted(contracts, key=lambda contract: contract.loan_id)


async def _get_contract(uow: UnitOfWork, loan: LoanReference) -> LoanContract:
    on = await uow.business_date()
    other = await find_external_loan(uow, loan.number)
    if other is not None and loan.year in {None, other.approved_on.year}:
        return contract_of_others(other, on=on)
    return contract_of_ours(await repository.get_lent_loan(uow.session, await find_key(uow, loan)), on=on)
