"""The load: payments over HTTP, each repeated with its own key or reference until it is acknowledged.

Every payment that was answered with 201 is stored. At the end the database must hold exactly these payments.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.caller import Caller

PEOPLE = 6
PAUSE_SECONDS = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedPayment:
    """A payment to make once. It is identified by a reference, or only by an Idempotency-Key."""

    name: str
    loan: int
    paise: int
    by_reference: bool

    def body(self) -> dict[str, Any]:
        body = {"loan_id": self.loan, "amount": rupees(self.paise)}
        return body | ({"reference_id": self.name} if self.by_reference else {})

    def headers(self) -> dict[str, str]:
        return {} if self.by_reference else {"Idempotency-Key": self.name}


@dataclass(slots=True, kw_only=True)
class Load:
    """The payers, and the payments that were acknowledged."""

    caller: Caller
    loans: list[int]
    random: random.Random
    acknowledged: dict[IntendedPayment, str] = field(default_factory=dict)
    _count: int = 0
    _last_acknowledged_sent_at: float = 0.0

    def answered_since(self, moment: float) -> bool:
        """Whether a payment that was sent after a moment (of the loop's clock) was acknowledged."""
        return self._last_acknowledged_sent_at > moment

    async def has_acknowledged(self, payments: int) -> bool:
        return len(self.acknowledged) >= payments

    async def pay_once(self, http: httpx.AsyncClient) -> None:
        """Makes one payment."""
        self._count += 1
        payment = IntendedPayment(
            name=f"chaos-{self._count}",
            loan=self.random.choice(self.loans),
            paise=self.random.randrange(100, 50_000),
            by_reference=self.random.random() < 0.5,
        )
        await self.send(http, payment)

    async def send(self, http: httpx.AsyncClient, payment: IntendedPayment) -> None:
        """Sends a payment until it is acknowledged."""
        request = http.build_request(
            "POST", "/api/v1/loans/payments", json=payment.body(), headers=payment.headers()
        )  # fmt: skip
        sent_at = asyncio.get_running_loop().time()
        answer = await self.caller.send(http, request, same=lambda answer: answer["payment_id"])
        payment_id = str(answer["payment_id"])
        before = self.acknowledged.setdefault(payment, payment_id)
        assert before == payment_id, f"{payment.name} was acknowledged as {before} and as {payment_id}"
        self._last_acknowledged_sent_at = max(self._last_acknowledged_sent_at, sent_at)


@dataclass(slots=True)
class Turnstile:
    """Keeps people busy with one thing after another, until `end` is called and each thing has its answer."""

    caller: Caller
    random: random.Random
    is_ending: bool = False

    async def keep_busy(
        self, act: Callable[[httpx.AsyncClient], Awaitable[None]], *, people: int, pause_seconds: float
    ) -> None:
        """So many people act, with a random pause of `pause_seconds` on average."""

        async def act_until_end() -> None:
            while not self.is_ending:
                await act(http)
                await asyncio.sleep(pause_seconds * 2 * self.random.random())

        async with self.caller.client() as http, asyncio.TaskGroup() as group:
            for _ in range(people):
                group.create_task(act_until_end())

    def end(self) -> None:
        self.is_ending = True


def rupees(paise: int) -> str:
    """An amount as a client sends it."""
    return f"{paise // 100}.{paise % 100:02}"
