"""What a payment did."""

from dataclasses import dataclass

from app.domain.lending.positions import Decision
from app.domain.payments.payments import Due


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOutcome:
    """The result of a payment. The amounts are in paise; `principal_paise` includes prepaid principal.

    `overpaid_paise` is owed to the borrower. `recovered_paise` is income, received after a write-off.
    """

    decision: Decision
    group_number: int
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    next_due: Due | None
    closed: bool
    overpaid_paise: int = 0
    recovered_paise: int = 0
