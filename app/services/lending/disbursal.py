"""Making loans and disbursing them, in the transaction that approved them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.db.repositories.lending import charges as charge_repository
from app.db.repositories.lending import loans as repository
from app.db.repositories.lending import new_loans as new_loan_repository
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.lending.new_loans import NewLoan
from app.domain.events.happened import Happened
from app.domain.lending.agreements import Agreement, agreed_terms
from app.domain.lending.loan_events import made
from app.domain.lending.loans import disburse
from app.domain.lending.positions import Position
from app.domain.products.charge_terms import Fee
from app.domain.products.charges import disbursal_fees
from app.domain.products.products import Product
from app.services.events.publishing import publish
from app.services.lending.agreements import agree_on
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanOrder:
    """A loan that was approved, to be disbursed on the business date. Amounts in paise. The fees are those that the
    borrower agreed to, by default the product's; `chosen` has the first due date and the rhythm that were chosen."""

    customer_id: int
    product: Product
    amount_paise: int
    instalments: int
    annual_rate_percent: Decimal
    application_id: int | None = None
    purpose: str | None = None
    agreed_fees: Sequence[Fee] | None = None
    chosen: Agreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLoan:
    """A loan that was made and is to be written, with its fees."""

    new: NewLoan
    fees: Sequence[Fee]

    @property
    def position(self) -> Position:
        """Where the loan stands after its disbursal."""
        return self.new.decision.position

    @property
    def events(self) -> Sequence[Happened]:
        """What other programs are told about it."""
        product = self.new.product
        return made(self.position, product=product.code, product_version=product.version)


async def disburse_loan(uow: UnitOfWork, order: LoanOrder) -> Position:
    """Makes a loan and disburses it on the business date. Raises what `make_loan` and `write_loans` raise."""
    loan = await make_loan(uow, order, number=await repository.next_loan_number(uow.session))
    await write_loans(uow, [loan])
    await publish(uow, *loan.events)
    return loan.position


async def make_loan(uow: UnitOfWork, order: LoanOrder, *, number: int) -> MadeLoan:
    """The loan of an order, which is not written yet.

    Raises FeesInvalid, FirstDueOutsideBounds, RhythmNotOffered, BenchmarkUnknown.
    """
    product, today = order.product, await uow.business_date()
    agreement = await agree_on(uow, product, annual_rate_percent=order.annual_rate_percent, chosen=order.chosen)
    fees = order.agreed_fees
    if fees is None:
        fees = disbursal_fees(product.repayment.charges, amount_paise=order.amount_paise, on=today)
    decision = disburse(
        agreed_terms(product.repayment, agreement),
        customer_id=order.customer_id,
        loan_id=number,
        amount_paise=order.amount_paise,
        annual_rate_percent=order.annual_rate_percent,
        instalments=order.instalments,
        disbursed_on=today,
        fees=fees,
        agreement=agreement,
    )
    new = NewLoan(
        decision=decision,
        product=ProductKey(product.code, product.version),
        application_id=order.application_id,
        purpose=order.purpose,
        actor=uow.actor.label,
    )
    return MadeLoan(new=new, fees=fees)


async def write_loans(uow: UnitOfWork, loans: Sequence[MadeLoan]) -> None:
    """Writes loans with their plans, disbursals and fees. Raises PeriodClosed."""
    await new_loan_repository.write_new_loans(uow.session, [loan.new for loan in loans], now=uow.now)
    today = await uow.business_date()
    for loan in loans:
        key = LoanKey(loan.position.customer_id, loan.position.loan_id)
        await charge_repository.add_fees(uow.session, key, loan.fees, on=today, now=uow.now, actor=loan.new.actor)
