"""Amounts as text, ETags, and the headers of the deprecated surfaces."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.api.answer_forms import is_known
from app.api.money_form import MONEY_FIGURES, prefers_text, rupees_text, with_text
from app.api.openapi_schemas import schemas_of
from app.api.schemas import Answer, RupeesOut
from app.commands.reference.error_codes import example_reasons
from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
TEXT = {"Prefer": "money=string"}
LOAN = "/api/v1/loans/LN-2026-0001"


@pytest.fixture
async def loan(uow_factory: UnitOfWorkFactory, opened: None) -> None:
    await LendingHelper(uow_factory).disburse(STANDARD_LOAN, amount=50_000, rate="12", instalments=12)


# --- amounts as text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header, wanted",
    [
        (b"money=string", True), (b"Money = String", True), (b'money="string"; x=1', True),
        (b"wait=5, money=string", True),
        (b"money=number", False), (b"money", False), (b"", False), (b"respond-async", False), (b"xmoney=string", False),
    ],
)  # fmt: skip
def test_the_preference(header: bytes, wanted: bool) -> None:
    assert prefers_text(header) is wanted


class Amounts(Answer):
    amount: RupeesOut
    none: RupeesOut | None
    many: list[RupeesOut]
    count: int


@given(paise=st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_every_amount_is_exact_as_text(paise: int) -> None:
    body = Amounts(amount=paise, none=None, many=[paise, 0], count=3).model_dump_json().encode()
    rupees = f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}"
    assert with_text(body, model=Amounts).decode() == (
        f'{{"amount":"{rupees}","none":null,"many":["{rupees}","0.00"],"count":3}}'
    )
    assert rupees_text(paise / 100) == rupees


async def test_an_answer_has_its_amounts_as_text_and_nothing_else_changes(
    client: httpx.AsyncClient, officer: Headers, loan: None
) -> None:
    plain = await client.get(LOAN, headers=officer)
    text = await client.get(LOAN, headers=officer | TEXT)
    assert (plain.json()["emi"], text.json()["emi"]) == (4442.44, "4442.44")
    assert text.json() | {"emi": 0} == plain.json() | {
        "emi": 0, "amount": "50000.00", "principal_outstanding": "50000.00", "interest_due": "0.00",
        "charges_due": "0.00", "advance": "0.00", "overdue": "0.00", "topped_up": "0.00",
        "next_due": plain.json()["next_due"] | {"amount": "4442.44", "minimum": "0.00"},
    }  # fmt: skip
    assert (text.headers["Preference-Applied"], text.headers["Vary"]) == ("money=string", "Prefer")
    assert "Preference-Applied" not in plain.headers
    assert text.headers["ETag"] != plain.headers["ETag"]
    pages = await client.get("/api/v1/loans", headers=officer | TEXT)
    assert pages.json()["items"][0]["amount"] == "50000.00"
    rows = await client.get(f"{LOAN}/bills", headers=officer | TEXT)
    assert (rows.json(), rows.headers["Preference-Applied"]) == ([], "money=string")
    older = await client.get("/view-loan/1", headers=officer | TEXT)
    assert older.json()["monthly_installment"] == "4442.44"


async def test_a_repeat_is_answered_in_the_form_that_it_asks_for(
    client: httpx.AsyncClient, officer: Headers, loan: None
) -> None:
    pay = {"loan_id": 1, "amount": 100}
    key = officer | {"Idempotency-Key": "one"}
    answers = [
        await client.post("/api/v1/loans/payments", json=pay, headers=key | more) for more in (TEXT, {}, TEXT, {})
    ]
    assert [(answer.json()["amount"], answer.json()["applied"]["advance"]) for answer in answers] == [
        ("100.00", "100.00"), (100, 100), ("100.00", "100.00"), (100, 100),
    ]  # fmt: skip
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true", "true", "true"]
    assert answers[0].content == answers[2].content
    assert answers[1].content == answers[3].content


async def test_the_figures_of_refusals_are_text_too(client: httpx.AsyncClient, officer: Headers, loan: None) -> None:
    pay = {"loan_id": 1, "amount": 99_999_999, "reference_id": "UTR-1"}
    refused = await client.post("/api/v1/loans/payments", json=pay, headers=officer | TEXT)
    assert (refused.json()["code"], refused.json()["figures"]) == ("amount_beyond_payoff", {"payoff": "50000.00"})
    assert refused.headers["Preference-Applied"] == "money=string"
    person = {"first_name": "A", "last_name": "B", "age": 40, "monthly_income": 5_000, "phone_number": "9876543210"}
    number = (await client.post("/register", json=person, headers=officer)).json()["customer_id"]
    body = {"user_id": number, "product": "STANDARD_LOAN", "amount": 60_000_00, "tenure_months": 12, "annual_rate": 14}
    key = officer | {"Idempotency-Key": "one"}
    for headers, amount in ((TEXT, "6000000.00"), ({}, 6_000_000), (TEXT, "6000000.00")):
        answer = await client.post("/api/v1/loans/apply", json=body, headers=key | headers)
        assert answer.status_code == 422
        figures = next(one["figures"] for one in answer.json()["reasons"] if one["code"] == "limit_exceeded")
        assert figures["amount"] == amount


def test_the_figures_that_are_amounts_are_those_of_the_rules() -> None:
    names = {name for reason in example_reasons() for name in reason.figures}
    assert {name.removesuffix("_paise") for name in names if name.endswith("_paise")} == MONEY_FIGURES
    assert {name for name in names if not name.endswith("_paise")} & MONEY_FIGURES == set()


async def test_the_document_of_amounts_as_text(app: FastAPI, client: httpx.AsyncClient) -> None:
    found = (await client.get("/openapi-money-string.json")).json()
    schema = found["components"]["schemas"]["V1LoanAnswer"]["properties"]["emi"]
    assert (schema["type"], schema["pattern"]) == ("string", r"^-?[0-9]{1,14}\.[0-9]{2}$")
    assert [part for part in schemas_of(found) if part.get("format") == "rupees"] == []
    assert app.openapi()["components"]["schemas"]["V1LoanAnswer"]["properties"]["emi"]["type"] == "number"


# --- ETags -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known, wanted",
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("a", False), ("", False)],
)
def test_a_tag_is_known(known: str, wanted: bool) -> None:
    assert is_known('"a"', known) is wanted


async def test_a_single_read_is_304_until_something_changes(
    client: httpx.AsyncClient, officer: Headers, loan: None, uow_factory: UnitOfWorkFactory
) -> None:
    first = await client.get(LOAN, headers=officer)
    known = {"If-None-Match": first.headers["ETag"]}
    same = await client.get(LOAN, headers=officer | known)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    text = await client.get(LOAN, headers=officer | known | TEXT)
    assert text.status_code == 200
    pay = {"loan_id": 1, "amount": 100, "reference_id": "UTR-1"}
    assert (await client.post("/api/v1/loans/payments", json=pay, headers=officer)).status_code == 201
    changed = await client.get(LOAN, headers=officer | known)
    assert (changed.status_code, changed.json()["advance"]) == (200, 100)
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_a_tag_tells_nothing_to_those_who_may_not_read(
    client: httpx.AsyncClient, officer: Headers, loan: None
) -> None:
    known = {"If-None-Match": (await client.get(LOAN, headers=officer)).headers["ETag"]}
    assert (await client.get(LOAN, headers=known)).status_code == 401
    assert (await client.get("/api/v1/loans/LN-2026-0009", headers=officer | known)).status_code == 404
    assert "ETag" not in (await client.get("/api/v1/loans", headers=officer)).headers


def test_every_single_read_documents_its_tag(app: FastAPI) -> None:
    for path, item in app.openapi()["paths"].items():
        is_file = path.endswith(
            (
                "/rejects",
                "/files/{as_on}",
                "/exports/{of}",
                "/receipt",
                "/account-statement",
                "-certificate",
                "-letter",
                "/tax-documents/{number}",
            )
        )
        is_stream = path.endswith("/events") or is_file
        is_single = path.startswith("/api/v1/") and "{" in path and "get" in item and not is_stream
        assert ("304" in item.get("get", {}).get("responses", {})) is is_single, path


# --- deprecated surfaces ---------------------------------------------------------------------------------------------


async def test_the_older_surfaces_say_that_they_are_deprecated(
    app: FastAPI, client: httpx.AsyncClient, officer: Headers, loan: None
) -> None:
    older: list[tuple[str, Any]] = [
        ("/view-loan/1", 200),
        ("/view-loan/9", 404),
        ("/api/get-statement/?loan_id=1", 200),
    ]
    for path, status in older:
        answer = await client.get(path, headers=officer)
        assert answer.status_code == status
        assert answer.headers["Deprecation"] == "@1796083200"
        assert answer.headers["Sunset"] == "Sun, 31 Dec 2028 23:59:59 GMT"
        assert answer.headers["Link"] == '</docs>; rel="deprecation"; type="text/html"'
    assert "Deprecation" not in (await client.get(LOAN, headers=officer)).headers
    marked = {
        path
        for path, item in app.openapi()["paths"].items()
        for operation in item.values()
        if operation.get("deprecated")
    }
    assert len(marked) == 12
    assert [path for path in marked if re.match(r"/(api/v1|health|livez|readyz)", path)] == []
