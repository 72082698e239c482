"""A floor of collectors: loans are billed, paid and judged, and the work list follows, as the jobs do it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.db.repositories.collections.cases import CaseSummary
from app.db.repositories.collections.entries import StoredEntry
from app.db.repositories.collections.promises import StoredPromise
from app.domain.collections.work_list import CaseFilter, CaseSort
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.collections import diary, following, promises, work_list
from app.services.collections.diary import Subject
from app.services.people.access import create_user_account
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.conftest import START
from tests.services.delinquency.conftest import FAR, Desk
from tests.services.lending_desk import LendingHelper


@dataclass(slots=True)
class Clock:
    """The clock of the wall, which moves with each look at it: no two things happen at the same instant."""

    now: datetime = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(slots=True)
class Floor:
    """Collectors, and the daily run."""

    desk: Desk
    officer: Actor

    @property
    def uow_factory(self) -> UnitOfWorkFactory:
        return self.desk.uow_factory

    async def run(self, *, on: date) -> None:
        """The daily run of a date: bills, day-ends, and the work list, whose job runs twice."""
        await self.desk.run(on=on)
        for _ in range(2):
            payload = {"through": (on - timedelta(days=1)).isoformat()}
            assert await following.follow_day_ends(self.uow_factory, payload, until=FAR)

    async def promise(self, loan: LoanReference, *, amount: int, by: date) -> int:
        async with self.uow_factory.open(self.officer) as uow:
            return (await promises.make_promise(uow, amount_paise=amount, pay_by=by, loan=loan)).promise.id

    async def see(self, number: int) -> StoredPromise:
        async with self.uow_factory.open(self.officer) as uow:
            return await promises.view_promise(uow, number)

    async def standing(self, number: int) -> tuple[str, int, date | None]:
        """How a promise stands: its status, what was paid towards it, and when that was enough."""
        verdict = (await self.see(number)).verdict
        return verdict.status.value, verdict.paid_paise, verdict.kept_on

    async def case(self, loan: LoanReference) -> CaseSummary | None:
        async with self.uow_factory.open(self.officer) as uow:
            return (await work_list.view_case(uow, loan=loan)).case

    async def cases(self, wanted: CaseFilter | None = None, *, sort: CaseSort = CaseSort.DAYS) -> list[CaseSummary]:
        async with self.uow_factory.open(self.officer) as uow:
            return list((await work_list.list_cases(uow, wanted or CaseFilter(), sort=sort, limit=100)).cases)

    async def entries(self, loan: LoanReference) -> list[StoredEntry]:
        """The diary of a loan, the oldest entry first."""
        async with self.uow_factory.open(self.officer) as uow:
            return (await diary.list_entries(uow, Subject(loan=loan), limit=200))[::-1]

    async def events(self, like: str) -> list[dict[str, Any]]:
        """The data of the events of these types, in order, each with its type."""
        async with self.uow_factory.open(SYSTEM) as uow:
            found = await uow.session.execute(
                text("SELECT type, data FROM events WHERE type LIKE :like ORDER BY id"), {"like": like}
            )
            return [{"type": row.type, **row.data} for row in found]


async def lend(desk: Desk, *, amount: int = 120_000) -> LoanReference:
    """A loan of twelve instalments, of which the first is due on 21 December 2026."""
    return await desk.lending.disburse(STANDARD_LOAN, amount=amount, rate="12", instalments=12)


async def add_officer(uow_factory: UnitOfWorkFactory, name: str) -> Actor:
    """A new account of an officer."""
    async with uow_factory.open(SYSTEM) as uow:
        return await create_user_account(uow, role=Role.OFFICER, name=name)


@pytest.fixture
async def floor(lending: LendingHelper) -> Floor:
    # Whether money was known when it was promised is a question of instants, so the clock must move.
    object.__setattr__(lending.uow_factory, "clock", Clock())
    return Floor(desk=Desk(lending), officer=await add_officer(lending.uow_factory, "Meera Nair"))
