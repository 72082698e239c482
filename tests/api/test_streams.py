"""An event stream ends when its token stops being valid. Its last event says so."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from app.db.models import UserAccount
from app.db.repositories.imports import ingestion
from app.db.repositories.people import access as user_accounts
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import Time

CODES = {"expired": "token_expired", "revoked": "token_revoked", "disabled": "token_revoked"}


async def open_streams(client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, headers: dict[str, str]) -> list[str]:
    """Opens the stream of a paused run and of an import without a worker: neither ends by itself."""
    run_id = (await client.post("/api/v1/billing/runs", headers=headers)).json()["run_id"]
    await client.post(f"/api/v1/billing/runs/{run_id}/pause", headers=headers)
    async with uow_factory.open(SYSTEM) as uow:
        waiting = await ingestion.add_import(
            uow.session, kind="transactions", content_hash=b"h", file_name="f", now=uow.now, actor="system"
        )
    return [f"/api/v1/billing/runs/{run_id}/events", f"/api/v1/imports/{waiting.id}/events"]


async def end_token(uow_factory: UnitOfWorkFactory, time: Time, *, how: str) -> None:
    if how == "expired":
        time.advance(minutes=10)
        return
    async with uow_factory.open(SYSTEM) as uow:
        user_account_id = (await uow.session.execute(select(UserAccount.id))).scalar_one()
        later = uow.now + timedelta(microseconds=1)
        if how == "disabled":
            await user_accounts.set_disabled(uow.session, user_account_id, disabled_at=later, changed_at=later)
        else:
            await user_accounts.set_credentials_version(uow.session, user_account_id, changed_at=later)


@pytest.mark.parametrize("how", CODES)
async def test_a_stream_ends_with_its_token(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, time: Time, officer: dict[str, str], how: str
) -> None:
    paths = await open_streams(client, uow_factory, officer)
    watching = [asyncio.create_task(client.get(path, headers=officer)) for path in paths]
    await asyncio.sleep(0.7)
    assert not any(task.done() for task in watching)
    await end_token(uow_factory, time, how=how)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*watching)
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        first, *_, name, data = answer.text.strip().splitlines()
        assert first.startswith(("data: ", "retry: "))
        assert (name, json.loads(data.removeprefix("data: "))["code"]) == ("event: refused", CODES[how])


async def test_a_stream_with_a_revoked_token_is_refused(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, time: Time, officer: dict[str, str]
) -> None:
    paths = await open_streams(client, uow_factory, officer)
    await end_token(uow_factory, time, how="revoked")
    for path in paths:
        answer = await client.get(path, headers=officer)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
