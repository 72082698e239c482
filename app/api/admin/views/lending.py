"""Loans, their instalments and the ledger. All of it is for reading.

Money moves only through the API, which checks the rules of every movement. No page here can change a figure.
"""

from typing import Any

from app.api.admin.actor_field import ActorField
from app.api.admin.acts.subjects import loan_address
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    RateField,
    TextField,
    WordsField,
    application_field,
    loan_field,
    payment_field,
    product_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.domain.public_ids import format_loan_id


def loan_name(row: Any, name: str = "loan_id") -> str:
    """The public id of a row's loan."""
    return format_loan_id(year=row.loan_year, number=getattr(row, name))


class LoansView(ListingView):
    """Loans: the contract, the next cycle, and the cached balances."""

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
        RateField("annual_rate_percent", label="Agreed rate", exclude_from_list=True),
        NumberField("instalments", exclude_from_list=True),
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
        ActorField("actor", label="Made by", exclude_from_list=True),
    )
    exclude_fields_from_list = ("application_id",)
    fields_default_sort = (("customer_id", True),)
    sortable_fields = (
        "id", "customer_id", "disbursed_paise", "principal_paise", "annual_rate_percent", "disbursed_on",
        "next_billing_on",
    )  # fmt: skip

    def heading(self, row: Any) -> str:
        return loan_name(row, "id")

    def page_of(self, row: Any) -> str | None:
        return loan_address(loan_name(row, "id"))


class EmisView(ListingView):
    """The instalments of the plans in force, each with its bill's figures."""

    listing, key, menu_label, display_name = "instalments", "emis", "Instalments", "Instalment"
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
        DayField("paid_on", label="Paid on", exclude_from_list=True),
    )
    fields_default_sort = ("customer_id",)
    sortable_fields = ("customer_id",)

    def heading(self, row: Any) -> str:
        return f"{loan_name(row)}, instalment {row.number}"


ACCOUNTS = [
    "principal", "interest", "charges", "advance", "cash", "interest_income", "interest_suspense", "charge_income",
    "gst_payable", "third_party_payable", "refund_payable", "waivers", "write_offs", "recovery_income",
    "cash_rounding",
]  # fmt: skip


class TransfersView(ListingView):
    """The ledger: every movement of money. Rows are inserted and never changed."""

    listing, key, menu_label, display_name = "transfers", "transfers", "Transfers", "Transfer"
    icon = "fa-solid fa-right-left"
    about = "The ledger of every loan. Search by a loan's id or a user's."
    fields = (
        loan_field(),
        user_field(),
        NumberField("number"),
        WordsField("kind"),
        BadgeField("debit", choices=ACCOUNTS),
        BadgeField("credit", choices=ACCOUNTS),
        MoneyField("amount_paise", label="Amount"),
        DayField("value_date"),
        DayField("booked_on", label="Booked"),
        NumberField("cycle", exclude_from_list=True),
        payment_field("payment_id"),
        NumberField("reverses", exclude_from_list=True),
        WordsField("component", exclude_from_list=True),
        NumberField("group_number", label="Movement", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id",)

    def heading(self, row: Any) -> str:
        return f"{loan_name(row)}, transfer {row.number}"


class LoanChargesView(ListingView):
    """Fees of disbursals, charges for events, and charges that officers booked."""

    listing, key, menu_label, display_name = "loan_charges", "loan-charges", "Charges", "Charge"
    icon = "fa-solid fa-receipt"
    about = "Late and penal charges, and those of prepayments, are in the ledger. Search by a loan's id or a user's."
    fields = (
        loan_field(),
        user_field(),
        NumberField("id", label="Number"),
        BadgeField("kind", choices=["fee", "bounce", "service"]),
        TextField("name"),
        MoneyField("amount_paise", label="Amount"),
        MoneyField("tax_paise", label="GST"),
        TextField("sac", label="SAC"),
        DayField("booked_on", label="Booked"),
        DayField("taken_back_on", label="Taken back"),
        TextField("paid", exclude_from_list=True),
        payment_field("payment_id"),
        TextField("taken_back_reason", exclude_from_list=True),
        InstantField("booked_at", exclude_from_list=True),
        ActorField("actor", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "booked_on", "amount_paise")

    def heading(self, row: Any) -> str:
        return f"{loan_name(row)}, charge {row.id}"
