"""Customers: register one, and read one's data."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import Field

from app.api.deps import (
    CUSTOMERS,
    OPEN,
    READERS,
    KeyringDep,
    KistRouter,
    RequestId,
    UnitOfWorkDep,
    UnitOfWorkFactoryDep,
)
from app.api.id_schemas import UserId, UserIdOut
from app.api.permissions import ClaimsDep
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Email,
    Line,
    Password,
    RupeesOrZero,
    RupeesOut,
    Whole,
    example,
)
from app.domain.people.customers import Registration
from app.services.people import customers, profiles
from app.services.people.customers import CustomerView, IdentityService, Registered

router = KistRouter(prefix="/users", tags=["Customers"])


async def get_identity(request: Request) -> IdentityService:
    """The identity service of this process, made when it is first needed."""
    state = request.app.state
    if not hasattr(state, "identity"):
        state.identity = customers.make_identity_service(state.settings)
    identity = state.identity
    assert isinstance(identity, IdentityService), "app.state.identity is an IdentityService"
    return identity


class RegisterBody(Body):
    """A new customer. `external_id` is the person's id in another system; only staff may send it."""

    model_config = example(
        {
            "aadhar_id": "234123412346",
            "name": "Asha Rao",
            "email": "asha.rao@example.com",
            "annual_income": 600000,
            "employment_type": "SALARIED",
            "phone": "+91 98765 43210",
            "address": "12 Gandhi Road, Pune",
            "age": 34,
            "password": "a quiet river in June",
        }
    )

    aadhar_id: Line = Field(examples=["234123412346"], description="12 digits")
    name: Line
    email: Email
    annual_income: RupeesOrZero | None = None
    employment_type: Line | None = Field(default=None, examples=["SALARIED"])
    phone: Line | None = None
    address: Line | None = None
    age: Annotated[Whole, Between(18, 120)] | None = None
    password: Password | None = Field(
        default=None, description="It can also be set later, with the tokens of the answer"
    )
    external_id: Line | None = None


class RegisterAnswer(Answer):
    """The new customer. The score is null, because a background job computes it: read it later at
    `GET /api/v1/credit/scores`.

    The tokens are the customer's own. They are null if staff registered the customer.
    """

    user_id: UserIdOut
    name: str
    welcome_message: str
    initial_credit_score: int | None
    credit_score_status: Literal["PENDING"] = "PENDING"
    access_token: str | None
    refresh_token: str | None
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token
    expires_in: int | None = Field(description="Seconds until the access token expires")


class UserAnswer(Answer):
    """A customer's data. Only the last four digits of the Aadhaar number are shown."""

    user_id: UserIdOut
    name: str
    email: str | None
    aadhar_id: str | None = Field(examples=["XXXX XXXX 9012"])
    phone: str | None
    address: str | None
    age: int | None
    employment_type: str | None
    gst_state: str | None = Field(description="The state, by its GST code", examples=["29"])
    annual_income: RupeesOut | None
    approved_limit: RupeesOut | None
    external_id: str | None
    registered_on: date | None


@router.post("/register", status_code=201, dependencies=[OPEN], summary="Register a customer")
async def register_customer(
    body: RegisterBody,
    claims: ClaimsDep,
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    identity: Annotated[IdentityService, Depends(get_identity)],
    request_id: RequestId,
) -> RegisterAnswer:
    """Registers a customer. No token is needed. Each Aadhaar number and each e-mail address can be registered once."""
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
            employment_type=body.employment_type,
            phone=body.phone,
            address=body.address,
            age=body.age,
            external_id=body.external_id,
        ),
        password=None if body.password is None else body.password.get_secret_value(),
        request_id=request_id,
    )
    return _present_registered(registered)


@router.get("/{user_id}", dependencies=[READERS], summary="Read a customer")
async def get_customer(
    user_id: Annotated[UserId, Path(description="`BC-USER-009`, or its number")], uow: UnitOfWorkDep
) -> UserAnswer:
    """Gives a customer's data, to the customer and to staff."""
    return _present(await customers.view_customer(uow, user_id))


class ChangeBody(Body):
    """The values to change; what is left out stays. Null removes a phone number, an address, an employment type, a
    state or an age. Only staff change the name, the e-mail address (which signs in), the age and the income."""

    model_config = example({"phone": "+91 98765 43211", "address": "7 Station Road, Pune"})

    name: Line | None = None
    email: Email | None = None
    phone: Line | None = None
    address: Line | None = None
    age: Annotated[Whole, Between(18, 120)] | None = None
    employment_type: Line | None = None
    gst_state: Annotated[Line, Field(examples=["29"])] | None = None
    annual_income: RupeesOrZero | None = None


@router.patch("/{user_id}", dependencies=[CUSTOMERS], summary="Change a customer's data")
async def change_customer(
    user_id: Annotated[UserId, Path(description="`BC-USER-009`, or its number")], body: ChangeBody, uow: UnitOfWorkDep
) -> UserAnswer:
    """Changes the given values and answers all of them. The audit trail keeps who changed which fields. The approved
    limit stays: a new one is proposed (`POST /api/v1/proposals`)."""
    return _present(await profiles.change_customer(uow, user_id, body.model_dump(exclude_unset=True)))


def _present_registered(registered: Registered) -> RegisterAnswer:
    signed_in = registered.signed_in
    return RegisterAnswer(
        user_id=registered.customer_id,
        name=registered.name,
        welcome_message="Account activated successfully",
        initial_credit_score=None,
        access_token=None if signed_in is None else signed_in.access_token,
        refresh_token=None if signed_in is None else signed_in.refresh_token,
        expires_in=None if signed_in is None else signed_in.expires_in_seconds,
    )


def _present(view: CustomerView) -> UserAnswer:
    profile = view.profile
    return UserAnswer(
        user_id=profile.customer_id,
        name=profile.name,
        email=profile.email,
        aadhar_id=view.aadhaar,
        phone=profile.phone,
        address=profile.address,
        age=profile.age,
        employment_type=profile.employment_type,
        gst_state=profile.gst_state,
        annual_income=profile.annual_income_paise,
        approved_limit=profile.approved_limit_paise,
        external_id=profile.external_id,
        registered_on=profile.registered_on,
    )
