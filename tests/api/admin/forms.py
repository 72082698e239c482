"""Helpers for tests of forms: open one, send it, and read a page as people do."""

import re
from collections.abc import Mapping
from html import unescape

import httpx
from sqlalchemy import func, select

from app.db.models import AuditEvent, EventRow, IdempotencyKey, OutboxRow, Payment, Proposal, Transfer
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import UnitOfWorkFactory

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
TEXT = re.compile(r"<(script|style).*?</\1>|<[^>]+>", re.DOTALL)


def words_of(page: httpx.Response) -> str:
    """The text of a page as it is read."""
    return " ".join(unescape(TEXT.sub(" ", page.text.split("<body", 1)[-1])).split())


async def open_form(client: httpx.AsyncClient, act: str, of: str) -> dict[str, str]:
    """The hidden fields of a new form."""
    page = await client.get(f"/admin/acts/{act}", params={"of": of})
    assert page.status_code in {200, 422}, page.text[-2000:]
    return {name: value for name, value in HIDDEN.findall(page.text) if name in {"csrftoken", "of", "once"}}


async def send(
    client: httpx.AsyncClient, act: str, form: Mapping[str, str], *, step: str, choice: str = "", **typed: str
) -> httpx.Response:
    """Sends a form: `preview`, `do` or `change`."""
    return await client.post(f"/admin/acts/{act}", data={**form, "step": step, "choice": choice, **typed})


async def do(client: httpx.AsyncClient, act: str, of: str, *, choice: str = "", **typed: str) -> httpx.Response:
    """Opens a form, previews it and confirms it; the receipt."""
    form = await open_form(client, act, of)
    preview = await send(client, act, form, step="preview", **typed)
    assert preview.status_code == 200, words_of(preview)
    receipt = await send(client, act, form, step="do", choice=choice, **typed)
    assert receipt.url.path.endswith("/receipt"), words_of(receipt)
    return receipt


async def books_of(uow_factory: UnitOfWorkFactory) -> dict[str, int]:
    """How many rows there are of everything that an act writes."""
    async with uow_factory.open(SYSTEM) as uow:
        return {
            model.__name__: int((await uow.session.execute(select(func.count()).select_from(model))).scalar_one())
            for model in (Payment, Transfer, Proposal, IdempotencyKey, OutboxRow, EventRow, AuditEvent)
        }
