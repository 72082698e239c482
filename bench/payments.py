"""Payments over HTTP: real tokens, the full ledger, an Idempotency-Key each; held against pgbench with the same SQL."""

import asyncio
import os
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from app.db.repositories.lending.loans import LoanKey
from app.domain.people.access import SYSTEM
from app.embedded.postgres import PROGRAMS
from app.services.reporting.reconciliation import reconcile_loan
from app.settings import Settings
from app.workers.context import open_context
from bench.load import Answers, request, send_all
from bench.recording import CLIENTS, hear, pgbench_script, run_pgbench
from bench.report import Figure, Report, alternate, percentile, ratio_figures
from bench.serving import kist_api, sign_in

#: How many connections a crowd has.
CROWDS = (200, 1_000)
#: Part of any first bill: interest, and some principal.
AMOUNT = "3000.00"
ROUNDS = 3
#: Each client of pgbench plans its statements anew in every round, as our connections did long before: a longer round
#: makes little of that.
PEER_TIMES = 4
LOAN, VERSION, NUMBER = ":loan", ":row_version", "(CAST(:row_numbers AS bigint[]))[1]"
CHANGING = {
    **dict.fromkeys(("loans", "keys", "locks", "customer_ids", "loan_ids", "answer_key"), LOAN),
    **{
        f"{rows}_{key}": LOAN for rows in ("loan", "state", "transfer", "payment") for key in ("customer_id", "loan_id")
    },
    **dict.fromkeys(("payment_id", "transfer_payment_id"), NUMBER),
    "loan_version": VERSION,
}
#: Loans that were paid on and whose row says so: a write that found another version would leave transfers without it.
PAID = """
SELECT count(*) FROM loans AS l
WHERE l.id BETWEEN :first AND :last
  AND EXISTS (SELECT FROM payments AS p WHERE p.customer_id = l.customer_id AND p.loan_id = l.id)
  AND l.last_transfer = (
      SELECT max(number) FROM transfers AS t WHERE t.customer_id = l.customer_id AND t.loan_id = l.id
  )
"""
ANSWERS = {"FOR NO KEY UPDATE": "row_"}


@dataclass(slots=True)
class Loans:
    """Loans of the book that nobody has paid on yet, each handed out once. Loan n belongs to customer n.

    All have had the same life: pgbench repeats what was heard of one, with its numbers of transfers.
    """

    numbers: range
    taken: int = 0

    def take(self, count: int) -> range:
        """The next ones."""
        found = self.numbers[self.taken : self.taken + count]
        assert len(found) == count, "the book is too small for so many payments"
        self.taken += count
        return found


@dataclass(slots=True)
class PaymentClient:
    """Where payments are made, and what their answers took."""

    port: int
    token: str
    answers: list[Answers] = field(default_factory=list)

    def pay(self, loans: Iterator[int], *, amount: str, connections: int = CLIENTS) -> float:
        """Pays once for each number; the rate."""
        asked = (
            request(
                "POST",
                "/api/v1/loans/payments",
                token=self.token,
                key=secrets.token_hex(8),
                body={"loan_id": loan, "amount": amount, "payment_method": "UPI"},
            )
            for loan in loans
        )
        # Made before the clock starts: what a client does is none of our time.
        made = list(asked)
        answers = asyncio.run(send_all(self.port, iter(made), connections=connections))
        if connections <= CLIENTS:
            answers.check("POST /api/v1/loans/payments", count=len(made), status=201)
        self.answers.append(answers)
        return answers.statuses.get(201, 0) / answers.seconds


def measure_payments(settings: Settings, report: Report, *, numbers: range, count: int) -> None:
    """`count` payments a round, on distinct loans, then on one; the books of the hot loan are proved afterwards."""
    loans = Loans(numbers)
    loan = loans.take(1)[0]
    body = {"loan_id": loan, "amount": AMOUNT, "payment_method": "UPI"}
    warm = [f"/api/v1/loans/{loan}"]
    heard, _ = asyncio.run(hear(settings, "/api/v1/loans/payments", bodies=[body], warm=warm))
    report.add([Figure(name="payment, statements", value=len(heard), unit="", note="BEGIN and COMMIT included")])
    script = pgbench_script(heard, changing=CHANGING, answers=ANSWERS)
    with kist_api(settings) as port:
        payment_client = PaymentClient(port, asyncio.run(sign_in(port, settings)))
        with report.trying("payments over HTTP"):
            report.add(_pay_on_distinct_loans(settings, payment_client, loans, script=script, count=count))
        with report.trying("payments on one hot loan"):
            hot = loans.take(1)[0]
            on_one = alternate(
                2,
                lambda: payment_client.pay(iter([hot] * (count // 4)), amount="1.00"),
                lambda: payment_client.pay(iter(loans.take(count // 4)), amount="1.00"),
            )
            asyncio.run(_prove(settings, hot))
            name, peer = "payments on one hot loan", "on distinct loans"
            report.add(ratio_figures(name, on_one, unit="1/s", peer=peer, note="books proved", bound="at least 0.8"))
        with report.trying("payments by a crowd"):
            report.add(_crowd(payment_client, loans, count=max(count // 2, *CROWDS)))


def _pay_on_distinct_loans(
    settings: Settings, payment_client: PaymentClient, loans: Loans, *, script: str, count: int
) -> Iterator[Figure]:
    payment_client.pay(iter(loans.take(100)), amount=AMOUNT)
    payment_client.answers.clear()
    pairs = alternate(
        ROUNDS,
        lambda: payment_client.pay(iter(loans.take(count)), amount=AMOUNT),
        lambda: _pgbench(settings, script, loans.take(PEER_TIMES * count)),
    )
    taken = [seconds for answers in payment_client.answers for seconds in answers.taken]
    note = f"{count:,} payments a round, {CLIENTS} connections, {os.cpu_count()} API processes"
    yield from ratio_figures(
        "payments over HTTP", pairs, unit="1/s", peer="pgbench, same SQL", note=note, bound="at least 0.7"
    )
    median, slowest = percentile(taken, 0.50), percentile(taken, 0.99)
    yield Figure(name="payment over HTTP, median", value=median, unit="ms", note=note)
    yield Figure(name="payment over HTTP, 99 %", value=slowest, unit="ms", note=note)
    yield Figure(
        name="payment over HTTP, 99 % against the median", value=slowest / median, unit="x", bound="at most 2.5"
    )
    payment_client.answers.clear()
    payment_client.pay(iter(loans.take(count // 8)), amount=AMOUNT, connections=1)
    alone = [seconds for answers in payment_client.answers for seconds in answers.taken]
    yield Figure(name="one payment alone, median", value=percentile(alone, 0.50), unit="ms", note="one connection")


def _pay_some(payment_client: PaymentClient, loans: Loans, count: int, connections: int) -> float:
    return payment_client.pay(iter(loans.take(count)), amount=AMOUNT, connections=connections)


def _crowd(payment_client: PaymentClient, loans: Loans, *, count: int) -> Iterator[Figure]:
    """As many payments by a crowd as by the usual connections: what a crowd costs, and how it is answered."""
    for connections in CROWDS:
        payment_client.answers.clear()
        pay = partial(_pay_some, payment_client, loans, count)
        pairs = alternate(2, partial(pay, connections), partial(pay, CLIENTS))
        statuses: Counter[int] = Counter()
        for answers in payment_client.answers:
            statuses.update(answers.statuses)
        told = ", ".join(f"{number:,} x {status}" for status, number in sorted(statuses.items()))
        name, peer = f"payments by {connections:,} connections", f"by {CLIENTS}"
        yield from ratio_figures(name, pairs, unit="1/s", peer=peer, note=told, bound="at least 0.8")
        # A crowd may be told to come again later. Every other answer is a fault.
        unexpected = set(statuses) - {201, 429, 503}
        assert not unexpected, f"{connections:,} connections were answered {told}"


def _pgbench(settings: Settings, script: str, loans: range) -> float:
    """The same statements by as many clients of pgbench; the rate."""
    rate = run_pgbench(settings, script, numbers=loans)
    paid = [str(PROGRAMS / "psql"), "-tA", "-v", f"first={loans.start}", "-v", f"last={loans[-1]}"]
    moved = subprocess.run(
        [*paid, settings.app_dsn.replace("+asyncpg", "")], input=PAID, capture_output=True, text=True, check=True
    ).stdout
    assert int(moved) == len(loans) // CLIENTS * CLIENTS, "each payment of pgbench's moved its loan, as ours do"
    return rate


async def _prove(settings: Settings, loan: int) -> None:
    """Nothing was lost on the loan that everybody paid on."""
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        differences = await reconcile_loan(uow, LoanKey(loan, loan))
        assert differences == [], differences
