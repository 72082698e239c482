"""The second story: Asha's card account, from the first purchase to the interest that follows a minimum payment.

The account is opened on day 0. Its first statement comes within ten days, and is due twenty days later: by day 30. Only
the minimum is paid, on day 30, so every day of both purchases bears interest on the second statement: 15,000.00 until
day 30, and 14,250.00 from then to the statement, at 42 % a year, with 18 % GST.
"""

from datetime import date
from typing import Any, Final

from app.commands.demo.story import Story
from app.domain.cards.rules import rules_of
from app.domain.money import RoundingMode, format_inr, round_ratio
from app.domain.rulebook.kinds import LenderKind

LIMIT, FIRST, SECOND = 1_00_000_00, 10_000_00, 5_000_00
SPENT = FIRST + SECOND
#: 5 % of what was spent, and what is left after it is paid.
MINIMUM, LEFT = 750_00, 14_250_00
YEARLY_PERCENT, YEAR_DAYS = 42, 365
#: The minimum is rounded up to ten rupees.
UNIT: Final = 10_00
LATEST_DAY: Final = 28
PAID_ON_DAY: Final = 30


def open_card(story: Story) -> None:
    """The account, an authorisation with its clearing, one that is declined, and a clearing without authorisation."""
    narrator, admin = story.narrator, story.admin
    body = {"user_id": story.user_id, "limit": LIMIT // 100, "statement_day": min(story.date_of(10).day, LATEST_DAY)}
    story.card_account = admin.post("/card-accounts", body)["account_id"]
    (card,) = admin.get(f"/card-accounts/{story.card_account}/cards")
    narrator.say(f"A card account with a line of ₹1,00,000: [bold]{story.card_account}[/].")
    asked = {"kind": "purchase", "merchant": {"name": "KIRANA STORES", "category_code": "5411", "country": "IN"}}
    asked |= {"card_token": card["token"], "transacted_at": f"{story.day_one}T11:30:00+05:30"}
    held = _authorise(story, asked, number=1, rupees=FIRST // 100)
    narrator.check("the authorisation", held["approved"], expected=True)
    narrator.money("available", held["available"], expected_paise=LIMIT - FIRST)
    declined = _authorise(story, asked, number=2, rupees=1_00_000)
    narrator.check("beyond the limit", (declined["approved"], declined["decline_code"]), expected=(False, "over_limit"))
    narrator.say("A purchase of ₹1,00,000 more is declined: it is over the limit.")
    cleared = {"authorisation": _reference(story, 1), "reference": _reference(story, 3), "amount": FIRST // 100}
    admin.post(f"/card-accounts/{story.card_account}/captures", cleared)
    offline = {"reference": _reference(story, 4), "amount": SECOND // 100, "merchant": "PETROL PUMP"}
    admin.post(f"/card-accounts/{story.card_account}/postings", offline)
    account = story.asha.get(f"/card-accounts/{story.card_account}")
    narrator.money("owed", account["owed"], expected_paise=SPENT)


def pay_card_minimum(story: Story) -> None:
    """The first statement, of which only the minimum is paid."""
    narrator = story.narrator
    statement = _statement(story, 1)
    narrator.check("interest-free so far", statement["interest_free"], expected=True)
    narrator.money("the card's statement", statement["total_due"], expected_paise=SPENT)
    narrator.money("its minimum due", statement["minimum_due"], expected_paise=MINIMUM, note="5 %")
    paid = {"amount": MINIMUM // 100, "reference": _reference(story, 5)}
    story.asha.post(f"/card-accounts/{story.card_account}/payments", paid)
    narrator.say("She pays only the minimum, so both purchases bear interest from their first day.")


def explain_card_interest(story: Story) -> None:
    """The second statement, and where its interest comes from."""
    narrator = story.narrator
    statement = _statement(story, 2)
    on = date.fromisoformat(statement["statement_on"])
    days = (on - story.date_of(PAID_ON_DAY)).days
    interest = _half_up((SPENT * PAID_ON_DAY + LEFT * days) * YEARLY_PERCENT, 100 * YEAR_DAYS)
    percent = int(rules_of(LenderKind.NBFC_MIDDLE, on=on).gst_percent(on))
    tax = _half_up(interest * percent, 100)
    minimum = -(-(interest + tax + LEFT * 5 // 100) // UNIT) * UNIT
    note = f"{format_inr(SPENT)} x {PAID_ON_DAY} days and {format_inr(LEFT)} x {days}, 42 %"
    narrator.money("the card's interest", statement["interest"][0]["interest"], expected_paise=interest, note=note)
    narrator.money("GST on it", statement["minimum"]["tax"], expected_paise=tax, note=f"{percent} %")
    narrator.money("the card's second statement", statement["total_due"], expected_paise=LEFT + interest + tax)
    narrator.money("its minimum due", statement["minimum_due"], expected_paise=minimum)


def _authorise(story: Story, asked: dict[str, Any], *, number: int, rupees: int) -> Any:
    body = asked | {"reference": _reference(story, number), "amount": rupees}
    return story.admin.post(f"/card-accounts/{story.card_account}/authorisations", body, status=200)


def _reference(story: Story, number: int) -> str:
    """A reference that no other telling uses."""
    return f"DEMO-{story.card_account}-{number}"


def _statement(story: Story, number: int) -> Any:
    return story.asha.get(f"/card-accounts/{story.card_account}/statements/{number}")


def _half_up(numerator: int, denominator: int) -> int:
    return round_ratio(numerator, denominator, mode=RoundingMode.HALF_UP)
