"""The surface of the two credit card services, under `/api`: register, sign in, apply, pay, read, bill.

Money is in rupees and ids are whole numbers; the ids of `/api/v1` (`BC-USER-009`, `LN-2025-0456`) are understood too.
Nothing says whether a request is a repeat except an Idempotency-Key, which is optional here: without one the same loan,
amount and day is one payment, and the same application within a minute is one application.
"""

from typing import Annotated

from fastapi import Depends, Query, Response

from app.api.deps import (
    CUSTOMERS,
    OFFICERS,
    OPEN,
    ClientAddress,
    KeyringDep,
    OnceDep,
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
from app.services.payments import payments
from app.services.payments.payments import PaymentRequest
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
    """Open to everybody. The score is computed in the background. The token is the user's own, and null where staff
    registered somebody."""
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
    """With an e-mail address or an Aadhaar number, and a password."""
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
        202: {"model": LoanAnswer, "description": "It waits for the score and is decided when that arrives"},
        400: {"model": ApplyRefusal, "description": "Refused, with every reason; or the request is wrong"},
    },
    dependencies=[CUSTOMERS],
    summary="Apply for a loan",
)
async def apply_loan(body: ApplyBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Decided at once, and disbursed on the business date. A `CREDIT_CARD` that comes before its score waits for it."""
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
        ),
        repeat_allowed=once.key is not None,
    )
    status_code, answer = present_application(view)
    return await once.keep(answer, status_code=status_code)


async def _pay(body: PaymentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    if first := await once.first_answer():
        return first
    receipt = await payments.take_payment(
        uow,
        PaymentRequest(
            loan=body.loan,
            amount_paise=body.amount,
            value_date=body.payment_date,
            instalment=body.instalment,
            refuse_same_day_repeat=once.key is None,
        ),
    )
    return await once.keep(present_payment(receipt))


@router.post("/make-payment/", response_model=PaymentAnswer, dependencies=[CUSTOMERS], summary="Pay")
async def make_payment(body: PaymentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Settles the oldest bill first. How an amount that differs from the EMI is taken is the product's to say."""
    return await _pay(body, uow, once)


@router.post("/pay-emi/", response_model=PaymentAnswer, dependencies=[CUSTOMERS], summary="Pay an EMI")
async def pay_emi(body: PaymentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """The same as make-payment. A card's EMIs are paid in order and exactly; name the one you mean by `instalment`."""
    return await _pay(body, uow, once)


@router.get("/get-statement/", dependencies=[CUSTOMERS], summary="What was paid and what is coming")
async def get_statement(uow: ReadingDep, loan_id: Annotated[LoanId, Query()]) -> StatementAnswer:
    """Payments that stand, and every EMI that is still to be paid."""
    return present_statement(await statements.get_statement(uow, loan_id))


@router.get("/trigger-billing-cron/", status_code=202, dependencies=[OFFICERS], summary="Start the billing run")
async def trigger_billing_cron(uow: UnitOfWorkDep) -> RunAnswer:
    """For staff. A run that is open already is answered as it is; what is billed is never billed twice."""
    return RunAnswer(run_id=await runs.start_run(uow))


@router.post("/trigger-billing-cron/", status_code=202, dependencies=[OFFICERS], summary="Start the billing run (POST)")
async def post_trigger_billing_cron(uow: UnitOfWorkDep) -> RunAnswer:
    """The same, for clients that do not change things with a GET."""
    return RunAnswer(run_id=await runs.start_run(uow))
