"""The only route that shows a whole Aadhaar number. It needs its own scope and a reason, and it is audited."""

import re
from typing import Annotated

from fastapi import Depends, Path
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.api.deps import KistRouter, UnitOfWorkDep, with_scope
from app.api.id_schemas import UserId, UserIdOut
from app.api.schemas import (
    Answer,
    Body,
    Line,
    example,
)
from app.api.v1.people.customers import get_identity
from app.domain.people.access import Role, Scope
from app.services.people import identity
from app.services.people.customers import IdentityService

router = KistRouter(prefix="/users", tags=["Customers"])

TWELVE_DIGITS = re.compile(r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}")


def _without_numbers(reason: str) -> str:
    if TWELVE_DIGITS.search(reason):
        raise PydanticCustomError(
            "number_in_reason", "the audit trail keeps the reason, so it must not hold a 12-digit number"
        )
    return reason


class RevealBody(Body):
    """The reason for reading the number. The audit trail keeps it with the caller's name."""

    model_config = example({"reason": "Order 17/2026 of the district court"})

    reason: Annotated[Line, AfterValidator(_without_numbers)] = Field(
        min_length=10, examples=["Order 17/2026 of the district court"]
    )


class RevealAnswer(Answer):
    """The whole number. Do not store it."""

    user_id: UserIdOut
    aadhar_id: str = Field(examples=["234123412346"])


@router.post(
    "/{user_id}/aadhaar/reveal",
    dependencies=[with_scope(Scope.IDENTITY_REVEAL, Role.ADMIN)],
    summary="Reveal an Aadhaar number",
)
async def reveal_aadhaar(
    user_id: Annotated[UserId, Path(description="`BC-USER-009`, or its number")],
    body: RevealBody,
    uow: UnitOfWorkDep,
    identity_service: Annotated[IdentityService, Depends(get_identity)],
) -> RevealAnswer:
    """Gives the whole Aadhaar number to an admin, or to a service with the scope `identity:reveal`, and audits it.
    Every other route shows it as `XXXX XXXX 9012`."""
    number = await identity.reveal_aadhaar(uow, user_id, vault=identity_service.vault, reason=body.reason)
    return RevealAnswer(user_id=user_id, aadhar_id=number)
