"""What an admin page needs of the application around it: where work is opened, and on whose behalf.

The admin pages are an application of their own, mounted into ours. A `Room` is the way back: the desk, the keyring,
and, once somebody has signed in, the actor.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request

from app.domain.people.access import ANONYMOUS, Actor, Role
from app.services.people.password_proof import Keyring
from app.services.work import Desk, Work

ADMIN_PATH: Final = "/admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The surroundings of one request."""

    desk: Desk
    keyring: Keyring
    actor: Actor
    request_id: str | None


def room_of(request: Request) -> Room:
    """The room of a request; its actor is anonymous until the door has let somebody in."""
    outer = request.app.state.outer
    assert isinstance(outer, FastAPI), "install_admin() says which application the pages belong to"
    return Room(
        desk=outer.state.desk,
        keyring=outer.state.keyring,
        actor=getattr(request.state, "actor", ANONYMOUS),
        request_id=getattr(request.state, "request_id", None),
    )


def is_admin(request: Request) -> bool:
    """Whether the caller may act, and not only read."""
    return room_of(request).actor.role is Role.ADMIN


@asynccontextmanager
async def open_work(request: Request) -> AsyncIterator[Work]:
    """A transaction on behalf of whoever signed in."""
    room = room_of(request)
    async with room.desk.open(room.actor, request_id=room.request_id) as work:
        yield work
