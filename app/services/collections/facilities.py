"""Finds the loan or card account that a request is about, and the staff who may be in charge of it."""

from dataclasses import dataclass

from app.db.repositories.cards import accounts as card_repository
from app.db.repositories.collections.assigning import CaseKey
from app.db.repositories.lending import positions as position_repository
from app.db.repositories.people import access as access_repository
from app.db.repositories.people import customers as customer_repository
from app.domain.delinquency.facilities import FacilityKey
from app.domain.errors import Conflict, Invalid
from app.domain.people.access import STAFF, Forbidden
from app.domain.public_ids import LoanReference
from app.domain.rulebook.kinds import ProductKind
from app.services.cards import accounts as card_accounts
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWork


class FacilityAmbiguous(Invalid):
    """The request names no loan, card account or user, or more than one of them. Name exactly one."""

    code = "facility_ambiguous"


class FacilityEnded(Conflict):
    """The loan is closed or written off, or the card account has ended, so nothing is promised on it. Look at its
    status."""

    code = "facility_ended"


class OfficerUnknown(Invalid):
    """There is no such member of staff, or their account is disabled. Name one of the officers of the list."""

    code = "officer_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFacility:
    """A loan or a card account: its key, the year in a loan's public id, and whether it still lives."""

    key: CaseKey
    loan_year: int | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """A member of staff who may be in charge of cases."""

    id: int
    name: str
    role: str


def check_staff(uow: UnitOfWork) -> None:
    """Raises Forbidden."""
    if not uow.actor.is_staff:
        raise Forbidden("collections are for staff")


async def find_facility(
    uow: UnitOfWork, *, loan: LoanReference | None = None, account_id: int | None = None
) -> FoundFacility:
    """The loan or the card account that is named. Raises FacilityAmbiguous, LoanNotFound, CardAccountNotFound."""
    if (loan is None) == (account_id is None):
        raise FacilityAmbiguous("name a loan or a card account, and not both", field="loan_id")
    if loan is not None:
        key = await loans.find_key(uow, loan)
        row = (await position_repository.get_stored_loan(uow.session, key)).row
        return FoundFacility(
            key=CaseKey(key.customer_id, FacilityKey(ProductKind.LOAN, key.loan_id)),
            loan_year=row.disbursed_on.year,
            is_open=row.status == "active",
        )
    assert account_id is not None, "one of them is named"
    account = await card_accounts.find_key(uow, account_id)
    stored = await card_repository.get_account(uow.session, account)
    return FoundFacility(
        key=CaseKey(account.customer_id, FacilityKey(ProductKind.CARD, account.account_id)),
        loan_year=None,
        is_open=stored.status == "open",
    )


async def find_customer(uow: UnitOfWork, customer_id: int) -> int:
    """The number of a customer who exists. Raises CustomerNotFound."""
    return (await customer_repository.get_profile(uow.session, customer_id)).customer_id


async def list_officers(uow: UnitOfWork) -> list[Officer]:
    """The staff who may be in charge of cases, by name. Raises Forbidden."""
    check_staff(uow)
    staff = await access_repository.list_staff(uow.session, STAFF)
    return [Officer(id=one.id, name=one.name, role=one.role) for one in staff if one.disabled_at is None]


async def officer_names(uow: UnitOfWork) -> dict[int, str]:
    """The names of all staff, also of accounts that are disabled: they may still be in charge."""
    return {one.id: one.name for one in await access_repository.list_staff(uow.session, STAFF)}


async def check_officers(uow: UnitOfWork, officer_ids: list[int]) -> None:
    """Raises OfficerUnknown."""
    known = {officer.id for officer in await list_officers(uow)}
    if not officer_ids or set(officer_ids) - known:
        raise OfficerUnknown("there is no such officer", field="officer_id")
