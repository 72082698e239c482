"""Products, as versioned rows.

A version of a product is never edited. An admin adds the next one as a JSON document. The form starts with a copy of an
earlier version, and an error in the document is shown with the name and the place of the field.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request
from starlette_admin import link_row_action
from starlette_admin.exceptions import FormValidationError
from starlette_admin.fields import StringField, TextAreaField

from app.api.admin.context import is_admin, open_uow
from app.api.admin.fields import DayField, DocumentField, InstantField, NumberField, TextField
from app.api.admin.listing_view import ListingView
from app.domain.errors import DomainError
from app.domain.products.documents import parse_product, product_document
from app.domain.products.products import Product
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.operations import browsing
from app.services.products import versions

#: The form's input for a field of a refusal. Every other field belongs to the document.
INPUTS = {"code": "new_code", "offered_from": "new_offered_from"}


async def _base_version(request: Request) -> Any:
    """The version that the new one is copied from; None if the link names none."""
    base = request.query_params.get("base")
    if base is None:
        return None
    async with open_uow(request) as uow:
        found = await browsing.get(uow, "products", [base])
    return found[0] if found else None


async def default_code(request: Request) -> str:
    """The code of the product that gets a new version."""
    row = await _base_version(request)
    return "" if row is None else str(row.code)


async def default_day(request: Request) -> str:
    """The business date."""
    async with open_uow(request) as uow:
        return (await uow.business_date()).isoformat()


async def default_document(request: Request) -> str:
    """The terms that the form of a new version starts with."""
    row = await _base_version(request)
    product = SEEDED_PRODUCTS[0] if row is None else parse_product(row.code, row.version, row.terms)
    # Made from the product and not from the row, because the database changes the order of a document's fields.
    terms = product_document(product)
    return orjson.dumps(terms, option=orjson.OPT_INDENT_2).decode()


class ProductsView(ListingView):
    """Versions of products."""

    listing, key, menu_label, display_name = "products", "products", "Products", "version of a product"
    icon = "fa-solid fa-box-open"
    about = "A version never changes, and a loan keeps its version. A new version is on offer from its day on."
    fields = (
        TextField("code", exclude_from_create=True),
        NumberField("version", exclude_from_create=True),
        TextField(
            "name", getter=lambda request, row: row.terms["name"], exclude_from_create=True
        ),
        DayField("offered_from", exclude_from_create=True),
        InstantField("created_at", label="Added", exclude_from_create=True),
        TextField("actor", label="Added by", exclude_from_create=True),
        DocumentField("terms", exclude_from_list=True, exclude_from_create=True),
        StringField(
            "new_code", label="Code", required=True, maxlength=40, default=default_code,
            help_text="Capital letters, digits and underscores. An existing code gets its next version.",
        ),
        StringField(
            "new_offered_from", label="Offered from", required=True, input_type="date", default=default_day,
            help_text="The business date, or a later day.",
        ),
        TextAreaField(
            "document", label="Terms", required=True, rows=28, maxlength=60_000, default=default_document,
            help_text="The whole terms as JSON: money in paise, rates as text.",
        ),
    )  # fmt: skip
    exclude_fields_from_list = exclude_fields_from_detail = ("new_code", "new_offered_from", "document")
    exclude_fields_from_export = exclude_fields_from_list
    fields_default_sort = ("code", ("version", True))
    sortable_fields = ("code", "version", "offered_from", "created_at")
    searchable_fields = ("code", "version", "offered_from", "actor")
    row_actions = ("new_version",)
    create_template = "kist/create.html"

    def heading(self, row: Any) -> str:
        return f"{row.code} {row.version}"

    def can_create(self, request: Request) -> bool:
        return is_admin(request)

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        return name == "view" or is_admin(request)

    @link_row_action(name="new_version", text="New version", icon_class="fa-solid fa-copy")
    def new_version(self, request: Request, pk: Any) -> str:
        """The form, filled with the terms of this version."""
        url = request.url_for("admin:create", key=self.key).include_query_params(base=str(pk))
        return f"{url.path}?{url.query}"

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Adds the version. Raises FormValidationError, which the form shows at the wrong field."""
        try:
            offered_from = date.fromisoformat(str(data["new_offered_from"]).strip())
        except ValueError:
            raise FormValidationError({"new_offered_from": "write a date as 2026-11-21"}) from None
        code, document = str(data["new_code"]).strip(), read_document(str(data["document"]))
        try:
            product = await self._add(request, code=code, document=document, offered_from=offered_from)
        except DomainError as error:
            place = INPUTS.get(error.field or "", "document")
            where = f" ({error.field})" if place == "document" and error.field else ""
            raise FormValidationError({place: error.message + where}) from None
        return await self.find_by_pk(request, f"{product.code}.{product.version}")

    async def _add(self, request: Request, *, code: str, document: Mapping[str, Any], offered_from: date) -> Product:
        async with open_uow(request) as uow:
            return await versions.add_version(uow, product_code=code, document=document, offered_from=offered_from)


def read_document(text: str) -> Mapping[str, Any]:
    """The typed text as a JSON object. Raises FormValidationError with the place of the error."""

    def unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise FormValidationError({"document": "the document gives a field twice"})
        return found

    try:
        value = json.loads(text, object_pairs_hook=unique_fields)
    except json.JSONDecodeError as error:
        raise FormValidationError(
            {"document": f"the document is not JSON: {error.msg}, line {error.lineno}, column {error.colno}"}
        ) from None
    except RecursionError:
        raise FormValidationError({"document": "the document has too many levels"}) from None
    if not isinstance(value, dict):
        raise FormValidationError({"document": "the terms must be a JSON object"})
    return value
