"""Payments that arrive together: the books of a group are those of its payments one by one, and nobody waits for
somebody else's lock."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event, select, text

from app.db.errors import DatabaseFault, classify
from app.db.models import Payment, Transfer
from app.db.repositories.payments import groups as group_repository
from app.db.session import engine_of
from app.domain.errors import DomainError
from app.domain.payments.amounts import AmountBeyondPayoff
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services import idempotency
from app.services.idempotency import Claim, FirstAnswer, IdempotencyKeyReused
from app.services.lending import loans
from app.services.payments import group_commit, payments
from app.services.payments.calls import PaymentCall, PaymentRequest, Taken
from app.services.payments.group_commit import PaymentGroups
from app.services.payments.receipts import Receipt
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.conftest import START
from tests.services.lending_desk import OFFICER, LendingHelper

TODAY = START.date()
#: Long before a lock is given up (three seconds), and long enough for a busy machine.
SOON = 2.0
CUSTOMER = Actor(role=Role.CUSTOMER, user_account_id=7, customer_id=1)


@pytest_asyncio.fixture
async def groups(uow_factory: UnitOfWorkFactory) -> AsyncIterator[PaymentGroups]:
    async with PaymentGroups(uow_factory) as groups:
        yield groups


def present(receipt: Receipt) -> FirstAnswer:
    return FirstAnswer(status_code=201, text=f"{receipt.payment_id} {receipt.outstanding_paise}")


def call(loan: LoanReference, amount: int, *, key: str | None = None, by: Actor = OFFICER, **asked: Any) -> PaymentCall:
    claim = None if key is None else Claim(route="POST /pay", key=key, body_hash=str(amount).encode())
    return PaymentCall(
        request=PaymentRequest(loan=loan, amount_paise=amount, **asked), actor=by, present=present, claim=claim
    )


async def take_all(groups: PaymentGroups, calls: list[PaymentCall]) -> list[Taken | BaseException]:
    return await asyncio.gather(*(groups.take(each) for each in calls), return_exceptions=True)


async def make_loan(lending: LendingHelper) -> LoanReference:
    return await lending.disburse(STANDARD_LOAN, amount=1_000, rate="12", instalments=12)


async def count_payments(uow_factory: UnitOfWorkFactory, loan: LoanReference) -> list[int]:
    """The amounts that were paid on a loan, in the order in which they were taken."""
    async with uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            select(Payment.amount_paise).where(Payment.loan_id == loan.number).order_by(Payment.id)
        )
        return list(rows.scalars())


@contextmanager
def counted_transactions(uow_factory: UnitOfWorkFactory) -> Iterator[list[int]]:
    """How many connections are out, noted each time one is taken."""
    engine, out, noted = engine_of(uow_factory.sessions).sync_engine, 0, list[int]()

    def take(*_: object) -> None:
        nonlocal out
        out += 1
        noted.append(out)

    def give_back(*_: object) -> None:
        nonlocal out
        out -= 1

    event.listen(engine, "checkout", take)
    event.listen(engine, "checkin", give_back)
    try:
        yield noted
    finally:
        event.remove(engine, "checkout", take)
        event.remove(engine, "checkin", give_back)


async def test_a_crowd_is_two_groups_on_one_connection(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    made = [await make_loan(lending) for _ in range(4)]
    calls = [call(made[number % 4], 100 + number) for number in range(20)]
    with counted_transactions(uow_factory) as noted:
        answers = await take_all(groups, calls)
    assert all(isinstance(answer, Taken) for answer in answers)
    assert noted == [1]
    for place, loan in enumerate(made):
        assert await count_payments(uow_factory, loan) == [100 + number for number in range(place, 20, 4)]


async def test_a_group_has_a_largest_size(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MOST_TOGETHER", 8)
    loan = await make_loan(lending)
    with counted_transactions(uow_factory) as noted:
        await take_all(groups, [call(loan, 100 + number) for number in range(20)])
    assert noted == [1, 1, 1]
    assert await count_payments(uow_factory, loan) == [100 + number for number in range(20)]


async def test_a_refusal_is_its_callers_own(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan, other = await make_loan(lending), await make_loan(lending)
    answers = await take_all(
        groups,
        [
            call(loan, 10_000),
            call(loan, 10**9, key="too-much"),
            call(LoanReference(number=999_999, year=None), 100),
            call(other, 100, by=CUSTOMER),
            call(other, 100, by=CUSTOMER, value_date=TODAY - timedelta(days=1)),
            call(replace(other, year=1999), 100),
            call(loan, 20_000),
        ],
    )
    codes = [answer.code if isinstance(answer, DomainError) else "" for answer in answers]
    assert codes == ["", AmountBeyondPayoff.code, *["loan_not_found"] * 4, ""]
    assert await count_payments(uow_factory, loan) == [10_000, 20_000]
    assert await count_payments(uow_factory, other) == []
    # What was refused may be tried again with its key.
    assert isinstance(await groups.take(call(loan, 10**9 // 10**5, key="too-much")), Taken)


async def test_the_same_key_is_one_payment(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan = await make_loan(lending)
    answers = await take_all(groups, [call(loan, 5_000, key="k") for _ in range(5)] + [call(loan, 6_000, key="k")])
    *same, other = answers
    assert len({answer.answer for answer in same if isinstance(answer, Taken)}) == 1
    assert [answer.is_stored_answer for answer in same if isinstance(answer, Taken)] == [False, True, True, True, True]
    assert isinstance(other, IdempotencyKeyReused)
    assert await count_payments(uow_factory, loan) == [5_000]


async def test_a_repeat_whose_first_answer_was_just_written_is_not_refused(
    lending: LendingHelper, uow_factory: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first payment ended the loan, and was committed after `admit` began to read and before it took the key."""
    loan = await make_loan(lending)
    paid = call(loan, 1_000_00, key="k", treat_as=TreatAs.PREPAYMENT)
    other = call(loan, 5_000, key="k")
    async with uow_factory.open(SYSTEM) as uow:
        (taken,) = await payments.take_together(uow, [paid], waits=False)
    admit = group_repository.admit

    async def admit_without_answers(*given: Any, **named: Any) -> list[Any]:
        return [replace(one, answer=None) for one in await admit(*given, **named)]

    monkeypatch.setattr(group_repository, "admit", admit_without_answers)
    async with uow_factory.open(SYSTEM) as uow:
        (again,) = await payments.take_together(uow, [paid], waits=False)
    async with uow_factory.open(SYSTEM) as uow:
        (reused,) = await payments.take_together(uow, [other], waits=False)
    assert isinstance(taken, Taken)
    assert again == Taken(taken.answer, is_stored_answer=True)
    assert isinstance(reused, IdempotencyKeyReused)
    assert await count_payments(uow_factory, loan) == [1_000_00]


async def test_the_same_reference_is_one_payment(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan = await make_loan(lending)
    calls = [call(loan, 5_000, reference="r"), call(loan, 5_000, reference="r"), call(loan, 7_000, reference="r")]
    first, again, another, _ = await take_all(groups, [*calls, call(loan, 1_000)])
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert again.answer.text.split()[0] == first.answer.text.split()[0]
    assert isinstance(another, DomainError)
    assert another.code == "reference_reused"
    assert await count_payments(uow_factory, loan) == [5_000, 1_000]


async def test_without_key_and_reference_the_same_amount_is_refused(
    lending: LendingHelper, groups: PaymentGroups
) -> None:
    loan = await make_loan(lending)
    answers = await take_all(groups, [call(loan, 5_000, refuse_same_day_repeat=True) for _ in range(3)])
    assert [getattr(answer, "code", "") for answer in answers] == ["", "payment_repeated", "payment_repeated"]


async def test_a_key_in_use_elsewhere_holds_nobody_else(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan, other = await make_loan(lending), await make_loan(lending)
    async with uow_factory.open(OFFICER) as uow:
        held = call(loan, 5_000, key="k")
        assert held.claim is not None
        assert await idempotency.claim(uow, held.claim) is None
        waiting = asyncio.create_task(groups.take(held))
        async with asyncio.timeout(SOON):
            await take_all(groups, [call(other, 100), call(other, 200)])
        assert not waiting.done()
        await uow.session.rollback()
    assert isinstance(await waiting, Taken)
    assert await count_payments(uow_factory, loan) == [5_000]


async def test_a_locked_loan_holds_nobody_else_and_keeps_its_order(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan, other = await make_loan(lending), await make_loan(lending)
    async with uow_factory.open(OFFICER) as uow:
        await loans.lock_current(uow, await loans.find_key(uow, loan))
        waiting = [asyncio.create_task(groups.take(call(loan, 100)))]
        await asyncio.sleep(0.1)
        waiting += [asyncio.create_task(groups.take(call(loan, amount))) for amount in (200, 300)]
        async with asyncio.timeout(SOON):
            await take_all(groups, [call(other, 100), call(other, 200)])
        assert not any(each.done() for each in waiting)
    await asyncio.gather(*waiting)
    assert await count_payments(uow_factory, loan) == [100, 200, 300]


async def test_who_waits_too_long_for_a_loan_is_told_that_it_is_busy(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan = await make_loan(lending)
    async with uow_factory.open(OFFICER) as uow:
        await loans.lock_current(uow, await loans.find_key(uow, loan))
        refused = await take_all(groups, [call(loan, 100), call(loan, 200)])
    assert [classify(error) for error in refused if isinstance(error, Exception)] == [DatabaseFault.BUSY] * 2
    assert await count_payments(uow_factory, loan) == []


async def test_what_the_database_refuses_is_its_callers_own(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan, other = await make_loan(lending), await make_loan(lending)
    unusable = call(loan, 100, method="a zero byte: \x00")
    answers = await take_all(groups, [call(other, 100), unusable, call(loan, 200), call(other, 300)])
    assert [isinstance(answer, Taken) for answer in answers] == [True, False, True, True]
    assert isinstance(answers[1], Exception)
    assert classify(answers[1]) is DatabaseFault.UNUSABLE_VALUE
    assert await count_payments(uow_factory, other) == [100, 300]
    assert await count_payments(uow_factory, loan) == [200]


async def test_who_gives_up_before_their_turn_has_paid_nothing(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan = await make_loan(lending)
    async with uow_factory.open(OFFICER) as uow:
        await loans.lock_current(uow, await loans.find_key(uow, loan))
        first = asyncio.create_task(groups.take(call(loan, 100)))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(groups.take(call(loan, 200)))
        await asyncio.sleep(0)
        second.cancel()
    assert isinstance(await first, Taken)
    assert await count_payments(uow_factory, loan) == [100]


async def test_a_backdated_payment_replays_the_loan_behind_those_before_it(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory
) -> None:
    loan = await make_loan(lending)
    await lending.set_date(TODAY + timedelta(days=40))
    today, early = TODAY + timedelta(days=40), TODAY + timedelta(days=3)
    await take_all(
        groups,
        [call(loan, 100, value_date=today), call(loan, 200, value_date=early), call(loan, 300, value_date=today)],
    )
    assert await count_payments(uow_factory, loan) == [100, 200, 300]


# --- the same books ---------------------------------------------------------------------------------------------------


def draw_calls(dice: random.Random, made: list[LoanReference], *, today: date) -> list[PaymentCall]:
    """Payments of every kind: repeated keys and references, too much, the rest, prepayments, earlier value dates."""
    drawn = []
    for _ in range(dice.randrange(5, 40)):
        asked: dict[str, Any] = {"treat_as": dice.choice([TreatAs.INSTALMENT] * 3 + list(TreatAs))}
        if dice.random() < 0.3:
            asked["reference"] = f"r{dice.randrange(4)}"
        if dice.random() < 0.15:
            asked["value_date"] = today - timedelta(days=dice.randrange(50))
        if dice.random() < 0.2:
            asked["refuse_same_day_repeat"] = True
        amount = dice.choice([1, 100, 5_000, 8_885_00, 20_000_00, 10**8, dice.randrange(1, 120_000_00)])
        place = dice.randrange(len(made))
        # A key belongs to one loan: between loans there is no order in which it would be used first.
        key = f"k{place}{dice.randrange(3)}" if dice.random() < 0.4 else None
        drawn.append(call(made[place], amount, key=key, **asked))
    return drawn


def outcome(answer: object) -> object:
    """What became of a payment, without the numbers that differ from one book to the other."""
    if isinstance(answer, Taken):
        return answer.answer.text.split()[1], answer.is_stored_answer
    assert isinstance(answer, DomainError), answer
    return answer.code


async def books(uow_factory: UnitOfWorkFactory, made: list[LoanReference]) -> list[Any]:
    """The ledger and the balances of loans, without the numbers of payments and loans."""
    hidden = {"customer_id", "loan_id", "payment_id"}
    columns = [column for column in Transfer.__table__.columns if column.name not in hidden]
    found: list[Any] = []
    async with uow_factory.open(SYSTEM) as uow:
        for loan in made:
            rows = await uow.session.execute(
                select(*columns).where(Transfer.loan_id == loan.number).order_by(Transfer.number)
            )
            found.append([tuple(row) for row in rows])
            balances = await uow.session.execute(
                text(
                    "SELECT status, principal_paise, interest_paise, charges_paise, advance_paise, next_billing_on,"
                    " schedule_version, advance_part_paise, movement_dates, movement_paise, last_transfer"
                    " FROM loans WHERE id = :loan"
                ),
                {"loan": loan.number},
            )
            found.append(tuple(balances.one()))
    return found


@pytest.mark.parametrize("seed", range(25))
async def test_a_group_gives_the_books_of_its_payments_one_by_one(
    lending: LendingHelper, groups: PaymentGroups, uow_factory: UnitOfWorkFactory, seed: int
) -> None:
    made = [
        [
            await lending.disburse(product, amount=100_000, rate="12", instalments=12)
            for product in (STANDARD_LOAN, CREDIT_CARD_LOAN)
        ]
        for _ in range(2)
    ]
    today = TODAY + timedelta(days=65)
    await lending.set_date(today)
    together = await take_all(groups, draw_calls(random.Random(seed), made[0], today=today))
    alone: list[object] = []
    for each in draw_calls(random.Random(seed), made[1], today=today):
        assert each.claim is None or each.claim.route == "POST /pay"
        own = each if each.claim is None else replace(each, claim=replace(each.claim, route="POST /pay/alone"))
        try:
            async with uow_factory.open(OFFICER) as uow:
                (taken,) = await payments.take_together(uow, [own], waits=True)
                if isinstance(taken, DomainError):
                    raise taken
                alone.append(taken)
        except DomainError as refusal:
            alone.append(refusal)
    assert [outcome(answer) for answer in together] == [outcome(answer) for answer in alone]
    assert await books(uow_factory, made[0]) == await books(uow_factory, made[1])
