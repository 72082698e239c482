"""Bills, billing runs, and the loans that a run could not bill."""

from typing import Any

from starlette.requests import Request

from app.api.admin.actor_field import ActorField
from app.api.admin.acts.act import About
from app.api.admin.acts.billing import START
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    ProgressField,
    TextField,
    WordsField,
    loan_field,
    numbered_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.views.lending import loan_name


class BillingsView(ListingView):
    """Bills: the amounts that each cycle of a loan demanded, and their unpaid parts."""

    listing, key, menu_label, display_name = "bills", "billings", "Bills", "Bill"
    icon = "fa-solid fa-file-invoice"
    about = "A bill never changes after it is issued; only its unpaid part does. Search by a loan's id or a user's."
    fields = (
        loan_field(),
        user_field(),
        NumberField("cycle"),
        BadgeField("status", choices=["billed", "overdue", "paid"]),
        DayField("billed_on", label="Billed", exclude_from_list=True),
        DayField("due_on", label="Due"),
        MoneyField("principal_due_paise", label="Principal due"),
        MoneyField("interest_paise", label="Interest"),
        MoneyField("past_due_paise", label="Past due", exclude_from_list=True),
        MoneyField("total_due_paise", label="Total due"),
        MoneyField("unpaid_paise", label="Unpaid"),
        MoneyField("minimum_due_paise", label="Minimum due", exclude_from_list=True),
        DayField("settled_on", label="Settled", exclude_from_list=True),
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
    """The progress of a run in percent."""
    return 100 if run.status == "finished" else int(100 * run.ranges_done // max(run.ranges, 1))


async def run_progress(request: Request, run: Any) -> dict[str, Any]:
    """The values of a run's progress bar. The script updates the bar by the run's id."""
    return {"id": run.id, "percent": percent_done(run), "status": run.status}


class BillingRunsView(ListingView):
    """Billing runs, with their progress while they run."""

    listing, key, menu_label, display_name = "billing_runs", "billing-runs", "Billing runs", "Billing run"
    icon = "fa-solid fa-gears"
    fields = (
        NumberField("id", label="Run"),
        DayField("business_date"),
        BadgeField("status", choices=["running", "paused", "cancelled", "finished"]),
        ProgressField("progress", getter=run_progress, exclude_from_export=True),
        NumberField("loans_due", exclude_from_list=True),
        NumberField("loans_done"),
        NumberField("bills"),
        MoneyField("demanded_paise", label="Demanded"),
        NumberField("parked", label="Not billed"),
        InstantField("started_at", label="Started"),
        InstantField("finished_at", label="Finished", exclude_from_list=True),
        ActorField("actor", label="Started by"),
        NumberField("ranges", exclude_from_list=True),
        NumberField("ranges_done", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "business_date", "started_at")
    acts_about = About.RUN
    list_acts = (START,)

    def heading(self, row: Any) -> str:
        return f"Run {row.id} for {row.business_date:%d %b %Y}"


class ParkedLoansView(ListingView):
    """Loans that a run could not bill, with the reason. The next run tries them again."""

    listing, key, menu_label, display_name = (
        "parked_loans",
        "parked-loans",
        "Could not be billed",
        "Loan",
    )
    icon = "fa-solid fa-square-parking"
    fields = (
        loan_field(),
        user_field(),
        numbered_field("run_id", label="Run", view="billing-runs"),
        WordsField("code", label="What"),
        TextField("message", label="Why"),
        InstantField("parked_at", label="When"),
    )
    fields_default_sort = ("customer_id",)
    sortable_fields = ("customer_id", "run_id", "parked_at")

    def heading(self, row: Any) -> str:
        return loan_name(row)
