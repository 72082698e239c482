"""Reads the books of one loan for a loan statement, in one SQL statement, so that all rows belong to one moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

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
_DAYS = [place for place, (_, is_date) in enumerate(_ISSUED) if is_date]
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
    SELECT array_agg(t.payment_id) AS moved_payment_ids, array_agg(t.debit) AS moved_debits,
           array_agg(t.credit) AS moved_credits, array_agg(t.component) AS moved_components,
           array_agg(t.cycle) AS moved_cycles, array_agg(t.amount_paise) AS moved_paise
    FROM transfers AS t
    WHERE t.customer_id = l.customer_id AND t.customer_id {{of}} AND t.loan_id = l.id
      AND (t.payment_id IS NOT NULL OR t.debit IN ('waivers', 'write_offs') OR t.credit IN ('waivers', 'write_offs')
           OR t.kind = 'fee' OR (t.component <> 'interest' AND 'interest' IN (t.debit, t.credit)))
) AS posted ON true
"""  # noqa: S608 - only names of our own columns are put in
_FOUND = (
    "issued.bills, payment_ids, payment_days, payment_paise, payment_methods, payment_references, payment_reversals, "
    "moved_payment_ids, moved_debits, moved_credits, moved_components, moved_cycles, moved_paise"
)
_BY_KEY = Lookup(
    BY_KEY.replace("AS alterations\n", f"AS alterations, {_FOUND}\n", 1).replace(
        "JOIN unnest(", _BOOKS.format(of="= ANY(CAST(:customer_ids AS bigint[]))").lstrip() + "JOIN unnest(", 1
    ),
    key=KEY,
    is_filled_up=True,
)


#: Sums of what payments settled, by payment and account.
_Allocated: TypeAlias = dict[int, dict[str, int]]


class Books(NamedTuple):
    """A loan with all its bills; its payments in order of value date, with their allocation; and `moved`: the sums of
    waivers, of a write-off, of interest credits and of the disbursal's fees, after reversals."""

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
    parts, settled = _sums_of(_rows(row, *_POSTED))
    return Books(
        loan=stored_loan(row),
        bills=[issued_bill(_issued(bill)) for bill in row["bills"] or ()],
        payments=[_payment(payment, parts[payment[0]]) for payment in _rows(row, *_PAYMENTS)],
        moved=[
            Moved(account=Account(account), component=Account(component), cycle=cycle, amount_paise=amount_paise)
            for (account, component, cycle), amount_paise in settled.items()
            if amount_paise
        ],
    )


_PAYMENTS = (
    "payment_ids", "payment_days", "payment_paise", "payment_methods", "payment_references", "payment_reversals",
)  # fmt: skip
_POSTED = ("moved_payment_ids", "moved_debits", "moved_credits", "moved_components", "moved_cycles", "moved_paise")
_MONEY: Final = frozenset({Account.CASH.value, Account.ADVANCE.value})
_LENT_OR_PAID: Final = frozenset({Account.PRINCIPAL.value, Account.CASH.value})
_INCOME: Final = frozenset({Account.CHARGE_INCOME.value, Account.THIRD_PARTY_PAYABLE.value, Account.GST_PAYABLE.value})
_GIVEN_UP: Final = frozenset({Account.WAIVERS.value, Account.WRITE_OFFS.value})


def _sums_of(transfers: Iterable[tuple[Any, ...]]) -> tuple[_Allocated, Mapping[tuple[str, str, int | None], int]]:
    """What each payment settled, by account, as the view `payment_allocations` says it; and what was settled without
    a payment, by account, component and cycle. One pass over the transfers is a third of the work of two queries."""
    parts: _Allocated = defaultdict(lambda: defaultdict(int))
    settled: dict[tuple[str, str, int | None], int] = defaultdict(int)
    for payment_id, debit, credit, component, cycle, amount_paise in transfers:
        if payment_id is not None and (debit in _MONEY or credit in _MONEY):
            parts[payment_id][credit] += amount_paise
            parts[payment_id][debit] -= amount_paise
        if component == "interest_suspense":
            continue
        if payment_id is None and debit in _LENT_OR_PAID and credit in _INCOME:
            settled["charge_income", "charges", None] += amount_paise
        if debit in _GIVEN_UP or (debit == "interest" and component != "interest"):
            settled[debit, component, cycle] += amount_paise
        if credit in _GIVEN_UP or (credit == "interest" and component != "interest"):
            settled[credit, component, cycle] -= amount_paise
    return parts, settled


def _rows(row: Any, *columns: str) -> Iterable[tuple[Any, ...]]:
    """The rows that came as an array a column; nothing is NULL."""
    return zip(*(row[column] or () for column in columns), strict=True)


def _issued(bill: Sequence[Any]) -> list[Any]:
    """The row of a bill, from its numbers."""
    row = list(bill)
    for place in _DAYS:
        if row[place] is not None:
            row[place] = day_of(row[place])
    return row


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
