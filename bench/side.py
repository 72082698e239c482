"""One side of `bench.against`: a loaded book and its API or its billing workers, measured in rounds that are asked for.

It is run as a script in the checkout that is measured, which may be another one than its own.
"""

import asyncio
import itertools
import json
import resource
import secrets
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

import psutil

from app.observability import configure_logging
from app.settings import Settings
from bench.__main__ import load_book, temporary_home
from bench.billing import Books
from bench.load import request, send_all
from bench.serving import kist_api, sign_in


def main() -> None:
    """Measures until the standard input ends."""
    configure_logging("WARNING")
    group, count = sys.argv[1], int(sys.argv[2])
    with temporary_home() as settings:
        if group == "billing":
            bill(Books(settings, sizes=[count]))
            return
        asyncio.run(load_book(settings, count=2 * count))
        # Every second loan of the book was prepaid, and is left alone.
        unpaid = range(1, 2 * count + 1, 2)
        serve(settings, iter(unpaid) if group == "payments" else itertools.cycle(unpaid))


def bill(books: Books) -> None:
    """Answers each line that asks for a round by a line with the figures of one run over the whole book."""
    answer({"is_ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        rate = books.rate_of_run(asked["count"], asked["connections"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        answer({"rate": rate, "median_ms": 1e3 / rate, "cpu_us": seconds / asked["count"] * 1e6})


def answer(figures: dict[str, Any]) -> None:
    """One line for the program that asks."""
    print(json.dumps(figures), flush=True)


def serve(settings: Settings, loans: Iterator[int]) -> None:
    """Answers each line that asks for a round by a line with its figures."""
    with kist_api(settings) as port:
        token = asyncio.run(sign_in(port, settings))
        answer({"is_ready": True})
        for line in sys.stdin:
            asked = json.loads(line)
            made = [make_request(asked["what"], token, loans) for _ in range(asked["count"])]
            before = cpu_seconds()
            answers = asyncio.run(send_all(port, iter(made), connections=asked["connections"]))
            answer(
                {
                    "rate": answers.rate,
                    "median_ms": statistics.median(answers.taken) * 1e3,
                    "cpu_us": (cpu_seconds() - before) / len(made) * 1e6,
                    "statuses": answers.statuses,
                }
            )


def make_request(what: str, token: str, loans: Iterator[int]) -> bytes:
    """A request as bytes."""
    if what == "the probe /livez":
        return request("GET", "/livez")
    loan = next(loans)
    if what == "a loan read":
        return request("GET", f"/api/v1/loans/{loan}", token=token)
    if what == "a statement read":
        return request("GET", f"/api/v1/statements?loan_id={loan}", token=token)
    body = {"loan_id": loan, "amount": "3000.00", "payment_method": "UPI"}
    return request("POST", "/api/v1/loans/payments", token=token, key=secrets.token_hex(8), body=body)


def cpu_seconds() -> float:
    """What the API processes of this side have taken."""
    children = psutil.Process().children()
    times = [child.cpu_times() for child in children if "serve" in child.cmdline()]
    return float(sum(each.user + each.system for each in times))


if __name__ == "__main__":
    main()
