"""A run writes the same rows for a loan whether its cycle is billed as a plain one or as any other."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.db.models import Bill, EventRow, Loan, Transfer
from app.db.repositories.billing import plain_cycles as repository
from app.db.repositories.products.products import add_product
from app.domain.billing.plain_cycles import PlainLoan, bill_plain_cycles, plain_rules
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from tests.domain.made_loans import CHARGED_LOAN
from tests.services.conftest import START
from tests.services.lending_desk import LendingHelper

FIRST_DAY = START.date()
#: What is done with a loan between its first bill and its second one.
DEEDS = PAID, UNPAID, AHEAD, PREPAID = "paid", "unpaid", "ahead", "prepaid"
PRODUCTS = (CREDIT_CARD_LOAN, STANDARD_LOAN, PERSONAL_LOAN, CHARGED_LOAN)
#: Columns that name the loan, and not what happened to it.
OWN = {"customer_id", "id", "loan_id", "application_id", "payment_id", "created_at"}
Reading = Callable[..., Awaitable[Sequence[PlainLoan]]]


async def test_both_ways_write_the_same_rows(lending: LendingHelper, monkeypatch: pytest.MonkeyPatch) -> None:
    await offer_charged_loan(lending)
    pairs = [(await lend(lending, product), await lend(lending, product)) for product in PRODUCTS for _ in DEEDS]
    plainly = [one for one, _ in pairs]
    read = only_of(plainly, monkeypatch)
    await lending.run_billing(on=FIRST_DAY + timedelta(days=30))
    assert read == {loan.number for loan in plainly}
    deeds = DEEDS * len(PRODUCTS)
    for pair, deed in zip(pairs, deeds, strict=True):
        for loan in pair:
            await treat(lending, loan, deed)
    read.clear()
    before = [(await rows_of(lending, loan))[0][0] for loan in plainly]
    await lending.run_billing(on=FIRST_DAY + timedelta(days=61))
    # The next bill is paid from what was paid ahead, and demands the charge of a prepayment.
    is_more = [row["advance_paise"] or row["unbilled_charges_paise"] for row in before]
    assert [deed for deed, more in zip(deeds, is_more, strict=True) if more] == [AHEAD] * len(PRODUCTS) + [PREPAID]
    plain = [deed != UNPAID and not more for deed, more in zip(deeds, is_more, strict=True)]
    assert read == {loan.number for loan, is_plain in zip(plainly, plain, strict=True) if is_plain}
    for (one, other), deed in zip(pairs, deeds, strict=True):
        assert await rows_of(lending, one) == await rows_of(lending, other), deed
    assert [len(found) for found in await rows_of(lending, plainly[0])] == [1, 2, 5]


async def test_each_new_bill_is_an_event(lending: LendingHelper) -> None:
    loans = [await lend(lending, CREDIT_CARD_LOAN) for _ in range(3)]
    await lending.run_billing(on=FIRST_DAY + timedelta(days=30))
    async with lending.uow_factory.open(SYSTEM) as uow:
        found = (await uow.session.execute(select(EventRow).where(EventRow.type == "bill.issued"))).scalars().all()
    assert sum(row.size for row in found) == len(loans)


async def test_a_loan_that_was_changed_meanwhile_is_not_written(lending: LendingHelper) -> None:
    loans = [await lend(lending, CREDIT_CARD_LOAN) for _ in range(2)]
    due_on = FIRST_DAY + timedelta(days=30)
    await lending.set_date(due_on)
    async with lending.uow_factory.open(SYSTEM) as uow:
        await repository.make_room(uow.session)
        found = await repository.list_plain_loans(
            uow.session, from_customer_id=1, to_customer_id=10_000, through=due_on
        )
        bills = bills_of(found, through=due_on)
        changed = [bills[0], bills[1]._replace(version=bills[1].version + 1)]
        assert await repository.write_plain_bills(uow.session, changed, booked_on=due_on, run_id=1) == bills[:1]
        # A second time in the same transaction: the version has changed, and rows staged before have no effect.
        assert await repository.write_plain_bills(uow.session, bills[:1], booked_on=due_on, run_id=1) == []
        assert await repository.write_plain_bills(uow.session, [], booked_on=due_on, run_id=1) == []
        billed = (await uow.session.execute(select(Bill.loan_id))).scalars().all()
        assert billed == [loans[0].number]


def bills_of(loans: Sequence[PlainLoan], *, through: date) -> list[Any]:
    rules = {loan[:3]: plain_rules(CREDIT_CARD_LOAN.repayment, Decimal(loan[2])) for loan in loans}
    return bill_plain_cycles(loans, through=through, rules=rules)


def only_of(loans: Sequence[LoanReference], monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Lets a run find only these loans plain. Returns the set to which it adds the numbers of those that it found."""
    numbers, found = {loan.number for loan in loans}, set[int]()
    read: Reading = repository.list_plain_loans

    async def list_some(*given: Any, **bounds: Any) -> Sequence[PlainLoan]:
        some = [PlainLoan(*row) for row in await read(*given, **bounds)]
        some = [one for one in some if one.loan_id in numbers]
        found.update(one.loan_id for one in some)
        return some

    monkeypatch.setattr(repository, "list_plain_loans", list_some)
    return found


async def offer_charged_loan(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, CHARGED_LOAN, offered_from=date(2000, 1, 1), now=START, actor="system")


async def lend(lending: LendingHelper, product: Product) -> LoanReference:
    return await lending.disburse(product, amount=1_45_410, rate="12", instalments=12)


async def treat(lending: LendingHelper, loan: LoanReference, deed: str) -> None:
    if deed == UNPAID:
        return
    async with lending.uow_factory.open(SYSTEM) as uow:
        due = select(Bill.total_due_paise).where(Bill.loan_id == loan.number)
        total = (await uow.session.execute(due)).scalar_one()
    await lending.pay(loan, amount=total, reference=f"{loan.number} {deed}")
    if deed == AHEAD:
        await lending.pay(loan, amount=1_000_00, reference=f"{loan.number} more")
    if deed == PREPAID:
        await lending.pay(loan, amount=5_000_00, reference=f"{loan.number} early", treat_as=TreatAs.PREPAYMENT)


async def rows_of(lending: LendingHelper, loan: LoanReference) -> list[list[dict[str, Any]]]:
    """The rows of a loan, its bills and its transfers, without what names the loan."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        found = []
        for model, owner in ((Loan, Loan.id), (Bill, Bill.loan_id), (Transfer, Transfer.loan_id)):
            rows = await uow.session.execute(
                select(*model.__table__.columns).where(owner == loan.number).order_by(*model.__table__.primary_key)
            )
            found.append([{name: value for name, value in row._mapping.items() if name not in OWN} for row in rows])
        return found
