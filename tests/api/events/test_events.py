"""Events over HTTP: every kind of change is told, in the shape of its type; read in pages, and followed."""

import asyncio
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.commands.reference.event_types import shapes
from app.domain.events.catalog import MEANINGS, VERSIONS, EventType
from app.domain.people.access import SYSTEM, Role, Scope
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN
from app.services.events import log
from app.services.events.presenting import document
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf, Time
from tests.services.lending_desk import LendingHelper

EVENTS = "/api/v1/events"


@pytest.fixture
def lending(uow_factory: UnitOfWorkFactory, opened: None) -> LendingHelper:
    return LendingHelper(uow_factory)


async def read(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, headers: dict[str, str], **query: Any
) -> dict[str, Any]:
    await log.number_events(uow_factory)
    answer = await client.get(EVENTS, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_type_has_a_meaning_a_version_and_a_shape() -> None:
    assert set(MEANINGS) == set(VERSIONS) == set(shapes()) == set(EventType)


async def test_a_loan_that_is_billed_paid_and_closed(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], lending: LendingHelper
) -> None:
    loan = await lending.disburse(PERSONAL_LOAN, amount=30_000, rate="12", instalments=12)
    await lending.run_billing(on=date(2026, 12, 5))
    payoff = (await client.get(f"/api/v1/loans/{loan.number}/payoff", headers=officer)).json()["total"]
    receipt = await lending.pay(loan, amount=round(payoff * 100), reference="UTR 512345678901")
    found = await read(client, uow_factory, officer)
    assert [(event["number"], event["type"]) for event in found["items"]] == [
        (1, "loan.approved"),
        (2, "loan.disbursed"),
        (3, "bill.issued"),
        (4, "run.finished"),
        (5, "payment.received"),
        (6, "loan.closed"),
    ]
    assert (found["next_after"], found["has_more"]) == (6, False)
    disbursed, bill, run, paid, closed = (event["data"] for event in found["items"][1:])
    assert disbursed == {
        "loan_id": "LN-2026-0001", "user_id": "BC-USER-1001", "status": "active", "amount": 30_000.0,
        "annual_rate": 12.0, "instalments": 12, "emi": disbursed["emi"], "disbursed_on": "2026-11-21",
        "closed_on": None, "principal_outstanding": 30_000.0, "interest_due": 0.0, "charges_due": 0.0, "advance": 0.0,
        "product": PERSONAL_LOAN.code, "product_version": PERSONAL_LOAN.version, "given_up": None,
        "refunded": None, "change": None,
    }  # fmt: skip
    issued = (await client.get(f"/api/v1/loans/{loan.number}/bills", headers=officer)).json()
    (shown,) = issued
    same = ("cycle", "from", "billed_on", "due_on", "interest", "principal_due", "charges", "past_due",
            "total_due", "minimum_due")  # fmt: skip
    assert {name: bill[name] for name in same} == {name: shown[name] for name in same}
    assert (run["status"], run["loans"], run["bills"]) == ("finished", 1, 1)
    assert (paid["payment_id"], paid["amount"], paid["reference_id"]) == ("PM-000001", payoff, "UTR 512345678901")
    assert Decimal(str(sum(paid["applied"].values()))).quantize(Decimal("0.01")) == Decimal(str(payoff))
    assert (paid["outstanding"], paid["loan_closed"]) == (0.0, True)
    assert (closed["status"], closed["closed_on"], closed["principal_outstanding"]) == ("closed", "2026-12-05", 0.0)
    await lending.reverse(receipt.payment_id)
    later = await read(client, uow_factory, officer, after=6)
    assert [event["type"] for event in later["items"]] == ["payment.reversed", "loan.reopened"]
    assert later["items"][0]["data"] == {
        "payment_id": "PM-000001", "loan_id": "LN-2026-0001", "user_id": "BC-USER-1001", "amount": payoff,
        "reversed_on": "2026-12-05", "outstanding": 30_000.0, "loan_status": "active",
    }  # fmt: skip


async def test_a_bill_that_nobody_pays(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], lending: LendingHelper
) -> None:
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2027, 3, 1))
    found = await read(client, uow_factory, officer, type="bill.overdue")
    first = found["items"][0]["data"]
    bills = (await client.get("/api/v1/loans/1/bills", headers=officer)).json()
    (shown, *_) = bills
    assert first["cycle"] == shown["cycle"] == 1
    assert first["closed_on"] == shown["closed_on"]
    assert first["returned_to_plan"] == shown["returned_to_plan"]
    assert first["unpaid_interest"] == shown["unpaid_interest"]


async def test_the_api_shows_the_document_that_webhooks_send(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], lending: LendingHelper
) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2027, 3, 1))
    await lending.pay(loan, amount=2_000_00)
    found = await read(client, uow_factory, officer, limit=1000)
    async with uow_factory.reading(SYSTEM) as uow:
        events = (await log.read_events(uow, after=0, limit=1000)).events
    assert [document(event) for event in events] == found["items"]
    for event in found["items"]:
        alone = await client.get(f"{EVENTS}/{event['id']}", headers=officer)
        assert alone.json() == event


async def test_staff_and_services_with_the_scope_may_read(
    client: httpx.AsyncClient, headers_of: HeadersOf, opened: None
) -> None:
    for headers, status in (
        (await headers_of(Role.OFFICER), 200),
        (await headers_of(Role.SERVICE, scopes=frozenset({Scope.EVENTS_READ})), 200),
        (await headers_of(Role.SERVICE, scopes=frozenset({Scope.LENDING_READ})), 403),
        (await headers_of(Role.CUSTOMER, customer_id=1), 403),
        ({}, 401),
    ):
        assert (await client.get(EVENTS, headers=headers)).status_code == status


@pytest.mark.parametrize(
    "query, code",
    [
        ({"after": 1}, "event_cursor_unknown"),
        ({"after": -1}, "invalid_request"),
        ({"after": "EV-1"}, "invalid_request"),
        ({"type": "loan.exploded"}, "invalid_request"),
        ({"limit": 1001}, "invalid_request"),
    ],
)
async def test_a_wrong_question_is_refused(
    client: httpx.AsyncClient, officer: dict[str, str], query: dict[str, Any], code: str
) -> None:
    for path in (EVENTS, *([f"{EVENTS}/stream"] if "limit" not in query else [])):
        answer = await client.get(path, params=query, headers=officer)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    missing = await client.get(f"{EVENTS}/EV-000001", headers=officer)
    assert (missing.status_code, missing.json()["code"]) == (404, "event_not_found")


async def test_a_stream_gives_what_was_and_what_comes(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    officer: dict[str, str],
    lending: LendingHelper,
    time: Time,
) -> None:
    loan = await lending.disburse(PERSONAL_LOAN, amount=30_000, rate="12", instalments=12)
    await log.number_events(uow_factory)
    # The client of these tests gives an answer when it has ended: the stream ends with its token.
    following = asyncio.create_task(
        client.get(f"{EVENTS}/stream", params={"after": 0}, headers=officer | {"Last-Event-ID": "1"})
    )
    await asyncio.sleep(0.3)
    await lending.pay(loan, amount=1_000_00)
    await log.number_events(uow_factory)
    await asyncio.sleep(0.8)
    time.advance(minutes=11)
    async with asyncio.timeout(5):
        answer = await following
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in answer.text.strip().split("\n\n")]
    assert blocks[0] == {"retry": "2000"}
    assert [(block["id"], block["event"]) for block in blocks[1:-1]] == [
        ("2", "loan.disbursed"),
        ("3", "payment.received"),
    ]
    assert blocks[-1]["event"] == "refused"
    time.now -= timedelta(minutes=11)
    alone = await client.get(f"{EVENTS}/3", headers=officer)
    assert json.loads(blocks[2]["data"]) == alone.json()
