"""The bills to come, as previews of a change show them."""

from datetime import date

from app.api.schemas import Answer, RupeesOut
from app.domain.billing.outlooks import Outlook


class AheadPart(Answer):
    """The bills to come: the EMI, how many, the last day, and their totals in rupees."""

    emi: RupeesOut
    instalments: int
    ends_on: date | None
    interest: RupeesOut
    amount: RupeesOut


def present_ahead(found: Outlook) -> AheadPart:
    """The bills to come as the wire writes them."""
    return AheadPart(
        emi=found.emi_paise,
        instalments=found.instalments,
        ends_on=found.ends_on,
        interest=found.interest_paise,
        amount=found.amount_paise,
    )
