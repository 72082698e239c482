"""Virtual cards, which staff block, unblock, replace and control."""

from typing import Any

from app.api.admin.actor_field import ActorField
from app.api.admin.acts.act import About
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    TextField,
    card_account_field,
    loan_field,
    user_field,
)
from app.api.admin.listing_view import ListingView


class CardsView(ListingView):
    """Virtual cards. A card has a token and four digits, but no card number."""

    listing, key, menu_label, display_name = "cards", "cards", "Cards", "Card"
    icon = "fa-solid fa-credit-card"
    about = "Search by a loan's id, a user's, or the last four digits."
    fields = (
        TextField("last_four", label="Ends in"),
        user_field(),
        loan_field(),
        card_account_field(label="Card account"),
        TextField("name", label="Name"),
        BadgeField("status", choices=["active", "blocked", "replaced"]),
        DayField("issued_on", label="Issued"),
        DayField("expires_on", label="Expires"),
        DayField("blocked_on", label="Blocked"),
        ActorField("blocked_by"),
        TextField("token", exclude_from_list=True, exclude_from_export=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        ActorField("actor", label="Issued by", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "issued_on", "expires_on")
    acts_about = About.CARD

    def heading(self, row: Any) -> str:
        return f"Card ending in {row.last_four}"
