"""Closed books: whatever writes a transfer is refused on a closed day, wherever it comes from, and leaves nothing.

The business date is later than every closed day, so only work that began before the day was over can come too late.
Here a clock that stands still is such work: each use case then books on a day that is closed meanwhile.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.db.repositories.lending.loans import LoanKey
from app.domain.lending.closing import PeriodClosed
from app.domain.payments.concessions import ConcessionKind
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, REVOLVING_CARD, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.billing import runs
from app.services.cards import changes, movements, opening
from app.services.cards import runs as card_runs
from app.services.cards.movements import MoneyRequest
from app.services.delinquency.suspense import move_interest
from app.services.idempotency import FirstAnswer
from app.services.payments import concessions
from app.services.payments.calls import PaymentCall, PaymentRequest
from app.services.payments.group_commit import PaymentGroups
from app.services.payments.receipts import Receipt
from app.services.unit_of_work import UnitOfWork
from tests.house.source import ROOT
from tests.services.delinquency.conftest import Desk
from tests.services.lending_desk import FAR, OFFICER, LendingHelper

#: A loan of 21 November 2026 is non-performing from 21 March 2027 when nobody pays. Today is the day before the judging
#: of 21 April, when it owes five instalments.
TODAY, TOMORROW = date(2027, 4, 21), date(2027, 4, 22)
BALANCES = """
SELECT (SELECT count(*) FROM transfers), (SELECT count(*) FROM card_transfers), (SELECT count(*) FROM payments),
       (SELECT count(*) FROM loans), (SELECT count(*) FROM card_postings), (SELECT count(*) FROM bills),
       (SELECT sum(version) FROM loans), (SELECT sum(version) FROM card_accounts), (SELECT count(*) FROM audit_events)
"""


@dataclass(slots=True, kw_only=True)
class Book:
    """A book with a loan that is paid, one that failed, and a card account, on a day that is closed."""

    lending: LendingHelper
    paid: LoanReference
    payment_id: int
    failed: LoanReference
    account_id: int

    async def in_uow(self, action: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        async with self.lending.uow_factory.open(OFFICER) as uow:
            return await action(uow)

    def key(self, loan: LoanReference) -> LoanKey:
        return LoanKey(1001 if loan is self.paid else 1002, loan.number)

    async def counts(self) -> tuple[Any, ...]:
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            return tuple((await uow.session.execute(text(BALANCES))).one())


@pytest_asyncio.fixture
async def book(desk: Desk, lending: LendingHelper, monkeypatch: pytest.MonkeyPatch) -> Book:
    paid = await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    failed = await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    async with lending.uow_factory.open(OFFICER) as uow:
        account = await opening.open_with_card(
            uow, customer_id=1001, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=21
        )
    await desk.run(on=date(2027, 4, 20))
    receipt = await lending.pay(paid, amount=5_000_00, reference="UTR-1")
    async with lending.uow_factory.open(OFFICER) as uow:
        await movements.clear(uow, account.account_id, MoneyRequest(paise=9_000_00, reference="P1"), is_cash=False)
    await lending.set_date(TODAY)
    made = Book(lending=lending, paid=paid, payment_id=receipt.payment_id, failed=failed, account_id=account.account_id)
    async with lending.uow_factory.open(SYSTEM) as uow:
        closing = "UPDATE business_clock SET business_date = :tomorrow, closed_through = :today"
        await uow.session.execute(text(closing), {"today": TODAY, "tomorrow": TOMORROW})
    monkeypatch.setattr(UnitOfWork, "set_clock", lambda uow, stored: setattr(uow, "_business_date", TODAY))
    return made


async def disburse(book: Book) -> None:
    await book.lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)


async def pay(book: Book) -> None:
    await book.lending.pay(book.paid, amount=1_000_00)


def present(receipt: Receipt) -> FirstAnswer:
    return FirstAnswer(status_code=201, text=str(receipt.payment_id))


async def pay_in_a_group(book: Book) -> None:
    call = PaymentCall(
        request=PaymentRequest(loan=book.paid, amount_paise=1_000_00), actor=OFFICER, present=present, claim=None
    )
    async with PaymentGroups(book.lending.uow_factory) as groups:
        await groups.take(call)


async def prepay(book: Book) -> None:
    await book.lending.pay(book.paid, amount=80_000_00, treat_as=TreatAs.PREPAYMENT)


async def pay_backdated(book: Book) -> None:
    await book.lending.pay(book.failed, amount=10_661_85, value_date=date(2026, 12, 21))


async def reverse(book: Book) -> None:
    await book.lending.reverse(book.payment_id)


async def waive(book: Book) -> None:
    await book.in_uow(
        lambda uow: concessions.grant(
            uow,
            book.key(book.failed),
            kind=ConcessionKind.WAIVER,
            interest_paise=100_00,
            charges_paise=0,
            proposal_id=1,
        )
    )


async def write_off(book: Book) -> None:
    await book.in_uow(
        lambda uow: concessions.grant(uow, book.key(book.failed), kind=ConcessionKind.WRITE_OFF, proposal_id=1)
    )


async def bill(book: Book) -> None:
    factory = book.lending.uow_factory
    async with factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow, business_date=TODAY)
    await card_runs.run_day(factory, run_id=run_id, worker="test", until=FAR)


async def move_suspense(book: Book) -> None:
    # What was paid on 20 April leaves suspense.
    await book.in_uow(lambda uow: move_interest(uow, book.key(book.paid), through=date(2027, 4, 20)))


async def buy(book: Book) -> None:
    request = MoneyRequest(paise=100_00, reference="P2")
    await book.in_uow(lambda uow: movements.clear(uow, book.account_id, request, is_cash=False))


async def draw_cash(book: Book) -> None:
    request = MoneyRequest(paise=100_00, reference="P3")
    await book.in_uow(lambda uow: movements.clear(uow, book.account_id, request, is_cash=True))


async def pay_card(book: Book) -> None:
    request = MoneyRequest(paise=100_00, reference="P4")
    await book.in_uow(lambda uow: movements.take_payment(uow, book.account_id, request))


async def pay_card_backdated(book: Book) -> None:
    request = MoneyRequest(paise=100_00, reference="P5", value_on=date(2027, 4, 20))
    await book.in_uow(lambda uow: movements.take_payment(uow, book.account_id, request))


async def credit_card(book: Book) -> None:
    await book.in_uow(lambda uow: changes.carry_out(uow, book.account_id, changes.ByTwo(credit_paise=100_00)))


@pytest.mark.parametrize(
    "use_case",
    [
        disburse, pay, pay_in_a_group, prepay, pay_backdated, reverse, waive, write_off, bill, move_suspense, buy,
        draw_cash, pay_card, pay_card_backdated, credit_card,
    ],
)  # fmt: skip
async def test_nothing_is_booked_on_a_closed_day(book: Book, use_case: Callable[[Book], Awaitable[None]]) -> None:
    before = await book.counts()
    with pytest.raises(PeriodClosed, match=f"closed through {TODAY}"):
        await use_case(book)
    # Opening the run is no booking: a customer was added before the disbursal, and a run was noted.
    assert (await book.counts())[:8] == before[:8]


REPOSITORIES = ROOT / "app" / "db" / "repositories"
#: What writes transfers of either ledger. Each of them checks that the day is open.
WRITERS = {
    "billing/plain_cycles.py", "lending/decisions.py", "lending/new_loans.py", "lending/ledger.py", "cards/rows.py",
}  # fmt: skip
WRITES = re.compile(
    r'INSERT INTO (card_)?transfers|copy_rows\(\s*session, "(card_)?transfers"'
    r'|"transfers": CardTransfer|insert\((Card)?Transfer\b'
)


def test_whatever_writes_transfers_checks_the_day() -> None:
    """A new writer belongs into this list, and into the table of use cases above."""
    sources = {path.relative_to(REPOSITORIES).as_posix(): path.read_text() for path in REPOSITORIES.rglob("*.py")}
    assert {name for name, source in sources.items() if WRITES.search(source)} == WRITERS
    assert [name for name in sorted(WRITERS) if not re.search(r"check_(books_)?open\(", sources[name])] == []
