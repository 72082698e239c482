"""The people who were there before Asha: sixty made by the generator, of whom a dozen borrow, and most pay.

They fill the pages of the administrator. Their ids begin with `DEMO-`, so that they are loaded beside whoever is there
already, and known again when the story is told again. Their files are the same on every day, so what is loaded of them
is known beforehand; who of them may borrow depends on the day, what it costs does not.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from app.commands.demo.calls import Caller
from app.commands.demo.narration import Narrator, StoryFailed, to_paise
from app.commands.demo.place import Place
from app.db.repositories.people.customers import list_identities
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.workers.context import open_context

CUSTOMERS, TRANSACTIONS, SEED = 60, 4_000, 11
PREFIX = "DEMO-"
SAMPLE = (
    "--customers", str(CUSTOMERS), "--loans-per-customer", "3", "--transactions", str(TRANSACTIONS), "--prefix", PREFIX,
)  # fmt: skip
#: 57 of the 60 have three loans elsewhere; nine bank transactions carry an id that a spreadsheet has damaged.
LOADED = (f"{CUSTOMERS} rows loaded of {CUSTOMERS}", "171 rows loaded of 171", "3,991 rows loaded of 4,000")
REFUSED_ROWS = "9 rows were refused"
BORROWERS, EVERY_LATE = 12, 4
#: 1,00,000 at 16 %, which every slab allows, over 12 months, to the paisa: half up.
AMOUNT, RATE, MONTHS, EMI = 100_000, 16, 12, 9_073_09


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """Their loans: those of the first are paid, every fourth is not."""

    loans: list[str] = field(default_factory=list)

    @property
    def paying(self) -> list[str]:
        return [loan for place, loan in enumerate(self.loans, start=1) if place % EVERY_LATE]


def meet_neighbours(place: Place, narrator: Narrator, *, admin: Caller) -> Neighbours:
    """Loads the people, unless an earlier story did, and lends to some of them. Raises StoryFailed."""
    neighbours = Neighbours()
    if _numbers(place):
        narrator.say(f"[dim]The {CUSTOMERS} people of the demo are here already: none is added.")
        return neighbours
    said = place.command("generate", *SAMPLE, "--seed", str(SEED), "--load")
    for text in (*LOADED, REFUSED_ROWS):
        narrator.check(f"{text!r} is said by kist generate", text in said, expected=True)
    narrator.say(
        f"[bold]kist generate --load[/] makes {CUSTOMERS} people with 171 loans elsewhere and"
        f" {TRANSACTIONS:,} bank transactions, and loads their files; 9 rows are refused, with reasons."
    )
    refused = 0
    for customer_id in _numbers(place):
        loan = _borrow(narrator, admin, customer_id)
        if loan is None:
            refused += 1
        else:
            neighbours.loans.append(loan)
    narrator.check("answers", len(neighbours.loans) + refused, expected=BORROWERS)
    narrator.say(
        f"{BORROWERS} of them ask for ₹1,00,000 at 16 %, 12 x ₹9,073.09: {len(neighbours.loans)} are approved,"
        f" {refused} refused, each with all reasons."
    )
    return neighbours


def pay_neighbours(neighbours: Neighbours, narrator: Narrator, *, admin: Caller) -> None:
    """What was billed to them, paid by those who pay."""
    paid = 0
    for loan_id in neighbours.paying:
        due = admin.get(f"/loans/{loan_id}")["next_due"]
        if not due["billed"]:
            continue
        body = {"loan_id": loan_id, "amount": str(due["amount"]), "reference_id": f"{loan_id}-{due['instalment']}"}
        applied = admin.post("/loans/payments", body)["applied"]
        parts = to_paise(applied["principal"]) + to_paise(applied["interest"])
        narrator.check("what a neighbour's payment pays", (parts, parts), expected=(to_paise(due["amount"]), EMI))
        paid += 1
    if paid:
        narrator.say(f"  [green]✓[/] {paid} neighbours pay ₹9,073.09 each")


def _borrow(narrator: Narrator, admin: Caller, customer_id: int) -> str | None:
    """A loan of the standard kind; None where it is refused."""
    wish: dict[str, Any] = {
        "user_id": customer_id, "product": "STANDARD_LOAN", "amount": AMOUNT, "tenure_months": MONTHS,
        "annual_rate": RATE,
    }  # fmt: skip
    answer = admin.http.post("/api/v1/loans/apply", json=wish, headers={"Authorization": f"Bearer {admin.token}"})
    if answer.status_code == 422:
        narrator.check("a refusal", answer.json()["code"], expected="application_refused")
        return None
    if answer.status_code != 201:
        raise StoryFailed(f"POST /loans/apply: expected 201 or 422, found {answer.status_code}: {answer.text[:300]}")
    loan_id = str(answer.json()["loan_id"])
    narrator.check("a neighbour's EMI", to_paise(admin.get(f"/loans/{loan_id}")["emi"]), expected=EMI)
    return loan_id


def _numbers(place: Place) -> list[int]:
    """The customer numbers of the first of them, in order; none where they are not loaded."""

    async def read() -> dict[bytes, int]:
        values = [f"{PREFIX}{number}".encode() for number in range(1, BORROWERS + 1)]
        with running_services(place.settings) as settings:
            async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
                return await list_identities(uow.session, kind="external", values=values)

    found = asyncio.run(read())
    return [found[value] for value in sorted(found, key=lambda value: int(value.removeprefix(PREFIX.encode())))]
