"""Benchmarks of reading loans and statements over HTTP, against a bare FastAPI route that answers the same bytes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from app.settings import Settings
from bench.load import request, send_all
from bench.report import Figure, Report, alternate, ratio_figures
from bench.serving import PROCESSES, bare_api, kist_api, sign_in

CONNECTIONS = 32
ROUNDS = 3
#: Requests to warm up both sides: connections are opened and statements are prepared.
WARM = 4_000
READS: dict[str, Callable[[int], str]] = {
    "a loan read": lambda loan: f"/api/v1/loans/{loan}",
    "a statement read": lambda loan: f"/api/v1/statements?loan_id={loan}",
    # The cost of the middleware alone: no token, no rate limit, no database.
    "the probe /livez": lambda _loan: "/livez",
}
BOUNDS = {"a loan read": "at least 0.25", "a statement read": "at least 0.2"}


def measure_reads(settings: Settings, report: Report, *, numbers: range, count: int) -> None:
    """Makes `count` reads in each round, each of another loan."""
    note = f"{count:,} reads a round, {CONNECTIONS} connections, {PROCESSES} processes each"
    with kist_api(settings) as port:
        token = asyncio.run(sign_in(port, settings))
        for name, path in READS.items():
            with report.trying(name):
                requests = [request("GET", path(loan), token=token) for loan in numbers[:count]]
                report.add(_against_bare(name, requests, port=port, home=settings.home, note=note))


def _against_bare(name: str, requests: list[bytes], *, port: int, home: Path, note: str) -> list[Figure]:
    _send(name, port, requests[:WARM])
    body = asyncio.run(send_all(port, iter(requests[:1]), connections=1)).last_body
    with bare_api(body, home=home) as bare:
        same = [request("GET", "/")] * len(requests)
        _send("the bare route", bare, same[:WARM])
        pairs = alternate(ROUNDS, lambda: _send(name, port, requests), lambda: _send("the bare route", bare, same))
    return ratio_figures(
        name, pairs, unit="1/s", peer=f"bare route, {len(body):,} bytes", note=note, bound=BOUNDS.get(name, "")
    )


def _send(what: str, port: int, requests: list[bytes]) -> float:
    answers = asyncio.run(send_all(port, iter(requests), connections=CONNECTIONS))
    answers.check(what, count=len(requests), status=200)
    return answers.rate
