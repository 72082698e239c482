"""Tax documents: numbers, places of supply, heads of the tax, credit notes."""

from datetime import date
from typing import Any

import pytest

from app.domain.reporting.gst import (
    DocumentKey,
    DocumentKind,
    ReportLine,
    TaxedTransfer,
    document_number,
    financial_year,
    make_documents,
    net_tax_paise,
)


def karnataka(_: date) -> str:
    return "29"


INVOICE, NOTE = DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE


def taxed(number: int, *, on: date = date(2026, 11, 28), **others: Any) -> TaxedTransfer:
    values: dict[str, Any] = {
        "charge": "bounce_charge",
        "name": None,
        "sac": "997113",
        "taxable_paise": 500_00,
        "tax_paise": 90_00,
        "customer_state": "29",
        "reverses": None,
    }
    return TaxedTransfer(key=DocumentKey(1001, 7, number), supplied_on=on, booked_on=on, **(values | others))


@pytest.mark.parametrize(
    "day, year",
    [
        (date(2026, 3, 31), "2526"),
        (date(2026, 4, 1), "2627"),
        (date(2027, 1, 1), "2627"),
        (date(2100, 4, 1), "0001"),
    ],
)
def test_a_financial_year_begins_in_april(day: date, year: str) -> None:
    assert financial_year(day) == year


def test_a_number_has_at_most_sixteen_characters() -> None:
    assert document_number(INVOICE, year="2627", number=12) == "I2627-000012"
    assert len(document_number(NOTE, year="2627", number=9_999_999_999)) == 16


@pytest.mark.parametrize(
    "customer, place, heads",
    [
        ("29", "29", (45_00, 45_00, 0)),  # the lender's own state
        ("27", "27", (0, 0, 90_00)),  # another one
        (None, "29", (45_00, 45_00, 0)),  # not on the records
    ],
)
def test_the_place_of_supply_decides_about_the_heads(
    customer: str | None, place: str, heads: tuple[int, int, int]
) -> None:
    (made,) = make_documents([taxed(3, customer_state=customer)], state_on=karnataka, known={}, used={})
    assert (made.number, made.kind, made.place) == ("I2627-000001", INVOICE, place)
    assert (made.central_paise, made.state_paise, made.integrated_paise) == heads


def test_numbers_go_on_and_begin_again_with_the_year() -> None:
    before, after = date(2027, 3, 31), date(2027, 4, 1)
    made = make_documents(
        [taxed(3, on=before), taxed(5, on=before), taxed(7, on=after)],
        state_on=karnataka,
        known={},
        used={("2627", INVOICE): 41},
    )
    assert [each.number for each in made] == ["I2627-000042", "I2627-000043", "I2728-000001"]


def test_a_credit_note_repeats_its_invoice_wherever_the_customer_is_now() -> None:
    (invoice,) = make_documents([taxed(3)], state_on=karnataka, known={}, used={})
    later = taxed(9, on=date(2026, 12, 5), customer_state="27", reverses=3, charge="reversal", sac=None)
    (note,) = make_documents([later], state_on=karnataka, known={invoice.key: invoice}, used={("2627", INVOICE): 1})
    assert (note.number, note.kind, note.of_transfer) == ("C2627-000001", NOTE, 3)
    assert (note.place, note.sac, note.charge) == ("29", "997113", "bounce_charge")
    assert (note.central_paise, note.state_paise, note.integrated_paise) == (45_00, 45_00, 0)
    assert (note.booked_on, note.supplied_on) == (date(2026, 12, 5), date(2026, 11, 28))
    # In one go too.
    assert [each.number for each in make_documents([taxed(3), later], state_on=karnataka, known={}, used={})] == [
        "I2627-000001",
        "C2627-000001",
    ]


def test_the_tax_of_a_month_is_net_of_credit_notes() -> None:
    def line(kind: DocumentKind, tax: int) -> ReportLine:
        return ReportLine(
            kind=kind, place="29", sac=None, documents=1, taxable_paise=0, central_paise=tax, state_paise=tax,
            integrated_paise=0,
        )  # fmt: skip

    assert net_tax_paise([line(INVOICE, 45_00), line(NOTE, 9_00)]) == 72_00


def test_the_state_of_the_lender_is_that_of_the_day_of_the_charge() -> None:
    moved = date(2026, 12, 1)
    made = make_documents(
        [taxed(3), taxed(5, on=moved)], state_on=lambda day: "27" if day >= moved else "29", known={}, used={}
    )
    assert [(each.central_paise, each.integrated_paise) for each in made] == [(45_00, 0), (0, 90_00)]
