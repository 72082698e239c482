"""What an admin page needs of the application around it: where work is opened, and on whose behalf.

The admin pages are an application of their own, mounted into ours. An `AdminContext` is the way back: the
unit-of-work factory, the keyring and, once somebody has signed in, the actor.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request

from app.domain.people.access import ANONYMOUS, Actor, Role
from app.services.people.password_proof import Keyring
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

ADMIN_PATH: Final = "/admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminContext:
    """The surroundings of one request."""

    uow_factory: UnitOfWorkFactory
    keyring: Keyring
    actor: Actor
    request_id: str | None


def context_of(request: Request) -> AdminContext:
    """The room of a request; its actor is anonymous until the door has let somebody in."""
    outer = request.app.state.outer
    assert isinstance(outer, FastAPI), "install_admin() says which application the pages belong to"
    return AdminContext(
        uow_factory=outer.state.uow_factory,
        keyring=outer.state.keyring,
        actor=getattr(request.state, "actor", ANONYMOUS),
        request_id=getattr(request.state, "request_id", None),
    )


def is_admin(request: Request) -> bool:
    """Whether the caller may act, and not only read."""
    return context_of(request).actor.role is Role.ADMIN


@asynccontextmanager
async def open_uow(request: Request) -> AsyncIterator[UnitOfWork]:
    """A transaction on behalf of whoever signed in."""
    context = context_of(request)
    async with context.uow_factory.open(context.actor, request_id=context.request_id) as uow:
        yield uow
