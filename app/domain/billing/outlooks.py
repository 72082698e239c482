"""The totals of the bills to come: what views and previews of a change compare."""

from dataclasses import dataclass
from datetime import date

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.lending.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The totals of the future bills of a loan. Money in paise. `ends_on` is None when there are none."""

    emi_paise: int
    instalments: int
    ends_on: date | None
    interest_paise: int
    amount_paise: int


def outlook(position: Position, *, on: date | None = None) -> Outlook:
    """The totals of the future bills of a loan on a day (default: the day of its latest event).

    It assumes that open bills are paid on that day and each later bill on its billing date.
    """
    ahead = list(bills_to_come(position, on=on or position.last_event_on))
    return Outlook(
        emi_paise=position.emi_paise if ahead else 0,
        instalments=len(ahead),
        ends_on=ahead[-1].billed_on if ahead else None,
        interest_paise=sum(bill.interest_paise for bill in ahead),
        amount_paise=sum(bill.amount_paise for bill in ahead),
    )
