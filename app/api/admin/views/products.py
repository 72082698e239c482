"""Products, as versioned rows.

A version of a product is never edited. An admin adds the next one with a form that is generated from the terms
(`app/api/admin/pages/product_view.py`); it starts with a copy of an earlier version.
"""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette_admin import link_row_action

from app.api.admin.actor_field import ActorField
from app.api.admin.context import ADMIN_PATH, is_admin
from app.api.admin.document_field import DocumentField
from app.api.admin.fields import DayField, InstantField, NumberField, TextField
from app.api.admin.listing_view import ListingView


class ProductsView(ListingView):
    """Versions of products."""

    listing, key, menu_label, display_name = "products", "products", "Products", "version of a product"
    icon = "fa-solid fa-box-open"
    about = "A version never changes, and a loan keeps its version. A new version is on offer from its day on."
    fields = (
        TextField("code"),
        NumberField("version"),
        TextField("name", getter=lambda request, row: row.terms["name"]),
        DayField("offered_from"),
        InstantField("created_at", label="Added"),
        ActorField("actor", label="Added by"),
        DocumentField("terms", exclude_from_list=True),
    )
    fields_default_sort = ("code", ("version", True))
    sortable_fields = ("code", "version", "offered_from", "created_at")
    searchable_fields = ("code", "version", "offered_from", "actor")
    row_actions = ("new_version",)

    def heading(self, row: Any) -> str:
        return f"{row.code} {row.version}"

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        return is_admin(request)

    @link_row_action(name="new_version", text="New version", icon_class="fa-solid fa-copy")
    def new_version(self, request: Request, pk: Any) -> str:
        """The form, filled with the terms of this version."""
        return f"{ADMIN_PATH}/new-version?{urlencode({'base': str(pk)})}"
