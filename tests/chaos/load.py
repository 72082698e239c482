"""People who pay, and do not give up: real requests, each repeated under its own key until it is answered.

Some send their request and hang up before the answer comes, some send it twice at once. Whatever was answered with 201
is written down; at the end of the day the books must hold exactly that.
"""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.stand import Stand
from tests.patience import PATIENCE_SECONDS

PAYERS = 6
PAUSE_SECONDS = 0.12
HANG_UP_SHARE = 0.10
TWICE_SHARE = 0.10
#: Answers after which the same request is sent again: busy, too many, not signed in, not there.
AGAIN = frozenset({401, 409, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A payment that somebody wants to make once: known by a reference, or by an Idempotency-Key alone."""

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
    """The payers, and what they were promised."""

    stand: Stand
    loans: list[int]
    random: random.Random
    promised: dict[Wish, str] = field(default_factory=dict)
    hung_up: int = 0
    retried: int = 0
    server_errors: dict[int, int] = field(default_factory=dict)
    _wishes: int = 0
    _ending: bool = False
    _token: dict[str, str] = field(default_factory=dict)
    _last_sent_and_kept: float = 0.0

    async def pay(self) -> None:
        """Everybody pays until `end` is called, and then until the last of them has an answer."""
        limits = httpx.Limits(max_connections=4 * PAYERS)
        async with (
            httpx.AsyncClient(
                base_url=self.stand.url, timeout=PATIENCE_SECONDS, trust_env=False, limits=limits
            ) as http,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(PAYERS):
                group.create_task(self._pay_on_and_on(http))

    def end(self) -> None:
        self._ending = True

    def answered_since(self, moment: float) -> bool:
        """Whether a payment that was sent after a moment (of the loop's clock) has been promised."""
        return self._last_sent_and_kept > moment

    async def has_promised(self, payments: int) -> bool:
        return len(self.promised) >= payments

    async def sign_in(self, http: httpx.AsyncClient) -> None:
        answer = await http.post("/api/v1/auth/token", data=self.stand.admin())
        if answer.status_code == 200:
            self._token = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def call(self, method: str, path: str, **body: Any) -> Any:
        """A call by the administrator, repeated until it is answered well."""
        async with httpx.AsyncClient(base_url=self.stand.url, timeout=PATIENCE_SECONDS, trust_env=False) as http:
            while True:
                with suppress(httpx.TransportError):
                    answer = await http.request(method, path, json=body or None, headers=self._token)
                    if answer.is_success:
                        return answer.json()
                    assert answer.status_code in AGAIN, answer.text
                    if answer.status_code == 401:
                        await self.sign_in(http)
                await asyncio.sleep(0.2)

    async def _pay_on_and_on(self, http: httpx.AsyncClient) -> None:
        while not self._ending:
            self._wishes += 1
            wish = Wish(
                name=f"chaos-{self._wishes}",
                loan=self.random.choice(self.loans),
                paise=self.random.randrange(100, 50_000),
                by_reference=self.random.random() < 0.5,
            )
            if self.random.random() < HANG_UP_SHARE:
                await self._send_and_hang_up(wish)
            elif self.random.random() < TWICE_SHARE:
                await asyncio.gather(self._insist(http, wish), self._insist(http, wish))
            await self._insist(http, wish)
            await asyncio.sleep(PAUSE_SECONDS * 2 * self.random.random())

    async def _insist(self, http: httpx.AsyncClient, wish: Wish) -> None:
        """The same request again and again, until it is promised."""
        loop, pause = asyncio.get_running_loop(), 0.05
        while True:
            sent_at = loop.time()
            with suppress(httpx.TransportError):
                answer = await http.post(
                    "/api/v1/loans/payments", json=wish.body(), headers=self._token | wish.headers()
                )
                if answer.status_code == 201:
                    self._keep(wish, str(answer.json()["payment_id"]))
                    self._last_sent_and_kept = max(self._last_sent_and_kept, sent_at)
                    return
                assert answer.status_code in AGAIN, f"{answer.status_code}: {answer.text}"
                if answer.status_code == 401:
                    await self.sign_in(http)
                else:
                    self.server_errors[answer.status_code] = self.server_errors.get(answer.status_code, 0) + 1
            self.retried += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)

    def _keep(self, wish: Wish, payment_id: str) -> None:
        before = self.promised.setdefault(wish, payment_id)
        assert before == payment_id, f"{wish.name} was promised as {before} and as {payment_id}"

    async def _send_and_hang_up(self, wish: Wish) -> None:
        body = json.dumps(wish.body()).encode()
        headers = self._token | wish.headers() | {"Host": "chaos", "Content-Type": "application/json"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"POST /api/v1/loans/payments HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.stand.up.port)
            writer.write(request)
            await writer.drain()
            await asyncio.sleep(self.random.random() * 0.02)
            writer.transport.abort()
            self.hung_up += 1
