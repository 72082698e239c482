"""Tax documents of card accounts: fees and interest have invoices, what is given back has notes, in the one report.

The figures are those of the worked cycles: GST is 18 %, and half a tax of an odd number of paise is rounded down.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.people.access import SYSTEM, Role
from app.services.reporting import gst
from tests.api.cards.desk import CardDesk
from tests.api.cards.test_worked_cycles import FIRST, SECOND, THIRD, bought
from tests.documents.reading import lines_of, spoken_in


async def issue(desk: CardDesk) -> int:
    """What the scheduled task does, for a lender in Karnataka (29)."""
    factory = replace(desk.uow_factory, gst_state="29")
    async with factory.open(SYSTEM) as uow:
        return await gst.issue_documents(uow)


async def report(desk: CardDesk, on: str) -> tuple[list[tuple[Any, ...]], float, float]:
    answer = await desk.client.get(f"/api/v1/gst/report?on={on}", headers=desk.headers)
    found = answer.json()
    lines = [
        (line["kind"], line["documents"], line["taxable"], line["central"], line["state"], line["integrated"])
        for line in found["lines"]
    ]
    assert found["ledger_tax"] == pytest.approx(found["net_tax"] + found["waiting"])
    return lines, found["net_tax"], found["waiting"]


def brief(documents: Any) -> list[tuple[Any, ...]]:
    return [
        (one["number"], one["charge"], one["booked_on"], one["taxable"], one["tax"], one["invoice"])
        for one in documents
    ]


async def test_the_interest_of_a_reversed_purchase_is_given_back(desk: CardDesk) -> None:
    _, second_purchase = await bought(desk)
    await desk.statement(FIRST)
    await desk.pay("10000.00", "2026-03-07")
    await desk.statement(SECOND)
    await desk.to("2026-03-20")
    await desk.post(f"/postings/{second_purchase}/undo", {"reason": "cancelled"}, status=200)
    # The day of the reversal is not over.
    assert await issue(desk) == 1
    assert await report(desk, SECOND) == ([("invoice", 1, 747.95, 67.31, 67.32, 0.0)], 134.63, -134.63)
    await desk.to("2026-03-21")
    assert await issue(desk) == 1
    assert await issue(desk) == 0
    assert await report(desk, SECOND) == (
        [("invoice", 1, 747.95, 67.31, 67.32, 0.0), ("credit_note", 1, 747.95, 67.31, 67.32, 0.0)], 0.0, 0.0,
    )  # fmt: skip
    documents = await desk.get("/tax-documents")
    assert brief(documents) == [
        ("I2526-000001", "interest", "2026-03-16", 747.95, 134.63, None),
        ("C2526-000001", "interest", "2026-03-20", 747.95, 134.63, "I2526-000001"),
    ]


async def test_late_fees_and_their_reversal(desk: CardDesk) -> None:
    await bought(desk)
    number = await desk.pay("15000.00", "2026-03-05")
    await desk.purchase("2000.00", "2026-03-10")
    await desk.statement(SECOND)
    await desk.to("2026-03-20")
    await desk.post(f"/postings/{number}/undo", {"reason": "returned unpaid"}, status=200)
    await desk.to("2026-04-02")
    # A replay found interest of 851.51 and a late fee of 950.00.
    assert await issue(desk) == 2
    assert await report(desk, "2026-03-31") == ([("invoice", 2, 1801.51, 162.13, 162.14, 0.0)], 324.27, 0.0)
    # In the next financial year the payment is put back: both are given back.
    await desk.pay("15000.00", "2026-04-02", value_date="2026-03-05")
    await desk.to("2026-04-03")
    assert await issue(desk) == 2
    assert await report(desk, "2026-04-02") == ([("credit_note", 2, 1801.51, 162.13, 162.14, 0.0)], -324.27, 0.0)
    assert [(one[0], one[5]) for one in brief(await desk.get("/tax-documents"))] == [
        ("I2526-000001", None),
        ("I2526-000002", None),
        ("C2627-000001", "I2526-000001"),
        ("C2627-000002", "I2526-000002"),
    ]
    third = await desk.statement(THIRD)
    assert third["total_due"] == 2687.76
    await desk.to("2026-05-01")
    await issue(desk)
    _, net, waiting = await report(desk, "2026-04-30")
    assert (net, waiting) == (round(104.91 - 324.27, 2), 0.0)


async def test_a_holder_in_another_state(desk: CardDesk) -> None:
    await desk.open()
    patched = await desk.client.patch("/api/v1/users/2001", json={"gst_state": "27"}, headers=desk.headers)
    assert patched.status_code == 200
    await desk.purchase("10000.00", "2026-02-05", kind="cash")
    await desk.statement(FIRST)
    await desk.to("2026-02-17")
    await issue(desk)
    # The fee for cash is 500.00, its interest 115.07: across states the tax is integrated.
    assert await report(desk, FIRST) == ([("invoice", 2, 615.07, 0.0, 0.0, 110.71)], 110.71, 0.0)
    assert [(one["charge"], one["name"], one["place"]) for one in await desk.get("/tax-documents")] == [
        ("fee", "cash", "27"),
        ("cash_interest", None, "27"),
    ]


async def test_a_part_of_a_mark_up_that_is_given_back(desk: CardDesk) -> None:
    """3.5 % of 10,000.00 are invoiced; 4,000.00 are refunded, and 140.00 with their tax have a note."""
    await desk.offer("TRAVEL_CARD", "2026-01-16", foreign_fee_percent=Decimal("3.5"))
    await desk.open(product="TRAVEL_CARD")
    number = await desk.purchase("10000.00", "2026-01-20", currency="USD")
    await desk.to("2026-01-25")
    await desk.post("/refunds", {"reference": "back", "amount": "4000.00", "purchase": number})
    await desk.to("2026-01-26")
    assert await issue(desk) == 2
    assert await report(desk, "2026-01-31") == (
        [("invoice", 1, 350.0, 31.5, 31.5, 0.0), ("credit_note", 1, 140.0, 12.6, 12.6, 0.0)], 37.8, 0.0,
    )  # fmt: skip
    assert brief(await desk.get("/tax-documents")) == [
        ("I2526-000001", "fee", "2026-01-20", 350.0, 63.0, None),
        ("C2526-000001", "fee", "2026-01-25", 140.0, 25.2, "I2526-000001"),
    ]


async def test_the_paper_of_a_note(desk: CardDesk) -> None:
    _, second_purchase = await bought(desk)
    await desk.statement(FIRST)
    await desk.pay("10000.00", "2026-03-07")
    await desk.statement(SECOND)
    await desk.to("2026-03-20")
    await desk.post(f"/postings/{second_purchase}/undo", {"reason": "cancelled"}, status=200)
    await desk.to("2026-03-21")
    await issue(desk)
    address = f"/api/v1/card-accounts/{desk.account_id}/tax-documents"
    answer = await desk.client.get(f"{address}/C2526-000001", headers=desk.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    lines = lines_of(answer.content)
    for label, value in (
        ("Number", "C2526-000001"),
        ("For the invoice", "I2526-000001 of 16 Mar 2026"),
        ("Service", "Finance charge"),
        ("Taxable value", "₹747.95"),
        ("Central tax (CGST)", "₹67.31"),
        ("State tax (SGST)", "₹67.32"),
        ("Total", "₹882.58"),
    ):
        assert lines[lines.index(label) + 1] == value, label
    hindi = await desk.client.get(f"{address}/I2526-000001?language=hi", headers=desk.headers)
    assert "कर बीजक" in spoken_in(hindi.content)
    unknown = await desk.client.get(f"{address}/C2526-000002", headers=desk.headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tax_document_unknown")
    other = await desk.headers_of(Role.CUSTOMER, customer_id=2002)
    hidden = await desk.client.get(address, headers=other)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "card_account_not_found")


async def test_documents_never_change(desk: CardDesk) -> None:
    await bought(desk)
    await desk.statement(FIRST)
    await desk.statement(SECOND)
    await issue(desk)
    async with desk.uow_factory.open(SYSTEM) as uow:
        found = await uow.session.execute(
            text("SELECT has_table_privilege('kist_app', 'card_gst_documents', right_name) AS allowed"
                 " FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS right_name")
        )  # fmt: skip
        assert [row.allowed for row in found] == [True, False, False]
