"""Customers for staff: lists of them, and a search whose values are in no address."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field

from app.api.deps import OFFICERS, KistRouter, ReadingDep, UnitOfWorkDep, with_scope
from app.api.id_schemas import UserIdOut
from app.api.schemas import Answer, Body, CursorText, Email, Line, Page, PageLimit, RupeesOut, example
from app.api.v1.people.customers import get_identity
from app.db.repositories.people.customer_lists import CustomerSummary
from app.domain.cursors import read_number, write_cursor
from app.domain.people.access import Scope
from app.services.people import customer_lists
from app.services.people.customer_lists import CustomerSearch
from app.services.people.customers import IdentityService

router = KistRouter(prefix="/users", tags=["Customers"])

#: A search says who fits; a list is what is read page by page.
MOST_FOUND = 200


class UserLine(Answer):
    """A customer in a list."""

    user_id: UserIdOut
    name: str
    email: str | None
    phone: str | None
    external_id: str | None
    approved_limit: RupeesOut | None
    registered_on: date | None


class SearchBody(Body):
    """What is known of the customers that are sought; all of it must fit. Of a phone number the last ten digits
    count."""

    model_config = example({"aadhar_id": "234123412346"})

    aadhar_id: Line | None = Field(default=None, examples=["234123412346"], description="12 digits")
    phone: Line | None = None
    email: Email | None = None
    external_id: Line | None = None


class FoundAnswer(Answer):
    """The customers who fit, at most 200."""

    items: list[UserLine]


def _present(row: CustomerSummary) -> UserLine:
    return UserLine(
        user_id=row.customer_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        external_id=row.external_id,
        approved_limit=row.approved_limit_paise,
        registered_on=row.registered_on,
    )


@router.get("", dependencies=[with_scope(Scope.LENDING_READ)], summary="List customers")
async def list_customers(
    uow: ReadingDep,
    phone: Annotated[Line | None, Query(description="Only customers with this phone number")] = None,
    email: Annotated[Email | None, Query(description="Only the customer with this e-mail address")] = None,
    external_id: Annotated[Line | None, Query(description="Only the customer with this id of another system")] = None,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[UserLine]:
    """Lists registered customers in the order of their numbers, for staff. All filters apply together. To keep a phone
    number or an e-mail address out of the logs of proxies, use `POST /api/v1/users/search`."""
    search = CustomerSearch(phone=phone, email=email, external_id=external_id)
    rows = await customer_lists.list_customers(uow, search, after=read_number(cursor, default=0), limit=limit)
    next_cursor = write_cursor(rows[-1].customer_id) if len(rows) == limit else None
    return Page(items=[_present(row) for row in rows], next_cursor=next_cursor)


@router.post("/search", dependencies=[OFFICERS], summary="Search customers by an Aadhaar number or other values")
async def search_customers(
    body: SearchBody, uow: UnitOfWorkDep, identity: Annotated[IdentityService, Depends(get_identity)]
) -> FoundAnswer:
    """Finds customers for staff. An Aadhaar number is never compared itself, only its keyed hash. The audit trail keeps
    who searched and by which fields, never the values."""
    search = CustomerSearch(phone=body.phone, email=body.email, external_id=body.external_id, aadhar_id=body.aadhar_id)
    rows = await customer_lists.search_customers(uow, search, identity=identity, limit=MOST_FOUND)
    return FoundAnswer(items=[_present(row) for row in rows])
