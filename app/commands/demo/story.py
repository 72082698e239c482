"""The beginning of the story: Asha registers, her bank statement is scored, and she takes two loans."""

import tempfile
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from app.commands.demo.bank_statement import ROWS, SCORE, make_aadhaar, write_statement
from app.commands.demo.calls import Caller, sign_in
from app.commands.demo.narration import Narrator, StoryFailed, to_paise
from app.commands.demo.neighbours import Neighbours, meet_neighbours
from app.commands.demo.place import Place
from app.domain.money import RoundingMode, format_inr, round_ratio

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.1

#: Credit card loan: 50,000 at 10.5 %, 12 x 30 days. d = round(10.5 / 365, 3) = 0.029 % a day.
CARD_EMI, CARD_LAST, CARD_INTEREST = 4_406_04, 4_405_94, 2_872_38
#: Personal loan: 5,00,000 at a flat 8.8 % over 24 months, in whole rupees: 44,000 of interest a year. If the first
#: period is not a whole month, its interest is counted by days.
FLAT_EMI, FLAT_PRINCIPAL, FLAT_INTEREST = 24_500_00, 20_833_00, 3_667_00
FLAT_LAST_PRINCIPAL, FLAT_A_YEAR = 20_841_00, 44_000_00


@dataclass(slots=True, kw_only=True)
class Story:
    """The state of the story. `day_one` is the business date on which it begins."""

    place: Place
    narrator: Narrator
    admin: Caller
    asha: Caller
    day_one: date
    aadhaar: str
    neighbours: Neighbours
    user_id: str = ""
    card_loan: str = ""
    personal_loan: str = ""
    card_account: str = ""
    home_loan: str = ""
    officer: Caller | None = None
    personal_due: list[date] = field(default_factory=list)
    personal_first_interest: int = 0
    personal_paid: int = 0

    def date_of(self, day: int) -> date:
        return self.day_one + timedelta(days=day)


def begin_story(place: Place, narrator: Narrator, *, http: httpx.Client) -> Story:
    """Everything until the customer has two loans. Raises StoryFailed."""
    admin = sign_in(http, place.admin)
    day_one = date.fromisoformat(admin.get("/clock")["business_date"])
    narrator.chapter("The neighbours", when=f"{day_one}, day 0")
    neighbours = meet_neighbours(place, narrator, admin=admin)
    story = Story(
        place=place,
        narrator=narrator,
        admin=admin,
        asha=Caller(http=http),
        day_one=day_one,
        aadhaar=make_aadhaar(),
        neighbours=neighbours,
    )
    narrator.chapter("A customer", when=f"{day_one}, day 0")
    _register(story)
    _score(story)
    narrator.chapter("Two loans", when=f"{day_one}, day 0")
    _borrow_on_the_card(story)
    _borrow_personally(story)
    return story


def _register(story: Story) -> None:
    narrator = story.narrator
    body = {
        "name": "Asha Rao",
        "email": f"asha.{story.aadhaar[4:]}@example.com",
        "aadhar_id": story.aadhaar,
        "annual_income": 1_200_000,
        "employment_type": "SALARIED",
    }
    registered = story.asha.post("/users/register", body)
    story.user_id, story.asha.token = registered["user_id"], registered["access_token"]
    masked = story.asha.get(f"/users/{story.user_id}")["aadhar_id"]
    narrator.check("the Aadhaar number as shown", masked, expected=f"XXXX XXXX {story.aadhaar[-4:]}")
    narrator.say(f"Asha Rao registers: she is [bold]{story.user_id}[/], and her Aadhaar is shown as {masked}.")
    score = story.asha.get("/credit/scores", params={"user_id": story.user_id})
    narrator.check("the score before anything is known", (score["status"], score["score"]), expected=("PENDING", None))
    refused = story.asha.post("/loans/apply", _card_application(story), status=409)
    narrator.check("an application before the score", refused["code"], expected="score_not_available")
    narrator.say(f"She applies at once, and is refused: [italic]{refused['detail']}[/].")


def _score(story: Story) -> None:
    narrator = story.narrator
    with tempfile.TemporaryDirectory(prefix="kist-demo-") as folder:
        file = Path(folder) / "asha-bank-statement.csv"
        write_statement(file, aadhaar=story.aadhaar, until=story.day_one)
        printed = story.place.command("import", "transactions", str(file))
    loaded = next((line for line in printed.splitlines() if "rows loaded" in line), "")
    narrator.check("rows of the bank statement", f"{ROWS} rows loaded of {ROWS}" in loaded, expected=True)
    narrator.say(f"Her bank statement arrives: [bold]kist import transactions[/] {file.name}  [dim]{loaded.strip()}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := story.asha.get("/credit/scores", params={"user_id": story.user_id}))["status"] == "PENDING":
        if time.monotonic() > deadline:
            raise StoryFailed(f"no score within {PATIENCE_SECONDS:.0f} seconds: check that a worker runs")
        time.sleep(PAUSE_SECONDS)
    narrator.check("the credit score", found["score"], expected=SCORE)
    narrator.say(f"A worker computes her score: [bold]{found['score']}[/], on a scale from 300 to 900.")


def _card_application(story: Story) -> dict[str, Any]:
    return {
        "user_id": story.user_id,
        "product": "CREDIT_CARD_LOAN",
        "amount": 50_000,
        "tenure_months": 12,
        "annual_rate": 10.5,
        "purpose": "TRAVEL",
    }


def _borrow_on_the_card(story: Story) -> None:
    narrator = story.narrator
    approved = story.asha.post("/loans/apply", _card_application(story))
    story.card_loan = approved["loan_id"]
    narrator.say(f"₹50,000 at 10.5 % in 12 instalments, every 30 days: approved, loan [bold]{story.card_loan}[/].")
    narrator.money("EMI", approved["emi"], expected_paise=CARD_EMI)
    dates = [line["date"] for line in approved["due_dates"]]
    narrator.check("due dates", dates, expected=[story.date_of(30 * n).isoformat() for n in range(1, 13)])
    rows = _schedule(story, story.card_loan)
    narrator.check("sum of the principal", sum(row[1] for row in rows), expected=50_000_00)
    narrator.check("sum of the interest", sum(row[2] for row in rows), expected=CARD_INTEREST)
    narrator.check("the last instalment", rows[-1][1] + rows[-1][2], expected=CARD_LAST)
    narrator.table(("billed on", "principal", "interest", "instalment"), [(*row, row[1] + row[2]) for row in rows])
    again = story.asha.post("/loans/apply", _card_application(story))
    narrator.check("the loan of the same application again", again["loan_id"], expected=story.card_loan)
    narrator.say("She sends the application twice: the same one within a minute gives the same loan.")


def _borrow_personally(story: Story) -> None:
    narrator = story.narrator
    application = {"user_id": story.user_id, "product": "PERSONAL_LOAN", "amount": 500_000, "tenure_months": 24}
    approved = story.asha.post("/loans/apply", {**application, "purpose": "HOME_RENOVATION"})
    story.personal_loan = approved["loan_id"]
    narrator.say(f"₹5,00,000 at a flat 8.8 % over 24 months, on the 5th: loan [bold]{story.personal_loan}[/].")
    rows = _schedule(story, story.personal_loan)
    story.personal_due = [date.fromisoformat(row[0]) for row in rows]
    narrator.check("due dates", story.personal_due, expected=_fifths(story.day_one, 24))
    story.personal_first_interest = first = _first_flat_interest(story.day_one, story.personal_due[0])
    last = round_ratio(FLAT_A_YEAR * 23, 12, mode=RoundingMode.HALF_UP) - 22 * FLAT_INTEREST
    narrator.money("EMI", approved["emi"], expected_paise=FLAT_EMI, note="20,833 of principal and 3,667 of interest")
    narrator.check("the first instalment", rows[0][1:], expected=(FLAT_PRINCIPAL, first))
    narrator.check("instalments 2 to 23", {row[1:] for row in rows[1:-1]}, expected={(FLAT_PRINCIPAL, FLAT_INTEREST)})
    paise_apart = abs(rows[-1][2] - last)
    narrator.check("the last instalment", (rows[-1][1], paise_apart <= 1), expected=(FLAT_LAST_PRINCIPAL, True))
    days = (story.personal_due[0] - story.day_one).days
    narrator.say(f"  [dim]its first period has {days} days: {format_inr(first)} of interest")


def _first_flat_interest(lent_on: date, due_on: date) -> int:
    """The interest of a first period: a month's if it is a whole month, by days if it is shorter, both if longer."""
    begin = date(due_on.year - (due_on.month == 1), (due_on.month - 2) % 12 + 1, due_on.day)
    days = (begin - lent_on).days
    if days == 0:
        return FLAT_INTEREST
    if days < 0:
        return round_ratio(FLAT_A_YEAR * (due_on - lent_on).days, 365, mode=RoundingMode.HALF_UP)
    return round_ratio(FLAT_A_YEAR * (365 + 12 * days), 365 * 12, mode=RoundingMode.HALF_UP)


def _schedule(story: Story, loan_id: str) -> list[tuple[str, int, int]]:
    """The current schedule: due date, principal, interest."""
    rows = story.asha.get(f"/loans/{loan_id}/schedule")["instalments"]
    return [(row["due_on"], to_paise(row["principal"]), to_paise(row["interest"])) for row in rows]


def _fifths(after: date, count: int) -> list[date]:
    """The 5th of each of the `count` months after that of `after`."""
    months = range(after.year * 12 + after.month, after.year * 12 + after.month + count)
    return [date(month // 12, month % 12 + 1, 5) for month in months]
