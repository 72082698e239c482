"""A real worker loads an uploaded file: from the outbox through the queue into its rows."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db.models import BankTransaction, ImportChunk, OutboxRow
from app.domain.people.access import SYSTEM, Role
from app.main import make_keyring
from app.services.imports import uploads
from app.services.people.access import create_user_account, issue_tokens
from app.services.people.customers import make_identity_service
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.patience import eventually

# ARQ closes its connections with a method that redis-py has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")


@pytest.fixture
async def claims(uow_factory: UnitOfWorkFactory, settings: Settings) -> Claims:
    keyring = make_keyring(settings)
    async with uow_factory.open(SYSTEM) as uow:
        actor = await create_user_account(uow, role=Role.OFFICER, name="Somebody")
        assert actor.user_account_id is not None
        tokens = await issue_tokens(uow, keyring, user_account_id=actor.user_account_id)
    keyring.passwords.close()
    return keyring.tokens.read(tokens.access_token, now=uow_factory.clock())


async def test_a_worker_loads_what_was_uploaded(
    uow_factory: UnitOfWorkFactory, settings: Settings, claims: Claims, running_worker: Callable[..., Any]
) -> None:
    rows = "".join(f"P{number % 90},2026-10-01,{number + 1},CREDIT\n" for number in range(20_000))
    content = io.BytesIO(f"user_id,date,amount,type\n{rows}".encode())
    found = await uploads.receive(
        uow_factory,
        claims,
        kind="transactions",
        file_name="t.csv",
        content=content,
        identity=make_identity_service(settings),
    )

    async def is_finished() -> bool:
        async with uow_factory.open(SYSTEM) as uow:
            return (await uploads.view_import(uow, found.id)).status == "finished"

    async with running_worker():
        await eventually(is_finished)
    async with uow_factory.open(SYSTEM) as uow:
        loaded = (await uow.session.execute(select(func.count()).select_from(BankTransaction))).scalar_one()
        pieces = (await uow.session.execute(select(func.count()).select_from(ImportChunk))).scalar_one()
        jobs = (await uow.session.execute(select(OutboxRow).where(OutboxRow.job == "load_import"))).scalars().all()
    assert (loaded, pieces) == (20_000, 0)
    assert [job.done_at is not None for job in jobs] == [True]
