"""Scheduled tasks, jobs, proposals and the audit trail.

Officers read. An admin runs, pauses and resumes a scheduled task, and has a job tried again. Proposals are made on the
pages of loans and customers, and another person decides them here.
"""

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette_admin import row_action

from app.api.admin.acting_view import ActingView
from app.api.admin.actions import act
from app.api.admin.actor_field import ActorField
from app.api.admin.acts.act import About
from app.api.admin.document_field import DocumentField
from app.api.admin.drawing.formats import words
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    NumberField,
    TextField,
    WordsField,
    YesNoField,
    card_account_field,
    loan_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.short_view import ShortView
from app.domain.operations.proposals import ProposalKind
from app.domain.public_ids import format_proposal_id
from app.services.operations import outbox_admin, scheduled_tasks
from app.services.unit_of_work import UnitOfWork


class ScheduleView(ShortView):
    """The scheduled tasks. The program declares them."""

    key, menu_label, display_name = "scheduled-tasks", "Scheduled tasks", "Scheduled task"
    icon = "fa-solid fa-clock"
    about = "The workers run these tasks by the clock. Run now starts a task within five seconds, also a paused one."
    pk_attr = "name"
    fields = (
        TextField("title", label="Task"),
        YesNoField("paused"),
        BadgeField("last_result", choices=["done", "failed"]),
        InstantField("last_finished_at", label="Last finished"),
        InstantField("next_run_at", label="Next run"),
        TextField("timetable", label="When"),
        TextField("does", label="What it does"),
        TextField("last_error", exclude_from_list=True),
        InstantField("last_started_at", label="Last started", exclude_from_list=True),
        InstantField("requested_at", label="Requested", exclude_from_list=True),
        TextField("name", label="Name in the program", exclude_from_list=True),
    )
    row_actions = ("view", "run_now", "pause", "resume")

    def heading(self, row: Any) -> str:
        return str(row.title)

    async def rows(self, uow: UnitOfWork) -> Sequence[Any]:
        """The tasks that the program declares, with their stored results."""
        return await scheduled_tasks.list_tasks(uow)

    def text_of(self, row: Any) -> str:
        return f"{row.title} {row.name} {row.does}"

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        return name not in {"pause", "resume"} or obj.paused == (name == "resume")

    @row_action(name="run_now", text="Run now", icon_class="fa-solid fa-play", confirmation="Run this task now?")
    async def run_now(self, request: Request, pk: Any) -> None:
        """Asks the workers to run the task."""
        await act(
            request,
            partial(scheduled_tasks.ask_for_run, name=str(pk)),
            done=f"{_title(pk)} starts within five seconds.",
        )

    @row_action(name="pause", text="Pause", icon_class="fa-solid fa-pause", confirmation="Pause this task?")
    async def pause(self, request: Request, pk: Any) -> None:
        """Pauses the task: its ticks do nothing."""
        await act(request, partial(scheduled_tasks.pause_task, name=str(pk)), done=f"{_title(pk)} is paused.")

    @row_action(name="resume", text="Resume", icon_class="fa-solid fa-forward", confirmation="Resume this task?")
    async def resume(self, request: Request, pk: Any) -> None:
        """Resumes the task: its next tick runs it."""
        await act(request, partial(scheduled_tasks.resume_task, name=str(pk)), done=f"{_title(pk)} is resumed.")


def _title(pk: Any) -> str:
    """The name of a task for people."""
    task = scheduled_tasks.BY_NAME.get(str(pk))
    return "The task" if task is None else task.title


class JobsView(ActingView):
    """The outbox: the jobs for the workers, done or not."""

    listing, key, menu_label, display_name = "jobs", "jobs", "Jobs", "Job"
    icon = "fa-solid fa-list-check"
    fields = (
        NumberField("id", label="Number"),
        WordsField("job", label="What it does"),
        TextField("key", label="For"),
        InstantField("created_at", label="Created"),
        InstantField("due_at", label="Due"),
        InstantField("done_at", label="Done"),
        NumberField("attempts", label="Failed tries"),
        TextField("last_error"),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id",)
    row_actions = ("view", "try_now")

    def heading(self, row: Any) -> str:
        return f"{words(row.job)} ({row.key})"

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: SimpleNamespace) -> bool:
        return name != "try_now" or obj.done_at is None

    @row_action(name="try_now", text="Try now", icon_class="fa-solid fa-rotate", confirmation="Try this job now?")
    async def try_now(self, request: Request, pk: Any) -> None:
        """Makes the job due for the next sweep."""
        await act(
            request, partial(outbox_admin.make_due, outbox_id=int(pk)), done="The next sweep tries the job again."
        )


class ProposalsView(ListingView):
    """Proposals of one person that another person decides."""

    listing, key, menu_label, display_name = "proposals", "proposals", "Proposals", "Proposal"
    icon = "fa-solid fa-user-group"
    about = "Waivers, write-offs, refunds, restructurings, top-ups, limits: one person proposes, another decides."
    fields = (
        NumberField("id", label="Number"),
        BadgeField("kind", choices=[each.value for each in ProposalKind]),
        BadgeField("status", choices=["proposed", "approved", "rejected", "withdrawn"]),
        user_field(),
        loan_field(),
        card_account_field(label="Card account"),
        TextField("reason"),
        ActorField("maker"),
        DayField("expires_on", label="Expires"),
        ActorField("checker"),
        InstantField("decided_at", label="Decided"),
        DocumentField("payload", label="Asked", exclude_from_list=True),
        DocumentField("result", exclude_from_list=True),
        TextField("note", exclude_from_list=True),
        InstantField("made_at", label="Made", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "expires_on")
    acts_about = About.PROPOSAL

    def heading(self, row: Any) -> str:
        return format_proposal_id(row.id)

    def subject_of(self, row: Any) -> str:
        return format_proposal_id(row.id)


class AuditView(ListingView):
    """The audit trail: each event is written in the transaction of its change."""

    listing, key, menu_label, display_name = "audit_events", "audit-events", "Audit trail", "Audit event"
    icon = "fa-solid fa-clipboard-list"
    fields = (
        NumberField("id", label="Number"),
        InstantField("at", label="When"),
        ActorField("actor", label="Actor"),
        WordsField("action", label="Action"),
        WordsField("object_kind", label="Of"),
        TextField("object_id", label="Object"),
        user_field(),
        TextField("client_address", label="Client address", exclude_from_list=True),
        TextField("request_id", label="Request", exclude_from_list=True),
        DocumentField("details", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id",)
