"""Texts of a file become exactly the numbers that they state, or null."""

import polars as pl
import pytest

from app.services.tables.columns import read_paise, read_percent

AMOUNTS = [
    ("₹1,00,000.00", 1_00_000_00), ("₹ 2000", 2_000_00), ("₹\u00a02000.5", 2_000_50), ("Rs. 1,00,000", 1_00_000_00),
    ("Rs 500", 500_00), ("RS.500", 500_00), ("rs500", 500_00), ("INR 1,00,000.00", 1_00_000_00),
    ("inr100,000", 1_00_000_00), ("INR. 7", 7_00), ("Re. 1", 1_00), ("Rupees 12.50", 12_50), ("\u20a8 3", 3_00),
    ("100000/-", 1_00_000_00), ("1,00,000 /-", 1_00_000_00), ("Rs. 5,000/-", 5_000_00), ("Rs.12.50/-", 12_50),
    ("₹0", 0), ("-₹5", -1_00), ("₹-5", -1_00), ("- ₹ 5.50", -1),
    *((text, None) for text in (
        "₹₹5", "₹ Rs 5", "Rs. Rs. 5", "Rs..5", "Rs.", "₹", "/-", "Rs /-", "5/-/-", "5/", "5-", "5/-.", "5 Rs", "5₹",
        "500 INR", "INR 5 INR", "$5", "USD 5", "€5", "AUD5", "-₹-5", "₹5.005", "₹ 1,00", "₹1 000", "Rsx5", "Rss 5",
        "R 5", "₹5e3", "₹ five", "(₹5)", "₹5 CR", "₹5%", "Rs:5", "xRs 5", "lakh 5", "5 lakh",
        # Half a rupee for whoever writes decimals with a comma.
        "0,500", "0,001", "00,500", "01,000",
    )),
]  # fmt: skip


@pytest.mark.parametrize("text, paise", AMOUNTS)
def test_an_amount_may_have_a_currency(text: str, paise: int | None) -> None:
    # Among other texts, and as the only text of its column.
    assert read_paise(pl.Series(["7", text, None, "1.5"])).to_list() == [700, paise, None, 150]
    assert read_paise(pl.Series([text])).to_list() == [paise]


@pytest.mark.parametrize(
    "text, percent",
    [
        ("10.5 %", "10.5"), ("10.5%", "10.5"), ("10.5\u00a0%", "10.5"), ("10.5\u202f%", "10.5"), ("10  %", "10"),
        ("10", "10"), ("0.105 %", "0.105"), ("10.5 % %", None), ("10.5%%", None), ("% 10.5", None), ("10 .5 %", None),
        ("10,5 %", None), ("-1 %", None), ("%", None), (" %", None), ("10.5 percent", None), ("10.5 \u2030", None),
        ("100", "100"), ("1000", None), ("10000 %", None), ("10.500000000000", "10.50000000"), ("10.", None),
    ],
)  # fmt: skip
def test_a_space_may_precede_a_percent_sign(text: str, percent: str | None) -> None:
    assert pl.DataFrame({"rate": [text]}).select(read_percent("rate")).item() == percent
