"""What the key facts statement of an offer or a loan has beyond that of a quote."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.documents.facts import Borrower
from app.domain.lender.profiles import LenderVersion
from app.domain.products.charges import NamedCharge
from app.domain.products.products import CoLending


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFact:
    """A change of the loan since: its kind, its day, the rate from then on if it changed, and the number of the
    statement that it has of its own."""

    kind: str
    on: date
    annual_rate_percent: Decimal | None
    proposal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFactsAbout:
    """What a statement of an offer or a loan has beyond a quote. `valid_until` is None where the loan was made at once.
    `lent_before_paise` is what was left of a loan on which more is lent.

    `accepted_by_staff` says whether staff accepted it for the borrower.
    """

    lender: LenderVersion | None
    borrower: Borrower
    proposal: str
    loan_id: str | None
    product: str
    issued_on: date
    valid_until: date | None
    accepted_on: date | None
    accepted_by_staff: bool
    contingent: tuple[NamedCharge, ...]
    leave_until: date
    leave_for_paise: int
    benchmark: str | None = None
    lent_before_paise: int = 0
    co_lending: CoLending | None = None
    changes: tuple[ChangedFact, ...] = ()
