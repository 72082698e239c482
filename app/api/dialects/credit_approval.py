"""The surface of the two credit approval systems, at the root and for staff: register, check, lend, view.

A loan here is a `STANDARD_LOAN`: its rate is corrected upwards by the customer's score from earlier loans, which is
computed on the spot. Ids are whole numbers. A refused loan is an answer (200, without a loan id), not an error.
"""

from typing import Annotated

from fastapi import Path, Response

from app.api.deps import OFFICERS, OnceDep, ReadingDep, UnitOfWorkDep
from app.api.dialects.credit_approval_schemas import (
    CreateLoanAnswer,
    EligibilityAnswer,
    LoanBody,
    LoanDetails,
    LoanLine,
    RegisterAnswer,
    RegisterBody,
    present_created,
    present_customer,
    present_eligibility,
    present_line,
    present_loan,
    request_of,
)
from app.api.dialects.routing import DialectRouter
from app.api.id_schemas import LoanId, UserId
from app.domain.people.customers import Enrolment
from app.services.credit import applications, eligibility
from app.services.lending import contracts
from app.services.people import customers

router = DialectRouter(tags=["Credit approval systems"])


@router.post(
    "/register", status_code=201, response_model=RegisterAnswer, dependencies=[OFFICERS], summary="Register a customer"
)
async def register(body: RegisterBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """The approved limit is 36 monthly incomes, half up to the nearest lakh."""
    if first := await once.first_answer():
        return first
    profile = await customers.enrol(
        uow,
        Enrolment(
            first_name=body.first_name,
            last_name=body.last_name,
            age=body.age,
            monthly_income_paise=body.monthly_income,
            phone=body.phone_number,
        ),
    )
    return await once.keep(present_customer(profile))


@router.post("/check-eligibility", dependencies=[OFFICERS], summary="What a loan would be decided today")
async def check_eligibility(body: LoanBody, uow: UnitOfWorkDep) -> EligibilityAnswer:
    """The instalment is computed at the corrected rate; no loan is made."""
    return present_eligibility(body, await eligibility.check_eligibility(uow, request_of(body)))


@router.post(
    "/create-loan",
    status_code=201,
    response_model=CreateLoanAnswer,
    responses={200: {"model": CreateLoanAnswer, "description": "Refused: no loan, and the message says why"}},
    dependencies=[OFFICERS],
    summary="Lend, if the customer is eligible",
)
async def create_loan(body: LoanBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """The same loan again within a minute is answered with the first one, unless an Idempotency-Key says that it is
    another."""
    if first := await once.first_answer():
        return first
    view = await applications.apply(uow, request_of(body), repeat_allowed=once.key is not None)
    status_code, answer = present_created(view)
    return await once.keep(answer, status_code=status_code)


@router.get("/view-loan/{loan_id}", dependencies=[OFFICERS], summary="A loan and its borrower")
async def view_loan(loan_id: Annotated[LoanId, Path(description="The loan's number")], uow: ReadingDep) -> LoanDetails:
    """As it was agreed, with the instalment of the plan in force."""
    return present_loan(await contracts.view_contract(uow, loan_id))


@router.get("/view-loans/{customer_id}", dependencies=[OFFICERS], summary="All loans of a customer")
async def view_loans(
    customer_id: Annotated[UserId, Path(description="The customer's number")], uow: ReadingDep
) -> list[LoanLine]:
    """Each with the number of its instalments that are still to come."""
    return [present_line(loan) for loan in await contracts.list_contracts(uow, customer_id)]
