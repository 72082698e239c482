"""The verdict: what was promised is in the books exactly once, every bill is there once, and the books agree."""

import asyncio
from datetime import date

from app.domain.public_ids import format_payment_id
from tests.chaos.load import Load
from tests.chaos.stand import Stand, run_kist
from tests.patience import PATIENCE_SECONDS

PAYMENTS = "SELECT id, loan_id, amount_paise, reference FROM payments"
# A cycle is due on its instalment's date; a plan that is made anew keeps the dates.
BILLS = """
SELECT i.loan_id, count(*) AS wanted, (SELECT count(*) FROM bills b WHERE b.loan_id = i.loan_id) AS found
FROM instalments i WHERE i.version = 1 AND i.due_on <= $1 GROUP BY i.loan_id
"""


async def bill_everything(stand: Stand, load: Load) -> float:
    """Waits until the run for today has closed every loan; answers how long that took."""
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
        if not await stand.value("SELECT count(*) FROM parked_loans"):
            return loop.time() - began


async def judge(stand: Stand, load: Load) -> list[str]:
    """What holds, one line each. Raises AssertionError for what does not."""
    payments = await stand.rows(PAYMENTS)
    by_id = {format_payment_id(row["id"]): row for row in payments}
    for wish, payment_id in load.promised.items():
        row = by_id[payment_id]
        assert (row["loan_id"], row["amount_paise"]) == (wish.loan, wish.paise), f"{wish} is {dict(row)}"
        assert row["reference"] == (wish.name if wish.by_reference else None), f"{wish} is {dict(row)}"
    assert len(set(load.promised.values())) == len(load.promised) == len(payments), (
        f"{len(load.promised)} payments were promised, {len(payments)} are in the books"
    )
    today = date.fromisoformat((await load.call("GET", "/api/v1/clock"))["business_date"])
    bills = await stand.rows(BILLS, today)
    assert [dict(row) for row in bills if row["wanted"] != row["found"]] == []
    told = [
        f"{len(payments):,} acknowledged payments, each in the books exactly once",
        f"{sum(row['found'] for row in bills):,} bills, each cycle of {len(bills):,} loans once",
    ]
    for words in (("reconcile",), ("audit", "verify")):
        status, said = await run_kist(stand, *words)
        assert status == 0, said
        told.append(f"kist {' '.join(words)}: " + next(line for line in said.splitlines() if "✓" in line).strip("✓ "))
    return told
