"""Reads the books of one loan for a loan statement, in one SQL statement, so that all rows belong to one moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Date
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.data_loader import Lookup
from app.db.models import Bill as BillRow
from app.db.repositories.billing.bills import BILL_COLUMNS, issued_bill
from app.db.repositories.lending.loans import find_loan_key
from app.db.repositories.lending.positions import BY_KEY, DAY_ZERO, KEY, Stored, day_of, stored_loan
from app.db.session import Reader
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.ledger import Account
from app.domain.reporting.statements import Moved, PaymentFacts

_ISSUED = [
    (column.name, isinstance(column.type, Date)) for column in BillRow.__table__.columns if column.name in BILL_COLUMNS
]
# A cluster knows no array of rows. So the bills are arrays of numbers, with dates as days; the other rows are one array
# for each column. Each table is compared with the customers itself: on a cluster that says which server is asked.
_BOOKS = f"""
LEFT JOIN LATERAL (
    SELECT array_agg(ARRAY[{", ".join(f"bill.{name}" + (f" - {DAY_ZERO}" * is_date) for name, is_date in _ISSUED)}]
                     ORDER BY bill.cycle) AS bills
    FROM bills AS bill WHERE bill.customer_id = l.customer_id AND bill.customer_id {{of}} AND bill.loan_id = l.id
) AS issued ON true
LEFT JOIN LATERAL (
    SELECT array_agg(p.id ORDER BY p.value_date, p.id) AS payment_ids,
           array_agg(p.value_date ORDER BY p.value_date, p.id) AS payment_days,
           array_agg(p.amount_paise ORDER BY p.value_date, p.id) AS payment_paise,
           array_agg(p.method ORDER BY p.value_date, p.id) AS payment_methods,
           array_agg(p.reference ORDER BY p.value_date, p.id) AS payment_references,
           array_agg(p.reversed_on ORDER BY p.value_date, p.id) AS payment_reversals
    FROM payments AS p WHERE p.customer_id = l.customer_id AND p.customer_id {{of}} AND p.loan_id = l.id
) AS received ON true
LEFT JOIN LATERAL (
    SELECT array_agg(a.payment_id) AS allocated_ids, array_agg(a.component) AS allocated_components,
           array_agg(a.amount_paise) AS allocated_paise
    FROM payment_allocations AS a
    WHERE a.customer_id = l.customer_id AND a.customer_id {{of}} AND a.loan_id = l.id
) AS allocated ON true
LEFT JOIN LATERAL (
    SELECT array_agg(g.account ORDER BY g.account, g.cycle NULLS LAST, g.component) AS moved_accounts,
           array_agg(g.component ORDER BY g.account, g.cycle NULLS LAST, g.component) AS moved_components,
           array_agg(g.cycle ORDER BY g.account, g.cycle NULLS LAST, g.component) AS moved_cycles,
           array_agg(g.amount_paise ORDER BY g.account, g.cycle NULLS LAST, g.component) AS moved_paise
    FROM (SELECT side.account, t.component, t.cycle, sum(side.amount_paise)::bigint AS amount_paise
          FROM transfers AS t
          CROSS JOIN LATERAL (VALUES (t.debit, t.amount_paise), (t.credit, -t.amount_paise))
                     AS side(account, amount_paise)
          WHERE t.customer_id = l.customer_id AND t.customer_id {{of}} AND t.loan_id = l.id
            AND t.component <> 'interest_suspense'
            AND (side.account IN ('waivers', 'write_offs')
                 OR (side.account = 'interest' AND t.component <> 'interest'))
          GROUP BY side.account, t.component, t.cycle
          HAVING sum(side.amount_paise) <> 0) AS g
) AS written_off ON true
"""  # noqa: S608 - only names of our own columns are put in
_FOUND = (
    "issued.bills, payment_ids, payment_days, payment_paise, payment_methods, payment_references, payment_reversals, "
    "allocated_ids, allocated_components, allocated_paise, moved_accounts, moved_components, moved_cycles, moved_paise"
)
_BY_KEY = Lookup(
    BY_KEY.replace("AS alterations\n", f"AS alterations, {_FOUND}\n", 1).replace(
        "JOIN unnest(", _BOOKS.format(of="= ANY(CAST(:customer_ids AS bigint[]))").lstrip() + "JOIN unnest(", 1
    ),
    key=KEY,
)


class Books(NamedTuple):
    """A loan with all its bills; its payments in order of value date, with their allocation; and `moved`: the sums of
    waivers, of a write-off and of interest credits, after reversals."""

    loan: Stored
    bills: list[IssuedBill]
    payments: list[PaymentFacts]
    moved: list[Moved]


async def find_books(reader: AsyncSession | Reader, number: int) -> Books | None:
    """The books of a loan by its public number, or None."""
    key = await find_loan_key(reader, number)
    row = None if key is None else await _BY_KEY.find(reader, *key)
    if row is None:
        return None
    parts: Mapping[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for payment_id, component, amount_paise in _rows(row, *_ALLOCATED):
        parts[payment_id][component] += amount_paise
    return Books(
        loan=stored_loan(row),
        bills=[issued_bill(_issued(bill)) for bill in row.bills or ()],
        payments=[_payment(payment, parts[payment[0]]) for payment in _rows(row, *_PAYMENTS)],
        moved=[
            Moved(account=Account(account), component=Account(component), cycle=cycle, amount_paise=amount_paise)
            for account, component, cycle, amount_paise in _rows(row, *_MOVED)
        ],
    )


_PAYMENTS = (
    "payment_ids", "payment_days", "payment_paise", "payment_methods", "payment_references", "payment_reversals",
)  # fmt: skip
_ALLOCATED = ("allocated_ids", "allocated_components", "allocated_paise")
_MOVED = ("moved_accounts", "moved_components", "moved_cycles", "moved_paise")


def _rows(row: Any, *columns: str) -> Iterable[tuple[Any, ...]]:
    """The rows that came as an array a column; nothing is NULL."""
    return zip(*(row[column] or () for column in columns), strict=True)


def _issued(bill: Sequence[Any]) -> list[Any]:
    """The row of a bill, from its numbers."""
    return [
        day_of(value) if is_date and value is not None else value
        for value, (_, is_date) in zip(bill, _ISSUED, strict=True)
    ]


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
