"""Bills, the runs that raise them, and the loans that a run could not bill. Officers read; an admin starts a run."""

from typing import Any

from starlette.requests import Request
from starlette_admin import action
from starlette_admin.actions import ActionSelection

from app.api.admin.acting_view import ActingView
from app.api.admin.actions import act
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    ProgressField,
    TextField,
    loan_field,
    numbered_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.views.lending import loan_name
from app.services.billing import runs


class BillingsView(ListingView):
    """Bills: what each cycle of a loan demanded, and what is unpaid of it."""

    listing, key, menu_label, display_name = "bills", "billings", "Billings", "Bill"
    icon = "fa-solid fa-file-invoice"
    about = "Immutable once issued; only what is unpaid of a bill moves. Search by a loan's id or a user's."
    fields = (
        loan_field(),
        user_field(),
        NumberField("cycle"),
        BadgeField("status", choices=["billed", "overdue", "paid"]),
        DayField("billed_on", label="Billed"),
        DayField("due_on", label="Due"),
        MoneyField("principal_due_paise", label="Principal due"),
        MoneyField("interest_paise", label="Interest"),
        MoneyField("past_due_paise", label="Past due"),
        MoneyField("total_due_paise", label="Total due"),
        MoneyField("unpaid_paise", label="Unpaid"),
        MoneyField("minimum_due_paise", label="Minimum due"),
        DayField("settled_on", label="Settled"),
        MoneyField("opening_principal_paise", label="Principal at the start", exclude_from_list=True),
        MoneyField("unpaid_charges_paise", label="Unpaid charges", exclude_from_list=True),
        MoneyField("unpaid_interest_paise", label="Unpaid interest", exclude_from_list=True),
        MoneyField("unpaid_principal_paise", label="Unpaid principal", exclude_from_list=True),
        MoneyField("returned_paise", label="Returned to the plan", exclude_from_list=True),
        DayField("from_on", label="Cycle from", exclude_from_list=True),
        DayField("closed_on", label="Closed", exclude_from_list=True),
        numbered_field("run_id", label="Run", view="billing-runs"),
    )
    exclude_fields_from_list = ("run_id",)
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "billed_on", "due_on", "total_due_paise")

    def heading(self, row: Any) -> str:
        return f"{loan_name(row)}, cycle {row.cycle}"


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
