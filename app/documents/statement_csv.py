"""The loan statement as CSV, for use in a spreadsheet.

It is one table with rows of two kinds, instalments and payments; the column `record` says which. A cell is empty if its
column does not apply to that kind. Amounts are rupees with two decimals, dates are ISO dates.
"""

import csv
from io import StringIO

from app.documents.table_csv import harmless
from app.domain.money import paise_to_rupees
from app.domain.public_ids import format_payment_id
from app.domain.reporting.statements import PaymentFacts, Statement, StatementLine

COLUMNS = (
    "loan_id", "as_of", "record", "number", "date", "status", "amount", "principal", "interest", "charges", "advance",
    "unpaid", "method", "reference", "reversed_on",
)  # fmt: skip


def statement_csv(statement: Statement, *, loan_id: str) -> bytes:
    """The file in UTF-8, with commas, CRLF and a header row: first the instalments, then the payments."""
    file = StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    about = {"loan_id": loan_id, "as_of": statement.on.isoformat()}
    for line in statement.lines:
        writer.writerow(about | _instalment(line))
    for payment in statement.payments:
        writer.writerow(about | _payment(payment))
    return file.getvalue().encode()


def _instalment(line: StatementLine) -> dict[str, str]:
    return {
        "record": "instalment",
        "number": str(line.number),
        "date": line.due_on.isoformat(),
        "status": line.status.value,
        "amount": _rupees(line.amount_paise),
        "principal": _rupees(line.principal_paise),
        "interest": _rupees(line.interest_paise),
        "unpaid": _rupees(line.unpaid_paise),
    }


def _payment(payment: PaymentFacts) -> dict[str, str]:
    return {
        "record": "payment",
        "number": format_payment_id(payment.payment_id),
        "date": payment.value_date.isoformat(),
        "status": "RECEIVED" if payment.reversed_on is None else "REVERSED",
        "amount": _rupees(payment.amount_paise),
        "principal": _rupees(payment.principal_paise),
        "interest": _rupees(payment.interest_paise),
        "charges": _rupees(payment.charges_paise),
        "advance": _rupees(payment.advance_paise),
        "method": harmless(payment.method),
        "reference": harmless(payment.reference),
        "reversed_on": "" if payment.reversed_on is None else payment.reversed_on.isoformat(),
    }


def _rupees(paise: int) -> str:
    return str(paise_to_rupees(paise))
