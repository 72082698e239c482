"""Customers and their applications, for tests of decisions."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select

from app.db.models import Application, CreditScore, Customer, Loan, Transfer
from app.db.session import SessionFactory
from app.domain.people.access import SYSTEM, Actor, Role
from app.services.credit.applications import ApplicationRequest, ApplicationView, apply, decide_pending
from app.services.unit_of_work import Job, UnitOfWorkFactory

START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
OFFICER = Actor(role=Role.OFFICER, user_account_id=1)
ADMIN = Actor(role=Role.ADMIN, user_account_id=2)
LAKH = 100_000_00


class SilentJobQueue:
    async def enqueue(self, job: Job) -> None: ...


@dataclass(slots=True)
class CreditHelper:
    """Makes customers and applications, with a clock that the test sets."""

    sessions: SessionFactory
    now: datetime = START
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def uow_factory(self) -> UnitOfWorkFactory:
        return UnitOfWorkFactory(sessions=self.sessions, job_queue=SilentJobQueue(), clock=lambda: self.now)

    async def add_customer(
        self,
        *,
        score: int | None = None,
        income_paise: int | None = 18 * LAKH,
        limit_paise: int | None = 36 * LAKH,
        state: str = "customer",
    ) -> int:
        number = next(self.numbers)
        async with self.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                insert(Customer).values(
                    customer_id=number,
                    state=state,
                    name="Asha Rao",
                    annual_income_paise=income_paise,
                    approved_limit_paise=limit_paise,
                    created_at=self.now,
                    actor="system",
                )
            )
        if score is not None:
            await self.set_score(number, score)
        return number

    async def set_score(self, customer_id: int, score: int) -> None:
        async with self.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                insert(CreditScore).values(
                    customer_id=customer_id,
                    id=next(self.numbers) + 10_000,
                    scorecard_code="bank_balance",
                    scorecard_version=1,
                    score=score,
                    facts={},
                    factors={},
                    reasons=[],
                    as_of=TODAY,
                    computed_at=self.now,
                )
            )

    async def apply(
        self,
        customer_id: int,
        product: str = "CREDIT_CARD_LOAN",
        *,
        amount: int | None = 50_000,
        tenure: int | None = 12,
        rate: str | None = "10.5",
        actor: Actor = OFFICER,
        repeat_allowed: bool = False,
    ) -> ApplicationView:
        request = ApplicationRequest(
            customer_id=customer_id,
            product_code=product,
            amount_paise=None if amount is None else amount * 100,
            instalments=tenure,
            annual_rate_percent=None if rate is None else Decimal(rate),
            purpose="HOME",
        )
        async with self.uow_factory.open(actor) as uow:
            return await apply(uow, request, repeat_allowed=repeat_allowed)

    async def apply_for_card(self, customer_id: int) -> ApplicationView:
        return await self.apply(customer_id, "CREDIT_CARD", amount=None, tenure=None, rate=None)

    async def decide_pending(self, customer_id: int) -> list[ApplicationView]:
        async with self.uow_factory.open(SYSTEM) as uow:
            return await decide_pending(uow, customer_id)

    async def set_date(self, to: date) -> None:
        async with self.uow_factory.open(SYSTEM) as uow:
            await uow.set_business_date(to)

    async def counts(self) -> dict[str, int]:
        async with self.uow_factory.open(SYSTEM) as uow:
            return {
                table.__tablename__: (await uow.session.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (Application, Loan, Transfer)
            }

    async def stored(self, application_id: int) -> Any:
        async with self.uow_factory.open(SYSTEM) as uow:
            statement = select(Application).where(Application.id == application_id)
            return (await uow.session.execute(statement)).scalar_one()
