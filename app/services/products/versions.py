"""Adds a version of a product, or a new product. An admin adds it, and it is offered from a given day on.

A version never changes. A mistake in one is corrected by the next version; loans keep the version they were made under.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.db.repositories.credit import scoring as scoring_repository
from app.db.repositories.products import products as repository
from app.db.repositories.products import versions as version_repository
from app.domain.errors import Conflict, Invalid, Rejected
from app.domain.people.access import Forbidden, Role
from app.domain.products.charges import taxed_charges
from app.domain.products.documents import parse_product
from app.domain.products.lawfulness import check_lawful
from app.domain.products.products import Product
from app.domain.rulebook.in_force import RULEBOOK
from app.services.lender.registrations import find_gst_state
from app.services.unit_of_work import UnitOfWork

CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


class ProductCodeInvalid(Invalid):
    """The code is not capital letters, digits and underscores. Write it like GOLD_LOAN."""

    code = "product_code_invalid"


class OfferedTooEarly(Invalid):
    """The version would be on offer from a day that has passed. Name the business date or a later day."""

    code = "offered_too_early"


class TaxAccountMissing(Rejected):
    """A charge of the product bears GST, and the lender is registered for it in no state. Give the lender's profile
    its GSTIN, set `KIST_GST_STATE`, or make the charge one without tax."""

    code = "tax_account_missing"


class VersionTaken(Conflict):
    """Somebody else added this version at the same moment. Look at theirs, and try again."""

    code = "version_taken"


async def add_version(
    uow: UnitOfWork, *, product_code: str, document: Mapping[str, Any], offered_from: date
) -> Product:
    """Writes the next version of a product, or version 1 of a new product.

    Raises Forbidden, ProductCodeInvalid, OfferedTooEarly, InvalidTerms, ProductBreaksRule, TaxAccountMissing,
    ScorecardUnknown, VersionTaken.
    """
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may add products")
    if not CODE.fullmatch(product_code):
        raise ProductCodeInvalid("a code is capital letters, digits and underscores, as in GOLD_LOAN", field="code")
    if offered_from < await uow.business_date():
        raise OfferedTooEarly(f"the business date is {await uow.business_date()}", field="offered_from")
    version = 1 + await version_repository.find_latest_version(uow.session, product_code)
    product = parse_product(product_code, version, document)
    check_lawful(product, RULEBOOK, on=offered_from, lender=uow.lender)
    taxed = taxed_charges(product.repayment)
    if taxed and await find_gst_state(uow, on=offered_from) is None:
        raise TaxAccountMissing(f"{taxed[0]}: the lender has no state of GST registration", field=taxed[0])
    await scoring_repository.get_scorecard(uow.session, product.offer.scorecard)
    actor = uow.actor.label
    if not await repository.add_product(uow.session, product, offered_from=offered_from, now=uow.now, actor=actor):
        raise VersionTaken(f"version {version} was added at the same moment: check it and try again")
    details = {"offered_from": offered_from.isoformat()}
    await uow.record(
        "product_version_added", object_kind="product", object_id=f"{product_code}.{version}", details=details
    )
    return product
