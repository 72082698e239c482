"""Virtual cards over HTTP: who sees one, who blocks it, and that it is there exactly when its loan is."""

from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select

from app.db.models import Card, Customer, Loan
from app.db.models.credit import CreditScore
from app.domain.cards.cards import expiry
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.services.lending_desk import LendingHelper


@pytest_asyncio.fixture
async def card(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> dict[str, Any]:
    """A card of customer 9, issued on 2026-11-21."""
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(Customer).values(
                customer_id=9, state="customer", name="Rahul Sharma", annual_income_paise=1_800_000_00,
                created_at=START, actor="system",
            )
        )  # fmt: skip
        await uow.session.execute(
            insert(CreditScore).values(
                customer_id=9, id=9, scorecard_code="bank_balance", scorecard_version=1, score=720, facts={},
                factors={}, reasons=[], as_of=START.date(), computed_at=START,
            )
        )  # fmt: skip
    applied = {"user_id": 9, "product": "CREDIT_CARD"}
    assert (await client.post("/api/v1/loans/apply", json=applied, headers=officer)).status_code == 201
    found: dict[str, Any] = (await client.get("/api/v1/loans/1/card", headers=officer)).json()
    return found


async def count_cards(uow_factory: UnitOfWorkFactory) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(select(func.count()).select_from(Card))).scalar_one())


async def test_a_card_shows_four_digits_and_no_more(
    client: httpx.AsyncClient, card: dict[str, Any], headers_of: HeadersOf
) -> None:
    holder = await headers_of(Role.CUSTOMER, customer_id=9)
    seen = await client.get(f"/api/v1/cards/{card['token']}", headers=holder)
    assert (seen.status_code, seen.json()) == (200, card)
    assert len(card["token"]) == len("card_") + 32
    assert card["last_four"].isdigit()
    assert (card["status"], card["expiry"], card["loan_id"]) == ("active", "11/2031", "LN-2026-0001")
    columns = {column.name for column in Card.__table__.columns}
    assert not {name for name in columns if "number" in name or "pan" in name or "cvv" in name}


async def test_blocking_twice_is_blocking_once(
    client: httpx.AsyncClient, card: dict[str, Any], headers_of: HeadersOf
) -> None:
    holder = await headers_of(Role.CUSTOMER, customer_id=9)
    address = f"/api/v1/cards/{card['token']}"
    blocked = card | {"status": "blocked", "blocked_on": "2026-11-21"}
    for _ in range(2):
        assert (await client.post(f"{address}/block", headers=holder)).json() == blocked
    for _ in range(2):
        assert (await client.post(f"{address}/unblock", headers=holder)).json() == card


async def test_a_block_by_staff_is_staffs_to_lift(
    client: httpx.AsyncClient, card: dict[str, Any], officer: dict[str, str], headers_of: HeadersOf
) -> None:
    holder = await headers_of(Role.CUSTOMER, customer_id=9)
    address = f"/api/v1/cards/{card['token']}"
    await client.post(f"{address}/block", headers=holder)
    # Staff takes over the holder's own block, and the holder does not take over theirs.
    await client.post(f"{address}/block", headers=officer)
    await client.post(f"{address}/block", headers=holder)

    refused = await client.post(f"{address}/unblock", headers=holder)

    assert (refused.status_code, refused.json()["code"]) == (409, "blocked_by_staff")
    assert (await client.get(address, headers=holder)).json()["status"] == "blocked"
    assert (await client.post(f"{address}/unblock", headers=officer)).json() == card


async def test_somebody_elses_card_is_not_there(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, card: dict[str, Any], headers_of: HeadersOf
) -> None:
    other = await headers_of(Role.CUSTOMER, customer_id=10)
    address = f"/api/v1/cards/{card['token']}"
    for method, path in (
        ("GET", address), ("POST", f"{address}/block"), ("POST", f"{address}/unblock"),
        ("GET", "/api/v1/loans/1/card"), ("GET", f"/api/v1/cards/card_{'A' * 32}"),
    ):  # fmt: skip
        assert (await client.request(method, path, headers=other)).status_code == 404
    assert (await client.get("/api/v1/cards/1234", headers=other)).status_code == 422
    async with uow_factory.open(SYSTEM) as uow:
        assert (await uow.session.execute(select(Card.status))).scalar_one() == "active"


async def test_a_product_without_a_card_has_none(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    await LendingHelper(uow_factory).disburse(STANDARD_LOAN, amount=10_000, rate="12", instalments=12)
    answer = await client.get("/api/v1/loans/1/card", headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (404, "card_not_found")
    assert await count_cards(uow_factory) == 0


async def test_no_loan_without_its_card(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, card: dict[str, Any]
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        pairs = (await uow.session.execute(select(Card.customer_id, Card.loan_id))).all()
        loans = (await uow.session.execute(select(Loan.customer_id, Loan.id))).all()
    assert [tuple(pair) for pair in pairs] == [tuple(loan) for loan in loans] == [(9, 1)]


@pytest.mark.parametrize(
    "issued,last_day",
    [
        (date(2026, 11, 21), date(2031, 11, 30)),
        (date(2026, 12, 31), date(2031, 12, 31)),
        (date(2023, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_card_is_good_to_the_end_of_its_month(issued: date, last_day: date) -> None:
    assert expiry(issued) == last_day
