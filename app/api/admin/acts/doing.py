"""Previews an act, and does it once.

A preview is the act itself in a transaction that is rolled back. So it shows what will happen, on the figures of the
moment, with every refusal that the act would have; no second calculation can differ from the first.

An act is done once for each form: the form carries a key of its own, which is claimed in the transaction of the act.
Whoever sends the form again gets the receipt of the first time.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from app.api.admin.acts.act import Act, Choice, Figure, Receipt, Subject
from app.api.admin.acts.reading import Typed, read_form
from app.api.admin.acts.standing import standing
from app.api.admin.acts.subjects import find_subject
from app.api.admin.context import context_of, open_uow
from app.api.routing import KistRoute
from app.domain.errors import DomainError, NotFound
from app.domain.people.access import Actor, Permission, check_permission
from app.services import idempotency
from app.services.idempotency import Claim, FirstAnswer
from app.services.unit_of_work import UnitOfWork

DONE: Final = 200
SORTED: Final = orjson.OPT_SORT_KEYS

T = TypeVar("T")


class ReceiptGone(NotFound):
    """There is no receipt under this key, or it is no longer kept. Look at the page of what you acted on."""


class _Undo(Exception):
    """Rolls a preview back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure before and after."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One way to do an act: what it would do, or why it is refused."""

    choice: Choice
    sentence: str = ""
    receipt: Receipt | None = None
    changes: tuple[Change, ...] = ()
    refusal: DomainError | None = None


async def rolled_back(request: Request, action: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    """What an action would do now: it is done in a transaction that is rolled back. Raises what the action raises."""
    found: list[T] = []
    try:
        async with open_uow(request) as uow:
            found.append(await action(uow))
            raise _Undo
    except _Undo:
        return found[0]


async def once(
    request: Request, *, name: str, key: str, said: object, action: Callable[[UnitOfWork], Awaitable[Receipt]]
) -> Receipt:
    """Does an action, or finds the receipt of the first time that this key came. Raises IdempotencyKeyReused, and what
    the action raises."""
    claim = Claim(route=_route(name), key=key, body_hash=hashlib.sha256(orjson.dumps(said, option=SORTED)).digest())
    async with open_uow(request) as uow:
        first = await idempotency.claim(uow, claim)
        if first is not None:
            return _receipt_of(first.text)
        receipt = await action(uow)
        await idempotency.keep_answer(uow, claim, answer=FirstAnswer(status_code=DONE, text=_text_of(receipt)))
    return receipt


def permission_of(app: FastAPI, act: Act) -> Permission:
    """The permission of the API's route that does the same."""
    return permission_of_route(app, act.route)


def check_route(request: Request, route: str) -> None:
    """Checks that the signed-in person may call a route of the API. Raises Forbidden."""
    check_permission(context_of(request).actor, permission=permission_of_route(request.app.state.outer, route))


def permission_of_route(app: FastAPI, wanted: str) -> Permission:
    """The permission of a route of the API, such as `POST /api/v1/products`."""
    known: dict[str, Permission] = getattr(app.state, "route_permissions", {})
    if not known:
        for context in iter_route_contexts(app.routes):
            if isinstance(route := context.original_route, KistRoute):
                known |= {f"{method} {context.path_format}": route.guard.permission for method in context.methods or ()}
        app.state.route_permissions = known
    return known[wanted]


def may_do(request: Request, act: Act) -> bool:
    """Whether the signed-in person may do it."""
    try:
        _check(request, act, context_of(request).actor)
    except DomainError:
        return False
    return True


def _check(request: Request, act: Act, actor: Actor) -> None:
    check_permission(actor, permission=permission_of(request.app.state.outer, act))


async def open_subject(request: Request, act: Act, text: str) -> Subject:
    """What the act is about. Raises Forbidden, NotFound, Invalid."""
    _check(request, act, context_of(request).actor)
    async with open_uow(request) as uow:
        return await find_subject(uow, act.about, text)


async def foresee(request: Request, act: Act, text: str, typed: Typed, choice: Choice) -> Preview:
    """What an act would do now. Nothing is kept. The form has been read without a fault."""

    async def trial(uow: UnitOfWork) -> Preview:
        subject = await _subject(request, uow, act, text)
        body = read_form(act, subject, typed, choice).body
        before = await standing(uow, subject)
        receipt = await act.do(uow, subject, body)
        if act.consequence is not None:
            await act.consequence(uow, receipt)
        after = await standing(uow, subject)
        return Preview(
            choice=choice, sentence=act.sentence(subject, body), receipt=receipt, changes=_changes(before, after)
        )

    try:
        return await rolled_back(request, trial)
    except DomainError as refusal:
        return Preview(choice=choice, refusal=refusal)


async def do_once(request: Request, act: Act, text: str, typed: Typed, choice: Choice, *, key: str) -> Receipt:
    """Does an act, or finds the receipt of the first time. Raises IdempotencyKeyReused, and what the act raises."""

    async def do(uow: UnitOfWork) -> Receipt:
        subject = await _subject(request, uow, act, text)
        return await act.do(uow, subject, read_form(act, subject, typed, choice).body)

    return await once(request, name=act.name, key=key, said=[text, choice.name, dict(typed.texts)], action=do)


async def find_receipt(request: Request, act: Act, *, key: str) -> Receipt:
    """The receipt that the signed-in person got for a form. Raises ReceiptGone."""
    async with open_uow(request) as uow:
        stored = await idempotency.find_answer(uow, route=_route(act.name), key=key)
    if stored is None:
        raise ReceiptGone("there is no receipt under this key")
    return _receipt_of(stored.text)


async def _subject(request: Request, uow: UnitOfWork, act: Act, text: str) -> Subject:
    _check(request, act, uow.actor)
    return await find_subject(uow, act.about, text)


def _changes(before: tuple[Figure, ...], after: tuple[Figure, ...]) -> tuple[Change, ...]:
    return tuple(
        Change(label=was.label, before=was.text, after=now.text) for was, now in zip(before, after, strict=True)
    )


def _route(name: str) -> str:
    return f"act {name}"


def _text_of(receipt: Receipt) -> str:
    document = {
        "sentence": receipt.sentence,
        "figures": [[each.label, each.text] for each in receipt.figures],
        "links": [list(link) for link in receipt.links],
    }
    return orjson.dumps(document).decode()


def _receipt_of(text: str) -> Receipt:
    document: Mapping[str, Any] = orjson.loads(text)
    return Receipt(
        sentence=document["sentence"],
        figures=tuple(Figure(label=label, text=value) for label, value in document["figures"]),
        links=tuple((label, address) for label, address in document["links"]),
    )
