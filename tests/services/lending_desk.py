"""A helper for tests of services: disburses, bills and pays loans on the real database, each in one call."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import insert, select

from app.db.models import Customer, LoanCharge
from app.db.repositories.billing.runs import RunProgress
from app.db.repositories.products.products import add_product
from app.domain.lending.agreements import Agreement
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.products import Product
from app.domain.public_ids import LoanReference
from app.services.billing import runs
from app.services.lending.disbursal import LoanOrder, disburse_loan
from app.services.payments import payments, reversals
from app.services.payments.calls import PaymentRequest
from app.services.payments.receipts import Receipt
from app.services.payments.reversals import Reversal
from app.services.unit_of_work import UnitOfWorkFactory
from tests.domain.made_loans import CHARGED_LOAN

OFFICER = Actor(role=Role.OFFICER, user_account_id=1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class LendingHelper:
    """Makes customers and loans, runs billing, and takes and reverses payments."""

    uow_factory: UnitOfWorkFactory
    customers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1001))

    async def set_date(self, to: date) -> None:
        async with self.uow_factory.open(SYSTEM) as uow:
            if to > await uow.business_date():
                await uow.set_business_date(to)

    async def add_customer(self) -> int:
        number = next(self.customers)
        async with self.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                insert(Customer).values(
                    customer_id=number, state="customer", name="Asha Rao", created_at=uow.now, actor="system"
                )
            )
        return number

    async def disburse(
        self,
        product: Product,
        *,
        amount: int,
        rate: str,
        instalments: int,
        customer_id: int | None = None,
        chosen: Agreement | None = None,
    ) -> LoanReference:
        customer_id = customer_id or await self.add_customer()
        async with self.uow_factory.open(SYSTEM) as uow:
            loan = await disburse_loan(
                uow,
                LoanOrder(
                    customer_id=customer_id,
                    product=product,
                    amount_paise=amount * 100,
                    instalments=instalments,
                    annual_rate_percent=Decimal(rate),
                    chosen=chosen,
                ),
            )
        return LoanReference(number=loan.loan_id, year=None)

    async def run_billing(self, *, on: date) -> RunProgress:
        await self.set_date(on)
        async with self.uow_factory.open(OFFICER) as uow:
            run_id = await runs.start_run(uow, business_date=on)
        assert await runs.run_billing(self.uow_factory, run_id=run_id, worker="test", until=FAR)
        async with self.uow_factory.open(SYSTEM) as uow:
            return await runs.get_run(uow, run_id)

    async def pay(
        self,
        loan: LoanReference,
        *,
        amount: int,
        reference: str | None = None,
        value_date: date | None = None,
        treat_as: TreatAs = TreatAs.INSTALMENT,
    ) -> Receipt:
        request = PaymentRequest(
            loan=loan, amount_paise=amount, reference=reference, value_date=value_date, treat_as=treat_as
        )
        async with self.uow_factory.open(OFFICER) as uow:
            return await payments.take_payment(uow, request)

    async def take_and_return(self) -> tuple[LoanReference, int]:
        """A loan with every charge, on which a payment was returned today, and the number of its charge."""
        async with self.uow_factory.open(SYSTEM) as uow:
            await add_product(uow.session, CHARGED_LOAN, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        loan = await self.disburse(CHARGED_LOAN, amount=1_45_410, rate="12", instalments=4)
        receipt = await self.pay(loan, amount=100_00, reference="RETURNED")
        await self.reverse(receipt.payment_id)
        async with self.uow_factory.open(SYSTEM) as uow:
            found = select(LoanCharge.id).where(LoanCharge.loan_id == loan.number, LoanCharge.kind == "bounce")
            return loan, (await uow.session.execute(found)).scalar_one()

    async def reverse(self, payment_id: int) -> Reversal:
        async with self.uow_factory.open(OFFICER) as uow:
            return await reversals.reverse_payment(uow, payment_id, reason="returned unpaid")
