"""Virtual cards: read by officers, blocked and made good again by admins."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette_admin import row_action

from app.api.admin.acting_view import ActingView
from app.api.admin.actions import act
from app.api.admin.fields import BadgeField, DayField, InstantField, TextField, loan_field, user_field
from app.services.cards import cards


def token_of(pk: Any) -> str:
    """The card's token, which is the second part of its key."""
    return str(pk).partition(".")[2]


class CardsView(ActingView):
    """The cards that credit lines came with. There is no card number anywhere, only a token and four digits."""

    listing, key, menu_label, display_name = "cards", "cards", "Cards", "Card"
    icon = "fa-solid fa-credit-card"
    about = "Search by a loan's id, a user's, or the last four digits."
    fields = (
        TextField("last_four", label="Ends in"),
        user_field(),
        loan_field(),
        BadgeField("status", choices=["active", "blocked"]),
        DayField("issued_on", label="Issued"),
        DayField("expires_on", label="Expires"),
        DayField("blocked_on", label="Blocked"),
        TextField("blocked_by"),
        TextField("token", exclude_from_list=True, exclude_from_export=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        TextField("actor", label="Issued by", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "issued_on", "expires_on")
    row_actions: Sequence[str] | None = ("view", "block", "unblock")

    def heading(self, row: Any) -> str:
        return f"Card ending in {row.last_four}"

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        return name == "view" or (obj.status == "blocked") == (name == "unblock")

    @row_action(name="block", text="Block", icon_class="fa-solid fa-lock", confirmation="Block this card?")
    async def block(self, request: Request, pk: Any) -> None:
        """Blocks the card."""
        await act(request, partial(cards.block_card, token=token_of(pk)), done="The card is blocked.")

    @row_action(name="unblock", text="Unblock", icon_class="fa-solid fa-lock-open", confirmation="Make it good again?")
    async def unblock(self, request: Request, pk: Any) -> None:
        """Makes the card good again."""
        await act(request, partial(cards.unblock_card, token=token_of(pk)), done="The card is good again.")
