"""Adds what a new installation needs: the products, the scorecards, and an administrator.

Seeding runs at every start. It adds what is missing and changes nothing that exists: a version of a product or a
scorecard never changes, and the administrator's password is not set again. A version that is new since the last start
is on offer from then on; existing loans keep the version they were made under.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.db.repositories.people import access as access_repository
from app.db.repositories.products import products as repository
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS, SUPERSEDED_PRODUCTS
from app.services.people.password_proof import normalise_email
from app.services.people.passwords import Passwords
from app.services.people.staff import ensure_admin
from app.services.unit_of_work import UnitOfWorkFactory

# Early enough that the seeded terms are on offer on the first day of any installation.
OFFERED_FROM = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedReport:
    """The codes of what was added, and whether an administrator was made."""

    products: tuple[str, ...]
    scorecards: tuple[str, ...]
    admin_created: bool


class Standing(StrEnum):
    """The result of checking a login against the books."""

    MISSING = "missing"
    RIGHT = "right"
    OTHER = "other"
    DISABLED = "disabled"
    NO_ADMIN = "no_admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAdmin:
    """The address of an administrator (an existing one, or one to be made), and the result for the login."""

    email: str
    standing: Standing


async def find_admin(
    uow_factory: UnitOfWorkFactory, *, passwords: Passwords, email: str, password: str | None, wanted: bool
) -> FoundAdmin:
    """Checks a login against the books. The result is MISSING only if there is no administrator at all, or if this
    address is `wanted`: restored books keep their own administrators."""
    async with uow_factory.open(SYSTEM) as uow:
        found = await access_repository.find_user_account_by_email(uow.session, normalise_email(email))
        staff = await access_repository.list_staff(uow.session, [Role.ADMIN])
    if found is None:
        others = [each.email for each in staff if each.disabled_at is None and each.email]
        if wanted or not others:
            return FoundAdmin(email=email, standing=Standing.MISSING)
        return FoundAdmin(email=others[0], standing=Standing.OTHER)
    if found.role != Role.ADMIN:
        return FoundAdmin(email=email, standing=Standing.NO_ADMIN)
    if found.disabled_at is not None:
        return FoundAdmin(email=email, standing=Standing.DISABLED)
    is_right = password is not None and await passwords.verify(password, password_hash=found.password_hash)
    return FoundAdmin(email=email, standing=Standing.RIGHT if is_right else Standing.OTHER)


async def seed(
    uow_factory: UnitOfWorkFactory, *, passwords: Passwords, admin_email: str, admin_password: str | None
) -> SeedReport:
    """Adds the seeded products, scorecards and the first administrator if they are missing. Without a password no
    administrator is made.

    Raises what `create_staff` raises, such as PasswordTooWeak.
    """
    async with uow_factory.open(SYSTEM) as uow:
        products = [
            product.code
            for product in (*SUPERSEDED_PRODUCTS, *SEEDED_PRODUCTS)
            if await repository.add_product(
                uow.session, product, offered_from=OFFERED_FROM, now=uow.now, actor=uow.actor.label
            )
        ]
        scorecards = [
            card.code
            for card in SEEDED_SCORECARDS
            if await repository.add_scorecard(uow.session, card, now=uow.now, actor=uow.actor.label)
        ]
    admin_created = admin_password is not None and await ensure_admin(
        uow_factory, SYSTEM, passwords=passwords, email=admin_email, password=admin_password
    )
    return SeedReport(products=tuple(sorted(set(products))), scorecards=tuple(scorecards), admin_created=admin_created)
