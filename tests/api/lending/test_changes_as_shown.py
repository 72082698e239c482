"""Each change of a loan over HTTP: simulated, made, compared figure by figure, undone, made again, and billed as shown.

Then twins: a payment that is entered after a change with a value date before it, and two changes of one day. Each leads
where the other order leads. After each test every loan is reconciled.
"""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update

from app.db.models import Customer
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
API = "/api/v1"
JANUARY = date(2027, 1, 5)
keys = count(1)


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> AsyncIterator[LendingHelper]:
    async with uow_factory.open(SYSTEM) as uow:
        for product in (STANDARD_LOAN, CREDIT_CARD_LOAN):
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")
    yield LendingHelper(uow_factory)
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


async def lend(lending: LendingHelper, *, loans: int = 1) -> list[str]:
    """Loans of 200,000 at 16 % over 24 months from 21 November 2026, each of a customer who may owe more, with their
    first bills paid. It is 5 January 2027."""
    made = [await lending.disburse(STANDARD_LOAN, amount=200_000, rate="16", instalments=24) for _ in range(loans)]
    async with lending.uow_factory.open(SYSTEM) as uow:
        rich = {"annual_income_paise": 24_00_000_00, "approved_limit_paise": 20_00_000_00}
        await uow.session.execute(update(Customer).values(rich))
    await lending.run_billing(on=date(2026, 12, 21))
    for number, loan in enumerate(made):
        await lending.pay(loan, amount=9_792_62, reference=f"R{number}")
    await lending.set_date(JANUARY)
    return [f"LN-2026-{loan.number:04d}" for loan in made]


class Desk:
    """The calls of the two people who change loans."""

    def __init__(self, client: httpx.AsyncClient, officer: Headers, admin: Headers) -> None:
        self.client, self.officer, self.admin = client, officer, admin

    async def post(self, path: str, body: dict[str, Any], *, who: Headers | None = None) -> tuple[int, Any]:
        headers = {**(who or self.officer), "Idempotency-Key": f"key-{next(keys)}"}
        answer = await self.client.post(f"{API}{path}", headers=headers, json=body)
        return answer.status_code, answer.json()

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"{API}{path}", headers=self.officer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def simulate(self, loan: str, change: dict[str, Any]) -> Any:
        status, shown = await self.post(f"/loans/{loan}/changes/simulate", change)
        assert status == 200, shown
        return shown

    async def change(self, loan: str, change: dict[str, Any]) -> Any:
        """Makes a change, by one person or by two, and answers it as the list of changes shows it."""
        wanted = {name: value for name, value in change.items() if name != "kind"}
        match change["kind"]:
            case "rate_reset":
                status, made = await self.post(f"/loans/{loan}/rate-resets", wanted)
            case "due_day":
                status, made = await self.post(f"/loans/{loan}/due-day", wanted)
            case kind:
                if part := wanted.pop("moratorium", None):
                    wanted |= {f"moratorium_{name}": value for name, value in part.items()}
                body = {"kind": kind, "loan_id": loan, "reason": "agreed", **wanted}
                status, proposal = await self.post("/proposals", body)
                assert status == 201, proposal
                path = f"/proposals/{proposal['proposal_id']}/approve"
                status, made = await self.post(path, {}, who=self.admin)
        assert status in (200, 201), made
        return [line for line in await self.get(f"/loans/{loan}/changes") if line["undone_on"] is None][-1]

    async def undo(self, loan: str, change_id: int) -> None:
        status, undone = await self.post(f"/loans/{loan}/changes/{change_id}/undo", {"reason": "not agreed"})
        assert status == 200, undone

    async def state(self, loan: str) -> dict[str, Any]:
        """What every view of a loan says of it, without the numbers of its plans."""
        schedule = await self.get(f"/loans/{loan}/schedule")
        view = await self.get(f"/loans/{loan}")
        names = (
            "status",
            "annual_rate",
            "principal_outstanding",
            "interest_due",
            "advance",
            "overdue",
            "emi",
            "next_due",
        )
        return {
            "instalments": schedule["instalments"],
            "payoff": await self.get(f"/loans/{loan}/payoff?on=2027-01-31"),
            "view": {name: view[name] for name in names},
        }


@pytest.fixture
def desk(client: httpx.AsyncClient, officer: Headers, admin: Headers) -> Desk:
    return Desk(client, officer, admin)


def rupees(value: float) -> Decimal:
    return Decimal(str(value))


CHANGES: dict[str, dict[str, Any]] = {
    "reset, another EMI": {"kind": "rate_reset", "annual_rate": 12},
    "reset, another end": {"kind": "rate_reset", "annual_rate": 6, "adjusts": "tenor"},
    "reset, both": {"kind": "rate_reset", "annual_rate": 12, "adjusts": "both", "emi": 12000},
    "due day": {"kind": "due_day", "due_day": 5},
    "fewer instalments": {"kind": "restructure", "instalments": 12},
    "more instalments, lower rate": {"kind": "restructure", "instalments": 36, "annual_rate": 10},
    "moratorium of principal": {"kind": "restructure", "moratorium": {"instalments": 2}},
    "interest deferred": {"kind": "restructure", "moratorium": {"instalments": 2, "of": "both"}},
    "interest capitalised": {
        "kind": "restructure", "moratorium": {"instalments": 2, "of": "both", "interest": "capitalised"},
    },
    "top-up": {"kind": "top_up", "amount": 50000},
    "top-up over more instalments": {"kind": "top_up", "amount": 50000, "instalments": 36},
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
async def test_what_is_shown_ahead_is_what_happens(lending: LendingHelper, desk: Desk, name: str) -> None:
    change, (loan,) = CHANGES[name], await lend(lending)
    before = await desk.state(loan)
    shown = await desk.simulate(loan, change)
    assert await desk.state(loan) == before, "a simulation changes nothing"
    assert shown["before"]["emi"] == before["view"]["emi"]

    made = await desk.change(loan, change)
    after = await desk.state(loan)
    ahead = after["instalments"][1:]
    assert {
        "emi": after["view"]["emi"],
        "instalments": len(ahead),
        "ends_on": ahead[-1]["due_on"],
        "interest": float(sum(rupees(row["interest"]) for row in ahead)),
        "amount": float(sum(rupees(row["amount"]) for row in ahead)),
    } == shown["after"]
    assert (after["view"]["annual_rate"], after["view"]["principal_outstanding"]) == (
        shown["annual_rate"], shown["outstanding"],
    )  # fmt: skip
    assert made["made_on"] == made["booked_on"] == "2027-01-05"

    await desk.undo(loan, made["change_id"])
    assert await desk.state(loan) == before
    await desk.change(loan, change)
    assert (await desk.state(loan))["instalments"] == after["instalments"]
    for row in ahead[:3]:
        await lending.run_billing(on=date.fromisoformat(row["due_on"]))
        bill = (await desk.get(f"/loans/{loan}/bills"))[-1]
        assert (bill["billed_on"], bill["interest"], bill["principal_due"]) == (
            row["due_on"], row["interest"], row["principal"],
        )  # fmt: skip
        due = (await desk.get(f"/loans/{loan}"))["next_due"]
        if due["billed"]:
            await lending.pay(number_of(loan), amount=int(rupees(due["amount"]) * 100), reference=row["due_on"])


def number_of(loan: str) -> LoanReference:
    return LoanReference(number=int(loan.rpartition("-")[2]), year=None)


@pytest.mark.parametrize("amount", [3_000, 60_000])
@pytest.mark.parametrize("name", ["reset, another EMI", "due day", "fewer instalments", "interest deferred", "top-up"])
async def test_a_payment_of_before_a_change_that_is_entered_after_it(
    lending: LendingHelper, desk: Desk, name: str, amount: int
) -> None:
    """The money came on 2 January and the change on the 5th: whichever was entered first, the loan is the same."""
    in_time, late, alone = await lend(lending, loans=3)
    paid_on = date(2027, 1, 2)
    await lending.pay(number_of(in_time), amount=amount * 100, reference="P", value_date=paid_on)
    await desk.change(in_time, CHANGES[name])
    await desk.change(late, CHANGES[name])
    receipt = await lending.pay(number_of(late), amount=amount * 100, reference="P", value_date=paid_on)
    expected, found = await desk.state(in_time), await desk.state(late)
    same = ("principal_outstanding", "interest_due", "advance", "annual_rate")
    assert [found["view"][part] for part in same] == [expected["view"][part] for part in same]
    assert totals(found["instalments"]) == totals(expected["instalments"])
    # Returned, it is as if it had never come: the loan is that of the change alone.
    await desk.change(alone, CHANGES[name])
    await lending.reverse(receipt.payment_id)
    left, wanted = await desk.state(late), await desk.state(alone)
    assert totals(left["instalments"]) == totals(wanted["instalments"])
    assert left["view"]["principal_outstanding"] == wanted["view"]["principal_outstanding"]


def totals(rows: list[Any]) -> list[Any]:
    return [(row["due_on"], row["principal"], row["interest"]) for row in rows]


@pytest.mark.parametrize(
    "first, second",
    [
        ("reset, another EMI", "due day"),
        ("due day", "top-up"),
        ("top-up", "reset, another EMI"),
        ("more instalments, lower rate", "due day"),
        ("interest deferred", "reset, another EMI"),
    ],
)
async def test_two_changes_of_one_day(lending: LendingHelper, desk: Desk, first: str, second: str) -> None:
    """The second is shown on the loan after the first. Without the first, the loan is that of the second alone."""
    both, only = await lend(lending, loans=2)
    one = await desk.change(both, CHANGES[first])
    shown = await desk.simulate(both, CHANGES[second])
    await desk.change(both, CHANGES[second])
    after = await desk.state(both)
    ahead = after["instalments"][1:]
    assert (after["view"]["emi"], len(ahead), ahead[-1]["due_on"], after["view"]["principal_outstanding"]) == (
        shown["after"]["emi"], shown["after"]["instalments"], shown["after"]["ends_on"], shown["outstanding"],
    )  # fmt: skip
    await desk.undo(both, one["change_id"])
    await desk.change(only, CHANGES[second])
    found, expected = await desk.state(both), await desk.state(only)
    assert totals(found["instalments"]) == totals(expected["instalments"])
    assert (found["view"], found["payoff"]["total"]) == (expected["view"], expected["payoff"]["total"])


@pytest.mark.parametrize(
    "change, status, code",
    [
        ({"kind": "rate_reset", "annual_rate": -1}, 422, "invalid_request"),
        ({"kind": "rate_reset", "annual_rate": 17}, 422, "rate_is_fixed"),
        ({"kind": "rate_reset", "annual_rate": 12, "adjusts": "both"}, 422, "emi_of_both"),
        ({"kind": "rate_reset", "annual_rate": 15.9, "adjusts": "both", "emi": 100}, 422, "balance_would_grow"),
        ({"kind": "due_day", "due_day": 21}, 422, "due_day_unchanged"),
        ({"kind": "due_day", "due_day": 32}, 422, "invalid_request"),
        ({"kind": "restructure"}, 422, "restructure_of_nothing"),
        ({"kind": "restructure", "instalments": 2, "moratorium": {"instalments": 2}}, 422, "moratorium_too_long"),
        ({"kind": "restructure", "moratorium": {"instalments": 2, "of": "all"}}, 422, "invalid_request"),
        ({"kind": "top_up", "amount": 0}, 422, "invalid_request"),
        ({"kind": "top_up"}, 422, "amount_invalid"),
        ({"kind": "top_up", "amount": 5_000_000}, 422, "top_up_refused"),
        ({"kind": "holiday"}, 422, "invalid_request"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused_by_name_and_changes_nothing(
    lending: LendingHelper, desk: Desk, change: dict[str, Any], status: int, code: str
) -> None:
    (loan,) = await lend(lending)
    before = await desk.state(loan)
    found, refused = await desk.post(f"/loans/{loan}/changes/simulate", change)
    assert (found, refused["code"]) == (status, code), refused
    assert await desk.state(loan) == before
    assert await desk.get(f"/loans/{loan}/changes") == []
