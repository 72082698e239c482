"""The parts of a test over many days beside HTTP: the clock, a bank statement, the workers' jobs, and a new token.

The application's job queue only records jobs in tests. `run_jobs` runs them in this process with the workers' own
handlers, until none is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

import httpx
from fastapi import FastAPI
from sqlalchemy import insert

from app.db.models import BankTransaction
from app.db.repositories.people.access import find_user_account_of_customer
from app.domain.people.access import SYSTEM
from app.services.people.access import issue_tokens
from app.services.unit_of_work import Job, UnitOfWorkFactory
from app.workers.context import Context
from app.workers.jobs import REGISTRY


class Clock(Protocol):
    """The application's clock, which a test can set."""

    now: datetime


@dataclass(slots=True, kw_only=True)
class Story:
    """A test over many days: its client, its clock, its jobs."""

    app: FastAPI
    client: httpx.AsyncClient
    uow_factory: UnitOfWorkFactory
    time: Clock
    enqueued: list[Job]
    done: set[int] = field(default_factory=set)

    def move_to(self, day: date) -> None:
        """Sets the clock to 11:30 of that day in India."""
        self.time.now = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)

    async def add_statement(self, customer_id: int, rows: Sequence[tuple[str, int]], *, import_id: int = 1) -> None:
        """Adds a customer's bank transactions: days and rupees, negative for a debit."""
        async with self.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                insert(BankTransaction),
                [
                    {
                        "customer_id": customer_id,
                        "import_id": import_id,
                        "row_number": number,
                        "transacted_on": date.fromisoformat(day),
                        "direction": "CREDIT" if rupees > 0 else "DEBIT",
                        "amount_paise": abs(rupees) * 100,
                    }
                    for number, (day, rupees) in enumerate(rows, start=2)
                ],
            )

    async def run_jobs(self) -> None:
        """Runs every job in the queue, and the jobs that those add."""
        context = Context(settings=self.app.state.settings, uow_factory=self.uow_factory, worker="story")
        while waiting := [job for job in self.enqueued if job.outbox_id not in self.done]:
            for job in waiting:
                while not await REGISTRY[job.name].run(context, job.outbox_id):
                    pass
                self.done.add(job.outbox_id)

    async def token_of(self, customer_id: int) -> dict[str, str]:
        """New headers of a registered customer: a token is valid for ten minutes, and a story takes months."""
        async with self.uow_factory.open(SYSTEM) as uow:
            principal = await find_user_account_of_customer(uow.session, customer_id)
            assert principal is not None
            signed_in = await issue_tokens(uow, self.app.state.keyring, user_account_id=principal.id)
        return bearer(signed_in.access_token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
