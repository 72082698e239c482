"""A day of collections: what falls due, what was promised for it, what bounced and what was paid, by officer.

The officer is the one in charge of the case. `due` holds instalments and minimum dues of cards, of the whole book, that
are not paid yet; `paid` holds payments of loans and cards that are or were in the work list.
"""

from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.cards.states import open_statements
from app.db.statements import Statement
from app.domain.delinquency.facilities import FacilityKey
from app.domain.rulebook.kinds import ProductKind


class DaySection(StrEnum):
    """A part of the day."""

    DUE = "due"
    ACTIONS = "actions"
    PROMISED = "promised"
    BOUNCED = "bounced"
    PAID = "paid"


class SectionSum(NamedTuple):
    """How many, and how much, of a section is an officer's (None: nobody's)."""

    section: DaySection
    officer_id: int | None
    number: int
    amount_paise: int


class DayLine(NamedTuple):
    """One line of a section. `number` is that of the instalment, statement, promise, payment or posting; 0 for an
    action."""

    customer_id: int
    facility: FacilityKey
    number: int
    amount_paise: int
    state: str
    officer_id: int | None
    customer_name: str | None
    phone: str | None
    loan_year: int | None
    asset_class: str | None


_UNPAID: Final = "unpaid_charges_paise + unpaid_interest_paise + unpaid_principal_paise"
#: The lines of each section: customer, kind, facility, number, amount, state.
_LINES: Final = {
    DaySection.DUE: f"""
        SELECT customer_id, 'loan' AS kind, loan_id AS facility_id, cycle::bigint AS number,
               {_UNPAID} AS amount_paise, 'due' AS state
        FROM bills WHERE due_on = CAST(:on AS date) AND settled_on IS NULL
        UNION ALL
        SELECT s.customer_id, 'card', s.account_id, s.number::bigint, u.unpaid_paise, 'minimum_due'
        FROM card_statements AS s
        JOIN card_accounts AS a ON a.customer_id = s.customer_id AND a.id = s.account_id AND a.status = 'open'
        JOIN LATERAL ({open_statements("a")}) AS u ON u.number = s.number AND u.unpaid_paise > 0
        WHERE s.due_on = CAST(:on AS date)""",  # noqa: S608 - our own columns
    DaySection.ACTIONS: """
        SELECT customer_id, kind, facility_id, 0::bigint AS number, overdue_paise AS amount_paise, next_action AS state
        FROM collection_cases WHERE closed_on IS NULL AND next_action_on <= CAST(:on AS date)""",
    DaySection.PROMISED: """
        SELECT customer_id, kind, facility_id, id AS number, amount_paise, status AS state
        FROM collection_promises WHERE pay_by = CAST(:on AS date) AND status <> 'withdrawn'""",
    DaySection.BOUNCED: """
        SELECT customer_id, 'loan' AS kind, loan_id AS facility_id, id AS number, amount_paise, 'bounced' AS state
        FROM payments WHERE reversed_on = CAST(:on AS date)
        UNION ALL
        SELECT customer_id, 'card', account_id, number::bigint, amount_paise, 'bounced'
        FROM card_postings WHERE kind = 'returned_payment' AND posted_on = CAST(:on AS date)""",
    DaySection.PAID: """
        SELECT m.customer_id, 'loan' AS kind, m.loan_id AS facility_id, m.id AS number, m.amount_paise, 'paid' AS state
        FROM payments AS m
        JOIN collection_cases AS w
          ON w.customer_id = m.customer_id AND w.kind = 'loan' AND w.facility_id = m.loan_id
        WHERE m.booked_on = CAST(:on AS date) AND m.reversed_on IS NULL
        UNION ALL
        SELECT m.customer_id, 'card', m.account_id, m.number::bigint, m.amount_paise - m.undone_paise, 'paid'
        FROM card_postings AS m
        JOIN collection_cases AS w
          ON w.customer_id = m.customer_id AND w.kind = 'card' AND w.facility_id = m.account_id
        WHERE m.kind = 'payment' AND m.posted_on = CAST(:on AS date) AND m.amount_paise > m.undone_paise""",
}
_CASE: Final = """
    LEFT JOIN collection_cases AS c
      ON c.customer_id = f.customer_id AND c.kind = f.kind AND c.facility_id = f.facility_id"""
_SUMS: Final = {
    section: Statement(
        f"SELECT c.officer_id, count(*) AS number, coalesce(sum(f.amount_paise), 0)::bigint AS amount_paise"  # noqa: S608
        f" FROM ({lines}) AS f {_CASE} GROUP BY 1"
    )
    for section, lines in _LINES.items()
}
_PAGES: Final = {
    section: Statement(
        f"""
SELECT f.customer_id, f.kind, f.facility_id, f.number, f.amount_paise, f.state, c.officer_id, p.name, p.phone,
       date_part('year', l.disbursed_on)::int AS loan_year, c.asset_class
FROM ({lines}) AS f {_CASE}
JOIN customers AS p ON p.customer_id = f.customer_id
LEFT JOIN loans AS l ON f.kind = 'loan' AND l.customer_id = f.customer_id AND l.id = f.facility_id
WHERE (f.customer_id, f.kind, f.facility_id, f.number)
      > (CAST(:customer_id AS bigint), CAST(:kind AS text), CAST(:facility_id AS bigint), CAST(:number AS bigint))
  AND (CAST(:officer_id AS bigint) IS NULL OR c.officer_id = CAST(:officer_id AS bigint))
ORDER BY f.customer_id, f.kind, f.facility_id, f.number LIMIT CAST(:limit AS bigint)
"""  # noqa: S608 - only our own statements are put in
    )
    for section, lines in _LINES.items()
}
#: Before the first line of a section.
BEGINNING: Final[tuple[int, str, int, int]] = (0, "", 0, -1)


async def sum_day(session: AsyncSession, *, on: date) -> list[SectionSum]:
    """How many lines, and how much, each section of a day has, by officer."""
    found = []
    for section, statement in _SUMS.items():
        rows = await statement.list(session, on=on)
        found += [SectionSum(section, row.officer_id, row.number, row.amount_paise) for row in rows]
    return found


async def list_day(
    session: AsyncSession,
    section: DaySection,
    *,
    on: date,
    officer_id: int | None,
    after: tuple[int, str, int, int] = BEGINNING,
    limit: int,
) -> list[DayLine]:
    """The next lines of a section, by customer: of an officer, or of all."""
    customer_id, kind, facility_id, number = after
    rows = await _PAGES[section].list(
        session,
        on=on,
        officer_id=officer_id,
        customer_id=customer_id,
        kind=kind,
        facility_id=facility_id,
        number=number,
        limit=limit,
    )
    return [_line(row) for row in rows]


def _line(row: Any) -> DayLine:
    return DayLine(
        customer_id=row.customer_id,
        facility=FacilityKey(ProductKind(row.kind), row.facility_id),
        number=row.number,
        amount_paise=row.amount_paise,
        state=row.state,
        officer_id=row.officer_id,
        customer_name=row.name,
        phone=row.phone,
        loan_year=row.loan_year,
        asset_class=row.asset_class,
    )
