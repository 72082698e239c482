"""Loans made over HTTP: each application is decided, and its loan is disbursed, against pgbench with the same SQL."""

import asyncio
import os
import secrets
from typing import Any

from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.settings import Settings
from bench.load import request, send_all
from bench.recording import CLIENTS, hear, pgbench_script, run_pgbench
from bench.report import Figure, Report, alternate, ratio_figures
from bench.serving import kist_api, sign_in
from bench.templates import connection

PATH = "/api/v1/loans/apply"
ROUNDS = 3
#: Each client of pgbench plans its statements anew in every round: a longer round makes little of that.
PEER_TIMES = 4
#: Numbers that no other value of a statement equals, so that they can be found in it.
FIRST_LOAN, FIRST_APPLICATION = 10_000_001, 20_000_001
#: The customers earn 12 lakh a year and have a score, as an application needs.
PREPARE = (
    "UPDATE customers SET annual_income_paise = 120000000",
    """
    INSERT INTO credit_scores
        (customer_id, id, scorecard_code, scorecard_version, score, facts, factors, reasons, as_of, computed_at)
    SELECT customer_id, customer_id, 'bank_balance', 1, 710, '{}', '{}', '[]', '2100-01-02', now() FROM customers""",
    f"SELECT setval('loan_numbers', {FIRST_LOAN - 1}), setval('application_numbers', {FIRST_APPLICATION - 1})",
    "VACUUM ANALYZE",
)
MADE = "SELECT count(*) FROM applications AS a JOIN loans AS l ON l.customer_id = a.customer_id AND l.id = a.loan_id"


def measure_applications(settings: Settings, report: Report, *, numbers: range, count: int) -> None:
    """`count` applications a round, each of another customer, all approved."""
    asyncio.run(_prepare(settings))
    first, heard, rest = numbers[-2], numbers[-1], numbers[:-2]
    # The statements of the second one: what a process reads once was read for the first.
    statements, _ = asyncio.run(hear(settings, PATH, bodies=[_body(first), _body(heard)]))
    report.add(
        [Figure(name="application, statements", value=len(statements), unit="", note="BEGIN and COMMIT included")]
    )
    script = pgbench_script(
        statements,
        changing={"locks": ":loan", "keys": "CAST(:loan AS text)", "answer_key": "CAST(:loan AS text)"},
        changing_numbers={
            heard: ":loan",
            FIRST_LOAN + 1: ":drawn_loan_id",
            FIRST_APPLICATION + 1: ":drawn_application_id",
        },
        answers={"nextval('loan_numbers')": "drawn_"},
    )
    with kist_api(settings) as port:
        token = asyncio.run(sign_in(port, settings))
        # Connections are opened and statements are prepared before anything is timed.
        _apply(port, token, rest[:count])
        each, of_peer = count, PEER_TIMES * count
        ours = iter([rest[at : at + each] for at in range(each, (ROUNDS + 1) * each, each)])
        others = rest[(ROUNDS + 1) * each :]
        theirs = iter([others[at : at + of_peer] for at in range(0, ROUNDS * of_peer, of_peer)])
        pairs = alternate(
            ROUNDS,
            lambda: _apply(port, token, next(ours)),
            lambda: run_pgbench(settings, script, numbers=next(theirs)),
        )
    asyncio.run(_check(settings, 2 + count + ROUNDS * (count + PEER_TIMES * count // CLIENTS * CLIENTS)))
    note = f"{count:,} loans a round, {CLIENTS} connections, {os.cpu_count()} API processes"
    name = "loans made over HTTP"
    report.add(ratio_figures(name, pairs, unit="1/s", peer="pgbench, same SQL", note=note, bound="at least 0.3"))


def _body(customer: int) -> dict[str, Any]:
    return {
        "user_id": customer,
        "product": CREDIT_CARD_LOAN.code,
        "amount": 50_000,
        "tenure_months": 12,
        "annual_rate": 10.5,
        "purpose": "TRAVEL",
    }


def _apply(port: int, token: str, customers: range) -> float:
    made = [
        request("POST", PATH, token=token, key=secrets.token_hex(8), body=_body(customer)) for customer in customers
    ]
    answers = asyncio.run(send_all(port, iter(made), connections=CLIENTS))
    answers.check(f"POST {PATH}", count=len(made), status=201)
    return answers.rate


async def _prepare(settings: Settings) -> None:
    async with connection(settings.owner_dsn) as owner:
        for statement in PREPARE:
            await owner.execute(statement)


async def _check(settings: Settings, expected: int) -> None:
    """Each application of ours and of the peer's has its loan."""
    async with connection(settings.owner_dsn) as owner:
        made = await owner.fetchval(MADE)
    assert made == expected, f"{made} loans were made for {expected} applications"
