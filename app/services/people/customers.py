"""Registers customers and shows them.

A registration writes, in one transaction, a customer, the customer's unique values (Aadhaar number, id of another
system, e-mail address) and a user account, and enqueues a score. A person whose transactions were imported before they
registered has a row as a prospect; that row becomes the customer and keeps everything that refers to it.

Registration needs no sign-in, and a password may be set later. Therefore the answer contains the first pair of tokens,
unless a member of staff registers the customer: staff must not receive another person's tokens.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.db.repositories.people import customers as repository
from app.db.repositories.people.customers import CUSTOMER, IdentityKind, Profile
from app.domain.errors import Conflict
from app.domain.people.aadhaar import AadhaarCheck, mask_aadhaar, parse_aadhaar
from app.domain.people.access import ANONYMOUS, Forbidden, Role
from app.domain.people.customers import (
    AadhaarTaken,
    CustomerNotFound,
    Enrolment,
    ExternalIdTaken,
    ProspectsDiffer,
    Registration,
    annual_income_paise,
    approved_limit_paise,
    check_enrolment,
    check_registration,
)
from app.services.people.access import SignedIn, confirm, create_user_account, issue_tokens, sign_in
from app.services.people.password_proof import Keyring, normalise_email
from app.services.people.tokens import Claims
from app.services.people.vault import Vault, create_vault
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from app.settings import Settings

SCORE_CUSTOMER = "score_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityService:
    """What registration needs from the process: the vault, and how strictly Aadhaar numbers are checked."""

    vault: Vault
    check: AadhaarCheck


def make_identity_service(settings: Settings) -> IdentityService:
    """The identity service that the settings describe. For the entry points."""
    return IdentityService(vault=create_vault(settings), check=AadhaarCheck(settings.aadhaar_check))


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A new customer, and their first tokens unless a member of staff registered them."""

    customer_id: int
    name: str
    registered_on: date
    signed_in: SignedIn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer as shown to that customer and to staff; `aadhaar` is masked."""

    profile: Profile
    aadhaar: str | None


async def register(
    uow_factory: UnitOfWorkFactory,
    claims: Claims | None,
    *,
    identity: IdentityService,
    keyring: Keyring,
    registration: Registration,
    password: str | None = None,
    request_id: str | None = None,
) -> Registered:
    """Makes a customer and enqueues a score. `claims` are those of the caller's token, if the caller sent one.

    Raises RegistrationInvalid, AadhaarInvalid, PasswordTooWeak, Forbidden (only staff may give an external id),
    AadhaarTaken, EmailTaken, ExternalIdTaken, ProspectsDiffer, TokenRevoked.
    """
    check_registration(registration)
    actor = ANONYMOUS if claims is None else claims.actor
    if registration.external_id is not None and not actor.is_staff:
        raise Forbidden("only staff may give an external id")
    aadhaar = parse_aadhaar(registration.aadhar_id, check=identity.check)
    # Hashing takes a tenth of a second, so it is done before a database connection is taken.
    password_hash = None if password is None else await keyring.passwords.hash(password)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        if claims is not None:
            await confirm(uow, claims)
        customer_id, registered_on = await _write_customer(uow, registration, identity=identity, aadhaar=aadhaar)
        name = registration.name.strip()
        made = await create_user_account(
            uow,
            role=Role.CUSTOMER,
            email=registration.email,
            name=name,
            password_hash=password_hash,
            customer_id=customer_id,
        )
        await uow.record(
            "customer_registered", object_kind="customer", object_id=str(customer_id), customer_id=customer_id
        )
        await uow.enqueue(SCORE_CUSTOMER, key=str(customer_id), payload={"customer_id": customer_id})
        signed_in = None
        if not actor.is_staff:
            assert made.user_account_id is not None, "a stored user account has an id"
            signed_in = await issue_tokens(uow, keyring, user_account_id=made.user_account_id)
    return Registered(customer_id=customer_id, name=name, registered_on=registered_on, signed_in=signed_in)


async def enrol(uow: UnitOfWork, enrolment: Enrolment) -> Profile:
    """Makes a customer for staff, with a limit that follows from the income. Raises RegistrationInvalid."""
    check_enrolment(enrolment)
    customer_id = await repository.next_customer_number(uow.session)
    income = annual_income_paise(enrolment.monthly_income_paise)
    first_name, last_name = enrolment.first_name.strip(), enrolment.last_name.strip()
    values = {
        "customer_id": customer_id,
        "name": f"{first_name} {last_name}",
        "first_name": first_name,
        "last_name": last_name,
        "phone": enrolment.phone,
        "age": enrolment.age,
        "annual_income_paise": income,
        "approved_limit_paise": approved_limit_paise(income),
        "registered_on": await uow.business_date(),
        "created_at": uow.now,
        "actor": uow.actor.label,
    }
    await repository.add_customer(uow.session, values)
    await uow.record("customer_enrolled", object_kind="customer", object_id=str(customer_id), customer_id=customer_id)
    return await repository.get_profile(uow.session, customer_id)


async def sign_in_as(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    *,
    identity: IdentityService,
    email: str | None,
    aadhar_id: str | None,
    password: str,
    address: str | None = None,
    request_id: str | None = None,
) -> SignedIn:
    """A pair of tokens for an e-mail address or an Aadhaar number, and a password.

    Raises AadhaarInvalid, InvalidCredentials, TooManySignIns, TooManyAttempts.
    """
    if aadhar_id is not None:
        index = identity.vault.index(parse_aadhaar(aadhar_id, check=identity.check))
        async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
            email = await repository.find_email_by_identity(uow.session, kind="aadhaar", value=index)
        # An unknown number takes the same path, so that it takes the same time and its attempts are counted.
        email = email or f"aadhaar {index.hex()}"
    return await sign_in(
        uow_factory, keyring, email=email or "", password=password, address=address, request_id=request_id
    )


async def view_customer(uow: UnitOfWork, customer_id: int) -> CustomerView:
    """A customer, shown to that customer and to staff. Raises `CustomerNotFound`, also for other callers."""
    if not uow.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    profile = await repository.get_profile(uow.session, customer_id)
    last_four = profile.aadhaar_last_four
    return CustomerView(profile=profile, aadhaar=None if last_four is None else mask_aadhaar(last_four))


async def _write_customer(
    uow: UnitOfWork, registration: Registration, *, identity: IdentityService, aadhaar: str
) -> tuple[int, date]:
    """Writes the customer's row with the sealed number; returns the customer id and the day of the registration."""
    index = identity.vault.index(aadhaar)
    customer_id = await _claim_row(uow, index=index, external_id=registration.external_id)
    registered_on = await uow.business_date()
    sealed = identity.vault.seal(aadhaar, customer_id=customer_id)
    values = {
        **_columns(registration),
        "state": CUSTOMER,
        "aadhaar_ciphertext": sealed.ciphertext,
        "aadhaar_key_version": sealed.key_version,
        "aadhaar_last_four": sealed.last_four,
        "registered_on": registered_on,
        "actor": uow.actor.label,
    }
    await repository.update_customer(uow.session, customer_id, values)
    return customer_id, registered_on


async def _claim_row(uow: UnitOfWork, *, index: bytes, external_id: str | None) -> int:
    """The id of the row that becomes the customer: the prospect that has one of the values, or a new row. Both values
    are then claimed for it."""
    by_aadhaar = await _find_prospect(uow, "aadhaar", index, taken=AadhaarTaken)
    external = None if external_id is None else external_id.encode()
    by_external = None if external is None else await _find_prospect(uow, "external", external, taken=ExternalIdTaken)
    if by_aadhaar is None:
        by_aadhaar = await _claim_aadhaar(uow, index, customer_id=by_external)
    if by_external not in {None, by_aadhaar}:
        raise ProspectsDiffer("the Aadhaar number and the external id belong to two different people")
    # This fails only if another transaction registers or imports the same person at this moment.
    if (
        external is not None
        and by_external is None
        and not await repository.add_identity(uow.session, kind="external", value=external, customer_id=by_aadhaar)
    ):
        raise _taken(ExternalIdTaken)
    return by_aadhaar


async def _claim_aadhaar(uow: UnitOfWork, index: bytes, *, customer_id: int | None) -> int:
    """Claims the Aadhaar number for the given prospect, or for a new one; returns the id of its owner."""
    claimant = customer_id or await repository.next_customer_number(uow.session)
    if not await repository.add_identity(uow.session, kind="aadhaar", value=index, customer_id=claimant):
        # An import added this person as a prospect at this moment; or they registered twice at once, which is refused.
        owner = await _find_prospect(uow, "aadhaar", index, taken=AadhaarTaken)
        assert owner is not None, "a value that cannot be claimed has an owner"
        return owner
    if customer_id is None:
        # It is a prospect until the caller writes the rest in this transaction.
        bare = {"customer_id": claimant, "created_at": uow.now, "actor": uow.actor.label}
        await repository.add_prospects(uow.session, [bare])
    return claimant


async def _find_prospect(uow: UnitOfWork, kind: IdentityKind, value: bytes, *, taken: type[Conflict]) -> int | None:
    """The prospect that has a value, locked; None if nobody has it. Raises `taken` if a customer has it."""
    customer_id = await repository.find_identity(uow.session, kind=kind, value=value)
    if customer_id is None:
        return None
    if (await repository.lock_customer(uow.session, customer_id)).state == CUSTOMER:
        raise _taken(taken)
    return customer_id


def _taken(refusal: type[Conflict]) -> Conflict:
    if refusal is AadhaarTaken:
        return AadhaarTaken("a customer is registered with this Aadhaar number", field="aadhar_id")
    return ExternalIdTaken("a customer is registered with this external id", field="external_id")


def _columns(registration: Registration) -> dict[str, Any]:
    """The customer's columns. Values that were not given are left out, so that a prospect keeps its own."""
    income = registration.annual_income_paise
    given: dict[str, Any] = {
        "name": registration.name.strip(),
        "email": normalise_email(registration.email),
        "phone": registration.phone,
        "address": registration.address,
        "age": registration.age,
        "employment_type": registration.employment_type,
        "annual_income_paise": income,
        "approved_limit_paise": None if income is None else approved_limit_paise(income),
        "external_id": registration.external_id,
    }
    return {name: value for name, value in given.items() if value is not None}
