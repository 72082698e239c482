"""A customer who names the numbers of somebody else learns nothing and changes nothing.

Whatever a customer may call is called with the numbers of the story of the examples, and again with numbers that nobody
has. Both are answered alike, in status and in words: nobody is told whether a number exists.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.api.routing import KistRoute
from app.domain.people.access import Role
from tests.api.stories import Story, bearer
from tests.api.test_examples import AFTER_BILLING, CARD, FIRST, Caller, Headers, examples_of, with_bodies
from tests.api.test_reads_are_pure import contents

STRANGER = {
    "name": "Somebody Else", "email": "else@example.com", "aadhar_id": "999941057058", "password": "a quiet river",
}  # fmt: skip
#: The own account, and what is the same for everybody.
NOT_ABOUT_A_NUMBER = {
    "PUT /api/v1/auth/password",
    "POST /api/v1/auth/logout-everywhere",
    "GET /api/v1/products",
    "GET /api/v1/clock",
    "GET /api/v1/rules",
    "POST /api/v1/loans/quote",
    "POST /api/v1/loans/apr",
}
#: Lists that are filtered by somebody else's number are empty.
LISTS = {
    "GET /api/v1/loans": {"items": [], "next_cursor": None},
    "GET /api/v1/payments": {"items": [], "next_cursor": None},
    "GET /api/v1/applications": {"items": [], "next_cursor": None},
    "GET /api/v1/card-accounts": {"items": [], "next_cursor": None},
    "GET /api/v1/bureau/records": [],
}
#: The kinds of numbers that the story gives, and one that it does not.
KINDS = ("user_id", "customer_id", "loan_id", "account_id", "payment_id", "application_id", "score_id")
NOBODYS = "7777"
WITHIN = {
    "number": "1", "statement_day": "5", "effective_on": "2027-01-10", "plan": "1", "dispute": "1", "posting": "1",
}  # fmt: skip
TAX_DOCUMENT = {"number": "I2627-000001"}
#: Query parameters that name somebody or are required.
ASKED = {"user_id", "loan_id", "account_id", "statement_day"}


def callable_by_customers(app: FastAPI) -> Iterator[tuple[str, str]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, KistRoute) and Role.CUSTOMER in (route.guard.permission.roles or ()):
            yield from ((method, str(context.path_format)) for method in sorted((context.methods or set()) - {"HEAD"}))


class Stranger:
    """Makes each call with one set of numbers."""

    def __init__(self, client: httpx.AsyncClient, document: dict[str, Any], headers: Headers) -> None:
        self.client, self.document, self.headers, self.calls = client, document, headers, 0
        self.bodies = {(method.upper(), path): operation for method, path, operation in with_bodies(document).values()}

    def examples(self, method: str, path: str) -> list[Any]:
        """The bodies of a call; one that is None if it has none. Older addresses have a second spelling."""
        operation = self.bodies.get((method, path)) or self.bodies.get((method, f"{path}/"))
        schemas = self.document["components"]["schemas"]
        return [None] if operation is None else [body for _, body in examples_of(operation, schemas)]

    async def call(self, method: str, path: str, body: Any, numbers: dict[str, str]) -> tuple[int, Any]:
        places = numbers | WITHIN | (TAX_DOCUMENT if "tax-documents" in path else {})
        item = self.document["paths"].get(path) or self.document["paths"][f"{path}/"]
        asked = {each["name"] for each in item[method.lower()].get("parameters", ())} & ASKED
        self.calls += 1
        answer = await self.client.request(
            method,
            re.sub(r"\{(\w+)\}", lambda name: places[name[1]], path),
            params={name: places[name] for name in asked if f"{{{name}}}" not in path},
            headers=self.headers | {"Idempotency-Key": f"stranger-{self.calls}"},
            json=None if body is None else named_otherwise(body, numbers),
        )
        said = answer.json()
        if isinstance(said, dict):
            said.pop("request_id", None)
        return answer.status_code, said


def named_otherwise(body: Any, numbers: dict[str, str]) -> Any:
    """The example of a body with these numbers: of the story, or of nobody."""
    text = json.dumps(body).replace(CARD, numbers["token"])
    if numbers["loan_id"] == NOBODYS:
        text = re.sub(r"BC-USER-\d+", f"BC-USER-{NOBODYS}", text)
        text = re.sub(r"LN-(\d+)-\d+", rf"LN-\1-{NOBODYS}", text)
        text = re.sub(r'"(loan|user|customer_id)": \d+', rf'"\1": {NOBODYS}', text)
    return json.loads(text)


async def test_a_stranger_learns_nothing_and_changes_nothing(
    app: FastAPI, story: Story, officer: Headers, admin: Headers, owner_dsn: str
) -> None:
    caller = Caller(story, {"nobody": {}, "officer": officer, "admin": admin}, app.openapi())
    await caller.tell(FIRST, AFTER_BILLING)
    made = await story.client.post("/api/v1/users/register", json=STRANGER)
    assert made.status_code == 201, made.text
    stranger = Stranger(story.client, app.openapi(), bearer(made.json()["access_token"]))
    somebodys = dict.fromkeys(KINDS, "1") | {"token": caller.card}
    nobodys = dict.fromkeys(KINDS, NOBODYS) | {"token": "card_" + "z" * 32}
    before = await contents(owner_dsn)
    for method, path in callable_by_customers(app):
        name = f"{method} {path}"
        for body in [] if name in NOT_ABOUT_A_NUMBER else stranger.examples(method, path):
            found = await stranger.call(method, path, body, somebodys)
            assert (name, found[0]) == (name, 200 if name in LISTS else 404), found
            assert (name, *found) == (name, *await stranger.call(method, path, body, nobodys))
            assert name not in LISTS or found[1] == LISTS[name]
    assert stranger.calls > 120
    assert await contents(owner_dsn) == before
