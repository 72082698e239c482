"""Groups of payments on a cluster: a group is of one shard, and its numbers are drawn by a statement of their own.

The database here is one server. The process takes it for a cluster, so the statements are those of a cluster; one
server can execute them too.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio
from sqlalchemy import select

from app.db.data_loader import NOBODY, BatchingReader, DataLoader
from app.db.models import Payment, PublicId
from app.db.placement import Placement, find_placement, keep_placement
from app.db.repositories.lending.positions import find_stored_loan
from app.db.repositories.payments.groups import Asked, admit
from app.db.repositories.public_ids import find_owner
from app.db.session import Reader, engine_of
from app.db.statements import LISTENERS
from app.domain.people.access import SYSTEM
from app.domain.public_ids import LoanReference
from app.services.payments.calls import Taken
from app.services.payments.group_commit import PaymentGroups
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper
from tests.services.payments.test_group_commit import call, make_loan, take_all

#: Four shards of equal size.
FOUR = Placement(tuple(range(-(2**31), 2**31, 2**30)))


@pytest_asyncio.fixture
async def on_shards(uow_factory: UnitOfWorkFactory) -> AsyncIterator[Placement]:
    """The process takes the database for a cluster."""
    reader = Reader(engine_of(uow_factory.sessions))
    before = await find_placement(reader)
    reader.close()
    keep_placement(reader, FOUR)
    yield FOUR
    keep_placement(reader, before)


@pytest_asyncio.fixture
async def loans(lending: LendingHelper, on_shards: Placement) -> list[LoanReference]:
    """A loan each of customers of all shards."""
    return [await make_loan(lending) for _ in range(8)]


@contextmanager
def heard(part: str) -> Iterator[list[dict[str, object]]]:
    """The values of the statements that contain a text."""
    found: list[dict[str, object]] = []
    LISTENERS.append(listener := lambda text, values: found.append(dict(values)) if part in text else None)
    try:
        yield found
    finally:
        LISTENERS.remove(listener)


async def test_a_group_is_of_one_shard(
    loans: list[LoanReference], uow_factory: UnitOfWorkFactory, on_shards: Placement
) -> None:
    async with uow_factory.reading(SYSTEM) as uow:
        owners = [await find_owner(uow.reader, "loan", loan.number) for loan in loans]
    places = [on_shards.place_of(owner.customer_id) for owner in owners if owner is not None]
    async with PaymentGroups(uow_factory) as groups:
        with heard("FOR NO KEY UPDATE") as locked:
            answers = await take_all(groups, [call(loan, 100 + n) for n in range(3) for loan in loans])
    assert all(isinstance(answer, Taken) for answer in answers)
    sent = [{on_shards.place_of(int(str(one))) for one in list_of(values["customer_ids"])} for values in locked]
    assert all(len(group) == 1 for group in sent)
    assert {place for group in sent for place in group} == set(places)


def list_of(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


async def test_payments_are_numbered_in_the_order_in_which_their_loan_was_held(
    loans: list[LoanReference], uow_factory: UnitOfWorkFactory
) -> None:
    async with PaymentGroups(uow_factory) as groups:
        await take_all(groups, [call(loan, 100 + n) for n in range(5) for loan in loans])
    async with uow_factory.open(SYSTEM) as uow:
        for loan in loans:
            rows = await uow.session.execute(
                select(Payment.amount_paise).where(Payment.loan_id == loan.number).order_by(Payment.id)
            )
            assert list(rows.scalars()) == [100 + n for n in range(5)]
    differences = [page.differences async for page in reconcile_all(uow_factory)]
    assert [each for each in differences if each] == []


@pytest.mark.usefixtures("loans")
async def test_a_cluster_plans_with_the_values(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        with heard("plan_cache_mode") as asked:
            (admission,) = await admit(uow.session, [Asked(None, None, 1)], waits=False)
    assert [values["planning"] for values in asked] == ["auto"]
    assert admission.owner_id is not None


async def test_look_ups_that_come_together_are_one_statement_for_each_shard(
    loans: list[LoanReference], uow_factory: UnitOfWorkFactory, on_shards: Placement
) -> None:
    reading = BatchingReader(DataLoader(engine_of(uow_factory.sessions)))
    with heard("AS plan_due_on") as asked:
        found = await asyncio.gather(*(find_stored_loan(reading, loan.number) for loan in loans))
    assert [stored.key.loan_id for stored in found if stored is not None] == [loan.number for loan in loans]
    places = [{on_shards.place_of(int(str(one))) for one in list_of(values["customer_ids"])} for values in asked]
    assert all(len(group) == 1 for group in places)
    assert sum(len(list_of(values["ids"])) for values in asked) == len(loans)


@pytest.mark.usefixtures("loans")
async def test_the_owner_of_a_number_is_read_once(uow_factory: UnitOfWorkFactory) -> None:
    with heard("FROM public_ids") as asked:
        for _ in range(3):
            async with uow_factory.reading(SYSTEM) as uow:
                assert await find_owner(uow.reader, "loan", 1) is not None
                assert await find_owner(uow.reader, "loan", 999) is None
    numbers = [list_of(values["numbers"]) for values in asked]
    assert [[number for number in one if number != NOBODY] for one in numbers] == [[1], [999], [999], [999]]
    async with uow_factory.open(SYSTEM) as uow:
        years = select(PublicId.year).where(PublicId.kind == "loan").distinct()
        assert (await uow.session.execute(years)).scalars().all() == [2026]
