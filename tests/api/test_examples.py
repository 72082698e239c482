"""Every body in the OpenAPI document has a whole example, and the service serves each of them as it stands.

The examples are calls of one story: three people register, borrow, pay, and change their minds. The table names the
operations in the order in which their examples make sense. A token cannot be in a document; its place is filled in.
"""

from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.stories import Story
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
METHODS = ("get", "post", "put", "delete", "patch")
#: Who calls, and the values of the path.
Call = tuple[str, dict[str, str]]
FIRST: dict[str, Call] = {
    "register_customer": ("nobody", {}),
    "sign_in": ("nobody", {}),
    "refresh_tokens": ("nobody", {}),
    "credit_card_register_user": ("nobody", {}),
    "credit_card_login": ("nobody", {}),
    "credit_approval_register": ("officer", {}),
    "search_customers": ("officer", {}),
    "change_customer": ("officer", {"user_id": "BC-USER-001"}),
    "reveal_aadhaar": ("admin", {"user_id": "BC-USER-001"}),
    "create_service": ("admin", {}),
    "add_product_version": ("admin", {}),
    "quote_loan": ("officer", {}),
    "compute_apr": ("officer", {}),
    "apply_for_loan": ("officer", {}),
    "credit_card_apply_loan": ("officer", {}),
    "credit_approval_check_eligibility": ("officer", {}),
    "credit_approval_create_loan": ("officer", {}),
    "simulate_change": ("officer", {"loan_id": "LN-2026-0001"}),
    "upload_file": ("officer", {}),
    "start_run": ("officer", {}),
    "set_clock": ("admin", {}),
    "add_endpoint": ("admin", {}),
    "change_endpoint": ("admin", {"endpoint_id": "1"}),
    "rotate_secret": ("admin", {"endpoint_id": "1"}),
    "redeliver_events": ("admin", {"endpoint_id": "1"}),
}
#: On the day after the first bills.
AFTER_BILLING: dict[str, Call] = {
    "make_proposal": ("officer", {}),
    "approve_proposal": ("admin", {"proposal_id": "PR-000002"}),
    "reject_proposal": ("admin", {"proposal_id": "PR-000001"}),
    "withdraw_proposal": ("officer", {"proposal_id": "PR-000003"}),
    "take_payment": ("officer", {}),
    "reverse_payment": ("officer", {"payment_id": "PM-000002"}),
    "credit_card_make_payment": ("officer", {}),
    "credit_card_pay_emi": ("officer", {}),
    "change_password": ("customer", {}),
    "sign_out": ("nobody", {}),
}


def with_bodies(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every operation with a body, by its name."""
    return {
        item[method]["operationId"]: (method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item and "requestBody" in item[method]
    }


def examples_of(operation: dict[str, Any], schemas: dict[str, Any]) -> list[tuple[str, Any]]:
    """The media type and each example of a body."""
    ((media_type, content),) = operation["requestBody"]["content"].items()
    if "example" in content:
        return [(media_type, content["example"])]
    schema = content["schema"]
    parts = schema.get("oneOf") or schema.get("anyOf") or [schema]
    names = [part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part]
    return [(media_type, example) for name in names for example in schemas[name].get("examples", ())]


class Caller:
    """Sends the examples of operations."""

    def __init__(self, story: Story, headers: dict[str, Headers], document: dict[str, Any]) -> None:
        self.story, self.headers, self.document = story, headers, document
        self.tokens: dict[str, str] = {}
        self.keys = 0

    async def tell(self, first: dict[str, Call], after_billing: dict[str, Call]) -> None:
        """The whole story."""
        for name, call in first.items():
            await self.send(name, call)
        await LendingHelper(self.story.uow_factory).run_billing(on=date(2026, 12, 22))
        self.headers["customer"] = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        for name, call in after_billing.items():
            await self.send(name, call)

    async def send(self, name: str, call: Call) -> None:
        method, path, operation = with_bodies(self.document)[name]
        for media_type, example in examples_of(operation, self.document["components"]["schemas"]):
            self.keys += 1
            headers = self.headers[call[0]] | {"Idempotency-Key": f"example-{self.keys}"}
            answer = await self.story.client.request(
                method, path.format(**call[1]), headers=headers, **self.body(media_type, example)
            )
            done = [status for status in operation["responses"] if status.startswith("2")]
            # Beside 201, what is refused or waits has a status of its own: 200 or 202.
            wanted = "201" if "201" in done else min(done)
            assert answer.status_code == int(wanted), (name, answer.text)
            if name in {"register_customer", "sign_in", "refresh_tokens"}:
                self.tokens = answer.json()

    def body(self, media_type: str, example: dict[str, Any]) -> dict[str, Any]:
        if media_type == "multipart/form-data":
            return {"data": {"kind": example["kind"]}, "files": {"file": ("transactions.csv", example["file"])}}
        if media_type == "application/x-www-form-urlencoded":
            return {"data": example}
        if "refresh_token" in example:
            return {"json": {"refresh_token": self.tokens["refresh_token"]}}
        return {"json": example}


async def test_every_example_is_served(app: FastAPI, story: Story, officer: Headers, admin: Headers) -> None:
    document = app.openapi()
    assert sorted({**FIRST, **AFTER_BILLING}) == sorted(with_bodies(document))
    caller = Caller(story, {"nobody": {}, "officer": officer, "admin": admin}, document)
    await caller.tell(FIRST, AFTER_BILLING)


@pytest.mark.parametrize("text", ["BC-USER-001", "LN-2026-0001"])
def test_examples_name_the_things_of_the_story(app: FastAPI, text: str) -> None:
    """The ids of the examples are those that a new installation gives first."""
    schemas = app.openapi()["components"]["schemas"]
    assert any(text in str(schema.get("examples", "")) for schema in schemas.values())
