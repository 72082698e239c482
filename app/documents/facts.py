"""What a statement document tells beyond the statement itself: whose loan it is, and what was agreed.

Identity is masked before it gets here. A document travels by e-mail and lies on tables, so it carries enough for the
borrower to know that it is theirs, and too little for anybody else to use.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.reporting.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrower:
    """The borrower: the name in full, the Aadhaar and telephone numbers masked or absent."""

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
