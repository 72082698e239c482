"""Payments over HTTP: one API process, this process as the clients."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx

from app.settings import Settings
from app.supervisor import kist_command
from bench.report import Figure, payment_figures
from bench.services import AMOUNT

READY_SECONDS = 30.0


async def measure_http(settings: Settings, *, loan_ids: Iterable[int], abreast: int) -> list[Figure]:
    """The same payments as requests, the clients' own work included."""
    waiting = list(loan_ids)
    count = len(waiting)
    with _api(settings) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30.0, trust_env=False) as http:
            await _wait_until_ready(http)
            taken, seconds = await _pay_all(http, settings, waiting, abreast=abreast)
    note = f"{count:,} payments, one API process"
    return payment_figures(f"HTTP, {abreast} abreast", taken, seconds=seconds, note=note)


async def _pay_all(
    http: httpx.AsyncClient, settings: Settings, waiting: list[int], *, abreast: int
) -> tuple[list[float], float]:
    """The seconds of each payment, and of all of them together."""
    token, taken = await _sign_in(http, settings), []

    async def pay_some() -> None:
        while waiting:
            number = waiting.pop()
            body = {"loan_id": number, "amount": f"{AMOUNT / 100:.2f}", "reference_id": f"H{number}"}
            began = time.perf_counter()
            response = await http.post("/api/v1/loans/payments", json=body, headers=token)
            taken.append(time.perf_counter() - began)
            assert response.status_code == 201, response.text

    began = time.perf_counter()
    await asyncio.gather(*(pay_some() for _ in range(abreast)))
    return taken, time.perf_counter() - began


@contextmanager
def _api(settings: Settings) -> Iterator[str]:
    """One API process, as `kist serve` starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {**os.environ, **settings.addresses(), "KIST_PORT": str(port), "KIST_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(kist_command("serve"), env=environment, stdin=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def _wait_until_ready(http: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            if (await http.get("/readyz")).status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the API does not answer"
        await asyncio.sleep(0.1)


async def _sign_in(http: httpx.AsyncClient, settings: Settings) -> dict[str, str]:
    assert settings.admin_password is not None, "the benchmark makes an administrator of its own"
    form = {"username": settings.admin_email, "password": settings.admin_password.get_secret_value()}
    response = await http.post("/api/v1/auth/token", data=form)
    assert response.status_code == 200, response.text
    return {"Authorization": f"Bearer {response.json()['access_token']}"}
