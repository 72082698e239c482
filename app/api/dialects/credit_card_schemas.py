"""What the credit card services' clients send and read, and how our answers become theirs."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from app.api.errors import figures
from app.api.id_schemas import ApplicationIdOut, LoanId, LoanIdOut, UserId, UserIdOut
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Code,
    Day,
    Email,
    Line,
    Password,
    RatePercent,
    Rupees,
    RupeesOrZero,
    RupeesOut,
    Whole,
)
from app.domain.public_ids import format_loan_id
from app.domain.reporting.statements import InstalmentStatus
from app.services.credit.applications import ApplicationStatus, ApplicationView
from app.services.payments.payments import Receipt
from app.services.reporting.statements import LoanStatement

DEFAULT_PRODUCT = "CREDIT_CARD_LOAN"
STATUS_CODES = {ApplicationStatus.APPROVED: 201, ApplicationStatus.PENDING: 202, ApplicationStatus.REFUSED: 400}


class RegisterBody(Body):
    """A new user. Without an income it is estimated from the bank statement."""

    name: Line = Field(examples=["sagar raj yadav"])
    email: Email
    aadhar_id: Line = Field(examples=["123456789012"], description="12 digits")
    annual_income: RupeesOrZero | None = None
    phone: Line | None = None
    address: Line | None = None
    password: Password | None = Field(default=None, description="May be set later, with the token of the answer")


class RegisterAnswer(Answer):
    """The new user, with a score under way."""

    user_id: int
    unique_user_id: UserIdOut
    name: str
    credit_score_status: Literal["PENDING"] = "PENDING"
    access_token: str | None
    refresh_token: str | None
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token


class LoginBody(Body):
    """Who signs in: an e-mail address or an Aadhaar number."""

    email: Email | None = None
    aadhar_id: Line | None = None
    password: SecretStr = Field(max_length=128)

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.email is None) == (self.aadhar_id is None):
            raise PydanticCustomError("not_a_sign_in", "give an email or an aadhar_id, one of them")
        return self


class LoginAnswer(Answer):
    """Show the access token with every request; keep the refresh token, it is good once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token


class ApplyBody(Body):
    """An application. What the product fixes may be left out."""

    user: UserId
    amount: Rupees | None = None
    loan_term: Annotated[Whole, Between(1, 1200)] | None = Field(
        default=None, description="The number of EMIs", examples=[12]
    )
    interest_rate: RatePercent | None = None
    loan_type: Code = DEFAULT_PRODUCT
    disbursement_date: Day | None = Field(default=None, description="Only the business date: money leaves on its day")


class DueDate(Answer):
    """One EMI."""

    date: date
    amount_due: RupeesOut


class LoanAnswer(Answer):
    """An application as it stands (`GET /api/v1/applications/{application_id}` tells it again). The loan is null while
    a card waits for its score."""

    application_id: ApplicationIdOut
    loan_id: int | None
    unique_loan_id: LoanIdOut | None
    status: ApplicationStatus
    due_dates: list[DueDate]


class Reason(Answer):
    """A rule that failed, with the figures compared."""

    code: str
    message: str
    figures: dict[str, Any]


class ApplyRefusal(Answer):
    """A refusal with all of its reasons."""

    error: str
    reasons: list[Reason] = Field(default_factory=list)


class PaymentBody(Body):
    """A payment. Without an Idempotency-Key the same loan, amount and date is the same payment."""

    loan: LoanId
    amount: Rupees
    payment_date: Day | None = Field(default=None, description="The business date; staff may give an earlier one")
    instalment: Annotated[Whole, Between(1, 1200)] | None = None


class Applied(Answer):
    """Where the money went. An advance waits for the next bill."""

    principal: RupeesOut
    interest: RupeesOut
    charges: RupeesOut
    advance: RupeesOut


class NextDue(DueDate):
    """The EMI to pay next."""

    instalment: int


class PaymentAnswer(Answer):
    """What a payment did."""

    payment_id: int
    applied: Applied
    outstanding: RupeesOut = Field(description="Principal still owed")
    next_due: NextDue | None


class PastTransaction(Answer):
    """A payment, by the principal and the interest that it pays."""

    date: date
    principal: RupeesOut
    interest: RupeesOut
    amount_paid: RupeesOut


class UpcomingTransaction(DueDate):
    """An EMI that is still to be paid, and the last day to do so."""

    pay_by: date
    overdue: bool


class StatementAnswer(Answer):
    """What was paid and what is coming."""

    past_transactions: list[PastTransaction]
    upcoming_transactions: list[UpcomingTransaction]


class RunAnswer(Answer):
    """The run; `GET /api/v1/billing/runs/{run_id}` tells how far it is."""

    run_id: int
    message: str = "Billing started"


def present_application(view: ApplicationView) -> tuple[int, LoanAnswer | ApplyRefusal]:
    """An application's status code and answer. A refusal is sent and not raised, so that its record is kept."""
    application, plan = view.application, view.plan
    # One that expired while it waited is told as it stands.
    status_code = STATUS_CODES.get(view.status, 200)
    if view.status is ApplicationStatus.REFUSED:
        reasons = [
            Reason(code=reason["code"], message=reason["message"], figures=figures(reason["figures"]))
            for reason in application.reasons
        ]
        return status_code, ApplyRefusal(error=" ".join(reason.message for reason in reasons), reasons=reasons)
    loan_id, due_dates = None, []
    if plan is not None and application.loan_id is not None:
        loan_id = format_loan_id(year=plan.disbursed_on.year, number=application.loan_id)
        columns = zip(plan.due_on, plan.principal_paise, plan.interest_paise, strict=True)
        due_dates = [DueDate(date=due_on, amount_due=principal + interest) for due_on, principal, interest in columns]
    answer = LoanAnswer(
        application_id=application.id,
        loan_id=application.loan_id,
        unique_loan_id=loan_id,
        status=view.status,
        due_dates=due_dates,
    )
    return status_code, answer


def present_payment(receipt: Receipt) -> PaymentAnswer:
    """A receipt in the words of make-payment."""
    due = receipt.next_due
    return PaymentAnswer(
        payment_id=receipt.payment_id,
        applied=Applied(
            principal=receipt.principal_paise,
            interest=receipt.interest_paise,
            charges=receipt.charges_paise,
            advance=receipt.advance_paise,
        ),
        outstanding=receipt.outstanding_paise,
        next_due=None
        if due is None
        else NextDue(instalment=due.instalment, date=due.planned_on, amount_due=due.amount_paise),
    )


def present_statement(found: LoanStatement) -> StatementAnswer:
    """A statement in the words of get-statement: an EMI keeps the date that apply-loan gave it."""
    statement = found.statement
    return StatementAnswer(
        past_transactions=[
            PastTransaction(
                date=past.paid_on,
                principal=past.principal_paise,
                interest=past.interest_paise,
                amount_paid=past.amount_paise,
            )
            for past in statement.past
        ],
        upcoming_transactions=[
            UpcomingTransaction(
                date=line.billed_on,
                amount_due=line.unpaid_paise,
                pay_by=line.due_on,
                overdue=line.status is InstalmentStatus.OVERDUE,
            )
            for line in statement.upcoming
        ],
    )
