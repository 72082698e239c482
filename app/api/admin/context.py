"""The parts of the outer application that an admin page needs.

The admin pages are an application of their own, mounted into ours. An `AdminContext` gives them the unit-of-work
factory, the keyring and, after sign-in, the actor.
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
    """The unit-of-work factory, the keyring and the actor of one request."""

    uow_factory: UnitOfWorkFactory
    keyring: Keyring
    actor: Actor
    request_id: str | None


def context_of(request: Request) -> AdminContext:
    """The context of a request. Its actor is anonymous until the session is authenticated."""
    outer = request.app.state.outer
    assert isinstance(outer, FastAPI), "install_admin() sets the outer application"
    return AdminContext(
        uow_factory=outer.state.uow_factory,
        keyring=outer.state.keyring,
        actor=getattr(request.state, "actor", ANONYMOUS),
        request_id=getattr(request.state, "request_id", None),
    )


def is_admin(request: Request) -> bool:
    """Whether the caller is an admin, who may also act."""
    return context_of(request).actor.role is Role.ADMIN


@asynccontextmanager
async def open_uow(request: Request) -> AsyncIterator[UnitOfWork]:
    """A unit of work for the signed-in actor."""
    context = context_of(request)
    async with context.uow_factory.open(context.actor, request_id=context.request_id) as uow:
        yield uow


async def business_day_text(request: Request) -> str:
    """The business date as a form's input writes it."""
    async with open_uow(request) as uow:
        return (await uow.business_date()).isoformat()
