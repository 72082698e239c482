"""The products that can be applied for today."""

from app.db.repositories.products import products as repository
from app.domain.errors import Invalid
from app.domain.products.products import Product
from app.services.unit_of_work import UnitOfWork


class ProductUnknown(Invalid):
    """No product of that code is on offer on the business date. Name one that `GET /api/v1/products` lists."""

    code = "product_unknown"


async def list_products(uow: UnitOfWork) -> list[Product]:
    """The versions on offer on the business date, by code."""
    return await repository.list_current_products(uow.session, on=await uow.business_date())


async def get_current_product(uow: UnitOfWork, code: str) -> Product:
    """The version of a product on offer on the business date. Raises ProductUnknown."""
    product = await repository.find_current_product(uow.session, code, on=await uow.business_date())
    if product is None:
        raise ProductUnknown("there is no such product on offer", field="product")
    return product
