"""Applications: apply for credit, and read the decision.

An approval is a 201 with the loan. An application that waits for a score, or to be accepted, is a 202. A refusal is a
problem with every reason. The refusal is returned and not raised, because its record must be committed with the
transaction.
"""

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field, WithJsonSchema

from app.api.deps import APPLICANTS, READERS, ApplicationTakerDep, KistRouter, UnitOfWorkDep
from app.api.errors import PROBLEM_JSON, figures
from app.api.id_schemas import ApplicationId, ApplicationIdOut, CardAccountIdOut, LoanIdOut, UserId, UserIdOut
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Code,
    Day,
    FiguresOut,
    Line,
    ProblemAnswer,
    RateOut,
    RatePercent,
    Rupees,
    RupeesOut,
    Whole,
    example,
)
from app.db.repositories.credit.applications import FirstPlan
from app.domain.calendar import Frequency
from app.domain.products.products import Rhythm
from app.domain.public_ids import format_loan_id
from app.services.credit import applications
from app.services.credit.applications import ApplicationRequest, ApplicationStatus, ApplicationView

router = KistRouter(tags=["Applications"])

REFUSED = "application_refused"
REFUSED_WHAT_TO_DO = "Read every reason in `reasons`, and apply again within the bounds that its figures name."
STATUS_CODES = {
    ApplicationStatus.APPROVED: 201,
    ApplicationStatus.OFFERED: 202,
    ApplicationStatus.PENDING: 202,
    ApplicationStatus.REFUSED: 422,
}


class ApplyBody(Body):
    """An application. Leave out `amount` and `tenure_months` if the product fixes them. Send `annual_rate` only for a
    product that takes the rate from the request."""

    model_config = example(
        {
            "user_id": "BC-USER-001",
            "product": "STANDARD_LOAN",
            "amount": 60000,
            "tenure_months": 12,
            "annual_rate": 14,
            "purpose": "HOME_RENOVATION",
        }
    )

    user_id: UserId
    product: Code = Field(examples=["PERSONAL_LOAN"])
    amount: Rupees | None = None
    tenure_months: Annotated[Whole, Between(1, 1200)] | None = Field(
        default=None, description="The number of instalments"
    )
    purpose: Line | None = Field(default=None, examples=["HOME_RENOVATION"])
    annual_rate: RatePercent | None = None
    first_due_on: Day | None = Field(default=None, description="The first due date, within the product's bounds")
    every: Annotated[Whole, Between(1, 1200)] | None = Field(
        default=None, description="Another rhythm that the product offers: instalments are this many `frequency` apart"
    )
    frequency: Frequency | None = None


class DueDate(Answer):
    """One planned instalment."""

    number: int
    date: date
    principal: RupeesOut
    interest: RupeesOut
    amount_due: RupeesOut


class ApplicationReason(Answer):
    """A rule that failed or a fact that is missing, with the figures that the rule compared (money in rupees)."""

    code: str
    message: str
    figures: FiguresOut


class ApplicationAnswer(Answer):
    """An application and its decision. The fields of the loan are null until the application is approved."""

    application_id: ApplicationIdOut
    status: ApplicationStatus
    loan_id: LoanIdOut | None
    card_account_id: CardAccountIdOut | None = Field(description="The card account that was opened, if any")
    user_id: UserIdOut
    product: str
    amount: RupeesOut
    tenure_months: int
    purpose: str | None
    requested_rate: RateOut | None
    annual_rate: RateOut | None
    applied_on: date
    decided_on: date | None
    expires_on: date | None
    disbursed_on: date | None
    emi: RupeesOut | None
    due_dates: list[DueDate]
    reasons: list[ApplicationReason]


#: A problem has a list of wrong fields. That of a refusal is empty, because no field is wrong.
NoFields = Annotated[tuple[()], WithJsonSchema({"type": "array", "maxItems": 0, "items": {"type": "object"}})]


class Refusal(ProblemAnswer):
    """A refusal as RFC 9457 problem details, with every reason."""

    type: str = f"urn:kist:problem:{REFUSED}"
    title: str = "Application refused"
    status: int = STATUS_CODES[ApplicationStatus.REFUSED]
    code: str = REFUSED
    detail: str
    what_to_do: str = REFUSED_WHAT_TO_DO
    field: None = None
    errors: NoFields = ()
    request_id: str
    application_id: ApplicationIdOut
    reasons: list[ApplicationReason]


@router.post(
    "/loans/apply",
    status_code=201,
    response_model=ApplicationAnswer,
    responses={
        202: {"model": ApplicationAnswer, "description": "The application waits for the score, or to be accepted"},
        422: {"model": Refusal, "description": "The application is refused (see `reasons`), or the request is wrong"},
    },
    dependencies=[APPLICANTS],
    summary="Apply for a loan or a card",
)
async def apply_for_loan(body: ApplyBody, taker: ApplicationTakerDep) -> Response:
    """Decides the application at once. If it is approved, the loan is made and disbursed. Where the product asks that
    the borrower accepts the key facts first, the status is `offered`: read them, and accept them in time.

    `score_not_available` (409) is not a refusal: apply again when the score is available. If the same application comes
    again within a minute, the answer is the first one's result. Send a new Idempotency-Key to make a second
    application.
    """
    response = await taker.take(
        ApplicationRequest(
            customer_id=body.user_id,
            product_code=body.product,
            amount_paise=body.amount,
            instalments=body.tenure_months,
            annual_rate_percent=body.annual_rate,
            purpose=body.purpose,
            first_due_on=body.first_due_on,
            rhythm=None if body.frequency is None else Rhythm(every=body.every or 1, frequency=body.frequency),
        ),
        present=lambda view: _present(view, request_id=taker.request_id),
        status_of=_status_of,
    )
    # problem+json is the type of a problem, in the first answer and in a repeated one.
    if response.status_code >= 400:
        response.headers["content-type"] = PROBLEM_JSON
    return response


@router.get("/applications/{application_id}", dependencies=[READERS], summary="Read an application")
async def get_application(
    application_id: Annotated[ApplicationId, Path(description="`AP-000034`, or its number")], uow: UnitOfWorkDep
) -> ApplicationAnswer:
    """Gives the status (pending, offered, approved, refused or expired), the reasons and the loan."""
    return present_application(await applications.view_application(uow, application_id))


def _status_of(view: ApplicationView) -> int:
    # An application that expired while it waited is a 200: the customer may apply again.
    return STATUS_CODES.get(view.status, 200)


def _present(view: ApplicationView, *, request_id: str) -> ApplicationAnswer | Refusal:
    if view.status is not ApplicationStatus.REFUSED:
        return present_application(view)
    return Refusal(
        detail=" ".join(reason["message"] for reason in view.application.reasons),
        request_id=request_id,
        application_id=view.application.id,
        reasons=_reasons(view),
    )


def present_application(view: ApplicationView) -> ApplicationAnswer:
    """An application as an answer."""
    application, plan = view.application, view.plan
    return ApplicationAnswer(
        application_id=application.id,
        status=view.status,
        loan_id=_loan_id(application.loan_id, plan),
        card_account_id=application.account_id,
        user_id=application.customer_id,
        product=application.product_code,
        amount=application.amount_paise,
        tenure_months=application.instalments,
        purpose=application.purpose,
        requested_rate=application.requested_rate_percent,
        annual_rate=application.annual_rate_percent,
        applied_on=application.applied_on,
        decided_on=application.decided_on,
        expires_on=application.expires_on,
        disbursed_on=None if plan is None else plan.disbursed_on,
        emi=None if plan is None else plan.emi_paise,
        due_dates=[] if plan is None else _due_dates(plan),
        reasons=_reasons(view),
    )


def _loan_id(loan_id: int | None, plan: FirstPlan | None) -> str | None:
    if loan_id is None or plan is None:
        return None
    return format_loan_id(year=plan.disbursed_on.year, number=loan_id)


def _due_dates(plan: FirstPlan) -> list[DueDate]:
    columns = zip(plan.due_on, plan.principal_paise, plan.interest_paise, strict=True)
    return [
        DueDate(number=number, date=due_on, principal=principal, interest=interest, amount_due=principal + interest)
        for number, (due_on, principal, interest) in enumerate(columns, start=plan.first_number)
    ]


def _reasons(view: ApplicationView) -> list[ApplicationReason]:
    return [
        ApplicationReason(code=reason["code"], message=reason["message"], figures=figures(reason["figures"]))
        for reason in view.application.reasons
    ]
