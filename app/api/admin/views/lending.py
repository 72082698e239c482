"""The part of the menu that lends: users, applications, loans and their instalments, bills and payments.

All of it is for reading. Money moves through the API, where every movement has its rules; there is no page here that
could change a figure.
"""

from collections.abc import Sequence
from typing import Any

from app.api.admin.fields import (
    AadhaarField,
    BadgeField,
    DayField,
    DocumentField,
    InstantField,
    MoneyField,
    NumberField,
    RateField,
    TextField,
    application_field,
    loan_field,
    numbered_field,
    payment_field,
    product_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.domain.public_ids import format_application_id, format_loan_id, format_payment_id, format_user_id


def loan_name(row: Any, name: str = "loan_id") -> str:
    """The public id of a row's loan."""
    return format_loan_id(year=row.loan_year, number=getattr(row, name))


class UsersView(ListingView):
    """Customers, and the prospects of whom only transactions are known."""

    listing, key, menu_label, display_name, icon = "customers", "users", "Users", "User", "fa-solid fa-users"
    about = "Customers and prospects. Search by id (BC-USER-009), name, e-mail, phone or external id."
    fields = (
        user_field(),
        TextField("name"),
        BadgeField("state", choices=["customer", "prospect"]),
        TextField("email", label="E-mail"),
        TextField("phone"),
        AadhaarField("aadhaar_last_four", label="Aadhaar"),
        MoneyField("annual_income_paise", label="Annual income"),
        MoneyField("approved_limit_paise", label="Approved limit"),
        DayField("registered_on", label="Registered"),
        NumberField("age", exclude_from_list=True),
        TextField("employment_type", exclude_from_list=True),
        TextField("address", exclude_from_list=True),
        TextField("external_id", label="External id", exclude_from_list=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        TextField("actor", label="Made by", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "name", "annual_income_paise", "approved_limit_paise", "registered_on")

    def heading(self, row: Any) -> str:
        return f"{format_user_id(row.customer_id)} {row.name or ''}".strip()

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        name = format_user_id(row.customer_id)
        views = ("Loans", "Applications", "Payments", "Cards", "Scores", "Transactions", "Transfers")
        return [(view, view.lower(), name) for view in views]


class ApplicationsView(ListingView):
    """Applications, and what was decided of them."""

    listing, key, menu_label, display_name = "applications", "applications", "Applications", "Application"
    icon = "fa-solid fa-file-signature"
    fields = (
        application_field("id", label="Application"),
        user_field(),
        product_field(),
        BadgeField("status", choices=["pending", "approved", "refused", "expired"]),
        MoneyField("amount_paise", label="Amount"),
        NumberField("instalments"),
        RateField("requested_rate_percent", label="Rate asked for"),
        RateField("annual_rate_percent", label="Rate given"),
        DayField("applied_on", label="Applied"),
        DayField("decided_on", label="Decided"),
        loan_field(),
        TextField("purpose", exclude_from_list=True),
        DayField("expires_on", label="Expires", exclude_from_list=True),
        DocumentField("reasons", exclude_from_list=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        TextField("actor", label="Made by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "amount_paise", "applied_on", "decided_on")

    def heading(self, row: Any) -> str:
        return format_application_id(row.id)


class LoansView(ListingView):
    """Loans: the contract, where the cycles stand, and the cached balances."""

    listing, key, menu_label, display_name = "loans", "loans", "Loans", "Loan"
    icon = "fa-solid fa-hand-holding-dollar"
    about = "Search by id (LN-2025-0456, BC-USER-009), customer, product or purpose."
    fields = (
        loan_field("id"),
        user_field(),
        TextField("customer_name", label="Name"),
        product_field(),
        BadgeField("status", choices=["active", "closed", "written_off"]),
        MoneyField("disbursed_paise", label="Disbursed"),
        MoneyField("principal_paise", label="Outstanding"),
        RateField("annual_rate_percent", label="Rate"),
        NumberField("instalments"),
        DayField("disbursed_on", label="Disbursed on"),
        DayField("next_billing_on", label="Next bill"),
        MoneyField("interest_paise", label="Interest due", exclude_from_list=True),
        MoneyField("charges_paise", label="Charges due", exclude_from_list=True),
        MoneyField("advance_paise", label="Advance", exclude_from_list=True),
        NumberField("next_cycle", exclude_from_list=True),
        NumberField("schedule_version", label="Version of the plan", exclude_from_list=True),
        DayField("closed_on", label="Closed on", exclude_from_list=True),
        TextField("purpose", exclude_from_list=True),
        application_field("application_id", label="Application"),
        InstantField("created_at", label="Created", exclude_from_list=True),
        TextField("actor", label="Made by", exclude_from_list=True),
    )
    exclude_fields_from_list = ("application_id",)
    fields_default_sort = (("customer_id", True),)
    sortable_fields = (
        "id", "customer_id", "disbursed_paise", "principal_paise", "annual_rate_percent", "disbursed_on",
        "next_billing_on",
    )  # fmt: skip

    def heading(self, row: Any) -> str:
        return loan_name(row, "id")

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        name = loan_name(row, "id")
        views = {"EMIs": "emis", "Billings": "billings", "Payments": "payments", "Transfers": "transfers"}
        return [(label, view, name) for label, view in views.items()]


class EmisView(ListingView):
    """The instalments of the plans in force, each with what its bill says."""

    listing, key, menu_label, display_name = "instalments", "emis", "EMIs", "EMI"
    icon = "fa-solid fa-calendar-days"
    about = "The plan in force of every loan. Search by a loan's id or a user's."
    fields = (
        loan_field(),
        user_field(),
        NumberField("number"),
        DayField("due_on", label="Instalment of"),
        MoneyField("principal_paise", label="Principal"),
        MoneyField("interest_paise", label="Interest"),
        MoneyField("amount_paise", label="EMI"),
        BadgeField("status", choices=["planned", "billed", "overdue", "paid"]),
        DayField("pay_by", label="Pay by"),
        MoneyField("unpaid_paise", label="Unpaid"),
        DayField("paid_on", label="Paid on"),
    )
    fields_default_sort = ("customer_id",)
    sortable_fields = ("customer_id",)

    def heading(self, row: Any) -> str:
        return f"{loan_name(row)}, instalment {row.number}"


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


class PaymentsView(ListingView):
    """Payments as they were received. A reversed one stays, with its date."""

    listing, key, menu_label, display_name = "payments", "payments", "Payments", "Payment"
    icon = "fa-solid fa-indian-rupee-sign"
    about = "Search by a payment's id (PM-000012), a loan's, a user's, or by the reference."
    fields = (
        payment_field("id"),
        loan_field(),
        user_field(),
        MoneyField("amount_paise", label="Amount"),
        DayField("value_date"),
        TextField("method"),
        TextField("reference"),
        BadgeField("treated_as", choices=["instalment", "prepayment", "prepay_smaller_emi", "prepay_earlier_end"]),
        DayField("reversed_on", label="Reversed"),
        DayField("booked_on", label="Booked", exclude_from_list=True),
        NumberField("instalment", exclude_from_list=True),
        TextField("reversal_reason", exclude_from_list=True),
        InstantField("received_at", label="Received", exclude_from_list=True),
        TextField("actor", label="Taken by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "amount_paise", "value_date")

    def heading(self, row: Any) -> str:
        return format_payment_id(row.id)

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        return [("The loan's transfers", "transfers", loan_name(row))] if row.loan_year else []
