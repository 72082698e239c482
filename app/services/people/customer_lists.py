"""Customers for staff: lists of them, and a search by what belongs to one person only."""

from dataclasses import dataclass

from app.db.repositories.people import customer_lists as repository
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customer_lists import CustomerFilter, CustomerSummary
from app.domain.people.aadhaar import parse_aadhaar
from app.domain.people.customers import phone_key
from app.services.people.customers import IdentityService
from app.services.people.password_proof import normalise_email
from app.services.unit_of_work import UnitOfWork

#: A search by an Aadhaar number or by the id of another system finds one customer or none.
NOBODY: list[CustomerSummary] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSearch:
    """What is known of the customers that are sought. All of it must fit."""

    phone: str | None = None
    email: str | None = None
    external_id: str | None = None
    aadhar_id: str | None = None


async def list_customers(
    uow: UnitOfWork, search: CustomerSearch, *, after: int = 0, limit: int
) -> list[CustomerSummary]:
    """A page of customers in the order of their numbers."""
    assert search.aadhar_id is None, "a search by an Aadhaar number is audited: use `search_customers`"
    return await _list(uow, search, aadhaar_index=None, after=after, limit=limit)


async def search_customers(
    uow: UnitOfWork, search: CustomerSearch, *, identity: IdentityService, limit: int
) -> list[CustomerSummary]:
    """The customers who fit, and an event in the audit trail that says by what they were sought, not the values.

    Raises AadhaarInvalid.
    """
    index = None
    if search.aadhar_id is not None:
        index = identity.vault.index(parse_aadhaar(search.aadhar_id, check=identity.check))
    found = await _list(uow, search, aadhaar_index=index, after=0, limit=limit)
    sought = [name for name in CustomerSearch.__dataclass_fields__ if getattr(search, name) is not None]
    await uow.record(
        "customers_searched",
        object_kind="customer",
        object_id=str(found[0].customer_id) if len(found) == 1 else "several" if found else "none",
        customer_id=found[0].customer_id if len(found) == 1 else None,
        details={"sought_by": sought, "found": len(found)},
    )
    return found


async def _list(
    uow: UnitOfWork, search: CustomerSearch, *, aadhaar_index: bytes | None, after: int, limit: int
) -> list[CustomerSummary]:
    owners = []
    if aadhaar_index is not None:
        owners.append(await customer_repository.find_identity(uow.session, kind="aadhaar", value=aadhaar_index))
    if search.external_id is not None:
        external = search.external_id.encode()
        owners.append(await customer_repository.find_identity(uow.session, kind="external", value=external))
    if None in owners or len(set(owners)) > 1:
        return NOBODY
    wanted = CustomerFilter(
        customer_id=owners[0] if owners else None,
        phone_key=None if search.phone is None else phone_key(search.phone),
        email=None if search.email is None else normalise_email(search.email),
    )
    return await repository.list_customers(uow.session, wanted, after=after, limit=limit)
