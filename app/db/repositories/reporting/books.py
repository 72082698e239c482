"""Reads the books of one loan for a loan statement, in one SQL statement, so that all rows belong to one moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.data_loader import Lookup
from app.db.repositories.billing.bills import BILL_COLUMNS, issued_bill
from app.db.repositories.lending.positions import BY_NUMBER, Stored, stored_loan
from app.db.session import Reader
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.ledger import Account
from app.domain.reporting.statements import Moved, PaymentFacts

# Each column of a bill has its table's name before it, so a column of the loan with the same name is not meant.
_BOOKS = f"""
    (SELECT array_agg(ROW({", ".join(f"bill.{name}" for name in BILL_COLUMNS)}) ORDER BY bill.cycle)
     FROM bills AS bill WHERE bill.customer_id = l.customer_id AND bill.loan_id = l.id) AS bills,
    (SELECT array_agg(ROW(p.id, p.value_date, p.amount_paise, p.method, p.reference, p.reversed_on)
                      ORDER BY p.value_date, p.id)
     FROM payments AS p WHERE p.customer_id = l.customer_id AND p.loan_id = l.id) AS payments,
    (SELECT array_agg(ROW(a.payment_id, a.component, a.amount_paise))
     FROM payment_allocations AS a WHERE a.customer_id = l.customer_id AND a.loan_id = l.id) AS allocations,
    (SELECT array_agg(ROW(g.account, g.component, g.cycle, g.amount_paise)
                      ORDER BY g.account, g.cycle NULLS LAST, g.component)
     FROM (SELECT side.account, t.component, t.cycle, sum(side.amount_paise)::bigint AS amount_paise
           FROM transfers AS t
           CROSS JOIN LATERAL (VALUES (t.debit, t.amount_paise), (t.credit, -t.amount_paise))
                      AS side(account, amount_paise)
           WHERE t.customer_id = l.customer_id AND t.loan_id = l.id AND t.component <> 'interest_suspense'
             AND (side.account IN ('waivers', 'write_offs')
                  OR (side.account = 'interest' AND t.component <> 'interest'))
           GROUP BY side.account, t.component, t.cycle
           HAVING sum(side.amount_paise) <> 0) AS g) AS moved
"""  # noqa: S608 - only names of our own columns are put in
_BY_NUMBER = Lookup(BY_NUMBER.replace("\nFROM loans AS l\n", f",{_BOOKS}FROM loans AS l\n"), key="id")


class Books(NamedTuple):
    """A loan with all its bills; its payments in order of value date, with their allocation; and `moved`: the sums of
    waivers, of a write-off and of interest credits, after reversals."""

    loan: Stored
    bills: list[IssuedBill]
    payments: list[PaymentFacts]
    moved: list[Moved]


async def find_books(reader: AsyncSession | Reader, number: int) -> Books | None:
    """The books of a loan by its public number, or None."""
    row = await _BY_NUMBER.find(reader, number)
    if row is None:
        return None
    parts: Mapping[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for payment_id, component, amount_paise in row.allocations or ():
        parts[payment_id][component] += amount_paise
    return Books(
        loan=stored_loan(row),
        bills=list(map(issued_bill, row.bills or ())),
        payments=[_payment(payment, parts[payment[0]]) for payment in row.payments or ()],
        moved=[
            Moved(account=Account(account), component=Account(component), cycle=cycle, amount_paise=amount_paise)
            for account, component, cycle, amount_paise in row.moved or ()
        ],
    )


def _payment(row: Iterable[Any], parts: Mapping[str, int]) -> PaymentFacts:
    payment_id, value_date, amount_paise, method, reference, reversed_on = row
    return PaymentFacts(
        payment_id=payment_id,
        value_date=value_date,
        amount_paise=amount_paise,
        charges_paise=parts.get("charges", 0),
        interest_paise=parts.get("interest", 0),
        principal_paise=parts.get("principal", 0),
        advance_paise=parts.get("advance", 0),
        method=method,
        reference=reference,
        reversed_on=reversed_on,
    )
