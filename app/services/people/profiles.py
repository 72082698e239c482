"""Changes of a customer's data.

A customer keeps the address and the phone number up to date. What a decision depends on, or what signs in, is changed
by staff. The approved limit does not follow a new income: raising a limit takes two people (`proposals`).
"""

from collections.abc import Mapping
from typing import Any

from app.db.repositories.people import access as access_repository
from app.db.repositories.people import customers as repository
from app.domain.people.access import Forbidden
from app.domain.people.customers import STAFF_FIELDS, CustomerNotFound, check_profile
from app.services.people.access import EmailTaken
from app.services.people.customers import CustomerView, view_customer
from app.services.people.password_proof import normalise_email
from app.services.unit_of_work import UnitOfWork


async def change_customer(uow: UnitOfWork, customer_id: int, given: Mapping[str, Any]) -> CustomerView:
    """Writes the values that differ, and an event that names their fields. Values that are equal change nothing.

    Raises CustomerNotFound, ProfileInvalid, Forbidden (a field that only staff change), EmailTaken.
    """
    if not uow.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    check_profile(given)
    for field in STAFF_FIELDS & given.keys():
        if not uow.actor.is_staff:
            raise Forbidden(f"only staff may change `{field}`", field=field)
    await repository.lock_customer(uow.session, customer_id)
    profile = await repository.get_profile(uow.session, customer_id)
    values = {_column(field): _stored(field, value) for field, value in given.items()}
    changed = {name: value for name, value in values.items() if getattr(profile, name) != value}
    if changed:
        if "email" in changed:
            await _change_sign_in(uow, customer_id, email=changed["email"])
        await repository.update_customer(uow.session, customer_id, changed)
        await uow.record(
            "customer_changed",
            object_kind="customer",
            object_id=str(customer_id),
            customer_id=customer_id,
            details={"fields": sorted(changed)},
        )
    return await view_customer(uow, customer_id)


async def _change_sign_in(uow: UnitOfWork, customer_id: int, *, email: str) -> None:
    """A customer signs in with the e-mail address, so the account gets the new one. Raises EmailTaken."""
    owner = await access_repository.find_user_account_by_email(uow.session, email)
    if owner is not None and owner.customer_id != customer_id:
        raise EmailTaken("this e-mail address is in use", field="email")
    await access_repository.update_email(uow.session, customer_id=customer_id, email=email)


def _column(field: str) -> str:
    return "annual_income_paise" if field == "annual_income" else field


def _stored(field: str, value: Any) -> Any:
    if field == "email":
        return normalise_email(value)
    return value.strip() if isinstance(value, str) else value
