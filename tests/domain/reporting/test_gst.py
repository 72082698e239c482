"""Tax documents: numbers, places of supply, heads of the tax, credit notes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.reporting.gst import (
    DocumentKind,
    LoanTaxKey,
    ReportLine,
    TaxedPosting,
    added,
    document_number,
    financial_year,
    make_documents,
    net_tax_paise,
)

INVOICE, NOTE = DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE


def karnataka(_: date) -> str:
    return "29"


def taxed(number: int, *, on: date = date(2026, 11, 28), **others: Any) -> TaxedPosting:
    values: dict[str, Any] = {
        "kind": INVOICE,
        "charge": "bounce_charge",
        "name": None,
        "sac": "997113",
        "taxable_paise": 500_00,
        "tax_paise": 90_00,
        "customer_state": "29",
    }
    return TaxedPosting(key=LoanTaxKey(1001, 7, number), supplied_on=on, booked_on=on, **(values | others))


def note(number: int, of: int, *, kind: DocumentKind = NOTE, tax: int = 90_00, **others: Any) -> TaxedPosting:
    key = LoanTaxKey(1001, 7, of)
    return taxed(number, kind=kind, of=key, taxable_paise=None, tax_paise=tax, sac=None, charge="reversal", **others)


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
    later = note(9, 3, on=date(2026, 12, 5), customer_state="27")
    (made,) = make_documents([later], state_on=karnataka, known={invoice.key: invoice}, used={("2627", INVOICE): 1})
    assert (made.number, made.kind, made.of) == ("C2627-000001", NOTE, invoice.key)
    assert (made.place, made.sac, made.charge) == ("29", "997113", "bounce_charge")
    assert (made.central_paise, made.state_paise, made.integrated_paise) == (45_00, 45_00, 0)
    assert (made.booked_on, made.supplied_on) == (date(2026, 12, 5), date(2026, 11, 28))
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


@pytest.mark.parametrize(
    "customer, tax, taxable, heads",
    [
        # Half of a charge of 500.00 and 90.00, within the state and across states.
        ("29", 45_00, 250_00, (22_50, 22_50, 0)),
        ("27", 45_00, 250_00, (0, 0, 45_00)),
        # 500.00 x 15.26 / 90.00 is 84.777.
        ("29", 15_26, 84_78, (7_63, 7_63, 0)),
    ],
)
def test_the_note_for_a_part_has_its_share(customer: str, tax: int, taxable: int, heads: tuple[int, int, int]) -> None:
    _, made = make_documents(
        [taxed(3, customer_state=customer), note(9, 3, tax=tax)], state_on=karnataka, known={}, used={}
    )
    assert (made.taxable_paise, made.central_paise, made.state_paise, made.integrated_paise) == (taxable, *heads)


def test_a_credit_note_that_is_undone_has_a_debit_note_for_the_same_invoice() -> None:
    debit = DocumentKind.DEBIT_NOTE
    made = list(
        make_documents(
            [taxed(3), note(9, 3, tax=45_00), note(12, 9, kind=debit, tax=45_00), note(13, 3)],
            state_on=karnataka,
            known={},
            used={},
        )
    )
    assert [(each.number, each.taxable_paise, each.tax_paise) for each in made] == [
        ("I2627-000001", 500_00, 90_00),
        ("C2627-000001", 250_00, 45_00),
        ("D2627-000001", 250_00, 45_00),
        ("C2627-000002", 500_00, 90_00),
    ]
    assert [each.of for each in made] == [None, made[0].key, made[0].key, made[0].key]


def test_the_lines_of_loans_and_card_accounts_are_added() -> None:
    line = ReportLine(
        kind=INVOICE, place="29", sac=None, documents=1, taxable_paise=500_00, central_paise=45_00, state_paise=45_00,
        integrated_paise=0,
    )  # fmt: skip
    other = replace(line, place="27", central_paise=0, state_paise=0, integrated_paise=90_00)
    given_back = replace(line, kind=NOTE)
    lines = added([given_back, line, other, line])
    assert [(each.kind, each.place, each.documents, each.tax_paise) for each in lines] == [
        (INVOICE, "27", 1, 90_00),
        (INVOICE, "29", 2, 180_00),
        (NOTE, "29", 1, 90_00),
    ]
    assert net_tax_paise(lines) == 180_00
    assert net_tax_paise([*lines, replace(given_back, kind=DocumentKind.DEBIT_NOTE)]) == 270_00
