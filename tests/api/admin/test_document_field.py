"""Stored documents as lines of words."""

from typing import Any

import pytest

from app.api.admin.document_field import document_lines


@pytest.mark.parametrize(
    "document, lines",
    [
        (
            {"charge_number": None, "charges_paise": 0, "interest_paise": 3_000_00},
            ["charges: ₹0.00", "interest: ₹3,000.00"],
        ),
        ({"prepayment": "smaller_emi", "is_taxed": True}, ["prepayment: smaller EMI", "is taxed: yes"]),
        ({"amount_paise": [5_000_00, None], "days": [15, 45]}, ["amount: ₹5,000.00, –", "days: 15, 45"]),
        (
            {"late": {"fees": [{"up_to_paise": 500_00, "fee_paise": 0}], "none": {"of": None}}},
            ["late:", "    fees:", "        1.", "            up to: ₹500.00", "            fee: ₹0.00"],
        ),
        ([{"code": "score_too_low"}], ["1.", "    code: score too low"]),
        ({"reason": "Wrong_Word by a person"}, ["reason: Wrong_Word by a person"]),
        ({}, []),
    ],
)
def test_a_document_is_lines_of_words(document: Any, lines: list[str]) -> None:
    assert list(document_lines(document)) == lines
