"""The schedule, jobs, proposals and the audit trail.

Officers read. An admin runs, pauses and resumes a task of the schedule, has a job tried again, and decides a
proposal that somebody else made; proposing is the API's.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette_admin import row_action

from app.api.admin.acting_view import ActingView
from app.api.admin.actions import act
from app.api.admin.fields import (
    BadgeField,
    DayField,
    DocumentField,
    InstantField,
    NumberField,
    TextField,
    YesNoField,
    loan_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.short_view import ShortView
from app.domain.public_ids import format_proposal_id
from app.services.operations import outbox_admin, proposals, scheduled_tasks
from app.services.unit_of_work import UnitOfWork


class ScheduleView(ShortView):
    """The schedule: a handful of tasks, known by the program."""

    key, menu_label, display_name = "scheduled-tasks", "Scheduled tasks", "Scheduled task"
    icon = "fa-solid fa-clock"
    about = "What the workers do by the clock. A run that is asked for begins within five seconds, paused or not."
    pk_attr = "name"
    fields = (
        TextField("name", label="Task"),
        YesNoField("paused"),
        BadgeField("last_result", choices=["done", "failed"]),
        InstantField("last_finished_at", label="Last finished"),
        InstantField("next_run_at", label="Next run"),
        TextField("timetable", label="When"),
        TextField("does", label="What it does"),
        TextField("last_error"),
        InstantField("last_started_at", label="Last started", exclude_from_list=True),
        InstantField("requested_at", label="Asked for", exclude_from_list=True),
    )
    row_actions = ("view", "run_now", "pause", "resume")

    def heading(self, row: Any) -> str:
        return str(row.name)

    async def rows(self, uow: UnitOfWork) -> Sequence[Any]:
        """The tasks, as the program and their rows know them."""
        return await scheduled_tasks.list_tasks(uow)

    def text_of(self, row: Any) -> str:
        return f"{row.name} {row.does}"

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        return name not in {"pause", "resume"} or obj.paused == (name == "resume")

    @row_action(name="run_now", text="Run now", icon_class="fa-solid fa-play", confirmation="Run this task now?")
    async def run_now(self, request: Request, pk: Any) -> None:
        """Asks the workers for a run."""
        await act(request, partial(scheduled_tasks.ask_for_run, name=str(pk)), done=f"{pk} runs within five seconds.")

    @row_action(name="pause", text="Pause", icon_class="fa-solid fa-pause", confirmation="Pause this task?")
    async def pause(self, request: Request, pk: Any) -> None:
        """Lets its ticks pass."""
        await act(request, partial(scheduled_tasks.pause_task, name=str(pk)), done=f"{pk} is paused.")

    @row_action(name="resume", text="Resume", icon_class="fa-solid fa-forward", confirmation="Let this task go on?")
    async def resume(self, request: Request, pk: Any) -> None:
        """Lets its ticks count again."""
        await act(request, partial(scheduled_tasks.resume_task, name=str(pk)), done=f"{pk} goes on.")


class JobsView(ActingView):
    """The outbox: what was asked of the workers, done or not."""

    listing, key, menu_label, display_name = "jobs", "jobs", "Jobs", "Job"
    icon = "fa-solid fa-list-check"
    fields = (
        NumberField("id", label="Number"),
        TextField("job"),
        TextField("key", label="For"),
        InstantField("created_at", label="Asked for"),
        InstantField("due_at", label="Due"),
        InstantField("done_at", label="Done"),
        NumberField("attempts", label="Failed tries"),
        TextField("last_error"),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id",)
    row_actions = ("view", "try_now")

    def heading(self, row: Any) -> str:
        return f"{row.job} {row.key}"

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: SimpleNamespace) -> bool:
        return name != "try_now" or obj.done_at is None

    @row_action(name="try_now", text="Try now", icon_class="fa-solid fa-rotate", confirmation="Try this job now?")
    async def try_now(self, request: Request, pk: Any) -> None:
        """Makes it due, for the next sweep."""
        await act(request, partial(outbox_admin.make_due, outbox_id=int(pk)), done="The next sweep tries it again.")


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

    async def _decide(self, request: Request, pk: Any, action: Callable[..., Awaitable[Any]], *, done: str) -> None:
        number = int(str(pk).rpartition(".")[2])
        await act(request, partial(action, number=number), done=done)


class AuditView(ListingView):
    """Who did what to what and from where, written with the deed."""

    listing, key, menu_label, display_name = "audit_events", "audit-events", "Audit trail", "Audit event"
    icon = "fa-solid fa-clipboard-list"
    fields = (
        NumberField("id", label="Number"),
        InstantField("at", label="When"),
        TextField("actor", label="Who"),
        TextField("action", label="Did"),
        TextField("object_kind", label="To what kind"),
        TextField("object_id", label="Which"),
        user_field(),
        TextField("client_address", label="From where", exclude_from_list=True),
        TextField("request_id", label="Request", exclude_from_list=True),
        DocumentField("details", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id",)
