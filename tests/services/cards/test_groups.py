"""Authorisations that arrive together: each is decided as it would be alone, and nobody waits for another account."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.db.repositories.cards.accounts import CardAccountNotFound
from app.domain.cards.authorisations import AmountOfNothing, Ask, HoldStatus, ReferenceOfAnother, SpendKind
from app.domain.cards.cards import CardNotFound, Controls
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import REVOLVING_CARD
from app.services.cards import accounts, cards, movements, opening, views
from app.services.cards.authorisations import AuthorisationView, authorise
from app.services.cards.groups import AuthorisationCall, AuthorisationGroups
from app.services.cards.movements import MoneyRequest
from app.services.people.access import TokenRevoked
from app.services.people.tokens import Claims, TokenExpired
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import OFFICER, LendingHelper
from tests.services.payments.test_group_commit import counted_transactions

ASK = Ask(
    reference="A",
    amount_paise=100_00,
    kind=SpendKind.PURCHASE,
    transacted_at=datetime(2026, 11, 21, tzinfo=UTC),
    merchant_name="BIG BAZAAR",
    category_code="5411",
    country="IN",
)


@pytest_asyncio.fixture
async def groups(uow_factory: UnitOfWorkFactory) -> AsyncIterator[AuthorisationGroups]:
    async with AuthorisationGroups(uow_factory) as groups:
        yield groups


async def open_account(lending: LendingHelper, *, limit: int = 10_000_00) -> AuthorisationCall:
    """An account, as a call of its card."""
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=limit, statement_day=15
        )
        (card,) = await cards.list_account_cards(uow, key)
    return AuthorisationCall(account_id=key.account_id, ask=ASK, token=card.card.token, actor=OFFICER)


def asking(call: AuthorisationCall, **changed: Any) -> AuthorisationCall:
    return replace(call, ask=replace(call.ask, **changed))


async def take_all(
    groups: AuthorisationGroups, calls: list[AuthorisationCall]
) -> list[AuthorisationView | BaseException]:
    return await asyncio.gather(*(groups.take(call) for call in calls), return_exceptions=True)


async def available(factory: UnitOfWorkFactory, call: AuthorisationCall) -> tuple[int, int]:
    """What is held of an account, and what is available."""
    async with factory.open(SYSTEM) as uow:
        view = await views.view_account(uow, call.account_id)
    return view.working.row.held_paise, view.available_paise


async def test_a_crowd_on_many_accounts_is_one_transaction(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory
) -> None:
    calls = [await open_account(lending) for _ in range(12)]
    with counted_transactions(uow_factory) as noted:
        answers = await take_all(groups, calls)
    assert noted == [1]
    for call, answer in zip(calls, answers, strict=True):
        assert isinstance(answer, AuthorisationView), answer
        assert (answer.decline_code, answer.available_paise, answer.replayed) == (None, 9_900_00, False)
        assert await available(uow_factory, call) == (100_00, 9_900_00)


async def test_a_crowd_on_one_account_never_goes_over_its_limit(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory
) -> None:
    call = await open_account(lending)
    calls = [asking(call, reference=f"A{number}", amount_paise=700_00) for number in range(20)]
    answers = await take_all(groups, calls)
    codes = [answer.decline_code for answer in answers if isinstance(answer, AuthorisationView)]
    assert (codes.count(None), codes.count("over_limit")) == (14, 6)
    assert await available(uow_factory, call) == (14 * 700_00, 200_00)


async def test_a_group_answers_as_one_alone_does(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory
) -> None:
    """Every way to decline, to refuse and to approve: the rows are the same."""
    ways: list[dict[str, Any]] = [
        {}, {"amount_paise": 10_000_01}, {"kind": SpendKind.CASH, "amount_paise": 4_000_01},
        {"kind": SpendKind.CASH, "amount_paise": 4_000_00}, {"country": "AE"}, {"category_code": "7995"},
        {"is_online": True}, {"amount_paise": 5_000_01}, {"amount_paise": 0},
    ]  # fmt: skip
    controls = Controls(
        per_transaction_paise=5_000_00, online=False, blocked_categories=("7995",), countries=("IN",)
    )  # fmt: skip
    stored: list[list[tuple[Any, ...]]] = []
    for together in (True, False):
        calls = [asking(await open_account(lending), **changed) for changed in ways]
        for number, call in enumerate(calls):
            # The first four cards have no controls.
            if number >= 4:
                async with uow_factory.open(OFFICER) as uow:
                    await cards.set_controls(uow, call.token, controls)
        answers: list[Any] = await take_all(groups, calls) if together else [await alone(uow_factory, c) for c in calls]
        stored.append([told(answer) for answer in answers] + [await rows_of(uow_factory, call) for call in calls])
    assert stored[0] == stored[1]
    assert [answer[0] for answer in stored[0][: len(ways)]] == [
        "open", "over_limit", "over_cash_limit", "open", "control_country", "control_category", "control_online",
        "control_transaction", AmountOfNothing,
    ]  # fmt: skip


async def alone(factory: UnitOfWorkFactory, call: AuthorisationCall) -> AuthorisationView | BaseException:
    try:
        async with factory.open(call.actor) as uow:
            return await authorise(uow, call.account_id, call.ask, token=call.token)
    except AmountOfNothing as refusal:
        return refusal


def told(answer: AuthorisationView | BaseException) -> tuple[Any, ...]:
    if isinstance(answer, BaseException):
        return (type(answer),)
    return answer.decline_code or answer.hold.status.value, answer.hold.held_paise, answer.available_paise


async def rows_of(factory: UnitOfWorkFactory, call: AuthorisationCall) -> tuple[Any, ...]:
    """The hold as it is stored, and what is held, without what differs between two accounts."""
    async with factory.open(SYSTEM) as uow:
        found = await uow.session.execute(
            text(
                "SELECT h.reference, h.kind, h.amount_paise, h.captured_paise, h.status, h.decline_code, h.merchant,"
                " h.category_code, h.country, h.is_online, h.transacted_at, h.approved_on, h.expires_at,"
                " h.available_paise, h.actor, a.held_paise, a.cash_held_paise, a.version"
                " FROM card_accounts AS a LEFT JOIN card_holds AS h"
                " ON h.customer_id = a.customer_id AND h.account_id = a.id WHERE a.id = :id"
            ),
            {"id": call.account_id},
        )
        return tuple(found.one())


async def test_a_repeat_is_answered_with_the_first(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory
) -> None:
    """In its own group, in a later one, and under another amount."""
    call = await open_account(lending)
    answers = await take_all(groups, [call, call, asking(call, amount_paise=200_00)])
    first, second, other = answers
    assert isinstance(first, AuthorisationView)
    assert isinstance(second, AuthorisationView)
    assert (first.replayed, second.replayed) == (False, True)
    assert isinstance(other, ReferenceOfAnother)
    later = await groups.take(call)
    assert (later.replayed, later.hold, later.available_paise) == (True, first.hold, 9_900_00)
    # The reference decides, as for one alone: also with a card that the account does not have, or for nothing.
    strange, nothing = await take_all(groups, [replace(call, token="another"), asking(call, amount_paise=0)])
    assert isinstance(strange, AuthorisationView)
    assert (strange.replayed, strange.hold) == (True, first.hold)
    assert isinstance(nothing, ReferenceOfAnother)
    assert await available(uow_factory, call) == (100_00, 9_900_00)


async def test_what_needs_more_than_the_row_is_decided_in_a_lane(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory
) -> None:
    """An account that is behind: its statement is due, and interest on cash was not posted yet. And a bound a day."""
    behind, bounded, plain = [await open_account(lending) for _ in range(3)]
    async with uow_factory.open(OFFICER) as uow:
        await movements.clear(uow, behind.account_id, MoneyRequest(paise=1_000_00, reference="C"), is_cash=True)
        await cards.set_controls(uow, bounded.token, Controls(per_day_paise=150_00))
    await lending.set_date(date(2026, 12, 16))
    answers = await take_all(groups, [behind, bounded, plain])
    found = [answer.available_paise for answer in answers if isinstance(answer, AuthorisationView)]
    # 1,000.00, its fee of 500.00 with 90.00 of tax, and 24 days of interest: 27.62 with 4.97.
    assert found == [10_000_00 - 1_590_00 - 32_59 - 100_00, 9_900_00, 9_900_00]
    (second,) = await take_all(groups, [asking(bounded, reference="B")])
    assert isinstance(second, AuthorisationView)
    assert (second.decline_code, second.hold.status) == ("control_day", HoldStatus.DECLINED)
    async with uow_factory.open(SYSTEM) as uow:
        assert (await accounts.read(uow, behind.account_id)).decided.is_nothing


@pytest.mark.parametrize("other", ["account", "card", "customer"])
async def test_a_stranger_is_refused_and_the_others_go_on(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory, other: str
) -> None:
    mine, theirs = await open_account(lending), await open_account(lending)
    stranger = Actor(role=Role.CUSTOMER, user_account_id=7, customer_id=99)
    wrong = {
        "account": replace(mine, account_id=999),
        "card": replace(mine, token=theirs.token),
        "customer": replace(mine, actor=stranger),
    }[other]
    refused, done = await take_all(groups, [wrong, theirs])
    assert isinstance(refused, CardNotFound if other == "card" else CardAccountNotFound)
    assert isinstance(done, AuthorisationView)
    assert await available(uow_factory, mine) == (0, 10_000_00)


async def test_an_account_that_is_held_elsewhere_delays_only_its_own(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory
) -> None:
    held, free = await open_account(lending), await open_account(lending)
    async with uow_factory.open(SYSTEM) as uow:
        await accounts.lock(uow, held.account_id)
        waiting = asyncio.create_task(groups.take(held))
        answer = await asyncio.wait_for(groups.take(free), timeout=2)
        assert (answer.available_paise, waiting.done()) == (9_900_00, False)
    assert (await waiting).available_paise == 9_900_00


@pytest.mark.parametrize("crowd", [1, 3], ids=["alone", "in a lane too"])
async def test_a_token_is_held_against_the_present_credentials(
    lending: LendingHelper, groups: AuthorisationGroups, uow_factory: UnitOfWorkFactory, crowd: int
) -> None:
    """Of a user account that is not there, or whose time is over: nothing is held."""
    call = await open_account(lending)
    async with uow_factory.open(SYSTEM) as uow:
        now = uow.now
    actor = Actor(role=Role.OFFICER, user_account_id=4711)
    claims = Claims(actor=actor, credentials=0, jti="one", expires_at=now + timedelta(minutes=5))
    for shown, refusal in ((claims, TokenRevoked), (replace(claims, expires_at=now), TokenExpired)):
        answers = await take_all(groups, [replace(call, actor=actor, claims=shown) for _ in range(crowd)])
        assert {type(answer) for answer in answers} == {refusal}
    assert await available(uow_factory, call) == (0, 10_000_00)
