"""A direct post answers what FastAPI's own way answers: status, headers and body, for good requests and bad ones."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.api.direct_routes import DirectPost, DirectRoutes
from app.db.models import Payment
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.api.test_direct_reads import told
from tests.services.lending_desk import LendingHelper

PAYMENTS, AUTHORISATIONS = "/api/v1/loans/payments", "/api/v1/card-accounts/{account_id}/authorisations"
APPLY = "/api/v1/loans/apply"
JSON = {"Content-Type": "application/json"}
KEY = {"Idempotency-Key": "a-key-of-a-test"}
PAID: dict[str, Any] = {"loan_id": 1, "amount": "500.00", "payment_method": "UPI"}
ASKED: dict[str, Any] = {
    "card_token": "tok_0123456789abcdef", "reference": "A-1", "amount": "10.00",
    "transacted_at": "2026-11-21T06:00:00Z",
    "merchant": {"name": "Chai", "category_code": "5814", "country": "IN"},
}  # fmt: skip
WISHED: dict[str, Any] = {
    "user_id": 1, "product": "CREDIT_CARD_LOAN", "amount": "50000.00", "tenure_months": 12, "annual_rate": 10.5,
}  # fmt: skip
#: Bodies and headers of requests that are refused, beside those that no caller may send.
REFUSED: Mapping[str, list[tuple[bytes, Mapping[str, str]]]] = {
    PAYMENTS: [
        (json.dumps(PAID | {"loan_id": 99}).encode(), JSON | KEY),
        (json.dumps(PAID | {"loan_id": "LN-2025-0001"}).encode(), JSON | KEY),
        (json.dumps(PAID | {"amount": "0.00"}).encode(), JSON | KEY),
        (json.dumps(PAID | {"amount": 1.005}).encode(), JSON | KEY),
        (json.dumps(PAID | {"extra": 1}).encode(), JSON | KEY),
        (json.dumps(PAID).encode(), JSON),
        (json.dumps(PAID).encode(), JSON | {"Idempotency-Key": ""}),
        (json.dumps(PAID).encode(), JSON | {"Idempotency-Key": "x" * 256}),
        (json.dumps(PAID | {"amount": "0.00"}).encode(), JSON | {"Idempotency-Key": "x" * 256}),
        (json.dumps(PAID).encode(), KEY | {"Content-Type": "text/plain"}),
        (json.dumps(PAID).encode(), KEY),
        (b"", JSON | KEY),
        (b"null", JSON | KEY),
        (b"[]", JSON | KEY),
        (b'{"loan_id": 1', JSON | KEY),
        (b'{"loan_id": 1, "loan_id": 2, "amount": 5}', JSON | KEY),
        (b'{"loan_id": 1, "amount": NaN}', JSON | KEY),
        (b"\xff", JSON | KEY),
    ],
    # The customer of these tests has no score.
    APPLY: [
        (json.dumps(WISHED).encode(), JSON | KEY),
        (json.dumps(WISHED).encode(), JSON),
        (json.dumps(WISHED | {"user_id": 99}).encode(), JSON | KEY),
        (json.dumps(WISHED | {"user_id": "BC-USER-001"}).encode(), JSON | KEY),
        (json.dumps(WISHED | {"product": "NONE"}).encode(), JSON | KEY),
        (json.dumps(WISHED | {"amount": None}).encode(), JSON | KEY),
        (json.dumps(WISHED | {"annual_rate": "x"}).encode(), JSON | KEY),
        (json.dumps(WISHED | {"extra": 1}).encode(), JSON | KEY),
        (json.dumps(WISHED | {"frequency": "month"}).encode(), JSON | KEY),
        (json.dumps(WISHED).encode(), JSON | {"Idempotency-Key": "x" * 256}),
        (b"", JSON | KEY),
        (b'{"user_id": 1', JSON | KEY),
    ],
    AUTHORISATIONS: [
        (json.dumps(ASKED).encode(), JSON),
        (json.dumps(ASKED | {"amount": "-1"}).encode(), JSON),
        (b"{", JSON),
        (b"", JSON),
    ],
}
PATHS = {
    PAYMENTS: [PAYMENTS],
    APPLY: [APPLY],
    AUTHORISATIONS: [AUTHORISATIONS.format(account_id=each) for each in ("9", "x")],
}


def test_every_direct_post_is_compared(app: FastAPI) -> None:
    direct = app.state.direct_routes
    assert isinstance(direct, DirectRoutes), "create_app() puts the direct routes before FastAPI"
    assert {"/".join(each.parts) for each in direct.routes if isinstance(each, DirectPost)} == set(REFUSED)


@pytest.mark.parametrize("pattern", sorted(REFUSED))
async def test_both_ways_refuse_the_same(
    pattern: str,
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    headers_of: HeadersOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await LendingHelper(uow_factory).disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    admin, stranger = await headers_of(Role.ADMIN), await headers_of(Role.CUSTOMER, customer_id=1002)
    asked = [
        (path, body, {**headers, **caller, **form})
        for path in PATHS[pattern]
        for body, headers in REFUSED[pattern]
        for caller in (admin, stranger, {}, {"Authorization": "Bearer made-up"})
        for form in ({}, {"Prefer": "money=string"})
    ]

    found = [told(await client.post(path, content=body, headers=headers)) for path, body, headers in asked]
    monkeypatch.setattr(DirectRoutes, "_find", lambda _self, _scope: None)
    expected = [told(await client.post(path, content=body, headers=headers)) for path, body, headers in asked]

    assert found == expected
    assert all(status >= 400 for status, _, _ in found)
    async with uow_factory.reading(SYSTEM) as uow:
        assert (await uow.session.execute(select(func.count()).select_from(Payment))).scalar_one() == 0


async def test_a_header_that_is_given_twice_is_left_to_fastapi(
    client: httpx.AsyncClient, opened: None, headers_of: HeadersOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await headers_of(Role.ADMIN)
    twice = [*admin.items(), *JSON.items(), ("Idempotency-Key", "first-key"), ("Idempotency-Key", "second-key")]

    found = told(await client.post(PAYMENTS, content=json.dumps(PAID), headers=twice))
    monkeypatch.setattr(DirectRoutes, "_find", lambda _self, _scope: None)

    assert found == told(await client.post(PAYMENTS, content=json.dumps(PAID), headers=twice))


@pytest.mark.parametrize("form", [{}, {"Prefer": "money=string"}])
async def test_both_ways_take_the_same_payment(
    form: dict[str, str],
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    headers_of: HeadersOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two loans with the same life, one paid directly and one not; each repeat gets the first answer both ways."""
    lending = LendingHelper(uow_factory)
    for _ in range(2):
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 22))
    headers = await headers_of(Role.ADMIN) | form

    async def pay(loan: int) -> tuple[int, dict[str, str], bytes]:
        key = {"Idempotency-Key": f"key-of-loan-{loan}"}
        body = {**PAID, "loan_id": loan, "amount": "5387.23"}
        status, kept, content = told(await client.post(PAYMENTS, json=body, headers=headers | key))
        for name, number in ((b"LN-2026-000%d", loan), (b"PM-00000%d", loan)):
            content = content.replace(name % number, name % 0)
        return status, kept, content

    direct, repeated = await pay(1), await pay(1)
    monkeypatch.setattr(DirectRoutes, "_find", lambda _self, _scope: None)

    assert await pay(2) == direct
    assert await pay(2) == await pay(1) == repeated
    assert (direct[0], repeated[0], repeated[1]["idempotent-replayed"]) == (201, 201, "true")
