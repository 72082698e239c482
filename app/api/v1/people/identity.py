"""Showing an Aadhaar number: the one route that does, for its own scope, with a reason, on the record."""

import re
from typing import Annotated

from fastapi import Depends, Path
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.api.deps import KistRouter, UnitOfWorkDep, with_scope
from app.api.id_schemas import UserId, UserIdOut
from app.api.schemas import Answer, Body, Line
from app.api.v1.people.customers import get_identity
from app.domain.people.access import Role, Scope
from app.services.people import identity
from app.services.people.customers import IdentityService

router = KistRouter(prefix="/users", tags=["Customers"])

TWELVE_DIGITS = re.compile(r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}")


def _without_numbers(reason: str) -> str:
    if TWELVE_DIGITS.search(reason):
        raise PydanticCustomError("number_in_reason", "a reason is kept in the audit trail and names no number")
    return reason


class RevealBody(Body):
    """Why the number has to be seen; it is written into the audit trail with the caller's name."""

    reason: Annotated[Line, AfterValidator(_without_numbers)] = Field(
        min_length=10, examples=["Order 17/2026 of the district court"]
    )


class RevealAnswer(Answer):
    """The whole number. Keep it nowhere."""

    user_id: UserIdOut
    aadhar_id: str = Field(examples=["234123412346"])


@router.post(
    "/{user_id}/aadhaar/reveal",
    dependencies=[with_scope(Scope.IDENTITY_REVEAL, Role.ADMIN)],
    summary="Show an Aadhaar number",
)
async def reveal(
    user_id: Annotated[UserId, Path(description="`BC-USER-009`, or its number")],
    body: RevealBody,
    uow: UnitOfWorkDep,
    uow_factory: Annotated[IdentityService, Depends(get_identity)],
) -> RevealAnswer:
    """For an admin, or a service with the scope `identity:reveal`. Everywhere else it is `XXXX XXXX 9012`."""
    number = await identity.reveal_aadhaar(uow, user_id, vault=uow_factory.vault, reason=body.reason)
    return RevealAnswer(user_id=user_id, aadhar_id=number)
