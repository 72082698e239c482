"""The end of the story: the statement, the payoff, and the reconciliation."""

from typing import Any

from app.commands.demo.living import pay_a_little_too_much
from app.commands.demo.monthly import card_payment
from app.commands.demo.months import (
    EMI_AFTER_PREPAYMENT,
    EMI_AFTER_RETURN,
    FIRST_INTEREST,
    LATE,
    LEFT_AFTER_PREPAYMENT,
    NINTH_AFTER_PREPAYMENT,
    PREPAID,
    RETURNED,
    SECOND_INTEREST,
    THIRD_INTEREST,
)
from app.commands.demo.narration import to_paise
from app.commands.demo.story import CARD_EMI, FLAT_EMI, FLAT_PRINCIPAL, Story

#: Day 90 to 100: five days on 46,028.96 and five on 40,366.64, at 0.029 % a day: 66.74 + 58.53 = 125.27.
ACCRUED = 125_27
PAYOFF = LEFT_AFTER_PREPAYMENT + ACCRUED
#: The amount of each instalment: three bills (the second without the part that went back to the plan), then the plan.
AMOUNTS = [CARD_EMI, CARD_EMI - RETURNED, EMI_AFTER_RETURN, *[EMI_AFTER_PREPAYMENT] * 8, NINTH_AFTER_PREPAYMENT]


def end_story(story: Story) -> None:
    """Shows the statement, pays the loan off, and reconciles the books. Raises StoryFailed."""
    story.narrator.chapter("The statement", when=f"{story.date_of(100)}, day 100")
    _statement(story)
    story.narrator.chapter("The end of the card loan", when=f"{story.date_of(100)}, day 100")
    _payoff(story)
    pay_a_little_too_much(story)
    story.narrator.chapter("The books", when="every loan is compared with its ledger")
    story.narrator.say("[bold]kist reconcile[/]")
    for line in story.place.command("reconcile").splitlines():
        story.narrator.say(line.strip())


def _statement(story: Story) -> None:
    narrator = story.narrator
    found = story.asha.get("/statements", params={"loan_id": story.card_loan})
    lines, summary = found["payment_history"], found["loan_summary"]
    narrator.check("amounts", [to_paise(line["amount"]) for line in lines], expected=AMOUNTS)
    narrator.check("statuses", [line["status"] for line in lines], expected=["PAID"] * 3 + ["UPCOMING"] * 9)
    payments = [to_paise(payment["amount_paid"]) for payment in found["past_transactions"]]
    narrator.check("payments", sorted(payments), expected=sorted([CARD_EMI, LATE, PREPAID]))
    narrator.table(("", "due", "instalment", "principal", "interest", "status"), [_row(line) for line in lines])
    narrator.money("principal paid", summary["principal_paid"], expected_paise=50_000_00 - LEFT_AFTER_PREPAYMENT)
    interest = FIRST_INTEREST + SECOND_INTEREST + THIRD_INTEREST
    narrator.money("interest paid", summary["interest_paid"], expected_paise=interest)
    narrator.money("principal outstanding", summary["outstanding"], expected_paise=LEFT_AFTER_PREPAYMENT)
    narrator.money("overdue", summary["overdue"], expected_paise=0)


def _row(line: Any) -> tuple[str, str, int, int, int, str]:
    parts = line["breakdown"]
    amounts = (to_paise(line["amount"]), to_paise(parts["principal"]), to_paise(parts["interest"]))
    return str(line["number"]), line["due_date"], *amounts, line["status"]


def _payoff(story: Story) -> None:
    narrator = story.narrator
    quote = story.asha.get(f"/loans/{story.card_loan}/payoff")
    narrator.money("interest since day 90", quote["interest_accrued"], expected_paise=ACCRUED)
    narrator.money("closes the loan", quote["total"], expected_paise=PAYOFF)
    refused = story.asha.post("/loans/payments", card_payment(story, PAYOFF + 1, reference="ASHA-4"), status=422)
    narrator.check("a paisa more", refused["code"], expected="amount_beyond_payoff")
    narrator.say(f"A paisa more is refused: [italic]{refused['detail']}[/].")
    paid = story.asha.post("/loans/payments", card_payment(story, PAYOFF, reference="ASHA-5"))
    narrator.check("closed", (paid["loan_closed"], to_paise(paid["outstanding"])), expected=(True, 0))
    loan = story.asha.get(f"/loans/{story.card_loan}")
    narrator.check("the loan", (loan["status"], loan["next_due"]), expected=("closed", None))
    narrator.say(f"She pays exactly the payoff amount, and {story.card_loan} is [bold]closed[/].")
    personal = story.asha.get(f"/loans/{story.personal_loan}")
    left = 500_000_00 - story.personal_paid * FLAT_PRINCIPAL
    narrator.money("left of the personal loan", personal["principal_outstanding"], expected_paise=left)
    due = personal["next_due"]
    found = (due["instalment"], to_paise(due["amount"]), due["due_date"])
    expected = (story.personal_paid + 1, FLAT_EMI, story.personal_due[story.personal_paid].isoformat())
    narrator.check("its next instalment", found, expected=expected)
