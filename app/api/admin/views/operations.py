"""The part of the menu that runs: billing runs, parked loans, the schedule, jobs, imports and their rejects.

Officers read. An admin starts a run, runs, pauses and resumes a task of the schedule, and has a job tried again.
"""

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette_admin import action, row_action
from starlette_admin.actions import ActionSelection

from app.api.admin.acting_view import ActingView
from app.api.admin.deeds import act
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    ProgressField,
    TextField,
    YesNoField,
    loan_field,
    numbered_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.short_view import ShortView
from app.api.admin.views.lending import loan_name
from app.services.billing import runs
from app.services.operations import outbox_desk, scheduled_tasks
from app.services.work import Work


def percent_done(run: Any) -> int:
    """How far a run is."""
    return 100 if run.status == "finished" else int(100 * run.ranges_done // max(run.ranges, 1))


async def run_progress(request: Request, run: Any) -> dict[str, Any]:
    """What the bar of a run shows, and by which number its script asks for more."""
    return {"id": run.id, "percent": percent_done(run), "status": run.status}


class BillingRunsView(ActingView):
    """Billing runs, with their progress while they run."""

    listing, key, menu_label, display_name = "billing_runs", "billing-runs", "Billing runs", "Billing run"
    icon = "fa-solid fa-gears"
    fields = (
        NumberField("id", label="Run"),
        DayField("business_date"),
        BadgeField("status", choices=["running", "paused", "cancelled", "finished"]),
        ProgressField("progress", getter=run_progress, exclude_from_export=True),
        NumberField("loans_due"),
        NumberField("loans_done"),
        NumberField("bills"),
        MoneyField("demanded_paise", label="Demanded"),
        NumberField("parked"),
        InstantField("started_at", label="Started"),
        InstantField("finished_at", label="Finished"),
        TextField("actor", label="Started by"),
        NumberField("ranges", exclude_from_list=True),
        NumberField("ranges_done", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "business_date", "started_at")
    actions = ("start_run",)

    def heading(self, row: Any) -> str:
        return f"Run {row.id} for {row.business_date:%d %b %Y}"

    @action(
        name="start_run",
        text="Start today's run",
        confirmation="Bill every cycle that has ended by the business date? What was billed is not billed again.",
        submit_btn_text="Start",
        icon_class="fa-solid fa-play",
        allow_empty_selection=True,
    )
    async def start_run(self, request: Request, selection: ActionSelection) -> None:
        """Starts the run, or finds the one that is open."""
        await act(request, runs.start_run, done="The run is open; workers take it up.")


class ParkedLoansView(ListingView):
    """Loans that a run could not bill, and why. The next run tries them again."""

    listing, key, menu_label, display_name = "parked_loans", "parked-loans", "Parked loans", "Parked loan"
    icon = "fa-solid fa-square-parking"
    fields = (
        loan_field(),
        user_field(),
        numbered_field("run_id", label="Run", view="billing-runs"),
        TextField("code"),
        TextField("message"),
        InstantField("parked_at", label="Parked"),
    )
    fields_default_sort = ("customer_id",)
    sortable_fields = ("customer_id", "run_id", "parked_at")

    def heading(self, row: Any) -> str:
        return loan_name(row)


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

    async def rows(self, work: Work) -> Sequence[Any]:
        """The tasks, as the program and their rows know them."""
        return await scheduled_tasks.list_tasks(work)

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
        await act(request, partial(outbox_desk.make_due, outbox_id=int(pk)), done="The next sweep tries it again.")


class ImportsView(ListingView):
    """Files that were loaded, row by row."""

    listing, key, menu_label, display_name = "imports", "imports", "Imports", "Import"
    icon = "fa-solid fa-file-import"
    fields = (
        NumberField("id", label="Import"),
        BadgeField("kind", choices=["customers", "loans", "transactions"]),
        TextField("file_name", label="File"),
        BadgeField("status", choices=["queued", "running", "finished", "failed"]),
        NumberField("rows_read", label="Read"),
        NumberField("rows_loaded", label="Loaded"),
        NumberField("rows_known", label="Known already"),
        NumberField("rows_rejected", label="Rejected"),
        InstantField("started_at", label="Started"),
        InstantField("finished_at", label="Finished"),
        TextField("failure"),
        TextField("actor", label="Loaded by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "rows_rejected")

    def heading(self, row: Any) -> str:
        return f"Import {row.id}: {row.file_name}"

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        return [("Rejected rows", "rejects", f"#{row.id}")]


class RejectsView(ListingView):
    """Rows that were not loaded: the number, a code and a reason, never the row's values."""

    listing, key, menu_label, display_name = "import_rejects", "rejects", "Rejected rows", "Rejected row"
    icon = "fa-solid fa-ban"
    fields = (
        numbered_field("import_id", label="Import", view="imports"),
        NumberField("row_number", label="Row of the file"),
        TextField("code"),
        TextField("reason"),
    )
    fields_default_sort = (("import_id", True),)
    sortable_fields = ("import_id",)
    about = "Search for #12 to see what import 12 rejected, or in codes and reasons."
