"""Amounts in cells of a workbook: whole paise as exact decimals, grouped by lakhs and crores.

A format with conditions (`[>=10000000]...`) loses the minus of negative amounts in some programs. So each cell has a
format without conditions, chosen by the size of its amount.
"""

from typing import Final

from app.domain.money import PAISE_PER_RUPEE

#: The most digits of an amount before the point: paise are stored in eight bytes.
_MOST_DIGITS: Final = 17


def _pattern(groups: int) -> str:
    """The format of an amount with so many groups of two digits before its last three."""
    # Up to a lakh there is one comma, which every program knows; beyond, each group but the first has its own.
    digits = "#,##0.00" if groups < 2 else "##" + r"\,##" * (groups - 1) + r"\,##0.00"
    return f"{digits};-{digits}"


#: The formats, from small amounts to large ones.
FORMATS: Final = tuple(_pattern(groups) for groups in range(1, (_MOST_DIGITS - 2) // 2 + 1))


def format_place(paise: int) -> int:
    """The place in `FORMATS` of the format of an amount: `12,34,567.00`, and a minus for amounts below 0."""
    return max(0, (len(str(abs(paise) // PAISE_PER_RUPEE)) - 2) // 2 - 1)


def amount_format(paise: int) -> str:
    """The number format of a cell with this amount."""
    return FORMATS[format_place(paise)]
