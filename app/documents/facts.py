"""The facts of a statement document: the statement, its loan and its borrower.

Identity numbers are masked before they are passed to this layer, because documents are e-mailed and printed. The
borrower can recognise their document, and nobody else can use the numbers.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.reporting.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrower:
    """The borrower, with the full name. The Aadhaar and telephone numbers are masked, or None."""

    user_id: str
    name: str
    aadhaar: str | None
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """A statement, its loan and its borrower. Money in paise, the rate in percent a year."""

    loan_id: str
    product: str
    status: str
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    disbursed_on: date
    closed_on: date | None
    borrower: Borrower
    statement: Statement


def mask_phone(phone: str) -> str:
    """`+91 98765 43210` as `XXXXXX3210`. A number of fewer than eight digits is hidden altogether."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return f"XXXXXX{digits[-4:]}" if len(digits) >= 8 else "XXXXXX"
