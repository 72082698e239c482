"""Proposals over HTTP: one person proposes, another decides, and it is carried out once, on the figures of that day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from app.db.models import AuditEvent, Customer, Proposal
from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import CREDIT_CARD_LOAN, SEEDED_PRODUCTS
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.services.lending_desk import LendingHelper

PROPOSALS = "/api/v1/proposals"
Headers = dict[str, str]


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> AsyncIterator[LendingHelper]:
    """A lending helper for the application. After the test every loan is reconciled."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    yield LendingHelper(uow_factory)
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


@pytest_asyncio.fixture
async def loan(lending: LendingHelper) -> str:
    """50,000 at 10.5 % over 12 x 30 days, with its first bill: 435.00 of interest and 3,971.04 of principal."""
    made = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    return f"LN-2026-{made.number:04d}"


async def propose(client: httpx.AsyncClient, headers: Headers, key: str = "p", **body: Any) -> httpx.Response:
    body = {"reason": "settled with the borrower", **body}
    return await client.post(PROPOSALS, headers={**headers, "Idempotency-Key": key}, json=body)


async def decide(client: httpx.AsyncClient, headers: Headers, proposal_id: str, word: str) -> httpx.Response:
    return await client.post(f"{PROPOSALS}/{proposal_id}/{word}", headers=headers, json={"note": "seen"})


async def pay(
    client: httpx.AsyncClient, headers: Headers, loan_id: str, *, amount: int, reference: str
) -> dict[str, Any]:
    body = {"loan_id": loan_id, "amount": amount, "reference_id": reference}
    answer = await client.post("/api/v1/loans/payments", headers=headers, json=body)
    assert answer.status_code == 201
    receipt: dict[str, Any] = answer.json()
    return receipt


async def loan_of(client: httpx.AsyncClient, headers: Headers, loan_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(f"/api/v1/loans/{loan_id}", headers=headers)).json()
    return answer


async def test_a_waiver_takes_two_people(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, loan: str, officer: Headers, admin: Headers
) -> None:
    made = await propose(client, officer, kind="waiver", loan_id=loan, interest=400)
    assert made.status_code == 201
    proposal = made.json()
    assert (proposal["status"], proposal["asked"]["interest"], proposal["result"]) == ("proposed", 400.0, None)
    assert (proposal["loan_id"], proposal["expires_on"], proposal["checker"]) == (loan, "2027-01-04", None)
    assert (await loan_of(client, officer, loan))["interest_due"] == 435.0

    approved = await decide(client, admin, proposal["proposal_id"], "approve")
    assert approved.status_code == 200
    assert (approved.json()["status"], approved.json()["note"]) == ("approved", "seen")
    assert approved.json()["result"] == {
        "principal": 0.0, "interest": 400.0, "charges": 0.0, "approved_limit": None, "previous_limit": None,
        "limit": None, "charged_off": None, "amount": None, "instalments": None, "emi": None, "annual_rate": None,
        "moratorium_instalments": None, "moratorium_of": None, "moratorium_interest": None, "application_id": None,
        "charge_id": None, "tax": None,
        "capitalises_arrears": None, "for_difficulty": None,
    }  # fmt: skip
    after = await loan_of(client, officer, loan)
    assert (after["interest_due"], after["next_due"]["amount"]) == (35.0, 4006.04)
    statement = (await client.get("/api/v1/statements", params={"loan_id": loan}, headers=officer)).json()
    assert statement["loan_summary"]["interest_waived"] == 400.0
    assert statement["loan_summary"]["interest_paid"] == 0.0
    async with uow_factory.open(SYSTEM) as uow:
        of_proposals = select(AuditEvent.action, AuditEvent.actor).where(AuditEvent.object_kind == "proposal")
        events = await uow.session.execute(of_proposals.order_by(AuditEvent.id))
        assert [(row.action, row.actor.partition(":")[0]) for row in events] == [
            ("proposed", "officer"), ("approved", "admin"),
        ]  # fmt: skip


async def test_a_write_off_ends_the_loan(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers, admin: Headers
) -> None:
    paid = await pay(client, officer, loan, amount=1000, reference="R-1")
    proposal = (await propose(client, officer, kind="write_off", loan_id=loan)).json()
    approved = (await decide(client, admin, proposal["proposal_id"], "approve")).json()
    # 435.00 of the 1,000.00 was interest, 565.00 principal.
    assert (approved["result"]["principal"], approved["result"]["interest"]) == (49_435.0, 0.0)
    after = await loan_of(client, officer, loan)
    assert (after["status"], after["principal_outstanding"], after["next_due"]) == ("written_off", 0.0, None)
    refused = await client.post(
        "/api/v1/loans/payments", headers=officer, json={"loan_id": loan, "amount": 1, "reference_id": "R-2"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "loan_written_off")
    statement = (await client.get("/api/v1/statements", params={"loan_id": loan}, headers=officer)).json()
    assert statement["loan_summary"]["principal_written_off"] == 49_435.0
    assert [line["status"] for line in statement["payment_history"]] == ["WRITTEN_OFF"]
    ledger = (await client.get(f"/api/v1/loans/{loan}/ledger", headers=officer)).json()["items"]
    # A waiver has a number in the sequence of payments, but it is not a payment.
    assert [(line["kind"], line["payment_id"], line["proposal_id"]) for line in ledger] == [
        ("disbursal", None, None), ("interest", None, None), ("payment", "PM-000001", None),
        ("payment", "PM-000001", None), ("write_off", None, "PR-000001"), ("write_off", None, "PR-000001"),
    ]  # fmt: skip
    await lending.run_billing(on=date(2027, 2, 1))
    bounced = await client.post(
        f"/api/v1/payments/{paid['payment_id']}/reverse", headers=officer, json={"reason": "returned unpaid"}
    )
    assert (bounced.status_code, bounced.json()["loan_status"]) == (200, "written_off")
    statement = (await client.get("/api/v1/statements", params={"loan_id": loan}, headers=officer)).json()
    summary = statement["loan_summary"]
    assert (summary["principal_written_off"], summary["interest_written_off"]) == (50_000.0, 435.0)


async def test_a_limit_is_set_by_two_people(
    client: httpx.AsyncClient, lending: LendingHelper, uow_factory: UnitOfWorkFactory, officer: Headers, admin: Headers
) -> None:
    customer_id = await lending.add_customer()
    made = await propose(client, officer, kind="limit_override", user_id=customer_id, approved_limit=700_000)
    approved = await decide(client, admin, made.json()["proposal_id"], "approve")
    assert approved.json()["result"]["approved_limit"] == 700_000.0
    async with uow_factory.open(SYSTEM) as uow:
        limits = select(Customer.approved_limit_paise).where(Customer.customer_id == customer_id)
        assert (await uow.session.execute(limits)).scalar_one() == 700_000_00
    again = await propose(client, officer, "q", kind="limit_override", user_id=customer_id, approved_limit=700_000)
    assert (again.status_code, again.json()["code"]) == (422, "limit_unchanged")


async def test_who_may_decide(
    client: httpx.AsyncClient, loan: str, officer: Headers, admin: Headers, headers_of: HeadersOf
) -> None:
    other, second = await headers_of(Role.OFFICER), await headers_of(Role.ADMIN)
    own = (await propose(client, admin, kind="waiver", loan_id=loan, interest=1)).json()["proposal_id"]
    for who, word, code in (
        (officer, "approve", "forbidden"),
        (officer, "reject", "forbidden"),
        (admin, "approve", "own_proposal"),
        (admin, "reject", "own_proposal"),
        (other, "withdraw", "not_the_maker"),
        (second, "withdraw", "not_the_maker"),
    ):
        answer = await decide(client, who, own, word)
        assert (word, answer.status_code, answer.json()["code"]) == (word, 403, code)
    customer = await headers_of(Role.CUSTOMER, customer_id=1001)
    assert (await client.get(f"{PROPOSALS}/{own}", headers=customer)).status_code == 403
    assert (await client.get(f"{PROPOSALS}/{own}", headers=officer)).json()["status"] == "proposed"
    assert (await loan_of(client, officer, loan))["interest_due"] == 435.0
    assert (await decide(client, admin, own, "withdraw")).json()["status"] == "withdrawn"
    late = await decide(client, second, own, "approve")
    assert (late.status_code, late.json()["code"]) == (409, "proposal_decided")


async def test_an_impossible_proposal_is_refused(client: httpx.AsyncClient, loan: str, officer: Headers) -> None:
    for key, body, status, code in (
        ("a", {"kind": "waiver", "loan_id": loan, "interest": 435.01}, 422, "waiver_beyond_owed"),
        ("b", {"kind": "waiver", "loan_id": loan}, 422, "waiver_of_nothing"),
        ("c", {"kind": "write_off", "loan_id": "LN-2026-9999"}, 404, "loan_not_found"),
        ("d", {"kind": "limit_override", "user_id": 9999, "approved_limit": 1}, 404, "customer_not_found"),
        ("e", {"kind": "gift", "loan_id": loan}, 422, "invalid_request"),
        ("f", {"kind": "write_off", "loan_id": loan, "interest": 1}, 422, "invalid_request"),
    ):
        answer = await propose(client, officer, key, **body)
        assert (key, answer.status_code, answer.json()["code"]) == (key, status, code)
    without = await client.post(PROPOSALS, headers=officer, json={"kind": "write_off", "loan_id": loan, "reason": "x"})
    assert (without.status_code, without.json()["code"]) == (422, "idempotency_key_required")
    assert (await client.get(PROPOSALS, headers=officer)).json() == {"items": [], "next_cursor": None}


async def test_it_is_held_against_the_day_on_which_it_is_approved(
    client: httpx.AsyncClient, lending: LendingHelper, loan: str, officer: Headers, admin: Headers
) -> None:
    proposal = (await propose(client, officer, kind="waiver", loan_id=loan, interest=435)).json()["proposal_id"]
    await pay(client, officer, loan, amount=100, reference="R-1")
    refused = await decide(client, admin, proposal, "approve")
    assert (refused.status_code, refused.json()["code"]) == (422, "waiver_beyond_owed")
    assert refused.json()["figures"] == {"owed": 335.0, "asked": 435.0}
    assert (await client.get(f"{PROPOSALS}/{proposal}", headers=officer)).json()["status"] == "proposed"
    await lending.set_date(date(2026, 12, 21) + timedelta(days=14))
    expired = await decide(client, admin, proposal, "approve")
    assert (expired.status_code, expired.json()["code"]) == (409, "proposal_expired")
    listed = (await client.get(PROPOSALS, params={"status": "expired"}, headers=officer)).json()
    assert [item["proposal_id"] for item in listed["items"]] == [proposal]
    assert (await client.get(PROPOSALS, params={"status": "proposed"}, headers=officer)).json()["items"] == []
    assert (await loan_of(client, officer, loan))["interest_due"] == 335.0


async def test_the_pages_of_the_list_hold_each_proposal_once(
    client: httpx.AsyncClient, loan: str, officer: Headers
) -> None:
    for number in range(5):
        await propose(client, officer, str(number), kind="waiver", loan_id=loan, interest=number + 1)
    seen: list[str] = []
    cursor: dict[str, Any] | None = {}
    while cursor is not None:
        page = (await client.get(PROPOSALS, params={**cursor, "limit": 2}, headers=officer)).json()
        seen += [item["proposal_id"] for item in page["items"]]
        cursor = None if page["next_cursor"] is None else {"cursor": page["next_cursor"]}
    assert seen == ["PR-000005", "PR-000004", "PR-000003", "PR-000002", "PR-000001"]


@pytest.mark.parametrize("word", ["approve", "reject"])
async def test_two_checkers_at_once_decide_once(
    client: httpx.AsyncClient, loan: str, officer: Headers, headers_of: HeadersOf, word: str
) -> None:
    checkers = [await headers_of(Role.ADMIN) for _ in range(4)]
    proposal = (await propose(client, officer, kind="waiver", loan_id=loan, interest=400)).json()["proposal_id"]
    words = ["approve", word, "approve", word]
    answers = await asyncio.gather(
        *(decide(client, who, proposal, each) for who, each in zip(checkers, words, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    won = next(answer.json()["status"] for answer in answers if answer.status_code == 200)
    after = await loan_of(client, officer, loan)
    assert after["interest_due"] == {"approved": 35.0, "rejected": 435.0}[won]


async def test_two_people_are_asked_of_the_database_too(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, loan: str, officer: Headers
) -> None:
    await propose(client, officer, kind="waiver", loan_id=loan, interest=400)
    with pytest.raises(Exception, match="two_people"):
        async with uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                update(Proposal).values(
                    status="approved", checker_id=Proposal.maker_id, checker="admin", decided_at=uow.now
                )
            )
