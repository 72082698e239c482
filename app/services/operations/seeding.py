"""Adds what a new installation needs: products, scorecards, an administrator, and in development samples.

Seeding runs at every start. It adds what is missing and changes nothing that exists: a version of a product or a
scorecard never changes, and the administrator's password is not set again. A version that is new since the last start
is on offer from then on; existing loans keep the version they were made under.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.db.repositories.lender import profiles as profile_repository
from app.db.repositories.people import access as access_repository
from app.db.repositories.products import calendars as calendar_repository
from app.db.repositories.products import products as repository
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.lender.samples import sample_version
from app.domain.people.access import SYSTEM, Role
from app.domain.products.samples import SAMPLE_BENCHMARK, SAMPLE_PRODUCTS
from app.domain.products.seeded import SEEDED_PRODUCTS, SUPERSEDED_PRODUCTS
from app.services.people.password_proof import normalise_email
from app.services.people.passwords import Passwords
from app.services.people.staff import ensure_admin
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

# Early enough that the seeded terms are on offer on the first day of any installation.
OFFERED_FROM = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedReport:
    """The codes of what was added, and whether an administrator was made."""

    products: tuple[str, ...]
    scorecards: tuple[str, ...]
    admin_created: bool
    sample_lender_added: bool = False


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
    uow_factory: UnitOfWorkFactory,
    *,
    passwords: Passwords,
    admin_email: str,
    admin_password: str | None,
    with_samples: bool = False,
) -> SeedReport:
    """Adds the seeded products, scorecards and the first administrator if they are missing. Without a password no
    administrator is made. Samples are for development: two more products, the benchmark that one of them follows, and a
    lender, where there is none.

    Raises what `create_staff` raises, such as PasswordTooWeak.
    """
    samples = SAMPLE_PRODUCTS if with_samples else ()
    async with uow_factory.open(SYSTEM) as uow:
        products = [
            product.code
            for product in (*SUPERSEDED_PRODUCTS, *SEEDED_PRODUCTS, *samples)
            if await repository.add_product(
                uow.session, product, offered_from=OFFERED_FROM, now=uow.now, actor=uow.actor.label
            )
        ]
        scorecards = [
            card.code
            for card in SEEDED_SCORECARDS
            if await repository.add_scorecard(uow.session, card, now=uow.now, actor=uow.actor.label)
        ]
        if with_samples:
            await _add_benchmark(uow)
        sample_added = with_samples and await _add_sample_lender(uow)
    admin_created = admin_password is not None and await ensure_admin(
        uow_factory, SYSTEM, passwords=passwords, email=admin_email, password=admin_password
    )
    return SeedReport(
        products=tuple(sorted(set(products))),
        scorecards=tuple(scorecards),
        admin_created=admin_created,
        sample_lender_added=sample_added,
    )


async def _add_benchmark(uow: UnitOfWork) -> None:
    """Adds the rates of the seeded benchmark, unless somebody keeps rates of it already."""
    code, rates = SAMPLE_BENCHMARK
    if await calendar_repository.list_benchmarks(uow.session, code=code):
        return
    for from_on, rate in rates:
        await calendar_repository.add_benchmark(
            uow.session, code, from_on=from_on, rate_percent=rate, now=uow.now, actor=uow.actor.label
        )


async def _add_sample_lender(uow: UnitOfWork) -> bool:
    """Adds the sample lender, in force from the first day on, if there is no profile. Whether it was added."""
    version, _ = await profile_repository.find_latest_version(uow.session)
    if version:
        return False
    # Where a setting says in which state we are registered, the sample says nothing else.
    sample = sample_version(OFFERED_FROM, with_gstin=uow.gst_state is None)
    await profile_repository.add_version(uow.session, sample, now=uow.now, actor=uow.actor.label)
    return True
