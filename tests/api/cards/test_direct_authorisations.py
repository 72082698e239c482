"""A direct authorisation answers what FastAPI's own way answers: status, headers, body, for good requests and bad."""

import json
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api.direct_routes import DirectRoutes
from app.domain.people.access import Role
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf

JSON = {"Content-Type": "application/json"}
LARGE, NAN, TWICE = b'{"amount": 1e400}', b'{"amount": NaN}', b'{"amount": 1, "amount": 2}'


def body(**changed: Any) -> dict[str, Any]:
    asked = {
        "reference": "A1",
        "amount": "2500.00",
        "kind": "purchase",
        "merchant": {"name": "BIG BAZAAR MUMBAI", "category_code": "5411", "country": "IN"},
        "card_token": "TOKEN",
        "transacted_at": "2026-01-20T11:30:00+05:30",
    } | changed
    return {name: value for name, value in asked.items() if value is not None}


#: In this order: approved, known, known with another amount, over the limit, and refused for many reasons.
BODIES: list[Any] = [
    body(),
    body(),
    body(amount="2600"),
    body(reference="A2", amount=1234.5),
    body(reference="A3", amount="200000"),
    body(reference="A4", kind="cash"),
    body(reference="A5", online=True),
    body(reference="A6", card_token="unknown"),
    body(reference="A7", amount="0"),
    body(amount="1.234"),
    body(amount=None),
    body(kind="x", merchant={}),
    body(more=1),
    [],
    None,
    "text",
    b"",
    b"{",
    b"\xff",
    LARGE,
    NAN,
    TWICE,
    b"[" * 40 + b"]" * 40,
]
TYPES: list[dict[str, str]] = [
    {},
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/json; charset=utf-8"},
    {"Content-Type": "application/problem+json"},
]
FORMS: list[dict[str, str]] = [{"Prefer": "money=string"}, {"Accept": "text/csv"}]
PATHS = ("CA-999999", "x", "0", "CA-1")


async def told(desk: CardDesk, client: httpx.AsyncClient, headers_of: HeadersOf) -> list[tuple[int, Any, Any]]:
    """The answers to all requests, about an account of its own."""
    numbers = count(1)
    tokens = [desk.headers, await headers_of(Role.CUSTOMER, customer_id=desk.customer_id), {}]
    found = []

    async def ask(sent: Any, headers: dict[str, str], account: str = "") -> None:
        content = sent if isinstance(sent, bytes) else json.dumps(sent).encode().replace(b"TOKEN", desk.token.encode())
        path = f"/api/v1/card-accounts/{account or desk.account_id}/authorisations"
        answer = await client.post(path, content=content, headers=headers)
        kept = {
            name: value for name, value in answer.headers.items() if name != "x-request-id" and "ratelimit" not in name
        }
        said = answer.text.replace(answer.headers["x-request-id"], "ID").replace(desk.account_id, "ACCOUNT")
        found.append((answer.status_code, kept, said))

    for sent in BODIES:
        await ask(sent, desk.headers | JSON)
    for kind in TYPES:
        await ask(body(reference=f"T{next(numbers)}"), desk.headers | kind)
    for form in FORMS:
        await ask(body(reference=f"F{next(numbers)}"), desk.headers | JSON | form)
    for headers in tokens:
        await ask(body(reference=f"H{next(numbers)}"), headers | JSON)
        await ask(b"{", headers | JSON)
    for account in PATHS:
        await ask(body(reference=f"P{next(numbers)}"), desk.headers | JSON, account)
    return found


async def test_both_ways_answer_the_same(
    desk: CardDesk,
    app: FastAPI,
    client: httpx.AsyncClient,
    headers_of: HeadersOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await desk.open()
    await desk.to("2026-01-20")
    found = await told(desk, client, headers_of)
    monkeypatch.setattr(DirectRoutes, "_find", lambda _self, _scope: None)
    desk.customer_id, desk.account_id = 2002, ""
    await desk.open()
    await desk.to("2026-01-20")
    expected = await told(desk, client, headers_of)
    assert found == expected
    assert [status for status, _, _ in found[:6]] == [200, 200, 409, 200, 200, 200]
    assert [json.loads(text)["approved"] for _, _, text in (found[0], found[3], found[4])] == [True, True, False]
