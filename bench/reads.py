"""Loans and statements read over HTTP, held against a bare FastAPI route that answers the same bytes."""

import asyncio
from collections.abc import Callable

from app.settings import Settings
from bench.load import request, send_all
from bench.report import Figure, alternate, ratio_figures
from bench.serving import PROCESSES, bare_api, kist_api, sign_in

CONNECTIONS = 32
ROUNDS = 3
#: Both sides have served for a while: connections are open, and their statements are planned.
WARM = 4_000
READS: dict[str, Callable[[int], str]] = {
    "a loan read": lambda loan: f"/api/v1/loans/{loan}",
    "a statement read": lambda loan: f"/api/v1/statements?loan_id={loan}",
    # What the chain around every route costs: no token, no count of calls, no database.
    "the probe /livez": lambda _loan: "/livez",
}


def measure_reads(settings: Settings, *, numbers: range, count: int) -> list[Figure]:
    """`count` reads a round, each of another loan."""
    figures: list[Figure] = []
    note = f"{count:,} reads a round, {CONNECTIONS} connections, {PROCESSES} processes each"
    with kist_api(settings) as port:
        token = asyncio.run(sign_in(port, settings))
        for name, path in READS.items():
            asked = [request("GET", path(loan), token=token) for loan in numbers[:count]]
            _send(port, asked[:WARM])
            body = asyncio.run(send_all(port, iter(asked[:1]), connections=1)).last_body
            with bare_api(body, home=settings.home) as bare:
                same = [request("GET", "/")] * count
                _send(bare, same[:WARM])
                pairs = alternate(
                    ROUNDS,
                    lambda asked=asked: _send(port, asked),  # type: ignore[misc]
                    lambda bare=bare, same=same: _send(bare, same),  # type: ignore[misc]
                )
            bare_name = f"bare route, {len(body):,} bytes"
            bound = "" if "probe" in name else "at least 0.2"
            figures += ratio_figures(name, pairs, unit="1/s", peer=bare_name, note=note, bound=bound)
    return figures


def _send(port: int, asked: list[bytes]) -> float:
    answers = asyncio.run(send_all(port, iter(asked), connections=CONNECTIONS))
    assert answers.statuses.keys() == {200}, answers.last_body
    return answers.rate
