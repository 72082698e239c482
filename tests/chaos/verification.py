"""Verifies that every acknowledged payment and every bill is in the database exactly once, and that the books agree."""

import asyncio
from datetime import date

from app.domain.public_ids import format_payment_id
from tests.chaos.cards import CardTraffic, verify_cards
from tests.chaos.load import Load
from tests.chaos.target import Target, run_kist
from tests.patience import PATIENCE_SECONDS

PAYMENTS = "SELECT id, loan_id, amount_paise, reference FROM payments"
# A cycle is due on its instalment's date. A new plan keeps the dates of the old one.
BILLS = """
SELECT i.loan_id, count(*) AS wanted, (SELECT count(*) FROM bills b WHERE b.loan_id = i.loan_id) AS found
FROM instalments i WHERE i.version = 1 AND i.due_on <= $1 GROUP BY i.loan_id
"""


async def bill_everything(target: Target, load: Load) -> float:
    """Waits until today's run has billed every loan. Returns how many seconds that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    today = (await load.call("GET", "/api/v1/clock"))["business_date"]
    while True:
        run = await load.call("POST", "/api/v1/billing/runs", business_date=today)
        while run["status"] != "finished":
            assert loop.time() - began < PATIENCE_SECONDS, f"the run was not finished: {run}"
            await asyncio.sleep(0.2)
            run = await load.call("GET", f"/api/v1/billing/runs/{run['run_id']}")
        assert run["parked"] == 0, run
        if not await target.value(
            "SELECT (SELECT count(*) FROM parked_loans) + (SELECT count(*) FROM parked_card_accounts)"
        ):
            return loop.time() - began


async def verify(target: Target, load: Load, traffic: CardTraffic) -> list[str]:
    """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
    payments = await target.rows(PAYMENTS)
    by_id = {format_payment_id(row["id"]): row for row in payments}
    for payment, payment_id in load.acknowledged.items():
        row = by_id[payment_id]
        assert (row["loan_id"], row["amount_paise"]) == (payment.loan, payment.paise), f"{payment} is {dict(row)}"
        assert row["reference"] == (payment.name if payment.by_reference else None), f"{payment} is {dict(row)}"
    assert len(set(load.acknowledged.values())) == len(load.acknowledged) == len(payments), (
        f"{len(load.acknowledged)} payments were acknowledged, {len(payments)} are in the books"
    )
    today = date.fromisoformat((await load.call("GET", "/api/v1/clock"))["business_date"])
    bills = await target.rows(BILLS, today)
    assert [dict(row) for row in bills if row["wanted"] != row["found"]] == []
    lines = [
        f"{len(payments):,} acknowledged payments, each in the books exactly once",
        f"{sum(row['found'] for row in bills):,} bills, each cycle of {len(bills):,} loans once",
    ]
    lines += await verify_cards(target, traffic, today=today)
    for words in (("reconcile",), ("audit", "verify")):
        status, printed = await run_kist(target, *words)
        assert status == 0, printed
        result = next(line for line in printed.splitlines() if "✓" in line)
        lines.append(f"kist {' '.join(words)}: {result.strip('✓ ')}")
    return lines
