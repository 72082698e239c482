"""Applications that arrive together: the books of a group are those of its applications one by one, and whatever is
not plain is decided alone, as if there were no groups."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.db.placement import find_placement, keep_placement
from app.db.repositories.people.customers import lock_customer
from app.db.repositories.products.products import add_product
from app.db.session import Reader, engine_of
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.charge_terms import ChargeTerms, DisbursalFee, FeePaid
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.credit.applications import ApplicationRequest, ApplicationView
from app.services.credit.groups import ApplicationGroups
from app.services.idempotency import Claim, FirstAnswer
from app.services.payments.calls import PUT_OFF, Call, PutOff, Taken
from app.services.people.tokens import Claims
from app.services.reporting.reconciliation import reconcile_all
from tests import databases
from tests.services.credit.desk import OFFICER, START, CreditHelper
from tests.services.payments.test_group_commit import SOON, counted_transactions
from tests.services.payments.test_group_commit_on_shards import FOUR, heard, list_of

Answer = Taken | BaseException
#: Everything that an application writes. Each has its customer in `customer_id`.
TABLES = (
    "applications", "loans", "loan_origins", "schedules", "transfers", "loan_charges", "events", "audit_events",
    "public_ids", "cards", "card_accounts",
)  # fmt: skip
#: What differs between two customers: numbers, and what is derived from them.
NUMBERS = {
    "customer_id", "id", "loan_id", "application_id", "score_id", "object_id", "number", "user_id", "account_id",
    "token", "last_four",
}  # fmt: skip
ASKED: dict[str, Any] = {
    "product_code": "CREDIT_CARD_LOAN", "amount_paise": 50_000_00, "instalments": 12,
    "annual_rate_percent": Decimal("10.5"), "purpose": "HOME",
}  # fmt: skip
FEE = DisbursalFee(name="Processing fee", paid=FeePaid.DEDUCTED, amount_paise=500_00, sac="997113")
FEES = replace(
    CREDIT_CARD_LOAN,
    code="WITH_FEES",
    repayment=replace(CREDIT_CARD_LOAN.repayment, charges=ChargeTerms(disbursal=(FEE,))),
)


@pytest_asyncio.fixture
async def groups(helper: CreditHelper) -> AsyncIterator[ApplicationGroups]:
    async with helper.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, FEES, offered_from=date(2000, 1, 1), now=START, actor="system")
    async with ApplicationGroups(helper.uow_factory) as made:
        yield made
    async for page in reconcile_all(helper.uow_factory):
        assert page.differences == ()


def present(view: ApplicationView) -> FirstAnswer:
    plan = view.plan
    told = [view.status.value, None if plan is None else [plan.emi_paise, [str(day) for day in plan.due_on]]]
    return FirstAnswer(status_code=201, text=json.dumps([view.application.id, *told]))


def call(customer_id: int, *, key: str | None = "", by: Actor = OFFICER, **asked: Any) -> Any:
    request = ApplicationRequest(customer_id=customer_id, **{**ASKED, **asked})
    key = f"key-{customer_id}" if key == "" else key
    claim = None if key is None else Claim(route="POST /apply", key=key, body_hash=repr(request).encode())
    return Call[ApplicationRequest, ApplicationView](request=request, actor=by, present=present, claim=claim)


async def apply_all(groups: ApplicationGroups, calls: list[Any]) -> list[Answer]:
    return await asyncio.gather(*(groups.apply(each) for each in calls), return_exceptions=True)


def status_of(answer: Answer) -> str:
    return type(answer).__name__ if isinstance(answer, BaseException) else json.loads(answer.answer.text)[1]


async def books_of(helper: CreditHelper, customer_id: int) -> list[tuple[str, Any]]:
    """Every row of a customer, without what differs between two customers."""
    found: list[tuple[str, Any]] = []
    async with helper.uow_factory.open(SYSTEM) as uow:
        for table in TABLES:
            rows = await uow.session.execute(
                text(f"SELECT to_jsonb(t) FROM {table} AS t WHERE customer_id = :customer ORDER BY to_jsonb(t)::text"),
                {"customer": customer_id},
            )
            found += [(table, bare(row)) for row in rows.scalars()]
    return found


def bare(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: bare(value) for name, value in document.items() if name not in NUMBERS}
    return [bare(each) for each in document] if isinstance(document, list) else document


async def test_a_crowd_is_one_transaction(helper: CreditHelper, groups: ApplicationGroups) -> None:
    calls = [call(await helper.add_customer(score=720)) for _ in range(12)]
    with counted_transactions(helper.uow_factory) as noted:
        answers = await apply_all(groups, calls)
    assert noted == [1]
    assert [status_of(answer) for answer in answers] == ["approved"] * 12
    assert await helper.counts() == {"applications": 12, "loans": 12, "transfers": 12}
    # A repeat finds the answer of the first.
    again = await apply_all(groups, calls)
    assert [answer.answer for answer in again if isinstance(answer, Taken) and answer.is_stored_answer] == [
        answer.answer for answer in answers if isinstance(answer, Taken)
    ]
    assert await helper.counts() == {"applications": 12, "loans": 12, "transfers": 12}


async def test_a_group_writes_what_one_alone_writes(
    helper: CreditHelper, groups: ApplicationGroups, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Approvals and refusals of many kinds, plain and not: all rows are the same, and so are the answers."""
    ways: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({}, {}, "approved"),
        ({}, {"instalments": 36, "amount_paise": 49_999_99, "purpose": None}, "approved"),
        ({"score": 310}, {}, "refused"),
        ({"income_paise": 20_000_00}, {}, "refused"),
        ({"limit_paise": 10_000_00}, {"amount_paise": 99_999_99}, "refused"),
        ({}, {"amount_paise": 1_00}, "refused"),
        ({}, {"product_code": "WITH_FEES"}, "approved"),
        ({}, {"product_code": "PERSONAL_LOAN", "annual_rate_percent": None, "amount_paise": 5_00_000_00}, "approved"),
        ({}, {"product_code": "STANDARD_LOAN", "annual_rate_percent": Decimal("8.5")}, "approved"),
        ({}, {"product_code": "CREDIT_CARD", "annual_rate_percent": None, "amount_paise": None, "instalments": None},
         "approved"),
        ({"score": None}, {}, "ScoreNotAvailable"),
        ({"income_paise": None}, {}, "ApplicationReferred"),
        ({}, {"instalments": None}, "TenureRequired"),
        ({}, {"product_code": "NONE"}, "ProductUnknown"),
        ({"state": "prospect"}, {}, "CustomerNotFound"),
        ({}, {"first_due_on": date(2026, 12, 25)}, "FirstDueOutsideBounds"),
    ]  # fmt: skip
    stored = []
    for together in (True, False):
        if not together:
            monkeypatch.setattr(groups, "take", _put_off)
        customers = [await helper.add_customer(**{"score": 720, **facts}) for facts, _, _ in ways]
        calls = [call(number, **asked) for number, (_, asked, _) in zip(customers, ways, strict=True)]
        with heard("nextval('loan_numbers') END") as drawn:
            answers = await apply_all(groups, calls)
        # The first eight are plain: without this, two equal ways alone would pass too.
        assert sum(len(list_of(values["have_loans"])) for values in drawn) == (8 if together else 0)
        assert [status_of(answer) for answer in answers] == [expected for _, _, expected in ways]
        told = [json.loads(answer.answer.text)[1:] if isinstance(answer, Taken) else str(answer) for answer in answers]
        stored.append([told, *[await books_of(helper, number) for number in customers]])
    assert stored[0] == stored[1]


async def _put_off(_call: Any) -> PutOff:
    return PUT_OFF


async def test_what_cannot_go_along_is_decided_alone(helper: CreditHelper, groups: ApplicationGroups) -> None:
    """None of them delays or changes what the others get, and each is told what it would be told alone."""
    own, other, third, poor = [await helper.add_customer(score=720) for _ in range(4)]
    (first,) = await apply_all(groups, [call(own, key="used")])
    stranger = Actor(role=Role.CUSTOMER, user_account_id=9, customer_id=third)
    no_such_account = Claims(actor=OFFICER, credentials=1, jti="x", expires_at=START + timedelta(hours=1))
    answers = await apply_all(
        groups,
        [
            call(own, key="used"),
            call(own, key="used", amount_paise=60_000_00),
            call(other, key="same"),
            call(other, key="same"),
            call(third, key="a"),
            call(third, key="b"),
            call(own, key="c", by=stranger),
            replace(call(poor, key="d"), claims=no_such_account),
            call(poor, key=None),
            call(poor, key=None),
        ],
    )
    assert isinstance(first, Taken)
    assert answers[0] == replace(first, is_stored_answer=True)
    assert [status_of(answer) for answer in answers] == [
        "approved", "IdempotencyKeyReused", "approved", "approved", "approved", "approved", "CustomerNotFound",
        "TokenRevoked", "approved", "approved",
    ]  # fmt: skip
    # The same key is one application, and so are two equal ones without a key within a minute. Two keys are two.
    assert number_of(answers[2]) == number_of(answers[3])
    assert number_of(answers[4]) != number_of(answers[5])
    assert number_of(answers[8]) == number_of(answers[9])
    assert await helper.counts() == {"applications": 5, "loans": 5, "transfers": 5}


async def test_nobody_waits_for_another_customers_lock(helper: CreditHelper, groups: ApplicationGroups) -> None:
    locked, *others = [await helper.add_customer(score=720) for _ in range(4)]
    async with helper.uow_factory.open(SYSTEM) as uow:
        await lock_customer(uow.session, locked)
        waiting = asyncio.create_task(groups.apply(call(locked)))
        async with asyncio.timeout(SOON):
            answers = await apply_all(groups, [call(number) for number in others])
        assert [status_of(answer) for answer in answers] == ["approved"] * 3
        assert not waiting.done()
    assert status_of(await waiting) == "approved"


async def test_an_application_that_waits_for_a_score_is_decided_alone(
    helper: CreditHelper, groups: ApplicationGroups
) -> None:
    customer = await helper.add_customer()
    card: dict[str, Any] = {
        "product_code": "CREDIT_CARD",
        "amount_paise": None,
        "instalments": None,
        "annual_rate_percent": None,
    }
    (waits,) = await apply_all(groups, [call(customer, **dict[str, Any](card))])
    await helper.set_score(customer, 720)
    (decided,) = await apply_all(groups, [call(customer, key="again", **dict[str, Any](card))])
    assert (status_of(waits), status_of(decided)) == ("pending", "approved")
    assert number_of(waits) == number_of(decided)


async def test_two_processes_cannot_both_make_the_last_loan(helper: CreditHelper, groups: ApplicationGroups) -> None:
    """Each customer may have one loan more, whichever process comes first."""
    customers = [await helper.add_customer(score=720) for _ in range(6)]
    for key in ("first", "second"):
        await apply_all(groups, [call(number, key=f"{key}-{number}") for number in customers])
    async with ApplicationGroups(helper.uow_factory) as other:
        answers = await asyncio.gather(
            *(
                each.apply(call(number, key=f"{place}-{number}"))
                for number in customers
                for place, each in enumerate((groups, other))
            )
        )
    of_each = [sorted(map(status_of, answers[at : at + 2])) for at in range(0, len(answers), 2)]
    assert of_each == [["approved", "refused"]] * 6
    assert await helper.counts() == {"applications": 24, "loans": 18, "transfers": 18}


async def test_what_the_database_refuses_is_refused_to_its_caller_alone(
    helper: CreditHelper, groups: ApplicationGroups, owner_dsn: str
) -> None:
    """A group that cannot be written leaves nothing, and each of its applications is decided alone."""
    bad, *good = [await helper.add_customer(score=720) for _ in range(4)]
    async with databases.connection(owner_dsn) as owner:
        await owner.execute("ALTER TABLE applications ADD CONSTRAINT refused CHECK (purpose <> 'REFUSED')")
        try:
            calls = [call(bad, purpose="REFUSED"), *(call(number) for number in good)]
            answers = await apply_all(groups, calls)
        finally:
            await owner.execute("ALTER TABLE applications DROP CONSTRAINT refused")
    assert [status_of(answer) for answer in answers] == ["DBAPIError", "approved", "approved", "approved"]
    assert await helper.counts() == {"applications": 3, "loans": 3, "transfers": 3}


async def test_a_group_is_of_one_shard(helper: CreditHelper, groups: ApplicationGroups) -> None:
    customers = [await helper.add_customer(score=720) for _ in range(8)]
    reader = Reader(engine_of(helper.uow_factory.sessions))
    before = await find_placement(reader)
    reader.close()
    keep_placement(reader, FOUR)
    try:
        with heard("SKIP LOCKED") as locked:
            answers = await apply_all(groups, [call(number) for number in customers])
    finally:
        keep_placement(reader, before)
    assert [status_of(answer) for answer in answers] == ["approved"] * 8
    sent = [{FOUR.place_of(int(str(number))) for number in list_of(values["customer_ids"])} for values in locked]
    assert all(len(places) == 1 for places in sent)
    assert {place for places in sent for place in places} == {FOUR.place_of(number) for number in customers}


def number_of(answer: Answer) -> int:
    assert isinstance(answer, Taken), answer
    number: int = json.loads(answer.answer.text)[0]
    return number
