"""A desk that also judges day-ends, as the jobs do."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from app.db.repositories.delinquency import changes as repository
from app.db.repositories.delinquency.changes import StoredChange
from app.domain.people.access import SYSTEM
from app.domain.public_ids import LoanReference
from app.services.delinquency import corrections, day_ends, views
from app.services.delinquency.views import DelinquencyView
from tests.services.lending_desk import LendingHelper

FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Desk:
    """Lends, bills, pays, judges and looks."""

    def __init__(self, lending: LendingHelper) -> None:
        self.lending = lending
        self.uow_factory = lending.uow_factory

    async def run(self, *, on: date) -> None:
        """The billing run of a date, and the day-ends before it."""
        await self.lending.run_billing(on=on)
        payload = {"through": day_ends.day_before(on).isoformat()}
        assert await day_ends.judge_day_ends(self.uow_factory, payload, until=FAR)

    async def correct(self, customer_id: int, *, on: date) -> None:
        """The job that a backdated payment or a reversal asks for."""
        payload = {"customer_id": customer_id, "known_on": on.isoformat()}
        assert await corrections.judge_borrower(self.uow_factory, payload)
        async with self.uow_factory.open(SYSTEM) as uow:
            # As the outbox does it. Then the history of the borrower is reconciled after the test.
            await uow.session.execute(
                text("UPDATE outbox SET done_at = :now WHERE job = 'judge_borrower'"), {"now": uow.now}
            )

    async def see(self, loan: LoanReference, *, on: date, as_known_on: date | None = None) -> DelinquencyView:
        async with self.uow_factory.reading(SYSTEM) as uow:
            return await views.view_delinquency(uow, loan, on=on, as_known_on=as_known_on)

    async def stored(self, customer_id: int) -> list[StoredChange]:
        async with self.uow_factory.open(SYSTEM) as uow:
            await uow.business_date()
            return await repository.list_changes(uow.session, customer_id)

    async def believed(self, customer_id: int) -> list[tuple[date, str | None, date]]:
        """What is believed now: the day-end, the class after it, and since when it is believed."""
        return [
            (one.change.on, one.change.after.asset_class, one.known_from)
            for one in await self.stored(customer_id)
            if one.known_until is None
        ]


@pytest.fixture
def desk(lending: LendingHelper) -> Desk:
    return Desk(lending)
