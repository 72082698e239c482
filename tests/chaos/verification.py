"""Verifies that everything that was acknowledged is in the database exactly once and nothing else, and that the books
agree."""

import asyncio

from app.domain.public_ids import format_payment_id
from tests.chaos.applications import verify_applications
from tests.chaos.cards import verify_cards
from tests.chaos.hooks import verify_hooks
from tests.chaos.scene import Scene
from tests.chaos.target import run_kist
from tests.chaos.uploads import verify_uploads

COMMANDS = (("reconcile",), ("audit", "verify"))
PAYMENTS = "SELECT id, loan_id, amount_paise, reference FROM payments"
# A cycle is due on its instalment's date. A new plan keeps the dates of the old one.
BILLS = """
SELECT i.loan_id, count(*) AS wanted, (SELECT count(*) FROM bills b WHERE b.loan_id = i.loan_id) AS found
FROM instalments i WHERE i.version = 1 AND i.due_on <= $1 GROUP BY i.loan_id
"""


async def verify(scene: Scene) -> list[str]:
    """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
    lines = await _verify_loans(scene)
    target = scene.target
    lines += await verify_cards(target, scene.traffic, today=await scene.books.today())
    lines += await verify_applications(target, scene.applying)
    lines += await verify_uploads(target, scene.uploading)
    lines += await verify_hooks(target, scene.hooks)
    lines += await scene.books.verify(target)
    outcomes = await asyncio.gather(*(run_kist(target, *words) for words in COMMANDS))
    for words, (status, printed) in zip(COMMANDS, outcomes, strict=True):
        assert status == 0, printed
        results = [line.strip("✓ ") for line in printed.splitlines() if "✓" in line]
        lines.append(f"kist {' '.join(words)}: {'; '.join(results)}")
    return lines


async def _verify_loans(scene: Scene) -> list[str]:
    target, load = scene.target, scene.load
    payments = await target.rows(PAYMENTS)
    by_id = {format_payment_id(row["id"]): row for row in payments}
    for payment, payment_id in load.acknowledged.items():
        row = by_id[payment_id]
        assert (row["loan_id"], row["amount_paise"]) == (payment.loan, payment.paise), f"{payment} is {dict(row)}"
        assert row["reference"] == (payment.name if payment.by_reference else None), f"{payment} is {dict(row)}"
    assert len(set(load.acknowledged.values())) == len(load.acknowledged) == len(payments), (
        f"{len(load.acknowledged)} payments were acknowledged, {len(payments)} are in the books"
    )
    bills = await target.rows(BILLS, await scene.books.today())
    assert [dict(row) for row in bills if row["wanted"] != row["found"]] == []
    return [
        f"{len(payments):,} acknowledged payments, each in the books exactly once",
        f"{sum(row['found'] for row in bills):,} bills, each cycle of {len(bills):,} loans once",
    ]
