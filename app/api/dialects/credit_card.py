"""The surface of the two credit card services, under `/api`: register, sign in, apply, pay, read, bill.

Money is in rupees. Ids are whole numbers; the ids of `/api/v1` (`BC-USER-009`, `LN-2025-0456`) are accepted too. An
Idempotency-Key is optional here. Without one, a second payment with the same loan, amount and day is refused, and equal
applications within a minute count as one application.
"""

from typing import Annotated

from fastapi import Depends, Query, Response

from app.api.call_taker import PaymentTaker
from app.api.deps import (
    CUSTOMERS,
    OFFICERS,
    OPEN,
    ClientAddress,
    KeyringDep,
    OnceDep,
    PaymentTakerDep,
    ReadingDep,
    RequestId,
    UnitOfWorkDep,
    UnitOfWorkFactoryDep,
)
from app.api.dialects.credit_card_schemas import (
    ApplyBody,
    ApplyRefusal,
    LoanAnswer,
    LoginAnswer,
    LoginBody,
    PaymentAnswer,
    PaymentBody,
    RegisterAnswer,
    RegisterBody,
    RunAnswer,
    StatementAnswer,
    present_application,
    present_payment,
    present_statement,
)
from app.api.dialects.routing import DialectRouter
from app.api.id_schemas import LoanId
from app.api.permissions import ClaimsDep
from app.api.v1.people.customers import get_identity
from app.domain.people.customers import Registration
from app.services.billing import runs
from app.services.credit import applications
from app.services.credit.applications import ApplicationRequest
from app.services.payments.calls import PaymentRequest
from app.services.people import customers
from app.services.people.customers import IdentityService
from app.services.reporting import statements

router = DialectRouter(prefix="/api", tags=["Credit card services"])

IdentityDep = Annotated[IdentityService, Depends(get_identity)]


@router.post("/register-user/", status_code=201, dependencies=[OPEN], summary="Register a user")
async def register_user(
    body: RegisterBody,
    claims: ClaimsDep,
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    identity: IdentityDep,
    request_id: RequestId,
) -> RegisterAnswer:
    """Registers a user. No token is needed. A background job computes the score. The tokens are the user's own; they
    are null if staff registered the user."""
    registered = await customers.register(
        uow_factory,
        claims,
        identity=identity,
        keyring=keyring,
        registration=Registration(
            name=body.name,
            email=body.email,
            aadhar_id=body.aadhar_id,
            annual_income_paise=body.annual_income,
            phone=body.phone,
            address=body.address,
        ),
        password=None if body.password is None else body.password.get_secret_value(),
        request_id=request_id,
    )
    signed_in = registered.signed_in
    return RegisterAnswer(
        user_id=registered.customer_id,
        unique_user_id=registered.customer_id,
        name=registered.name,
        access_token=None if signed_in is None else signed_in.access_token,
        refresh_token=None if signed_in is None else signed_in.refresh_token,
    )


@router.post("/login/", dependencies=[OPEN], summary="Sign in")
async def login(
    body: LoginBody,
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    identity: IdentityDep,
    address: ClientAddress,
    request_id: RequestId,
) -> LoginAnswer:
    """Gives a pair of tokens for an e-mail address or an Aadhaar number, and a password."""
    signed_in = await customers.sign_in_as(
        uow_factory,
        keyring,
        identity=identity,
        email=body.email,
        aadhar_id=body.aadhar_id,
        password=body.password.get_secret_value(),
        address=address,
        request_id=request_id,
    )
    return LoginAnswer(access_token=signed_in.access_token, refresh_token=signed_in.refresh_token)


@router.post(
    "/apply-loan/",
    status_code=201,
    response_model=LoanAnswer,
    responses={
        202: {"model": LoanAnswer, "description": "The application waits for the score, which decides it"},
        400: {
            "model": ApplyRefusal,
            "description": "The application is refused (see `reasons`), or the request is wrong",
        },
    },
    dependencies=[CUSTOMERS],
    summary="Apply for a loan",
)
async def apply_loan(body: ApplyBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Decides the application at once. An approved loan is disbursed on the business date. An application for a
    `CREDIT_CARD` waits if the score is not available yet."""
    if first := await once.first_answer():
        return first
    view = await applications.apply(
        uow,
        ApplicationRequest(
            customer_id=body.user,
            product_code=body.loan_type,
            amount_paise=body.amount,
            instalments=body.loan_term,
            annual_rate_percent=body.interest_rate,
            disburse_on=body.disbursement_date,
            can_accept=False,
        ),
        repeat_allowed=once.key is not None,
    )
    status_code, answer = present_application(view)
    return await once.keep(answer, status_code=status_code)


async def _pay(body: PaymentBody, taker: PaymentTaker) -> Response:
    return await taker.take(
        PaymentRequest(
            loan=body.loan,
            amount_paise=body.amount,
            value_date=body.payment_date,
            instalment=body.instalment,
            refuse_same_day_repeat=taker.client_key.key is None,
        ),
        present=present_payment,
    )


@router.post("/make-payment/", response_model=PaymentAnswer, dependencies=[CUSTOMERS], summary="Pay")
async def make_payment(body: PaymentBody, taker: PaymentTakerDep) -> Response:
    """Settles the oldest bill first. How an amount that differs from the EMI is taken is the product's to say."""
    return await _pay(body, taker)


@router.post("/pay-emi/", response_model=PaymentAnswer, dependencies=[CUSTOMERS], summary="Pay an EMI")
async def pay_emi(body: PaymentBody, taker: PaymentTakerDep) -> Response:
    """The same as make-payment. A card's EMIs are paid in order and exactly; name the one you mean by `instalment`."""
    return await _pay(body, taker)


@router.get("/get-statement/", dependencies=[CUSTOMERS], summary="Read the statement of a loan")
async def get_statement(
    uow: ReadingDep, loan_id: Annotated[LoanId, Query(description="`LN-2025-0456`, or its number")]
) -> StatementAnswer:
    """Gives the payments that were not reversed, and every EMI that is not paid yet."""
    return present_statement(await statements.get_statement(uow, loan_id))


@router.get("/trigger-billing-cron/", status_code=202, dependencies=[OFFICERS], summary="Start the billing run")
async def trigger_billing_cron(uow: UnitOfWorkDep) -> RunAnswer:
    """Starts the billing run of the business date, for staff. If a run is open already, the answer is that run. Nothing
    is billed twice."""
    return RunAnswer(run_id=await runs.start_run(uow))


@router.post("/trigger-billing-cron/", status_code=202, dependencies=[OFFICERS], summary="Start the billing run (POST)")
async def post_trigger_billing_cron(uow: UnitOfWorkDep) -> RunAnswer:
    """Does the same as the GET, for clients that do not make changes with a GET."""
    return RunAnswer(run_id=await runs.start_run(uow))
