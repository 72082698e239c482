"""What takes two people: read by officers, decided by an admin who did not propose it. Proposing is the API's."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette_admin import row_action

from app.api.admin.acting_view import ActingView
from app.api.admin.deeds import act
from app.api.admin.fields import (
    BadgeField,
    DayField,
    DocumentField,
    InstantField,
    NumberField,
    TextField,
    loan_field,
    user_field,
)
from app.domain.public_ids import format_proposal_id
from app.services.operations import proposals


class ProposalsView(ActingView):
    """Proposals. Figures are in paise, as they are kept."""

    listing, key, menu_label, display_name = "proposals", "proposals", "Proposals", "Proposal"
    icon = "fa-solid fa-user-group"
    about = "Write-offs, waivers and limits set by hand. Whoever proposed one does not decide it."
    fields = (
        NumberField("id", label="Number"),
        BadgeField("kind", choices=["write_off", "waiver", "limit_override"]),
        BadgeField("status", choices=["proposed", "approved", "rejected", "withdrawn"]),
        user_field(),
        loan_field(),
        TextField("reason"),
        TextField("maker"),
        DayField("expires_on", label="Expires"),
        TextField("checker"),
        InstantField("decided_at", label="Decided"),
        DocumentField("payload", label="Asked", exclude_from_list=True),
        DocumentField("result", exclude_from_list=True),
        TextField("note", exclude_from_list=True),
        InstantField("made_at", label="Made", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "expires_on")
    row_actions: Sequence[str] | None = ("view", "approve", "reject", "withdraw")

    def heading(self, row: Any) -> str:
        return format_proposal_id(row.id)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        return name == "view" or bool(obj.status == "proposed")

    @row_action(
        name="approve",
        text="Approve",
        icon_class="fa-solid fa-check",
        confirmation="Carry this out now, on today's figures? It cannot be taken back here.",
        submit_btn_text="Approve",
    )
    async def approve(self, request: Request, pk: Any) -> None:
        """Approves and carries out."""
        await self._decide(request, pk, proposals.approve, done="It is approved and done.")

    @row_action(name="reject", text="Reject", icon_class="fa-solid fa-xmark", confirmation="Reject this proposal?")
    async def reject(self, request: Request, pk: Any) -> None:
        """Rejects it; nothing happens."""
        await self._decide(request, pk, proposals.reject, done="It is rejected.")

    @row_action(name="withdraw", text="Withdraw", icon_class="fa-solid fa-rotate-left", confirmation="Take it back?")
    async def withdraw(self, request: Request, pk: Any) -> None:
        """Takes one's own proposal back."""
        await self._decide(request, pk, proposals.withdraw, done="It is withdrawn.")

    async def _decide(self, request: Request, pk: Any, deed: Callable[..., Awaitable[Any]], *, done: str) -> None:
        number = int(str(pk).rpartition(".")[2])
        await act(request, partial(deed, number=number), done=done)
