"""Charges that an officer books, and the tax of what is waived, over HTTP with the clock moved.

The loan is that of `test_charges.py`. Its product names a duplicate statement (200.00 and 18 %), a returned cheque
(350.00 and 18 %) and a visit to collect (300.00, without tax).
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM
from app.domain.products.charge_terms import ServiceCharge
from app.domain.products.seeded import SEEDED_PRODUCTS, STANDARD_LOAN
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.api.lending.test_charges import DECEMBER, JANUARY, Desk, issue, posted
from tests.domain.made_loans import CHARGED_LOAN, EVERY_CHARGE
from tests.services.lending_desk import LendingHelper

SERVICES = (
    ServiceCharge(code="duplicate_statement", name="Duplicate statement", amount_paise=200_00, sac="997113"),
    ServiceCharge(code="cheque_return", name="Cheque return", amount_paise=350_00, sac="997113"),
    ServiceCharge(code="collection_visit", name="Visit to collect", amount_paise=300_00, is_taxed=False),
)
SERVED_LOAN = replace(
    CHARGED_LOAN,
    code="SERVED_LOAN",
    repayment=replace(CHARGED_LOAN.repayment, charges=replace(EVERY_CHARGE, services=SERVICES)),
)
BOOK = {"charge": "duplicate_statement", "reason": "asked for at the branch"}


@pytest_asyncio.fixture
async def desk(
    app: FastAPI,
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    officer: dict[str, str],
    admin: dict[str, str],
) -> AsyncIterator[Desk]:
    """A loan of a lender in Karnataka (29). After the test every loan is reconciled."""
    app.state.uow_factory = replace(uow_factory, gst_state="29")
    async with uow_factory.open(SYSTEM) as uow:
        for product in (*SEEDED_PRODUCTS, SERVED_LOAN):
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    made = Desk(client, LendingHelper(uow_factory), officer, admin)
    loan = await made.lending.disburse(SERVED_LOAN, amount=1_45_410, rate="12", instalments=4)
    made.loan = f"LN-2026-{loan.number:04d}"
    yield made
    # The application serves other tests too.
    app.state.uow_factory = uow_factory
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


async def report(desk: Desk, on: str) -> Any:
    return (await desk.client.get(f"/api/v1/gst/report?on={on}", headers=desk.officer)).json()


def tax_lines(found: Any) -> list[tuple[Any, ...]]:
    return [
        (line["kind"], line["documents"], line["taxable"], line["central"], line["state"], line["integrated"])
        for line in found["lines"]
    ]


async def book(desk: Desk, charge: str = "duplicate_statement") -> Any:
    return await desk.post(f"/loans/{desk.loan}/charges", {**BOOK, "charge": charge}, status=201)


async def waive(desk: Desk, **asked: Any) -> Any:
    body = {"kind": "waiver", "loan_id": desk.loan, "reason": "goodwill", **asked}
    proposal = await desk.post("/proposals", body, status=201)
    return await desk.post(f"/proposals/{proposal['proposal_id']}/approve", {}, who=desk.admin)


# --- booking ---


async def test_a_charge_is_what_its_preview_says_and_comes_with_the_next_bill(desk: Desk) -> None:
    await desk.lending.set_date(date(2026, 12, 1))
    named = {line["code"]: line for line in (await desk.get("/charges"))["schedule_of_charges"] if line["code"]}
    assert [(code, line["amount"], line["tax_percent"], line["per"]) for code, line in named.items()] == [
        ("duplicate_statement", 200.0, 18.0, "service"),
        ("cheque_return", 350.0, 18.0, "service"),
        ("collection_visit", 300.0, 0.0, "service"),
    ]
    ahead = await desk.post(f"/loans/{desk.loan}/charges/simulate", {"charge": "duplicate_statement"})
    assert (ahead["charge_id"], ahead["amount"], ahead["tax"], ahead["total"]) == (None, 200.0, 36.0, 236.0)
    assert (await desk.get("/charges"))["charges_due"] == 0.0, "nothing is booked yet"
    payoff = (await desk.get("/payoff"))["total"]
    booked = await book(desk)
    assert {**booked, "charge_id": None} == ahead
    assert (booked["charges_due_before"], booked["charges_due"], booked["next_bill"]) == (0.0, 236.0, 236.0)
    assert booked["payoff"] == (await desk.get("/payoff"))["total"] == payoff + 236.0
    visited = await book(desk, "collection_visit")
    assert (visited["tax"], visited["charges_due"]) == (0.0, 536.0)
    assert posted(await desk.get("/charges"))[3:] == [
        ("service_charge", "Duplicate statement", "2026-12-01", 200.0, 36.0, None),
        ("service_charge", "Visit to collect", "2026-12-01", 300.0, 0.0, None),
    ]
    await desk.lending.run_billing(on=DECEMBER)
    (bill,) = await desk.get("/bills")
    assert (bill["interest"], bill["charges"], bill["total_due"]) == (1460.0, 536.0, 37960.0 + 536.0)
    paid = await desk.pay(37960.0 + 536.0, "UPI-1")
    assert paid["applied"]["charges"] == 536.0


async def test_the_same_key_books_once(desk: Desk) -> None:
    headers = {**desk.officer, "Idempotency-Key": "once"}
    for _ in range(2):
        answer = await desk.client.post(f"/api/v1/loans/{desk.loan}/charges", json=BOOK, headers=headers)
        assert answer.status_code == 201
    assert (await desk.get("/charges"))["charges_due"] == 236.0


async def test_a_booked_charge_is_taken_back_and_its_tax_with_it(desk: Desk) -> None:
    booked = await book(desk, "cheque_return")
    await desk.lending.run_billing(on=DECEMBER)
    path = f"/loans/{desk.loan}/charges/{booked['charge_id']}/take-back"
    left = await desk.post(path, {"reason": "the bank found the mistake"})
    assert left["charges_due"] == 0.0
    assert posted(await desk.get("/charges"))[3:] == [
        ("service_charge", "Cheque return", "2026-11-21", 350.0, 63.0, "2026-12-21"),
    ]
    await desk.lending.set_date(date(2026, 12, 22))
    # Two fees and the charge in November, the credit note in December.
    assert await issue(desk) == 4
    december = await report(desk, "2026-12-31")
    assert tax_lines(december) == [("credit_note", 1, 350.0, 31.5, 31.5, 0.0)]
    assert (december["net_tax"], december["ledger_tax"], december["waiting"]) == (-63.0, -63.0, 0.0)


@pytest.mark.parametrize("path", ["charges", "charges/simulate"])
@pytest.mark.parametrize(
    "charge, status, code",
    [
        ("noc_letter", 422, "charge_not_named"),
        ("bounce", 422, "charge_not_named"),
        ("Duplicate statement", 422, "invalid_request"),
        ("", 422, "invalid_request"),
    ],
)
async def test_what_the_product_does_not_name_is_refused(
    desk: Desk, path: str, charge: str, status: int, code: str
) -> None:
    before, ledger = await desk.get(), await desk.get("/ledger")
    body = {**BOOK, "charge": charge} if path == "charges" else {"charge": charge}
    refused = await desk.post(f"/loans/{desk.loan}/{path}", body, status=status)
    assert refused["code"] == code
    assert (await desk.get(), await desk.get("/ledger")) == (before, ledger)


async def test_a_loan_of_another_product_and_one_that_has_ended_are_refused(desk: Desk) -> None:
    other = await desk.lending.disburse(STANDARD_LOAN, amount=10_000, rate="12", instalments=2)
    refused = await desk.post(f"/loans/{other.number}/charges", BOOK, status=422)
    assert (refused["code"], refused["field"]) == ("charge_not_named", "charge")
    await desk.pay((await desk.get("/payoff"))["total"], "ALL")
    ended = await desk.post(f"/loans/{desk.loan}/charges", BOOK, status=409)
    assert ended["code"] == "loan_not_active"
    assert (await desk.get())["charges_due"] == 0.0


async def test_without_a_tax_account_only_a_charge_without_tax_is_booked(desk: Desk, app: FastAPI) -> None:
    app.state.uow_factory = desk.lending.uow_factory
    refused = await desk.post(f"/loans/{desk.loan}/charges", BOOK, status=422)
    assert (refused["code"], refused["field"]) == ("tax_account_missing", "charge")
    assert (await desk.get("/charges"))["charges_due"] == 0.0
    assert (await book(desk, "collection_visit"))["total"] == 300.0


# --- what is waived ---


async def test_the_tax_of_a_waived_charge_is_given_back_by_a_credit_note(desk: Desk) -> None:
    await desk.lending.set_date(date(2026, 12, 5))
    first, second = await book(desk), await book(desk, "cheque_return")
    await desk.lending.run_billing(on=DECEMBER)
    # In January, two people waive the second charge, half of it.
    await desk.lending.set_date(date(2027, 1, 5))
    done = await waive(desk, charges=206.5, charge_id=second["charge_id"])
    assert (done["asked"]["charge_id"], done["result"]["charges"], done["result"]["tax"]) == (
        second["charge_id"], 206.5, 31.5,
    )  # fmt: skip
    assert (await desk.get("/charges"))["charges_due"] == first["total"] + 206.5
    moved = [(line["kind"], line["debit"], line["credit"], line["amount"], line["charge_id"])
             for line in (await desk.get("/ledger"))["items"][-2:]]  # fmt: skip
    assert moved == [
        ("waiver", "waivers", "charges", 206.5, None),
        ("credit_note", "gst_payable", "waivers", 31.5, second["charge_id"]),
    ]
    await desk.lending.set_date(date(2027, 2, 1))
    assert await issue(desk) == 5
    december, january = await report(desk, "2026-12-31"), await report(desk, "2027-01-31")
    assert tax_lines(december) == [("invoice", 2, 550.0, 49.5, 49.5, 0.0)]
    assert tax_lines(january) == [("credit_note", 1, 175.0, 15.75, 15.75, 0.0)]
    assert [(one["net_tax"], one["waiting"]) for one in (december, january)] == [(99.0, 0.0), (-31.5, 0.0)]


async def test_a_waiver_without_a_name_takes_the_oldest_charges_first(desk: Desk) -> None:
    await book(desk, "collection_visit")
    await desk.lending.set_date(date(2026, 12, 5))
    await book(desk)
    await book(desk, "cheque_return")
    done = await waive(desk, charges=300.0 + 236.0 + 59.0)
    # The visit had no tax; of the cheque's 413.00 a seventh is waived, with a seventh of 63.00.
    assert (done["result"]["charges"], done["result"]["tax"]) == (595.0, 45.0)
    rest = await waive(desk, charges=354.0)
    assert (rest["result"]["charges"], rest["result"]["tax"]) == (354.0, 54.0)
    await desk.lending.set_date(date(2026, 12, 6))
    assert await issue(desk) == 2 + 2 + 3
    december = await report(desk, "2026-12-31")
    assert tax_lines(december) == [
        ("invoice", 2, 550.0, 49.5, 49.5, 0.0),
        ("credit_note", 3, 550.0, 49.5, 49.5, 0.0),
    ]
    assert (december["net_tax"], december["waiting"]) == (0.0, 0.0)


async def test_a_waived_charge_that_is_taken_back_is_given_back_once(desk: Desk) -> None:
    booked = await book(desk)
    await waive(desk, charges=236.0, charge_id=booked["charge_id"])
    await desk.lending.set_date(date(2026, 11, 30))
    path = f"/loans/{desk.loan}/charges/{booked['charge_id']}/take-back"
    left = await desk.post(path, {"reason": "it was never asked for"})
    assert left["charges_due"] == 0.0
    await desk.lending.set_date(date(2026, 12, 1))
    # Two fees, the charge and its note; then the note is undone and the whole charge is given back.
    assert await issue(desk) == 6
    november = await report(desk, "2026-11-30")
    assert [line[:3] for line in tax_lines(november)] == [
        ("invoice", 2, 1654.10),
        ("invoice", 1, 500.0),
        ("credit_note", 2, 400.0),
        ("debit_note", 1, 200.0),
    ]
    assert (november["net_tax"], november["ledger_tax"], november["waiting"]) == (351.74, 351.74, 0.0)


async def test_a_paid_charge_cannot_be_waived(desk: Desk) -> None:
    booked = await book(desk)
    await desk.lending.run_billing(on=DECEMBER)
    await desk.pay(37960.0 + 236.0, "UPI-1")
    before = await desk.get("/ledger")
    body = {"kind": "waiver", "loan_id": desk.loan, "reason": "goodwill", "charges": 1.0}
    for asked in (body, {**body, "charge_id": booked["charge_id"]}):
        refused = await desk.post("/proposals", asked, status=422)
        assert refused["code"] == "waiver_beyond_owed"
    await book(desk, "cheque_return")
    refused = await desk.post("/proposals", {**body, "charge_id": booked["charge_id"]}, status=422)
    assert (refused["code"], refused["field"]) == ("charge_not_owed", "charge_id")
    unknown = await desk.post("/proposals", {**body, "charge_id": 987654}, status=422)
    assert unknown["code"] == "charge_not_owed"
    assert len((await desk.get("/ledger"))["items"]) == len(before["items"]) + 2


async def test_a_backdated_payment_leaves_a_credit_note_alone(desk: Desk) -> None:
    await book(desk)
    await desk.lending.run_billing(on=DECEMBER)
    await waive(desk, charges=236.0)
    await desk.lending.run_billing(on=date(2027, 1, 10))
    await desk.post(
        "/loans/payments",
        {"loan_id": desk.loan, "amount": 37960.0, "reference_id": "LATE-NEWS", "value_date": "2026-12-21"},
        status=201,
    )
    notes = [line for line in (await desk.get("/ledger"))["items"] if line["kind"] == "credit_note"]
    assert [(note["amount"], note["reverses"]) for note in notes] == [(36.0, None)]
    assert (await desk.get())["charges_due"] == 0.0


async def test_a_written_off_charge_keeps_its_tax(desk: Desk) -> None:
    await book(desk)
    await desk.lending.run_billing(on=JANUARY)
    proposal = await desk.post(
        "/proposals", {"kind": "write_off", "loan_id": desk.loan, "reason": "no estate"}, status=201
    )
    done = await desk.post(f"/proposals/{proposal['proposal_id']}/approve", {}, who=desk.admin)
    assert done["result"]["tax"] is None
    assert not [line for line in (await desk.get("/ledger"))["items"] if line["kind"] == "credit_note"]
