"""What a new installation starts with: the products, the scorecards, and somebody who may sign in.

Seeding runs at every start. It adds what is not there and leaves alone what is: a version of a product or a scorecard
never changes, and the administrator's password belongs to the administrator. A version that is new since the last start
is on offer from then on; loans made under the one before keep it.
"""

from dataclasses import dataclass
from datetime import date

from app.db.repositories import products as repository
from app.domain.access import SYSTEM
from app.domain.scoring import SEEDED_SCORECARDS
from app.domain.seeded_products import SEEDED_PRODUCTS, SUPERSEDED_PRODUCTS
from app.services.passwords import Passwords
from app.services.staff import ensure_admin
from app.services.work import Desk

# The seeded terms are on offer on whatever day an installation begins its books.
OFFERED_FROM = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedReport:
    """The codes of what was added; all empty and False where everything was there."""

    products: tuple[str, ...]
    scorecards: tuple[str, ...]
    admin_created: bool


async def seed(desk: Desk, *, passwords: Passwords, admin_email: str, admin_password: str) -> SeedReport:
    """Adds the seeded products and scorecards and the first administrator, where they are missing.

    Raises what making a member of staff raises (a password too weak).
    """
    async with desk.open(SYSTEM) as work:
        products = [
            product.code
            for product in (*SUPERSEDED_PRODUCTS, *SEEDED_PRODUCTS)
            if await repository.add_product(
                work.session, product, offered_from=OFFERED_FROM, now=work.now, actor=work.actor.label
            )
        ]
        scorecards = [
            card.code
            for card in SEEDED_SCORECARDS
            if await repository.add_scorecard(work.session, card, now=work.now, actor=work.actor.label)
        ]
    admin_created = await ensure_admin(desk, SYSTEM, passwords=passwords, email=admin_email, password=admin_password)
    return SeedReport(products=tuple(sorted(set(products))), scorecards=tuple(scorecards), admin_created=admin_created)
