"""Statements: the past payments and the coming instalments of a loan."""

from collections.abc import Sequence
from datetime import date
from itertools import compress
from typing import Annotated, Any

import orjson
from fastapi import Query, Response

from app.api.deps import READERS, KistRouter, LookingUpDep
from app.api.documents import Accepted, AnswerForm, FormAsked, GeneratedFile, choose_form, documented_forms
from app.api.id_schemas import LoanId, LoanIdOut, PaymentIdOut
from app.api.schemas import Answer, Day, RupeesOut, in_rupees
from app.documents.facts import StatementFacts
from app.documents.statement import statement_pdf
from app.documents.statement_csv import statement_csv
from app.documents.words import Language
from app.domain.money import PAISE_PER_RUPEE as PAISE
from app.domain.public_ids import format_payment_id
from app.domain.reporting.statements import InstalmentStatus, PaymentFacts, Statement, StatementLine
from app.services.reporting import documents, statements
from app.services.reporting.statements import LoanStatement

router = KistRouter(tags=["Statements"])


class LoanSummary(Answer):
    """The totals of a loan, in rupees. `outstanding` is principal only. `charges_paid` has the fees of the disbursal.
    `interest_capitalised` became principal, so `principal_paid`, `principal_written_off` and `outstanding` are together
    what was lent and this."""

    principal_paid: RupeesOut
    interest_paid: RupeesOut
    charges_paid: RupeesOut
    interest_capitalised: RupeesOut
    interest_waived: RupeesOut
    charges_waived: RupeesOut
    principal_written_off: RupeesOut
    interest_written_off: RupeesOut
    charges_written_off: RupeesOut
    charges_due: RupeesOut
    charges_with_next_bill: RupeesOut
    outstanding: RupeesOut
    advance: RupeesOut
    overdue: RupeesOut
    next_due_date: date | None
    next_due_amount: RupeesOut | None


class Breakdown(Answer):
    """Principal and interest, in rupees."""

    principal: RupeesOut
    interest: RupeesOut


class InstalmentLine(Answer):
    """An instalment: its amount, its unpaid part and its status."""

    number: int
    due_date: date
    status: InstalmentStatus
    amount: RupeesOut
    unpaid: RupeesOut
    breakdown: Breakdown


class PastTransaction(Answer):
    """A payment and its parts. `reversed_on` is set if the payment was taken back."""

    payment_id: PaymentIdOut
    date: Day
    amount_paid: RupeesOut
    principal: RupeesOut
    interest: RupeesOut
    charges: RupeesOut
    advance: RupeesOut
    method: str | None
    reference_id: str | None
    reversed_on: Day | None


class StatementAnswer(Answer):
    """The statement of a loan on the business date."""

    loan_id: LoanIdOut
    as_of: date
    loan_summary: LoanSummary
    payment_history: list[InstalmentLine]
    past_transactions: list[PastTransaction]
    upcoming_transactions: list[InstalmentLine]


@router.get(
    "/statements",
    dependencies=[READERS],
    summary="Read the statement of a loan",
    response_model=StatementAnswer,
    responses=documented_forms(AnswerForm.PDF, AnswerForm.CSV),
)
async def get_statement(
    uow: LookingUpDep,
    loan_id: Annotated[LoanId, Query(description="`LN-2025-0456`, or its number")],
    form: FormAsked = None,
    language: Annotated[Language, Query(description="The language of the PDF")] = Language.ENGLISH,
    accept: Accepted = None,
) -> Response:
    """Gives every instalment with its status, every payment with its parts, and the coming instalments.

    The answer is JSON, a PDF or a CSV file: choose it in `Accept`, or with `format`.
    """
    wanted = choose_form(accept, asked=form, offered=(AnswerForm.JSON, AnswerForm.PDF, AnswerForm.CSV))
    if wanted is AnswerForm.PDF:
        return _pdf(await documents.get_statement_facts(uow, loan_id, language=language))
    found = await statements.get_statement(uow, loan_id)
    return _csv(found) if wanted is AnswerForm.CSV else _written(found)


def _pdf(facts: StatementFacts) -> Response:
    name = f"statement-{facts.loan_id}-{facts.statement.on.isoformat()}"
    return GeneratedFile(lambda: statement_pdf(facts), form=AnswerForm.PDF, name=name)


def _csv(found: LoanStatement) -> Response:
    name = f"statement-{found.public_id}-{found.statement.on.isoformat()}"
    return GeneratedFile(
        lambda: statement_csv(found.statement, loan_id=found.public_id), form=AnswerForm.CSV, name=name
    )


def _written(found: LoanStatement) -> Response:
    """The answer as JSON. Its lines are written as plain values: as models, which pydantic checks and then asks for
    each amount, they took as long as everything else of a statement together. `StatementAnswer` describes them."""
    statement = found.statement
    lines = _lines(statement.lines)
    # An instalment may be 0. The statement shows it, but it is not the next one due.
    next_due = next((line for line in statement.lines if line.is_upcoming and line.unpaid_paise), None)
    answer = {
        "loan_id": found.public_id,
        "as_of": statement.on,
        "loan_summary": _summary(statement, next_due),
        "payment_history": lines,
        "past_transactions": [_payment(payment) for payment in statement.payments],
        "upcoming_transactions": list(compress(lines, [line.is_upcoming for line in statement.lines])),
    }
    return Response(orjson.dumps(answer), media_type="application/json")


def _summary(statement: Statement, next_due: StatementLine | None) -> dict[str, Any]:
    """A `LoanSummary`."""
    return {
        "principal_paid": in_rupees(statement.principal_paid_paise),
        "interest_paid": in_rupees(statement.interest_paid_paise),
        "charges_paid": in_rupees(statement.charges_paid_paise),
        "interest_capitalised": in_rupees(statement.interest_capitalised_paise),
        "interest_waived": in_rupees(statement.interest_waived_paise),
        "charges_waived": in_rupees(statement.charges_waived_paise),
        "principal_written_off": in_rupees(statement.principal_written_off_paise),
        "interest_written_off": in_rupees(statement.interest_written_off_paise),
        "charges_written_off": in_rupees(statement.charges_written_off_paise),
        "charges_due": in_rupees(statement.charges_due_paise),
        "charges_with_next_bill": in_rupees(statement.charges_to_come_paise),
        "outstanding": in_rupees(statement.outstanding_paise),
        "advance": in_rupees(statement.advance_paise),
        "overdue": in_rupees(statement.overdue_paise),
        "next_due_date": None if next_due is None else next_due.due_on,
        "next_due_amount": None if next_due is None else in_rupees(next_due.unpaid_paise),
    }


def _lines(lines: Sequence[StatementLine]) -> list[dict[str, Any]]:
    """An `InstalmentLine` for each line."""
    # `in_rupees`, inlined for speed: a statement has dozens of lines with four amounts each.
    return [
        {
            "number": number,
            "due_date": due_on,
            "status": status,
            "amount": (principal + interest) / PAISE,
            "unpaid": unpaid / PAISE,
            "breakdown": {"principal": principal / PAISE, "interest": interest / PAISE},
        }
        for number, _, due_on, status, principal, interest, unpaid in lines
    ]


def _payment(payment: PaymentFacts) -> dict[str, Any]:
    """A `PastTransaction`."""
    return {
        "payment_id": format_payment_id(payment.payment_id),
        "date": payment.value_date,
        "amount_paid": in_rupees(payment.amount_paise),
        "principal": in_rupees(payment.principal_paise),
        "interest": in_rupees(payment.interest_paise),
        "charges": in_rupees(payment.charges_paise),
        "advance": in_rupees(payment.advance_paise),
        "method": payment.method,
        "reference_id": payment.reference,
        "reversed_on": payment.reversed_on,
    }
