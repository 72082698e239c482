"""Changes of a living loan over HTTP, with the clock moved: simulated first, made, undone, backdated and reconciled."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import update

from app.db.models import Customer
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.calendar import Frequency, HolidayRule
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.domain.products.products import Rhythm
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.payments import rate_notices
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.documents.reading import lines_of
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
API = "/api/v1"
FLOATING = replace(STANDARD_LOAN, code="FLOATING", repayment=replace(STANDARD_LOAN.repayment, benchmark="REPO"))
CHOSEN = replace(
    STANDARD_LOAN,
    code="CHOSEN",
    offer=replace(
        STANDARD_LOAN.offer,
        first_due_days=(15, 60),
        rhythms=(
            Rhythm(every=1, frequency=Frequency.WEEK),
            Rhythm(every=2, frequency=Frequency.WEEK),
            Rhythm(every=3, frequency=Frequency.MONTH),
        ),
    ),
    repayment=replace(STANDARD_LOAN.repayment, holiday_rule=HolidayRule.NEXT, holiday_calendar="MUMBAI", days_off=(6,)),
)


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> AsyncIterator[LendingHelper]:
    """A lending helper with three products. After the test every loan is reconciled."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in (STANDARD_LOAN, FLOATING, CHOSEN):
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")
    yield LendingHelper(uow_factory)
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


@pytest_asyncio.fixture
async def loan(lending: LendingHelper) -> str:
    """200,000 at 8.5 % over 24 months from 2026-11-21, with its first bill paid: 192,325.54 is left."""
    made = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.pay(made, amount=9_091_13, reference="R1")
    return f"LN-2026-{made.number:04d}"


async def post(
    client: httpx.AsyncClient, headers: Headers, path: str, body: dict[str, Any], key: str | None = None
) -> tuple[int, Any]:
    keyed = headers if key is None else {**headers, "Idempotency-Key": key}
    answer = await client.post(f"{API}{path}", headers=keyed, json=body)
    return answer.status_code, answer.json()


async def get(client: httpx.AsyncClient, headers: Headers, path: str) -> Any:
    answer = await client.get(f"{API}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_due_day_is_moved_as_simulated_and_not_undone_across_a_bill(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers
) -> None:
    status, shown = await post(client, officer, f"/loans/{loan}/changes/simulate", {"kind": "due_day", "due_day": 5})
    assert (status, shown["change_id"], shown["after"]["ends_on"]) == (200, None, "2028-12-05")
    assert (await get(client, officer, f"/loans/{loan}/schedule"))["instalments"][1]["due_on"] == "2027-01-21"
    status, made = await post(client, officer, f"/loans/{loan}/due-day", {"due_day": 5})
    assert status == 201
    assert (made["before"], made["after"]) == (shown["before"], shown["after"])
    schedule = await get(client, officer, f"/loans/{loan}/schedule")
    assert (schedule["reason"], schedule["instalments"][1]["due_on"]) == ("due_day_moved", "2027-02-05")
    # One month and 15 of 31 days: 1,362.31 x 46 / 31
    assert schedule["instalments"][1]["interest"] == 2021.49
    same = await post(client, officer, f"/loans/{loan}/due-day", {"due_day": 5})
    assert (same[0], same[1]["code"]) == (422, "due_day_unchanged")
    await lending.run_billing(on=date(2027, 2, 5))
    bills = await get(client, officer, f"/loans/{loan}/bills")
    assert [(bill["billed_on"], bill["interest"]) for bill in bills] == [
        ("2026-12-21", 1416.67),
        ("2027-02-05", 2021.49),
    ]
    path = f"/loans/{loan}/changes/{made['change_id']}/undo"
    status, refused = await post(client, officer, path, {"reason": "wrong loan"})
    assert (status, refused["code"]) == (409, "change_billed")


async def test_a_change_is_undone(client: httpx.AsyncClient, loan: str, officer: Headers) -> None:
    before = await get(client, officer, f"/loans/{loan}/schedule")
    _, made = await post(client, officer, f"/loans/{loan}/rate-resets", {"annual_rate": 7}, key="r")
    assert (made["annual_rate"], made["after"]["emi"], made["before"]["emi"]) == (7.0, 8959.8, 9091.13)
    status, undone = await post(
        client, officer, f"/loans/{loan}/changes/{made['change_id']}/undo", {"reason": "another loan"}
    )
    assert (status, undone["annual_rate"]) == (200, 8.5)
    after = await get(client, officer, f"/loans/{loan}/schedule")
    assert after["instalments"] == before["instalments"]
    (line,) = await get(client, officer, f"/loans/{loan}/changes")
    assert (line["kind"], line["annual_rate"], line["undone_reason"]) == ("rate_reset", 7.0, "another loan")
    twice = await post(client, officer, f"/loans/{loan}/changes/{made['change_id']}/undo", {"reason": "again"})
    assert (twice[0], twice[1]["code"]) == (409, "change_undone")
    unknown = await post(client, officer, f"/loans/{loan}/changes/99/undo", {"reason": "again"})
    assert (unknown[0], unknown[1]["code"]) == (404, "change_not_found")


async def test_the_same_reset_with_another_key_is_refused(
    client: httpx.AsyncClient, loan: str, officer: Headers
) -> None:
    """Today's, and that of an earlier day, which replays the loan. One that was undone can be made again."""
    path = f"/loans/{loan}/rate-resets"
    _, made = await post(client, officer, path, {"annual_rate": 7}, key="r")
    before = await get(client, officer, f"/loans/{loan}/schedule"), await get(client, officer, f"/loans/{loan}/changes")
    for key, body in (("again", {}), ("dated", {"made_on": made["made_on"]})):
        status, refused = await post(client, officer, path, {"annual_rate": 7, **body}, key=key)
        assert (status, refused["code"], refused["figures"]) == (422, "rate_unchanged", {"annual_rate_percent": 7})
    status, trial = await post(
        client, officer, f"/loans/{loan}/changes/simulate", {"kind": "rate_reset", "annual_rate": 7}
    )
    assert (status, trial["code"]) == (422, "rate_unchanged")
    after = await get(client, officer, f"/loans/{loan}/schedule"), await get(client, officer, f"/loans/{loan}/changes")
    assert (after, len(after[1])) == (before, 1)
    undo = await post(client, officer, f"/loans/{loan}/changes/{made['change_id']}/undo", {"reason": "wrong"})
    assert undo[0] == 200
    status, anew = await post(client, officer, path, {"annual_rate": 7}, key="anew")
    assert (status, anew["after"]["emi"]) == (201, 8959.8)


async def test_a_lower_rate_of_an_earlier_day_corrects_what_was_billed(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers
) -> None:
    raised = await post(client, officer, f"/loans/{loan}/rate-resets", {"annual_rate": 9}, key="up")
    assert (raised[0], raised[1]["code"], raised[1]["figures"]) == (422, "rate_is_fixed", {"annual_rate_percent": 8.5})
    await lending.run_billing(on=date(2027, 1, 21))
    status, made = await post(
        client, officer, f"/loans/{loan}/rate-resets", {"annual_rate": 7.5, "made_on": "2026-12-21"}, key="r"
    )
    assert (status, made["annual_rate"]) == (201, 7.5)
    # The bill of January asked for 1,362.31; at 7.5 % it is 1,202.03, and the difference pays the open bill.
    bill = (await get(client, officer, f"/loans/{loan}/bills"))[1]
    assert (bill["interest"], bill["unpaid_interest"]) == (1362.31, 1202.03)


async def test_a_payment_that_bounces_before_a_change_keeps_the_change(
    client: httpx.AsyncClient, loan: str, officer: Headers
) -> None:
    _, made = await post(client, officer, f"/loans/{loan}/rate-resets", {"annual_rate": 6}, key="r")
    assert made["after"]["emi"] == 8872.87
    payment = (await get(client, officer, f"/payments?loan_id={loan}"))["items"][0]["payment_id"]
    status, bounced = await post(client, officer, f"/payments/{payment}/reverse", {"reason": "bounced"})
    assert (status, bounced["outstanding"]) == (200, 200000.0)
    assert (await get(client, officer, f"/loans/{loan}"))["annual_rate"] == 6.0


async def papers(client: httpx.AsyncClient, headers: Headers, loan: str) -> dict[str, list[str]]:
    """The lines of each paper that names the terms of the loan."""
    names = ("account-statement", "interest-certificate")
    read = {name: await client.get(f"{API}/loans/{loan}/{name}", headers=headers) for name in names}
    query = {"loan_id": loan, "format": "pdf"}
    read["statement"] = await client.get(f"{API}/statements", params=query, headers=headers)
    return {name: lines_of(answer.content) for name, answer in read.items()}


async def test_every_paper_shows_the_rate_in_force(client: httpx.AsyncClient, loan: str, officer: Headers) -> None:
    assert (await post(client, officer, f"/loans/{loan}/rate-resets", {"annual_rate": 6}, key="r"))[0] == 201
    for name, lines in (await papers(client, officer, loan)).items():
        assert (name, lines[lines.index("Annual interest rate") + 1]) == (name, "6 %")


async def test_a_restructuring_takes_two_people_and_gives_the_class(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers, admin: Headers
) -> None:
    await lending.run_billing(on=date(2027, 1, 21))
    wanted: dict[str, Any] = {"capitalises_arrears": True, "instalments": 36}
    wanted["moratorium"] = {"instalments": 2, "of": "both", "interest": "capitalised"}
    status, shown = await post(client, officer, f"/loans/{loan}/changes/simulate", {"kind": "restructure", **wanted})
    assert (status, shown["outstanding"]) == (200, 193687.85)
    body = {
        "kind": "restructure", "loan_id": loan, "reason": "lost the job", "instalments": 36,
        "capitalises_arrears": True, "moratorium_instalments": 2, "moratorium_of": "both",
        "moratorium_interest": "capitalised",
    }  # fmt: skip
    status, proposal = await post(client, officer, "/proposals", body, key="p")
    assert (status, proposal["asked"]["instalments"], proposal["asked"]["for_difficulty"]) == (201, 36, True)
    status, decided = await post(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    assert (status, decided["result"]["instalments"]) == (200, 36)
    assert decided["result"]["emi"] == shown["after"]["emi"]
    loan_now = await get(client, officer, f"/loans/{loan}")
    assert (loan_now["overdue"], loan_now["principal_outstanding"]) == (0.0, 193687.85)
    await lending.run_billing(on=date(2027, 2, 21))
    bill = (await get(client, officer, f"/loans/{loan}/bills"))[-1]
    assert (bill["total_due"], bill["interest"], bill["principal_due"]) == (0.0, 1371.96, -1371.96)
    assert (await get(client, officer, f"/loans/{loan}"))["principal_outstanding"] == 195059.81
    nothing = {"kind": "restructure", "loan_id": loan, "reason": "nothing"}
    refused = await post(client, officer, "/proposals", nothing, key="n")
    assert (refused[0], refused[1]["code"]) == (422, "restructure_of_nothing")


async def test_a_top_up_takes_two_people(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers, admin: Headers
) -> None:
    async with lending.uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            update(Customer).values(annual_income_paise=6_00_000_00, approved_limit_paise=5_00_000_00)
        )
    body = {"kind": "top_up", "loan_id": loan, "amount": 50000, "reason": "roof repair"}
    status, proposal = await post(client, officer, "/proposals", body, key="p")
    assert (status, proposal["asked"]["amount"]) == (201, 50000.0)
    assert (await get(client, officer, f"/loans/{loan}"))["principal_outstanding"] == 192325.54
    status, decided = await post(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    assert (status, decided["result"]["emi"], decided["result"]["amount"]) == (200, 11454.61, 50000.0)
    lines = (await get(client, officer, f"/loans/{loan}/ledger"))["items"]
    assert (lines[-1]["kind"], lines[-1]["amount"], lines[-1]["proposal_id"]) == (
        "disbursal", 50000.0, proposal["proposal_id"],
    )  # fmt: skip
    schedule = await get(client, officer, f"/loans/{loan}/schedule")
    assert (schedule["reason"], schedule["principal_outside"]) == ("top_up", 0.0)
    # The share is of all that was lent: 7,674.46 of 2,50,000.
    shown = await papers(client, officer, loan)
    for name in ("account-statement", "statement"):
        assert shown[name][shown[name].index("Lent on top since") + 1] == "₹50,000.00"
    assert {"3.0 % repaid", "of ₹2,50,000.00"} <= set(shown["statement"])


async def test_a_borrower_is_told_of_a_new_rate_and_chooses(
    client: httpx.AsyncClient, lending: LendingHelper, uow_factory: UnitOfWorkFactory, officer: Headers, admin: Headers
) -> None:
    for day, rate in (("2026-01-01", "5.25"), ("2027-01-05", "7.25")):
        made = await post(client, admin, "/benchmarks", {"code": "REPO", "from": day, "rate": rate})
        assert made[0] == 201
    known = await post(client, admin, "/benchmarks", {"code": "REPO", "from": "2026-01-01", "rate": 5})
    assert (known[0], known[1]["code"]) == (409, "benchmark_known")
    number = (await lending.disburse(FLOATING, amount=200_000, rate="8.5", instalments=24)).number
    loan = f"LN-2026-{number:04d}"
    named = await post(client, officer, f"/loans/{loan}/rate-resets", {"annual_rate": 8}, key="n")
    assert (named[0], named[1]["code"]) == (422, "rate_follows_benchmark")
    today = await post(client, officer, f"/loans/{loan}/rate-notices", {"effective_on": "2026-11-21"})
    assert (today[0], today[1]["code"]) == (422, "notice_too_late")
    status, notice = await post(client, officer, f"/loans/{loan}/rate-notices", {"effective_on": "2027-01-05"})
    # The spread of the first day is 3.25 %.
    assert (status, notice["annual_rate"], [part["adjusts"] for part in notice["choices"]]) == (
        201, 10.5, ["emi", "tenor"],
    )  # fmt: skip
    assert notice["choices"][1]["after"]["instalments"] == 25
    twice = await post(client, officer, f"/loans/{loan}/rate-notices", {"effective_on": "2027-01-05"})
    assert (twice[0], twice[1]["code"]) == (409, "notice_known")
    path = f"/loans/{loan}/rate-notices/2027-01-05/choice"
    incomplete = await post(client, officer, path, {"adjusts": "both"})
    assert (incomplete[0], incomplete[1]["code"]) == (422, "emi_of_both")
    status, chosen = await post(client, officer, path, {"adjusts": "tenor"})
    assert (status, chosen["adjusts"], chosen["chosen_on"]) == (200, "tenor", "2026-11-21")
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.run_billing(on=date(2027, 1, 7))
    for expected in (1, 0):
        async with uow_factory.open(SYSTEM) as uow:
            assert await rate_notices.make_due_resets(uow) == expected
    late = await post(client, officer, path, {"adjusts": "emi"})
    assert (late[0], late[1]["code"]) == (409, "notice_over")
    (line,) = await get(client, officer, f"/loans/{loan}/changes")
    assert (line["made_on"], line["booked_on"], line["adjusts"]) == ("2027-01-05", "2027-01-07", "tenor")
    view = await get(client, officer, f"/loans/{loan}")
    assert (view["annual_rate"], view["emi"]) == (10.5, 9091.13)
    (told,) = await get(client, officer, f"/loans/{loan}/rate-notices")
    assert (told["change_id"], told["failure"]) == (line["change_id"], None)


async def apply(client: httpx.AsyncClient, officer: Headers, user: str, **chosen: Any) -> tuple[int, Any]:
    body = {"user_id": user, "product": "CHOSEN", "amount": 60000, "tenure_months": 4, "annual_rate": 16, **chosen}
    return await post(client, officer, "/loans/apply", body, key="-".join(f"{k}{v}" for k, v in chosen.items()))


async def test_an_applicant_chooses_a_first_due_date_and_a_rhythm(
    client: httpx.AsyncClient, lending: LendingHelper, officer: Headers, admin: Headers
) -> None:
    holidays = {"holidays": [{"on": "2026-12-25", "name": "Christmas"}, {"on": "2027-01-26", "name": "Republic Day"}]}
    assert await post(client, admin, "/calendars/MUMBAI/holidays", holidays) == (
        201,
        {"calendar": "MUMBAI", "added": 2},
    )
    assert len(await get(client, officer, "/calendars/MUMBAI/holidays")) == 2
    person = {"first_name": "Asha", "last_name": "Rao", "age": 30, "monthly_income": 90_000, "phone_number": 9000000001}
    registered = await client.post("/register", headers=officer, json=person)
    user = f"BC-USER-{registered.json()['customer_id']:03d}"
    for first, code in (("2026-12-05", "first_due_outside_bounds"), ("2027-01-21", "first_due_outside_bounds")):
        status, refused = await apply(client, officer, user, first_due_on=first)
        assert (status, refused["code"], refused["figures"]) == (
            422, code, {"earliest": "2026-12-06", "latest": "2027-01-20"},
        )  # fmt: skip
    status, refused = await apply(client, officer, user, frequency="day", every=10)
    assert (status, refused["code"]) == (422, "rhythm_not_offered")
    assert (await get(client, officer, "/loans"))["items"] == []

    # The 25th is a holiday, and the 26th of January is one too.
    status, made = await apply(client, officer, user, first_due_on="2026-12-25")
    assert status == 201, made
    assert [row["date"] for row in made["due_dates"]] == ["2026-12-26", "2027-01-25", "2027-02-25", "2027-03-25"]
    # One month, and four of the 31 days before it: 800.00 x 35 / 31
    assert made["due_dates"][0]["interest"] == 903.23
    status, weekly = await apply(client, officer, user, frequency="week", every=2)
    assert [row["date"] for row in weekly["due_dates"]] == ["2026-12-05", "2026-12-19", "2027-01-02", "2027-01-16"]
    status, quarterly = await apply(client, officer, user, frequency="month", every=3)
    # The 21st of February and of November are Sundays.
    assert [row["date"] for row in quarterly["due_dates"]] == ["2027-02-22", "2027-05-21", "2027-08-21", "2027-11-22"]
    assert quarterly["due_dates"][0]["interest"] == 2400.0
    await lending.run_billing(on=date(2027, 2, 22))
    bills = await get(client, officer, f"/loans/{quarterly['loan_id']}/bills")
    assert [(bill["billed_on"], bill["interest"]) for bill in bills] == [("2027-02-22", 2400.0)]
    assert Decimal(str(bills[0]["principal_due"])) > 0


async def test_deferred_interest_waits_and_is_not_capitalised(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers, admin: Headers
) -> None:
    """1,362.31 of each of two months falls due with the first instalment after them; reversed and backdated payments
    live it again."""
    wanted = {"kind": "restructure", "moratorium": {"instalments": 2, "of": "both"}}
    status, shown = await post(client, officer, f"/loans/{loan}/changes/simulate", wanted)
    assert (status, shown["after"]["emi"], shown["outstanding"]) == (200, 9091.14, 192325.54)
    body = {
        "kind": "restructure", "loan_id": loan, "reason": "flood", "moratorium_instalments": 2, "moratorium_of": "both",
    }  # fmt: skip
    _, proposal = await post(client, officer, "/proposals", body, key="p")
    assert proposal["asked"]["moratorium_interest"] == "simple"
    assert (await post(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {}))[0] == 200
    (line,) = await get(client, officer, f"/loans/{loan}/changes")
    assert (line["moratorium_instalments"], line["moratorium_of"], line["moratorium_interest"]) == (2, "both", "simple")
    await lending.run_billing(on=date(2027, 2, 22))
    bills = (await get(client, officer, f"/loans/{loan}/bills"))[1:]
    assert [(bill["billed_on"], bill["due_on"], bill["interest"], bill["principal_due"]) for bill in bills] == [
        ("2027-01-21", "2027-03-21", 1362.31, 0.0),
        ("2027-02-21", "2027-03-21", 1362.31, 0.0),
    ]
    view = await get(client, officer, f"/loans/{loan}")
    assert (view["principal_outstanding"], view["interest_due"], view["overdue"]) == (192325.54, 2724.62, 0.0)
    overdue = await get(client, officer, f"/loans/{loan}/delinquency")
    assert overdue["days_past_due"] == 0
    payoff = await get(client, officer, f"/loans/{loan}/payoff?on=2027-03-20")
    assert payoff["interest_billed"] == 2724.62
    # A payment of January that is entered late pays the bill of its day, and the next one.
    made = await lending.pay(
        LoanReference(number=1, year=None), amount=2_000_00, reference="B", value_date=date(2027, 1, 25)
    )
    assert (await get(client, officer, f"/loans/{loan}"))["interest_due"] == 724.62
    await lending.reverse(made.payment_id)
    assert (await get(client, officer, f"/loans/{loan}"))["interest_due"] == 2724.62
    await lending.run_billing(on=date(2027, 3, 21))
    due = (await get(client, officer, f"/loans/{loan}"))["next_due"]
    assert (due["due_date"], (await get(client, officer, f"/loans/{loan}/bills"))[-1]["total_due"]) == (
        "2027-03-21", 9091.14,
    )  # fmt: skip
    path = f"/loans/{loan}/changes/{line['change_id']}/undo"
    refused = await post(client, officer, path, {"reason": "not agreed"})
    assert (refused[0], refused[1]["code"]) == (409, "change_billed")


async def _propose(
    client: httpx.AsyncClient, officer: Headers, admin: Headers, loan: str, **wanted: Any
) -> dict[str, Any]:
    """A change that one proposes and another approves."""
    body = {"loan_id": loan, "reason": "agreed", **wanted}
    status, proposal = await post(client, officer, "/proposals", body, key=f"p-{wanted['kind']}")
    assert status == 201, proposal
    status, decided = await post(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    assert status == 200, decided
    return dict(decided["result"])


async def test_a_loan_whose_plan_has_ended_is_restructured_and_billed_to_its_end(
    client: httpx.AsyncClient, lending: LendingHelper, officer: Headers, admin: Headers
) -> None:
    """100,000 in two instalments, of which nothing is paid. Three months later the arrears are planned in three."""
    made = await lending.disburse(STANDARD_LOAN, amount=100_000, rate="12", instalments=2)
    loan = f"LN-2026-{made.number:04d}"
    await lending.run_billing(on=date(2027, 4, 25))
    await _propose(client, officer, admin, loan, kind="restructure", instalments=3, capitalises_arrears=True)
    schedule = await get(client, officer, f"/loans/{loan}/schedule")
    # 101,502.49 x 1 % for 26 of the 30 days from the date in April, which is the fifth of the due rule.
    assert [(row["number"], row["due_on"], row["interest"]) for row in schedule["instalments"]][2:] == [
        (6, "2027-05-21", 879.69), (7, "2027-06-21", 679.15), (8, "2027-07-21", 341.26),
    ]  # fmt: skip
    for month in (5, 6, 7):
        await lending.run_billing(on=date(2027, month, 21))
        due = (await get(client, officer, f"/loans/{loan}"))["next_due"]
        await lending.pay(made, amount=int(Decimal(str(due["amount"])) * 100), reference=f"R{month}")
    assert (await get(client, officer, f"/loans/{loan}"))["status"] == "closed"
    bills = await get(client, officer, f"/loans/{loan}/bills")
    assert [bill["cycle"] for bill in bills] == [1, 2, 6, 7, 8]
    cycles = (await get(client, officer, f"/loans/{loan}/explain"))["cycles"]
    assert [(cycle["cycle"], cycle["interest"]) for cycle in cycles] == [
        (bill["cycle"], bill["interest"]) for bill in bills
    ]


async def test_a_reset_that_was_told_and_made_by_hand_is_made_once(
    client: httpx.AsyncClient, lending: LendingHelper, uow_factory: UnitOfWorkFactory, officer: Headers, admin: Headers
) -> None:
    """The job of the day finds it made, and does not make another choice instead."""
    for day, rate in (("2026-01-01", "5.25"), ("2027-01-05", "7.25")):
        await post(client, admin, "/benchmarks", {"code": "REPO", "from": day, "rate": rate})
    number = (await lending.disburse(FLOATING, amount=200_000, rate="8.5", instalments=24)).number
    loan = f"LN-2026-{number:04d}"
    await post(client, officer, f"/loans/{loan}/rate-notices", {"effective_on": "2027-01-05"})
    await post(client, officer, f"/loans/{loan}/rate-notices/2027-01-05/choice", {"adjusts": "tenor"})
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.run_billing(on=date(2027, 1, 5))
    made = await post(client, officer, f"/loans/{loan}/rate-resets", {"adjusts": "tenor"}, key="hand")
    assert (made[0], made[1]["annual_rate"], made[1]["after"]["emi"]) == (201, 10.5, 9091.13)
    before = await get(client, officer, f"/loans/{loan}/schedule")
    async with uow_factory.open(SYSTEM) as uow:
        assert await rate_notices.make_due_resets(uow) == 0
    (notice,) = await get(client, officer, f"/loans/{loan}/rate-notices")
    assert (notice["change_id"], notice["failure"]) == (None, "rate_unchanged")
    assert await get(client, officer, f"/loans/{loan}/schedule") == before
    assert len(await get(client, officer, f"/loans/{loan}/changes")) == 1
