"""A direct route answers what FastAPI's own way answers, however oddly a request is written.

The requests are made as a server hands them over: bytes of a path, of a query, of headers, and of a body in parts. They
are drawn at random, the same each time.
"""

import random
from datetime import date
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import pytest
from fastapi import FastAPI
from starlette.types import Message

from app.api.direct_routes import DirectRoutes
from app.domain.people.access import Role
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.api.test_direct_posts import ASKED, AUTHORISATIONS, PAID, PAYMENTS
from tests.services.lending_desk import LendingHelper

#: What stands in the place of a parameter of a path; values and names of a query. A blank parts them; one is empty.
PARTS = (
    "1 LN-2026-0001 PM-000001 01 +1 1.0 0x1 -1 %31 %201 1%20 1%0A 1%00 %EF%BC%91 1%2F 1%2Fbills %2e%2e .. "
    "x;y 1;v=1 true null %FF CAL%25 a%3Fb @ 999999999999999999999999999999 "
)
VALUES = (
    "1 01 %31 +1 1+ 1%20 1.0 1e2 x true on 2026-12-31 2026-12-31T00:00:00Z %32026-12-31 20261231 0 -1 %00 "
    "%FF \xff \u20b9 a=b csv CSV json pdf 1001 % %zz a;b _ 1_0 99999999999999999999 "
)
NAMES = (
    "user_id limit on from to format cursor loan_id status after until LIMIT limit%20 %6cimit limit[] "
    "book account product "
)
HEADERS = (
    (b"prefer", b"money=string"), (b"prefer", b"MONEY=String; x, respond-async"),
    (b"prefer", b"\xff"), (b"prefer", b""),
    (b"if-none-match", b"*"), (b"if-none-match", b'W/"x", "y"'), (b"if-none-match", b"\xff"),
    (b"accept", b"text/csv"), (b"accept", b"application/pdf;q=0.5, */*;q=0.1"),
    (b"accept", b"q=;,"), (b"accept", b"\xff"),
    (b"accept", b"text/csv;q=abc"), (b"accept", b""), (b"content-length", b"0"), (b"authorization", b"Bearer x"),
    (b"idempotency-key", b"k" * 8), (b"idempotency-key", b"\xe9"), (b"x-request-id", b"a" * 20), (b"cookie", b"a=b"),
    (b"content-type", b"application/json"), (b"content-encoding", b"gzip"),
)  # fmt: skip
KINDS = (
    b"application/json", b"APPLICATION/Json ; charset=utf-8", b"application/json;charset=utf-16", b" application/json",
    b"application/problem+json", b"application/json,text/plain", b"text/json", b"", b";", b"application/json\xff",
    b"application/x-www-form-urlencoded", b'application/json;a="b;c',
)  # fmt: skip
#: Values in the place of a field of a body.
FIELDS = (
    rb'1 "1" "LN-2026-0001" 1.0 1e0 -0 true null "" "0.00" "\u0031" [] {} "5.000" 0.001 "\ud800" "\u0000" '
    rb'"UPI" "upi" "2026-12-22" "x" NaN -5 ' + b"9" * 70 + b" " + b"[" * 40 + b"]" * 40
)


class Asked(NamedTuple):
    """A request as a server hands it over."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: tuple[bytes, ...] = (b"",)


async def tell(app: FastAPI, asked: Asked) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of the answer, without what differs from request to request."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
        "path": unquote_to_bytes(asked.path).decode(errors="replace"), "raw_path": asked.path.encode(), "root_path": "",
        "query_string": asked.query.encode(), "headers": [(b"host", b"kist.example"), *asked.headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    waiting: list[Message] = [
        {"type": "http.request", "body": part, "more_body": place + 1 < len(asked.body)}
        for place, part in enumerate(asked.body)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = dict(sent[0]["headers"])
    number = headers.pop(b"x-request-id")
    kept = sorted(header for header in headers.items() if b"ratelimit" not in header[0])
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], kept, body.replace(number, b"ID")


def draw_reads(app: FastAPI, signed: bytes) -> list[Asked]:
    direct: DirectRoutes = app.state.direct_routes
    patterns = [each.parts for each in direct.routes if each.route.methods == {"GET"}]
    drawn, asked = random.Random(38), []
    for _ in range(2000):
        pattern = drawn.choice(patterns)
        path = "/".join(drawn.choice(PARTS.split(" ")) if part.startswith("{") else part for part in pattern)
        if drawn.random() < 0.1:
            path = drawn.choice((path + "/", path.upper(), "/" + path, path + "%0A", path.replace("loans", "%6coans")))
        query = "&".join(
            drawn.choice(
                (
                    f"{drawn.choice(NAMES.split(' '))}={drawn.choice(VALUES.split(' '))}",
                    drawn.choice(NAMES.split(" ")),
                    "",
                    "=",
                )
            )
            for _ in range(drawn.choice((0, 1, 1, 2, 3)))
        )
        headers = drawn.sample(HEADERS, k=drawn.choice((0, 0, 1, 2)))
        if drawn.random() < 0.9:
            headers.append((b"authorization", signed))
        method = drawn.choice(("GET",) * 12 + ("HEAD", "OPTIONS", "POST", "get"))
        asked.append(Asked(method, path, query, tuple(headers)))
    return asked


def draw_posts(signed: bytes) -> list[Asked]:
    drawn, asked = random.Random(55), []
    for number in range(1000):
        path, plain = drawn.choice(((PAYMENTS, PAID), (AUTHORISATIONS.format(account_id="9"), ASKED)))
        fields = {name: repr(value).replace("'", '"').encode() for name, value in plain.items()}
        for _ in range(drawn.choice((0, 1, 2))):
            fields[drawn.choice((*fields, "value_date", "reference", "treat_as", "instalment", "x"))] = drawn.choice(
                FIELDS.split()
            )
        if drawn.random() < 0.2:
            fields.pop(drawn.choice(list(fields)))
        body = b"{" + b",".join(b'"%s":%s' % (name.encode(), value) for name, value in fields.items()) + b"}"
        body = drawn.choice(
            (body,) * 8
            + (b"\xef\xbb\xbf" + body, body[:-1], body + b" \n", body + b"x", body.decode().encode("utf-16"), b" ")
        )
        places = sorted(drawn.randrange(len(body) + 1) for _ in range(drawn.choice((0, 0, 1, 3))))
        parts = tuple(body[one:other] for one, other in zip((0, *places), (*places, len(body)), strict=True))
        headers = drawn.sample(HEADERS, k=drawn.choice((0, 0, 1, 2)))
        headers += [(b"content-type", drawn.choice(KINDS if drawn.random() < 0.3 else KINDS[:1]))]
        headers += [(b"idempotency-key", b"key-%06d" % number)] * (drawn.random() < 0.7)
        headers += [(b"authorization", signed)] * (drawn.random() < 0.9)
        query = drawn.choice(("",) * 6 + ("x=1", "%", "a=%FF&a=\xff", "?"))
        asked.append(Asked(drawn.choice(("POST",) * 9 + ("PUT",)), path, query, tuple(headers), parts))
    return asked


@pytest.mark.parametrize("kind", ["reads", "posts"])
async def test_both_ways_answer_odd_requests_the_same(
    kind: str,
    app: FastAPI,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    headers_of: HeadersOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lending = LendingHelper(uow_factory)
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 22))
    await lending.pay(loan, amount=500)
    signed = (await headers_of(Role.ADMIN))["Authorization"].encode()
    asked = draw_posts(signed) if kind == "posts" else draw_reads(app, signed)

    found = [await tell(app, one) for one in asked]
    monkeypatch.setattr(DirectRoutes, "_find", lambda _self, _scope: None)
    expected = [await tell(app, one) for one in asked]

    # A payment that was taken once is another one the second time: their numbers differ.
    differ = [each for each in zip(asked, found, expected, strict=True) if each[1] != each[2]]
    assert [each for each in differ if not each[1][0] == each[2][0] == 201] == []
    assert max(status for status, _, _ in found) < 500, "no request is an error of the program"
