"""A lending desk for tests of services: loans in one call, runs in one call, on the real database."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import insert

from app.db.models import Customer
from app.db.repositories.billing.runs import RunProgress
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.products import Product
from app.domain.public_ids import LoanReference
from app.services.billing import runs
from app.services.lending import loans
from app.services.payments import payments, reversals
from app.services.payments.payments import PaymentWish, Receipt
from app.services.payments.reversals import Reversal
from app.services.work import Desk

OFFICER = Actor(role=Role.OFFICER, principal_id=1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class LendingDesk:
    """Makes loans and lives through their months."""

    desk: Desk
    customers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1001))

    async def set_date(self, to: date) -> None:
        async with self.desk.open(SYSTEM) as work:
            if to > await work.business_date():
                await work.set_business_date(to)

    async def add_customer(self) -> int:
        number = next(self.customers)
        async with self.desk.open(SYSTEM) as work:
            await work.session.execute(
                insert(Customer).values(
                    customer_id=number, state="customer", name="Asha Rao", created_at=work.now, actor="system"
                )
            )
        return number

    async def disburse(self, product: Product, *, amount: int, rate: str, instalments: int) -> LoanReference:
        customer_id = await self.add_customer()
        async with self.desk.open(SYSTEM) as work:
            loan = await loans.disburse_loan(
                work,
                customer_id=customer_id,
                product=product,
                amount_paise=amount * 100,
                instalments=instalments,
                annual_rate_percent=Decimal(rate),
                application_id=None,
                purpose=None,
            )
        return LoanReference(number=loan.loan_id, year=None)

    async def run_billing(self, *, on: date) -> RunProgress:
        await self.set_date(on)
        async with self.desk.open(OFFICER) as work:
            run_id = await runs.start_run(work, business_date=on)
        assert await runs.run_billing(self.desk, run_id=run_id, worker="test", until=FAR)
        async with self.desk.open(SYSTEM) as work:
            return await runs.get_run(work, run_id)

    async def pay(
        self,
        loan: LoanReference,
        *,
        amount: int,
        reference: str | None = None,
        value_date: date | None = None,
        treat_as: TreatAs = TreatAs.INSTALMENT,
    ) -> Receipt:
        wish = PaymentWish(
            loan=loan, amount_paise=amount, reference=reference, value_date=value_date, treat_as=treat_as
        )
        async with self.desk.open(OFFICER) as work:
            return await payments.take_payment(work, wish)

    async def reverse(self, payment_id: int) -> Reversal:
        async with self.desk.open(OFFICER) as work:
            return await reversals.reverse_payment(work, payment_id, reason="returned unpaid")
