"""The third story: Asha's home improvement loan lives.

She accepts its key facts, hears of a new rate and chooses, moves the due day, asks what a moratorium would cost, has a
payment returned, and pays a little too much at the end.

2,00,000.00 at 9.5 % over 24 months: 9,183 a month, in whole rupees (9,182.90 before rounding). The fee of 1 % is
2,360.00 with its tax and is deducted; the stamp duty of 200.00 is paid apart. The first month bears 2,00,000 x 9.5 % /
12 = 1,583.33. The spread over the benchmark stays, so half a percent more on it is half a percent more on the loan. On
which day an instalment falls depends on the day of the story, so what is shown ahead is compared with what happens.
"""

import asyncio
import secrets
import time
from decimal import Decimal
from typing import Any, Final

from app.commands.administrator import Login
from app.commands.demo.calls import Caller, sign_in
from app.commands.demo.narration import StoryFailed, to_paise
from app.commands.demo.story import PATIENCE_SECONDS, PAUSE_SECONDS, Story
from app.domain.people.access import SYSTEM, Role
from app.embedded import running_services
from app.services.operations.scheduled_tasks import ask_for_run
from app.services.people.passwords import Passwords
from app.services.people.staff import create_staff
from app.workers.context import open_context

PRODUCT: Final = "HOME_IMPROVEMENT_LOAN"
LENT, RATE, RAISED = 2_00_000_00, Decimal("9.5"), Decimal("0.5")
RECEIVED, FEES, EMI, FIRST_INTEREST = 1_97_640_00, 2_560_00, 9_183_00, 1_583_33
#: 400.00 for a returned payment, and 18 % of it.
BOUNCE, TOO_MUCH = 472_00, 250_00
NEW_RATE_ON_DAY: Final = 45


def borrow_for_the_roof(story: Story) -> None:
    """The application is an offer, and the loan is made when its key facts are accepted. Raises StoryFailed."""
    narrator, asha = story.narrator, story.asha
    if PRODUCT not in {product["code"] for product in asha.get("/products")}:
        narrator.say(f"[dim]This Kist does not offer {PRODUCT}, so this part of the story is left out.")
        return
    wish = {"user_id": story.user_id, "product": PRODUCT, "amount": LENT // 100, "tenure_months": 24}
    offered = asha.post("/loans/apply", {**wish, "annual_rate": str(RATE), "purpose": "ROOF"}, status=202)
    narrator.check("the application", (offered["status"], offered["loan_id"]), expected=("offered", None))
    path = f"/applications/{offered['application_id']}/key-facts"
    facts = asha.get(path)
    narrator.say(f"₹2,00,000 at 9.5 %, floating: an offer, valid until {facts['valid_until']}. Its key facts:")
    narrator.money("paid out", facts["net_disbursed"], expected_paise=RECEIVED, note="after 2,000 and its tax of 360")
    narrator.money("fees in all", facts["total_fees"], expected_paise=FEES, note="with a stamp duty of 200")
    narrator.money("EMI", facts["instalment"], expected_paise=EMI)
    narrator.say(
        f"  [dim]an annual percentage rate of {facts['apr']} %; it can be left until {facts['cooling_off']['until']}"
    )
    made = asha.post(f"{path}/acceptance", {"language": "hi"})
    story.home_loan = made["loan_id"]
    narrator.check("the loan on what was accepted", to_paise(made["emi"]), expected=EMI)
    narrator.say(f"She reads them in Hindi and accepts: loan [bold]{story.home_loan}[/].")


def announce_a_rate(story: Story) -> None:
    """The benchmark will rise: she is told beforehand, and chooses that the end moves. Raises StoryFailed."""
    if not story.home_loan:
        return
    narrator, on = story.narrator, story.date_of(NEW_RATE_ON_DAY).isoformat()
    _pay_what_is_billed(story)
    rates = [each for each in story.admin.get("/benchmarks") if each["code"] == "REPO"]
    present = max(
        (each for each in rates if each["from"] <= story.day_one.isoformat()), key=lambda each: str(each["from"])
    )
    story.admin.post("/benchmarks", {"code": "REPO", "from": on, "rate": str(Decimal(present["rate"]) + RAISED)})
    path = f"/loans/{story.home_loan}/rate-notices"
    told = story.admin.post(path, {"effective_on": on})
    narrator.check("the rate she is told of", Decimal(told["annual_rate"]), expected=RATE + RAISED)
    narrator.say(
        f"The benchmark rises by 0.5 % on {on}. She is told: 10 % from then on, and what each choice would do:"
    )
    shown = [
        (each["adjusts"], to_paise(each["after"]["emi"]), str(each["after"]["instalments"])) for each in told["choices"]
    ]
    narrator.table(("what gives", "EMI", "instalments left"), shown)
    chosen = story.asha.post(f"{path}/{on}/choice", {"adjusts": "tenor"}, status=200)
    narrator.check("her choice", chosen["adjusts"], expected="tenor")
    narrator.say("She keeps her EMI, and the end moves.")


def see_the_reset(story: Story) -> None:
    """The first instalment is paid, and the reset was made on its day. Raises StoryFailed."""
    if not story.home_loan:
        return
    narrator = story.narrator
    _pay_what_is_billed(story)
    asyncio.run(_ask_for_resets(story))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Decimal((loan := _loan(story))["annual_rate"]) != RATE + RAISED:
        if time.monotonic() > deadline:
            raise StoryFailed(f"the rate was not reset within {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(PAUSE_SECONDS)
    narrator.money("EMI at 10 %", loan["emi"], expected_paise=EMI, note="as she chose")
    facts = story.asha.get(f"/loans/{story.home_loan}/key-facts")
    since = [(each["kind"], Decimal(each["annual_rate"])) for each in facts["changed_since"]]
    narrator.check(
        "the key facts", (Decimal(facts["annual_rate"]), since), expected=(RATE, [("rate_reset", RATE + RAISED)])
    )
    narrator.say("  [dim]her key facts still say 9.5 %, as accepted, and name the reset beside it")


def change_the_loan(story: Story) -> None:
    """The due day moves as it was shown; a moratorium is only simulated; a payment is returned. Raises StoryFailed."""
    if not story.home_loan:
        return
    narrator, path = story.narrator, f"/loans/{story.home_loan}"
    _pay_what_is_billed(story)
    day = {"due_day": 5 if story.day_one.day != 5 else 7}
    shown = story.asha.post(f"{path}/changes/simulate", {"kind": "due_day", **day}, status=200)
    moved = story.admin.post(f"{path}/due-day", day)
    narrator.check("the due day, as it was shown", moved["after"], expected=shown["after"])
    narrator.say(
        f"Her salary comes earlier now: the due day moves to the {day['due_day']}th, exactly as it was simulated."
    )
    wait = {"kind": "restructure", "moratorium": {"instalments": 3, "of": "both"}}
    costs = story.asha.post(f"{path}/changes/simulate", wait, status=200)
    narrator.check(
        "a simulation changes nothing", to_paise(_loan(story)["emi"]), expected=to_paise(moved["after"]["emi"])
    )
    more = to_paise(costs["after"]["interest"]) - to_paise(costs["before"]["interest"])
    narrator.table(("three months without payment", "interest to come"), [("would cost", more)])
    _returned_payment(story)


def _returned_payment(story: Story) -> None:
    narrator, path = story.narrator, f"/loans/{story.home_loan}"
    body = {"loan_id": story.home_loan, "amount": "1000.00", "payment_method": "NACH", "reference_id": "ASHA-ROOF-R"}
    paid = story.asha.post("/loans/payments", body)
    officer = _officer(story)
    back = officer.post(f"/payments/{paid['payment_id']}/reverse", {"reason": "returned unpaid"}, status=200)
    narrator.money("a payment is returned, which costs", back["charge"], expected_paise=BOUNCE, note="with its tax")
    wish = {
        "kind": "waiver",
        "loan_id": story.home_loan,
        "charges": str(Decimal(BOUNCE) / 100),
        "reason": "the bank's fault",
    }
    _decide(story, officer, wish)
    narrator.money(
        "charges, after two people waived it", story.asha.get(f"{path}/charges")["charges_due"], expected_paise=0
    )
    story.officer = officer


def pay_a_little_too_much(story: Story) -> None:
    """The loan is closed with more than its payoff, and two people pay the rest back. Raises StoryFailed."""
    if not story.home_loan or story.officer is None:
        return
    narrator, path = story.narrator, f"/loans/{story.home_loan}"
    total = to_paise(story.asha.get(f"{path}/payoff")["total"])
    body = {"loan_id": story.home_loan, "amount": str(Decimal(total + TOO_MUCH) / 100), "reference_id": "ASHA-ROOF-END"}
    paid = story.asha.post("/loans/payments", body)
    narrator.check("closed", paid["loan_closed"], expected=True)
    narrator.money("owed to her", story.asha.get(f"{path}/owed-to-borrower")["owed"], expected_paise=TOO_MUCH)
    wish = {"kind": "refund", "loan_id": story.home_loan, "amount": TOO_MUCH // 100, "reason": "paid too much"}
    _decide(story, story.officer, wish)
    narrator.money("owed, after it was paid back", story.asha.get(f"{path}/owed-to-borrower")["owed"], expected_paise=0)


def _loan(story: Story) -> Any:
    return story.asha.get(f"/loans/{story.home_loan}")


def _pay_what_is_billed(story: Story) -> None:
    """Every bill that is open. The first one has the interest of a month."""
    paid = 0
    while (due := _loan(story)["next_due"])["billed"]:
        body = {"loan_id": story.home_loan, "amount": str(due["amount"]), "reference_id": f"ROOF-{due['instalment']}"}
        applied = story.asha.post("/loans/payments", body)["applied"]
        if due["instalment"] == 1:
            story.narrator.check("its first interest", to_paise(applied["interest"]), expected=FIRST_INTEREST)
        paid += 1
    if paid:
        story.narrator.say(f"  [green]✓[/] home improvement loan: {paid} paid")


def _decide(story: Story, officer: Caller, wish: dict[str, Any]) -> None:
    """The officer proposes, and the administrator approves."""
    headers = {"Authorization": f"Bearer {officer.token}", "Idempotency-Key": secrets.token_hex(8)}
    proposed = officer.http.post("/api/v1/proposals", json=wish, headers=headers)
    if proposed.status_code != 201:
        raise StoryFailed(f"POST /proposals: expected 201, found {proposed.status_code}: {proposed.text[:300]}")
    decided = story.admin.post(f"/proposals/{proposed.json()['proposal_id']}/approve", {}, status=200)
    story.narrator.check("two people", decided["status"], expected="approved")


def _officer(story: Story) -> Caller:
    """An officer, who is another person than the administrator."""
    login = Login(email=f"officer.{story.aadhaar[4:]}@example.com", password=secrets.token_urlsafe(15))

    async def make() -> None:
        passwords = Passwords(threads=1)
        try:
            with running_services(story.place.settings) as settings:
                async with open_context(settings) as context:
                    await create_staff(
                        context.uow_factory, SYSTEM, passwords=passwords, email=login.email, name="Officer",
                        role=Role.OFFICER, password=login.password,
                    )  # fmt: skip
        finally:
            passwords.close()

    asyncio.run(make())
    return sign_in(story.asha.http, login)


async def _ask_for_resets(story: Story) -> None:
    """The task runs every minute; it is asked for, so that the story need not wait."""
    with running_services(story.place.settings) as settings:
        async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
            await ask_for_run(uow, "make_rate_resets")
