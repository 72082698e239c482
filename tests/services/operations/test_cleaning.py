"""Old rows are removed in batches within a time budget; rows that are still needed stay."""

import asyncio
import io
import json
from datetime import timedelta

from sqlalchemy import func, insert, select

from app.db.models import IdempotencyKey, OutboxRow, RefreshToken, UserAccount
from app.db.repositories import idempotency as keys
from app.domain.people.access import SYSTEM
from app.services import idempotency
from app.services.idempotency import Claim, FirstAnswer
from app.services.operations.cleaning import clean_up
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.conftest import START

KEEP = timedelta(days=30)
OLD = START - KEEP - timedelta(microseconds=1)
#: A row that is exactly thirty days old stays.
YOUNG = START - KEEP


async def fill(uow_factory: UnitOfWorkFactory, *, old: int, young: int) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        principal = {"role": "officer", "name": "Asha", "scopes": [], "credentials_changed_at": OLD, "created_at": OLD}
        await uow.session.execute(insert(UserAccount).values(id=1, **principal))
        for at, number in ((OLD, old), (YOUNG, young)):
            for place in range(number):
                name = f"{at}-{place}"
                key = {"caller": "c", "route": "r", "key": name, "body_hash": b"h", "created_at": at}
                await uow.session.execute(insert(IdempotencyKey).values(status_code=200, answer={}, **key))
                job = {"job": "j", "key": name, "payload": {}, "created_at": OLD, "due_at": OLD, "attempts": 0}
                await uow.session.execute(insert(OutboxRow).values(done_at=at, **job))
                token = {"token_hash": name.encode(), "family": "f", "user_account_id": 1, "issued_at": OLD}
                await uow.session.execute(insert(RefreshToken).values(expires_at=at, **token))
        # A job that is not done stays, however old it is.
        undone = {"job": "j", "key": "undone", "payload": {}, "created_at": OLD, "due_at": OLD, "attempts": 9}
        await uow.session.execute(insert(OutboxRow).values(**undone))


async def remaining(uow_factory: UnitOfWorkFactory) -> tuple[int, int, int]:
    async with uow_factory.open(SYSTEM) as uow:
        counts = [
            (await uow.session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (IdempotencyKey, OutboxRow, RefreshToken)
        ]
    return counts[0], counts[1], counts[2]


async def test_old_rows_are_removed_in_batches_and_the_rest_stays(uow_factory: UnitOfWorkFactory) -> None:
    await fill(uow_factory, old=7, young=2)
    removed = await clean_up(uow_factory, keep=KEEP, batch=3)
    assert removed == {"idempotency_keys": 7, "done_jobs": 7, "refresh_tokens": 7, "deliveries": 0}
    assert await remaining(uow_factory) == (2, 3, 2)
    assert await clean_up(uow_factory, keep=KEEP) == {
        "idempotency_keys": 0,
        "done_jobs": 0,
        "refresh_tokens": 0,
        "deliveries": 0,
    }


async def test_the_log_has_the_count_of_each_kind(uow_factory: UnitOfWorkFactory, lines: io.StringIO) -> None:
    await fill(uow_factory, old=7, young=2)
    await clean_up(uow_factory, keep=KEEP)
    (line,) = (json.loads(line) for line in lines.getvalue().splitlines())
    assert {key: line[key] for key in line if key not in {"timestamp", "level", "logger"}} == {
        "event": "cleaned up", "idempotency_keys": 7, "done_jobs": 7, "expired_sign_ins": 7, "deliveries": 0,
    }  # fmt: skip


async def test_cleaning_stops_after_its_budget_and_the_next_tick_continues(uow_factory: UnitOfWorkFactory) -> None:
    await fill(uow_factory, old=3, young=0)
    ticks = iter([START, START, *[START + timedelta(seconds=6)] * 9])
    slow = UnitOfWorkFactory(sessions=uow_factory.sessions, job_queue=uow_factory.job_queue, clock=lambda: next(ticks))
    assert await clean_up(slow, keep=KEEP, batch=2) == {
        "idempotency_keys": 2,
        "done_jobs": 0,
        "refresh_tokens": 0,
        "deliveries": 0,
    }
    assert await clean_up(uow_factory, keep=KEEP, batch=2) == {
        "idempotency_keys": 1,
        "done_jobs": 3,
        "refresh_tokens": 3,
        "deliveries": 0,
    }


async def test_two_cleaners_share_the_rows_and_skip_locked_ones(
    uow_factory: UnitOfWorkFactory,
) -> None:
    await fill(uow_factory, old=20, young=0)
    async with uow_factory.open(SYSTEM) as uow:
        lock_one = select(IdempotencyKey.key).where(IdempotencyKey.created_at == OLD).limit(1).with_for_update()
        await uow.session.execute(lock_one)
        async with asyncio.timeout(2):
            first, second = await asyncio.gather(*(clean_up(uow_factory, keep=KEEP, batch=4) for _ in range(2)))
        assert first["done_jobs"] + second["done_jobs"] == 20
        assert first["idempotency_keys"] + second["idempotency_keys"] == 19
    assert await remaining(uow_factory) == (1, 1, 0)


async def test_a_key_that_is_removed_during_a_claim_is_claimed_again(uow_factory: UnitOfWorkFactory) -> None:
    """The claim finds the old key, and cleaning removes it before its answer is read: the request is then the first."""
    claim = Claim(route="POST /x", key="k", body_hash=b"h")
    async with uow_factory.open(SYSTEM) as uow:
        assert await idempotency.claim(uow, claim) is None
        await idempotency.keep_answer(uow, claim, answer=FirstAnswer(status_code=201, text="{}"))
    later = UnitOfWorkFactory(
        sessions=uow_factory.sessions, job_queue=uow_factory.job_queue, clock=lambda: START + KEEP + timedelta(days=1)
    )
    real_find, calls = keys.find_key, 0

    async def find_after_cleaning(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        await clean_up(later, keep=KEEP)
        return await real_find(*arguments, **named)  # type: ignore[arg-type]

    keys.find_key = find_after_cleaning  # type: ignore[assignment]
    try:
        async with later.open(SYSTEM) as uow:
            assert await idempotency.claim(uow, claim) is None
    finally:
        keys.find_key = real_find
    assert calls == 1
