"""Top-ups over HTTP: decided as an application is, offered with key facts of their own, accepted, and lent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, update

from app.db.models import Application, Customer, KeyFacts, LoanChange, Proposal, Transfer
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.operations.proposals import WriteOff
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import STANDARD_LOAN
from app.services.credit.applications import expire_pending
from app.services.lender import profiles
from app.services.operations.proposals import ProposalRequest, approve, propose
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.api.lender.test_profiles import PROFILE
from tests.documents.reading import text_of
from tests.services.credit.desk import ADMIN, OFFICER
from tests.services.lending_desk import LendingHelper

Headers = dict[str, str]
API = "/api/v1"
LOAN = "LN-2026-0001"
#: Without slabs: in another year the loan is no loan of this year, and the score asks for a higher rate.
ASKING = replace(STANDARD_LOAN, version=2, offer=replace(STANDARD_LOAN.offer, needs_acceptance=True, rate_slabs=()))
keys = count(1)


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> AsyncIterator[LendingHelper]:
    """Customer 9 earns 30,000 a month and may owe 3 lakh. A loan of 200,000 at 8.5 % over 24 months is one bill old:
    192,325.54 is left, and it is 21 December 2026. After the test every loan is reconciled."""
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, STANDARD_LOAN, offered_from=date(2000, 1, 1), now=START, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")
        await uow.session.execute(
            insert(Customer).values(
                customer_id=9, state="customer", name="Rahul Sharma", annual_income_paise=3_60_000_00,
                approved_limit_paise=3_00_000_00, created_at=START, actor="system",
            )
        )  # fmt: skip
        await profiles.add_version(uow, document=PROFILE, effective_from=date(2026, 11, 21), logo=None)
    helper = LendingHelper(uow_factory)
    made = await helper.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, customer_id=9)
    await helper.run_billing(on=date(2026, 12, 21))
    await helper.pay(made, amount=9_091_13, reference="R1")
    yield helper
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


@pytest_asyncio.fixture
async def asking(lending: LendingHelper) -> UnitOfWorkFactory:
    """From now on the product asks that key facts are accepted."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, ASKING, offered_from=date(2026, 12, 1), now=START, actor="system")
    return lending.uow_factory


async def send(client: httpx.AsyncClient, headers: Headers, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    sent = await client.post(f"{API}{path}", json=body, headers={**headers, "Idempotency-Key": f"key-{next(keys)}"})
    return sent.status_code, sent.json()


async def ask(client: httpx.AsyncClient, officer: Headers, **asked: Any) -> tuple[int, Any]:
    body = {"kind": "top_up", "loan_id": LOAN, "amount": 50000, "reason": "roof repair", **asked}
    return await send(client, officer, "/proposals", body)


async def get(client: httpx.AsyncClient, headers: Headers, path: str) -> Any:
    answer = await client.get(f"{API}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows(uow_factory: UnitOfWorkFactory) -> list[int]:
    async with uow_factory.open(SYSTEM) as uow:
        return [
            (await uow.session.execute(select(func.count()).select_from(model))).scalar_one()
            for model in (Application, KeyFacts, Proposal, LoanChange, Transfer)
        ]


async def change_customer(uow_factory: UnitOfWorkFactory, **values: Any) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(update(Customer).where(Customer.customer_id == 9).values(**values))


@pytest.mark.parametrize(
    "customer, amount, code, reasons",
    [
        ({"approved_limit_paise": 2_42_325_53}, 50000, "top_up_refused", ["limit_exceeded"]),
        # The standard loan counts the instalments that are there: 9,091.13 is above half of 18,000.00.
        ({"annual_income_paise": 2_16_000_00}, 50000, "top_up_refused", ["emi_cap_exceeded"]),
        (
            {"annual_income_paise": 2_16_000_00, "approved_limit_paise": 2_00_000_00}, 50000,
            "top_up_refused", ["emi_cap_exceeded", "limit_exceeded"],
        ),
        ({"annual_income_paise": None}, 50000, "application_referred", ["income_unknown"]),
    ],
)  # fmt: skip
async def test_a_top_up_that_the_decision_refuses_is_refused_with_its_reasons(
    client: httpx.AsyncClient,
    lending: LendingHelper,
    officer: Headers,
    customer: dict[str, Any],
    amount: int,
    code: str,
    reasons: list[str],
) -> None:
    await change_customer(lending.uow_factory, **customer)
    before = await rows(lending.uow_factory)
    for status, refused in (
        await ask(client, officer, amount=amount),
        await send(client, officer, f"/loans/{LOAN}/changes/simulate", {"kind": "top_up", "amount": amount}),
    ):
        assert (status in (409, 422), refused["code"]) == (True, code)
        assert [reason["code"] for reason in refused["figures"]["reasons"]] == reasons
    assert await rows(lending.uow_factory) == before
    assert (await get(client, officer, f"/loans/{LOAN}"))["principal_outstanding"] == 192325.54


async def test_a_customer_of_whom_a_loan_was_written_off_gets_nothing_more(
    client: httpx.AsyncClient, lending: LendingHelper, officer: Headers
) -> None:
    other = await lending.disburse(STANDARD_LOAN, amount=1_000, rate="16", instalments=6, customer_id=9)
    async with lending.uow_factory.open(OFFICER) as uow:
        proposal = await propose(uow, ProposalRequest(proposed=WriteOff(), reason="lost", loan=other))
    async with lending.uow_factory.open(ADMIN) as uow:
        await approve(uow, proposal.stored.proposal.id)
    status, refused = await ask(client, officer)
    assert (status, [reason["code"] for reason in refused["figures"]["reasons"]]) == (422, ["written_off_before"])


async def test_it_is_decided_again_when_it_is_approved_and_two_people_raise_the_limit(
    client: httpx.AsyncClient, lending: LendingHelper, officer: Headers, admin: Headers
) -> None:
    status, proposal = await ask(client, officer)
    assert status == 201
    await change_customer(lending.uow_factory, approved_limit_paise=2_00_000_00)
    before = await rows(lending.uow_factory)
    path = f"/proposals/{proposal['proposal_id']}/approve"
    status, refused = await send(client, admin, path, {})
    assert (status, refused["code"]) == (422, "top_up_refused")
    assert await rows(lending.uow_factory) == before

    override = {"kind": "limit_override", "user_id": "BC-USER-009", "approved_limit": 250000, "reason": "salary slips"}
    _, raised = await send(client, officer, "/proposals", override)
    assert (await send(client, admin, f"/proposals/{raised['proposal_id']}/approve", {}))[0] == 200
    status, decided = await send(client, admin, path, {})
    assert (status, decided["result"]["emi"], decided["result"]["application_id"]) == (200, 11454.61, "AP-000001")
    assert (await get(client, officer, f"/loans/{LOAN}"))["principal_outstanding"] == 242325.54


async def test_a_top_up_that_needs_no_acceptance_has_an_application_and_key_facts(
    client: httpx.AsyncClient, lending: LendingHelper, officer: Headers, admin: Headers
) -> None:
    status, shown = await send(client, officer, f"/loans/{LOAN}/changes/simulate", {"kind": "top_up", "amount": 50000})
    assert (status, shown["after"]["emi"]) == (200, 11454.61)
    _, proposal = await ask(client, officer)
    status, decided = await send(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    assert (status, decided["result"]["emi"]) == (200, shown["after"]["emi"])

    application = await get(client, officer, "/applications/AP-000001")
    names = ("status", "loan_id", "amount", "tenure_months", "annual_rate", "emi")
    assert {name: application[name] for name in names} == {
        "status": "approved", "loan_id": LOAN, "amount": 50000.0, "tenure_months": 23, "annual_rate": 8.5,
        "emi": 11454.61,
    }  # fmt: skip
    due = [(row["number"], row["date"]) for row in application["due_dates"]]
    assert (due[0], due[-1], len(due)) == ((2, "2027-01-21"), (24, "2028-11-21"), 23)
    facts = await get(client, officer, "/applications/AP-000001/key-facts")
    assert {name: facts[name] for name in facts if name not in ("fees", "contingent_charges")} == {
        "proposal": "AP-000001", "loan_id": LOAN, "product": "Standard loan", "issued_on": "2026-12-21",
        "valid_until": None, "accepted_on": None, "accepted_by": None, "sanctioned": 242325.54,
        "net_disbursed": 50000.0, "lent_before": 192325.54, "changed_since": [], "co_lending": None,
        "annual_rate": 8.5,
        "rate_type": "fixed",
        "instalments": 23, "instalment": 11454.61, "first_due_on": "2027-01-21", "last_due_on": "2028-11-21",
        "total_interest": 21130.51, "total_fees": 0.0, "total_to_pay": 263456.05, "apr": 8.5, "apr_effective": 8.84,
        "cooling_off": {"until": "2026-12-22", "payoff": 50000.0},
    }  # fmt: skip
    # The statement of the loan itself is that of its disbursal.
    of_loan = await get(client, officer, f"/loans/{LOAN}/key-facts")
    assert (of_loan["sanctioned"], of_loan["instalments"], of_loan["lent_before"]) == (200000.0, 24, 0.0)
    (since,) = of_loan["changed_since"]
    assert since == {
        "change_id": since["change_id"], "kind": "top_up", "made_on": "2026-12-21", "annual_rate": None,
        "amount": 50000.0, "application_id": "AP-000001",
    }  # fmt: skip


async def test_a_top_up_waits_until_its_key_facts_are_accepted(
    client: httpx.AsyncClient, headers_of: HeadersOf, officer: Headers, admin: Headers, asking: UnitOfWorkFactory
) -> None:
    borrower = await headers_of(Role.CUSTOMER, customer_id=9)
    _, proposal = await ask(client, officer, instalments=24)
    before = await rows(asking)
    status, decided = await send(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    assert (status, decided["status"], decided["result"]["application_id"]) == (200, "approved", "AP-000001")
    # Nothing is lent: an application and its statement are there.
    assert await rows(asking) == [before[0] + 1, before[1] + 1, *before[2:]]
    assert (await get(client, officer, f"/loans/{LOAN}"))["principal_outstanding"] == 192325.54
    application = await get(client, borrower, "/applications/AP-000001")
    # Monday; three working days are Tuesday to Thursday.
    assert (application["status"], application["loan_id"], application["expires_on"]) == ("offered", None, "2026-12-25")
    facts = await get(client, borrower, "/applications/AP-000001/key-facts")
    assert (facts["valid_until"], facts["loan_id"], facts["instalments"], facts["lent_before"]) == (
        "2026-12-24", LOAN, 24, 192325.54,
    )  # fmt: skip
    status, waiting = await ask(client, officer, amount=1000)
    status, waiting = await send(client, admin, f"/proposals/{waiting['proposal_id']}/approve", {})
    assert (status, waiting["code"]) == (409, "application_waiting")

    await LendingHelper(asking).set_date(date(2026, 12, 23))
    status, accepted = await send(client, borrower, "/applications/AP-000001/key-facts/acceptance", {"language": "hi"})
    assert (status, accepted["status"], accepted["loan_id"]) == (201, "approved", LOAN)
    loan = await get(client, officer, f"/loans/{LOAN}")
    assert (loan["principal_outstanding"], loan["emi"]) == (242325.54, accepted["emi"])
    (change,) = await get(client, officer, f"/loans/{LOAN}/changes")
    assert (change["kind"], change["made_on"], change["instalments"], change["proposal_id"]) == (
        "top_up", "2026-12-23", 24, proposal["proposal_id"],
    )  # fmt: skip
    made = await rows(asking)
    status, again = await send(client, borrower, "/applications/AP-000001/key-facts/acceptance", {})
    assert (status, again["loan_id"]) == (201, LOAN)
    assert await rows(asking) == made
    # The statement does not change: it is what was accepted.
    later = await get(client, borrower, "/applications/AP-000001/key-facts")
    assert (later["accepted_on"], later["instalment"], later["first_due_on"]) == (
        "2026-12-23", facts["instalment"], facts["first_due_on"],
    )  # fmt: skip


async def test_an_offer_that_is_not_accepted_in_time_lends_nothing(
    client: httpx.AsyncClient, officer: Headers, admin: Headers, asking: UnitOfWorkFactory
) -> None:
    _, proposal = await ask(client, officer)
    await send(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    await LendingHelper(asking).set_date(date(2026, 12, 25))
    before = await rows(asking)
    status, lapsed = await send(client, officer, "/applications/AP-000001/key-facts/acceptance", {})
    assert (status, lapsed["code"]) == (409, "key_facts_lapsed")
    assert await rows(asking) == before
    async with asking.open(SYSTEM) as uow:
        assert await expire_pending(uow) == 1
    _, proposal = await ask(client, officer)
    status, decided = await send(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    assert (status, decided["result"]["application_id"]) == (200, "AP-000002")


async def test_instalments_that_were_billed_since_the_offer_are_counted_off(
    client: httpx.AsyncClient, officer: Headers, admin: Headers, asking: UnitOfWorkFactory
) -> None:
    helper = LendingHelper(asking)
    await helper.set_date(date(2027, 1, 19))
    _, proposal = await ask(client, officer, instalments=24)
    await send(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    facts = await get(client, officer, "/applications/AP-000001/key-facts")
    await helper.run_billing(on=date(2027, 1, 21))
    status, accepted = await send(client, officer, "/applications/AP-000001/key-facts/acceptance", {})
    assert (status, facts["last_due_on"], accepted["due_dates"][-1]["date"]) == (201, "2028-12-21", "2028-12-21")


async def test_after_a_reset_the_key_facts_are_those_that_were_accepted_and_name_the_reset(
    client: httpx.AsyncClient, lending: LendingHelper, officer: Headers
) -> None:
    """The rate of the sanction stays, with its APR and its instalment; the rate in force is named beside it."""
    before = await get(client, officer, f"/loans/{LOAN}/key-facts")
    status, reset = await send(client, officer, f"/loans/{LOAN}/rate-resets", {"annual_rate": 7})
    assert status == 201
    status, wrong = await send(client, officer, f"/loans/{LOAN}/rate-resets", {"annual_rate": 6})
    await send(client, officer, f"/loans/{LOAN}/changes/{wrong['change_id']}/undo", {"reason": "wrong loan"})
    after = await get(client, officer, f"/loans/{LOAN}/key-facts")
    # The reset that was undone is not named.
    assert after == before | {
        "changed_since": [
            {
                "change_id": reset["change_id"], "kind": "rate_reset", "made_on": "2026-12-21", "annual_rate": 7,
                "amount": None, "application_id": None,
            }
        ]
    }  # fmt: skip
    assert (after["annual_rate"], after["apr"], after["instalment"]) == (8.5, 8.5, 9091.13)
    paper = await client.get(f"{API}/loans/{LOAN}/key-facts?format=pdf", headers=officer)
    text = text_of(paper.content)
    for words in ("8.5 % a year, fixed", "Changed since", "From 21 Dec 2026 the rate is 7 % a year"):
        assert words in text, text


async def test_the_statement_as_a_paper_says_what_was_lent_before(
    client: httpx.AsyncClient, officer: Headers, admin: Headers, asking: UnitOfWorkFactory
) -> None:
    _, proposal = await ask(client, officer)
    await send(client, admin, f"/proposals/{proposal['proposal_id']}/approve", {})
    for language, words in (
        ("en", ["1,92,325.54 of the amount was lent before", "50,000.00 on 21 Dec 2026", "can be given back until"]),
        ("hi", ["1,92,325.54"]),
    ):
        answer = await client.get(
            f"{API}/applications/AP-000001/key-facts?format=pdf&language={language}", headers=officer
        )
        assert answer.status_code == 200
        text = text_of(answer.content)
        for word in words:
            assert word in text, text
