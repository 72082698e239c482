"""Products: list the ones on offer with their terms, and add a version."""

from typing import Any

from pydantic import Field

from app.api.deps import ADMINS, SIGNED_IN, KistRouter, UnitOfWorkDep
from app.api.schemas import Answer, Body, Code, Day, RateOut, RupeesOut, example
from app.domain.products.documents import product_document
from app.domain.products.products import Product
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.rulebook.kinds import BorrowerKind
from app.services.products import products, versions

router = KistRouter(prefix="/products", tags=["Products"])


class OfferAnswer(Answer):
    """The bounds for an application. If `maximum_amount` is null, the customer's limit is the bound. If `annual_rate`
    is null, the application names the rate."""

    minimum_amount: RupeesOut
    maximum_amount: RupeesOut | None
    minimum_tenure: int
    maximum_tenure: int
    annual_rate: RateOut | None
    minimum_rate: RateOut
    maximum_rate: RateOut
    active_loans_at_most: int | None
    scorecard: str
    minimum_score: int | None
    minimum_annual_income: RupeesOut | None
    emi_cap_percent: RateOut | None
    waits_for_score: bool
    is_secured: bool
    borrower: BorrowerKind


class ProductAnswer(Answer):
    """The version of a product on offer, with all of its terms as they are stored: money in `terms` is in paise."""

    code: str
    version: int
    name: str
    offer: OfferAnswer
    terms: dict[str, Any]


@router.get("", dependencies=[SIGNED_IN], summary="List the products on offer")
async def list_products(uow: UnitOfWorkDep) -> list[ProductAnswer]:
    """Lists the version of each product that is on offer on the business date, in the order of the codes."""
    return [_present(product) for product in await products.list_products(uow)]


class VersionBody(Body):
    """The next version of a product: all of its terms, in the form that `GET /api/v1/products` shows."""

    model_config = example(
        {"code": "GOLD_LOAN", "offered_from": "2030-01-01", "terms": product_document(STANDARD_LOAN)}
    )

    code: Code = Field(examples=["GOLD_LOAN"])
    offered_from: Day
    terms: dict[str, Any]


@router.post("", status_code=201, dependencies=[ADMINS], summary="Add a version of a product")
async def add_product_version(body: VersionBody, uow: UnitOfWorkDep) -> ProductAnswer:
    """Adds the next version of a product, on offer from a given day. It cannot be changed later. Loans keep the version
    that they were made under."""
    product = await versions.add_version(
        uow, product_code=body.code, document=body.terms, offered_from=body.offered_from
    )
    return _present(product)


def _present(product: Product) -> ProductAnswer:
    offer = product.offer
    return ProductAnswer(
        code=product.code,
        version=product.version,
        name=product.name,
        offer=OfferAnswer(
            minimum_amount=offer.amount_paise[0],
            maximum_amount=offer.amount_paise[1],
            minimum_tenure=offer.tenure[0],
            maximum_tenure=offer.tenure[1],
            annual_rate=offer.annual_rate_percent,
            minimum_rate=offer.rate_bounds_percent[0],
            maximum_rate=offer.rate_bounds_percent[1],
            active_loans_at_most=offer.active_loans_at_most,
            scorecard=offer.scorecard,
            minimum_score=offer.minimum_score,
            minimum_annual_income=offer.minimum_income_paise,
            emi_cap_percent=offer.emi_cap_percent,
            waits_for_score=offer.waits_for_score,
            is_secured=offer.is_secured,
            borrower=offer.borrower,
        ),
        terms=product_document(product),
    )
