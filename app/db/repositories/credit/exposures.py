"""What a customer owes already: active loans of ours and of other lenders, open card accounts, and loans and
card accounts that were written off. A card account that turned out to be paid before its charge-off is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.statements import Statement
from app.domain.calendar import Frequency
from app.domain.lending.contracts import monthly_paise

OURS, EXTERNAL, WRITTEN_OFF, CARD = "ours", "external", "written_off", "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What counts of an active loan in a decision: principal outstanding, and the planned instalment with its rhythm.

    One instalment is due every `every` periods of `frequency`. `product_code` is None for another lender's loan. Of a
    card account, what is used of the limit counts, and the minimum due of its latest statement.
    """

    product_code: str | None
    principal_paise: int
    emi_paise: int
    frequency: Frequency = Frequency.MONTH
    every: int = 1

    @property
    def monthly_paise(self) -> int:
        """The instalment converted to one month, for the instalment cap."""
        return monthly_paise(self.emi_paise, frequency=self.frequency, every=self.every)


@dataclass(slots=True, kw_only=True)
class Exposures:
    """A customer's active loans and open card accounts on a day, and how many of either were written off."""

    active: list[Exposure]
    written_off: int


# Another lender's loan counts with its whole amount, and the files give monthly instalments. A card account with a
# credit balance owes nothing; without a statement nothing is due every month yet.
_ANY = "ANY(CAST(:customer_ids AS bigint[]))"
_EXPOSURES = Statement(
    f"""
SELECT '{OURS}' AS kind, l.customer_id, l.id, l.product_code, l.principal_paise, s.emi_paise,
       p.terms -> 'repayment' ->> 'frequency' AS frequency,
       CAST(p.terms -> 'repayment' ->> 'every' AS integer) AS every
FROM loans AS l
JOIN schedules AS s ON s.customer_id = l.customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
JOIN products AS p ON p.code = l.product_code AND p.version = l.product_version
WHERE l.customer_id = {_ANY} AND s.customer_id = {_ANY} AND l.status = 'active'
UNION ALL
SELECT '{WRITTEN_OFF}', customer_id, id, NULL, 0, 0, NULL, NULL FROM loans
WHERE customer_id = {_ANY} AND status = 'written_off'
UNION ALL
SELECT '{WRITTEN_OFF}', customer_id, id, NULL, 0, 0, NULL, NULL FROM card_accounts
WHERE customer_id = {_ANY} AND status = 'charged_off' AND (kept -> 'loss' ->> 0) IS DISTINCT FROM '0'
UNION ALL
SELECT '{CARD}', a.customer_id, a.id, a.product_code, greatest(a.used_paise, 0), coalesce(b.minimum_due_paise, 0),
       '{Frequency.MONTH}', 1
FROM card_accounts AS a
LEFT JOIN card_statements AS b ON b.customer_id = a.customer_id AND b.account_id = a.id AND b.number = a.last_statement
    AND b.customer_id = {_ANY}
WHERE a.customer_id = {_ANY} AND a.status = 'open'
UNION ALL
SELECT '{EXTERNAL}', customer_id, id, NULL, amount_paise, instalment_paise, '{Frequency.MONTH}', 1 FROM external_loans
WHERE customer_id = {_ANY} AND approved_on <= :on AND ends_on >= :on
ORDER BY customer_id, id, kind
"""  # noqa: S608 - only constants are put in
)


async def get_exposures(session: AsyncSession, customer_id: int, *, on: date) -> Exposures:
    """What counts of a customer's loans on a day, for the limit, the instalment cap and the history."""
    return (await list_exposures(session, [customer_id], on=on))[customer_id]


async def list_exposures(session: AsyncSession, customer_ids: Sequence[int], *, on: date) -> dict[int, Exposures]:
    """The same of several customers."""
    found = {customer_id: Exposures(active=[], written_off=0) for customer_id in customer_ids}
    for row in await _EXPOSURES.list(session, customer_ids=list(customer_ids), on=on):
        exposures = found[row.customer_id]
        if row.kind == WRITTEN_OFF:
            exposures.written_off += 1
            continue
        exposures.active.append(
            Exposure(
                product_code=row.product_code,
                principal_paise=row.principal_paise,
                emi_paise=row.emi_paise,
                frequency=Frequency(row.frequency),
                every=row.every,
            )
        )
    return found
