"""Loans and statements read over HTTP, held against a bare FastAPI route that answers the same bytes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from app.settings import Settings
from bench.load import request, send_all
from bench.report import Figure, Report, alternate, ratio_figures
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


def measure_reads(settings: Settings, report: Report, *, numbers: range, count: int) -> None:
    """`count` reads a round, each of another loan."""
    note = f"{count:,} reads a round, {CONNECTIONS} connections, {PROCESSES} processes each"
    with kist_api(settings) as port:
        token = asyncio.run(sign_in(port, settings))
        for name, path in READS.items():
            with report.trying(name):
                asked = [request("GET", path(loan), token=token) for loan in numbers[:count]]
                report.add(_against_bare(name, asked, port=port, home=settings.home, note=note))


def _against_bare(name: str, asked: list[bytes], *, port: int, home: Path, note: str) -> list[Figure]:
    _send(name, port, asked[:WARM])
    body = asyncio.run(send_all(port, iter(asked[:1]), connections=1)).last_body
    with bare_api(body, home=home) as bare:
        same = [request("GET", "/")] * len(asked)
        _send("the bare route", bare, same[:WARM])
        pairs = alternate(ROUNDS, lambda: _send(name, port, asked), lambda: _send("the bare route", bare, same))
    bound = "" if "probe" in name else "at least 0.2"
    return ratio_figures(name, pairs, unit="1/s", peer=f"bare route, {len(body):,} bytes", note=note, bound=bound)


def _send(what: str, port: int, asked: list[bytes]) -> float:
    answers = asyncio.run(send_all(port, iter(asked), connections=CONNECTIONS))
    answers.check(what, count=len(asked), status=200)
    return answers.rate
