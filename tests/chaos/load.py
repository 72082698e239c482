"""The load: payments over HTTP, each repeated with its own key or reference until it is acknowledged.

Some requests are sent and the connection is closed before the answer; some are sent twice at once. Every payment that
was answered with 201 is stored. At the end the database must hold exactly these payments.
"""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.target import Target
from tests.patience import PATIENCE_SECONDS

PAYERS = 6
PAUSE_SECONDS = 0.12
HANG_UP_SHARE = 0.10
TWICE_SHARE = 0.10
#: After these answers the same request is sent again: busy, too many calls, not signed in, not available.
AGAIN = frozenset({401, 409, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedPayment:
    """A payment to make once. It is identified by a reference, or only by an Idempotency-Key."""

    name: str
    loan: int
    paise: int
    by_reference: bool

    def body(self) -> dict[str, Any]:
        body = {"loan_id": self.loan, "amount": f"{self.paise // 100}.{self.paise % 100:02}"}
        return body | ({"reference_id": self.name} if self.by_reference else {})

    def headers(self) -> dict[str, str]:
        return {} if self.by_reference else {"Idempotency-Key": self.name}


@dataclass(slots=True, kw_only=True)
class Load:
    """The payers, and the payments that were acknowledged."""

    target: Target
    loans: list[int]
    random: random.Random
    acknowledged: dict[IntendedPayment, str] = field(default_factory=dict)
    hung_up: int = 0
    retried: int = 0
    server_errors: dict[int, int] = field(default_factory=dict)
    _count: int = 0
    _ending: bool = False
    _token: dict[str, str] = field(default_factory=dict)
    _last_acknowledged_sent_at: float = 0.0

    @property
    def headers(self) -> dict[str, str]:
        """The token of the administrator, as it is now."""
        return self._token

    def client(self) -> httpx.AsyncClient:
        """A client of the service."""
        limits = httpx.Limits(max_connections=4 * PAYERS)
        return httpx.AsyncClient(
            base_url=self.target.url, timeout=PATIENCE_SECONDS, trust_env=False, limits=limits
        )  # fmt: skip

    async def pay(self) -> None:
        """Sends payments until `end` is called, and then until each has an answer."""
        async with self.client() as http, asyncio.TaskGroup() as group:
            for _ in range(PAYERS):
                group.create_task(self._pay_until_end(http))

    def end(self) -> None:
        self._ending = True

    def answered_since(self, moment: float) -> bool:
        """Whether a payment that was sent after a moment (of the loop's clock) was acknowledged."""
        return self._last_acknowledged_sent_at > moment

    async def has_acknowledged(self, payments: int) -> bool:
        return len(self.acknowledged) >= payments

    async def sign_in(self, http: httpx.AsyncClient) -> None:
        answer = await http.post("/api/v1/auth/token", data=self.target.admin())
        if answer.status_code == 200:
            self._token = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def call(self, method: str, path: str, **body: Any) -> Any:
        """A call by the administrator, repeated until it succeeds."""
        async with httpx.AsyncClient(base_url=self.target.url, timeout=PATIENCE_SECONDS, trust_env=False) as http:
            while True:
                with suppress(httpx.TransportError):
                    answer = await http.request(method, path, json=body or None, headers=self._token)
                    if answer.is_success:
                        return answer.json()
                    assert answer.status_code in AGAIN, answer.text
                    if answer.status_code == 401:
                        await self.sign_in(http)
                await asyncio.sleep(0.2)

    async def _pay_until_end(self, http: httpx.AsyncClient) -> None:
        while not self._ending:
            self._count += 1
            payment = IntendedPayment(
                name=f"chaos-{self._count}",
                loan=self.random.choice(self.loans),
                paise=self.random.randrange(100, 50_000),
                by_reference=self.random.random() < 0.5,
            )
            if self.random.random() < HANG_UP_SHARE:
                await self.hang_up("/api/v1/loans/payments", payment.body(), payment.headers())
            elif self.random.random() < TWICE_SHARE:
                await asyncio.gather(*(self._send_until_acknowledged(http, payment) for _ in range(2)))
            await self._send_until_acknowledged(http, payment)
            await asyncio.sleep(PAUSE_SECONDS * 2 * self.random.random())

    async def _send_until_acknowledged(self, http: httpx.AsyncClient, payment: IntendedPayment) -> None:
        """Sends the same request until it is acknowledged."""
        loop, pause = asyncio.get_running_loop(), 0.05
        while True:
            sent_at = loop.time()
            with suppress(httpx.TransportError):
                answer = await http.post(
                    "/api/v1/loans/payments", json=payment.body(), headers=self._token | payment.headers()
                )
                if answer.status_code == 201:
                    self._store(payment, str(answer.json()["payment_id"]))
                    self._last_acknowledged_sent_at = max(self._last_acknowledged_sent_at, sent_at)
                    return
                assert answer.status_code in AGAIN, f"{answer.status_code}: {answer.text}"
                if answer.status_code == 401:
                    await self.sign_in(http)
                else:
                    self.server_errors[answer.status_code] = self.server_errors.get(answer.status_code, 0) + 1
            self.retried += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)

    def _store(self, payment: IntendedPayment, payment_id: str) -> None:
        before = self.acknowledged.setdefault(payment, payment_id)
        assert before == payment_id, f"{payment.name} was acknowledged as {before} and as {payment_id}"

    async def hang_up(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> None:
        """Sends a request and closes the connection before the answer."""
        body = json.dumps(asked).encode()
        headers = self._token | headers | {"Host": "chaos", "Content-Type": "application/json"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.target.up.port)
            writer.write(request)
            await writer.drain()
            await asyncio.sleep(self.random.random() * 0.02)
            writer.transport.abort()
            self.hung_up += 1
