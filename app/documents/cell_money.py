"""Amounts in cells of a workbook: whole paise as exact decimals, grouped by lakhs and crores.

A format with conditions (`[>=10000000]...`) loses the minus of negative amounts in some programs. So each cell has a
format without conditions, chosen by the size of its amount.
"""

from app.domain.money import PAISE_PER_RUPEE

#: Below this many rupees there is one comma, which every program knows.
_LAKH = 100_000


def amount_format(paise: int) -> str:
    """The number format of a cell with this amount: `12,34,567.00`, and a minus for amounts below 0."""
    rupees = abs(paise) // PAISE_PER_RUPEE
    if rupees < _LAKH:
        return "#,##0.00;-#,##0.00"
    # The last group has three digits, every other one two: each group but the first is written with its comma.
    groups = (len(str(rupees)) - 2) // 2
    digits = "##" + r"\,##" * (groups - 1) + r"\,##0.00"
    return f"{digits};-{digits}"
