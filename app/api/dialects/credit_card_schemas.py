"""The bodies and answers of the credit card services' routes, and the functions that fill them."""

from datetime import date
from typing import Annotated, Literal, Self

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
    FiguresOut,
    Line,
    Password,
    RatePercent,
    Rupees,
    RupeesOrZero,
    RupeesOut,
    Whole,
    example,
)
from app.domain.public_ids import format_loan_id
from app.domain.reporting.statements import InstalmentStatus
from app.services.credit.applications import ApplicationStatus, ApplicationView
from app.services.payments.receipts import Receipt
from app.services.reporting.statements import LoanStatement

DEFAULT_PRODUCT = "CREDIT_CARD_LOAN"
STATUS_CODES = {ApplicationStatus.APPROVED: 201, ApplicationStatus.PENDING: 202, ApplicationStatus.REFUSED: 400}


class RegisterBody(Body):
    """A new user. If the income is left out, it is estimated from the bank transactions."""

    model_config = example(
        {
            "name": "Ravi Kumar",
            "email": "ravi.kumar@example.com",
            "aadhar_id": "345678901238",
            "annual_income": 450000,
            "phone": "9876543211",
            "password": "a quiet river in June",
        }
    )

    name: Line = Field(examples=["sagar raj yadav"])
    email: Email
    aadhar_id: Line = Field(examples=["123456789012"], description="12 digits")
    annual_income: RupeesOrZero | None = None
    phone: Line | None = None
    address: Line | None = None
    password: Password | None = Field(
        default=None, description="It can also be set later, with the token of the answer"
    )


class RegisterAnswer(Answer):
    """The new user. A background job computes the score."""

    user_id: int
    unique_user_id: UserIdOut
    name: str
    credit_score_status: Literal["PENDING"] = "PENDING"
    access_token: str | None
    refresh_token: str | None
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token


class LoginBody(Body):
    """A sign-in: a password with an e-mail address or an Aadhaar number, not both."""

    model_config = example({"email": "ravi.kumar@example.com", "password": "a quiet river in June"})

    email: Email | None = None
    aadhar_id: Line | None = None
    password: SecretStr = Field(max_length=128)

    @model_validator(mode="after")
    def _one_identifier(self) -> Self:
        if (self.email is None) == (self.aadhar_id is None):
            raise PydanticCustomError("not_a_sign_in", "send either email or aadhar_id, not both")
        return self


class LoginAnswer(Answer):
    """A pair of tokens. Send the access token with every request. Keep the refresh token: it works once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token


class ApplyBody(Body):
    """An application. Leave out the fields that the product fixes."""

    model_config = example(
        {
            "user": 2,
            "loan_type": "STANDARD_LOAN",
            "amount": 30000,
            "loan_term": 12,
            "interest_rate": 14,
        }
    )

    user: UserId
    amount: Rupees | None = None
    loan_term: Annotated[Whole, Between(1, 1200)] | None = Field(
        default=None, description="The number of EMIs", examples=[12]
    )
    interest_rate: RatePercent | None = None
    loan_type: Code = DEFAULT_PRODUCT
    disbursement_date: Day | None = Field(default=None, description="Only the business date is accepted")


class DueDate(Answer):
    """One EMI."""

    date: date
    amount_due: RupeesOut


class LoanAnswer(Answer):
    """An application and its decision. The loan is null while the application waits for a score: read it again at
    `GET /api/v1/applications/{application_id}`."""

    application_id: ApplicationIdOut
    loan_id: int | None
    unique_loan_id: LoanIdOut | None
    status: ApplicationStatus
    due_dates: list[DueDate]


class Reason(Answer):
    """A rule that failed, with the figures that it compared."""

    code: str
    message: str
    figures: FiguresOut


class ApplyRefusal(Answer):
    """A refusal with every reason."""

    error: str
    reasons: list[Reason] = Field(default_factory=list)


class PaymentBody(Body):
    """A payment. Without an Idempotency-Key, a second payment with the same loan, amount and date is refused."""

    model_config = example({"loan": 2, "amount": 1000})

    loan: LoanId
    amount: Rupees
    payment_date: Day | None = Field(default=None, description="The business date; staff may send an earlier day")
    instalment: Annotated[Whole, Between(1, 1200)] | None = None


class Applied(Answer):
    """The parts of a payment. The advance is kept for the next bill."""

    principal: RupeesOut
    interest: RupeesOut
    charges: RupeesOut
    advance: RupeesOut


class NextDue(DueDate):
    """The next EMI to pay."""

    instalment: int


class PaymentAnswer(Answer):
    """The result of a payment."""

    payment_id: int
    applied: Applied
    outstanding: RupeesOut = Field(description="Principal that is still owed, in rupees")
    next_due: NextDue | None


class PastTransaction(Answer):
    """A payment, with the principal and the interest that it paid."""

    date: date
    principal: RupeesOut
    interest: RupeesOut
    amount_paid: RupeesOut


class UpcomingTransaction(DueDate):
    """An EMI that is not paid yet. `pay_by` is its last day."""

    pay_by: date
    overdue: bool


class StatementAnswer(Answer):
    """The past payments and the coming EMIs of a loan."""

    past_transactions: list[PastTransaction]
    upcoming_transactions: list[UpcomingTransaction]


class RunAnswer(Answer):
    """The billing run. Read its progress at `GET /api/v1/billing/runs/{run_id}`."""

    run_id: int
    message: str = "Billing started"


def present_application(view: ApplicationView) -> tuple[int, LoanAnswer | ApplyRefusal]:
    """An application as a status code and an answer. A refusal is returned and not raised, so that its record is
    committed."""
    application, plan = view.application, view.plan
    # An application that expired while it waited is a 200.
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
    """A receipt as the answer of `/api/make-payment/`."""
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
    """A statement as the answer of `/api/get-statement/`. An EMI keeps the date that `/api/apply-loan/` gave it."""
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
