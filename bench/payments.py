"""Payments over HTTP: real tokens, the full ledger, an Idempotency-Key each; held against pgbench with the same SQL."""

import asyncio
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.db.repositories.lending.loans import LoanKey
from app.domain.people.access import SYSTEM
from app.embedded.postgres import PROGRAMS
from app.main import create_app
from app.services.reporting.reconciliation import reconcile_loan
from app.settings import Settings
from app.workers.context import open_context
from bench.load import Answers, request, send_all
from bench.recording import Heard, listening, pgbench_script
from bench.report import Figure, Report, alternate, percentile, ratio_figures
from bench.serving import expect, kist_api, sign_in

CONNECTIONS = 32
#: Part of any first bill: interest, and some principal.
AMOUNT = "3000.00"
ROUNDS = 3
#: Each client of pgbench plans its statements anew in every round, as our connections did long before: a longer round
#: makes little of that.
PEER_TIMES = 4
CHANGING = {
    "loan_id": "loan",
    "customer_id": "loan",
    "version": "row_version",
    "payment_id": "drawn_object_id",
    "key": "loan",
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
ANSWERS = {"FOR NO KEY UPDATE": "row_", "nextval": "drawn_"}


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

    def pay(self, loans: Iterator[int], *, amount: str) -> float:
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
        answers = asyncio.run(send_all(self.port, iter(made), connections=CONNECTIONS))
        answers.check("POST /api/v1/loans/payments", count=len(made), status=201)
        self.answers.append(answers)
        return answers.rate


def measure_payments(settings: Settings, report: Report, *, numbers: range, count: int) -> None:
    """`count` payments a round, on distinct loans, then on one; the books of the hot loan are proved afterwards."""
    loans = Loans(numbers)
    script = settings.home / "payment.sql"
    heard = asyncio.run(_hear_one(settings, loan=loans.take(1)[0]))
    report.add([Figure(name="payment, statements", value=len(heard), unit="", note="BEGIN and COMMIT included")])
    script.write_text(pgbench_script(heard, changing=CHANGING, answers=ANSWERS))
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
            report.add(ratio_figures(name, on_one, unit="1/s", peer=peer, note="books proved"))


def _pay_on_distinct_loans(
    settings: Settings, payment_client: PaymentClient, loans: Loans, *, script: Path, count: int
) -> Iterator[Figure]:
    payment_client.pay(iter(loans.take(100)), amount=AMOUNT)
    payment_client.answers.clear()
    pairs = alternate(
        ROUNDS,
        lambda: payment_client.pay(iter(loans.take(count)), amount=AMOUNT),
        lambda: _pgbench(settings, script, loans.take(PEER_TIMES * count)),
    )
    taken = [seconds for answers in payment_client.answers for seconds in answers.taken]
    note = f"{count:,} payments a round, {CONNECTIONS} connections, {os.cpu_count()} API processes"
    yield from ratio_figures(
        "payments over HTTP", pairs, unit="1/s", peer="pgbench, same SQL", note=note, bound="at least 0.2"
    )
    yield Figure(name="payment over HTTP, median", value=percentile(taken, 0.50), unit="ms", note=note)
    yield Figure(name="payment over HTTP, 99 %", value=percentile(taken, 0.99), unit="ms", note=note)


async def _hear_one(settings: Settings, *, loan: int) -> Heard:
    """The statements of one payment, made through the whole API in this process."""
    app = create_app(settings.model_copy(update={"log_level": "WARNING"}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://kist", trust_env=False) as http:
            assert settings.admin_password is not None, "the benchmark makes an administrator of its own"
            form = {"username": settings.admin_email, "password": settings.admin_password.get_secret_value()}
            signed_in = await http.post("/api/v1/auth/token", data=form)
            expect(signed_in, status=200)
            headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}", "Idempotency-Key": "heard"}
            # What a process reads once (the product) is read before we listen.
            await http.get(f"/api/v1/loans/{loan}", headers=headers)
            with listening() as heard:
                body = {"loan_id": loan, "amount": AMOUNT, "payment_method": "UPI"}
                response = await http.post("/api/v1/loans/payments", json=body, headers=headers)
                expect(response, status=201)
    return heard


def _pgbench(settings: Settings, script: Path, loans: range) -> float:
    """The same statements by as many clients of pgbench; the rate."""
    each = len(loans) // CONNECTIONS
    first = f"\\set loan {loans.start} + (:client_id * {each} + :done) * {loans.step}\n\\set done :done + 1\n"
    file = script.with_suffix(".round.sql")
    file.write_text(first + script.read_text())
    address = settings.app_dsn.replace("+asyncpg", "")
    command = [
        str(PROGRAMS / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", "--jobs=2",
        f"--transactions={each}", "--define=done=0", f"--file={file}", address,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "number of failed transactions: 0 " in done.stdout, done.stdout
    rate = re.search(r"tps = ([0-9.]+) \(without initial connection time\)", done.stdout)
    assert rate is not None, done.stdout
    paid = [str(PROGRAMS / "psql"), "-tA", "-v", f"first={loans.start}", "-v", f"last={loans[-1]}", address]
    moved = subprocess.run(paid, input=PAID, capture_output=True, text=True, check=True).stdout
    assert int(moved) == each * CONNECTIONS, "each payment of pgbench's moved its loan, as ours do"
    return float(rate[1])


async def _prove(settings: Settings, loan: int) -> None:
    """Nothing was lost on the loan that everybody paid on."""
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        differences = await reconcile_loan(uow, LoanKey(loan, loan))
        assert differences == [], differences
