"""The statement as CSV, for people who count it again in a spreadsheet.

One table with one kind of row for instalments and one for payments, told apart by the column `record`; an empty cell
means that the column does not speak about that kind. Amounts are plain rupees with two decimals, days are ISO dates. A
spreadsheet runs a text that begins like a formula, so such a text gets an apostrophe before it, which a spreadsheet
does not show.
"""

import csv
from io import StringIO

from app.domain.money import paise_to_rupees
from app.domain.public_ids import format_payment_id
from app.domain.reporting.statements import PaymentFacts, Statement, StatementLine

COLUMNS = (
    "loan_id", "as_of", "record", "number", "date", "status", "amount", "principal", "interest", "charges", "advance",
    "unpaid", "method", "reference", "reversed_on",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def statement_csv(statement: Statement, *, loan_id: str) -> bytes:
    """The file: UTF-8, comma, CRLF, with a head. Instalments first, then payments."""
    file = StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    about = {"loan_id": loan_id, "as_of": statement.on.isoformat()}
    for line in statement.lines:
        writer.writerow(about | _instalment(line))
    for payment in statement.payments:
        writer.writerow(about | _payment(payment))
    return file.getvalue().encode()


def harmless(text: str | None) -> str:
    """A text that a spreadsheet does not run."""
    if text is None:
        return ""
    return f"'{text}" if text.startswith(_FORMULA) else text


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
