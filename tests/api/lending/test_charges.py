"""The charges of a loan over HTTP, with the clock moved: fees, a returned payment, late days, a waiver, a foreclosure.

The loan can be checked by hand: 1,45,410.00 and a financed fee of 590.00 are 1,46,000.00, in four principals of
36,500.00 at 12 %. A day's interest on one of them is 12.00, and a day's penal charge on the first bill of 37,960.00 at
24 % is 24.96.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from app.db.repositories.products.products import add_product
from app.domain.lender.identifiers import gstin_check_character
from app.domain.people.access import SYSTEM, Role
from app.domain.products.charge_terms import ChargeTerms, DisbursalFee, FeePaid
from app.domain.products.documents import product_document
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.reporting import gst
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.domain.lender.test_profiles import LEAST
from tests.domain.made_loans import CHARGED_LOAN
from tests.services.lending_desk import LendingHelper

DECEMBER, JANUARY = date(2026, 12, 21), date(2027, 1, 21)


class Desk:
    """An officer and an admin at one loan."""

    def __init__(self, client: httpx.AsyncClient, lending: LendingHelper, officer: Any, admin: Any) -> None:
        self.client, self.lending, self.officer, self.admin = client, lending, officer, admin
        self.loan, self.keys = "", 0

    async def lend(self) -> None:
        loan = await self.lending.disburse(CHARGED_LOAN, amount=1_45_410, rate="12", instalments=4)
        self.loan = f"LN-2026-{loan.number:04d}"

    async def get(self, path: str = "") -> Any:
        answer = await self.client.get(f"/api/v1/loans/{self.loan}{path}", headers=self.officer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, *, status: int = 200, who: Any = None) -> Any:
        self.keys += 1
        headers = {**(who or self.officer), "Idempotency-Key": f"key-{self.keys}"}
        answer = await self.client.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def pay(self, amount: float, reference: str) -> Any:
        body = {"loan_id": self.loan, "amount": amount, "reference_id": reference}
        return await self.post("/loans/payments", body, status=201)


@pytest_asyncio.fixture
async def desk(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, officer: dict[str, str], admin: dict[str, str]
) -> AsyncIterator[Desk]:
    """A loan with every charge. After the test every loan is reconciled."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in (*SEEDED_PRODUCTS, CHARGED_LOAN):
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    made = Desk(client, LendingHelper(uow_factory), officer, admin)
    await made.lend()
    yield made
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


def posted(charges: Any) -> list[tuple[Any, ...]]:
    return [
        (line["kind"], line["name"], line["on"], line["amount"], line["tax"], line["taken_back_on"])
        for line in charges["charged"]
    ]


FEES = [
    ("fee", "Processing fee", "2026-11-21", 1454.10, 261.74, None),
    ("fee", "Stamp duty", "2026-11-21", 100.0, 0.0, None),
    ("fee", "Insurance service", "2026-11-21", 500.0, 90.0, None),
]


async def test_the_schedule_of_charges_and_the_fees_of_the_disbursal(desk: Desk) -> None:
    charges = await desk.get("/charges")
    named = [(line["name"], line["per"], line["amount"], line["percent"], line["tax_percent"], line["sac"])
             for line in charges["schedule_of_charges"]]  # fmt: skip
    assert named == [
        ("Processing fee", "disbursal", 0.0, 1.0, 18.0, "997113"),
        ("Stamp duty", "disbursal", 100.0, 0.0, 0.0, None),
        ("Insurance service", "disbursal", 500.0, 0.0, 18.0, "997161"),
        ("Returned payment", "returned_payment", 500.0, 0.0, 18.0, "997113"),
        ("Part prepayment", "part_prepayment", 0.0, 2.0, 18.0, "997113"),
        ("Foreclosure", "foreclosure", 0.0, 4.0, 18.0, "997113"),
        ("Duplicate statement", "service", 200.0, 0.0, 0.0, None),
        ("Penal charge", "overdue_year", 0.0, 24.0, 0.0, None),
    ]
    assert posted(charges) == FEES
    assert (charges["charges_due"], charges["next_bill"]) == (0.0, 0.0)
    loan = await desk.get()
    assert (loan["amount"], loan["principal_outstanding"], loan["charges_due"]) == (146000.0, 146000.0, 0.0)
    # 1,45,410.00 less 1,715.84 leaves the lender; 100.00 of stamp duty comes in.
    ledger = (await desk.get("/ledger"))["items"]
    moved = [(line["debit"], line["credit"], line["amount"]) for line in ledger]
    assert moved[0] == ("principal", "cash", 143694.16)
    assert ("cash", "third_party_payable", 100.0) in moved


async def returned_in_december(desk: Desk) -> int:
    """The bill of 21 December is paid, the bank returns the payment on the 24th, and it is paid on 10 January."""
    await desk.lending.run_billing(on=DECEMBER)
    first = await desk.pay(37960.0, "CHEQUE-1")
    await desk.lending.set_date(date(2026, 12, 24))
    back = await desk.post(f"/payments/{first['payment_id']}/reverse", {"reason": "returned unpaid"})
    assert back["charge"] == 590.0
    (line,) = [line for line in (await desk.get("/charges"))["charged"] if line["kind"] == "bounce_charge"]
    assert (line["amount"], line["tax"], line["on"]) == (500.0, 90.0, "2026-12-24")
    await desk.lending.run_billing(on=date(2027, 1, 10))
    again = await desk.pay(37960.0, "CASH-1")
    assert (again["applied"]["interest"], again["applied"]["principal"]) == (1460.0, 36500.0)
    charge_id = line["charge_id"]
    assert isinstance(charge_id, int)
    return charge_id


async def test_a_returned_payment_and_twenty_late_days_are_on_the_next_bill(desk: Desk) -> None:
    await returned_in_december(desk)
    charges = await desk.get("/charges")
    # 590.00 for the return, and 24.96 for each of twenty days.
    assert (charges["charges_due"], charges["next_bill"]) == (590.0, 1089.20)
    shown = await desk.client.get(f"/api/v1/statements?loan_id={desk.loan}", headers=desk.officer)
    summary, coming = shown.json()["loan_summary"], shown.json()["upcoming_transactions"][0]
    assert (summary["charges_due"], summary["charges_with_next_bill"]) == (590.0, 1089.20)
    # The fees of the disbursal: 1,715.84 deducted, 100.00 upfront, 590.00 financed.
    assert summary["charges_paid"] == 2405.84
    # The instalment of 36,500.00 and 1,335.00, and the charges on top.
    assert (coming["amount"], coming["unpaid"]) == (37835.0, 38924.20)
    loan = await desk.get()
    assert loan["next_due"]["amount"] == 36500.0 + 1095.0 + 240.0 + 1089.20
    await desk.lending.run_billing(on=JANUARY)
    bill = (await desk.get("/bills"))[-1]
    assert (bill["interest"], bill["charges"], bill["total_due"]) == (1335.0, 1089.20, 38924.20)
    explained = (await desk.get("/explain"))["cycles"][1]
    assert (explained["interest"], explained["overdue_interest"], explained["billed"]) == (1095.0, 240.0, 1335.0)
    assert [(span["from"], span["to"], span["days"], span["balance"]) for span in explained["overdue_spans"]] == [
        ("2026-12-21", "2026-12-22", 1, 36500.0),
        ("2026-12-22", "2026-12-24", 2, 36500.0),
        ("2026-12-24", "2027-01-10", 17, 36500.0),
    ]
    paid = await desk.pay(38924.20, "CASH-2")
    assert (paid["applied"]["charges"], paid["applied"]["interest"]) == (1089.20, 1335.0)
    assert (await desk.get())["charges_due"] == 0.0


async def test_a_charge_whose_cause_was_undone_is_taken_back(desk: Desk) -> None:
    charge_id = await returned_in_december(desk)
    await desk.lending.run_billing(on=JANUARY)
    left = await desk.post(
        f"/loans/{desk.loan}/charges/{charge_id}/take-back", {"reason": "the bank withdrew the return"}
    )
    assert left["charges_due"] == 499.20
    (line,) = [line for line in (await desk.get("/charges"))["charged"] if line["kind"] == "bounce_charge"]
    assert line["taken_back_on"] == "2027-01-21"
    assert (await desk.get())["next_due"]["amount"] == 36500.0 + 1335.0 + 499.20
    before = await desk.get()
    refused = await desk.post(f"/loans/{desk.loan}/charges/{charge_id}/take-back", {"reason": "again"}, status=409)
    assert refused["code"] == "charge_taken_back"
    unknown = await desk.post(f"/loans/{desk.loan}/charges/987654/take-back", {"reason": "which?"}, status=404)
    assert unknown["code"] == "charge_not_found"
    assert await desk.get() == before


async def test_two_people_waive_a_penal_charge(desk: Desk) -> None:
    await returned_in_december(desk)
    await desk.lending.run_billing(on=JANUARY)
    asked = {"kind": "waiver", "loan_id": desk.loan, "charges": 499.20, "reason": "the reminder went astray"}
    proposal = await desk.post("/proposals", asked, status=201)
    assert (await desk.get())["charges_due"] == 1089.20, "nothing is waived yet"
    alone = await desk.post(f"/proposals/{proposal['proposal_id']}/approve", {}, status=403)
    assert alone["code"] == "forbidden"
    done = await desk.post(f"/proposals/{proposal['proposal_id']}/approve", {}, who=desk.admin)
    assert done["result"]["charges"] == 499.20
    assert (await desk.get())["charges_due"] == 590.0


async def test_a_payment_entered_by_mistake_costs_nothing(desk: Desk) -> None:
    await desk.lending.run_billing(on=DECEMBER)
    paid = await desk.pay(100.0, "WRONG-LOAN")
    back = await desk.post(
        f"/payments/{paid['payment_id']}/reverse", {"reason": "another loan was meant", "cause": "mistake"}
    )
    assert back["charge"] == 0.0
    assert posted(await desk.get("/charges")) == FEES


async def test_a_part_prepayment_is_as_simulated_and_a_foreclosure_as_quoted(desk: Desk) -> None:
    body = {"kind": "prepayment", "amount": 100000}
    simulated = (await desk.post(f"/loans/{desk.loan}/simulate", body))["alternatives"][0]
    paid = await desk.post(
        "/loans/payments",
        {"loan_id": desk.loan, "amount": 100000, "reference_id": "EARLY", "as": "prepay_smaller_emi"},
        status=201,
    )
    assert (paid["applied"], paid["next_due"]) == (simulated["applied"], simulated["next_due"])
    charges = await desk.get("/charges")
    # 2 % of 1,00,000.00 and its tax come with the next bill.
    assert (charges["charges_due"], charges["next_bill"]) == (2360.0, 2360.0)
    # For three days the loan may be left, at no charge.
    assert (await desk.get("/payoff"))["prepayment_charge"] == 0.0
    await desk.lending.set_date(date(2026, 11, 25))
    quote = await desk.get("/payoff")
    # 4 % of the 46,000.00 that are left, and 18 % of that.
    assert (quote["principal"], quote["charges"], quote["prepayment_charge"]) == (46000.0, 2360.0, 2171.20)
    closed = await desk.pay(quote["total"], "ALL")
    assert closed["loan_closed"]
    assert closed["applied"]["charges"] == 2360.0 + 2171.20
    assert posted(await desk.get("/charges"))[3:] == [
        ("prepayment_charge", None, "2026-11-21", 2000.0, 360.0, None),
        ("prepayment_charge", None, "2026-11-25", 1840.0, 331.20, None),
    ]


async def test_the_charge_of_a_prepayment_goes_with_it(desk: Desk) -> None:
    body = {"loan_id": desk.loan, "amount": 100000, "reference_id": "EARLY", "as": "prepay_smaller_emi"}
    paid = await desk.post("/loans/payments", body, status=201)
    await desk.post(f"/payments/{paid['payment_id']}/reverse", {"reason": "returned unpaid"})
    charges = await desk.get("/charges")
    assert [line[0] for line in posted(charges) if line[-1] is None][3:] == ["bounce_charge"]
    assert charges["charges_due"] == 590.0


async def test_another_customer_does_not_see_the_charges(desk: Desk, headers_of: HeadersOf) -> None:
    from_elsewhere = await desk.lending.add_customer()
    other = await headers_of(Role.CUSTOMER, customer_id=from_elsewhere)
    answer = await desk.client.get(f"/api/v1/loans/{desk.loan}/charges", headers=other)
    assert (answer.status_code, answer.json()["code"]) == (404, "loan_not_found")


@pytest.mark.parametrize("number", ["0", "x", "-1"])
async def test_a_charge_without_a_number_is_refused(desk: Desk, number: str) -> None:
    refused = await desk.post(f"/loans/{desk.loan}/charges/{number}/take-back", {"reason": "?"}, status=422)
    assert refused["code"] == "invalid_request"


async def issue(desk: Desk) -> int:
    """What the scheduled task does, for a lender in Karnataka (29)."""
    factory = replace(desk.lending.uow_factory, gst_state="29")
    async with factory.open(SYSTEM) as uow:
        return await gst.issue_documents(uow)


async def test_taxed_charges_have_invoices_and_credit_notes(desk: Desk) -> None:
    await desk.lending.run_billing(on=DECEMBER)
    paid = await desk.pay(37960.0, "CHEQUE-1")
    await desk.post(f"/payments/{paid['payment_id']}/reverse", {"reason": "returned unpaid"})
    # Today's charge waits until the day is over; the fees of November are numbered.
    assert await issue(desk) == 2
    assert await issue(desk) == 0
    november = (await desk.client.get("/api/v1/gst/report?on=2026-11-30", headers=desk.officer)).json()
    lines = [(line["kind"], line["place"], line["sac"], line["taxable"], line["central"], line["state"],
              line["integrated"]) for line in november["lines"]]  # fmt: skip
    assert lines == [
        ("invoice", "29", "997113", 1454.10, 130.87, 130.87, 0.0),
        ("invoice", "29", "997161", 500.0, 45.0, 45.0, 0.0),
    ]
    assert (november["net_tax"], november["ledger_tax"], november["waiting"]) == (351.74, 351.74, 0.0)
    # The customer moves to another state, and the day of the return is over.
    moved = await desk.client.patch("/api/v1/users/1001", json={"gst_state": "27"}, headers=desk.officer)
    assert moved.json()["gst_state"] == "27"
    await desk.lending.set_date(date(2026, 12, 23))
    december = (await desk.client.get("/api/v1/gst/report?on=2026-12-01", headers=desk.officer)).json()
    assert (december["lines"], december["waiting"]) == ([], 90.0)
    assert await issue(desk) == 1
    (line,) = [line for line in (await desk.get("/charges"))["charged"] if line["kind"] == "bounce_charge"]
    await desk.post(f"/loans/{desk.loan}/charges/{line['charge_id']}/take-back", {"reason": "honoured after all"})
    await desk.lending.set_date(date(2026, 12, 24))
    assert await issue(desk) == 1
    december = (await desk.client.get("/api/v1/gst/report?on=2026-12-31", headers=desk.officer)).json()
    assert [(line["kind"], line["place"], line["integrated"]) for line in december["lines"]] == [
        ("invoice", "27", 90.0),
        ("credit_note", "27", 90.0),
    ]
    assert (december["net_tax"], december["ledger_tax"], december["waiting"]) == (0.0, 0.0, 0.0)
    file = await desk.client.get("/api/v1/gst/report?on=2026-11-30&format=csv", headers=desk.officer)
    assert file.text.splitlines()[1] == "invoice,29,997113,1,1454.10,130.87,130.87,0.00"


async def test_two_fees_of_one_amount_have_each_its_own_name_and_service(desk: Desk) -> None:
    fee = DisbursalFee(name="Processing fee", paid=FeePaid.DEDUCTED, amount_paise=500_00, sac="997113")
    fees = (
        fee,
        replace(fee, name="Stamp duty", is_taxed=False, sac=None, for_third_party=True),
        replace(fee, name="Documentation", sac="998213", paid=FeePaid.UPFRONT),
        replace(fee, name="Insurance service", sac="997161", paid=FeePaid.FINANCED),
    )
    product = replace(
        CHARGED_LOAN,
        code="TWIN_LOAN",
        repayment=replace(CHARGED_LOAN.repayment, charges=ChargeTerms(disbursal=fees)),
    )
    async with desk.lending.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    loan = await desk.lending.disburse(product, amount=1_00_000, rate="12", instalments=4)
    await desk.lending.set_date(DECEMBER)
    assert await issue(desk) == 5
    async with desk.lending.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT name, sac, taxable_paise FROM gst_documents WHERE loan_id = :loan ORDER BY transfer_number"),
            {"loan": loan.number},
        )
        found = [tuple(row) for row in rows]
    assert found == [
        ("Processing fee", "997113", 500_00),
        ("Documentation", "998213", 500_00),
        ("Insurance service", "997161", 500_00),
    ]
    november = (await desk.client.get("/api/v1/gst/report?on=2026-11-30", headers=desk.officer)).json()
    assert [(line["sac"], line["documents"], line["taxable"]) for line in november["lines"]] == [
        ("997113", 2, 1954.10),
        ("997161", 2, 1000.0),
        ("998213", 1, 500.0),
    ]
    assert november["waiting"] == 0.0


async def test_the_lender_of_a_profile_is_where_its_gstin_says(desk: Desk) -> None:
    # The setting says Karnataka (29). From 24 December on the profile says Maharashtra (27).
    first = "27AAGCB7383J1Z"
    profile = LEAST | {"gstin": first + gstin_check_character(first)}
    added = {"effective_from": "2026-12-24", "profile": profile}
    await desk.post("/lender", added, status=201, who=desk.admin)
    await returned_in_december(desk)
    assert await issue(desk) == 3
    for day, place, heads in (("2026-11-30", "29", (130.87, 130.87, 0.0)), ("2026-12-31", "27", (45.0, 45.0, 0.0))):
        report = (await desk.client.get(f"/api/v1/gst/report?on={day}", headers=desk.officer)).json()
        line = report["lines"][0]
        # A customer without a state on the records is where the lender is.
        assert (line["place"], line["central"], line["state"], line["integrated"]) == (place, *heads)
    # No setting is needed for a charge with tax: what is refused now is the scorecard, which these books lack.
    body = {"code": "CHARGED_LOAN", "offered_from": "2027-01-12", "terms": product_document(CHARGED_LOAN)}
    refused = await desk.post("/products", body, status=422, who=desk.admin)
    assert refused["code"] == "scorecard_unknown"


async def test_without_a_state_of_registration_no_number_is_given(desk: Desk) -> None:
    await desk.lending.set_date(DECEMBER)
    async with desk.lending.uow_factory.open(SYSTEM) as uow:
        assert await gst.issue_documents(uow) == 0
    november = (await desk.client.get("/api/v1/gst/report", headers=desk.officer)).json()
    assert (november["month"], november["lines"], november["waiting"]) == ("2026-11-01", [], 351.74)


async def test_a_taxed_charge_needs_a_state_of_registration(desk: Desk) -> None:
    body = {"code": "CHARGED_LOAN", "offered_from": "2027-01-01", "terms": product_document(CHARGED_LOAN)}
    refused = await desk.post("/products", body, status=422, who=desk.admin)
    assert (refused["code"], refused["field"]) == ("tax_account_missing", "repayment.charges.disbursal.0")
    products = (await desk.client.get("/api/v1/products", headers=desk.officer)).json()
    assert {each["code"]: each["version"] for each in products}["CHARGED_LOAN"] == 1


@pytest.mark.parametrize("code", ["00", "39", "1", "KA", "290"])
async def test_a_state_that_is_none_is_refused(desk: Desk, code: str) -> None:
    refused = await desk.client.patch("/api/v1/users/1001", json={"gst_state": code}, headers=desk.officer)
    assert (refused.status_code, refused.json()["code"]) == (422, "profile_invalid")
    kept = await desk.client.get("/api/v1/users/1001", headers=desk.officer)
    assert kept.json()["gst_state"] is None
