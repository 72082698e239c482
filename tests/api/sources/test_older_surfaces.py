"""Every route of the older surfaces: a hostile request is a 400, and no answer repeats a value of the request."""

import httpx
import orjson
import pytest
from fastapi import FastAPI

from app.api.dialects import refusals
from app.api.errors import Failure
from app.api.field_faults import FieldFault
from tests.api.stories import Story

SECRET = "234567890124"
ROUTES = [
    "/api/register-user/", "/api/login/", "/api/apply-loan/", "/api/make-payment/", "/api/pay-emi/", "/register",
    "/check-eligibility", "/create-loan",
]  # fmt: skip
BODIES = [
    b"", b"{", b"null", b"[]", b"1", b"true", b'"234567890124"', b'{"amount": NaN}', b'{"loan_amount": Infinity}',
    b'{"amount": 1e400, "loan_amount": 1e400}', b'{"user": 1, "user": 1}', b'{"234567890124": 1}',
    b'{"aadhar_id": [234567890124]}', b'{"first_name": "234567890124\\u0000"}', b"[" * 100_000,
    b'{"loan": 99999999999999999999999999, "amount": true, "tenure": 1e30}', b'{"email": "234567890124"}',
]  # fmt: skip


@pytest.mark.parametrize("path", ROUTES)
async def test_a_hostile_body_is_a_clean_400(story: Story, officer: dict[str, str], path: str) -> None:
    for body in BODIES:
        for address in (path, path.removesuffix("/") if path.endswith("/") else f"{path}/"):
            headers = {**officer, "content-type": "application/json"}
            answer = await story.client.post(address, content=body, headers=headers)
            assert (body[:40], answer.status_code) == (body[:40], 400)
            assert set(answer.json()) <= {"error", "fields"}
            assert answer.json()["error"]
            assert SECRET not in answer.text
    large = await story.client.post(path, content=b"x" * 300_000, headers=officer)
    assert (large.status_code, set(large.json())) == (413, {"error"})


async def test_a_key_with_another_body_is_refused_on_the_older_surface(
    client: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    body = {"first_name": "A", "last_name": "B", "age": 40, "monthly_income": 50_000, "phone_number": "9876543210"}
    headers = {**officer, "Idempotency-Key": "one"}
    first = await client.post("/register", json=body, headers=headers)
    assert (await client.post("/register/", json=body, headers=headers)).json() == first.json()
    other = await client.post("/register", json=body | {"age": 41}, headers=headers)
    assert (other.status_code, list(other.json())) == (400, ["error", "fields"])
    assert (await client.get("/health")).json()["stats"]["customers"] == 1


def test_a_busy_record_is_a_503_with_retry_after() -> None:
    busy = Failure(status=409, code="busy", detail="another request is changing it", headers={"Retry-After": "1"})
    for present in (refusals.present_line, refusals.present_fields):
        answer = present(busy)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert orjson.loads(answer.body) == {"error": "another request is changing it"}


def test_fields_have_the_names_of_their_surface() -> None:
    faults = tuple(FieldFault(field=name, code="x", message="wrong") for name in ("user_id", "tenure_months"))
    failure = Failure(status=422, code="invalid_request", detail="both are wrong", faults=faults)
    assert orjson.loads(refusals.present_fields(failure).body) == {
        "error": "both are wrong",
        "fields": {"customer_id": ["wrong"], "tenure": ["wrong"]},
    }
    unseen = Failure(status=404, code="customer_not_found", detail="there is no such customer", field="user_id")
    assert orjson.loads(refusals.present_fields(unseen).body) == {"error": "there is no such customer"}


def test_one_spelling_of_each_address_is_documented(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    older = {
        path: item
        for path, item in paths.items()
        if any(operation["tags"][0].startswith("Credit ca") or "approval" in operation["tags"][0]
               for operation in item.values())
    }  # fmt: skip
    assert sorted(older) == [
        "/api/apply-loan/", "/api/get-statement/", "/api/login/", "/api/make-payment/", "/api/pay-emi/",
        "/api/register-user/", "/api/trigger-billing-cron/", "/check-eligibility", "/create-loan", "/register",
        "/view-loan/{loan_id}", "/view-loans/{customer_id}",
    ]  # fmt: skip
