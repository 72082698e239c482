"""What can be applied for today."""

from app.db.repositories import products as repository
from app.domain.errors import Invalid
from app.domain.products import Product
from app.services.work import Work


class ProductUnknown(Invalid):
    """No product of that code is on offer on the business date. Name one that `GET /api/v1/products` lists."""

    code = "product_unknown"


async def list_products(work: Work) -> list[Product]:
    """The versions on offer on the business date, by code."""
    return await repository.list_current_products(work.session, on=await work.business_date())


async def get_current_product(work: Work, code: str) -> Product:
    """The version of a product on offer on the business date. Raises ProductUnknown."""
    product = await repository.find_current_product(work.session, code, on=await work.business_date())
    if product is None:
        raise ProductUnknown("there is no such product on offer", field="product")
    return product
