"""What happens again and again: the date moves, the run bills, the standing order pays; and looks at the card loan."""

import asyncio
import time
from typing import Any

from app.commands.demo.narration import StoryFailed, to_paise
from app.commands.demo.neighbours import pay_neighbours
from app.commands.demo.story import (
    FLAT_INTEREST,
    FLAT_PRINCIPAL,
    PATIENCE_SECONDS,
    PAUSE_SECONDS,
    Story,
)
from app.db.repositories.billing.bills import list_issued
from app.domain.billing.cycles import Bill
from app.domain.money import paise_to_rupees
from app.domain.people.access import SYSTEM
from app.domain.public_ids import parse_loan_id, parse_user_id
from app.embedded import running_services
from app.workers.context import open_context


def move_to(story: Story, day: int, *, title: str) -> None:
    to = story.date_of(day).isoformat()
    story.narrator.chapter(title, when=f"{to}, day {day}")
    moved = story.admin.put("/clock", {"business_date": to})
    story.narrator.check("the business date", moved["business_date"], expected=to)


def run_billing(story: Story) -> None:
    """Starts the run of the business date, and watches it to its end."""
    run = story.admin.post("/billing/runs", {}, status=202)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while run["status"] == "running":
        if time.monotonic() > deadline:
            raise StoryFailed(f"billing run {run['run_id']} did not end within {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(PAUSE_SECONDS)
        run = story.admin.get(f"/billing/runs/{run['run_id']}")
    story.narrator.check("the billing run", (run["status"], run["percent_done"]), expected=("finished", 100))
    story.narrator.say(
        f"[dim]Billing run {run['run_id']}: loans {run['loans_done']}, bills {run['bills']}, 100 % done."
    )
    pay_neighbours(story.neighbours, story.narrator, admin=story.admin)


def pay_personal_loan(story: Story) -> None:
    """Her standing order: an instalment for every 5th that has come since it last paid."""
    today = story.admin.get("/clock")["business_date"]
    due = sum(on.isoformat() <= today for on in story.personal_due) - story.personal_paid
    if not due:
        return
    interest = due * FLAT_INTEREST
    if story.personal_paid == 0:
        interest += story.personal_first_interest - FLAT_INTEREST
    story.personal_paid += due
    body = {
        "loan_id": story.personal_loan,
        "amount": str(paise_to_rupees(due * FLAT_PRINCIPAL + interest)),
        "payment_method": "NACH",
        "reference_id": f"STANDING-{story.personal_paid}",
    }
    applied = story.asha.post("/loans/payments", body)["applied"]
    parts = tuple(to_paise(applied[part]) for part in ("principal", "interest", "advance"))
    story.narrator.check("the personal loan's instalment", parts, expected=(due * FLAT_PRINCIPAL, interest, 0))
    story.narrator.say(
        f"  [green]✓[/] personal loan: {due} by standing order  [dim]20,833 of principal each, and the interest"
    )


def card_payment(story: Story, amount_paise: int, *, reference: str, instalment: int | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "loan_id": story.card_loan,
        "amount": str(paise_to_rupees(amount_paise)),
        "payment_method": "UPI",
        "reference_id": reference,
    }
    return body if instalment is None else {**body, "instalment": instalment}


def card_loan(story: Story) -> Any:
    return story.asha.get(f"/loans/{story.card_loan}")


def card_line(story: Story, number: int) -> Any:
    """One instalment of the card loan's statement."""
    statement = story.asha.get("/statements", params={"loan_id": story.card_loan})
    return statement["payment_history"][number - 1]


def facts_of(line: Any) -> tuple[str, str, int]:
    return line["status"], line["due_date"], to_paise(line["amount"])


def card_ledger(story: Story) -> list[Any]:
    found: list[Any] = story.asha.get(f"/loans/{story.card_loan}/ledger")["items"]
    return found


def card_bills(story: Story) -> list[Bill]:
    """The card loan's bills as they were issued, minimum due included, from the books: no route shows them whole."""
    customer_id, loan_id = parse_user_id(story.user_id), parse_loan_id(story.card_loan).number

    async def read() -> list[Bill]:
        with running_services(story.place.settings) as settings:
            async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
                return await list_issued(uow.session, customer_id=customer_id, loan_id=loan_id)

    return asyncio.run(read())
