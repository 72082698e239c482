"""The facts of a card statement document."""

from dataclasses import dataclass
from datetime import date

from app.documents.facts import Borrower
from app.documents.words import Language
from app.domain.cards.engine.accounts import MinimumParts
from app.domain.cards.engine.interest import InterestLine
from app.domain.lender.profiles import LenderVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPostingFacts:
    """A line of a card statement. `owed_paise` is by how much more is owed because of it (less: negative)."""

    number: int
    kind: str
    posted_on: date
    value_on: date
    owed_paise: int
    merchant: str | None
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStatementFacts:
    """A statement of a card account as it was issued. Money in paise; a closing balance below 0 is a credit."""

    language: Language
    lender: LenderVersion | None
    borrower: Borrower
    account_id: str
    product: str
    number: int
    from_on: date
    issued_on: date
    due_on: date
    opening_paise: int
    closing_paise: int
    total_due_paise: int
    minimum_due_paise: int
    minimum: MinimumParts
    plan_paise: int
    disputed_paise: int
    interest_free: bool
    postings: tuple[CardPostingFacts, ...]
    interest: tuple[InterestLine, ...]

    @property
    def minimum_rounding_paise(self) -> int:
        """What makes the parts of the minimum due the minimum due: it is rounded up, or cut to the total (below 0)."""
        parts = self.minimum
        sums = parts.tax_paise + parts.fees_paise + parts.interest_paise + parts.instalments_paise
        sums += parts.over_limit_paise + parts.share_paise + parts.past_due_paise
        return self.minimum_due_paise - max(sums, parts.covering_paise)
