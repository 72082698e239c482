"""The bodies and answers of the credit approval systems' routes, and the functions that fill them."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.id_schemas import UserId
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Line,
    RateOut,
    RatePercent,
    Rupees,
    RupeesOrZero,
    RupeesOut,
    Whole,
    example,
)
from app.db.repositories.people.customers import Profile
from app.domain.credit.decisions import Decision, Outcome
from app.domain.lending.contracts import LoanContract
from app.domain.people.customers import monthly_income_paise
from app.services.credit.applications import ApplicationStatus, ApplicationView
from app.services.credit.eligibility import ApplicationRequest
from app.services.lending.contracts import BorrowedLoan

PRODUCT = "STANDARD_LOAN"
APPROVED = "Loan approved successfully"
#: A phone number that can be written as a whole number without losing a digit.
NUMERIC_PHONE = re.compile(r"[1-9][0-9]{5,14}")


def _phone(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    if isinstance(value, str):
        return value
    raise PydanticCustomError("not_a_phone_number", "a phone number is a whole number or a text")


PhoneIn = Annotated[
    Line,
    BeforeValidator(_phone),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 10**18}, {"type": "string"}],
            "examples": [9876543210],
        },
        mode="validation",
    ),
]
Phone = int | str


class RegisterBody(Body):
    """A new customer."""

    model_config = example(
        {"first_name": "Meera", "last_name": "Nair", "age": 41, "monthly_income": 80000, "phone_number": 9876543212}
    )

    first_name: Line
    last_name: Line
    age: Annotated[Whole, Between(18, 120)]
    monthly_income: RupeesOrZero
    phone_number: PhoneIn


class RegisterAnswer(Answer):
    """The new customer, with the limit that follows from the income."""

    customer_id: int
    name: str
    age: int | None
    monthly_income: RupeesOut | None
    approved_limit: RupeesOut | None
    phone_number: Phone | None


class LoanBody(Body):
    """A loan to decide."""

    model_config = example({"customer_id": 3, "loan_amount": 200000, "interest_rate": 12, "tenure": 24})

    customer_id: UserId
    loan_amount: Rupees
    interest_rate: RatePercent
    tenure: Annotated[Whole, Between(1, 1200)] = Field(description="Months")


class EligibilityAnswer(Answer):
    """The decision that the loan would get. The instalment is null if the request gives no valid plan."""

    customer_id: int
    approval: bool
    interest_rate: RateOut
    corrected_interest_rate: RateOut
    tenure: int
    monthly_installment: RupeesOut | None


class CreateLoanAnswer(Answer):
    """The decision. `loan_id` is null if the loan is refused."""

    loan_id: int | None
    customer_id: int
    loan_approved: bool
    message: str
    monthly_installment: RupeesOut | None


class Borrower(Answer):
    """The borrower of a loan."""

    id: int
    first_name: str
    last_name: str
    phone_number: Phone | None
    age: int | None


class LoanDetails(Answer):
    """A loan and its borrower."""

    loan_id: int
    customer: Borrower
    loan_amount: RupeesOut
    interest_rate: RateOut
    monthly_installment: RupeesOut
    tenure: int


class LoanLine(Answer):
    """A loan in the list of a customer."""

    loan_id: int
    loan_amount: RupeesOut
    interest_rate: RateOut
    monthly_installment: RupeesOut
    repayments_left: int


def request_of(body: LoanBody) -> ApplicationRequest:
    """An application for a standard loan."""
    return ApplicationRequest(
        customer_id=body.customer_id,
        product_code=PRODUCT,
        amount_paise=body.loan_amount,
        instalments=body.tenure,
        annual_rate_percent=body.interest_rate,
        can_accept=False,
    )


def present_customer(profile: Profile) -> RegisterAnswer:
    """A customer as the answer of `/register`."""
    income = profile.annual_income_paise
    return RegisterAnswer(
        customer_id=profile.customer_id,
        name=profile.name,
        age=profile.age,
        monthly_income=None if income is None else monthly_income_paise(income),
        approved_limit=profile.approved_limit_paise,
        phone_number=_phone_number(profile.phone),
    )


def present_eligibility(body: LoanBody, decision: Decision) -> EligibilityAnswer:
    """A decision as the answer of `/check-eligibility`."""
    return EligibilityAnswer(
        customer_id=body.customer_id,
        approval=decision.outcome is Outcome.APPROVE,
        interest_rate=body.interest_rate,
        corrected_interest_rate=decision.annual_rate_percent,
        tenure=body.tenure,
        monthly_installment=decision.emi_paise,
    )


def present_created(view: ApplicationView) -> tuple[int, CreateLoanAnswer]:
    """An application as the status code and the answer of `/create-loan`."""
    application, plan = view.application, view.plan
    approved = view.status is ApplicationStatus.APPROVED
    answer = CreateLoanAnswer(
        loan_id=application.loan_id,
        customer_id=application.customer_id,
        loan_approved=approved,
        message=APPROVED if approved else " ".join(reason["message"] for reason in application.reasons),
        monthly_installment=None if plan is None else plan.emi_paise,
    )
    return (201 if approved else 200), answer


def present_loan(loan: BorrowedLoan) -> LoanDetails:
    """A loan as the answer of `/view-loan`."""
    contract, borrower = loan.contract, loan.borrower
    return LoanDetails(
        loan_id=contract.loan_id,
        customer=Borrower(
            id=borrower.customer_id,
            first_name=loan.first_name,
            last_name=loan.last_name,
            phone_number=_phone_number(borrower.phone),
            age=borrower.age,
        ),
        loan_amount=contract.amount_paise,
        interest_rate=contract.annual_rate_percent,
        monthly_installment=contract.emi_paise,
        tenure=contract.instalments,
    )


def present_line(contract: LoanContract) -> LoanLine:
    """A loan as a line of `/view-loans`."""
    return LoanLine(
        loan_id=contract.loan_id,
        loan_amount=contract.amount_paise,
        interest_rate=contract.annual_rate_percent,
        monthly_installment=contract.emi_paise,
        repayments_left=contract.repayments_left,
    )


def _phone_number(phone: str | None) -> Phone | None:
    """The phone number as a number if possible: the approval systems write 9876543210 and not "9876543210"."""
    return int(phone) if phone is not None and NUMERIC_PHONE.fullmatch(phone) else phone
