"""Every body in the OpenAPI document has a whole example, and the service serves each of them as it stands.

The examples are calls of one story: three people register, borrow, pay, and change their minds. The table names the
operations in the order in which their examples make sense. A token cannot be in a document; its place is filled in.
"""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM
from app.domain.products.documents import product_document
from app.domain.products.seeded import REVOLVING_CARD, STANDARD_LOAN
from app.services.collections import following
from app.services.delinquency import day_ends
from app.services.events import log
from tests.api.stories import Story
from tests.services.lending_desk import FAR, LendingHelper

Headers = dict[str, str]
METHODS = ("get", "post", "put", "delete", "patch")
#: The token of the example's card; that of the real one takes its place.
CARD = "card_0123456789abcdef0123456789abcdef"
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
    "add_benchmark": ("admin", {}),
    "add_holidays": ("admin", {"calendar": "MUMBAI"}),
    "add_lender_version": ("admin", {}),
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
ACCOUNT = {"account_id": "CA-000001"}
#: A card account: in the order of its postings.
CARDS: dict[str, Call] = {
    "open_card_account": ("officer", {}),
    "add_account_card": ("officer", ACCOUNT),
    "set_controls": ("officer", {"token": CARD}),
    "authorise_card": ("officer", ACCOUNT),
    "capture_authorisation": ("officer", ACCOUNT),
    "reverse_authorisation": ("officer", ACCOUNT),
    "post_card_clearing": ("officer", ACCOUNT),
    "convert_card_purchase": ("officer", ACCOUNT),
    "dispute_card_posting": ("officer", ACCOUNT),
    "decide_card_dispute": ("officer", ACCOUNT | {"dispute": "{dispute}"}),
    "refund_card_purchase": ("officer", ACCOUNT),
    "pay_card_account": ("officer", ACCOUNT),
    "pay_out_card_credit": ("admin", ACCOUNT),
    "undo_card_posting": ("officer", ACCOUNT | {"posting": "{posting}"}),
    "change_card_limit": ("officer", ACCOUNT),
    "consent_over_limit": ("officer", ACCOUNT),
    "move_statement_day": ("officer", ACCOUNT),
    "want_every_statement": ("officer", ACCOUNT),
    "tell_card_terms": ("officer", ACCOUNT),
}
#: On the day after the first bills.
AFTER_BILLING: dict[str, Call] = {
    "write_note": ("officer", {}),
    "note_contact": ("officer", {}),
    "make_promise": ("officer", {}),
    "assign_case": ("officer", {}),
    "assign_cases": ("officer", {}),
    "plan_action": ("officer", {}),
    "save_view": ("officer", {}),
    "make_proposal": ("officer", {}),
    "approve_proposal": ("admin", {"proposal_id": "PR-000002"}),
    "reject_proposal": ("admin", {"proposal_id": "PR-000001"}),
    "withdraw_proposal": ("officer", {"proposal_id": "PR-000003"}),
    "take_payment": ("officer", {}),
    "reverse_payment": ("officer", {"payment_id": "PM-000002"}),
    "take_back_charge": ("officer", {"loan_id": "{charged}", "charge_id": "{charge}"}),
    "simulate_charge": ("officer", {"loan_id": "{charged}"}),
    "book_charge": ("officer", {"loan_id": "{charged}"}),
    "simulate_loan_change": ("officer", {"loan_id": "LN-2026-0001"}),
    "reset_loan_rate": ("officer", {"loan_id": "LN-2026-0001"}),
    "undo_loan_change": ("officer", {"loan_id": "LN-2026-0001", "change_id": "{change}"}),
    "move_due_day": ("officer", {"loan_id": "LN-2026-0001"}),
    "give_rate_notice": ("officer", {"loan_id": "LN-2026-0001"}),
    "choose_for_rate_notice": ("officer", {"loan_id": "LN-2026-0001", "effective_on": "2027-01-10"}),
    "credit_card_make_payment": ("officer", {}),
    "credit_card_pay_emi": ("officer", {}),
    "accept_key_facts": ("officer", {"application_id": "{application}"}),
    "change_chart": ("admin", {}),
    "propose_period": ("officer", {}),
    "withdraw_period": ("officer", {"period": "1"}),
    "reject_period": ("admin", {"period": "2"}),
    "approve_period": ("admin", {"period": "3"}),
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
        self.keys = self.posting = self.dispute = self.change = 0
        self.card, self.charged = CARD, ""

    async def tell(self, first: dict[str, Call], after_billing: dict[str, Call]) -> None:
        """The whole story."""
        for name, call in first.items():
            if name == "start_run":
                await self.tell_of_cards()
            await log.number_events(self.story.uow_factory)
            await self.send(name, call)
        await LendingHelper(self.story.uow_factory).run_billing(on=date(2026, 12, 22))
        await self.follow_day_ends(through=date(2026, 12, 21))
        self.headers["customer"] = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        for name, call in after_billing.items():
            if name == "make_proposal":
                await self.owe_to_borrower()
                await self.owe_and_be_owed()
            if name in {"reject_period", "approve_period"}:
                await self.send("propose_period", after_billing["propose_period"])
            answer = await self.send(name, (call[0], await self.place_of(name, call[1])))
            if name == "reset_loan_rate":
                self.change = answer["change_id"]

    async def place_of(self, name: str, place: dict[str, str]) -> dict[str, str]:
        """The parts of the address of an operation, which may need something to be there first."""
        if name == "take_back_charge":
            charged, charge = await LendingHelper(self.story.uow_factory).take_and_return()
            self.charged = str(charged.number)
            return {"loan_id": self.charged, "charge_id": str(charge)}
        if name in {"simulate_charge", "book_charge"}:
            return {"loan_id": self.charged}
        if name == "undo_loan_change":
            return place | {"change_id": str(self.change)}
        return {"application_id": await self.offer()} if name == "accept_key_facts" else place

    async def offer(self) -> str:
        """An application that waits to be accepted."""
        asking = replace(STANDARD_LOAN, code="ASKING_LOAN", offer=replace(STANDARD_LOAN.offer, needs_acceptance=True))
        async with self.story.uow_factory.open(SYSTEM) as uow:
            await add_product(uow.session, asking, offered_from=date(2026, 1, 1), now=uow.now, actor="system")
        body = self.example("apply_for_loan") | {"product": "ASKING_LOAN", "amount": 1000}
        made = await self.story.client.post("/api/v1/loans/apply", json=body, headers=self.headers["officer"])
        assert made.status_code == 202, made.text
        return str(made.json()["application_id"])

    async def owe_to_borrower(self) -> None:
        """The first loan owes its borrower what the example of a refund pays out."""
        async with self.story.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                text(
                    "INSERT INTO transfers SELECT customer_id, id, last_transfer + 1, last_transfer + 1, 'overpayment',"
                    " 'cash', 'refund_payable', 25000, 'refund_payable', disbursed_on, disbursed_on FROM loans"
                    " WHERE id = 1"
                )
            )
            await uow.session.execute(text("UPDATE loans SET last_transfer = last_transfer + 1 WHERE id = 1"))
            # Nothing more is lent on arrears.
            await uow.session.execute(text("UPDATE bills SET settled_on = due_on WHERE loan_id = 2"))

    async def owe_and_be_owed(self) -> None:
        """The card account owes what is disputed, which can be charged off, and has a credit to be paid back."""
        bought = self.example("post_card_clearing") | {"reference": "ARN-612345678903", "amount": 100_000}
        posting = (await self.post("postings", bought))["posting"]
        await self.post("disputes", self.example("dispute_card_posting") | {"posting": posting})
        await self.post("payments", {"amount": 50_000, "reference": "UTR-2"})

    async def follow_day_ends(self, *, through: date) -> None:
        """What the workers do after a run: judge the day-end, and follow it in the work list."""
        payload = {"through": through.isoformat()}
        assert await day_ends.judge_day_ends(self.story.uow_factory, payload, until=FAR)
        assert await following.follow_day_ends(self.story.uow_factory, payload, until=FAR)

    async def tell_of_cards(self) -> None:
        """The story of a card account. Between the examples stand the calls that they need."""
        for name, call in CARDS.items():
            if name == "reverse_authorisation":
                await self.post("authorisations", self.example("authorise_card") | {"reference": "RRN-612345678902"})
            if name == "pay_out_card_credit":
                await self.post("payments", {"amount": 50_000, "reference": "UTR-1"})
            if name == "tell_card_terms":
                terms = product_document(REVOLVING_CARD)
                version = {"code": "REVOLVING_CARD", "offered_from": "2030-01-01", "terms": terms}
                made = await self.story.client.post("/api/v1/products", json=version, headers=self.headers["admin"])
                assert made.status_code == 201, made.text
            place = {part: value.format(posting=self.posting, dispute=self.dispute) for part, value in call[1].items()}
            answer = await self.send(name, (call[0], place))
            if name == "open_card_account":
                cards = await self.story.client.get("/api/v1/card-accounts/1/cards", headers=self.headers["officer"])
                self.card = cards.json()[0]["token"]
            if name == "pay_card_account":
                self.posting = answer["posting"]
            if name == "dispute_card_posting":
                self.dispute = answer["disputes"][0]["dispute"]

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        made = await self.story.client.post(
            f"/api/v1/card-accounts/1/{path}", json=body, headers=self.headers["officer"]
        )
        assert made.status_code in {200, 201}, made.text
        return made.json()

    def example(self, name: str) -> dict[str, Any]:
        ((_, found),) = examples_of(with_bodies(self.document)[name][2], self.document["components"]["schemas"])
        return json.loads(json.dumps(found).replace(CARD, self.card))  # type: ignore[no-any-return]

    async def send(self, name: str, call: Call) -> Any:
        method, path, operation = with_bodies(self.document)[name]
        found = None
        for media_type, example in examples_of(operation, self.document["components"]["schemas"]):
            self.keys += 1
            headers = self.headers[call[0]] | {"Idempotency-Key": f"example-{self.keys}"}
            answer = await self.story.client.request(
                method,
                path.format(**call[1]).replace(CARD, self.card),
                headers=headers,
                **self.body(media_type, example),
            )
            done = [status for status in operation["responses"] if status.startswith("2")]
            # Beside 201, what is refused or waits has a status of its own: 200 or 202.
            wanted = "201" if "201" in done else min(done)
            assert answer.status_code == int(wanted), (name, answer.text)
            if name in {"register_customer", "sign_in", "refresh_tokens"}:
                self.tokens = answer.json()
            found = answer.json() if answer.content else None
        return found

    def body(self, media_type: str, example: dict[str, Any]) -> dict[str, Any]:
        if media_type == "multipart/form-data":
            return {"data": {"kind": example["kind"]}, "files": {"file": ("transactions.csv", example["file"])}}
        if media_type == "application/x-www-form-urlencoded":
            return {"data": example}
        if "refresh_token" in example:
            return {"json": {"refresh_token": self.tokens["refresh_token"]}}
        return {"json": json.loads(json.dumps(example).replace(CARD, self.card))}


async def test_every_example_is_served(app: FastAPI, story: Story, officer: Headers, admin: Headers) -> None:
    document = app.openapi()
    assert sorted({**FIRST, **CARDS, **AFTER_BILLING}) == sorted(with_bodies(document))
    caller = Caller(story, {"nobody": {}, "officer": officer, "admin": admin}, document)
    await caller.tell(FIRST, AFTER_BILLING)


@pytest.mark.parametrize("text", ["BC-USER-001", "LN-2026-0001"])
def test_examples_name_the_things_of_the_story(app: FastAPI, text: str) -> None:
    """The ids of the examples are those that a new installation gives first."""
    schemas = app.openapi()["components"]["schemas"]
    assert any(text in str(schema.get("examples", "")) for schema in schemas.values())
