"""The facts of documents: whose paper it is, which loan it is about, who lends.

Identity numbers are masked before they are passed to this layer, because documents are e-mailed and printed. The
borrower can recognise their document, and nobody else can use the numbers.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.documents.words import Language
from app.domain.lender.profiles import LenderVersion
from app.domain.payments.payments import Due, Payoff
from app.domain.reporting.account_periods import AccountPeriod
from app.domain.reporting.gst import TaxDocument
from app.domain.reporting.papers import InterestYear
from app.domain.reporting.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrower:
    """The borrower, with the full name. The Aadhaar and telephone numbers are masked, or None."""

    user_id: str
    name: str
    aadhaar: str | None
    phone: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """A statement, its loan and its borrower. Money in paise, the rate in percent a year.

    `amount_paise` was paid out on the first day, `topped_up_paise` since.
    """

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
    lender: LenderVersion | None = None
    language: Language = Language.ENGLISH
    topped_up_paise: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What every paper of a loan shows: the loan, its borrower, the lender, and the day of the paper.

    Money in paise, the rate in percent a year. `lender` is None where nobody has added a profile.
    """

    on: date
    language: Language
    lender: LenderVersion | None
    borrower: Borrower
    loan_id: str
    product: str
    amount_paise: int
    annual_rate_percent: Decimal
    disbursed_on: date
    closed_on: date | None
    topped_up_paise: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """A payment, what it settles as the books stand, and what is left. `reversed_on` is set if it was taken back."""

    paper: PaperFacts
    payment_id: str
    amount_paise: int
    value_date: date
    booked_on: date
    method: str | None
    reference: str | None
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    reversed_on: date | None
    outstanding_paise: int
    next_due: Due | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """The account of a period, and what must be paid today to be current."""

    paper: PaperFacts
    account: AccountPeriod
    overdue_paise: int
    to_be_current_paise: int
    next_due: Due | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """The interest of a financial year."""

    paper: PaperFacts
    year: InterestYear


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeclosureFacts:
    """What closes the loan on each day from the day of the letter up to the day on which it ends."""

    paper: PaperFacts
    payoffs: tuple[Payoff, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPaperFacts:
    """A tax document of a loan or a card account (`account` is its public id), and the invoice that a note is for."""

    language: Language
    lender: LenderVersion | None
    borrower: Borrower
    account: str
    document: TaxDocument
    invoice: TaxDocument | None


def mask_phone(phone: str) -> str:
    """`+91 98765 43210` as `XXXXXX3210`. A number of fewer than eight digits is hidden altogether."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return f"XXXXXX{digits[-4:]}" if len(digits) >= 8 else "XXXXXX"
