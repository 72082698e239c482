"""A client that was generated from the contract: registers, reads the score, applies, pays, and reads the statement.

mypy checks it against the generated package `kist_generated`; then it runs against a service whose address is its first
argument. Its second argument is a number that makes the customer a new one.
"""

import sys

from kist_generated import AuthenticatedClient, Client
from kist_generated.api.applications import apply_for_loan
from kist_generated.api.credit_scores import get_score
from kist_generated.api.customers import get_customer, register_customer
from kist_generated.api.loans import get_loan, list_loans
from kist_generated.api.payments import take_payment
from kist_generated.api.statements import get_statement
from kist_generated.models import (
    LoanStatus,
    Problem,
    V1ApplicationAnswer,
    V1ApplyBody,
    V1LoanAnswer,
    V1LoanLinePage,
    V1PaymentAnswer,
    V1PaymentBody,
    V1RegisterAnswer,
    V1RegisterBody,
    V1ScoreAnswer,
    V1StatementAnswer,
    V1UserAnswer,
)


def walk(address: str, aadhaar: str) -> None:
    """The whole way of a customer, with the type of every answer."""
    anybody = Client(base_url=address)
    body = V1RegisterBody(aadhar_id=aadhaar, name="Asha Rao", email=f"{aadhaar}@example.com", annual_income=600_000)
    registered = register_customer.sync(client=anybody, body=body)
    assert isinstance(registered, V1RegisterAnswer), registered
    assert registered.access_token is not None

    client = AuthenticatedClient(base_url=address, token=registered.access_token)
    customer = get_customer.sync(client=client, user_id=registered.user_id)
    assert isinstance(customer, V1UserAnswer), customer
    score = get_score.sync(client=client, user_id=registered.user_id)
    assert isinstance(score, V1ScoreAnswer), score
    assert score.status == "PENDING"

    apply = V1ApplyBody(
        user_id=registered.user_id, product="STANDARD_LOAN", amount="60000.00", tenure_months=12, annual_rate=14
    )
    application = apply_for_loan.sync(client=client, body=apply, idempotency_key="apply-1")
    assert isinstance(application, V1ApplicationAnswer), application
    assert application.loan_id is not None
    assert application.emi is not None

    payment = V1PaymentBody(loan_id=application.loan_id, amount=application.emi)
    paid = take_payment.sync(client=client, body=payment, idempotency_key="pay-1")
    assert isinstance(paid, V1PaymentAnswer), paid
    assert paid.amount == application.emi == paid.applied.advance
    repeated = take_payment.sync(client=client, body=payment, idempotency_key="pay-1")
    assert repeated == paid
    refused = take_payment.sync(client=client, body=payment)
    assert isinstance(refused, Problem), refused
    assert (refused.code, refused.field) == ("idempotency_key_required", "Idempotency-Key")

    loan = get_loan.sync(client=client, loan_id=application.loan_id)
    assert isinstance(loan, V1LoanAnswer), loan
    assert (loan.status, loan.advance) == (LoanStatus.ACTIVE, paid.amount)
    page = list_loans.sync(client=client, status=LoanStatus.ACTIVE)
    assert isinstance(page, V1LoanLinePage), page
    assert [line.loan_id for line in page.items] == [loan.loan_id]
    statement = get_statement.sync(client=client, loan_id=application.loan_id)
    assert isinstance(statement, V1StatementAnswer), statement
    assert [each.payment_id for each in statement.past_transactions] == [paid.payment_id]
    assert statement.loan_summary.outstanding == 60_000


if __name__ == "__main__":
    walk(sys.argv[1], sys.argv[2])
